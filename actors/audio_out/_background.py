"""What sounds under the voice, frame by frame. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialogue.actors.mixer._mixer import Mixer


class Background:
    """A mixer at work under a track.

    Args:
        mixer: what sounds.
        frame: length of a frame, samples.
    """

    __slots__ = ("_frame", "_mixer", "due_s")

    def __init__(self, mixer: Mixer, frame: int) -> None:
        self._mixer = mixer
        self._frame = frame
        #: When the track's next frame is due, on Trio's clock; None where it waits for something to play.
        self.due_s: float | None = None

    @property
    def sounds(self) -> bool:
        """Whether something will be heard even if nobody speaks."""
        return bool(self._mixer.playing)

    def under(self, voice: bytes) -> bytes:
        """A frame of the voice, with what sounds under it."""
        return self._mixer.frame(voice, self._frame) or voice

    def alone(self) -> bytes | None:
        """A frame without the voice; None where nothing sounds."""
        return self._mixer.frame(None, self._frame)
