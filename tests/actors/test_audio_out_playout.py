"""The playout: every order of sound, frames, pauses, resumes and cuts, checked sample by sample against a model."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from trialogue.actors import HEARD_GAIN, AudioOutSettings, Playout, PlayoutState
from trialogue.engine import ConfigurationError
from trialogue.frames import AudioFormat, Sentence, SentenceFinished, SpeechAudio, WordTiming

if TYPE_CHECKING:
    import numpy.typing as npt

    from trialogue.frames import SpeechItem

FORMAT = AudioFormat(rate_hz=1000)
FRAME = 20
SETTINGS = AudioOutSettings()
FADE = 80
FADE_IN = 10
LEVEL = 10_000


def samples(pcm: bytes) -> npt.NDArray[np.int16]:
    """A frame's samples."""
    return np.frombuffer(pcm, dtype=np.int16)


def sound(first: int, count: int) -> bytes:
    """Samples that tell where they belong: a slow ramp on top of a level."""
    return (LEVEL + np.arange(first, first + count) % 1000).astype(np.int16).tobytes()


def playout_of(*items: SpeechItem, settings: AudioOutSettings = SETTINGS, complete: bool = True) -> Playout:
    """A playout that holds these items."""
    waiting = deque(items)

    def pull() -> SpeechItem | None:
        if waiting:
            return waiting.popleft()
        if complete:
            playout.complete()
        return None

    playout = Playout(pull, FORMAT, settings)
    return playout


def speech(count: int, *, first: int = 0) -> SpeechAudio:
    """Some sound."""
    return SpeechAudio(pcm=sound(first, count), format=FORMAT)


SENTENCE = Sentence(text="one two three four", start=0, end=18)


def frames(playout: Playout, count: int = 10_000) -> npt.NDArray[np.int16]:
    """What it plays next, until it has nothing."""
    played = bytearray()
    for _ in range(count):
        pcm = playout.frame()
        if pcm is None:
            break
        played += pcm
    return samples(bytes(played))


def test_a_reply_is_played_as_it_is() -> None:
    playout = playout_of(SENTENCE, speech(50), speech(41, first=50), SentenceFinished())
    assert frames(playout).tolist() == [*samples(sound(0, 91)), *[0] * 9]
    assert (playout.state, playout.played_samples, playout.heard) == (PlayoutState.OVER, 91, 18)


def test_a_late_voice_is_waited_for_frame_by_frame() -> None:
    playout = playout_of(SENTENCE, speech(30), complete=False)
    assert len(frames(playout)) == 20
    assert playout.state is PlayoutState.WAITING
    playout.put(speech(10, first=30))
    assert frames(playout).tolist() == samples(sound(20, 20)).tolist()


def test_a_sentence_that_breaks_off_is_not_heard_to_its_end() -> None:
    whole, broken = playout_of(SENTENCE, speech(40), SentenceFinished()), playout_of(SENTENCE, speech(40))
    frames(whole)
    frames(broken)
    assert (whole.heard, broken.heard) == (18, 0)


def test_a_cut_is_a_fade_of_80_ms_and_then_silence() -> None:
    playout = playout_of(SENTENCE, speech(1000))
    frames(playout, 5)
    playout.cut()
    fade = frames(playout)
    assert len(fade) == FADE
    expected = samples(sound(100, FADE)) * (0.5 + 0.5 * np.cos(np.pi * (np.arange(FADE) + 1) / (FADE + 1)))
    assert np.abs(fade - expected).max() <= 1
    assert playout.state is PlayoutState.OVER
    assert playout.played_samples == 100 + FADE // 2
    assert fade[FADE // 2 - 1] >= LEVEL * HEARD_GAIN
    assert fade[FADE // 2] <= (LEVEL + 1000) * HEARD_GAIN


@pytest.mark.parametrize("fade_s", [0.0, 0.005, 0.02, 0.1])
def test_the_length_of_a_fade_may_be_chosen(fade_s: float) -> None:
    playout = playout_of(SENTENCE, speech(1000))
    frames(playout, 5)
    playout.cut(fade_s)
    faded = frames(playout)
    assert np.count_nonzero(faded) == round(fade_s * 1000)
    assert playout.state is PlayoutState.OVER


@pytest.mark.parametrize("steps", [["cut"], ["pause", "cut"], ["pause", "resume", "cut"]])
def test_a_reply_that_is_cut_before_its_first_sample_is_silent(steps: list[str]) -> None:
    playout = playout_of(SENTENCE, speech(1000))
    for step in steps:
        getattr(playout, step)()
    assert frames(playout).tolist() == []
    assert (playout.state, playout.played_samples, playout.heard) == (PlayoutState.OVER, 0, 0)


def test_after_a_pause_it_goes_on_from_the_first_sample_that_was_not_played_at_full_gain() -> None:
    playout = playout_of(SENTENCE, speech(1000))
    frames(playout, 5)
    playout.pause()
    assert len(frames(playout)) == FADE
    assert playout.state is PlayoutState.PAUSED
    assert frames(playout).tolist() == []
    playout.resume()
    again = frames(playout, 3)
    assert again[FADE_IN:].tolist() == samples(sound(100, 60))[FADE_IN:].tolist()
    assert again[0] < LEVEL * 0.05
    assert playout.played_samples == 160


def test_words_heard_before_a_pause_stay_heard() -> None:
    words = tuple(WordTiming(at_sample=at, start=start, end=end) for at, start, end in [(0, 0, 3), (130, 4, 7)])
    playout = playout_of(SENTENCE, SpeechAudio(pcm=sound(0, 1000), format=FORMAT, words=words))
    frames(playout, 5)
    playout.pause()
    assert (playout.played_samples, playout.heard) == (140, 3)
    playout.resume()
    assert (playout.played_samples, playout.heard) == (140, 3)
    playout.cut()
    assert (playout.played_samples, playout.heard) == (140, 3)


@pytest.mark.parametrize("field", ["frame_s", "fade_s", "fade_in_s"])
def test_settings_that_cannot_work_are_refused(field: str) -> None:
    with pytest.raises(ConfigurationError, match=field):
        AudioOutSettings(**{field: -0.01})


#: How much two neighbouring samples may differ. The sound itself steps by 1 or, where its ramp begins again, by 1000;
#: a fade in of 10 samples is the steepest thing that may come on top.
STEEPEST = 11_000 * np.pi / 2 / FADE_IN


class Listener(RuleBasedStateMachine):
    """Somebody who hears everything that a playout plays."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0
        self.waiting: deque[SpeechItem] = deque()
        self.ended = False
        self.playout = Playout(self.pull, FORMAT, SETTINGS)
        self.heard = bytearray()
        self.full = 0  # samples that came at full gain or faded in, in order
        self.most = (0, 0)
        self.cut = False
        self.sentence_end = 0

    def pull(self) -> SpeechItem | None:
        """What the reply's channel has now."""
        if self.waiting:
            return self.waiting.popleft()
        if self.ended:
            self.playout.complete()
        return None

    @precondition(lambda self: not self.ended)
    @rule(count=st.sampled_from([1, 7, 20, 60, 200]), begins=st.booleans())
    def voice_speaks(self, count: int, begins: bool) -> None:
        """Some more sound, perhaps of a new sentence."""
        if begins or not self.sentence_end:
            if self.sentence_end:
                self.waiting.append(SentenceFinished())
            start, self.sentence_end = self.sentence_end, self.sentence_end + 10
            self.waiting.append(Sentence(text="some words", start=start, end=start + 10))
        self.waiting.append(speech(count, first=self.given))
        self.given += count

    @precondition(lambda self: not self.ended)
    @rule()
    def voice_ends(self) -> None:
        """No more sound will come."""
        if self.sentence_end:
            self.waiting.append(SentenceFinished())
        self.ended = True

    @rule(count=st.sampled_from([1, 2, 5]))
    def frames_are_due(self, count: int) -> None:
        """They are played."""
        for _ in range(count):
            fades = self.playout.state in (PlayoutState.PAUSING, PlayoutState.RESUMING, PlayoutState.ENDING)
            pcm = self.playout.frame()
            if pcm is None:
                self.heard += bytes(2 * FRAME) if self.playout.state is not PlayoutState.WAITING else b""
                continue
            assert len(pcm) == 2 * FRAME
            if not fades:
                self.in_order(samples(pcm))
            self.heard += pcm

    def in_order(self, played: npt.NDArray[np.int16]) -> None:
        """A frame that is no fade out holds the next samples, the first ones perhaps faded in, the rest untouched."""
        assert not self.cut, "a sample of a reply that was cut"
        expected = samples(sound(self.full, min(FRAME, self.given - self.full)))
        assert played[FADE_IN : len(expected)].tolist() == expected[FADE_IN:].tolist()
        assert (played[: len(expected)] <= expected).all()
        assert not played[len(expected) :].any()
        self.full += len(expected)

    @rule()
    def pauses(self) -> None:
        """Somebody may have something to say."""
        self.playout.pause()

    @rule()
    def resumes(self) -> None:
        """It was nothing."""
        self.playout.resume()

    @rule()
    def is_cut(self) -> None:
        """It was something. From now on only a fade is played, four frames of it at most."""
        audible = self.playout.state in (PlayoutState.PLAYING, PlayoutState.PAUSING, PlayoutState.RESUMING)
        audible = audible or self.playout.state is PlayoutState.ENDING
        self.playout.cut()
        self.cut = True
        left = frames(self.playout)
        assert len(left) <= FADE
        assert audible or not left.any()
        self.heard += left.tobytes()
        assert self.playout.state is PlayoutState.OVER

    @invariant()
    def what_was_heard_only_grows_and_never_leads(self) -> None:
        """Samples and text."""
        now = (self.playout.played_samples, self.playout.heard)
        assert now[0] >= self.most[0]
        assert now[1] >= self.most[1]
        assert self.full <= now[0] <= min(self.full + FADE, self.given)
        assert now[1] <= self.sentence_end
        self.most = now

    def teardown(self) -> None:
        """What comes to its end has played everything; and nothing clicked."""
        if not self.cut:
            if not self.ended:
                self.voice_ends()
            while self.playout.state is not PlayoutState.OVER:
                self.playout.resume()
                self.frames_are_due(1)
            assert self.full == self.given == self.playout.played_samples
            assert self.playout.heard == self.sentence_end


TestListener = Listener.TestCase
TestListener.settings = hypothesis.settings(max_examples=120, stateful_step_count=30)


@hypothesis.given(
    steps=st.lists(st.sampled_from(["frame", "frame", "frame", "pause", "resume"]), max_size=40),
    cut=st.booleans(),
)
def test_nothing_clicks(steps: list[str], cut: bool) -> None:
    playout = playout_of(SENTENCE, speech(10_000))
    heard = [np.zeros(FRAME, dtype=np.int16)]
    for step in steps:
        if step != "frame":
            getattr(playout, step)()
            continue
        pcm = playout.frame()
        heard.append(np.zeros(FRAME, dtype=np.int16) if pcm is None else samples(pcm))
    if cut:
        playout.cut()
        heard += [frames(playout), np.zeros(FRAME, dtype=np.int16)]
    signal = np.concatenate(heard).astype(np.int64)
    onset = int(np.flatnonzero(signal)[0]) if signal.any() else 0  # the reply itself begins as it begins
    steepest = np.abs(np.diff(signal[onset:])).max() if len(signal) > onset + 1 else 0
    assert steepest <= STEEPEST
