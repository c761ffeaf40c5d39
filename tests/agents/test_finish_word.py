"""An agent that is interrupted may finish its word."""

from __future__ import annotations

import pytest

from trialogue.actors import AudioOutSettings
from trialogue.agents import Agent, AgentStoppedSpeaking, Event, Models, Session, SessionSettings
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech, Utterance
from trialogue.engine import VirtualTime, run

LEVEL = 500


def interrupted(
    finish_word_s: float, *, words: bool = True, each_s: float = 0.1
) -> tuple[AgentStoppedSpeaking, float, float]:
    """What was heard of a reply of quarter-second words; how long it was at full gain, and how long it sounded.

    Args:
        finish_word_s: see AudioOutSettings.
        words: whether the voice says where its words are.
        each_s: how long the user takes for each word.
    """
    models = Models(
        vad=FakeVad(),
        stt=FakeStt(utterances=[Utterance(text="wait a moment please", word_s=each_s)]),
        llm=FakeLlm(),
        tts=FakeTts(every=Speech(word_s=0.25, words=words), levels=(LEVEL,)),
    )
    call = FakeCall(lines=[Line(at_s=1.0, for_s=0.6)], hangs_up_s=2.0)
    stopped: list[AgentStoppedSpeaking] = []

    def observe(event: Event) -> None:
        if isinstance(event, AgentStoppedSpeaking):
            stopped.append(event)

    async def hold() -> None:
        settings = SessionSettings(audio_out=AudioOutSettings(finish_word_s=finish_word_s))
        session = Session(Agent(instructions=""), models=models, transport=call, settings=settings, observers=[observe])
        async with session:
            session.say("one two three four five six seven eight nine ten eleven twelve")
            await session.wait_ended()

    run(hold, virtual=VirtualTime())
    pcm = b"".join(frame.pcm for _, frame in call.heard)
    full = sum(pcm[at : at + 2] == LEVEL.to_bytes(2, "little") for at in range(0, len(pcm), 2))
    return stopped[0], full / 16_000, len(pcm.rstrip(b"\0")) / 32_000


@pytest.mark.parametrize("each_s", [0.1, 0.2, 0.6])
def test_the_word_is_heard_and_remembered_to_its_end(each_s: float) -> None:
    """With the default settings, whether the words come before the voice makes the agent rest, with it, or later."""
    event, full_s, sounded_s = interrupted(0.3, each_s=each_s)
    words = event.heard.split()
    assert full_s == pytest.approx(0.25 * len(words), abs=0.004), "the first of the fade are rounded to full gain"
    assert sounded_s <= full_s + 0.08
    assert event.interrupted == "barge-in"


@pytest.mark.parametrize(("finish_word_s", "words"), [(0.0, True), (0.001, True), (0.3, False)])
def test_without_that_it_stops_at_once(finish_word_s: float, words: bool) -> None:
    finished, *_ = interrupted(0.3)
    event, full_s, sounded_s = interrupted(finish_word_s, words=words)
    assert full_s < 0.25 * len(finished.heard.split())
    assert len(event.heard.split()) < len(finished.heard.split())
    assert sounded_s <= full_s + 0.08 + 0.001
