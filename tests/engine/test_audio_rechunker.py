"""Cutting a stream into even pieces loses nothing, adds nothing and keeps every sample's position."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialogue.engine import AudioError, ConfigurationError, Rechunker
from trialogue.frames import AudioFormat, AudioFrame

MONO = AudioFormat(rate_hz=16_000)
formats = st.builds(
    AudioFormat,
    rate_hz=st.just(16_000),
    channels=st.sampled_from([1, 2]),
    dtype=st.sampled_from(["int16", "float32"]),
)


def numbered(format: AudioFormat, at_sample: int, samples: int) -> AudioFrame:
    """A frame in which every byte tells its place, never 0, so that silence can be told apart."""
    size = format.bytes_per_sample
    pcm = bytes(byte % 255 + 1 for byte in range(at_sample * size, (at_sample + samples) * size))
    return AudioFrame(pcm=pcm, at_sample=at_sample, format=format)


@given(
    format=formats,
    samples=st.integers(1, 50),
    first=st.integers(0, 1_000),
    lengths=st.lists(st.integers(0, 120), max_size=12),
)
def test_nothing_is_lost_or_added(format: AudioFormat, samples: int, first: int, lengths: list[int]) -> None:
    rechunker = Rechunker(samples, format)
    pieces: list[AudioFrame] = []
    at = first
    for length in lengths:
        pieces += rechunker.push(numbered(format, at, length))
        at += length
    assert all(piece.samples == samples for piece in pieces)
    assert rechunker.held_samples < samples
    pieces += rechunker.finish()

    assert b"".join(piece.pcm for piece in pieces) == numbered(format, first, at - first).pcm
    for piece in pieces:
        assert piece == numbered(format, first, piece.samples)
        first = piece.end_sample
    assert rechunker.finish() == []


@given(
    format=formats,
    samples=st.integers(1, 50),
    stretches=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=10),
)
def test_a_gap_is_silence_and_moves_nothing(
    format: AudioFormat, samples: int, stretches: list[tuple[int, int]]
) -> None:
    rechunker = Rechunker(samples, format)
    pieces: list[AudioFrame] = []
    at = 0
    given_line = bytearray()
    for length, gap in stretches:
        pieces += rechunker.push(numbered(format, at, length))
        given_line += numbered(format, at, length).pcm + format.silence(gap)
        at += length + gap
    pieces += rechunker.finish(pad=True)

    line = bytearray(len(given_line) + samples * format.bytes_per_sample)
    end = 0
    for piece in pieces:
        assert piece.samples == samples
        assert piece.at_sample >= end
        end = piece.end_sample
        start = piece.at_sample * format.bytes_per_sample
        line[start : start + len(piece.pcm)] = piece.pcm
    assert line[: len(given_line)] == given_line
    assert not any(line[len(given_line) :])


def test_a_frame_that_fits_is_handed_through() -> None:
    frame = numbered(MONO, 0, 320)
    assert Rechunker(320, MONO).push(frame)[0] is frame


def test_finish_gives_the_rest_as_it_is_or_padded() -> None:
    rechunker = Rechunker(320, MONO)
    assert rechunker.push(numbered(MONO, 40, 100)) == []
    assert rechunker.finish() == [numbered(MONO, 40, 100)]
    assert rechunker.push(numbered(MONO, 7, 100)) == []  # a new stream may start anywhere
    [padded] = rechunker.finish(pad=True)
    assert padded.at_sample == 7
    assert padded.pcm == numbered(MONO, 7, 100).pcm + bytes(440)


def test_errors_say_what_is_wrong_and_take_nothing() -> None:
    rechunker = Rechunker(320, MONO)
    rechunker.push(numbered(MONO, 0, 100))
    with pytest.raises(AudioError, match="before sample 100"):
        rechunker.push(numbered(MONO, 99, 100))
    with pytest.raises(AudioError, match="no whole number"):
        rechunker.push(AudioFrame(pcm=b"123", at_sample=100, format=MONO))
    with pytest.raises(AudioError, match="was made for"):
        rechunker.push(numbered(attrs.evolve(MONO, rate_hz=8_000), 100, 1))
    assert rechunker.finish() == [numbered(MONO, 0, 100)]
    with pytest.raises(ConfigurationError, match="samples is 0"):
        Rechunker(0, MONO)
