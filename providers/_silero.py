"""Silero VAD v6 through onnxruntime: the default voice-activity detector where its model file is present."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.frames._attrs import define
from trialogue.providers._onnx import OnnxModel
from trialogue.providers._samples import need_hop
from trialogue.providers._together import Together

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from onnxruntime import InferenceSession

    Floats = npt.NDArray[np.float32]

    #: Samples of int16, and the state before them; a probability, and the state after it.
    _Window = tuple[bytes, Floats]
    _Judged = tuple[float, Floats]

_RATE_HZ: Final = 16_000

#: Samples that the 16 kHz model takes at a time, and that it wants to see again before the next ones.
_HOP_SAMPLES: Final = 512
_CONTEXT_SAMPLES: Final = 64
_CONTEXT_BYTES: Final = 2 * _CONTEXT_SAMPLES  # of int16

#: Shape of the model's recurrent state: layers' h and c, batch, width.
_STATE_SHAPE: Final = (2, 1, 128)

#: Brings int16 samples to between -1 and 1.
_SCALE: Final = 1 / 32_768


#: From so many callers on their sound is heard together. Fewer need little of a core, and are better answered sooner.
_CROWD: Final = 16

#: How long a caller's sound may wait for that of others, seconds: so 50 callers come ten at a time, for half the cost.
_WITHIN_S: Final = 0.005


@define(kw_only=True)
class Silero:
    """Silero VAD v6. The model is loaded once, at the first `open`, and shared: each session has a state of its own.

    From 16 sessions on, their sound is heard together: it waits up to 5 ms for that of others.

    Args:
        path: the model file `silero_vad_16k_op15.onnx`; None finds it in the installed wheel or the cache directory.
    """

    path: Path | None = None
    _alone: OnnxModel = attrs.field(init=False, eq=False, repr=False)
    _crowd: OnnxModel = attrs.field(init=False, eq=False, repr=False)
    _hearing: _Hearing | None = attrs.field(default=None, init=False, eq=False, repr=False)

    @_alone.default
    def _for_one(self) -> OnnxModel:
        return OnnxModel("silero", self.path, batch=1, sequence=_CONTEXT_SAMPLES + _HOP_SAMPLES)

    @_crowd.default
    def _for_many(self) -> OnnxModel:
        return OnnxModel("silero", self.path)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SileroDetector, None]:
        """A detector for one session.

        Raises:
            ProviderError: the model file is missing or does not load.
        """
        alone, crowd = await self._alone.get(), await self._crowd.get()
        if self._hearing is None:
            self._hearing = _Hearing(alone, crowd)
        together = self._hearing.together
        detector = SileroDetector(self._hearing)
        try:
            yield detector
        finally:
            together.leave(detector)


class SileroDetector:
    """One session's detector: 512 samples at 16 kHz at a time, about 0.1 ms each, or half of that in company."""

    rate_hz: Final = _RATE_HZ
    hop_samples: Final = _HOP_SAMPLES
    cost_s: Final = 0.000_1

    def __init__(self, hearing: _Hearing) -> None:
        self._hearing = hearing
        self._together = hearing.together
        self._context: bytes
        self._state: Floats
        self.reset()

    @property
    def is_crowded(self) -> bool:
        """Whether so many sessions listen that they should hear together."""
        return self._together.is_worth_it

    def probability(self, hop: bytes) -> float:
        """The probability (0 to 1) that there is speech in these 512 samples; AudioError for any other number."""
        ((probability, self._state),) = self._hearing.hear([self._window(hop)])
        return probability

    async def probability_together(self, hop: bytes) -> float:
        """As `probability`, within 5 ms, with the sound of other sessions.

        Raises:
            AudioError: these are not 512 samples.
            ProviderError: the model failed.
        """
        probability, self._state = await self._together.call(self._window(hop))
        return probability

    def reset(self) -> None:
        """Forget all audio heard so far."""
        import numpy as np  # here, because importing it takes longer than all the rest

        self._context = bytes(_CONTEXT_BYTES)
        self._state = np.zeros(_STATE_SHAPE, dtype=np.float32)

    def _window(self, hop: bytes) -> _Window:
        need_hop(hop, _HOP_SAMPLES)
        self._together.join(self)
        pcm = self._context + hop
        self._context = hop[-_CONTEXT_BYTES:]
        return pcm, self._state


class _Hearing:
    """The model, and who listens with it.

    Args:
        alone: the model for one window, which takes a sixth less.
        crowd: the same for any number of windows.
    """

    def __init__(self, alone: InferenceSession, crowd: InferenceSession) -> None:
        import numpy as np

        self._alone = alone
        self._crowd = crowd
        self._rate = np.array(_RATE_HZ, dtype=np.int64)
        self.together: Together[_Window, _Judged] = Together(self.hear, within_s=_WITHIN_S, worth=_CROWD)

    def hear(self, windows: Sequence[_Window]) -> list[_Judged]:
        """What there is in windows of several sessions, in one run."""
        import numpy as np

        samples = np.frombuffer(b"".join([pcm for pcm, _ in windows]), dtype="<i2").reshape(len(windows), -1)
        sound = np.multiply(samples, _SCALE, dtype=np.float32)
        state = np.concatenate([state for _, state in windows], axis=1)
        model = self._alone if len(windows) == 1 else self._crowd
        probabilities, state = model.run(None, {"input": sound, "state": state, "sr": self._rate})
        return [(each, state[:, at : at + 1]) for at, each in enumerate(probabilities[:, 0].tolist())]
