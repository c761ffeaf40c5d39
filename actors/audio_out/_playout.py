"""The playout of one reply: pure. Sound goes in, even frames come out, and it knows what was heard.

It holds the reply's ledger, fades, pauses and cuts. It is asked for one frame at a time and never for the time.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

import attrs

from trialogue.actors.audio_out._fade import fade_in, fade_out
from trialogue.engine import ChannelEnded, ConfigurationError, PolicyError, SpeechLedger
from trialogue.frames import Sentence, SentenceFinished, SpeechAudio

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.frames import AudioFormat, SpeechItem


class PlayoutState(Enum):
    """What a playout does with its next frame."""

    #: Nothing sounds: not begun, gone on after a pause, or the voice is late. It plays what comes.
    WAITING = auto()
    PLAYING = auto()
    #: Plays the faded copy of what comes next, then rests there.
    PAUSING = auto()
    PAUSED = auto()
    #: Asked to go on while still fading out: finishes the fade, then goes on.
    RESUMING = auto()
    #: Plays the faded rest, then is over.
    ENDING = auto()
    OVER = auto()


@attrs.frozen(kw_only=True)
class AudioOutSettings:
    """How the voice goes out.

    Args:
        frame_s: length of a frame, seconds; what telephone lines and browsers use.
        fade_s: length of the fade when the voice is cut or paused, seconds; 0 cuts hard.
        fade_in_s: length of the fade when it goes on after a pause, seconds.
    """

    frame_s: float = 0.02
    fade_s: float = 0.08
    fade_in_s: float = 0.01

    def __attrs_post_init__(self) -> None:
        if not (self.frame_s > 0 and self.fade_s >= 0 and self.fade_in_s >= 0):
            raise ConfigurationError(
                f"audio out needs frame_s > 0, fade_s >= 0 and fade_in_s >= 0 seconds, not {self.frame_s}, "
                f"{self.fade_s} and {self.fade_in_s}"
            )


class Playout:
    """One reply on its way out.

    Args:
        pull: gives the next item of the reply that is there already, or None where there is none now; raises
            ChannelEnded when none will come any more.
        format: mono int16; the rate of the sound and of the frames.
        settings: lengths of frames and fades.
    """

    def __init__(self, pull: Callable[[], SpeechItem | None], format: AudioFormat, settings: AudioOutSettings) -> None:
        self._pull = pull
        self._format = format
        self._frame_bytes = format.samples(settings.frame_s) * format.bytes_per_sample
        self._settings = settings
        self._ledger = SpeechLedger(format.rate_hz)
        self._sound = bytearray()  # not played yet
        self._tail = b""  # a fade that is being played
        self._played = 0  # samples at full gain
        self._audible = 0  # the position up to which the fade that was begun last could be heard
        self._fading_in = 0  # bytes still to be faded in
        self._complete = False  # no more sound will come
        self.state = PlayoutState.WAITING

    @property
    def played_samples(self) -> int:
        """Samples that count as played: at full gain, or in a fade at no less than HEARD_GAIN."""
        return max(self._played, self._audible)

    @property
    def heard(self) -> int:
        """How much of the model's text was heard, in characters, where samples are heard as they are played."""
        return self.heard_after(self.played_samples)

    def heard_after(self, samples: int) -> int:
        """How much of the model's text so many samples carry, in characters."""
        return self._ledger.heard(samples)

    def put(self, item: SpeechItem) -> None:
        """Take in the next item of the reply."""
        match item:
            case Sentence():
                self._ledger.begin(item)
            case SpeechAudio():
                self._ledger.add(len(item.pcm) // self._format.bytes_per_sample, item.words)
                self._sound += item.pcm
            case SentenceFinished():
                self._ledger.finish()

    def complete(self) -> None:
        """No more items will come."""
        self._ledger.finish()
        self._complete = True

    @property
    def has_sound(self) -> bool:
        """Whether there is something to play."""
        return bool(self._sound)

    @property
    def ready_frames(self) -> int:
        """How many whole frames are there to be played, without asking for more."""
        return len(self._sound) // self._frame_bytes

    def frame(self) -> bytes | None:
        """The samples of the next frame, filled up with silence at the end; None where there is nothing to play now."""
        if self.state is not PlayoutState.PLAYING and self.state is not PlayoutState.WAITING:
            fading = self.state in (PlayoutState.PAUSING, PlayoutState.RESUMING, PlayoutState.ENDING)
            return self._frame_of_tail() if fading else None
        self._fill(self._frame_bytes)
        if len(self._sound) < self._frame_bytes and not self._complete:
            self.state = PlayoutState.WAITING  # the voice is late; it goes on when a whole frame is there
            return None
        if not self._sound:
            self.state = PlayoutState.OVER
            return None
        self.state = PlayoutState.PLAYING
        pcm = bytes(self._sound[: self._frame_bytes])
        del self._sound[: self._frame_bytes]
        self._played += len(pcm) // self._format.bytes_per_sample
        if self._fading_in:
            pcm = self._fade_in(pcm)
        return pcm.ljust(self._frame_bytes, b"\0")

    def pause(self) -> None:
        """Fade out and rest. Nothing of the fade is used up: resuming goes on from its beginning."""
        if self.state is PlayoutState.RESUMING:
            self.state = PlayoutState.PAUSING
        elif self.state is PlayoutState.WAITING:
            self.state = PlayoutState.PAUSED  # a fade of what was not to be heard would be a sound of its own
        elif self.state is PlayoutState.PLAYING:
            self._tail = self._fade_of_next()
            self.state = PlayoutState.PAUSING if self._tail else PlayoutState.PAUSED

    def resume(self) -> None:
        """Go on from the first sample that was not played at full gain."""
        if self.state is PlayoutState.PAUSING:
            self.state = PlayoutState.RESUMING
        elif self.state is PlayoutState.PAUSED:
            self._go_on()

    def cut(self, fade_s: float | None = None) -> None:
        """End it: fade out what sounds and throw the rest away. It may be cut again, and when it is paused or waits.

        Args:
            fade_s: length of the fade, seconds; by default as in the settings, 0 cuts hard.
        """
        if self.state is PlayoutState.PLAYING:
            self._tail = self._fade_of_next(fade_s)
        self.state = PlayoutState.ENDING if self._tail else PlayoutState.OVER
        self._sound.clear()
        self._complete = True

    def _fade_of_next(self, fade_s: float | None = None) -> bytes:
        wanted = self._format.samples(self._settings.fade_s if fade_s is None else fade_s)
        self._fill(wanted * self._format.bytes_per_sample)
        pcm = bytes(self._sound[: wanted * self._format.bytes_per_sample])
        half = len(pcm) // self._format.bytes_per_sample // 2  # a raised cosine is above HEARD_GAIN for half its length
        self._audible = self._played + half
        return fade_out(pcm)

    def _frame_of_tail(self) -> bytes | None:
        if not self._tail:
            raise PolicyError(f"a playout in state {self.state.name} has no fade to play")
        pcm, self._tail = self._tail[: self._frame_bytes], self._tail[self._frame_bytes :]
        if not self._tail:
            self._tail_is_over()
        return pcm.ljust(self._frame_bytes, b"\0")

    def _tail_is_over(self) -> None:
        if self.state is PlayoutState.PAUSING:
            self.state = PlayoutState.PAUSED
        elif self.state is PlayoutState.ENDING:
            self.state = PlayoutState.OVER
        else:
            self._go_on()

    def _go_on(self) -> None:
        self.state = PlayoutState.WAITING
        self._fading_in = self._format.samples(self._settings.fade_in_s) * self._format.bytes_per_sample

    def _fade_in(self, pcm: bytes) -> bytes:
        count = min(self._fading_in, len(pcm))
        self._fading_in = 0  # a fade is shorter than a frame, or ends with it
        return fade_in(pcm[:count]) + pcm[count:]

    def _fill(self, wanted_bytes: int) -> None:
        while len(self._sound) < wanted_bytes and not self._complete:
            try:
                item = self._pull()
            except ChannelEnded:
                self.complete()
                return
            if item is None:
                return
            self.put(item)
