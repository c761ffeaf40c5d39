"""What was sent to a speaker that plays it later: pure."""

from __future__ import annotations

import math
from collections import deque

from trialogue.frames._attrs import frozen


@frozen
class _Slot:
    """The time of one frame on the way to the speaker."""

    position: int  # of the reply's sound, before it
    samples: int  # of that sound in it; 0 is silence
    fading_in: int = 0  # the first ones of these


class OnTheWay:
    """Which part of a reply's sound the speaker has, but nobody has heard.

    Args:
        latency: how long after it was sent a frame is heard, samples.
        frame: length of a frame, samples.
    """

    def __init__(self, latency: int, frame: int) -> None:
        self._frame = frame
        self._behind = math.ceil(latency / frame)  # slots after which one has been heard
        self._slots: deque[_Slot] = deque(maxlen=self._behind + 1)

    @property
    def keep(self) -> int:
        """How many samples may have to be played again, at most."""
        return (self._behind + 1) * self._frame

    def sent(self, position: int, samples: int, fading_in: int = 0) -> None:
        """A frame's time has come.

        Args:
            position: how much of the reply's sound was sent before it, samples.
            samples: how much of it is in this frame; 0 where there is none.
            fading_in: so many of these are not at full gain yet.
        """
        self._slots.append(_Slot(position, samples, fading_in))

    def stalled(self) -> None:
        """A frame's time has passed, but the speaker did not take the frame; it waits."""
        if self._slots:
            waiting = self._slots.pop()
            self._slots.append(_Slot(waiting.position, 0))
            self._slots.append(waiting)

    @property
    def is_silent(self) -> bool:
        """Whether all sound that was sent has been heard."""
        recent = list(self._slots)[-self._behind :]
        return not any(slot.samples for slot in recent)

    def heard(self, sent: int, unheard: int) -> tuple[int, int]:
        """What the ear has got, if nothing more of what is on the way came to it.

        Args:
            sent: how much of the reply's sound was sent, samples.
            unheard: how much time lies between what was heard last and the end of the frame sent last, samples.

        Returns:
            How much of the reply's sound was heard, and the first sample that was not heard at full gain. The latter
            lies before the former where what was heard last was still fading in.
        """
        slots = self._slots
        back = min(math.ceil(unheard / self._frame), len(slots))
        if back == 0:
            return sent, sent
        slot = slots[-back]
        into = max(0, min(back * self._frame - unheard, slot.samples))
        return slot.position + into, slot.position + (0 if into < slot.fading_in else into)

    def clear(self) -> None:
        """Nothing is on the way any more."""
        self._slots.clear()
