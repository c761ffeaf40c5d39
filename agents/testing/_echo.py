"""The agent's own voice in the caller's microphone: quieter, and a little later."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from trialogue.engine import from_numpy, to_numpy
from trialogue.frames import AudioFrame

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: From the speaker through the room to the microphone, seconds: what a telephone lying on a table has.
ECHO_DELAY_S: Final = 0.06


class Echo:
    """What comes back of what is heard.

    Args:
        level_db: how loud it is beside what was heard, dB; -20 is a tenth.
    """

    def __init__(self, level_db: float) -> None:
        self._gain = 10 ** (level_db / 20)
        self._heard: deque[AudioFrame] = deque()

    def hear(self, frame: AudioFrame) -> None:
        """The caller's room hears a frame, in the microphone's format."""
        self._heard.append(frame)

    def add_to(self, frame: AudioFrame) -> AudioFrame:
        """The microphone's next frame, with the echo in it."""
        delay = frame.format.samples(ECHO_DELAY_S)
        first, last = frame.at_sample - delay, frame.end_sample - delay
        heard = self._heard
        while heard and heard[0].end_sample <= first:
            heard.popleft()
        if not heard or heard[0].at_sample >= last:
            return frame
        return from_numpy(self._mixed(frame, first, last), at_sample=frame.at_sample, rate_hz=frame.rate_hz)

    def _mixed(self, frame: AudioFrame, first: int, last: int) -> npt.NDArray[np.int16]:
        import numpy as np  # here, because importing it takes longer than a simulated call without sound

        mixed = to_numpy(frame).reshape(-1).astype(np.float64)
        for each in self._heard:
            start, end = max(first, each.at_sample), min(last, each.end_sample)
            if start < end:
                sound = to_numpy(each).reshape(-1)[start - each.at_sample : end - each.at_sample]
                mixed[start - first : end - first] += self._gain * sound
        return np.clip(np.rint(mixed), -32768, 32767).astype(np.int16)
