"""Neither a turn nor a session leaves what only the garbage collector could free: its pauses would be everybody's."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest
import trio
import trio.testing

from trialogue.agents import Agent, Models, Session, tool
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line
from trialogue.engine import VirtualTime, run
from trialogue.frames import ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _no_collection_meanwhile() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    yield
    if was_enabled:
        gc.enable()


async def _garbage_of_turns() -> int:
    """Objects in cycles that several turns leave, the first one not counted."""
    call = FakeCall(lines=[Line(at_s=1.0 + 6.0 * number, for_s=1.0) for number in range(6)], hangs_up_s=40.0)
    models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=FakeTts())
    async with Session(Agent(instructions="Answer."), models=models, transport=call):
        began_s = trio.current_time()
        await trio.sleep_until(began_s + 6.9)
        gc.collect()
        assert len(models.llm.records) == 1  # type: ignore[union-attr]  # a fake
        await trio.sleep_until(began_s + 30.9)
        found = gc.collect()
        assert len(models.llm.records) == 5  # type: ignore[union-attr]  # a fake
    return found


def test_turns_leave_no_cycles() -> None:
    assert run(_garbage_of_turns, virtual=VirtualTime()) == 0


async def _is_kept_after_its_end() -> bool:
    """Whether a session keeps a reply that is over while nothing else is said."""
    models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=FakeTts())
    async with Session(Agent(instructions="Answer."), models=models, transport=FakeCall(lines=[])) as session:
        reply = session.say("Hello.")
        await reply.wait()
        over = weakref.ref(reply)
        del reply
        await session.wait_idle(1.0)
        is_kept = over() is not None
    return is_kept


def test_a_reply_that_is_over_is_not_kept_until_the_next() -> None:
    assert not run(_is_kept_after_its_end, virtual=VirtualTime())


class Guide(Agent):
    """Has all that an agent may have."""

    async def on_enter(self, session: Session) -> None:
        session.say("Hello.")

    async def on_exit(self, session: Session) -> None:
        del session

    @tool
    async def look_up(self, word: str) -> str:
        """Look a word up."""
        return f"{word} is a word."


async def _hold_call(agent: Agent) -> weakref.ref[Session]:
    call = FakeCall(lines=[Line(at_s=2.0, for_s=1.0), Line(at_s=8.0, for_s=3.0)], hangs_up_s=16.0)
    look_up = ToolCall(call_id="1", name="look_up", arguments='{"word": "lighthouse"}')
    answers: list[Answer | str] = [Answer([look_up]), "A lighthouse is a word.", "It is not."]
    models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(answers=answers), tts=FakeTts())
    async with Session(agent, models=models, transport=call) as session:
        async with session.events() as events:
            async for _ in events:
                pass
    assert session.report().usage.output_tokens is not None
    return weakref.ref(session)


async def _garbage_of_a_session() -> int:
    """Objects in cycles that a session leaves when it has ended, the first of a process not counted."""
    agents = [Guide(instructions="Answer.") for _ in range(2)]  # each has tools that have their agent
    await _hold_call(agents[0])
    await trio.testing.wait_all_tasks_blocked()
    gc.collect()
    ended = await _hold_call(agents[1])
    await trio.testing.wait_all_tasks_blocked()
    assert ended() is None, "it is freed when nobody has it any more"
    return gc.collect()


def test_an_ended_session_leaves_no_cycles() -> None:
    assert run(_garbage_of_a_session, virtual=VirtualTime()) == 0
