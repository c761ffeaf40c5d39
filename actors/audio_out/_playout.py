"""The playout of one reply: pure. Sound goes in, even frames come out, and it knows what was heard.

It holds the reply's sound and its ledger, fades, pauses and cuts. It is asked for one frame at a time and never for the
time.
"""

from __future__ import annotations

import itertools
from array import array
from enum import Enum, auto
from typing import TYPE_CHECKING

from trialogue.actors.audio_out._fade import (
    fade_in,
    fade_out_gains,
    fade_step,
    follow,
    glide_into,
    glide_step,
    glide_to_silence,
    heard_samples,
)
from trialogue.actors.audio_out._on_the_way import OnTheWay
from trialogue.actors.audio_out._sound import ReplySound
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import define, frozen

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
    #: Plays the rest (of a fade, of a last wave, of what is on its way to the ear), then is over.
    ENDING = auto()
    OVER = auto()


@frozen(kw_only=True)
class AudioOutSettings:
    """How the voice goes out. All times in seconds.

    Args:
        frame_s: length of a frame; what telephone lines and browsers use.
        fade_s: length of the fade when the voice is cut or paused; 0 cuts hard.
        fade_in_s: length of the fade when it goes on after a pause; not longer than a frame.
        finish_word_s: a cut or a pause waits for the end of the word that is being spoken, if that is no further away
            than this; the fade follows the word. Needs a voice that says where its words are; others stop at once.
    """

    frame_s: float = 0.02
    fade_s: float = 0.08
    fade_in_s: float = 0.01
    finish_word_s: float = 0.0

    def __attrs_post_init__(self) -> None:
        if not (self.frame_s > 0 and self.fade_s >= 0 and self.fade_in_s >= 0 and self.finish_word_s >= 0):
            raise ConfigurationError(
                f"audio out needs frame_s > 0, fade_s >= 0, fade_in_s >= 0 and finish_word_s >= 0 seconds, not "
                f"{self.frame_s}, {self.fade_s}, {self.fade_in_s} and {self.finish_word_s}"
            )
        if self.fade_in_s > self.frame_s:
            raise ConfigurationError(
                f"audio out fades in within one frame: fade_in_s is {self.fade_in_s} s, and must not be more than "
                f"frame_s, {self.frame_s} s"
            )

    def click_bound(self, rate_hz: int) -> int:
        """How far the output may move from one sample to the next where the voice does not move further.

        Of full scale (32,768) that is what it moves in a fade of this length, but at least as if from silence to full
        scale in 2 ms: 2,048 at 8 kHz, 1,024 at 16 kHz, 342 at 48 kHz. Only a fade of 0 seconds goes beyond it.
        """
        fades_s = [fade_s for fade_s in (self.fade_s, self.fade_in_s) if fade_s]
        return max((fade_step(rate_hz, round(fade_s * rate_hz)) for fade_s in fades_s), default=glide_step(rate_hz))


@define
class _Tail:
    """What is played before anything else: a copy of what comes next, or a glide to silence."""

    samples: array[int]
    at: int = 0  # of the reply's sound, before it
    whole_to: int = 0  # up to here it is at full gain, and need not be played again

    def __bool__(self) -> bool:
        return bool(self.samples)


class Playout:
    """One reply on its way out.

    From one sample to the next, what it plays moves no further than the voice itself, or than a stated bound
    (`click_bound`): where the reply begins and ends, where pieces of its sound join, where the voice is late, and where
    it is paused, goes on and is cut. Only a fade of 0 cuts hard.

    Args:
        pull: gives the next item of the reply that is there already, or None where there is none now; raises
            ChannelEnded when none will come any more.
        format: mono int16; the rate of the sound and of the frames.
        settings: lengths of frames and fades.
        latency_s: how long after it was sent a frame is heard, seconds. What has not been heard yet can be taken
            back, and the reply is over when the last of it has been heard.
    """

    __slots__ = (
        "_audible",
        "_fading_in",
        "_format",
        "_frame",
        "_last",
        "_on_the_way",
        "_sent",
        "_settings",
        "_sound",
        "_tail",
        "state",
    )

    def __init__(
        self,
        pull: Callable[[], SpeechItem | None],
        format: AudioFormat,
        settings: AudioOutSettings,
        latency_s: float = 0.0,
    ) -> None:
        self._format = format
        self._settings = settings
        self._frame = format.samples(settings.frame_s)
        latency = format.samples(latency_s)
        self._on_the_way = OnTheWay(latency, self._frame) if latency else None
        self._sound = ReplySound(pull, format, self._on_the_way.keep if self._on_the_way else 0)
        self._tail = _Tail(array("h"))
        self._sent = 0  # samples at full gain, or fading in
        self._fading_in = 0  # samples at the beginning of the next frame
        self._audible = 0  # the position up to which the fade that was begun last can be heard
        self._last = b""  # the frame before; empty where that was silence
        self.state = PlayoutState.WAITING

    @property
    def played_samples(self) -> int:
        """Samples that count as played: at full gain, fading in, or fading out at no less than HEARD_GAIN."""
        return max(self._sent, self._audible)

    @property
    def heard(self) -> int:
        """How much of the model's text was heard, in characters, where samples are heard as they are played."""
        return self._sound.heard_after(self.played_samples)

    def heard_after(self, samples: int) -> int:
        """How much of the model's text so many samples carry, in characters."""
        return self._sound.heard_after(samples)

    def heard_but(self, unheard: int) -> int:
        """How much of the model's text was heard by now, in characters.

        Args:
            unheard: as for `take_back`.
        """
        if self._on_the_way is None:
            return self.heard
        sent, _ = self._on_the_way.heard(self._sent, unheard)
        return self._sound.heard_after(max(sent, self._audible))

    @property
    def next_sample(self) -> int:
        """The sample of the reply that is played next, once it goes on."""
        return max(self._sent, self._tail.whole_to)

    @property
    def can_pause(self) -> bool:
        """Whether it would play on, so that `pause` makes a difference."""
        unheard = self._on_the_way is not None and self.state is PlayoutState.ENDING
        return unheard or self.state in (PlayoutState.WAITING, PlayoutState.PLAYING, PlayoutState.RESUMING)

    @property
    def can_resume(self) -> bool:
        """Whether it rests or is about to."""
        return self.state is PlayoutState.PAUSED or self.state is PlayoutState.PAUSING

    @property
    def ready_frames(self) -> int:
        """How many whole frames are there to be played, without asking for more."""
        return self._sound.ready // self._frame

    @property
    def has_sound(self) -> bool:
        """Whether there is something to play."""
        return self._sound.ready > 0

    @property
    def sounds(self) -> bool:
        """Whether the frame before was not silence, or something is on its way to the ear."""
        return bool(self._last) or (self._on_the_way is not None and not self._on_the_way.is_silent)

    def put(self, item: SpeechItem) -> None:
        """Take in the next item of the reply."""
        self._sound.put(item)

    def complete(self) -> None:
        """No more items will come."""
        self._sound.complete()

    def frame(self) -> bytes | None:
        """The samples of the next frame, filled up with silence; None where there is nothing to play now."""
        before, fading_in = self._sent, self._fading_in
        if self._tail:
            pcm: bytes | None = self._frame_of_tail()
        elif self.state is PlayoutState.PLAYING or self.state is PlayoutState.WAITING:
            pcm = self._next_frame()
        else:
            pcm = None
            self._end_if_heard()
        self._last = pcm or b""
        if self._on_the_way is not None:
            self._on_the_way.sent(before, self._sent - before, fading_in)
        return pcm

    def pause(self) -> None:
        """Fade out and rest, after the word if the settings say so. Resuming goes on from the beginning of the fade."""
        if self.state is PlayoutState.RESUMING:
            self.state = PlayoutState.PAUSING
        elif self.state is PlayoutState.WAITING:
            self.state = PlayoutState.PAUSED  # a fade of what was not to be heard would be a sound of its own
        elif self.state is PlayoutState.PLAYING:
            self._fade_out(self._settings.fade_s, after=self._rest_of_word())
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
            fade_s: length of the fade, seconds; 0 cuts hard, and any value does so now, in the middle of a word or of
                another fade. None fades as in the settings, after the word if they say so, and lets a fade that has
                begun come to its end.
        """
        if self.state is PlayoutState.PLAYING:
            if fade_s is None:
                self._fade_out(self._settings.fade_s, after=self._rest_of_word())
            else:
                self._fade_out(fade_s)
        elif self._tail and fade_s is not None:
            self._fade_sooner(fade_s)
        self.state = PlayoutState.ENDING if self._tail else PlayoutState.OVER
        self._sound.drop()

    def stalled(self) -> None:
        """A frame's time has passed without the speaker taking the frame that was played last."""
        if self._on_the_way is not None:
            self._on_the_way.stalled()

    def take_back(self, unheard: int) -> None:
        """The speaker has thrown away what it had not played yet: nothing sounds, and that part comes again.

        Without effect where frames are heard as they are sent.

        Args:
            unheard: how much time lies between what was heard last and the end of the frame sent last, samples.
        """
        if self._on_the_way is None or self.state is PlayoutState.OVER:
            return
        heard, goes_on_at = self._on_the_way.heard(self._sent, unheard)
        self._on_the_way.clear()
        self._sound.put_back(self._sent - goes_on_at)
        self._sent = goes_on_at
        self._audible = max(self._audible, heard)
        self._tail = _Tail(array("h"))
        self._last = b""
        if self.state is not PlayoutState.PAUSED:
            self.state = PlayoutState.WAITING

    def _next_frame(self) -> bytes | None:
        pcm = self._sound.take(self._frame)
        if pcm is None:
            return self._fall_silent(PlayoutState.WAITING)  # the voice is late: goes on when a whole frame is there
        if not pcm:
            return self._fall_silent(PlayoutState.ENDING)
        samples = len(pcm) // self._format.bytes_per_sample
        if self.state is PlayoutState.WAITING:
            pcm = self._begin(pcm)
            self.state = PlayoutState.PLAYING
        self._sent += samples
        if samples == self._frame:
            return pcm
        last = array("h", pcm)
        self._tail = _Tail(last + glide_to_silence(last[-1], self._glide_step))
        self.state = PlayoutState.ENDING
        return self._frame_of_tail()

    def _begin(self, pcm: bytes) -> bytes:
        """From silence into the middle of the voice."""
        fade, self._fading_in = self._fading_in, 0
        if fade:
            return fade_in(pcm, fade, fade_step(self._format.rate_hz, fade))
        return glide_into(pcm, 0, self._glide_step)

    def _fall_silent(self, state: PlayoutState) -> bytes | None:
        """There is no more sound now."""
        self.state = state
        self._tail = _Tail(glide_to_silence(self._level, self._glide_step))
        if self._tail:
            return self._frame_of_tail()
        self._end_if_heard()
        return None

    def _fade_out(self, fade_s: float, after: int = 0) -> None:
        """Make the tail: so many samples as they are, and a faded copy of those that follow."""
        fade = self._format.samples(fade_s)
        sound = array("h", self._sound.peek(max(1, after + fade))[: 2 * (after + fade)])  # 1: is the sentence complete?
        gains = itertools.chain(itertools.repeat(1.0, after), fade_out_gains(fade))
        bound = fade_step(self._format.rate_hz, fade)
        self._audible = self._sent + min(len(sound), after + heard_samples(fade))
        faded = follow(sound, gains, self._level, self._level, bound)
        if fade:  # what is there may be shorter than the fade: the voice is late, or ends
            faded += glide_to_silence(faded[-1] if faded else self._level, bound)
        self._tail = _Tail(faded, at=self._sent, whole_to=self._sent + after)

    def _fade_sooner(self, fade_s: float) -> None:
        """Let what is left of the tail be no longer than this."""
        fade = self._format.samples(fade_s)
        tail = self._tail
        if fade < len(tail.samples):
            bound = fade_step(self._format.rate_hz, fade)
            self._tail = _Tail(follow(tail.samples, fade_out_gains(fade), self._level, self._level, bound))
            self._audible = min(self._audible, tail.at + heard_samples(fade))

    def _rest_of_word(self) -> int:
        """Samples that belong to the word which is being spoken, if they are few enough, and there."""
        most = self._format.samples(self._settings.finish_word_s)
        if not most:
            return 0
        self._sound.peek(most + 1)  # the next word is known with its first sample
        end = self._sound.end_of_word(self._sent)
        rest = 0 if end is None else end - self._sent
        return rest if rest <= min(most, self._sound.ready) else 0

    def _frame_of_tail(self) -> bytes:
        tail = self._tail
        pcm, tail.samples = tail.samples[: self._frame], tail.samples[self._frame :]
        tail.at += len(pcm)
        if not self._tail and self.state is PlayoutState.PAUSING:
            self.state = PlayoutState.PAUSED
        elif not self._tail and self.state is PlayoutState.RESUMING:
            self._go_on()
        return pcm.tobytes().ljust(self._frame * self._format.bytes_per_sample, b"\0")

    def _go_on(self) -> None:
        finished = self.next_sample - self._sent  # of a word
        self._sound.take(finished)
        self._sent += finished
        self.state = PlayoutState.WAITING
        self._fading_in = self._format.samples(self._settings.fade_in_s)

    def _end_if_heard(self) -> None:
        if self.state is PlayoutState.ENDING and (self._on_the_way is None or self._on_the_way.is_silent):
            self.state = PlayoutState.OVER

    @property
    def _level(self) -> int:
        """The last sample that was played."""
        return int.from_bytes(self._last[-2:], "little", signed=True)

    @property
    def _glide_step(self) -> int:
        return glide_step(self._format.rate_hz)
