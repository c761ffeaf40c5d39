"""What a recogniser gets to hear: every sample of an utterance once, with its pre-roll, and again if it is replaced."""

from __future__ import annotations

import itertools

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.actors import Hearing, SttSettings
from trialogue.actors.vad._policy import SpeechSound
from trialogue.engine import ConfigurationError
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFrame,
    FinalTranscript,
    InterimTranscript,
    SpeechEdge,
    SpeechEnded,
    SpeechStarted,
)

FRAME = 320

Heard = AudioFrame | SpeechEdge


def frame(number: int) -> AudioFrame:
    """20 ms of sound."""
    return AudioFrame(pcm=bytes(2 * FRAME), at_sample=number * FRAME, format=SPEECH_FORMAT)


def started(at_frame: int) -> SpeechStarted:
    """The beginning of speech."""
    return SpeechStarted(at_sample=at_frame * FRAME, at_s=at_frame / 50, detected_s=at_frame / 50)


def ended(at_frame: int) -> SpeechEnded:
    """Its end."""
    return SpeechEnded(at_sample=at_frame * FRAME, at_s=at_frame / 50, detected_s=at_frame / 50)


def final(end_frame: int) -> FinalTranscript:
    """Words of all that was said up to there."""
    return FinalTranscript(text="words", start_sample=0, end_sample=end_frame * FRAME)


def hear(
    hearing: Hearing, spans: list[tuple[int, int]], frames: int, *, late: int = 3, pre_roll_s: float = 0.4
) -> list[Heard]:
    """What a recogniser is told of some seconds in which speech is noticed so many frames late."""
    told: list[Heard] = []
    sound, speaking = SpeechSound(pre_roll_s), False
    for number in range(frames):
        sound.keep(frame(number))
        edges: list[SpeechEdge] = [started(first) for first, _ in spans if number == first + late]
        edges += [ended(last) for _, last in spans if number == last + late]
        for edge in edges:
            sound.turn(edge)
            told.append(edge)
            speaking = isinstance(edge, SpeechStarted)
        if speaking:
            told += sound.take()
    for item in told:
        hearing.tell(item)
    return told


def numbers(told: list[Heard]) -> list[int]:
    """The frames among it."""
    return [item.at_sample // FRAME for item in told if isinstance(item, AudioFrame)]


def test_an_utterance_is_told_with_its_pre_roll_between_its_edges() -> None:
    told = hear(Hearing(SttSettings()), [(50, 70)], 100)
    assert told[0] == started(50)
    assert told[-1] == ended(70)
    assert numbers(told) == list(range(50 - 20, 70 + 3))


def test_the_pre_roll_ends_where_the_sound_began_or_the_last_utterance_ended() -> None:
    told = hear(Hearing(SttSettings()), [(5, 30), (36, 50)], 80)
    assert numbers(told) == [*range(33), *range(30, 53)]


spans = st.lists(st.tuples(st.integers(4, 60), st.integers(4, 60)), max_size=5).map(
    lambda gaps: [(sum(map(sum, gaps[:n])) + gaps[n][0], sum(map(sum, gaps[: n + 1]))) for n in range(len(gaps))]
)


@hypothesis.given(spans=spans, late=st.integers(0, 3), pre_roll=st.sampled_from([0.0, 0.1, 0.4, 1.0]))
def test_every_sample_of_speech_is_told_in_order_and_edges_alternate(
    spans: list[tuple[int, int]], late: int, pre_roll: float
) -> None:
    told = hear(Hearing(SttSettings()), spans, 700, late=late, pre_roll_s=pre_roll)
    edges = [item for item in told if not isinstance(item, AudioFrame)]
    assert edges == [edge for first, last in spans for edge in (started(first), ended(last))]
    utterances = "".join("f" if isinstance(item, AudioFrame) else "|" for item in told).split("|")[1::2]
    at = 0
    for (first, last), utterance in zip(spans, utterances, strict=True):
        at += 1
        heard = numbers(told[at : at + len(utterance)])
        at += len(utterance) + 1
        assert heard == list(range(heard[0], heard[-1] + 1))
        assert heard[0] <= first
        assert heard[0] >= first - round(pre_roll * 50)
        assert heard[-1] >= last - 1


@hypothesis.given(spans=spans, understood=st.integers(0, 5))
def test_a_replacement_is_told_exactly_what_is_not_understood_yet(
    spans: list[tuple[int, int]], understood: int
) -> None:
    hearing = Hearing(SttSettings(replay_s=1000.0))
    told = hear(hearing, spans, 700)
    for _, last in spans[:understood]:
        hearing.transcribed(final(last))
    begins = [at for at, item in enumerate(told) if isinstance(item, SpeechStarted)]
    rest = begins[understood:]
    assert hearing.replay() == (told[rest[0] :] if rest else [])


def test_interims_settle_nothing() -> None:
    hearing = Hearing(SttSettings())
    told = hear(hearing, [(50, 70)], 100)
    hearing.transcribed(InterimTranscript(text="w", start_sample=0, end_sample=70 * FRAME))
    assert hearing.replay() == told


def test_a_final_in_the_middle_of_speech_settles_what_was_said_so_far() -> None:
    hearing = Hearing(SttSettings())
    hear(hearing, [(50, 1000)], 100)
    hearing.transcribed(final(80))
    replay = hearing.replay()
    assert replay[0] == started(50)
    assert numbers(replay) == list(range(80, 100))


@hypothesis.given(frames=st.integers(0, 200), replay_s=st.sampled_from([0.5, 1.0]))
def test_what_is_kept_is_bounded_and_keeps_its_edge(frames: int, replay_s: float) -> None:
    hearing = Hearing(SttSettings(replay_s=replay_s))
    hear(hearing, [(10, 10_000)], 14 + frames)
    replay = hearing.replay()
    assert replay[0] == started(10)
    kept = numbers(replay)
    assert len(kept) <= round(replay_s * 50)
    assert kept == list(itertools.islice(range(14 + frames - len(kept), 10_000), len(kept)))


def test_an_end_without_a_beginning_makes_room_like_sound() -> None:
    hearing = Hearing(SttSettings(replay_s=0.5))
    hearing.tell(ended(0))  # of speech that began before anybody listened
    hear(hearing, [(10, 10_000)], 10 + 40)
    assert hearing.replay()[0] == started(10)


def test_a_silent_recogniser_is_replaced_once() -> None:
    hearing = Hearing(SttSettings())
    told = hear(hearing, [(50, 70)], 100)
    assert hearing.is_deaf(ended(70))
    assert hearing.replay() == told
    assert not hearing.is_deaf(ended(70))
    assert hearing.replay() == []


def test_what_a_replacement_tells_again_is_no_news_and_does_not_have_it_replaced_for_ever() -> None:
    hearing = Hearing(SttSettings())
    hear(hearing, [(10, 20), (50, 70)], 100)
    guess = InterimTranscript(text="mhm", start_sample=0, end_sample=15 * FRAME)
    hearing.transcribed(guess)  # of the first one; no final follows, and no word of the second one
    assert hearing.is_deaf(ended(70))
    hearing.transcribed(guess)
    assert not hearing.is_deaf(ended(70))


def test_one_that_has_said_something_is_not_deaf() -> None:
    hearing = Hearing(SttSettings())
    hear(hearing, [(50, 70)], 100)
    hearing.transcribed(InterimTranscript(text="w", start_sample=0, end_sample=60 * FRAME))
    assert not hearing.is_deaf(ended(70))


@hypothesis.given(
    frames=st.integers(0, 200),
    understood_to=st.lists(st.integers(0, 200), max_size=4).map(sorted),
    replay_s=st.sampled_from([0.0, 1.0, 30.0]),
)
def test_sound_without_edges_is_kept_from_the_last_final_on_and_bounded(
    frames: int, understood_to: list[int], replay_s: float
) -> None:
    hearing = Hearing(SttSettings(replay_s=replay_s))
    for number in range(frames):
        hearing.tell(frame(number))
        for last in understood_to:
            if last == number + 1:
                hearing.transcribed(final(last))
    settled = max((last for last in understood_to if last <= frames), default=0)
    kept = numbers(hearing.replay())
    wanted = list(range(max(settled, frames - int(replay_s * 50)), frames))
    assert kept in (wanted, wanted[1:])  # lengths are sums of seconds, and may be rounded up


@pytest.mark.parametrize("settings", [{"replay_s": -0.1}, {"silence_s": 0.0}])
def test_settings_that_cannot_work_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(settings))):
        SttSettings(**settings)  # type: ignore[arg-type]  # mypy takes each for any of the parameters
