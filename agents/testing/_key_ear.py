"""Which keys of a telephone the simulated caller has heard the agent press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.actors import KeyDetector
from trialogue.agents.events._call_events import AgentPressedKeys

if TYPE_CHECKING:
    from trialogue.agents.events._events import Event
    from trialogue.agents.testing._telephone import Telephone

#: Silence that keeps two tones apart, seconds; longer gaps between frames need not be heard.
_GAP_S = 0.1


class KeyEar:
    """Hears keys: in the sound, as any telephone exchange would; without sound, as the session tells of them.

    Args:
        telephone: where the agent is heard.
        in_sound: whether there is sound.
    """

    def __init__(self, telephone: Telephone, *, in_sound: bool) -> None:
        self._telephone = telephone
        self._detector = KeyDetector(telephone.speaker_format.rate_hz) if in_sound else None
        self._frames = 0  # heard so far
        self._end_sample = 0
        self._keys = ""

    def observe(self, event: Event) -> None:
        """An event of the session."""
        if self._detector is None and isinstance(event, AgentPressedKeys):
            self._keys += event.keys.replace(",", "")

    @property
    def keys(self) -> str:
        """All that were heard by now."""
        detector = self._detector
        if detector is None:
            return self._keys
        new = self._telephone.heard[self._frames :]
        self._frames += len(new)
        for _, frame in new:
            gap = min(max(0, frame.at_sample - self._end_sample), frame.format.samples(_GAP_S))
            self._end_sample = frame.end_sample
            self._keys += "".join(key.key for key in detector.push(frame.format.silence(gap) + frame.pcm))
        return self._keys
