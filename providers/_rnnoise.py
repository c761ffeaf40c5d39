"""RNNoise: takes steady noise out of speech with a small recurrent network, frame by frame."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, Protocol, cast

import attrs

from trialogue.engine import ProviderError, offload
from trialogue.engine._checks import one_of
from trialogue.frames._attrs import frozen
from trialogue.providers._models import need_model
from trialogue.providers._samples import need_whole_samples

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

#: What the network hears: frames of 10 ms at 48 kHz.
_NETWORK_RATE_HZ: Final = 48_000
_FRAME_SAMPLES: Final = 480

#: By how much the network's output lags its input, in samples at 48 kHz: it sees one frame ahead, and its windows
#: overlap by another. Measured by cross-correlation in tests/providers/test_rnnoise.py.
_NETWORK_DELAY_SAMPLES: Final = 960

_INTERFACE: Final = """
    typedef struct DenoiseState DenoiseState;
    DenoiseState *rnnoise_create(void *model);
    void rnnoise_destroy(DenoiseState *);
    float rnnoise_process_frame(DenoiseState *, float *out, const float *in);
    int rnnoise_get_frame_size(void);
"""


class _Library(Protocol):
    """Like _INTERFACE, for the type checker."""

    def rnnoise_create(self, model: object, /) -> object: ...
    def rnnoise_destroy(self, state: object, /) -> None: ...
    def rnnoise_process_frame(self, state: object, out: object, frame: object, /) -> float: ...
    def rnnoise_get_frame_size(self) -> int: ...


@frozen(kw_only=True)
class RNNoise:
    """RNNoise 0.2, as a denoiser. It costs about 50 ms of CPU per second of audio and 20 ms of delay.

    Args:
        rate_hz: samples per second in and out; resampled to and from 48 kHz where it is another rate.
        path: the library (`librnnoise.so`); None finds it in the installed wheel or the cache directory.
    """

    rate_hz: int = attrs.field(default=16_000, validator=one_of([8_000, 16_000, 24_000, 48_000]))
    path: Path | None = None

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[RNNoiseReducer, None]:
        """A noise reducer for one session.

        Raises:
            ProviderError: the library is missing or does not load.
        """
        network = await offload(_Network, need_model("rnnoise", self.path))
        try:
            yield RNNoiseReducer(network, self.rate_hz)
        finally:
            network.close()


class RNNoiseReducer:
    """One session's noise reducer.

    Samples come out as soon as a frame of the network is full and the resamplers let go of them, about 40 ms after
    they went in. None is lost: as many come out as went in, but for those.
    """

    def __init__(self, network: _Network, rate_hz: int) -> None:
        import numpy as np  # here, because importing it takes longer than all the rest

        self._network = network
        self._rate_hz = rate_hz
        self._to_network = _resampler(rate_hz, _NETWORK_RATE_HZ)
        self._from_network = _resampler(_NETWORK_RATE_HZ, rate_hz)
        self._waiting = np.zeros(0, dtype=np.float32)

    @property
    def rate_hz(self) -> int:
        """Samples per second in and out."""
        return self._rate_hz

    @property
    def delay_samples(self) -> int:
        """By how much its output lags its input: 20 ms."""
        return _NETWORK_DELAY_SAMPLES * self._rate_hz // _NETWORK_RATE_HZ

    def process(self, pcm: bytes) -> bytes:
        """Denoise the next samples, any number of int16; gives back those that are ready. Half a sample: AudioError."""
        import numpy as np

        need_whole_samples(pcm)

        heard = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
        self._waiting = np.concatenate([self._waiting, self._to_network(heard)])
        whole = len(self._waiting) // _FRAME_SAMPLES * _FRAME_SAMPLES
        frames, self._waiting = self._waiting[:whole], self._waiting[whole:]
        denoised = self._from_network(self._network.process(frames))
        return np.clip(np.rint(denoised), -32_768, 32_767).astype("<i2").tobytes()


class _Resampler(Protocol):
    def __call__(self, samples: Samples, /) -> Samples: ...


def _resampler(from_hz: int, to_hz: int) -> _Resampler:
    """A function that resamples a stream, call by call. It keeps positions: it delays nothing, only holds back."""
    if from_hz == to_hz:
        return lambda samples: samples
    import soxr

    stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="LQ")
    return lambda samples: cast("Samples", stream.resample_chunk(samples))


class _Network:
    """The network and its state, by cffi."""

    def __init__(self, path: Path) -> None:
        import cffi

        self._ffi = cffi.FFI()
        self._ffi.cdef(_INTERFACE)
        try:
            self._library = cast("_Library", self._ffi.dlopen(str(path)))
        except OSError as error:
            raise ProviderError(
                f"the library {path} does not load ({error}); fetch it anew with `trialogue models fetch rnnoise`"
            ) from error
        frame_samples = self._library.rnnoise_get_frame_size()
        if frame_samples != _FRAME_SAMPLES:
            raise ProviderError(f"{path} wants frames of {frame_samples} samples; use RNNoise 0.2, which wants 480")
        self._state = self._library.rnnoise_create(self._ffi.NULL)

    def process(self, samples: Samples) -> Samples:
        """Denoise whole frames; full scale is 32,768."""
        import numpy as np

        denoised = np.empty_like(samples)
        for start in range(0, len(samples), _FRAME_SAMPLES):
            frame = np.ascontiguousarray(samples[start : start + _FRAME_SAMPLES])
            out = denoised[start : start + _FRAME_SAMPLES]
            self._library.rnnoise_process_frame(self._state, self._pointer(out), self._pointer(frame))
        return denoised

    def close(self) -> None:
        """Give back its memory; nothing else may be called afterwards."""
        self._library.rnnoise_destroy(self._state)

    def _pointer(self, samples: Samples) -> object:
        return self._ffi.from_buffer("float[]", samples.data)
