"""No clicks: signals that do their worst, cut, paused, resumed and joined at every sample.

The law: from sample to sample the output moves no further than the source does there, or than a stated bound; and its
energy above a quarter of the rate is no more than the source's own, or than that of a single step of that bound.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from tests.actors.playouts import SENTENCE, fade_out, frames, playout_of, samples
from trialogue.actors import AudioOutSettings
from trialogue.actors.audio_out._joins import Joins
from trialogue.frames import AudioFormat, SpeechAudio

if TYPE_CHECKING:
    import numpy.typing as npt

    Samples = npt.NDArray[np.int64]

RATES = (8_000, 16_000, 24_000, 48_000)
PERIOD = 240  # of every signal, samples; so a cut may come at so many different offsets
FULL = 32_767
every_rate = pytest.mark.parametrize("rate_hz", RATES)


def periodic_signals() -> dict[str, Samples]:
    """Full-scale signals, one period of each."""
    at = np.arange(PERIOD)
    random = np.random.default_rng(5)
    periods = (1, 3, 13, 30, 59, 60, 61, 90, 119)  # up to half the rate; 60 are a quarter of it
    made = {f"{count} periods of a sine": FULL * np.sin(2 * np.pi * count * at / PERIOD) for count in periods}
    made |= {f"a square wave of {width}": np.where(at % width < width // 2, FULL, -FULL) for width in (4, 48, 240)}
    made |= {
        "alternating": np.where(at % 2, FULL, -FULL),
        "a level": np.full(PERIOD, FULL),
        "the lowest level": np.full(PERIOD, -32_768),
        "white noise": random.integers(-32_768, 32_768, PERIOD),
        "sparse noise": random.choice([0, FULL, -FULL], PERIOD),
        "an impulse": np.where(at == 0, FULL, 0),
        "impulses": np.where(at % 48 == 0, FULL, -FULL),
        "a sawtooth": FULL - at * 65_535 // PERIOD,
        "a steep sawtooth": FULL - at * 2_730 % 65_520,
    }
    return {name: np.rint(signal).astype(np.int64) for name, signal in made.items()}


SIGNALS: Final = periodic_signals()
every_signal = pytest.mark.parametrize("name", SIGNALS)


def limited(source: Samples, gains: npt.NDArray[np.float64], level: Samples, before: Samples, bound: int) -> Samples:
    """Rows of samples times gains from a level on, each row moving no further than the law allows."""
    output = np.empty_like(source)
    for column, gain in enumerate(gains):
        sample = source[:, column]
        most = np.maximum(bound, np.abs(sample - before))
        level = level + np.clip(np.rint(sample * gain).astype(np.int64) - level, -most, most)
        output[:, column], before = level, sample
    return output


def rows(signal: Samples, offsets: Samples, first: int, last: int) -> Samples:
    """For each offset the samples around it."""
    return np.asarray(signal[(offsets[:, None] + np.arange(first, last)) % PERIOD])


def sharp_energy(signals: Samples) -> npt.NDArray[np.float64]:
    """Each row's energy above a quarter of the rate."""
    taps = np.arange(-63, 64)
    highpass = (np.where(taps == 0, 1.0, 0.0) - 0.5 * np.sinc(0.5 * taps)) * np.kaiser(127, 8.0)
    size = 1 << (signals.shape[1] + 126).bit_length()
    spectrum = np.fft.rfft(signals, size, axis=1) * np.fft.rfft(highpass, size)
    inner: npt.NDArray[np.float64] = np.fft.irfft(spectrum, size, axis=1)[:, 126 : signals.shape[1]]
    return np.asarray((inner**2).sum(axis=1))


def energy_of_step(height: int) -> float:
    """The energy above a quarter of the rate of a single step: its spectrum is `height / (2 sin(w / 2))`."""
    return float(height**2 / (2 * np.pi))


def hold_the_law(output: Samples, source: Samples, bound: int) -> None:
    """Check rows of output against the source that lies beside it, sample by sample."""
    steps, own = np.abs(np.diff(output, axis=1)), np.abs(np.diff(source, axis=1))
    assert (steps <= np.maximum(own, bound)).all()
    assert (sharp_energy(output) <= np.maximum(sharp_energy(source), energy_of_step(bound)) * 1.001).all()


def cut_tails(signal: Samples, offsets: Samples, fade: int, bound: int) -> Samples:
    """What is played after a cut at each offset."""
    level = signal[(offsets - 1) % PERIOD]
    return limited(rows(signal, offsets, 0, fade), fade_out(fade, fade), level, level, bound)


@every_rate
@every_signal
def test_a_cut_or_a_pause_at_any_sample_does_not_click(rate_hz: int, name: str) -> None:
    signal, fade, bound = SIGNALS[name], round(0.08 * rate_hz), AudioOutSettings().click_bound(rate_hz)
    offsets = np.arange(PERIOD)
    tails = cut_tails(signal, offsets, fade, bound)
    silence = np.zeros((PERIOD, 150), dtype=np.int64)
    hold_the_law(
        np.hstack([rows(signal, offsets, -150, 0), tails, silence]), rows(signal, offsets, -150, fade + 150), bound
    )


@every_rate
@every_signal
def test_going_on_at_any_sample_does_not_click(rate_hz: int, name: str) -> None:
    signal, fade, bound = SIGNALS[name], round(0.01 * rate_hz), AudioOutSettings().click_bound(rate_hz)
    offsets = np.arange(PERIOD)
    going_on = rows(signal, offsets, 0, fade + 150)
    gains = np.concatenate([fade_out(fade, fade)[::-1], np.ones(150)])
    heard = limited(going_on, gains, np.zeros(PERIOD, dtype=np.int64), going_on[:, 0], bound)
    assert (heard[:, fade + 50 :] == going_on[:, fade + 50 :]).all(), "it has caught up with the voice"
    silence = np.zeros((PERIOD, 150), dtype=np.int64)
    hold_the_law(np.hstack([silence, heard]), rows(signal, offsets, -150, fade + 150), bound)


@hypothesis.settings(max_examples=60)  # of a proof that is elsewhere
@hypothesis.given(
    name=st.sampled_from(sorted(SIGNALS)),
    rate_hz=st.sampled_from(RATES),
    offset=st.integers(0, PERIOD - 1),
    fade_s=st.sampled_from([0.08, 0.02, 0.001]),
)
def test_what_is_proved_at_every_sample_is_what_a_playout_plays(
    name: str, rate_hz: int, offset: int, fade_s: float
) -> None:
    signal, frame, format = SIGNALS[name], rate_hz // 50, AudioFormat(rate_hz=rate_hz)
    settings = AudioOutSettings(fade_s=fade_s)
    fade, fade_in = format.samples(fade_s), format.samples(settings.fade_in_s)
    lead = np.rint(np.linspace(0, signal[offset], 10 * frame)).astype(np.int64)
    source = np.concatenate([lead, signal[(offset + np.arange(rate_hz)) % PERIOD]])
    sound = SpeechAudio(pcm=source.astype(np.int16).tobytes(), format=format)
    playout = playout_of(SENTENCE, sound, format=format, settings=settings)
    assert (frames(playout, 12) == source[: 12 * frame]).all()

    def expected_tail(at: int) -> Samples:
        return np.asarray(cut_tails(signal, np.array([at]), fade, settings.click_bound(rate_hz))[0])

    playout.pause()
    rest = frames(playout)
    assert (rest[:fade] == expected_tail(offset + 2 * frame)).all()
    assert not rest[fade:].any()
    playout.resume()
    going_on = rows(signal, np.array([offset + 2 * frame]), 0, 2 * frame)
    gains = np.concatenate([fade_out(fade_in, fade_in)[::-1], np.ones(2 * frame - fade_in)])
    bound = AudioOutSettings().click_bound(rate_hz)
    assert (frames(playout, 2) == limited(going_on, gains, np.array([0]), going_on[:, 0], bound)[0]).all()
    playout.cut()
    assert (frames(playout)[:fade] == expected_tail(offset + 4 * frame)).all()


def test_a_fade_of_0_cuts_hard() -> None:
    format = AudioFormat(rate_hz=8_000)
    sound = SpeechAudio(pcm=SIGNALS["1 periods of a sine"].astype(np.int16).tobytes() * 20, format=format)
    playout = playout_of(SENTENCE, sound, format=format, settings=AudioOutSettings(fade_s=0.0))
    frames(playout, 12)
    playout.cut()
    assert playout.frame() is None
    assert playout.played_samples == 12 * 160


def joined(rate_hz: int, *pieces: Samples) -> list[Samples]:
    """The pieces of a voice as they are played one after another."""
    joins = Joins(rate_hz)
    return [samples(joins.join(piece.astype(np.int16).tobytes())).astype(np.int64) for piece in pieces]


def own_step(signal: Samples) -> int:
    return int(np.abs(np.diff(signal)).max())


@every_rate
@every_signal
def test_pieces_of_any_two_voices_follow_each_other_without_a_click(rate_hz: int, name: str) -> None:
    bound, around = AudioOutSettings().click_bound(rate_hz), round(0.005 * rate_hz)
    for offset, after in ((offset, after) for offset in (0, 7, 60) for after in SIGNALS.values()):
        pieces = [np.roll(SIGNALS[name], offset), np.roll(after, 3 * offset)]
        steps = np.abs(np.diff(np.concatenate([[0], *joined(rate_hz, *pieces)])))
        first, second = own_step(pieces[0]), own_step(pieces[1])
        assert steps[:PERIOD].max() <= max(first, bound), "silence, and the first piece"
        assert steps[PERIOD + 1 :].max() <= max(second, bound), "the second piece"
        near = max(own_step(pieces[0][-around:]), own_step(pieces[1][:around]))
        assert steps[PERIOD] <= max(near, bound), "at the join, it is the sound around it that counts"


@every_rate
@every_signal
def test_a_join_is_no_sharper_than_what_it_joins(rate_hz: int, name: str) -> None:
    """A voice that ends or begins in the middle of a wave has the edge of one step of its own there."""
    bound, around = AudioOutSettings().click_bound(rate_hz), round(0.005 * rate_hz)
    before = SIGNALS[name]
    lead = np.linspace(0, before[0], 1000).astype(np.int64)
    outputs, limits = [], []
    for signal in SIGNALS.values():
        after = np.tile(signal, 2)
        _, first, second = joined(rate_hz, lead, before, after)
        if abs(after[0] - before[-1]) <= max(own_step(before[-around:]), own_step(after[:around]), bound):
            assert (first == before).all()
            assert (second == after).all(), "what belongs together stays as it is, to the bit"
            continue
        assert (second[around:] == after[around:]).all(), "soon it is as it was"
        whole = np.vstack([np.tile(before, 3), np.tile(signal, 3)])
        edges = [energy_of_step(max(own_step(piece), bound)) for piece in (before, after)]
        outputs.append(np.concatenate([first, second]))
        limits.append(np.sqrt(sharp_energy(whole).max()) + np.sqrt(edges).sum())
    if outputs:
        assert (np.sqrt(sharp_energy(np.vstack(outputs))) <= limits).all()


@hypothesis.given(
    pieces=st.lists(st.lists(st.sampled_from([0, 1000, -1000, FULL, -32_768]), max_size=30), max_size=8),
    rate_hz=st.sampled_from(RATES),
)
def test_pieces_of_any_length_keep_their_lengths_and_the_law(pieces: list[list[int]], rate_hz: int) -> None:
    made = joined(rate_hz, *(np.array(piece, dtype=np.int64) for piece in pieces))
    assert [len(piece) for piece in made] == [len(piece) for piece in pieces]
    own = max((abs(b - a) for piece in pieces for a, b in itertools.pairwise(piece)), default=0)
    steps = np.abs(np.diff(np.concatenate([[0], *made])))
    assert steps.max(initial=0) <= max(own, AudioOutSettings().click_bound(rate_hz))
