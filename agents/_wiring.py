"""The graph of a session: the ears, and the mouth's way out. What lives as long as one reply is in `_reply_wiring`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from trialogue.actors import (
    AudioTrack,
    EchoGuard,
    EchoReference,
    Hearing,
    SpeechGate,
    TurnInput,
    TurnJudged,
    denoise,
    keypad,
    recorder,
    stt,
    turn,
    turn_detector,
    vad,
)
from trialogue.agents._callee import add_hearing_callee
from trialogue.agents._keys import add_keys
from trialogue.engine import (
    Channel,
    Graph,
    Inbox,
    Node,
    Outbox,
    Pacer,
    Resampler,
    RestartPolicy,
    Transport,
    fan_out,
    merge,
)
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFrame,
    PlayoutEdge,
    SpeechEdge,
    Transcript,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.actors import Floor, TurnPolicy
    from trialogue.agents._callee import CalleeDesk
    from trialogue.agents._keys import KeyDesk
    from trialogue.agents._settings import Models, SessionSettings
    from trialogue.engine import AudioSink, TurnDetector

#: How much sound each listener may be behind before the oldest is dropped (and counted), seconds. The detector keeps
#: up or is broken; the recogniser may stall for a reconnect; a recorder waits for a disk.
_VAD_BACKLOG_S: Final = 2.0
_STT_BACKLOG_S: Final = 15.0
_RECORDER_BACKLOG_S: Final = 5.0

#: As much sound as a judge of turns hears at once; it may be busy with the turn before for a tenth of a second.
_JUDGE_BACKLOG_S: Final = 8.0

#: How far the track may be ahead of the transport, seconds: little, since what is there cannot be faded any more.
_SPEAKER_LEAD_S: Final = 0.06

#: Facts that may wait for the turn actor, which never waits itself: more than a stall of seconds can bring.
_FACTS: Final = 256


#: A detector or recogniser that fails is opened anew; what was said meanwhile waits for it.
_LISTENER_POLICY: Final = RestartPolicy(restart="on failure", max_restarts=5, within_s=60.0, backoff_s=0.1)

#: The judge of turns is a help, and not needed: the words are judged in any case.
_JUDGE_POLICY: Final = attrs.evolve(_LISTENER_POLICY, then="go on without it")

#: A full disk must not end a conversation.
_RECORDER_POLICY: Final = RestartPolicy(then="go on without it")


@attrs.define(kw_only=True, eq=False)
class Ears:
    """The session's graph, and the ends of its channels that the session itself uses."""

    graph: Graph
    track: AudioTrack
    reply_facts: Outbox[TurnInput]


@attrs.frozen(kw_only=True)
class SessionParts:
    """What the session's graph is built from.

    Args:
        end: ends the session, for a reason.
        keys: told of the keys that the user presses; None where nobody wants to know.
        callee: finds out who has answered; None in an inbound call.
        keyterms: which terms the user may say from now on; None: those of the settings.
    """

    models: Models
    settings: SessionSettings
    transport: Transport
    recording: AudioSink | None
    pacer: Pacer
    policy: TurnPolicy
    floor: Floor
    epoch_s: float
    end: Callable[[str], None]
    keys: KeyDesk | None = None
    callee: CalleeDesk | None = None
    keyterms: Callable[[], tuple[str, ...]] | None = None

    def user_gone(self) -> None:
        """The user has gone: that ends the session."""
        self.end("the user has gone")


def build_ears(parts: SessionParts) -> Ears:
    """Everything that lives as long as the session."""
    graph = Graph("session")
    to_speaker = Channel[AudioFrame]("speaker", seconds=_SPEAKER_LEAD_S)
    taps: list[Outbox[AudioFrame]] = []
    speakers = [to_speaker.outbox]
    if parts.recording is not None:
        user, agent = _add_recorder(graph, parts, parts.recording)
        taps.append(user)
        speakers.append(agent)
    heard = Channel[float]("heard", overflow="latest")
    echo = EchoReference(parts.transport.speaker_latency_s)
    sound, said = _add_listeners(graph, parts, heard.outbox, echo)
    _add_microphone(graph, parts, taps, sound)
    played = graph.stage(echo.note, to_speaker.inbox)
    graph.add(speaker, played, transport=parts.transport, user_gone=parts.user_gone)
    playout = Channel[PlayoutEdge]("playout", capacity=_FACTS)
    replies = Channel[TurnInput]("replies", capacity=_FACTS)
    graph.outside(playout.outbox, replies.outbox, *speakers)
    facts: Inbox[TurnInput] = merge(said, playout.inbox, replies.inbox)
    graph.add(turn, facts, policy=parts.policy, floor=parts.floor, epoch_s=parts.epoch_s, heard_in=heard.inbox)
    track = AudioTrack(
        speaker=fan_out(*speakers),
        edges=playout.outbox,
        format=parts.transport.speaker_format,
        pacer=parts.pacer,
        epoch_s=parts.epoch_s,
        latency_s=parts.transport.speaker_latency_s,
        flush=parts.transport.flush,
        settings=parts.settings.audio_out,
    )
    return Ears(graph=graph, track=track, reply_facts=replies.outbox)


def _add_recorder(graph: Graph, parts: SessionParts, sink: AudioSink) -> tuple[Outbox[AudioFrame], Outbox[AudioFrame]]:
    user = Channel[AudioFrame]("recorded user", seconds=_RECORDER_BACKLOG_S, overflow="drop oldest")
    agent = Channel[AudioFrame]("recorded agent", seconds=_RECORDER_BACKLOG_S, overflow="drop oldest")
    node = graph.add(recorder, user.inbox, agent.inbox, sink=sink, settings=parts.settings.recorder)
    graph.supervise(node, _RECORDER_POLICY)
    return user.outbox, agent.outbox


def _add_microphone(
    graph: Graph, parts: SessionParts, taps: list[Outbox[AudioFrame]], sound: Outbox[AudioFrame]
) -> None:
    """The microphone, as the listeners want it; the taps get it as it is."""
    raw, denoiser = parts.transport.microphone_format, parts.models.denoiser
    in_sound = parts.settings.conversation.telephone.hear_keys
    keys = add_keys(graph, parts.transport, parts.keys, epoch_s=parts.epoch_s, in_sound=in_sound)
    if raw == SPEECH_FORMAT and denoiser is None and not in_sound:
        graph.add(microphone, fan_out(*taps, sound), transport=parts.transport, user_gone=parts.user_gone)
        return
    heard = Channel[AudioFrame]("microphone", seconds=_VAD_BACKLOG_S)
    graph.add(microphone, fan_out(*taps, heard.outbox), transport=parts.transport, user_gone=parts.user_gone)
    converted = heard.inbox
    if raw != SPEECH_FORMAT:
        converted = graph.stage(Resampler(raw, SPEECH_FORMAT).push, converted)
    converting: list[Node] = []
    if in_sound:  # before the denoiser: to that a tone is noise
        toneless = Channel[AudioFrame]("sound without keys", seconds=_VAD_BACKLOG_S)
        converting.append(graph.add(keypad, converted, sound if denoiser is None else toneless.outbox, keys))
        converted = toneless.inbox
    if denoiser is not None:
        converting.append(graph.add(denoise, converted, sound, denoiser=denoiser))
    elif not in_sound:
        converting.append(graph.add(convert, converted, sound))
    for node in converting:
        graph.supervise(node, _LISTENER_POLICY)  # a frame that is no sound is lost, and told; not the call


async def microphone(audio_out: Outbox[AudioFrame], *, transport: Transport, user_gone: Callable[[], None]) -> None:
    """The transport's microphone, and word of its end."""
    await transport.microphone(audio_out)
    user_gone()


async def speaker(audio_in: Inbox[AudioFrame], *, transport: Transport, user_gone: Callable[[], None]) -> None:
    """The transport's speaker, and word of its end: who cannot hear any more has gone."""
    await transport.speaker(audio_in)
    user_gone()


async def convert(audio_in: Inbox[AudioFrame], audio_out: Outbox[AudioFrame]) -> None:
    """Pass frames on; the conversion is a stage of the inbox, done once for all listeners."""
    async for frame in audio_in:
        await audio_out.send(frame)


def _add_listeners(
    graph: Graph, parts: SessionParts, heard: Outbox[float], echo: EchoReference
) -> tuple[Outbox[AudioFrame], Inbox[TurnInput]]:
    """The detector and the recogniser, neither of which delays the other: where the sound goes, what comes out."""
    sound = Channel[AudioFrame]("sound", seconds=_VAD_BACKLOG_S, overflow="drop oldest")
    speech = Channel[AudioFrame]("speech of the user", seconds=_STT_BACKLOG_S, overflow="drop oldest")
    stt_edges = Channel[SpeechEdge]("stt edges", capacity=_FACTS)
    edges = Channel[SpeechEdge]("edges", capacity=_FACTS)
    transcripts = Channel[Transcript]("transcripts", capacity=_FACTS)
    sounds, listeners = [sound.outbox], [stt_edges.outbox, edges.outbox]
    said: Inbox[TurnInput] = merge(edges.inbox, transcripts.inbox)
    if parts.models.turn_detector is not None:
        judged, judged_edges, judgements = _add_turn_detector(graph, parts, parts.models.turn_detector)
        sounds.append(judged)
        listeners.append(judged_edges)
        said = merge(said, judgements)
    if parts.callee is not None:
        sounds.append(add_hearing_callee(graph, parts.callee, parts.end))
    detecting = graph.add(
        vad,
        sound.inbox,
        fan_out(*listeners),
        speech.outbox,
        detector=EchoGuard(parts.models.vad, echo, parts.settings.vad.echo_db),
        settings=parts.settings.vad,
        gate=SpeechGate(SPEECH_FORMAT.rate_hz, parts.settings.vad),
        heard_out=heard,
    )
    understanding = graph.add(
        stt,
        merge(speech.inbox, stt_edges.inbox),
        transcripts.outbox,
        recogniser=parts.models.stt,
        hearing=Hearing(parts.settings.stt, parts.keyterms),
    )
    for node in (detecting, understanding):
        graph.supervise(node, _LISTENER_POLICY)
    return fan_out(*sounds), said


def _add_turn_detector(
    graph: Graph, parts: SessionParts, detector: TurnDetector
) -> tuple[Outbox[AudioFrame], Outbox[SpeechEdge], Inbox[TurnJudged]]:
    """The judge of whether a turn is over by its sound: where the sound and the edges go, what comes out."""
    sound = Channel[AudioFrame]("judged sound", seconds=_JUDGE_BACKLOG_S, overflow="drop oldest")
    edges = Channel[SpeechEdge]("judged edges", capacity=_FACTS)
    judgements = Channel[TurnJudged]("judgements", capacity=_FACTS)
    judging = graph.add(
        turn_detector,
        merge(sound.inbox, edges.inbox),
        judgements.outbox,
        detector=detector,
        language=parts.settings.turn.language,
    )
    graph.supervise(judging, _JUDGE_POLICY)
    return sound.outbox, edges.outbox, judgements.inbox
