"""The playout: every order of sound, frames, pauses, resumes and cuts, checked sample by sample and word by word."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import deque
from typing import TYPE_CHECKING

import attrs
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.actors.playouts import (
    FADE,
    FADE_IN,
    FORMAT,
    FRAME,
    SENTENCE,
    SETTINGS,
    fade_out,
    frames,
    numbered,
    playout_of,
    samples,
    speech,
)
from trialogue.actors import HEARD_GAIN, AudioOutSettings, Playout, PlayoutState
from trialogue.engine import ChannelEnded, ConfigurationError
from trialogue.frames import Sentence, SentenceFinished, SpeechAudio, SpeechItem, WordTiming

if TYPE_CHECKING:
    import numpy.typing as npt


GLIDE = 16  # samples that a glide to or from full scale takes at 8 kHz


def test_a_reply_is_played_as_it_is() -> None:
    playout = playout_of(SENTENCE, speech(400), speech(330, first=400), SentenceFinished())
    played = frames(playout)
    assert played[:730].tolist() == numbered(0, 730).tolist()
    assert not played[730 + GLIDE :].any()
    assert len(played) == 5 * FRAME
    assert (playout.state, playout.played_samples, playout.heard) == (PlayoutState.OVER, 730, 18)


@pytest.mark.parametrize("count", [FRAME, 5 * FRAME, 5 * FRAME - 1, 5 * FRAME + 1])
def test_a_reply_that_ends_in_the_middle_of_a_wave_glides_to_silence(count: int) -> None:
    played = frames(playout_of(SENTENCE, speech(count)))
    assert np.abs(np.diff([*played.astype(int), 0])).max() <= 2_048
    assert played[:count].tolist() == numbered(0, count).tolist()
    assert np.count_nonzero(played[count:]) <= GLIDE


def test_a_late_voice_is_waited_for_frame_by_frame() -> None:
    playout = playout_of(SENTENCE, speech(900), complete=False)
    assert len(frames(playout, 5)) == 5 * FRAME
    glide = frames(playout)
    assert playout.state is PlayoutState.WAITING
    assert len(glide) == FRAME
    assert np.abs(np.diff([numbered(799, 1)[0], *glide.astype(int)])).max() <= 2_048
    assert playout.frame() is None
    playout.put(speech(60, first=900))
    going_on = frames(playout, 1)
    assert np.abs(np.diff([0, *going_on.astype(int)])).max() <= 2_048
    assert going_on[GLIDE:].tolist() == numbered(800 + GLIDE, FRAME - GLIDE).tolist()


def test_a_cut_is_a_fade_of_80_ms_and_then_silence() -> None:
    playout = playout_of(SENTENCE, speech(9_000))
    frames(playout, 10)
    playout.cut()
    fade = frames(playout)
    assert len(fade) == FADE
    assert fade.tolist() == np.rint(numbered(1_600, FADE) * fade_out(FADE, FADE)).tolist()
    assert playout.state is PlayoutState.OVER
    assert playout.played_samples == 1_600 + FADE // 2
    gains = fade / numbered(1_600, FADE)
    assert (gains[: FADE // 2] > HEARD_GAIN).all()
    assert (gains[FADE // 2 :] < HEARD_GAIN).all()


@pytest.mark.parametrize("fade_s", [0.0, 0.005, 0.02, 0.1])
def test_the_length_of_a_fade_may_be_chosen(fade_s: float) -> None:
    playout = playout_of(SENTENCE, speech(9_000))
    frames(playout, 10)
    playout.cut(fade_s)
    faded = frames(playout)
    assert 0 <= round(fade_s * 8_000) - np.count_nonzero(faded) <= 4  # the last of a long fade are nothing, rounded
    assert playout.state is PlayoutState.OVER


@pytest.mark.parametrize("steps", [["cut"], ["pause", "cut"], ["pause", "resume", "cut"]])
def test_a_reply_that_is_cut_before_its_first_sample_is_silent(steps: list[str]) -> None:
    playout = playout_of(SENTENCE, speech(9_000))
    for step in steps:
        getattr(playout, step)()
    assert frames(playout).tolist() == []
    assert (playout.state, playout.played_samples, playout.heard) == (PlayoutState.OVER, 0, 0)


def test_after_a_pause_it_goes_on_from_the_first_sample_that_was_not_played_at_full_gain() -> None:
    playout = playout_of(SENTENCE, speech(9_000))
    frames(playout, 10)
    playout.pause()
    assert len(frames(playout)) == FADE
    assert playout.state is PlayoutState.PAUSED
    assert frames(playout).tolist() == []
    playout.resume()
    again = frames(playout, 3)
    assert again[:FADE_IN].tolist() == np.rint(numbered(1_600, FADE_IN) * fade_out(FADE_IN, FADE_IN)[::-1]).tolist()
    assert again[FADE_IN:].tolist() == numbered(1_600 + FADE_IN, 3 * FRAME - FADE_IN).tolist()
    assert playout.played_samples == 13 * FRAME


def test_who_goes_on_within_the_fade_may_rest_again_within_it() -> None:
    playout = playout_of(SENTENCE, speech(9_000))
    frames(playout, 10)
    for step in ("pause", "resume", "pause"):
        getattr(playout, step)()
        assert len(frames(playout, 1)) == FRAME
    assert len(frames(playout)) == FADE - 3 * FRAME
    assert playout.state is PlayoutState.PAUSED
    playout.resume()
    assert frames(playout, 2)[FADE_IN:].tolist() == numbered(1_600 + FADE_IN, 2 * FRAME - FADE_IN).tolist()


def test_words_heard_before_a_pause_stay_heard() -> None:
    words = [WordTiming(at_sample=at, start=start, end=end) for at, start, end in [(0, 0, 3), (1_800, 4, 7)]]
    playout = playout_of(SENTENCE, speech(9_000, words=words))
    frames(playout, 10)
    playout.pause()
    assert (playout.played_samples, playout.heard) == (1_920, 3)
    playout.resume()
    assert (playout.played_samples, playout.heard) == (1_920, 3)
    playout.cut()
    assert (playout.played_samples, playout.heard) == (1_920, 3)


@pytest.mark.parametrize("fade_s", [0.0, 0.08])
def test_a_sentence_of_which_everything_was_played_was_heard_to_its_last_word(fade_s: float) -> None:
    words = [WordTiming(at_sample=at, start=start, end=end) for at, start, end in [(0, 0, 3), (300, 4, 18)]]
    playout = playout_of(SENTENCE, speech(4 * FRAME, words=words), SentenceFinished(), complete=False)
    frames(playout, 4)
    playout.cut(fade_s)
    assert playout.heard == 18


def test_a_shorter_cut_shortens_a_fade_and_what_counts_as_heard() -> None:
    playout = playout_of(SENTENCE, speech(9_000))
    frames(playout, 10)
    playout.pause()
    frames(playout, 1)
    assert playout.played_samples == 1_600 + FADE // 2
    playout.cut(0.02)
    assert playout.played_samples == 1_600 + FRAME + FRAME // 2
    assert np.count_nonzero(frames(playout)) <= FRAME
    assert playout.state is PlayoutState.OVER


@pytest.mark.parametrize("before", [["pause"], ["pause", "resume"], ["cut"]])
def test_a_hard_cut_ends_a_fade_at_once(before: list[str]) -> None:
    playout = playout_of(SENTENCE, speech(9_000))
    frames(playout, 10)
    for step in before:
        getattr(playout, step)()
    frames(playout, 1)
    playout.cut(0.0)
    assert frames(playout).tolist() == []
    assert playout.played_samples == 1_600 + FRAME


@pytest.mark.parametrize("field", ["frame_s", "fade_s", "fade_in_s", "finish_word_s"])
def test_settings_that_cannot_work_are_refused(field: str) -> None:
    with pytest.raises(ConfigurationError, match=field):
        AudioOutSettings(**{field: -0.01})


def test_a_fade_in_is_no_longer_than_a_frame() -> None:
    with pytest.raises(ConfigurationError, match=r"fade_in_s is 0.03 s, and must not be more than frame_s, 0.02 s"):
        AudioOutSettings(fade_in_s=0.03)


# -- words that are finished

WORDS = [(0, 0, 3), (2_000, 4, 7), (4_000, 8, 13), (6_000, 14, 18)]


def speaking(frames_played: int, *, finish_word_s: float = 0.5, words: list[tuple[int, int, int]] = WORDS) -> Playout:
    """A playout in the middle of four words of a quarter of a second."""
    timings = [WordTiming(at_sample=at, start=start, end=end) for at, start, end in words]
    settings = AudioOutSettings(finish_word_s=finish_word_s)
    playout = playout_of(SENTENCE, speech(8_000, words=timings), SentenceFinished(), settings=settings)
    assert len(frames(playout, frames_played)) == frames_played * FRAME
    return playout


@pytest.mark.parametrize(
    ("frames_played", "end", "heard"),
    [(1, 2_000, 3), (12, 2_000, 3), (13, 4_000, 7), (24, 4_000, 7), (26, 6_000, 13), (49, 8_000, 18)],
)
def test_a_cut_may_finish_the_word(frames_played: int, end: int, heard: int) -> None:
    playout = speaking(frames_played)
    at = frames_played * FRAME
    playout.cut()
    rest = frames(playout)
    assert rest[: end - at].tolist() == numbered(at, end - at).tolist()
    fade = numbered(end, min(FADE, 8_000 - end))
    assert rest[end - at :][: len(fade)].tolist() == np.rint(fade * fade_out(len(fade), FADE)).tolist()
    assert np.count_nonzero(rest) <= end - at + FADE
    assert playout.heard == heard
    assert playout.played_samples == min(8_000, end + FADE // 2)


@pytest.mark.parametrize("finish_word_s", [0.0, 0.049])
def test_a_word_that_takes_longer_is_not_waited_for(finish_word_s: float) -> None:
    playout = speaking(10, finish_word_s=finish_word_s)  # 400 samples, 50 ms, before its end
    playout.cut()
    assert len(frames(playout)) == FADE
    assert (playout.played_samples, playout.heard) == (1_600 + FADE // 2, 0)


def test_a_word_that_ends_exactly_then_is_waited_for() -> None:
    playout = speaking(10, finish_word_s=0.05)
    playout.cut()
    assert (playout.played_samples, playout.heard) == (2_000 + FADE // 2, 3)


def test_the_next_piece_is_asked_whether_the_word_ends_with_this_one() -> None:
    pieces = [speech(2_000, words=[WordTiming(at_sample=0, start=0, end=3)])]
    pieces.append(speech(2_000, first=2_000, words=[WordTiming(at_sample=2_000, start=4, end=7)]))
    playout = playout_of(SENTENCE, *pieces, settings=AudioOutSettings(finish_word_s=0.05))
    frames(playout, 10)
    playout.cut()
    assert playout.played_samples == 2_000 + FADE // 2


def test_between_words_there_is_nothing_to_finish() -> None:
    silence_first = [(at + 2_000, start, end) for at, start, end in WORDS[:3]]
    playout = speaking(10, words=silence_first)
    playout.cut()
    assert playout.played_samples == 1_600 + FADE // 2
    at_its_beginning = speaking(50, words=[(8_000, 0, 3)])
    at_its_beginning.cut()
    assert at_its_beginning.played_samples == 8_000


def test_a_voice_without_positions_is_cut_at_once() -> None:
    playout = speaking(10, words=[])
    playout.cut()
    assert playout.played_samples == 1_600 + FADE // 2


@pytest.mark.parametrize(("then", "fades"), [("resume", 1), ("pause", 1), ("cut", 0)])
def test_a_rest_may_finish_the_word_and_goes_on_with_the_next(then: str, fades: int) -> None:
    """Whatever comes meanwhile, the word is heard once and whole."""
    playout, at = speaking(10), 1_600
    playout.pause()
    assert (playout.next_sample, playout.played_samples, playout.heard) == (2_000, 2_000 + FADE // 2, 3)
    first = frames(playout, 1)
    getattr(playout, then)()
    word = np.concatenate([first, frames(playout, 9)])
    fade = numbered(2_000, FADE) * fade_out(FADE, FADE)
    assert word[:400].tolist() == numbered(at, 400).tolist()
    assert word[400 : 400 + FADE].tolist() == np.rint(fade).tolist()
    playout.resume()
    rest = frames(playout)
    if not fades:
        assert playout.state is PlayoutState.OVER
        assert not rest.any()
        return
    after = np.concatenate([word[400 + FADE :], rest])
    after = after[np.flatnonzero(after)[0] :]
    assert after[FADE_IN:].tolist()[: FRAME * 4] == numbered(2_000 + FADE_IN, FRAME * 4).tolist()


def test_a_chosen_fade_does_not_wait_and_a_second_cut_changes_nothing() -> None:
    hard, soft = speaking(10), speaking(10)
    hard.cut(0.0)
    assert hard.frame() is None
    soft.cut()
    soft.cut()
    assert len(frames(soft)) >= 400 + FADE
    soon = speaking(10)
    soon.cut()
    soon.cut(0.02)
    assert np.count_nonzero(frames(soon)) <= FRAME
    assert (soon.played_samples, soon.heard) == (1_600 + FRAME // 2, 0)


# -- false interruptions


@hypothesis.settings(max_examples=200)
@hypothesis.given(
    count=st.integers(1, 9_000),
    pieces=st.integers(1, 5),
    rests=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 8), st.integers(0, 8)), max_size=6),
)
def test_fades_apart_the_output_with_rests_is_the_output_without_and_silence(
    count: int, pieces: int, rests: list[tuple[int, int, int]]
) -> None:
    """Rests anywhere: before the beginning, within each other's fades, while the voice is late, at the end."""
    bounds = np.linspace(0, count, pieces + 1).astype(int).tolist()
    items = [speech(end - first, first=first) for first, end in itertools.pairwise(bounds)]
    uninterrupted = frames(playout_of(SENTENCE, *items))
    late, there = deque(items[1:]), deque[SpeechItem]([SENTENCE, items[0]])

    def pull() -> SpeechItem | None:
        if not there and not late:
            playout.complete()
        return there.popleft() if there else None

    playout = Playout(pull, FORMAT, SETTINGS)
    heard: list[npt.NDArray[np.float64]] = []
    fades_in = False
    steps = [step for plays, fades, lasts in rests for step in ([plays, "pause", fades, "resume", lasts, "more"])]
    for step in [*steps, *["more"] * pieces, "resume", 100]:
        if step == "more" and late:
            there.append(late.popleft())
        elif step == "pause":
            playout.pause()
        elif step == "resume":
            fades_in = fades_in or playout.can_resume
            playout.resume()
        for _ in range(step if isinstance(step, int) else 0):
            before = playout.next_sample
            pcm = playout.frame()
            if pcm is not None and playout.next_sample > before:  # else it is a fade out, a glide, or silence
                frame = samples(pcm).astype(float)
                if fades_in:
                    whole = uninterrupted[before:][:FADE_IN]
                    assert frame[:FADE_IN].tolist() == np.rint(whole * fade_out(FADE_IN, FADE_IN)[::-1]).tolist()
                    frame[:FADE_IN] = whole
                fades_in = False
                heard.append(frame)
    assert playout.state is PlayoutState.OVER
    without = np.concatenate(heard)
    differs = np.flatnonzero(without != uninterrupted[: len(without)])
    assert all(at % FRAME < GLIDE for at in differs.tolist()), "but for glides where the voice came late"
    assert len(uninterrupted) - len(without) in {0, FRAME}, "the last glide may need a frame of its own"


# -- every order of everything


@attrs.frozen
class Spoken:
    """A sentence as the voice has spoken it, for the model."""

    at: int  # its first sample
    samples: int
    start: int  # of its text
    words: tuple[WordTiming, ...]
    complete: bool


def heard_by_rule(spoken: list[Spoken], played: int) -> tuple[int, int]:
    """The least and the most that may count as heard after so many samples, in characters."""
    before = 0
    for each in spoken:
        if played <= each.at:
            break
        into, end = played - each.at, each.start + 10
        if each.complete and into >= each.samples:
            before = end
        elif each.words:
            begun = bisect_right([word.at_sample for word in each.words], into)
            return (each.start + each.words[begun - 2].end,) * 2 if begun >= 2 else (before, before)
        else:
            return before, end  # within one clause
    return before, before


class Listener(RuleBasedStateMachine):
    """Somebody who hears everything that a playout plays, and can tell each sample by its number."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: deque[SpeechItem] = deque()
        self.given = 0  # samples
        self.text = 0  # characters
        self.ended = False
        self.spoken: list[Spoken] = []  # as pulled
        self.full = 0  # the number of the next sample that is due at full gain
        self.fading: list[int] = []  # what is left of a fade: nothing but this may follow
        self.fades_in = False
        self.was_silent = True
        self.rests = False
        self.cut_at: int | None = None
        self.heard_at_gain = 0  # the greatest number that was played at HEARD_GAIN or more
        self.most = (0, 0)
        self.level = 0

    @initialize(finish_word_s=st.sampled_from([0.0, 0.0, 0.05]))
    def begins(self, finish_word_s: float) -> None:
        """With or without finishing words."""
        self.playout = Playout(self.pull, FORMAT, attrs.evolve(SETTINGS, finish_word_s=finish_word_s))

    def pull(self) -> SpeechItem | None:
        """What the reply's channel has now."""
        if not self.waiting:
            if self.ended:
                raise ChannelEnded("all was said")
            return None
        item = self.waiting.popleft()
        match item:
            case Sentence():
                self.close_sentence()
                at = self.spoken[-1].at + self.spoken[-1].samples if self.spoken else 0
                self.spoken.append(Spoken(at, 0, item.start, (), complete=False))
            case SpeechAudio():
                last = self.spoken[-1]
                count, words = last.samples + len(item.pcm) // 2, (*last.words, *item.words)
                self.spoken[-1] = attrs.evolve(last, samples=count, words=words)
            case SentenceFinished():
                self.close_sentence()
        return item

    def close_sentence(self) -> None:
        if self.spoken:
            self.spoken[-1] = attrs.evolve(self.spoken[-1], complete=True)

    @precondition(lambda self: not self.ended)
    @rule(sizes=st.lists(st.sampled_from([1, 7, 160, 700, 2_000]), min_size=1, max_size=4), places=st.booleans())
    def voice_speaks(self, sizes: list[int], places: bool) -> None:
        """A sentence of ten characters in some pieces of sound, each of them a word, perhaps with its place."""
        self.waiting.append(Sentence(text="a b c d ef", start=self.text, end=self.text + 10))
        first = self.given
        for number, size in enumerate(sizes):
            word = WordTiming(at_sample=self.given - first, start=2 * number, end=2 * number + 1)
            self.waiting.append(speech(size, first=self.given, words=[word] if places else ()))
            self.given += size
        self.waiting.append(SentenceFinished())
        self.text += 10

    @precondition(lambda self: not self.ended)
    @rule()
    def voice_ends(self) -> None:
        """No more sound will come."""
        self.ended = True

    @rule(count=st.sampled_from([1, 2, 5]))
    def frames_are_due(self, count: int) -> None:
        """They are played."""
        for _ in range(count):
            before = self.playout.next_sample
            pcm = self.playout.frame()
            played = np.zeros(FRAME, dtype=np.int16) if pcm is None else samples(pcm)
            assert len(played) == FRAME
            if self.playout.next_sample > before:
                self.hear_sound(played)
            else:
                self.hear_rest(played)
            assert np.abs(np.diff([self.level, *played.astype(int)])).max() <= 2_048, "a click"
            self.level = int(played[-1])

    def hear_sound(self, played: npt.NDArray[np.int16]) -> None:
        """The next samples, as if nothing had happened before; their beginning faded in after a rest."""
        assert self.cut_at is None, "a sample of a reply that was cut"
        assert not self.rests, "a sample of a reply that rests"
        count = min(FRAME, self.given - self.full)
        expected = numbered(self.full, count).astype(float)
        if self.fades_in:
            expected[:FADE_IN] *= fade_out(FADE_IN, FADE_IN)[::-1][:count]
        glides = GLIDE if self.was_silent and not self.fades_in else 0
        assert played[glides:count].tolist() == np.rint(expected[glides:]).tolist()
        assert np.count_nonzero(played[count:]) <= GLIDE
        self.full += count
        self.heard_at_gain = max(self.heard_at_gain, self.full)
        self.fading = []
        self.fades_in = self.was_silent = False

    def hear_rest(self, played: npt.NDArray[np.int16]) -> None:
        """A fade as it was expected, a glide of the last level to silence, or silence."""
        expected, self.fading = self.fading[:FRAME], self.fading[FRAME:]
        assert played[: len(expected)].tolist() == expected
        rest = np.abs(played[len(expected) :].astype(int))
        assert np.count_nonzero(rest) <= GLIDE
        assert (np.diff(rest) <= 0).all(), "it only becomes softer"
        self.was_silent = True

    def expect_fade(self, fade_s: float, whole: int = 0) -> None:
        """The numbers that may still be heard, each at its gain."""
        fade = round(fade_s * 8_000)
        there = sum(each.samples for each in self.spoken) - self.full  # it has pulled what it could
        gains = np.concatenate([np.ones(whole), fade_out(fade, fade)])[:there]
        copy = np.rint(numbered(self.full, len(gains)) * gains)
        self.fading = [int(each) for each in copy]
        audible = self.full + int(np.count_nonzero(gains >= HEARD_GAIN))
        self.heard_at_gain = max(self.heard_at_gain, audible)

    @rule()
    def pauses(self) -> None:
        """Somebody may have something to say."""
        before = self.playout.state
        self.playout.pause()
        self.rests = True
        if before is PlayoutState.PLAYING:
            whole = self.playout.next_sample - self.full  # the rest of a word
            self.expect_fade(SETTINGS.fade_s, whole)
            self.full += whole

    @rule()
    def resumes(self) -> None:
        """It was nothing."""
        if self.playout.can_resume:
            self.fades_in = True
        self.playout.resume()
        self.rests = False

    @rule(fade_s=st.sampled_from([None, None, 0.0, 0.02]))
    def is_cut(self, fade_s: float | None) -> None:
        """It was something. Whatever is called from now on, only that fade is played."""
        before, fading = self.playout.state, len(self.fading)
        self.playout.cut(fade_s)
        if before is PlayoutState.PLAYING:
            whole = self.playout.played_samples - self.full - FADE // 2 if fade_s is None else 0
            self.expect_fade(SETTINGS.fade_s if fade_s is None else fade_s, max(0, whole))
        elif fade_s is not None and fading:
            self.fading = []
            while self.playout.state is not PlayoutState.OVER:
                pcm = self.playout.frame()
                fading -= FRAME
                assert pcm is None or np.abs(np.diff(samples(pcm).astype(int))).max() <= 2_048
                self.level = 0
            self.heard_at_gain = self.playout.played_samples
        self.level = self.level if fade_s is None or fade_s else 0  # that cuts hard, and may click
        self.most = (min(self.most[0], self.playout.played_samples), min(self.most[1], self.playout.heard))
        self.cut_at = self.full

    @invariant()
    def what_was_heard_only_grows_and_is_exact(self) -> None:
        """Samples and text."""
        if not hasattr(self, "playout"):
            return
        now = (self.playout.played_samples, self.playout.heard)
        assert now[0] >= self.most[0]
        assert now[1] >= self.most[1]
        assert now[0] == self.heard_at_gain
        least, most = heard_by_rule(self.spoken, now[0])
        assert least <= now[1] <= most
        assert now[0] or not now[1], "nothing was heard, so there is nothing to remember"
        self.most = now

    def teardown(self) -> None:
        """What is not cut comes to its end, and then everything was played once."""
        if self.cut_at is None and hasattr(self, "playout"):
            self.ended = True
            while self.playout.state is not PlayoutState.OVER:
                self.resumes()
                self.frames_are_due(1)
            assert self.full == self.given == self.playout.played_samples
            assert self.playout.heard == self.text


TestListener = Listener.TestCase
TestListener.settings = hypothesis.settings(max_examples=150, stateful_step_count=30)
