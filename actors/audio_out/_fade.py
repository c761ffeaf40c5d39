"""Fades: how a voice becomes silent without a click.

Plain Python: some thousand samples take a fraction of a millisecond, once for each interruption. A numerical library
would save less than its import takes, which would come in the middle of a call, at the first interruption.
"""

from __future__ import annotations

import functools
import math
from array import array
from typing import Final

#: From this gain on a fading sample counts as heard: half amplitude, -6 dB, where a raised cosine is half-way.
HEARD_GAIN: Final = 0.5


@functools.lru_cache(maxsize=32)
def fade_out_gains(samples: int) -> tuple[float, ...]:
    """A raised cosine from full gain to silence: no step in value or slope at either end."""
    step = math.pi / (samples + 1)
    return tuple(0.5 + 0.5 * math.cos(step * number) for number in range(1, samples + 1))


def apply_gains(pcm: bytes, gains: tuple[float, ...]) -> bytes:
    """Mono int16 samples, each multiplied by its gain; there are as many samples as gains."""
    samples = array("h", pcm)
    return array("h", [round(sample * gain) for sample, gain in zip(samples, gains, strict=True)]).tobytes()


def fade_out(pcm: bytes) -> bytes:
    """The samples, faded from full gain to silence over their whole length."""
    return apply_gains(pcm, fade_out_gains(len(pcm) // 2))


def fade_in(pcm: bytes) -> bytes:
    """The samples, faded from silence to full gain over their whole length."""
    return apply_gains(pcm, fade_out_gains(len(pcm) // 2)[::-1])
