"""Smart Turn v3 through onnxruntime: hears from the sound of the last words whether the speaker is done.

The model was trained on the features of Whisper, which `log_mel` computes: spectra of 25 ms each 10 ms, on the mel
scale of Slaney's auditory toolbox, as logarithms.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, ClassVar, Final

import attrs

from trialogue.frames._attrs import define
from trialogue.providers._onnx import OnnxModel

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from onnxruntime import InferenceSession

    from trialogue.engine import TurnSoFar

    Floats = npt.NDArray[np.float64]

_RATE_HZ: Final = 16_000

#: What the model hears, seconds and samples; shorter sound comes last, after silence.
_HEARS_S: Final = 8.0
_SAMPLES: Final = 128_000

#: Whisper's spectra: the window's length and the distance between two, samples; bands on the mel scale.
_WINDOW: Final = 400
_HOP: Final = 160
_BANDS: Final = 80

#: Spectra whose bands are computed in one product; OpenBLAS wakes its threads from some 260,000 multiplications on.
_AT_ONCE: Final = 8

#: Divides int16 samples to between -1 and 1.
_FULL_SCALE: Final = 32_768.0

#: Keeps the division by the variance of silence finite.
_LEAST_VARIANCE: Final = 1e-7

#: The quietest power that has a logarithm, and how far below the loudest one the picture ends, powers of ten.
_LEAST_POWER: Final = 1e-10
_RANGE: Final = 8.0

#: Slaney's mel scale: linear up to 1 kHz with 3 mel per 200 Hz, then 27 mel per factor of 6.4.
_LINEAR_HZ: Final = 1_000.0
_MEL_PER_HZ: Final = 3.0 / 200.0
_MEL_PER_FACTOR: Final = 27.0
_FACTOR: Final = 6.4


@define(kw_only=True)
class SmartTurn:
    """Smart Turn v3. The model is loaded once, at the first `open`, and shared.

    Args:
        path: the model file `smart-turn-v3.2-cpu.onnx`; None finds it in the installed wheel or the cache directory.
    """

    path: Path | None = None
    _model: OnnxModel = attrs.field(init=False, eq=False, repr=False)

    @_model.default
    def _find(self) -> OnnxModel:
        return OnnxModel("smart-turn", self.path)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SmartTurnJudge, None]:
        """A judge for one session.

        Raises:
            ProviderError: the model file is missing or does not load.
        """
        yield SmartTurnJudge(await self._model.get())


class SmartTurnJudge:
    """One session's judge. It remembers nothing; the words do not matter to it, and the language hardly."""

    wants_audio_s: ClassVar[float] = _HEARS_S
    cost_s: ClassVar[float] = 0.06

    def __init__(self, model: InferenceSession) -> None:
        self._model = model

    def probability(self, turn: TurnSoFar) -> float:
        """How likely it is (0 to 1) that the turn is over, by the last 8 s of its sound."""
        (probability,) = self._model.run(None, {"input_features": log_mel(turn.pcm)[None]})
        return float(probability.reshape(-1)[0])


def log_mel(pcm: bytes) -> npt.NDArray[np.float32]:
    """The features of the last 8 s: 80 bands by 800 spectra.

    Args:
        pcm: mono int16 at 16 kHz; shorter sound gets silence before it.
    """
    import numpy as np  # here, because importing it takes longer than all the rest

    samples = np.frombuffer(pcm, dtype="<i2")[-_SAMPLES:]
    heard = np.zeros(_SAMPLES)
    heard[_SAMPLES - len(samples) :] = samples / _FULL_SCALE
    heard = (heard - heard.mean()) / np.sqrt(heard.var() + _LEAST_VARIANCE)
    padded = np.pad(heard, _WINDOW // 2, mode="reflect")
    spectra = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[:_SAMPLES:_HOP]
    power = np.abs(np.fft.rfft(spectra * _hann())) ** 2
    # Products so small are made in this thread: for larger ones BLAS wakes one for each core, and they spin.
    bands = power.reshape(-1, _AT_ONCE, power.shape[1]) @ _mel_filters().T
    bands = np.log10(np.maximum(bands.reshape(-1, _BANDS).T, _LEAST_POWER))
    bands = np.maximum(bands, bands.max() - _RANGE)
    return ((bands + 4.0) / 4.0).astype(np.float32)  # type: ignore[no-any-return]  # numpy's operators give Any


@functools.cache
def _hann() -> Floats:
    """Hann's window, of a period and not symmetric."""
    import numpy as np

    return np.hanning(_WINDOW + 1)[:-1]


@functools.cache
def _mel_filters() -> Floats:
    """Triangles of equal area, evenly spaced in mel up to half of the rate: 80 by 201."""
    import numpy as np

    corners = _hz(np.linspace(0.0, _mel(_RATE_HZ / 2), _BANDS + 2))
    lines = np.fft.rfftfreq(_WINDOW, 1.0 / _RATE_HZ)
    low, centre, high = (corners[shift : shift + _BANDS, None] for shift in range(3))
    triangles = np.minimum((lines - low) / (centre - low), (high - lines) / (high - centre))
    return np.maximum(triangles, 0.0) * (2.0 / (high - low))


def _mel(hz: float) -> float:
    import math

    if hz < _LINEAR_HZ:
        return hz * _MEL_PER_HZ
    return _LINEAR_HZ * _MEL_PER_HZ + math.log(hz / _LINEAR_HZ, _FACTOR) * _MEL_PER_FACTOR


def _hz(mel: Floats) -> Floats:
    import numpy as np

    bend = _LINEAR_HZ * _MEL_PER_HZ
    return np.where(mel < bend, mel / _MEL_PER_HZ, _LINEAR_HZ * _FACTOR ** ((mel - bend) / _MEL_PER_FACTOR))
