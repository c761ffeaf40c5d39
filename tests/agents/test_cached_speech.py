"""A voice with a cache in sessions: what was said once is said at once, and counts as any other speech."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from tests.agents.conversation import WORD_S, texts
from tests.agents.test_captions import hold, told
from tests.agents.test_replies import VOICE_S, near
from trialogue.agents import AgentStartedSpeaking, AgentStoppedSpeaking
from trialogue.agents.testing import FakeTts, Speech
from trialogue.engine import ProviderError
from trialogue.providers import CachedVoice

if TYPE_CHECKING:
    from tests.agents.conversation import Talk
    from trialogue.agents import Session

GREETING = "Welcome to the Blue Lantern. How can I help?"


def voice(**settings: object) -> FakeTts:
    """A voice that takes a while."""
    return FakeTts(every=Speech(word_s=WORD_S), **settings)  # type: ignore[arg-type]  # passed on as it is


async def greet(session: Session) -> None:
    """Say the same in each call."""
    await session.say(GREETING).wait()


def begins_s(talk: Talk) -> float:
    """When the agent was heard first."""
    return talk.the(AgentStartedSpeaking).at_s


def test_the_second_call_hears_the_greeting_at_once_and_the_same() -> None:
    tts = voice()
    cache = CachedVoice(voice=tts)
    captions, first = hold(greet, tts=cache)
    again, second = hold(greet, tts=cache)
    assert [record.text for record in tts.records] == ["Welcome to the Blue Lantern.", "How can I help?"]
    assert (begins_s(first), begins_s(second)) == (near(VOICE_S), near(0.0))
    assert first.the(AgentStoppedSpeaking).played_s == near(second.the(AgentStoppedSpeaking).played_s)
    assert [text for _, text, _ in told(captions)] == [text for _, text, _ in told(again)]
    assert texts(first.history) == texts(second.history) == [f"agent: {GREETING}"]
    assert [level for level in first.sound() if level] == [level for level in second.sound() if level]


def test_who_interrupts_hears_it_whole_the_next_time() -> None:
    tts = FakeTts(every=Speech(word_s=WORD_S, speed=1.0))
    cache = CachedVoice(voice=tts)

    async def interrupt(session: Session) -> None:
        reply = session.say("One two three four five.")
        await reply.started()
        await trio.sleep(0.25)
        session.interrupt()
        assert reply.heard == "One two"

    hold(interrupt, tts=cache)
    _, whole = hold(lambda session: session.say("One two three four five.").wait(), tts=cache)
    assert texts(whole.history) == ["agent: One two three four five."]
    assert len(tts.records) == 2


def test_a_failure_is_not_kept_and_a_cut_of_what_is_kept_is_exact() -> None:
    tts = voice(exceptions={0: Speech(word_s=WORD_S, dies_after_s=0.1, error=ProviderError("gone"))})
    cache = CachedVoice(voice=tts)

    async def do(session: Session) -> None:
        assert await session.say("One two three four five.").wait() == "failed"
        await session.say("One two three four five.").wait()
        reply = session.say("One two three four five.")
        await reply.started()
        await trio.sleep(0.2)
        session.interrupt()
        assert reply.heard == "One two"

    hold(do, tts=cache)
    assert cache.hits >= 1
