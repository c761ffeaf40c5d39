"""A turn leaves nothing behind that only the garbage collector could free: its pauses would be everybody's."""

from __future__ import annotations

import gc

import trio

from trialogue.agents import Agent, Models, Session
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line
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
