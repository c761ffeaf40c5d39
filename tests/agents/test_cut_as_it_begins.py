"""A reply that is cut in the very instant in which it begins: what is audible of it has a beginning and an end."""

from __future__ import annotations

import pytest
import trio

from trialogue.agents import Agent, AgentStartedSpeaking, AgentStoppedSpeaking, Event, Models, Session
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Speech
from trialogue.engine import VirtualTime, run

#: When the voice has its first sound, and the reply begins.
BEGINS_S = 0.5


def cut_after(steps: int, seed: int) -> tuple[list[Event], float, bool]:
    """What is told, how much is audible in seconds, and whether the handle says that it began."""
    call = FakeCall(hangs_up_s=2.0)
    tts = FakeTts(every=Speech(word_s=0.2, first_audio_s=BEGINS_S))
    told: list[Event] = []

    def observe(event: Event) -> None:
        if isinstance(event, AgentStartedSpeaking | AgentStoppedSpeaking):
            told.append(event)

    async def hold() -> bool:
        models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=tts)
        session = Session(Agent(instructions=""), models=models, transport=call, observers=[observe])
        async with session:
            reply = session.say("one two three four")
            await trio.sleep(BEGINS_S)
            for _ in range(steps):
                await trio.lowlevel.checkpoint()
            reply.interrupt()
            await session.wait_ended()
        return await reply.started()

    began = run(hold, virtual=VirtualTime(seed=seed))
    audible = b"".join(frame.pcm for _, frame in call.heard).rstrip(b"\0")
    return told, len(audible) / 32_000, began


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("steps", range(8))
def test_whatever_is_heard_began_and_ended(steps: int, seed: int) -> None:
    told, audible_s, began = cut_after(steps, seed)
    *begun, ended = (type(event) for event in told)
    assert ended is AgentStoppedSpeaking
    assert begun == ([AgentStartedSpeaking] if began else [])
    assert began or not audible_s
