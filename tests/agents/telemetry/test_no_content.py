"""Nobody's words are in any log by default: a session in which much goes wrong, and all loggers at their finest."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import trio

from trialogue.agents import (
    ActorFailed,
    Agent,
    DropTurn,
    HeardTurn,
    Models,
    ReplyFailed,
    Session,
    ToolError,
    ToolFinished,
    UserTurnEnded,
    tool,
)
from trialogue.agents.telemetry import EventLog
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Utterance
from trialogue.engine import ProviderError, VirtualTime, run
from trialogue.frames import ToolCall

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from trialogue.agents import Event

#: Words of the user, of the agent, of tools and of what they are asked for.
WORDS = ("walnut", "marmalade", "pumpkin", "rhubarb", "tarragon")


class Clumsy(Agent):
    """Fails in hooks and in tools, some of them with the user's own words."""

    async def on_user_turn(self, session: Session, turn: HeardTurn) -> DropTurn | None:
        """Fail once."""
        if "walnut" in turn.text:
            raise ValueError("no")
        return None

    @tool
    async def look_up(self, what: str) -> str:
        """Look something up."""
        if what == "tarragon":
            raise ToolError("there is no tarragon")
        await trio.sleep(0.2)
        return "rhubarb"


def hold(caplog: pytest.LogCaptureFixture) -> list[Event]:
    """A session that is logged as it is by default."""
    events: list[Event] = []
    arguments = ['{"what": "pumpkin"}', '{"what": "tarragon"}', '{"which": "pumpkin"}', "pumpkin pumpkin"]
    calls = [ToolCall(call_id=str(n), name="look_up", arguments=each) for n, each in enumerate(arguments)]
    llm = FakeLlm(
        answers=[
            Answer(["A moment for the marmalade. ", *calls]),
            "Marmalade and rhubarb, and a lot more of it than anybody wants to hear.",
            Answer("marmalade", dies_at=0, error=ProviderError("the server has refused: 'walnut' is no fruit")),
        ]
    )
    stt = FakeStt(utterances=["walnut please", Utterance(text="no stop the walnut", word_s=0.1), "pumpkin"])
    lines = [Line(at_s=0.3, for_s=0.5), Line(at_s=3.5, for_s=0.7), Line(at_s=8.0, for_s=0.5)]

    async def main() -> None:
        models = Models(vad=FakeVad(), stt=stt, llm=llm, tts=FakeTts())
        call = FakeCall(lines=lines, hangs_up_s=14)
        observers: list[Callable[[Event], None]] = [EventLog("call 7"), events.append]
        agent = Clumsy(instructions="walnut")
        async with Session(agent, models=models, transport=call, observers=observers) as session:
            await session.wait_ended()

    with caplog.at_level(logging.DEBUG):
        run(main, virtual=VirtualTime())
    return events


def test_no_words_are_in_any_log_by_default(caplog: pytest.LogCaptureFixture) -> None:
    events = hold(caplog)
    kinds = {type(event) for event in events}
    assert kinds >= {UserTurnEnded, ToolFinished, ActorFailed, ReplyFailed}  # there was enough to be told
    assert {event.is_error for event in events if isinstance(event, ToolFinished)} == {True, False}
    structured = [record for record in caplog.records if record.name == "trialogue.events"]
    assert len(structured) == len(events)
    assert {json.loads(record.getMessage())["session"] for record in structured} == {"call 7"}
    plain = [record for record in caplog.records if record.name != "trialogue.events"]
    for record in (*structured, *plain):
        said = logging.Formatter().format(record) if record in structured else record.getMessage()
        assert not [word for word in WORDS if word in said.casefold()], said


def test_faults_are_found_again_by_their_ids(caplog: pytest.LogCaptureFixture) -> None:
    (fault, *_) = [event for event in hold(caplog) if isinstance(event, ActorFailed)]
    told = [record.getMessage() for record in caplog.records if fault.fault_id in record.getMessage()]
    assert len(told) == 2  # the event, and the warning with its traceback
