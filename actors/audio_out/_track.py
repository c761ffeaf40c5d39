"""The audio-out track: the only owner of playout. It paces, counts, fades, pauses, cuts, and says what was heard."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Protocol

import attrs
import trio

from trialogue.actors.audio_out._background import Background
from trialogue.actors.audio_out._fade import fade_out_gains
from trialogue.actors.audio_out._playout import AudioOutSettings, Playout, PlayoutState
from trialogue.engine import ChannelEnded, Inbox, Outbox
from trialogue.frames import AudioFrame, PlayoutFinished, PlayoutStarted, Sentence, SpeechItem
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.actors.mixer._mixer import Mixer
    from trialogue.engine import Pacer
    from trialogue.frames import AudioFormat, PlayoutEdge


class PlayoutGate(Protocol):
    """Says whether a reply may begin to sound."""

    @property
    def is_open(self) -> bool:
        """Whether it may now."""

    async def wait_open(self) -> None:
        """Wait until it may; by then it may be too late again."""


class HeardFollower(Protocol):
    """Is told how far a reply is. Synchronous and short; what it raises is the reply's failure."""

    def __call__(self, reply_id: str, heard: int, at_s: float, /) -> None:
        """More of a reply was heard.

        Args:
            reply_id: which reply.
            heard: how much of its text, in characters.
            at_s: by when, session time, seconds.
        """


@frozen(kw_only=True)
class PlayoutPaused:
    """A reply rests in the middle of its sound.

    Args:
        reply_id: which reply.
        at_s: when it was told to, session time, seconds; the fade begins then, or after the word.
        at_sample: the same on the speaker's sample count.
        played_s: how much of its sound counts as heard, seconds.
        heard: how much of the model's text that is, in characters.
        sounded: whether anything was to be heard at that moment; not where the voice was late.
    """

    reply_id: str
    at_s: float
    at_sample: int
    played_s: float
    heard: int
    sounded: bool


@frozen(kw_only=True)
class PlayoutResumed:
    """A reply goes on after a rest.

    Args:
        reply_id: which reply.
        at_s: when, session time, seconds; its sound follows with the next frame, or when its fade out is over.
        at_sample: the same on the speaker's sample count.
        from_s: from where on it is played, seconds of its sound: the first that was not heard at full gain.
    """

    reply_id: str
    at_s: float
    at_sample: int
    from_s: float


@define(kw_only=True, eq=False)
class _Turn:
    """One reply's turn at the speaker."""

    reply_id: str
    playout: Playout
    inbox: Inbox[SpeechItem]
    first_sentence_s: float = 0.0
    first_sound_s: float = 0.0
    due_s: float = 0.0  # when the latest frame was due, on Trio's clock
    over: trio.Event = attrs.Factory(trio.Event)
    error: Exception | None = None
    stalled: bytes | None = None  # a frame for which the transport had no room yet
    flush_again: bool = False  # a frame was perhaps between track and transport when that was flushed
    told: int = 0  # how much of its text the follower knows to be heard


class AudioTrack:
    """The way from replies to the speaker.

    One reply plays at a time. What a cut leaves of one (its fade) is played out before the next begins.

    Args:
        speaker: where frames go. A transport that takes none for a while stalls the playout; nothing is lost.
        edges: where it tells when a reply begins and ends.
        format: of the frames; mono int16.
        pacer: calls `tick` when a frame is due.
        epoch_s: the session's beginning on Trio's clock, seconds.
        latency_s: how long after it was sent a frame is heard, seconds. Where that is more than 0, cutting and pausing
            throw away what is on its way: that was not heard, the speaker falls silent at once, and there is nothing
            left to fade; its own end may do that. Resuming sends it again.
        flush: throws away what is on its way; called before a reply is cut or rests. Where `latency_s` is more than 0
            and this is None, somebody else must do it then.
        settings: lengths of frames and fades.
    """

    __slots__ = (
        "_background",
        "_edges",
        "_epoch_s",
        "_flush",
        "_follower",
        "_format",
        "_last",
        "_latency_s",
        "_pacer",
        "_settings",
        "_speaker",
        "_turn",
    )

    def __init__(  # noqa: PLR0913  # all named, and each a thing of its own
        self,
        *,
        speaker: Outbox[AudioFrame],
        edges: Outbox[PlayoutEdge],
        format: AudioFormat,
        pacer: Pacer,
        epoch_s: float,
        latency_s: float = 0.0,
        flush: Callable[[], None] | None = None,
        settings: AudioOutSettings | None = None,
    ) -> None:
        self._speaker = speaker
        self._edges = edges
        self._format = format
        self._pacer = pacer
        self._epoch_s = epoch_s
        self._latency_s = latency_s
        self._flush = flush
        self._settings = settings or AudioOutSettings()
        fade_out_gains(format.samples(self._settings.fade_s))  # kept; now and not at the first interruption
        self._background: Background | None = None
        self._follower: HeardFollower | None = None
        self._turn: _Turn | None = None
        self._last: PlayoutFinished | None = None

    @property
    def format(self) -> AudioFormat:
        """What the frames are, and what replies must bring."""
        return self._format

    @property
    def playing(self) -> str | None:
        """The id of the reply that has the speaker, or None."""
        return None if self._turn is None else self._turn.reply_id

    @property
    def heard(self) -> int:
        """How much was heard of the text of the reply that has the speaker, in characters; 0 if none has."""
        turn = self._turn
        return 0 if turn is None else turn.playout.heard_but(self._unheard(turn))

    def follow(self, follower: HeardFollower | None) -> None:
        """Tell somebody each time when more of a reply's text was heard; None tells nobody any more. Synchronous.

        It is looked at when a frame goes out, since nothing is heard in between: nobody is woken for it.
        """
        self._follower = follower

    def change(self, settings: AudioOutSettings) -> None:
        """Play by these settings, whose frames are as long as before, from the next reply on. Synchronous."""
        assert settings.frame_s == self._settings.frame_s
        self._settings = settings

    def put_under(self, mixer: Mixer) -> None:
        """Mix sounds under all that is played, and play them while nothing else is. Synchronous.

        To be called again whenever a sound was added to the mixer: while there are none, nothing is done. An
        interruption leaves them alone, but where `latency_s` is more than 0, what is on its way is thrown away with the
        rest. A reply that begins while they play begins with their next frame: half a frame later on average.
        """
        if self._background is None:
            self._background = Background(mixer, self._format.samples(self._settings.frame_s))
        if self._turn is None and self._background.due_s is None and mixer.playing:
            self._background.due_s = trio.current_time()
            self._pacer.start(self, self._background.due_s)

    async def play(self, reply_id: str, speech: Inbox[SpeechItem], gate: PlayoutGate | None = None) -> None:
        """Play a reply to its end, in the reply's own task and scope.

        Cancelled, or when another task calls `cut`, only the fade is still played; the inbox is detached at once.

        Args:
            reply_id: which one.
            speech: its sound.
            gate: it begins to sound only while that is open; None is always open.
        """
        playout = Playout(functools.partial(_pull, speech), self._format, self._settings, self._latency_s)
        turn = _Turn(reply_id=reply_id, playout=playout, inbox=speech)
        if not await self._first_sound(turn):
            await self._edges.send(PlayoutFinished(reply_id=reply_id, at_s=self._now_s(), heard=0, played_s=0.0))
            return
        while True:  # between the last look at the gate and the beginning there is no checkpoint
            if self._turn is not None:
                await self._turn.over.wait()
            elif gate is not None and not gate.is_open:
                await gate.wait_open()
            else:
                break
        await trio.lowlevel.checkpoint_if_cancelled()  # cut in the very instant in which it was woken to begin
        self._turn = turn
        background = self._background
        try:
            if background is not None and background.due_s is not None:
                await trio.sleep_until(background.due_s)
                await self._edges.send(self._started(turn))
            else:
                await self._begin(turn)
            await turn.over.wait()
        finally:
            self.cut(reply_id)
        if turn.error is not None:
            raise turn.error
        await self._edges.send(self._finished(turn))

    async def _begin(self, turn: _Turn) -> None:
        """Tell that it begins, and send the first frame right here: the pacer would have to be woken for it."""
        next_s: float | None = trio.current_time()  # what fails or is cancelled here, the pacer brings to its end
        try:
            await self._edges.send(self._started(turn))
            next_s = self.tick(trio.current_time())
        finally:
            if next_s is not None:
                self._pacer.start(self, next_s)

    def cut(self, reply_id: str, fade_s: float | None = None) -> PlayoutFinished | None:
        """Silence a reply within its fade and one frame, and throw its rest away. Synchronous.

        With `AudioOutSettings.finish_word_s` the word that is being spoken may be finished before.

        Args:
            reply_id: which reply.
            fade_s: length of the fade, seconds; 0 cuts hard, in the middle of a word or of another fade. None is as the
                settings say.

        Returns:
            What was heard of it; None if nothing was.
        """
        turn = self._turn
        if turn is None or turn.reply_id != reply_id:
            return self.result(reply_id)
        self._take_back(turn)
        turn.playout.cut(fade_s)
        turn.inbox.detach()
        return self._finished(turn)

    def result(self, reply_id: str) -> PlayoutFinished | None:
        """What was heard of the reply that was played last; None for any other one."""
        return self._last if self._last is not None and self._last.reply_id == reply_id else None

    def pause(self) -> PlayoutPaused | None:
        """Fade out and rest, wherever the reply is. Synchronous.

        Returns:
            Where it rests; None where no reply has the speaker, or the one that has it rests or ends already.
        """
        turn = self._turn
        if turn is None or not turn.playout.can_pause:
            return None
        sounded = turn.playout.sounds
        self._take_back(turn)
        turn.playout.pause()
        now_s, playout = self._now_s(), turn.playout
        return PlayoutPaused(
            reply_id=turn.reply_id,
            at_s=now_s,
            at_sample=round(now_s * self._format.rate_hz),
            played_s=playout.played_samples / self._format.rate_hz,
            heard=playout.heard,
            sounded=sounded,
        )

    def resume(self) -> PlayoutResumed | None:
        """Go on from the first sample that was not heard at full gain. Synchronous.

        Returns:
            From where on it is played; None where nothing rests.
        """
        turn = self._turn
        if turn is None or not turn.playout.can_resume:
            return None
        self._flush_again(turn)
        turn.playout.resume()
        now_s = self._now_s()
        return PlayoutResumed(
            reply_id=turn.reply_id,
            at_s=now_s,
            at_sample=round(now_s * self._format.rate_hz),
            from_s=turn.playout.next_sample / self._format.rate_hz,
        )

    def close(self) -> None:
        """Play nothing more, not even a fade: the speaker is gone. A pacer that serves other sessions, too, lets go."""
        self._turn = self._background = None

    def tick(self, due_s: float) -> float | None:
        """Send the frame that is due. For the pacer."""
        background, next_s = self._background, due_s + self._settings.frame_s
        sounds = self._tick_reply(due_s) if self._turn is not None else self._send_background(due_s)
        if background is not None:
            background.due_s = next_s if sounds else None
        return next_s if sounds else None

    def _tick_reply(self, due_s: float) -> bool:
        """Send a reply's frame that is due, with the background in it; whether anything may follow."""
        turn = self._turn
        assert turn is not None
        turn.due_s = due_s
        pcm = turn.stalled
        if pcm is None:
            pcm = turn.playout.frame()
            if pcm is not None and self._background is not None:
                pcm = self._background.under(pcm)
        else:
            turn.playout.stalled()
        if pcm is not None:
            turn.stalled = None if self._send(pcm, due_s) else pcm
        else:
            self._flush_again(turn)
            if turn.playout.state is PlayoutState.OVER:  # and the frame before has had its time
                self._end(turn)
                return self._send_background(due_s)
            self._send_background(due_s)
        if self._follower is not None:
            self._tell_heard(turn, self._follower)
        return True

    def _send_background(self, due_s: float) -> bool:
        """Send a frame of the background alone, if there is one; whether more of it follows."""
        background = self._background
        if background is None:
            return False  # nor is there a reply: the track was closed since it asked to be called
        pcm = background.alone()
        if pcm is not None:
            self._send(pcm, due_s)  # one that finds no room is missed by nobody
        return background.sounds

    def _send(self, pcm: bytes, due_s: float) -> bool:
        """Send a frame, if the transport has room for it."""
        try:
            self._speaker.send_nowait(AudioFrame(pcm=pcm, at_sample=self._position(due_s), format=self._format))
        except trio.WouldBlock:
            return False
        return True

    def _tell_heard(self, turn: _Turn, follower: HeardFollower) -> None:
        heard = turn.playout.heard_but(self._unheard(turn))
        if heard > turn.told:
            turn.told = heard
            follower(turn.reply_id, heard, turn.due_s - self._epoch_s)

    def fail(self, error: Exception) -> None:
        """Take over an exception of `tick`: it comes out of `play`."""
        self._background = None
        if self._turn is not None:
            self._turn.error = error
            self._end(self._turn)

    def _end(self, turn: _Turn) -> None:
        self._turn = None
        self._last = self._finished(turn)
        turn.over.set()

    def _take_back(self, turn: _Turn) -> None:
        """Have what is on its way thrown away; it was not heard."""
        if self._flush is not None and turn.playout.state is not PlayoutState.OVER:
            self._flush()
        if self._latency_s:
            turn.playout.take_back(self._unheard(turn))
            turn.stalled = None
            turn.flush_again = True

    def _flush_again(self, turn: _Turn) -> None:
        """What was under way to the transport when that was flushed has come there by now: it goes as well."""
        if turn.flush_again and self._flush is not None:
            self._flush()
        turn.flush_again = False

    def _unheard(self, turn: _Turn) -> int:
        """How much time lies between what is heard now and the end of the frame sent last, samples."""
        if not self._latency_s:
            return 0
        frame_s = self._settings.frame_s
        unheard_s = self._latency_s + frame_s - (trio.current_time() - turn.due_s)
        return self._format.samples(max(unheard_s, frame_s if turn.stalled else 0.0))

    async def _first_sound(self, turn: _Turn) -> bool:
        """Wait until there is something to play; False if the reply ends without a sound."""
        with contextlib.suppress(ChannelEnded):
            while not turn.playout.has_sound:
                item = await turn.inbox.receive()
                if isinstance(item, Sentence) and not turn.first_sentence_s:
                    turn.first_sentence_s = self._now_s()
                turn.playout.put(item)
            turn.first_sound_s = self._now_s()
            return True
        turn.playout.complete()
        return False

    def _started(self, turn: _Turn) -> PlayoutStarted:
        now_s = self._now_s()
        return PlayoutStarted(
            reply_id=turn.reply_id,
            at_s=now_s,
            at_sample=round(now_s * self._format.rate_hz),
            first_sentence_s=turn.first_sentence_s,
            first_sound_s=turn.first_sound_s,
        )

    def _finished(self, turn: _Turn) -> PlayoutFinished:
        return PlayoutFinished(
            reply_id=turn.reply_id,
            at_s=self._now_s(),
            heard=turn.playout.heard,
            played_s=turn.playout.played_samples / self._format.rate_hz,
        )

    def _now_s(self) -> float:
        return trio.current_time() - self._epoch_s

    def _position(self, due_s: float) -> int:
        return round((due_s - self._epoch_s) * self._format.rate_hz)


def _pull(speech: Inbox[SpeechItem]) -> SpeechItem | None:
    try:
        return speech.receive_nowait()
    except trio.WouldBlock:
        return None


async def audio_out(
    speech_in: Inbox[SpeechItem], *, track: AudioTrack, reply_id: str, gate: PlayoutGate | None = None
) -> None:
    """The last actor of a reply: takes its turn at the track and plays it.

    Args:
        speech_in: the reply's sound.
        track: the way to the speaker.
        reply_id: which reply.
        gate: when it may begin to sound; None is at any time.
    """
    await track.play(reply_id, speech_in, gate)
