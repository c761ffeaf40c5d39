"""What the tests of whole calls share: the event log and the recording of a conversation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import numpy as np
import soundfile

if TYPE_CHECKING:
    import numpy.typing as npt

#: Recorded speech; see its README.
SPEECH = Path(__file__).resolve().parent.parent / "data" / "speech"

RATE_HZ = 16_000


@attrs.frozen(kw_only=True)
class Conversation:
    """What a conversation left behind."""

    events: list[dict[str, object]]
    user: npt.NDArray[np.int16]
    agent: npt.NDArray[np.int16]

    def of(self, kind: str) -> list[dict[str, object]]:
        """The events of one kind."""
        return [event for event in self.events if event["event"] == kind]

    def times(self, kind: str) -> list[float]:
        """When they happened, seconds."""
        return [float(str(event["at_s"])) for event in self.of(kind)]

    def transcript(self) -> str:
        """All that was understood."""
        return " ".join(str(event["text"]) for event in self.of("UserTurnEnded"))


def read_conversation(recording: Path, log: Path) -> Conversation:
    """Read a recording and its event log."""
    sound, rate_hz = soundfile.read(recording, dtype="int16")
    assert rate_hz == RATE_HZ
    assert sound.shape[1] == 2
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return Conversation(events=events, user=sound[:, 0], agent=sound[:, 1])


def loudness(side: npt.NDArray[np.int16], from_s: float, to_s: float) -> float:
    """The root mean square of a stretch."""
    stretch = side[max(0, round(from_s * RATE_HZ)) : round(to_s * RATE_HZ)].astype(np.float64)
    return float(np.sqrt(np.mean(stretch**2))) if len(stretch) else 0.0
