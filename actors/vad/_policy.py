"""When speech begins and ends, from probabilities, and which sound belongs to it: pure, in media time."""

from __future__ import annotations

from collections import deque
from typing import Final

from trialogue.engine import ConfigurationError
from trialogue.frames import AudioFrame, SpeechEdge, SpeechEnded, SpeechStarted
from trialogue.frames._attrs import frozen

#: How much sound is kept beyond the pre-roll, seconds: the delay with which the detector notices an onset.
_DETECTION_S: Final = 1.0


@frozen(kw_only=True)
class VadSettings:
    """How sure the ear must be.

    Args:
        start_probability: from this probability on a hop counts as speech while there is silence. Silero's own
            recommendation.
        stop_probability: below this a hop counts as silence while there is speech; the gap to `start_probability` is
            the hysteresis (Silero recommends 0.15).
        min_speech_s: so long speech must last before it counts, seconds; a click does not.
        min_silence_s: so long silence must last before it counts, seconds; the pause between two words does not.
        pre_roll_s: how much sound from before the onset belongs to the speech, seconds; the first sound of a word is
            often quieter than the detector's threshold.
        echo_db: while the agent is heard, sound that is so much quieter is its echo and no speech, dB. An echo is often
            20 dB below, and a user's voice about as loud; who has headphones or an echo canceller may set it to minus
            infinity, for users that whisper into the agent's speech.
    """

    start_probability: float = 0.5
    stop_probability: float = 0.35
    min_speech_s: float = 0.06
    min_silence_s: float = 0.3
    pre_roll_s: float = 0.4
    echo_db: float = -14.0

    def __attrs_post_init__(self) -> None:
        if not 0 < self.stop_probability <= self.start_probability < 1:
            raise ConfigurationError(
                f"voice activity needs 0 < stop_probability <= start_probability < 1, not "
                f"{self.stop_probability} and {self.start_probability}"
            )
        if min(self.min_speech_s, self.min_silence_s, self.pre_roll_s) < 0:
            raise ConfigurationError(
                f"voice activity: min_speech_s, min_silence_s and pre_roll_s must not be negative, but are "
                f"{self.min_speech_s}, {self.min_silence_s} and {self.pre_roll_s}"
            )
        if not self.echo_db <= 0:
            raise ConfigurationError(f"voice activity needs an echo_db of 0 or less, not {self.echo_db}")


class SpeechGate:
    """Turns probabilities of speech, hop by hop, into edges.

    Args:
        rate_hz: samples per second of the positions.
        settings: thresholds and durations.
    """

    __slots__ = (
        "_change_sample",
        "_min_silence",
        "_min_speech",
        "_rate_hz",
        "_settings",
        "_threshold",
        "sound",
        "speaking",
    )

    def __init__(self, rate_hz: int, settings: VadSettings) -> None:
        self._rate_hz = rate_hz
        self.speaking = False
        self._threshold = settings.start_probability  # the one that counts now
        self.sound = SpeechSound(settings.pre_roll_s)
        self._change_sample: int | None = None  # where the other state may have begun
        self.change(settings)

    def change(self, settings: VadSettings) -> None:
        """Judge by these settings from now on."""
        self._settings = settings
        self._min_speech = round(settings.min_speech_s * self._rate_hz)
        self._min_silence = round(settings.min_silence_s * self._rate_hz)
        self.sound.change(settings.pre_roll_s)

    def push(self, probability: float, start_sample: int, end_sample: int) -> SpeechEdge | None:
        """Judge the hop between two positions.

        Returns:
            An edge, if the hop makes one certain; it lies where the change began, before the hop's end.
        """
        if (probability >= self._threshold) == self.speaking:
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
        self._threshold = self._settings.stop_probability if self.speaking else self._settings.start_probability
        edge = SpeechStarted if self.speaking else SpeechEnded
        change = edge(at_sample=at_sample, at_s=at_sample / self._rate_hz, detected_s=detected_sample / self._rate_hz)
        self.sound.turn(change)
        return change


class SpeechSound:
    """The sound that belongs to speech: from its pre-roll on until its end was noticed.

    Args:
        pre_roll_s: see VadSettings.
    """

    __slots__ = ("_keep_s", "_last_end", "_pre_roll_s", "_recent", "_taken_end")

    def __init__(self, pre_roll_s: float) -> None:
        self.change(pre_roll_s)
        self._recent: deque[AudioFrame] = deque()  # what may become the pre-roll
        self._taken_end = 0  # everything before this position was given, or is not wanted
        self._last_end = 0  # an utterance does not begin with the last sounds of the one before

    def change(self, pre_roll_s: float) -> None:
        """Keep so much from now on."""
        self._pre_roll_s = pre_roll_s
        self._keep_s = pre_roll_s + _DETECTION_S

    def keep(self, frame: AudioFrame) -> None:
        """Take in the next frame. Cheap: it comes for each frame of silence, too."""
        recent = self._recent
        recent.append(frame)
        while recent[0].at_sample < frame.at_sample - self._keep_s * frame.format.rate_hz:
            recent.popleft()

    def turn(self, edge: SpeechEdge) -> None:
        """An edge was noticed."""
        match edge:
            case SpeechStarted():
                pre_roll = round(self._pre_roll_s * self._recent[-1].rate_hz) if self._recent else 0
                self._taken_end = max(edge.at_sample - pre_roll, self._last_end)
            case SpeechEnded():
                self._last_end = edge.at_sample

    def take(self) -> list[AudioFrame]:
        """The frames of the speech that is going on that were not taken yet; after `keep`."""
        newest, taken_end = self._recent[-1], self._taken_end
        self._taken_end = newest.end_sample
        if newest.at_sample == taken_end:  # as for most frames
            return [newest]
        frames: list[AudioFrame] = []
        for frame in reversed(self._recent):
            if frame.end_sample <= taken_end:
                break
            frames.append(frame)
        frames.reverse()
        return frames
