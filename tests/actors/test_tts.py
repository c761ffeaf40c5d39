"""The voice's actor: each sentence, its sound in the track's format, and where its words lie in that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trio

from trialogue.actors import TtsSettings, tts
from trialogue.agents.testing import FakeTts, Speech
from trialogue.engine import Channel, ConfigurationError, ProviderError
from trialogue.frames import AudioFormat, Sentence, SentenceFinished, SpeechAudio, SpeechItem, WordTiming

if TYPE_CHECKING:
    from trio.testing import MockClock

FORMAT = AudioFormat(rate_hz=16_000)


def sentence(text: str, start: int = 0) -> Sentence:
    """A sentence as the model wrote it."""
    return Sentence(text=text, start=start, end=start + len(text))


async def speak(
    voice: FakeTts,
    *texts: str,
    format: AudioFormat = FORMAT,
    settings: TtsSettings | None = None,
    capacity: int = 1000,
    take_s: float = 0.0,
) -> list[tuple[float, SpeechItem]]:
    """What comes out for some sentences, each item with its time; the track needs a while for each."""
    text = Channel[Sentence]("sentences", capacity=100)
    speech = Channel[SpeechItem]("speech", capacity=capacity)
    found: list[tuple[float, SpeechItem]] = []
    began_s = trio.current_time()

    async def read() -> None:
        async for item in speech.inbox:
            found.append((round(trio.current_time() - began_s, 9), item))
            await trio.sleep(take_s)

    for each in texts:
        text.outbox.send_nowait(sentence(each))
    text.outbox.close()
    async with voice.open() as speaking, trio.open_nursery() as nursery:
        nursery.start_soon(read)
        try:
            await tts(text.inbox, speech.outbox, voice=speaking, format=format, settings=settings or TtsSettings())
        finally:
            speech.outbox.close()
    return found


def sound(items: list[tuple[float, SpeechItem]]) -> bytes:
    """The sound among it."""
    return b"".join(item.pcm for _, item in items if isinstance(item, SpeechAudio))


def words(items: list[tuple[float, SpeechItem]]) -> list[WordTiming]:
    """The words among it."""
    return [word for _, item in items if isinstance(item, SpeechAudio) for word in item.words]


async def test_sentences_are_spoken_one_after_another(autojump_clock: MockClock) -> None:
    items = await speak(FakeTts(every=Speech(word_s=0.02)), "one", "two three")
    assert [(at, type(item).__name__) for at, item in items] == [
        (0.0, "Sentence"),
        (0.05, "SpeechAudio"),
        (0.05, "SentenceFinished"),
        (0.05, "Sentence"),
        (0.1, "SpeechAudio"),
        (0.1, "SpeechAudio"),
        (0.1, "SentenceFinished"),
    ]
    assert sound(items) == b"\xf4\x01" * 960
    assert [(word.at_sample, word.start, word.end) for word in words(items)] == [(0, 0, 3), (0, 0, 3), (320, 4, 9)]


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 24_000, 48_000])
async def test_another_rate_is_converted_and_the_words_go_along(autojump_clock: MockClock, rate_hz: int) -> None:
    voice = FakeTts(every=Speech(word_s=0.1), format=AudioFormat(rate_hz=rate_hz))
    items = await speak(voice, "one two three")
    samples = len(sound(items)) // 2
    assert samples == pytest.approx(4800, abs=2)
    assert [word.at_sample for word in words(items)] == pytest.approx([0, 1600, 3200], abs=1)
    assert all(item.format == FORMAT for _, item in items if isinstance(item, SpeechAudio))


async def test_the_voice_runs_no_further_ahead_than_there_is_room(autojump_clock: MockClock) -> None:
    voice = FakeTts(every=Speech(sentence_s=2.0))
    with trio.move_on_after(1.0):
        await speak(voice, "one", capacity=10, take_s=0.1)
    assert voice.records[0].samples <= (10 + 10 + 2) * 320
    assert voice.records[0].end == "cancelled"


async def test_a_slow_track_is_not_the_voices_fault(autojump_clock: MockClock) -> None:
    items = await speak(FakeTts(every=Speech(sentence_s=1.0)), "one", capacity=1, take_s=10.0)
    assert isinstance(items[-1][1], SentenceFinished)


async def test_a_sentence_without_sound_yet_is_tried_again(autojump_clock: MockClock) -> None:
    fault = Speech(error=ProviderError("busy", retryable=True), dies_after_s=0.0)
    items = await speak(FakeTts(every=Speech(sentence_s=0.02), exceptions={0: fault}), "one")
    assert [(at, type(item).__name__) for at, item in items] == [
        (0.0, "Sentence"),
        (0.1, "SpeechAudio"),
        (0.1, "SentenceFinished"),
    ]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        pytest.param(Speech(error=ProviderError("no"), dies_after_s=0.0), "no", id="for good"),
        pytest.param(Speech(error=ProviderError("no", retryable=True), dies_after_s=0.1), "no", id="in the middle"),
        pytest.param(Speech(sentence_s=0.0), "gave no sound", id="silent"),
        pytest.param(Speech(first_audio_s=1000.0), "no sound for 2.5 s.*first_sound_s", id="stalls at first"),
        pytest.param(Speech(speed=0.001), "no sound for 3 s.*next_sound_s", id="stalls later"),
    ],
)
async def test_a_voice_that_fails_comes_out(autojump_clock: MockClock, fault: Speech, message: str) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(ProviderError, match=message)):
        await speak(FakeTts(every=fault), "one two three")


@pytest.mark.parametrize("setting", ["first_sound_s", "next_sound_s", "retries"])
def test_settings_that_cannot_work_are_refused(setting: str) -> None:
    with pytest.raises(ConfigurationError, match=setting):
        TtsSettings(**{setting: -1})
