"""The agent's own voice in the user's microphone: it is speech, but not the user's.

Whoever speaks into a microphone is about as loud as the agent is in the loudspeaker; the agent's echo, which has gone
through the room, is much quieter. So while the agent sounds, and for as long as its sound may be on its way, what is
quieter than a set part of it is no speech. This takes no echo away, and needs none of what cancelling echoes needs: no
exact delay, no time to learn.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

from trialogue.engine import SharedSpeechDetector
from trialogue.frames import AudioFrame

if TYPE_CHECKING:
    from trialogue.actors.vad._policy import VadSettings
    from trialogue.engine import SpeechDetector, VoiceActivityDetector

#: From the loudspeaker through room and network to the ear, at most, beyond what a transport says of its own latency,
#: seconds; rooms and jitter buffers stay below.
_ON_ITS_WAY_S: Final = 0.4

#: What summing up the lengths of many hops may round away, seconds.
_ROUNDING_S: Final = 1e-6


class EchoReference:
    """What the agent sounds like now. The speaker notes its frames; the guard looks, perhaps from a worker thread.

    Args:
        latency_s: how long after it was sent a frame is heard, seconds.
    """

    __slots__ = ("_kept_s", "_now_s", "_played")

    def __init__(self, latency_s: float = 0.0) -> None:
        self._kept_s = latency_s + _ON_ITS_WAY_S + _ROUNDING_S
        self._now_s = 0.0  # counted by what the microphone has brought
        self._played: deque[_Played] = deque()

    def note(self, frame: AudioFrame) -> AudioFrame:
        """The user is about to hear a frame; passes it on. Mono int16, of any rate."""
        self._played.append(_Played(self._now_s, frame.pcm))
        return frame

    def passed(self, for_s: float) -> None:
        """The microphone has brought so much sound, seconds: forget what is too old."""
        self._now_s += for_s
        played = self._played
        while played and played[0].at_s < self._now_s - self._kept_s:
            played.popleft()

    @property
    def loudest(self) -> int:
        """The highest absolute sample that may come back now; 0 where nothing was played."""
        played = tuple(self._played)
        return max([frame.peak for frame in played]) if played else 0


class _Played:
    """A frame that the user hears. Most are never asked for their peak, and none twice: it takes some 10 µs."""

    __slots__ = ("_pcm", "_peak", "at_s")

    def __init__(self, at_s: float, pcm: bytes) -> None:
        self.at_s = at_s
        self._pcm = pcm
        self._peak: int | None = None

    @property
    def peak(self) -> int:
        if self._peak is None:
            self._peak = peak_of(self._pcm)
        return self._peak


def peak_of(pcm: bytes) -> int:
    """The highest absolute sample; of mono int16."""
    samples = memoryview(pcm).cast("h")
    return max(max(samples), -min(samples)) if samples else 0


class EchoGuard:
    """A detector that does not take the agent's echo for the user; see VoiceActivityDetector.

    Args:
        detector: the one that hears.
        reference: what the agent sounds like.
        settings: how quiet an echo is beside it, and from which probability on a hop may count as speech.
    """

    def __init__(self, detector: VoiceActivityDetector, reference: EchoReference, settings: VadSettings) -> None:
        self._detector = detector
        self._reference = reference
        self._settings = settings

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SpeechDetector, None]:
        """A guarded detector for one session. Raises what the detector raises."""
        async with self._detector.open() as ear:
            if isinstance(ear, SharedSpeechDetector):
                yield _GuardedSharedEar(ear, self._reference, self._settings)
            else:
                yield _GuardedEar(ear, self._reference, self._settings)


class _GuardedEar:
    """One session's detector, whose findings are doubted while the agent sounds."""

    __slots__ = ("_doubted", "_gain", "_hop_s", "_judge", "_reference", "cost_s", "hop_samples", "rate_hz", "reset")

    def __init__(self, ear: SpeechDetector, reference: EchoReference, settings: VadSettings) -> None:
        self._judge = ear.probability
        self._reference = reference
        self._gain = 10 ** (settings.echo_db / 20)
        # What is silence anyhow needs no doubt: to look for peaks takes longer than to ask the detector.
        self._doubted = settings.stop_probability
        self._hop_s = ear.hop_samples / ear.rate_hz
        self.rate_hz = ear.rate_hz
        self.hop_samples = ear.hop_samples
        self.cost_s = ear.cost_s
        self.reset = ear.reset

    def probability(self, hop: bytes) -> float:
        """As the detector says, but 0 for what would count and is quiet enough to be the agent's echo."""
        self._reference.passed(self._hop_s)
        return self._less_echo(hop, self._judge(hop))

    def _less_echo(self, hop: bytes, probability: float) -> float:
        # NaN passes as it is: the actor refuses it.
        if (
            probability >= self._doubted
            and (loudest := self._reference.loudest)
            and peak_of(hop) < self._gain * loudest
        ):
            return 0.0
        return probability


class _GuardedSharedEar(_GuardedEar):
    """The same for a detector that hears for several sessions."""

    __slots__ = ("_shared",)

    def __init__(self, ear: SharedSpeechDetector, reference: EchoReference, settings: VadSettings) -> None:
        super().__init__(ear, reference, settings)
        self._shared = ear

    @property
    def is_crowded(self) -> bool:
        """As the detector says."""
        return self._shared.is_crowded

    async def probability_together(self, hop: bytes) -> float:
        """As `probability`."""
        self._reference.passed(self._hop_s)
        return self._less_echo(hop, await self._shared.probability_together(hop))
