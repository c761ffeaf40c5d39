"""A voice-activity detector that is never in doubt."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import attrs

from trialogue.agents.testing._leases import Leases, LeaseStatistics
from trialogue.engine import AudioError, SpeechDetector
from trialogue.frames import SPEECH_FORMAT
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialogue.engine import ProviderError


@define(kw_only=True, eq=False)
class FakeVad:
    """Hears speech in every sample that is not 0, or where it is told that there is some.

    Args:
        told: where speech begins and ends, seconds on the microphone's count; None listens to the samples.
        hop_samples: samples of one look, at 16 kHz; 320 are 20 ms.
        cost_s: what one look is said to cost, CPU seconds.
        error: what opening it raises.
    """

    told: Sequence[tuple[float, float]] | None = None
    hop_samples: int = 320
    cost_s: float = 0.0
    error: ProviderError | None = None
    #: Looks of all sessions so far.
    hops: int = attrs.field(default=0, init=False)
    _leases: Leases = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._leases = Leases(error=self.error)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SpeechDetector, None]:
        """A detector for one session. Raises the error that was set."""
        with self._leases.lease():
            yield _SampleDetector(self) if self.told is None else _ToldDetector(self, self.told)

    def statistics(self) -> LeaseStatistics:
        """How often it was opened, and is now."""
        return self._leases.statistics()


class _SampleDetector:
    """Compares with silence: one comparison of bytes a hop."""

    rate_hz = SPEECH_FORMAT.rate_hz

    __slots__ = ("_owner", "_silence", "cost_s", "hop_samples")

    def __init__(self, owner: FakeVad) -> None:
        self._owner = owner
        self.hop_samples = owner.hop_samples
        self.cost_s = owner.cost_s
        self._silence = SPEECH_FORMAT.silence(owner.hop_samples)

    def probability(self, hop: bytes) -> float:
        """1 if any sample is not 0."""
        _check(hop, self.hop_samples)
        self._owner.hops += 1
        return 0.0 if hop == self._silence else 1.0

    def reset(self) -> None:
        """Nothing is kept."""


class _ToldDetector:
    """Counts samples; a hop holds speech if its middle lies in a stretch of it."""

    rate_hz = SPEECH_FORMAT.rate_hz

    def __init__(self, owner: FakeVad, told: Sequence[tuple[float, float]]) -> None:
        self._owner = owner
        self.hop_samples = owner.hop_samples
        self.cost_s = owner.cost_s
        self._told = [(SPEECH_FORMAT.samples(start_s), SPEECH_FORMAT.samples(end_s)) for start_s, end_s in told]
        self._heard = 0

    def probability(self, hop: bytes) -> float:
        """1 where it was told so."""
        _check(hop, self.hop_samples)
        self._owner.hops += 1
        middle = self._heard + self.hop_samples // 2
        self._heard += self.hop_samples
        return float(any(start <= middle < end for start, end in self._told))

    def reset(self) -> None:
        """Nothing of the sound is kept; the count goes on."""


def _check(hop: bytes, samples: int) -> None:
    if len(hop) != 2 * samples:
        raise AudioError(f"a hop of the fake detector has {2 * samples} bytes, not {len(hop)}")
