"""What is remembered of a reply when the call ends in the middle of it: what the speaker got, and no word more."""

from __future__ import annotations

import pytest
import trio

from trialogue.agents import Agent, AgentStoppedSpeaking, Event, Models, Session
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Speech
from trialogue.engine import TransportBroken, VirtualTime, run
from trialogue.frames import ChatMessage

WORDS = "one two three four five six seven eight nine ten"
WORD_S = 0.1


@pytest.mark.parametrize("ends", ["hangs up", "wire breaks", "program ends", "program leaves"])
@pytest.mark.parametrize("at_s", [0.03, 0.05, 0.06, 0.14, 0.16, 0.3, 0.333, 0.7, 1.04, 1.06, 1.5])
def test_no_sample_counts_that_the_speaker_did_not_get(at_s: float, ends: str) -> None:
    call = FakeCall(
        hangs_up_s=at_s if ends == "hangs up" else 100.0, breaks_s=at_s if ends == "wire breaks" else float("inf")
    )
    models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=FakeTts(every=Speech(word_s=WORD_S)))
    stopped: list[AgentStoppedSpeaking] = []

    def observe(event: Event) -> None:
        if isinstance(event, AgentStoppedSpeaking):
            stopped.append(event)

    async def hold() -> list[str]:
        session = Session(Agent(instructions=""), models=models, transport=call, observers=[observe])
        async with session:
            session.say(WORDS)
            if ends in {"hangs up", "wire breaks"}:
                await session.wait_ended()
            else:
                await trio.sleep(at_s)
                if ends == "program ends":
                    session.end()
        return [item.text for item in session.history if isinstance(item, ChatMessage)]

    remembered: list[str] = []
    try:
        remembered = run(hold, virtual=VirtualTime())
    except* TransportBroken:
        assert ends == "wire breaks"
    (event,) = stopped
    got_s = sum(len(frame.pcm.rstrip(b"\0")) / 2 for _, frame in call.heard) / 16_000
    assert event.played_s == pytest.approx(min(got_s, 10 * WORD_S), abs=1e-9)
    assert event.heard == " ".join(WORDS.split()[: int(got_s / WORD_S + 1e-9)])
    assert remembered == ([event.heard] if event.heard and ends != "wire breaks" else [])
