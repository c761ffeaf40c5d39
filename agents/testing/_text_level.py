"""A session without sound: edges of speech come at their moments, and the agent's speech passes by deadlines.

Policy, recogniser's actor, reply graph, playout and ledger are those of every session. What is left out is what makes
sound expensive: the microphone's frames, the detector's looks at them, and a wake-up for each frame that is played.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

import trio

from trialogue.actors import (
    AudioTrack,
    Hearing,
    PlayoutPaused,
    PlayoutResumed,
    PlayoutState,
    TurnInput,
    VadSettings,
    turn,
)
from trialogue.agents.session._callee import add_callee
from trialogue.agents.session._keys import add_keys
from trialogue.agents.session._listeners import recognise
from trialogue.agents.session._wiring import Ears, SessionParts
from trialogue.agents.speech._page import Page, WayOut
from trialogue.agents.testing._voice import CallerVoice, Saying
from trialogue.engine import (
    Channel,
    ChannelEnded,
    Graph,
    Inbox,
    Outbox,
    RestartPolicy,
    fan_out,
    merge,
)
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFrame,
    PlayoutEdge,
    PlayoutFinished,
    SpeechEdge,
    SpeechEnded,
    SpeechStarted,
    Transcript,
)

if TYPE_CHECKING:
    from trialogue.actors import Mixer
    from trialogue.agents.testing._telephone import Telephone

#: Facts, and sayings, that may wait: as many as in a session with sound.
_FACTS: Final = 256

#: As for the recogniser of a session with sound.
_LISTENER_POLICY: Final = RestartPolicy(restart="on failure", max_restarts=5, within_s=60.0, backoff_s=0.1)

#: Moments closer than this are one, seconds.
_SAME_S: Final = 1e-9


def build_text_ears(parts: SessionParts, voice: CallerVoice, telephone: Telephone) -> Ears:
    """Everything that lives as long as a session without sound."""
    graph = Graph("session")
    sayings = Channel[Saying]("sayings", capacity=_FACTS)
    stt_edges = Channel[SpeechEdge]("stt edges", capacity=_FACTS)
    edges = Channel[SpeechEdge]("edges", capacity=_FACTS)
    transcripts = Channel[Transcript]("transcripts", capacity=_FACTS)
    playout = Channel[PlayoutEdge]("playout", capacity=_FACTS)
    replies = Channel[TurnInput]("replies", capacity=_FACTS)
    voice.listeners.append(sayings.outbox.send_nowait)
    graph.outside(sayings.outbox, playout.outbox, replies.outbox)
    graph.add(line, telephone=telephone, user_gone=parts.user_gone)
    _add_desks(graph, parts, telephone)
    graph.add(
        caller_edges,
        sayings.inbox,
        fan_out(stt_edges.outbox, edges.outbox),
        settings=parts.settings.vad,
        epoch_s=parts.epoch_s,
    )
    place, now = parts.listeners.stt, parts.listeners.settings
    for each in (place, parts.listeners.vad, parts.listeners.turn_detector):
        each.has_actor = True  # `caller_edges` tells for the others what they would have heard
    hearing = Hearing(parts.settings.stt, parts.attendants.keyterms, parts.attendants.understood)
    understanding = graph.add_as(
        "stt",
        recognise,
        stt_edges.inbox,
        transcripts.outbox,
        place=place,
        hearing=hearing,
        settings=lambda: now().stt,
    )
    graph.supervise(understanding, _LISTENER_POLICY)
    facts: Inbox[TurnInput] = merge(edges.inbox, transcripts.inbox, playout.inbox, replies.inbox)
    graph.add(turn, facts, policy=parts.policy, floor=parts.floor, epoch_s=parts.epoch_s)
    page = Page(playout.outbox, parts.epoch_s)
    way_out = WayOut(_text_track(parts, telephone, playout.outbox), page)
    return Ears(graph=graph, way_out=way_out, reply_facts=replies.outbox)


def _text_track(parts: SessionParts, telephone: Telephone, edges: Outbox[PlayoutEdge]) -> TextTrack:
    assert parts.transport is not None
    return TextTrack(
        speaker=cast("Outbox[AudioFrame]", _Mouthpiece(telephone)),  # it is a sink, and no actor listens behind it
        edges=edges,
        format=parts.transport.speaker_format,
        pacer=parts.pacer,
        epoch_s=parts.epoch_s,
        latency_s=parts.transport.speaker_latency_s,
        flush=parts.transport.flush,
        settings=parts.settings.audio_out,
    )


def _add_desks(graph: Graph, parts: SessionParts, telephone: Telephone) -> None:
    """Whoever else hears the caller."""
    add_keys(graph, telephone, parts.attendants.keys, epoch_s=parts.epoch_s, in_sound=False)
    if parts.attendants.callee is not None:
        add_callee(graph, parts.attendants.callee, parts.end)


async def line(*, telephone: Telephone, user_gone: Callable[[], None]) -> None:
    """The transport without its sound: it lasts until the caller goes, or it breaks."""
    await telephone.wait_gone()
    user_gone()


async def caller_edges(
    sayings_in: Inbox[Saying], edges_out: Outbox[SpeechEdge], *, settings: VadSettings, epoch_s: float
) -> None:
    """Where the caller's speech begins and ends, told as late as a detector that is never in doubt would be sure of it.

    Args:
        sayings_in: each when it begins.
        edges_out: the edges.
        settings: how long speech and silence must last.
        epoch_s: the session's beginning on Trio's clock, seconds.
    """
    async for saying in sayings_in:
        end_s = saying.end_s
        if end_s - saying.start_s < settings.min_speech_s - _SAME_S:
            continue  # a click
        sure_s = saying.start_s + settings.min_speech_s
        await trio.sleep_until(epoch_s + sure_s)
        await edges_out.send(SpeechStarted(at_sample=_sample(saying.start_s), at_s=saying.start_s, detected_s=sure_s))
        ended = False
        while not ended:
            with trio.move_on_at(epoch_s + end_s + settings.min_silence_s) as silence:
                try:
                    end_s = max(end_s, (await sayings_in.receive()).end_s)
                except ChannelEnded:
                    ended = True
            ended = ended or silence.cancelled_caught
        await edges_out.send(
            SpeechEnded(at_sample=_sample(end_s), at_s=end_s, detected_s=end_s + settings.min_silence_s)
        )


def _sample(at_s: float) -> int:
    return SPEECH_FORMAT.samples(at_s)


class _Mouthpiece:
    """Where the text level's frames go: to the caller's ear, without a task in between."""

    def __init__(self, telephone: Telephone) -> None:
        self._telephone = telephone

    def send_nowait(self, frame: AudioFrame) -> None:
        """Let the caller hear a frame at its own moment, which may be a while ago."""
        self._telephone.hear(frame.at_sample / frame.format.rate_hz, frame)


class TextTrack(AudioTrack):
    """An audio-out track that is not woken for each frame.

    While it is sure what it will play, it sleeps until it is not. Whoever asks or changes something meanwhile makes it
    play first what was due by then: so it plays the same frames at the same moments as any other track.
    """

    _due_s: float | None = None
    _appointment_s: float | None = None
    #: Called when it is known what will be heard next.
    on_news: Callable[[], None] = staticmethod(lambda: None)

    def tick(self, due_s: float) -> float | None:
        """Send the frames that are due. For the pacer."""
        if self._due_s is None:
            self._due_s = due_s
        elif due_s != self._appointment_s:
            return None  # this appointment was moved
        self._catch_up()
        self._appointment_s = self._next_s()
        self.on_news()
        return self._appointment_s

    def put_under(self, mixer: Mixer) -> None:
        """Nobody hears what sounds besides the voice."""

    def cut(self, reply_id: str, fade_s: float | None = None) -> PlayoutFinished | None:
        """As AudioTrack.cut."""
        self._catch_up()
        finished = super().cut(reply_id, fade_s)
        self._see_to_it()
        return finished

    def pause(self) -> PlayoutPaused | None:
        """As AudioTrack.pause."""
        self._catch_up()
        paused = super().pause()
        self._see_to_it()
        return paused

    def resume(self) -> PlayoutResumed | None:
        """As AudioTrack.resume."""
        self._catch_up()
        resumed = super().resume()
        self._see_to_it()
        return resumed

    @property
    def heard(self) -> int:
        """As AudioTrack.heard."""
        self._catch_up()
        return super().heard

    def heard_at_s(self, chars: int) -> float | None:
        """When so much of the text will have been heard, on Trio's clock; None while its sound is not there.

        Args:
            chars: of the reply that has the speaker.
        """
        turn, due_s = self._turn, self._due_s
        if turn is None or due_s is None or turn.playout.state is not PlayoutState.PLAYING:
            return None
        playout, frame_s = turn.playout, self._settings.frame_s
        played, samples = playout.played_samples, self._format.samples(frame_s)
        ready = playout.ready_frames
        needed = bisect_left(range(ready + 1), chars, key=lambda frames: playout.heard_after(played + frames * samples))
        return due_s + (needed - 1) * frame_s + self._latency_s if needed <= ready else None

    def _catch_up(self) -> None:
        """Play what was due by now."""
        now_s = trio.current_time() + _SAME_S
        while self._due_s is not None and self._due_s <= now_s:
            self._due_s = super().tick(self._due_s)

    def _next_s(self) -> float | None:
        """When something may happen that is not certain yet."""
        if self._due_s is None or self._turn is None:
            return None
        playout = self._turn.playout
        certain = playout.ready_frames if playout.state is PlayoutState.PLAYING else 0
        return self._due_s + certain * self._settings.frame_s

    def _see_to_it(self) -> None:
        """What comes next has changed: be woken in time."""
        next_s = self._next_s()
        if next_s is not None and next_s != self._appointment_s and self._appointment_s is not None:
            self._appointment_s = next_s
            self._pacer.start(self, next_s)
