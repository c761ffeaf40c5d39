"""A voice that remembers what it has said."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.actors import DELIVERIES
from trialogue.agents.testing import FakeTts, Speech
from trialogue.engine import ConfigurationError, ProviderError
from trialogue.engine.testing import check_text_to_speech
from trialogue.providers import CachedVoice

if TYPE_CHECKING:
    from trialogue.engine import Voice


async def say(voice: Voice, text: str) -> bytes:
    """The sound of a sentence."""
    async with voice.speak(text) as sound:
        return b"".join([piece.pcm async for piece in sound])


async def test_it_keeps_the_contract_of_voices(autojump_clock: object) -> None:
    understands = frozenset(DELIVERIES)
    await check_text_to_speech(lambda: CachedVoice(voice=FakeTts(every=Speech(word_s=0.3), understands=understands)))


async def test_what_was_said_once_is_not_synthesised_again_in_any_session(autojump_clock: object) -> None:
    tts = FakeTts(levels=[1, 2, 3])
    cache = CachedVoice(voice=tts)
    async with cache.open() as first:
        once = await say(first, "Hello there.")
        assert await say(first, "Hello there.") == once
        assert await say(first, "Goodbye.") != once
    async with cache.open() as second:
        assert await say(second, "Hello there.") == once
    assert [record.text for record in tts.records] == ["Hello there.", "Goodbye."]
    assert (cache.hits, cache.misses) == (2, 2)


async def test_a_sentence_that_failed_or_was_cut_off_is_said_anew(autojump_clock: object) -> None:
    broken = Speech(dies_after_s=0.1, error=ProviderError("gone"))
    tts = FakeTts(exceptions={0: broken})
    cache = CachedVoice(voice=tts)
    async with cache.open() as voice:
        with contextlib.suppress(ProviderError):
            await say(voice, "Hello there.")
        async with voice.speak("Hello there.") as sound:
            await anext(aiter(sound))  # interrupted
        whole = await say(voice, "Hello there.")
        assert await say(voice, "Hello there.") == whole
    assert len(tts.records) == 3
    assert len(whole) > len(b"..") * 1600


async def test_what_was_loaded_before_is_there_in_the_first_call(autojump_clock: object) -> None:
    tts = FakeTts()
    cache = CachedVoice(voice=tts)
    await cache.preload(["One moment.", "One moment.", "Hello."])
    assert [record.text for record in tts.records] == ["One moment.", "Hello."]
    async with cache.open() as voice:
        assert await say(voice, "Hello.")
    assert len(tts.records) == 2
    assert cache.model == "FakeTts"


async def test_silence_is_not_kept(autojump_clock: object) -> None:
    tts = FakeTts(exceptions={0: Speech(sentence_s=0.0)})
    cache = CachedVoice(voice=tts)
    async with cache.open() as voice:
        assert await say(voice, "Hello.") == b""
        assert await say(voice, "Hello.")


@hypothesis.given(st.lists(st.sampled_from(["a", "b b", "c c c", "d d d d d d d d"]), max_size=20))
@pytest.mark.trio
async def test_it_never_keeps_more_than_it_may(said: list[str]) -> None:
    cache = CachedVoice(voice=FakeTts(every=Speech(first_audio_s=0.0, word_s=0.1)), max_bytes=20_000)
    async with cache.open() as voice:
        for text in said:
            await say(voice, text)
            kept = sum(len(piece.pcm) for sound in cache._kept.values() for piece in sound)
            assert kept == cache._bytes <= 20_000
    assert ("d d d d d d d d", ()) not in cache._kept


def test_a_cache_for_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="max_bytes > 0"):
        CachedVoice(voice=FakeTts(), max_bytes=0)
