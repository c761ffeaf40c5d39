"""A recording as a report shows it: its envelope, and the sound itself where that is short enough. Synchronous."""

from __future__ import annotations

import base64
import itertools
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trialogue.engine import to_numpy
from trialogue.frames import AudioFormat
from trialogue.frames._attrs import frozen
from trialogue.transports import AudioFileSink, AudioFileSource

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_STEREO: Final = AudioFormat(rate_hz=16_000, channels=2)

#: Steps of an envelope: at most so many, and none shorter than 10 ms, which no zoom of a report can show.
_STEPS: Final = 12_000
_STEP_S: Final = 0.01

#: How much sound is read at a time, steps.
_BLOCK: Final = 64

#: Recordings go into the page up to this length, seconds, and this size, bytes of FLAC (ten minutes of speech);
#: base64 makes a third more of them. Longer ones are not even packed.
EMBEDDED_S: Final = 900.0
EMBEDDED_BYTES: Final = 10_000_000

#: Height of an envelope's full scale.
SCALE: Final = 100


@frozen(kw_only=True)
class Envelope:
    """The lowest and highest sample of each step, as SVG paths whose x counts steps and whose y is -100 to 100.

    Args:
        user, agent: the paths; both are scaled by the loudest sample of the call.
        steps: how many.
        duration_s: of the recording, seconds.
    """

    user: str
    agent: str
    steps: int
    duration_s: float


def read_envelope(path: Path, expected_s: float) -> Envelope:
    """The envelope of a stereo recording, read in constant memory.

    Args:
        path: the recording, the user left and the agent right.
        expected_s: about how long it is, seconds; decides how long a step is.

    Raises:
        AudioError: it cannot be read.
    """
    import numpy as np  # here, because importing it takes longer than all the rest

    step = max(_STEREO.samples(_STEP_S), math.ceil(expected_s * _STEREO.rate_hz / _STEPS))
    lows: list[npt.NDArray[np.int16]] = []
    highs: list[npt.NDArray[np.int16]] = []
    samples = 0
    with AudioFileSource(path, format=_STEREO, frame_s=_BLOCK * step / _STEREO.rate_hz) as source:
        for frame in source:
            steps = to_numpy(frame).reshape(-1, step, _STEREO.channels)
            lows.append(steps.min(axis=1))
            highs.append(steps.max(axis=1))
            samples += frame.samples
    low, high = np.concatenate(lows).astype(np.float64), np.concatenate(highs).astype(np.float64)
    loudest = max(float(-low.min()), float(high.max()), 1.0)
    paths = [_path(SCALE * high[:, side] / loudest, SCALE * low[:, side] / loudest) for side in range(2)]
    return Envelope(user=paths[0], agent=paths[1], steps=len(low), duration_s=samples / _STEREO.rate_hz)


def _path(high: npt.NDArray[np.float64], low: npt.NDArray[np.float64]) -> str:
    """Along the highs to the right and back along the lows; y grows downwards."""
    import numpy as np

    tops = np.rint(-high).astype(int).tolist()
    bottoms = np.rint(-low).astype(int).tolist()
    there = "".join(f"1{after - before:+d} " for before, after in itertools.pairwise(tops))
    back = "".join(f"-1{after - before:+d} " for before, after in itertools.pairwise(reversed(bottoms)))
    return f"M0 {tops[0]}l{there}0{bottoms[-1] - tops[-1]:+d} {back}z"


def embed(path: Path, duration_s: float) -> str:
    """A recording as a data URL, in FLAC, which loses nothing and which browsers play; "" where that would be too big.

    Raises:
        AudioError: it cannot be read.
    """
    if duration_s > EMBEDDED_S:
        return ""
    if path.suffix.lower() == ".flac":
        return _data_url(path)
    with tempfile.TemporaryDirectory(prefix="trialogue-") as scratch:
        packed = Path(scratch) / "call.flac"
        sink = AudioFileSink(packed, _STEREO)
        try:
            with AudioFileSource(path, format=_STEREO) as source:
                for frame in source:
                    sink.write(frame)
        finally:
            sink.close()
        return _data_url(packed)


def _data_url(path: Path) -> str:
    if path.stat().st_size > EMBEDDED_BYTES:
        return ""
    return f"data:audio/flac;base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
