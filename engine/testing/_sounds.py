"""Sounds to check with, made of nothing; all mono int16."""

from __future__ import annotations

import itertools
from typing import Final

#: Texts that nobody planned for.
ODD_TEXTS: Final = (
    "",
    " ",
    "\n\t",
    "?!…",
    "🎉",
    "\N{ZERO WIDTH JOINER}",
    "a\0b",
    "\ufeff\u2028",
    "<speak>1 < 2 &amp; </speak>",
    "lone \ud800 surrogate",
    "word " * 1_000,
    "x" * 5_000,
)


def silence(samples: int) -> bytes:
    """No sound at all."""
    return bytes(2 * samples)


def square(samples: int, *, rate_hz: int) -> bytes:
    """As loud as int16 can be, at 200 Hz."""
    half = max(1, rate_hz // 400)
    high, low = (32_767).to_bytes(2, "little", signed=True), (-32_768).to_bytes(2, "little", signed=True)
    period = high * half + low * half
    return (period * (samples // (2 * half) + 1))[: 2 * samples]


def noise(samples: int) -> bytes:
    """Noise about as loud as speech, always the same."""
    # A linear congruential generator (Numerical Recipes); its upper bits are random enough to hear nothing in.
    state = 1
    values = bytearray()
    for _ in range(samples):
        state = (1_664_525 * state + 1_013_904_223) & 0xFFFF_FFFF
        values += ((state >> 20) - 2_048).to_bytes(2, "little", signed=True)
    return bytes(values)


def constant(samples: int) -> bytes:
    """A direct current."""
    return (10_000).to_bytes(2, "little", signed=True) * samples


def buzz(seconds: float, *, rate_hz: int) -> bytes:
    """Something like syllables: a hoarse voice at 120 Hz that comes and goes four times a second."""
    period = rate_hz // 120
    rough = memoryview(noise(period)).cast("h")
    shape = [round(8_000 * (1 - index / period)) + sample for index, sample in enumerate(rough)]
    syllable = rate_hz // 4
    loudness = [min(index, syllable - index, syllable // 4) / (syllable // 4) for index in range(syllable)]
    count = round(seconds * rate_hz)
    values = zip(itertools.cycle(shape), itertools.cycle(loudness), range(count), strict=False)
    return b"".join(round(sample * loud).to_bytes(2, "little", signed=True) for sample, loud, _ in values)
