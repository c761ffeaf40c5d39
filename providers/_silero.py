"""Silero VAD v6 through onnxruntime: the default voice-activity detector where its model file is present."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.frames._attrs import define
from trialogue.providers._onnx import OnnxModel
from trialogue.providers._samples import need_hop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from onnxruntime import InferenceSession

_RATE_HZ: Final = 16_000

#: Samples that the 16 kHz model takes at a time, and that it wants to see again before the next ones.
_HOP_SAMPLES: Final = 512
_CONTEXT_SAMPLES: Final = 64

#: Shape of the model's recurrent state: layers' h and c, batch, width.
_STATE_SHAPE: Final = (2, 1, 128)

#: Divides int16 samples to between -1 and 1.
_FULL_SCALE: Final = 32_768.0


@define(kw_only=True)
class Silero:
    """Silero VAD v6. The model is loaded once, at the first `open`, and shared: each session has a state of its own.

    Args:
        path: the model file `silero_vad_16k_op15.onnx`; None finds it in the installed wheel or the cache directory.
    """

    path: Path | None = None
    _model: OnnxModel = attrs.field(init=False, eq=False, repr=False)

    @_model.default
    def _find(self) -> OnnxModel:
        return OnnxModel("silero", self.path)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SileroDetector, None]:
        """A detector for one session.

        Raises:
            ProviderError: the model file is missing or does not load.
        """
        yield SileroDetector(await self._model.get())


class SileroDetector:
    """One session's detector: 512 samples at 16 kHz at a time, about 0.11 ms each."""

    rate_hz: Final = _RATE_HZ
    hop_samples: Final = _HOP_SAMPLES
    cost_s: Final = 0.000_11

    def __init__(self, model: InferenceSession) -> None:
        import numpy as np  # here, because importing it takes longer than all the rest

        self._model = model
        self._rate = np.array(_RATE_HZ, dtype=np.int64)
        self._input: npt.NDArray[np.float32]
        self._state: npt.NDArray[np.float32]
        self.reset()

    def probability(self, hop: bytes) -> float:
        """The probability (0 to 1) that there is speech in these 512 samples; AudioError for any other number."""
        import numpy as np

        need_hop(hop, _HOP_SAMPLES)

        heard = self._input
        heard[0, :_CONTEXT_SAMPLES] = heard[0, -_CONTEXT_SAMPLES:]
        np.divide(np.frombuffer(hop, dtype="<i2"), _FULL_SCALE, out=heard[0, _CONTEXT_SAMPLES:], casting="same_kind")
        probability, self._state = self._model.run(None, {"input": heard, "state": self._state, "sr": self._rate})
        return float(probability[0, 0])

    def reset(self) -> None:
        """Forget all audio heard so far."""
        import numpy as np

        self._input = np.zeros((1, _CONTEXT_SAMPLES + _HOP_SAMPLES), dtype=np.float32)
        self._state = np.zeros(_STATE_SHAPE, dtype=np.float32)
