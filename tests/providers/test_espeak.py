"""The espeak voice: words in their places, stopping in mid-word, and workers that die or hang."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from trialogue.engine import MESSAGE_LENGTHS, ProviderError, VirtualTime, Voice, run
from trialogue.frames import SpeechAudio, WordTiming
from trialogue.providers import Espeak, _espeak
from trialogue.providers._espeak import place_words
from trialogue.providers._espeak_worker import _LENGTHS

integration = pytest.mark.integration

LONG = "this sentence is long enough to fill every pipe " * 60


async def spoken(voice: Voice, text: str) -> list[SpeechAudio]:
    async with voice.speak(text) as speech:
        return [audio async for audio in speech]


def words(sound: list[SpeechAudio], text: str) -> list[str]:
    return [text[word.start : word.end] for audio in sound for word in audio.words]


def samples(sound: list[SpeechAudio]) -> int:
    return sum(len(audio.pcm) for audio in sound) // 2


def workers() -> list[int]:
    """The process ids of this process's children that are espeak workers, once they are ready."""
    found = []
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            if b"_espeak_worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(int(pid))
    return found


@integration
async def test_it_speaks_in_its_own_format() -> None:
    async with Espeak().open() as voice:
        sound = await spoken(voice, "Hello world.")
        assert voice.format.rate_hz == 22_050
    assert {audio.format for audio in sound} == {voice.format}
    assert 0.5 < samples(sound) / 22_050 < 2.0
    loudest = np.abs(np.frombuffer(b"".join(audio.pcm for audio in sound), dtype="<i2").astype(int)).max()
    assert loudest > 5_000


@integration
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello world, that's 25 dollars.", ["Hello", "world", "that", "25", "dollars"]),
        ("Grüße aus München und Köln!", ["Grüße", "aus", "München", "und", "Köln"]),
        ("A \N{GRINNING FACE} smiles.", ["A", "\N{GRINNING FACE}", "smiles"]),
        ("First one.  Second\none?", ["First", "one", "Second", "one"]),
    ],
)
async def test_words_are_placed_on_the_characters_given(text: str, expected: list[str]) -> None:
    async with Espeak().open() as voice:
        sound = await spoken(voice, text)
    assert words(sound, text) == expected
    places = [word.at_sample for audio in sound for word in audio.words]
    assert places == sorted(set(places))
    assert places[0] == 0
    assert places[-1] < samples(sound)


@given(st.text("ab 1,.\N{GRINNING FACE}ü", max_size=20), st.lists(st.tuples(*[st.integers(0, 30)] * 3), max_size=8))
def test_placed_words_are_in_order_apart_and_inside_the_text(text: str, events: list[tuple[int, int, int]]) -> None:
    after = 0
    for word in place_words(text, events, after=0):
        assert after <= word.start < word.end <= len(text)
        assert text[word.start : word.end].strip()
        after = word.end


def test_the_second_event_of_a_written_word_is_dropped() -> None:
    assert place_words("is 25 now", [(10, 3, 2), (20, 4, 2), (30, 6, 3)], after=2) == (
        WordTiming(at_sample=10, start=3, end=5),
        WordTiming(at_sample=30, start=6, end=9),
    )


@integration
async def test_silence_is_spoken_as_nothing() -> None:
    async with Espeak().open() as voice:
        assert words(await spoken(voice, ""), "") == []
        assert words(await spoken(voice, "Still here."), "Still here.") == ["Still", "here"]


@integration
async def test_settings_are_heard() -> None:
    lengths = []
    for rate_wpm in (120, 300):
        async with Espeak(rate_wpm=rate_wpm).open() as voice:
            lengths.append(samples(await spoken(voice, "The quick brown fox jumps over the lazy dog.")))
    assert lengths[0] > 1.5 * lengths[1]


@integration
async def test_stopped_in_mid_word_the_next_sentence_is_undisturbed() -> None:
    async with Espeak().open() as voice:
        whole = await spoken(voice, "Next one.")
        before = workers()
        for _ in range(5):
            async with voice.speak(LONG) as speech:
                async for _audio in speech:
                    break
            sound = await spoken(voice, "Next one.")
            assert words(sound, "Next one.") == ["Next", "one"]
            assert abs(samples(sound) - samples(whole)) < 500, "espeak-ng varies by some samples from call to call"
        assert workers() == before, "the worker stopped politely"


@integration
async def test_cancelled_in_mid_word_it_stops() -> None:
    async with Espeak().open() as voice:
        with trio.CancelScope() as scope:
            async with voice.speak(LONG) as speech:
                async for _audio in speech:
                    scope.cancel()
        assert scope.cancelled_caught
        assert words(await spoken(voice, "Next one."), "Next one.") == ["Next", "one"]


@integration
async def test_a_worker_that_hangs_is_killed_and_replaced() -> None:
    async with Espeak().open() as voice:
        (pid,) = workers()
        async with voice.speak(LONG) as speech:
            await anext(speech)
            os.kill(pid, signal.SIGSTOP)
            before_s = trio.current_time()
        assert trio.current_time() - before_s < 1.0
        assert words(await spoken(voice, "Next one."), "Next one.") == ["Next", "one"]
        (successor,) = workers()
        assert successor != pid


@integration
async def test_a_worker_that_falls_silent_is_an_error_to_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_espeak, "_SILENCE_S", 0.05)
    async with Espeak().open() as voice:
        async with voice.speak(LONG) as speech:
            await anext(speech)
            os.kill(workers()[0], signal.SIGSTOP)
            with pytest.raises(ProviderError, match="has not answered") as caught:
                async for _audio in speech:
                    pass
        assert caught.value.retryable
        assert words(await spoken(voice, "Next one."), "Next one.") == ["Next", "one"]


@integration
async def test_cancelled_before_it_began_it_leaves_nothing_for_the_next_sentence() -> None:
    async with Espeak().open() as voice:
        for _ in range(5):
            with trio.CancelScope() as scope:
                scope.cancel()
                async with voice.speak(LONG):
                    pytest.fail("it began")
            assert words(await spoken(voice, "Next one."), "Next one.") == ["Next", "one"]


@integration
async def test_strange_characters_keep_their_places() -> None:
    text = "one\0two \ud800 three"
    async with Espeak().open() as voice:
        assert {"one", "two", "three"} <= set(words(await spoken(voice, text), text))


@integration
async def test_a_worker_that_dies_is_an_error_to_retry() -> None:
    async with Espeak().open() as voice:
        async with voice.speak(LONG) as speech:
            await anext(speech)
            os.kill(workers()[0], signal.SIGKILL)
            with pytest.raises(ProviderError, match="ended unexpectedly") as caught:
                async for _audio in speech:
                    pass
        assert caught.value.retryable
        assert words(await spoken(voice, "Next one."), "Next one.") == ["Next", "one"]


@integration
async def test_a_worker_that_died_between_sentences_is_replaced() -> None:
    async with Espeak().open() as voice:
        (pid,) = workers()
        os.kill(pid, signal.SIGKILL)
        await trio.to_thread.run_sync(os.waitid, os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert words(await spoken(voice, "Next one."), "Next one.") == ["Next", "one"]


@integration
async def test_two_sentences_at_once_take_turns() -> None:
    done: list[str] = []

    async def say(voice: Voice, text: str) -> None:
        assert words(await spoken(voice, text), text) == text.split()
        done.append(text)

    async with Espeak().open() as voice, trio.open_nursery() as nursery:
        for text in ["one two", "three four", "five six"]:
            nursery.start_soon(say, voice, text)
    assert sorted(done) == ["five six", "one two", "three four"]


@integration
async def test_nothing_is_left_behind() -> None:
    async with Espeak().open() as voice:
        await spoken(voice, "Hello.")
        assert len(workers()) == 1
    assert workers() == []


@integration
async def test_an_unknown_voice_is_named() -> None:
    async with Espeak(voice="klingon-x").open() as voice:
        with pytest.raises(ProviderError, match="no voice 'klingon-x'") as caught:
            await spoken(voice, "nuqneH")
        assert not caught.value.retryable


async def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(ProviderError, match=r"pip install 'trialogue\[espeak\]'"):
        async with Espeak().open():
            pytest.fail("it opened")


@integration
def test_under_a_virtual_clock_no_time_passes() -> None:
    async def speak() -> tuple[list[str], float]:
        start_s = trio.current_time()
        async with Espeak().open() as voice:
            sound = await spoken(voice, "Hello there.")
            async with voice.speak(LONG) as speech:
                await anext(speech)
            sound += await spoken(voice, "Again.")
        return words(sound[:-1], "Hello there.")[:2], trio.current_time() - start_s

    assert run(speak, virtual=VirtualTime(seed=1)) == (["Hello", "there"], 0.0)


def test_worker_and_engine_frame_messages_in_the_same_way() -> None:
    assert (_LENGTHS.format, _LENGTHS.size) == (MESSAGE_LENGTHS.format, MESSAGE_LENGTHS.size)
