"""Fades: how a voice becomes silent without a click."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Gains = npt.NDArray[np.float32]

#: From this gain on a fading sample counts as heard: half amplitude, -6 dB, where a raised cosine is half-way.
HEARD_GAIN: Final = 0.5


@functools.lru_cache(maxsize=32)
def fade_out_gains(samples: int) -> Gains:
    """A raised cosine from full gain to silence: no step in value or slope at either end."""
    import numpy as np

    gains: Gains = (0.5 + 0.5 * np.cos(np.pi * (np.arange(samples) + 1) / (samples + 1))).astype(np.float32)
    return gains


def apply_gains(pcm: bytes, gains: Gains) -> bytes:
    """Mono int16 samples, each multiplied by its gain; there are as many samples as gains."""
    import numpy as np

    scaled = np.frombuffer(pcm, dtype=np.int16) * gains
    faded: bytes = np.rint(scaled).astype(np.int16).tobytes()
    return faded


def fade_out(pcm: bytes) -> bytes:
    """The samples, faded from full gain to silence over their whole length."""
    samples = len(pcm) // 2
    return apply_gains(pcm, fade_out_gains(samples)) if samples else b""


def fade_in(pcm: bytes) -> bytes:
    """The samples, faded from silence to full gain over their whole length."""
    samples = len(pcm) // 2
    return apply_gains(pcm, fade_out_gains(samples)[::-1]) if samples else b""
