"""When a recording is off: nothing of those times is written. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trialogue.frames import AudioFrame

#: How late a frame may come to the recorder and still find the times that concern it, seconds; more than it may wait.
_KEPT_S: Final = 60.0


class RecordingSwitch:
    """Switches a recording off and on, to the frame: what touches a time when it was off is left out.

    Times are the frames' own, so what waits for the disk meanwhile is judged by when it sounded. All else stays in its
    place; the recorder fills the hole with silence.
    """

    def __init__(self) -> None:
        self._off: list[list[float]] = []  # from, to
        self._depth = 0

    @property
    def is_off(self) -> bool:
        """Whether nothing is recorded now."""
        return self._depth > 0

    def off(self, at_s: float) -> None:
        """Record nothing from this moment on, seconds; on again after as many calls of `on`."""
        self._depth += 1
        if self._depth == 1:
            self._off.append([at_s, math.inf])

    def on(self, at_s: float) -> None:
        """Record again from this moment on, seconds."""
        self._depth -= 1
        if self._depth == 0:
            self._off[-1][1] = at_s
            self._off = [off for off in self._off if off[1] >= at_s - _KEPT_S]

    def lets_through(self, frame: AudioFrame) -> bool:
        """Whether a frame is to be recorded."""
        if not self._off:
            return True
        begin_s, end_s = frame.at_sample / frame.rate_hz, frame.end_sample / frame.rate_hz
        return not any(from_s < end_s and begin_s < to_s for from_s, to_s in self._off)
