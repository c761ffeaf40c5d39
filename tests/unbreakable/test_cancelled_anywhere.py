"""A session is closed, and a reply cancelled, at the checkpoints of a conversation: nothing is left behind.

A checkpoint is where Trio runs a step of one of the conversation's tasks; an instrument counts them, and the same seed
gives the same steps. Each way of closing takes every fourth of them, and begins at another one than the way before it.
With HYPOTHESIS_PROFILE=thorough all of them are taken, and the conversation is a longer one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Awaitable, Callable
from typing import Final, Literal, get_args

import attrs
import pytest
import trio

from tests.unbreakable.scenario import CLOSE_S, Helper, Scenario, answers, look_up, two_turns
from trialogue.actors import AudioOutSettings, InterruptionSettings, PreparationSettings, TurnSettings
from trialogue.agents import (
    Agent,
    AgentPaused,
    AgentResumed,
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    AnswerPrepared,
    Session,
    SessionEnded,
    SessionSettings,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, Line, Speech, Utterance
from trialogue.frames import ToolCall

pytestmark = pytest.mark.integration

THOROUGH: Final = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"

#: At least so many checkpoints are there to be hit, each way.
COMMITTED: Final = 1_100 if THOROUGH else 250

#: Every so many of them are hit in one test, because none may take a minute.
PARTS: Final = 4

How = Literal["leave", "end", "cancel around", "interrupt", "cancel reply"]


@attrs.define(eq=False)
class AtStep(trio.abc.Instrument):
    """Does something when a step begins: counted over all tasks of the run.

    Args:
        step: which one, counted from 1; 0 for none.
        act: what; it must not raise.
    """

    step: int
    act: Callable[[], object]
    begun: int = 0
    done: bool = False

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """One more."""
        del task
        self.begun += 1
        if self.begun == self.step:
            self.done = True
            self.act()


def short() -> Scenario:
    """One greeting, one turn with a tool, hung up soon: what a session does, in as few steps as can be."""
    if THOROUGH:
        lines = [*two_turns().lines, Line(at_s=4.4, for_s=0.4)]
        llm = FakeLlm(answers=[*answers(), "Here are three. Choose one, or take them all, whichever you like."])
        return Scenario(call=FakeCall(lines=lines, hangs_up_s=7.4), llm=llm)
    call = ToolCall(call_id="1", name="look_up", arguments="{}")
    found: list[Answer | str] = [
        Answer(["Wait. ", call], first_token_s=0.05),
        "Here you are. A table for two, at eight.",
    ]
    return Scenario(
        call=FakeCall(lines=[Line(at_s=0.1, for_s=0.2)], hangs_up_s=2.0, frame_s=0.04),
        llm=FakeLlm(answers=found),
        tts=FakeTts(every=Speech(word_s=0.04, speed=2.0), frame_s=0.04),
        agent=Helper(instructions="", tools=[look_up]),
        settings=SessionSettings(),
    )


def restless() -> Scenario:
    """An answer that is rehearsed, one noise before it is heard and one in it: the agent is held, and rests."""
    interruption = InterruptionSettings(pause_after_s=0.1)
    turn = TurnSettings(preparation=PreparationSettings(enabled=True), interruption=interruption)
    lines = [Line(at_s=0.1, for_s=0.3), Line(at_s=0.84, for_s=0.2), Line(at_s=1.52, for_s=0.2)]
    return Scenario(
        call=FakeCall(lines=lines, hangs_up_s=2.8, frame_s=0.04),
        stt=FakeStt(utterances=[Utterance(text="a table please", word_s=0.08), "", ""]),
        llm=FakeLlm(answers=lambda request: Answer("Gladly, for how many people?", first_token_s=0.05)),
        tts=FakeTts(every=Speech(word_s=0.16, speed=2.0), frame_s=0.04),
        agent=Agent(instructions=""),
        settings=SessionSettings(turn=turn, audio_out=AudioOutSettings(frame_s=0.04)),
    )


#: The conversations that are closed everywhere.
CONVERSATIONS: Final = {"short": short, "restless": restless}


def test_the_restless_one_is_in_every_state() -> None:
    scenario = restless().hold()
    assert [event.used for event in scenario.of(AnswerPrepared)] == [True]
    assert len(scenario.of(AgentPaused)) == len(scenario.of(AgentResumed)) == 1
    held_s = scenario.of(AgentStartedSpeaking)[0].at_s - scenario.of(AgentStartedThinking)[0].at_s
    assert held_s > 0.2
    assert scenario.heard_of_agent() == "Gladly, for how many people?"


def closed_at(step: int, how: How, conversation: str) -> tuple[Scenario, AtStep]:
    """The conversation, closed when a step begins."""
    scenario = CONVERSATIONS[conversation]()
    leaving, scope = trio.Event(), trio.CancelScope()
    sessions: list[Session] = []
    ways: dict[How, Callable[[Session], None]] = {
        "leave": lambda session: None,
        "cancel around": lambda session: None,
        "end": lambda session: session.end("at a step"),
        "interrupt": lambda session: session.interrupt("at a step"),
        "cancel reply": _cancel_reply,
    }

    def act() -> None:
        if how == "cancel around":
            scope.cancel()
        if how == "leave":  # or as soon as it has been entered
            leaving.set()
        for session in sessions:
            ways[how](session)

    async def do(session: Session) -> None:
        sessions.append(session)
        if how == "leave":
            await leaving.wait()
        else:
            await session.wait_ended()

    async def around(hold: Callable[[], Awaitable[None]]) -> None:
        trio.lowlevel.add_instrument(counter)
        with scope:
            await hold()
        trio.lowlevel.remove_instrument(counter)

    counter = AtStep(step, act)
    scenario.do, scenario.around = do, around
    if how == "leave":
        assert isinstance(scenario.call, FakeCall)
        scenario.call.hangs_up_s = 600.0
    scenario.hold()
    closed_s = [scenario.began_s + ended.at_s for ended in scenario.of(SessionEnded)]
    assert all(scenario.left_s - at_s <= CLOSE_S for at_s in closed_s)
    return scenario, counter


def _cancel_reply(session: Session) -> None:
    reply = session._mouth.queue.current
    if reply is not None:
        reply.scope.cancel(reason="by the test")


def steps_of(how: How, conversation: str) -> int:
    """How many steps the conversation has."""
    if how == "leave":
        how = "end"  # the same conversation, whose user hangs up
    _, counter = closed_at(10**9, how, conversation)
    return counter.begun


#: The conversations, and how they are closed.
WAYS: Final = [
    *(("short", how) for how in get_args(How)),
    *(("restless", how) for how in ("end", "cancel around", "interrupt")),
]


@pytest.mark.parametrize(
    ("conversation", "how", "part"),
    [(*way, (number + part) % PARTS) for number, way in enumerate(WAYS) for part in range(PARTS if THOROUGH else 1)],
)
def test_nothing_is_left_whenever_it_is_cancelled(
    conversation: str, how: How, part: int, capsys: pytest.CaptureFixture[str]
) -> None:
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd")) if os.path.exists("/proc") else 0
    steps = steps_of(how, conversation)
    hit = 0
    for step in range(1 + part, steps + 1, PARTS):
        scenario, counter = closed_at(step, how, conversation)
        if not counter.done:
            continue
        hit += 1
        if not scenario.events and not scenario.pipes:
            assert not any(scenario.leases())  # cancelled before the session was entered
            continue
        scenario.check_nothing_is_left()
        assert scenario.errors == [], f"step {step}"
        assert scenario.faults == [], f"step {step}"
        assert len(scenario.of(AgentStartedThinking)) == len(scenario.of(AgentStoppedSpeaking)), f"step {step}"
    assert threading.active_count() <= threads  # idle ones of other tests may have ended
    if os.path.exists("/proc"):
        assert len(os.listdir("/proc/self/fd")) <= descriptors
    with capsys.disabled():
        print(f"\n{conversation}, {how}: {hit} of {steps} checkpoints")
    assert hit >= COMMITTED // PARTS
