"""PocketSphinx on recorded speech of synthetic and human voices."""

from __future__ import annotations

import sys

import pytest
import trio

from tests.providers.speech import frames, recognise, recording, recordings, word_errors
from trialogue.engine import AudioError, ConfigurationError, KeytermStream, ProviderError, VirtualTime, run
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFormat,
    AudioFrame,
    FinalTranscript,
    InterimTranscript,
    SpeechEnded,
    SpeechStarted,
)
from trialogue.providers import PocketSphinx, RuleScript
from trialogue.providers._language_model import spoken_words
from trialogue.providers._sphinx_library import confidence_of

pytestmark = pytest.mark.integration

RESTAURANT = PocketSphinx(vocabulary=RuleScript.bundled("restaurant").vocabulary())
SMALL = PocketSphinx(vocabulary=["yes please", "no thank you goodbye", "go forward ten meters", "turn left"])


def test_the_restaurant_knows_how_all_its_words_sound() -> None:
    assert RESTAURANT.missing_pronunciations() == ()


async def test_callers_of_the_restaurant_are_understood() -> None:
    errors = words = 0
    async with RESTAURANT.open() as recogniser:
        for name, (voice, text) in recordings().items():
            if voice == "human":
                continue
            final = (await recognise(recogniser, recording(name)))[-1]
            said = spoken_words(text)
            errors += word_errors(said, final.text.split())
            words += len(said)
    assert errors / words < 0.08, f"{errors} errors in {words} words"


async def test_a_person_is_understood_within_the_vocabulary() -> None:
    async with SMALL.open() as recogniser:
        assert (await recognise(recogniser, recording("human-forward")))[-1].text == "go forward ten meters"


async def test_a_person_gets_a_transcript_with_the_general_model() -> None:
    async with PocketSphinx(general=True).open() as recogniser:
        final = (await recognise(recogniser, recording("human-novel")))[-1]
    said = spoken_words(recordings()["human-novel"][1])
    assert word_errors(said, final.text.split()) <= len(said) // 2, final.text


async def test_it_is_sure_of_what_it_was_told_to_expect_and_unsure_of_the_rest() -> None:
    async with RESTAURANT.open() as recogniser:
        expected = [
            (await recognise(recogniser, recording(name)))[-1] for name in ("book", "yes", "hours", "six-instead")
        ]
        other = [(await recognise(recogniser, recording(name)))[-1] for name in ("human-forward", "human-novel")]
    assert min(final.confidence or 0.0 for final in expected) > 0.7
    assert max(final.confidence or 1.0 for final in other) < 0.4
    assert 0.0 <= confidence_of(-1e6) < confidence_of(-2.0) < confidence_of(0.0) < 1.0


async def test_a_term_that_was_not_in_the_vocabulary_is_understood_once_it_is_expected(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = "go forward ten meters"
    async with PocketSphinx(vocabulary=["yes please", "turn left"]).open() as recogniser:
        assert isinstance(recogniser, KeytermStream)
        before = (await recognise(recogniser, recording("human-forward")))[-1]
        await recogniser.expect((said, "xyzzyq"))
        after = (await recognise(recogniser, recording("human-forward"), at_sample=200_000))[-1]
        await recogniser.expect(())
        again = (await recognise(recogniser, recording("human-forward"), at_sample=400_000))[-1]
    assert after.text == said
    assert said not in (before.text, again.text)
    assert "xyzzyq" in caplog.text


async def test_the_general_model_can_be_told_of_no_terms() -> None:
    async with PocketSphinx(general=True).open() as recogniser:
        assert not isinstance(recogniser, KeytermStream)


async def test_interims_grow_and_one_final_ends_each_utterance() -> None:
    pcm = recording("all-at-once")
    end = len(pcm) // 2
    interims: list[InterimTranscript] = []
    finals: list[FinalTranscript] = []
    async with RESTAURANT.open() as recogniser, trio.open_nursery() as nursery:

        async def receive() -> None:
            while len(finals) < 2:
                match await recogniser.receive():
                    case InterimTranscript() as interim:
                        interims.append(interim)
                    case FinalTranscript() as final:
                        finals.append(final)

        nursery.start_soon(receive)
        for start in (0, end):
            await recogniser.send(SpeechStarted(at_sample=start, at_s=0.0, detected_s=0.0))
            for frame in frames(pcm, at_sample=start):
                await recogniser.send(frame)
            await recogniser.send(SpeechEnded(at_sample=start + end, at_s=0.0, detected_s=0.0))
    assert [(final.start_sample, final.end_sample) for final in finals] == [(0, end), (end, 2 * end)]
    first = [interim for interim in interims if interim.start_sample == 0]
    assert len(first) >= 5
    assert [interim.end_sample for interim in first] == sorted({interim.end_sample for interim in first})
    assert all(interim.end_sample % 3_200 == 0 for interim in first), "one look each 200 ms"
    assert len(first[-1].text) > len(first[0].text)


async def test_silence_gives_an_empty_final() -> None:
    async with SMALL.open() as recogniser:
        assert (await recognise(recogniser, bytes(64_000)))[-1].text == ""


async def test_an_utterance_without_audio_gives_an_empty_final() -> None:
    async with SMALL.open() as recogniser:
        (final,) = await recognise(recogniser, b"", at_sample=77)
        assert final == FinalTranscript(text="", start_sample=77, end_sample=77)


async def test_audio_between_utterances_is_ignored_and_a_new_start_ends_the_old_one() -> None:
    pcm = recording("yes")
    async with SMALL.open() as recogniser:
        for frame in frames(pcm):
            await recogniser.send(frame)
        await recogniser.send(SpeechEnded(at_sample=0, at_s=0.0, detected_s=0.0))
        await recogniser.send(SpeechStarted(at_sample=5, at_s=0.0, detected_s=0.0))
        for frame in frames(pcm):
            await recogniser.send(frame)
        assert [transcript.start_sample for transcript in await recognise(recogniser, pcm, at_sample=9)] == [5]
        final = await recogniser.receive()
        assert (final.text, final.start_sample) == ("yes please", 9)


async def test_finals_are_kept_for_a_receiver_that_comes_late() -> None:
    pcm = recording("yes")
    async with SMALL.open() as recogniser:
        for start in range(3):
            await recogniser.send(SpeechStarted(at_sample=start, at_s=0.0, detected_s=0.0))
            for frame in frames(pcm, at_sample=start):
                await recogniser.send(frame)
            await recogniser.send(SpeechEnded(at_sample=start, at_s=0.0, detected_s=0.0))
        got = [await recogniser.receive() for _ in range(3)]
    assert [(type(final), final.start_sample) for final in got] == [(FinalTranscript, start) for start in range(3)]


async def test_a_cancelled_session_is_given_back() -> None:
    with trio.move_on_after(0.05) as scope:
        async with SMALL.open() as recogniser:
            await recogniser.receive()
    assert scope.cancelled_caught
    async with SMALL.open() as recogniser:
        assert (await recognise(recogniser, recording("yes")))[-1].text == "yes please"


async def test_the_cepstral_mean_adapts_and_may_be_carried_over() -> None:
    async with SMALL.open() as recogniser:
        before = recogniser.cmn()
        await recognise(recogniser, recording("human-forward"))
        after = recogniser.cmn()
    assert before != after
    async with PocketSphinx(vocabulary=SMALL.vocabulary, cmn=after).open() as recogniser:
        assert recogniser.cmn().split(",")[0][:4] == after.split(",")[0][:4]


def test_under_a_virtual_clock_no_time_passes_and_the_result_is_the_same() -> None:
    async def heard() -> tuple[list[str], float]:
        start_s = trio.current_time()
        async with SMALL.open() as recogniser:
            transcripts = await recognise(recogniser, recording("human-forward"))
        return [transcript.text for transcript in transcripts], trio.current_time() - start_s

    assert run(heard, virtual=VirtualTime(seed=1)) == (["go forward ten meters"], 0.0)


async def test_the_wrong_format_is_an_error() -> None:
    frame = AudioFrame(pcm=bytes(960), at_sample=0, format=AudioFormat(rate_hz=48_000))
    async with SMALL.open() as recogniser:
        with pytest.raises(AudioError, match="convert the audio"):
            await recogniser.send(frame)
    assert recogniser.rate_hz == SPEECH_FORMAT.rate_hz


async def test_unknown_words_are_an_error_are_skipped_or_get_sounds() -> None:
    vocabulary = ["a table for zzyzx", "yes please"]
    assert PocketSphinx(vocabulary=vocabulary).missing_pronunciations() == ("zzyzx",)
    with pytest.raises(ConfigurationError, match="zzyzx; give pronunciations="):
        async with PocketSphinx(vocabulary=vocabulary).open():
            pytest.fail("it opened")
    for provider in [
        PocketSphinx(vocabulary=vocabulary, unknown_words="skip"),
        PocketSphinx(vocabulary=vocabulary, pronunciations={"zzyzx": ("Z IH Z IH K S",)}),
    ]:
        async with provider.open() as recogniser:
            assert (await recognise(recogniser, recording("yes")))[-1].text == "yes please"


def test_it_wants_a_vocabulary_or_the_general_model() -> None:
    with pytest.raises(ConfigurationError, match="vocabulary"):
        PocketSphinx()
    with pytest.raises(ConfigurationError, match="vocabulary"):
        PocketSphinx(vocabulary=["yes"], general=True)


async def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(ProviderError, match=r"pip install 'trialogue\[stt\]'"):
        async with SMALL.open():
            pytest.fail("it opened")
