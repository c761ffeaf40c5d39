"""A turn leaves nothing behind: not what only the garbage collector could free, nor the sound that was played."""

from __future__ import annotations

import gc

import pytest
import trio

from trialogue.agents import OFF, Agent, Models, Session
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech
from trialogue.engine import VirtualTime, run


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
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        assert run(_garbage_of_turns, virtual=VirtualTime()) == 0
    finally:
        if was_enabled:
            gc.enable()


async def _frames_kept(vad: FakeVad | None, agent: Agent) -> int:
    """Of a speech of 15 s, how many frames are there still."""
    models = Models(vad=vad, stt=FakeStt(finds_edges=True), tts=FakeTts(every=Speech(word_s=0.5)))
    async with Session(agent, models=models, transport=FakeCall()) as session:
        assert await session.say("word " * 30).wait() == "completed"
        kept = sum(type(each).__name__ == "_Played" for each in gc.get_objects())
    return kept


@pytest.mark.parametrize(
    ("vad", "agent"),
    [
        (FakeVad(), Agent(instructions="")),
        (FakeVad(), Agent(instructions="", vad=OFF)),
        (None, Agent(instructions="")),
    ],
    ids=["listening", "switched off", "none"],
)
def test_what_was_played_is_forgotten_whoever_listens(vad: FakeVad | None, agent: Agent) -> None:
    assert run(_frames_kept, vad, agent, virtual=VirtualTime()) < 50
