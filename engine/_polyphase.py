"""Changing the rate of live speech within milliseconds: a polyphase filter, exact and the same for every cutting.

soxr works in blocks of a Fourier transform. They are cheap, but between 8 and 16 kHz they hold speech back for up to
61 ms at `LQ` and 118 ms at `MQ`, unevenly. A plain filter holds back half its length, evenly: 2 ms, or 4 ms at 8 kHz.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

#: Half the filter's length, in samples of the lower rate: the delay that a listener pays.
_HALF_LENGTH: Final = 32

#: How far everything above half the lower rate is put down, dB. 16-bit noise lies there for speech at usual loudness.
#: With the length this leaves sound up to 0.42 of the lower rate as it is: 3.4 kHz of a telephone's 8 kHz.
_STOP_BAND_DB: Final = 80.0

#: Between the usual rates there are at most 640 phases (11,025 to 48,000 Hz); odder ratios would need large tables.
MOST_PHASES: Final = 640

#: Up to so many phases it is faster to go through them one by one.
_FEW_PHASES: Final = 8

#: Output samples that are made at once elsewhere: few enough to stay in the processor's cache.
_BATCH: Final = 512


def reduced(source_hz: int, target_hz: int) -> tuple[int, int]:
    """The ratio of two rates in lowest terms: (output samples, input samples)."""
    common = math.gcd(source_hz, target_hz)
    return target_hz // common, source_hz // common


@functools.lru_cache(maxsize=16)
def _phases(up: int, down: int) -> tuple[int, Floats]:
    """Half the filter's length in input samples, and one row of weights for each place between two input samples.

    A sinc in a Kaiser window (Kaiser 1974: the formulas for `beta` and the width of the transition).
    """
    import numpy as np

    half = math.ceil(_HALF_LENGTH * max(1.0, down / up))
    beta = 0.1102 * (_STOP_BAND_DB - 8.7)
    transition = (_STOP_BAND_DB - 7.95) / (14.36 * 2 * _HALF_LENGTH)
    cutoff = (0.5 - transition / 2) * min(1.0, up / down)
    distance = np.arange(-half + 1, half + 1)[np.newaxis, :] - np.arange(up)[:, np.newaxis] / up
    window = np.i0(beta * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, None)))
    weights = np.sinc(2 * cutoff * distance) * window
    weights /= weights.sum(axis=1, keepdims=True)  # no phase is louder than another, else a steady tone would buzz
    return half, weights.astype(np.float32)


class PolyphaseStream:
    """One stretch of sound on its way to another rate. Called as `soxr.ResampleStream` is.

    Args:
        source_hz: rate of the input.
        target_hz: rate of the output; the ratio in lowest terms has at most `MOST_PHASES` output samples.
        channels: how many there are.
    """

    def __init__(self, source_hz: int, target_hz: int, channels: int) -> None:
        import numpy as np

        self._up, self._down = reduced(source_hz, target_hz)
        self._half, self._weights = _phases(self._up, self._down)
        #: Input that is still needed, one row for each channel; before the beginning there was silence.
        self._held = np.zeros((channels, self._half - 1), dtype=np.float32)
        #: Position of the first held sample, counted from the beginning.
        self._held_from = 1 - self._half
        self._made = 0

    def resample_chunk(self, samples: Floats, last: bool = False) -> Floats:
        """Take (samples, channels) and give those that are ready; with `last`, as if silence followed."""
        import numpy as np

        parts = [self._held, samples.T]
        if last:
            parts.append(np.zeros((len(self._held), self._half), dtype=np.float32))
        held = np.concatenate(parts, axis=1)
        ready = held.shape[1] + self._held_from - self._half  # an output needs half a filter of input after it
        made_to = max(self._made, -(-ready * self._up // self._down))
        made = np.empty((made_to - self._made, len(held)), dtype=np.float32)
        for channel, line in enumerate(held):
            if self._up <= _FEW_PHASES:
                self._filter_by_phase(line, made[:, channel])
            else:
                for start in range(0, len(made), _BATCH):
                    self._filter(line, made[start : start + _BATCH, channel], self._made + start)
        needed_from = made_to * self._down // self._up - (self._half - 1)
        self._held = held[:, needed_from - self._held_from :]
        self._held_from, self._made = needed_from, made_to
        return made

    def _filter_by_phase(self, line: Floats, out: Floats) -> None:
        """Fill in the next output samples of a channel, all of one phase at a time: nothing is copied."""
        import numpy as np

        for first in range(min(self._up, len(out))):
            before, phase = divmod((self._made + first) * self._down, self._up)
            count = len(range(first, len(out), self._up))
            windows = self._windows(line, before - (self._half - 1 + self._held_from), count, self._down)
            out[first :: self._up] = np.einsum("ij,j->i", windows, self._weights[phase])

    def _filter(self, line: Floats, out: Floats, start: int) -> None:
        """Like _filter_by_phase, but one output sample after the other, from a position on."""
        import numpy as np

        before, phase = np.divmod(np.arange(start, start + len(out)) * self._down, self._up)
        first = int(before[0])
        windows = self._windows(line, first - (self._half - 1 + self._held_from), int(before[-1]) - first + 1, 1)
        out[:] = np.einsum("ij,ij->i", windows[before - first], self._weights[phase])

    def _windows(self, line: Floats, start: int, count: int, step: int) -> Floats:
        """The input under the filter for outputs that lie some samples apart: a view, one row for each.

        Each row is then summed by itself, in the same order whatever the other rows are. So no cutting of the input
        changes a bit of the output, which a matrix product would not promise.
        """
        import numpy as np

        size = line.itemsize
        return np.ndarray((count, 2 * self._half), np.float32, line, start * size, (step * size, size))
