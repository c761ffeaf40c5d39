"""When speech begins and ends, from probabilities: pure, in media time."""

from __future__ import annotations

import attrs

from trialogue.engine import ConfigurationError
from trialogue.frames import SpeechEdge, SpeechEnded, SpeechStarted


@attrs.frozen(kw_only=True)
class VadSettings:
    """How sure the ear must be.

    Args:
        start_probability: from this probability on a hop counts as speech while there is silence. Silero's own
            recommendation.
        stop_probability: below this a hop counts as silence while there is speech; the gap to `start_probability` is
            the hysteresis (Silero recommends 0.15).
        min_speech_s: so long speech must last before it counts, seconds; a click does not.
        min_silence_s: so long silence must last before it counts, seconds; the pause between two words does not.
    """

    start_probability: float = 0.5
    stop_probability: float = 0.35
    min_speech_s: float = 0.06
    min_silence_s: float = 0.3

    def __attrs_post_init__(self) -> None:
        if not 0 < self.stop_probability <= self.start_probability < 1:
            raise ConfigurationError(
                f"voice activity needs 0 < stop_probability <= start_probability < 1, not "
                f"{self.stop_probability} and {self.start_probability}"
            )
        if self.min_speech_s < 0 or self.min_silence_s < 0:
            raise ConfigurationError("voice activity: min_speech_s and min_silence_s must not be negative")


class SpeechGate:
    """Turns probabilities of speech, hop by hop, into edges.

    Args:
        rate_hz: samples per second of the positions.
        settings: thresholds and durations.
    """

    def __init__(self, rate_hz: int, settings: VadSettings) -> None:
        self._rate_hz = rate_hz
        self._settings = settings
        self._min_speech = round(settings.min_speech_s * rate_hz)
        self._min_silence = round(settings.min_silence_s * rate_hz)
        self.speaking = False
        self._change_sample: int | None = None  # where the other state may have begun

    def push(self, probability: float, start_sample: int, end_sample: int) -> SpeechEdge | None:
        """Judge the hop between two positions.

        Returns:
            An edge, if the hop makes one certain; it lies where the change began, before the hop's end.
        """
        threshold = self._settings.stop_probability if self.speaking else self._settings.start_probability
        if (probability >= threshold) == self.speaking:
            self._change_sample = None
            return None
        if self._change_sample is None:
            self._change_sample = start_sample
        needed = self._min_silence if self.speaking else self._min_speech
        if end_sample - self._change_sample < needed:
            return None
        return self._change(end_sample)

    def finish(self, end_sample: int) -> SpeechEdge | None:
        """No more audio will come: speech that is going on ends here."""
        if not self.speaking:
            return None
        if self._change_sample is None:
            self._change_sample = end_sample
        return self._change(end_sample)

    def _change(self, detected_sample: int) -> SpeechEdge:
        at_sample = self._change_sample
        assert at_sample is not None
        self._change_sample = None
        self.speaking = not self.speaking
        edge = SpeechStarted if self.speaking else SpeechEnded
        return edge(at_sample=at_sample, at_s=at_sample / self._rate_hz, detected_s=detected_sample / self._rate_hz)
