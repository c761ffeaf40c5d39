"""The replay ring: the last seconds of the microphone by sample position. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialogue.frames import AudioFrame


class ReplayRing:
    """Keeps recent audio, so that a recogniser hears the beginning of a word that was noticed late.

    Args:
        seconds: how much it keeps; older frames go.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._frames: deque[AudioFrame] = deque()

    def push(self, frame: AudioFrame) -> None:
        """Keep a frame."""
        frames = self._frames
        frames.append(frame)
        keep_from = frame.end_sample - self._seconds * frame.rate_hz
        while frames[0].end_sample <= keep_from:
            frames.popleft()

    def since(self, sample: int) -> list[AudioFrame]:
        """The frames that reach beyond a position, oldest first."""
        return [frame for frame in self._frames if frame.end_sample > sample]
