"""Audio conversion: exact in length and position, and blind to how the stream was cut."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
import textwrap
from fractions import Fraction
from typing import TYPE_CHECKING, get_args

import attrs
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trialogue.engine import (
    AudioError,
    ConfigurationError,
    Resampler,
    ResamplingQuality,
    from_numpy,
    rescale_position,
    to_numpy,
)
from trialogue.frames import AudioFormat, AudioFrame, SampleType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RATES = [8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000]

formats = st.builds(
    AudioFormat,
    rate_hz=st.sampled_from(RATES),
    channels=st.sampled_from([1, 2]),
    dtype=st.sampled_from(get_args(SampleType)),
)
cuttings = st.lists(st.integers(0, 3_000), min_size=1, max_size=12)


def noise(format: AudioFormat, samples: int, seed: int = 0) -> bytes:
    """Speech-loud noise, so that every sample counts."""
    floats = np.random.default_rng(seed).normal(0, 0.1, samples * format.channels)
    if format.dtype == "int16":
        return (floats * 32_767).astype(np.int16).tobytes()
    return floats.astype(np.float32).tobytes()


def cut(pcm: bytes, format: AudioFormat, lengths: Iterable[int], first: int = 0) -> Iterator[AudioFrame]:
    """The same sound as frames of those lengths, over and over."""
    at, size = 0, format.bytes_per_sample
    for length in lengths:
        part = pcm[at * size : (at + length) * size]
        yield AudioFrame(pcm=part, at_sample=first + at, format=format)
        at += length
        if at * size >= len(pcm):
            return


def converted(resampler: Resampler, frames: Iterable[AudioFrame]) -> list[AudioFrame]:
    made = [resampler.push(frame) for frame in frames]
    return [frame for frame in [*made, resampler.finish()] if frame is not None]


def joined(frames: Iterable[AudioFrame]) -> bytes:
    return b"".join(frame.pcm for frame in frames)


def assert_contiguous(frames: list[AudioFrame], first: int) -> None:
    for frame in frames:
        assert frame.at_sample == first
        first = frame.end_sample


@example(at=1, source=16_000, target=8_000)  # a half goes to the even side
@example(at=3, source=16_000, target=8_000)
@given(at=st.integers(-(10**12), 10**12), source=st.sampled_from(RATES), target=st.sampled_from(RATES))
def test_a_position_is_rescaled_like_round_of_the_exact_ratio(at: int, source: int, target: int) -> None:
    assert rescale_position(at, source, target) == round(Fraction(at * target, source))


@given(
    source=formats,
    target=formats,
    quality=st.sampled_from(get_args(ResamplingQuality)),
    samples=st.integers(1, 20_000),
    first=st.integers(0, 10**9),
    lengths=cuttings,
)
def test_no_cutting_changes_the_samples_or_the_length(
    source: AudioFormat,
    target: AudioFormat,
    quality: ResamplingQuality,
    samples: int,
    first: int,
    lengths: list[int],
) -> None:
    pcm = noise(source, samples)
    whole = converted(Resampler(source, target, quality), cut(pcm, source, [samples], first))
    pieces = converted(Resampler(source, target, quality), cut(pcm, source, itertools.cycle([*lengths, 160]), first))

    assert joined(pieces) == joined(whole)
    start = rescale_position(first, source.rate_hz, target.rate_hz)
    end = rescale_position(first + samples, source.rate_hz, target.rate_hz)
    assert_contiguous([frame for frame in pieces if frame.samples], start)
    assert sum(frame.samples for frame in pieces) == end - start
    assert all(frame.format == target for frame in pieces)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("source_hz", "target_hz", "quality", "minutes"),
    [
        (48_000, 16_000, "live", 10),
        (16_000, 8_000, "live", 60),
        (48_000, 16_000, "MQ", 10),
        (44_100, 16_000, "MQ", 10),
        (16_000, 48_000, "LQ", 10),
        (11_025, 8_000, "HQ", 60),
        (7_999, 8_001, "live", 60),
    ],
)
def test_a_long_call_is_exact_to_the_sample(
    source_hz: int, target_hz: int, quality: ResamplingQuality, minutes: int
) -> None:
    source, target = AudioFormat(rate_hz=source_hz), AudioFormat(rate_hz=target_hz)
    tone = (np.sin(np.arange(source_hz) * (2 * math.pi * 100 / source_hz)) * 9_000).astype(np.int16).tobytes()
    samples = source_hz * 60 * minutes + 13
    resampler = Resampler(source, target, quality)

    position = at = 0
    while at < samples:
        length = min(source_hz, samples - at)
        out = resampler.push(AudioFrame(pcm=tone[: 2 * length], at_sample=at, format=source))
        at += length
        if out is not None:
            assert out.at_sample == position
            position = out.end_sample
            # Whole periods of 100 Hz: the tone must not have wandered against the sample count.
            if target_hz % 100 == 0 and at > source_hz and at < samples:
                expected = np.sin(np.arange(out.at_sample, out.end_sample) * (2 * math.pi * 100 / target_hz)) * 9_000
                assert np.abs(to_numpy(out)[:, 0] - expected).max() < 30
    last = resampler.finish()
    assert last is not None
    assert last.at_sample == position
    assert last.end_sample == round(Fraction(samples * target_hz, source_hz))


@pytest.mark.parametrize("quality", get_args(ResamplingQuality))
@pytest.mark.parametrize(("source_hz", "target_hz"), [(48_000, 16_000), (8_000, 48_000), (44_100, 16_000)])
def test_a_click_stays_where_it_was(source_hz: int, target_hz: int, quality: ResamplingQuality) -> None:
    source = AudioFormat(rate_hz=source_hz)
    click = np.zeros(source_hz, dtype=np.int16)
    click[source_hz // 2] = 20_000
    frames = cut(click.tobytes(), source, itertools.repeat(source_hz // 50))
    out = np.frombuffer(joined(converted(Resampler(source, AudioFormat(rate_hz=target_hz), quality), frames)), np.int16)
    assert int(np.abs(out.astype(int)).argmax()) == target_hz // 2


@pytest.mark.parametrize("quality", get_args(ResamplingQuality))
@pytest.mark.parametrize(
    ("source_hz", "target_hz"), [(16_000, 8_000), (8_000, 16_000), (48_000, 16_000), (22_050, 8_000)]
)
def test_speech_passes_as_loud_as_it_was_and_nothing_else_comes_in(
    source_hz: int, target_hz: int, quality: ResamplingQuality
) -> None:
    """Up to 0.4 of the lower rate (soxr's LQ: 0.33) nothing changes; no tone turns into one that was not there."""
    source, target = (AudioFormat(rate_hz=rate, dtype="float32") for rate in (source_hz, target_hz))
    lower_hz = min(source_hz, target_hz)

    def spectrum(frequency_hz: float) -> np.ndarray:
        wave = np.sin(np.arange(2 * source_hz) * (2 * math.pi * frequency_hz / source_hz)).astype(np.float32)
        frames = cut(wave.tobytes(), source, itertools.repeat(source_hz // 50))
        out = np.frombuffer(joined(converted(Resampler(source, target, quality), frames)), np.float32)
        middle = out[target_hz // 2 : target_hz // 2 + target_hz]
        return np.abs(np.fft.rfft(middle * np.blackman(len(middle)))) / (len(middle) * 0.42 / 2)

    for frequency_hz in (100, 1_000, round((0.33 if quality == "LQ" else 0.4) * lower_hz)):
        levels = spectrum(frequency_hz)
        assert levels[frequency_hz] == pytest.approx(1, abs=0.01)
        levels[frequency_hz - 3 : frequency_hz + 4] = 0
        assert levels.max() < 1e-3
    for frequency_hz in np.linspace(0.52 * lower_hz, 0.49 * source_hz, 5) if target_hz < source_hz else ():
        assert spectrum(round(frequency_hz)).max() < 1e-3


def test_live_resampling_holds_back_four_milliseconds_at_most() -> None:
    for source_hz, target_hz in itertools.permutations(RATES, 2):
        source, target = AudioFormat(rate_hz=source_hz), AudioFormat(rate_hz=target_hz)
        resampler = Resampler(source, target)
        for frame in cut(noise(source, source_hz // 5), source, itertools.repeat(source_hz // 50)):
            out = resampler.push(frame)
            assert out is not None
            held_s = frame.end_sample / source_hz - out.end_sample / target_hz
            assert 0 <= held_s <= 0.0042


@given(
    gaps=st.lists(st.tuples(st.integers(1, 3_000), st.integers(0, 100_000)), min_size=1, max_size=6),
    rates=st.tuples(st.sampled_from(RATES), st.sampled_from(RATES)),
    quality=st.sampled_from(get_args(ResamplingQuality)),
)
def test_a_gap_stays_a_gap_at_its_place(
    gaps: list[tuple[int, int]], rates: tuple[int, int], quality: ResamplingQuality
) -> None:
    source, target = (AudioFormat(rate_hz=rate) for rate in rates)
    frames: list[AudioFrame] = []
    at = 0
    for length, gap in gaps:
        frames.append(AudioFrame(pcm=noise(source, length), at_sample=at, format=source))
        at += length + gap

    covered: set[int] = set()
    for frame in converted(Resampler(source, target, quality), frames):
        stretch = set(range(frame.at_sample, frame.end_sample))
        assert not covered & stretch
        covered |= stretch
    assert covered == {
        sample
        for frame in frames
        for sample in range(
            rescale_position(frame.at_sample, *rates),
            rescale_position(frame.end_sample, *rates),
        )
    }


def test_each_side_of_a_gap_sounds_as_if_it_were_alone() -> None:
    source, target = AudioFormat(rate_hz=48_000), AudioFormat(rate_hz=16_000)
    one, two = (AudioFrame(pcm=noise(source, 960, seed), at_sample=seed * 96_000, format=source) for seed in (0, 1))
    together = converted(Resampler(source, target), [one, two])
    alone = converted(Resampler(source, target), [one]) + converted(Resampler(source, target), [two])
    assert joined(together) == joined(alone)


def test_a_resampler_can_be_used_again_after_finish() -> None:
    source, target = AudioFormat(rate_hz=48_000), AudioFormat(rate_hz=16_000)
    frame = AudioFrame(pcm=noise(source, 4_800), at_sample=0, format=source)
    resampler = Resampler(source, target)
    assert converted(resampler, [frame]) == converted(resampler, [frame])
    assert resampler.finish() is None


def test_equal_formats_hand_the_very_same_frame_through() -> None:
    format = AudioFormat(rate_hz=16_000)
    frame = AudioFrame(pcm=bytes(640), at_sample=0, format=format)
    resampler = Resampler(format, format)
    assert resampler.push(frame) is frame
    assert resampler.finish() is None


@given(st.binary(min_size=2, max_size=400).filter(lambda pcm: len(pcm) % 2 == 0))
def test_int16_survives_float32_bit_by_bit(pcm: bytes) -> None:
    ints, floats = AudioFormat(rate_hz=16_000), AudioFormat(rate_hz=16_000, dtype="float32")
    frame = AudioFrame(pcm=pcm, at_sample=7, format=ints)
    there = Resampler(ints, floats).push(frame)
    assert there is not None
    assert np.abs(to_numpy(there)).max() <= 1.0
    assert Resampler(floats, ints).push(there) == frame


def test_loud_floats_clip_and_do_not_wrap() -> None:
    floats, ints = AudioFormat(rate_hz=16_000, dtype="float32"), AudioFormat(rate_hz=16_000)
    pcm = np.array([1.0, 1.5, 900.0, -1.0, -1.5, -900.0, 0.5], dtype=np.float32).tobytes()
    out = Resampler(floats, ints).push(AudioFrame(pcm=pcm, at_sample=0, format=floats))
    assert out is not None
    assert to_numpy(out)[:, 0].tolist() == [32_767, 32_767, 32_767, -32_768, -32_768, -32_768, 16_384]


def test_ringing_of_a_full_scale_square_wave_clips() -> None:
    source, target = AudioFormat(rate_hz=48_000), AudioFormat(rate_hz=16_000)
    square = np.where(np.arange(48_000) // 240 % 2 == 0, 32_767, -32_768).astype(np.int16)
    out = np.frombuffer(joined(converted(Resampler(source, target), cut(square.tobytes(), source, [48_000]))), np.int16)
    assert (np.sign(out[40:-40:80].astype(int)) == np.where(np.arange(len(out[40:-40:80])) % 2 == 0, 1, -1)).all()


def test_stereo_becomes_mono_by_the_mean_and_mono_stereo_by_copying() -> None:
    mono, stereo = AudioFormat(rate_hz=8_000), AudioFormat(rate_hz=8_000, channels=2)
    pcm = np.array([[100, 200], [-32_768, -32_768], [32_767, 32_767], [1, -1]], dtype=np.int16).tobytes()
    mixed = Resampler(stereo, mono).push(AudioFrame(pcm=pcm, at_sample=5, format=stereo))
    assert mixed is not None
    assert mixed.at_sample == 5
    assert to_numpy(mixed)[:, 0].tolist() == [150, -32_768, 32_767, 0]
    doubled = Resampler(mono, stereo).push(mixed)
    assert doubled is not None
    assert to_numpy(doubled).tolist() == [[150, 150], [-32_768, -32_768], [32_767, 32_767], [0, 0]]


def test_channels_keep_apart_while_resampled() -> None:
    source, target = AudioFormat(rate_hz=48_000, channels=2), AudioFormat(rate_hz=16_000, channels=2)
    both = np.frombuffer(noise(source, 9_600), np.int16).reshape(-1, 2)
    one_in, one_out = attrs.evolve(source, channels=1), attrs.evolve(target, channels=1)
    out = np.frombuffer(joined(converted(Resampler(source, target), cut(both.tobytes(), source, [9_600]))), np.int16)
    for channel in (0, 1):
        alone = converted(Resampler(one_in, one_out), cut(both[:, channel].tobytes(), one_in, [9_600]))
        assert out.reshape(-1, 2)[:, channel].tobytes() == joined(alone)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 31_000.0])
@pytest.mark.parametrize("target", [AudioFormat(rate_hz=16_000), AudioFormat(rate_hz=8_000)])
def test_floats_that_are_no_sound_raise_or_become_silence(bad: float, target: AudioFormat) -> None:
    source = AudioFormat(rate_hz=16_000, dtype="float32")
    samples = np.full(1_600, 0.25, dtype=np.float32)
    good = AudioFrame(pcm=samples.tobytes(), at_sample=0, format=source)
    samples[800] = bad
    frame = AudioFrame(pcm=samples.tobytes(), at_sample=1_600, format=source)
    samples[800] = 0
    mended = AudioFrame(pcm=samples.tobytes(), at_sample=1_600, format=source)

    strict = Resampler(source, target)
    kept = strict.push(good)
    with pytest.raises(AudioError, match=r"sample 2400 is .*(finite|32768)"):
        strict.push(frame)
    rest = [kept, strict.push(mended), strict.finish()]  # the refused frame left no trace
    assert joined(part for part in rest if part) == joined(converted(Resampler(source, target), [good, mended]))

    lenient = Resampler(source, target, not_finite="silence")
    assert joined(converted(lenient, [good, frame])) == joined(converted(Resampler(source, target), [good, mended]))


def test_errors_name_the_position_and_change_nothing() -> None:
    source, target = AudioFormat(rate_hz=48_000), AudioFormat(rate_hz=16_000)
    frame = AudioFrame(pcm=noise(source, 960), at_sample=960, format=source)
    resampler = Resampler(source, target)
    untouched = converted(Resampler(source, target), [frame])
    first = resampler.push(frame)
    with pytest.raises(AudioError, match=r"sample 1919 lies before sample 1920"):
        resampler.push(attrs.evolve(frame, at_sample=1_919))
    with pytest.raises(AudioError, match=r"no whole number of samples"):
        resampler.push(attrs.evolve(frame, at_sample=1_920, pcm=b"123"))
    with pytest.raises(AudioError, match=r"was made for"):
        resampler.push(AudioFrame(pcm=b"", at_sample=1_920, format=target))
    assert [first, resampler.finish()] == untouched


def test_more_than_two_channels_convert_only_by_way_of_mono() -> None:
    surround, stereo, mono = (AudioFormat(rate_hz=48_000, channels=n) for n in (6, 2, 1))
    with pytest.raises(ConfigurationError, match="6 channels into 2"):
        Resampler(surround, stereo)
    pcm = np.arange(12, dtype=np.int16).tobytes()
    out = Resampler(surround, mono).push(AudioFrame(pcm=pcm, at_sample=0, format=surround))
    assert out is not None
    assert to_numpy(out)[:, 0].tolist() == [2, 8]  # means 2.5 and 8.5, rounded to even


def test_numpy_and_back() -> None:
    format = AudioFormat(rate_hz=24_000, channels=2, dtype="float32")
    frame = AudioFrame(pcm=noise(format, 480), at_sample=96, format=format)
    samples = to_numpy(frame)
    assert samples.shape == (480, 2)
    assert not samples.flags.writeable
    assert from_numpy(samples, at_sample=96, rate_hz=24_000) == frame
    with pytest.raises(AudioError, match="float64"):
        from_numpy(np.zeros(3), at_sample=0, rate_hz=8_000)  # type: ignore[arg-type]  # the error is the point


def test_importing_the_engine_loads_neither_numpy_nor_soxr() -> None:
    code = "import sys, trialogue.engine; print({'numpy', 'soxr', 'soundfile', 'av'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_resampler_imports_what_it_needs_when_it_is_made_and_not_in_mid_call() -> None:
    code = """
        import sys
        from trialogue.engine import Resampler
        from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame
        line = AudioFormat(rate_hz=8_000)
        same, live = Resampler(line, line), Resampler(line, SPEECH_FORMAT)
        assert "soxr" not in sys.modules
        best = Resampler(line, SPEECH_FORMAT, "HQ")
        before = set(sys.modules)
        for resampler in (same, live, best):
            resampler.push(AudioFrame(pcm=bytes(16_000), at_sample=0, format=line))
            resampler.finish()
        print(set(sys.modules) - before)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
