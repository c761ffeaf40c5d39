"""Fades and glides: how a voice becomes silent, begins again, and jumps, without a click.

The law: from one sample to the next the output moves no further than the voice itself does there, or than a stated
bound, whichever is more. Where a gain alone would break it (the voice falls steeply just while the fade does), the
output lags by a few units for a few samples.

Plain Python: some thousand samples take a fraction of a millisecond, once for each interruption. A numerical library
would save less than its import takes, which would come in the middle of a call, at the first interruption.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

#: From this gain on a fading sample counts as heard: half amplitude, -6 dB, where a raised cosine is half-way.
HEARD_GAIN: Final = 0.5

#: From silence to full scale it takes at least so long, seconds, where the voice itself is not quicker. A speaker that
#: moves that slowly gives a soft onset and no click; the edge of a plosive is quicker.
GLIDE_S: Final = 0.002

_FULL_SCALE: Final = 32_768


def glide_step(rate_hz: int) -> int:
    """How far the output may move from one sample to the next where the voice itself does not, units of int16."""
    return math.ceil(_FULL_SCALE / (GLIDE_S * rate_hz))


def fade_step(rate_hz: int, fade_samples: int) -> int:
    """The same in a fade: short ones are steeper than a glide, and may be."""
    steepest = math.ceil(_FULL_SCALE * math.pi / 2 / (fade_samples + 1))  # of full scale, where the cosine crosses zero
    return max(glide_step(rate_hz), steepest + 1)  # 1: both neighbours are rounded


@functools.lru_cache(maxsize=32)
def fade_out_gains(samples: int) -> tuple[float, ...]:
    """A raised cosine from full gain to silence: no step in value or slope at either end."""
    step = math.pi / (samples + 1)
    return tuple(0.5 + 0.5 * math.cos(step * number) for number in range(1, samples + 1))


def heard_samples(fade_samples: int) -> int:
    """How many samples of a fade out count as heard."""
    return (fade_samples + 1) // 2  # a raised cosine crosses HEARD_GAIN in its middle


def follow(samples: Iterable[int], gains: Iterable[float], level: int, before: int, bound: int) -> array[int]:
    """Samples times gains, as far as the law lets the output move.

    Args:
        samples: mono int16.
        gains: one for each; it ends with the shorter of both.
        level: where the output is.
        before: the voice's sample before the first one; that one itself, where the two do not belong together.
        bound: how far the output may move where the voice does not move further.
    """
    samples = array("h", samples)
    output = array("h", [round(sample * gain) for sample, gain in zip(samples, gains, strict=False)])
    if _keeps_to(bound, output, samples, level, before):
        return output
    return _limited(output, samples, level, before, bound)


def _keeps_to(bound: int, output: array[int], samples: array[int], level: int, before: int) -> bool:
    """Whether the output moves nowhere further than the samples, or than the bound. Made for the case that it does."""
    steps = list(map(abs, map(operator.sub, output, itertools.chain((level,), output))))
    own = itertools.chain((before,), samples)
    return max(steps, default=0) <= bound or all(
        step <= bound or step <= abs(sample - last) for step, sample, last in zip(steps, samples, own, strict=False)
    )


def _limited(wanted: array[int], samples: array[int], level: int, before: int, bound: int) -> array[int]:
    output = array("h")
    for target, sample in zip(wanted, samples, strict=False):
        most = max(bound, abs(sample - before))
        level += max(-most, min(most, target - level))
        output.append(level)
        before = sample
    return output


def glide_to_silence(level: int, bound: int) -> array[int]:
    """From where the output is to zero; nothing, where a single step of no more than the bound leads there."""
    step = -bound if level > 0 else bound
    return array("h", range(level + step, 0, step))


def glide_into(pcm: bytes, level: int, bound: int) -> bytes:
    """The samples as they are, but for the first ones, where the output is still on its way to them.

    Args:
        pcm: mono int16.
        level: where the output is; it and the samples do not belong together.
        bound: how far the output may move where the voice does not move further.
    """
    samples = array("h", pcm)
    before = samples[0]
    if abs(before - level) <= bound:
        return pcm
    for index, sample in enumerate(samples):
        most = max(bound, abs(sample - before))
        level += max(-most, min(most, sample - level))
        samples[index] = level
        if level == sample:
            break
        before = sample
    return samples.tobytes()


def fade_in(pcm: bytes, fade_samples: int, bound: int) -> bytes:
    """The samples, from silence to full gain over the first ones of them.

    Args:
        pcm: mono int16.
        fade_samples: length of the fade.
        bound: how far the output may move where the voice does not move further.
    """
    samples = array("h", pcm)
    gains = itertools.chain(reversed(fade_out_gains(fade_samples)), itertools.repeat(1.0))
    return follow(samples, gains, 0, samples[0], bound).tobytes()


def steepest(samples: Iterable[int]) -> int:
    """The greatest step between neighbours."""
    return max((abs(after - before) for before, after in itertools.pairwise(samples)), default=0)
