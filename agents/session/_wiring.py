"""The graph of a session: the ears, and the mouth's way out. What lives as long as one reply is in `_reply_wiring`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.actors import (
    AudioTrack,
    EchoReference,
    Hearing,
    SpeechGate,
    TurnInput,
    TurnJudged,
    denoise,
    keypad,
    recorder,
    turn,
)
from trialogue.agents.context._vision import add_video
from trialogue.agents.session._callee import add_hearing_callee
from trialogue.agents.session._keys import add_keys
from trialogue.agents.session._lineup import actors_for, names_of
from trialogue.agents.session._listeners import detect, judge, recognise
from trialogue.agents.speech._page import Page, WayOut
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
from trialogue.frames import SPEECH_FORMAT, AudioFrame, PlayoutEdge, SpeechEdge, Transcript
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.actors import Floor, RecordingSwitch, TurnPolicy
    from trialogue.agents._settings import SessionSettings
    from trialogue.agents.context._vision import Sight
    from trialogue.agents.session._callee import CalleeDesk
    from trialogue.agents.session._cast import Listeners
    from trialogue.agents.session._keys import KeyDesk
    from trialogue.engine import AudioSink

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


@define(kw_only=True, eq=False)
class Ears:
    """The session's graph, and the ends of its channels that the session itself uses.

    Args:
        graph: all actors.
        way_out: where replies go.
        reply_facts: tells the turn policy of them.
    """

    graph: Graph
    way_out: WayOut
    reply_facts: Outbox[TurnInput]

    @property
    def track(self) -> AudioTrack:
        """Where replies are played; of a session that has a transport."""
        assert self.way_out.track is not None
        return self.way_out.track


@frozen(kw_only=True)
class Recording:
    """Where both sides are kept, and when they are not."""

    sink: AudioSink
    switch: RecordingSwitch


@frozen(kw_only=True)
class Attendants:
    """Who attends to what the user does besides speaking.

    Args:
        keys: told of the keys that the user presses; None where nobody wants to know.
        callee: finds out who has answered; None in an inbound call.
        sight: takes in pictures; None where nobody looks.
        keyterms: which terms the user may say from now on; None: those of the settings.
        understood: what is to be taken for what was understood; None: just that.
    """

    keys: KeyDesk | None = None
    callee: CalleeDesk | None = None
    sight: Sight | None = None
    keyterms: Callable[[], tuple[str, ...]] | None = None
    understood: Callable[[str], str] | None = None


@frozen(kw_only=True)
class SessionParts:
    """What the session's graph is built from.

    Args:
        listeners: who hears the user.
        end: ends the session, for a reason.
        user_gone: likewise, since the user has gone.
        attendants: who attends to what else the user does.
    """

    listeners: Listeners
    settings: SessionSettings
    transport: Transport | None
    recording: Recording | None
    pacer: Pacer
    policy: TurnPolicy
    floor: Floor
    epoch_s: float
    end: Callable[[str], None]
    user_gone: Callable[[], None]
    attendants: Attendants = attrs.Factory(lambda: Attendants())

    @property
    def actors(self) -> frozenset[str]:
        """The names of those that exist; see ACTORS."""
        ears = self.listeners
        return actors_for(
            names_of(
                vad=ears.vad.is_wanted or None,
                stt=ears.stt.is_wanted or None,
                turn_detector=ears.turn_detector.is_wanted or None,
                denoiser=ears.denoiser,
                transport=self.transport,
                recording=self.recording,
            )
        )


@define(kw_only=True, eq=False)
class _Heard:
    """What the listeners want to hear, and what they tell.

    Args:
        sounds: where all sound goes.
        edges: where the edges of speech go.
        said: what the turn policy is told.
        heard: up to when all sound was judged; None where nobody says so.
    """

    sounds: list[Outbox[AudioFrame]] = attrs.Factory(list)
    edges: list[Outbox[SpeechEdge]] = attrs.Factory(list)
    said: list[Inbox[TurnInput]] = attrs.Factory(list)
    heard: Inbox[float] | None = None


def build_ears(parts: SessionParts) -> Ears:
    """Everything that lives as long as the session."""
    graph = Graph("session")
    playout = Channel[PlayoutEdge]("playout", capacity=_FACTS)
    replies = Channel[TurnInput]("replies", capacity=_FACTS)
    graph.outside(playout.outbox, replies.outbox)
    facts: list[Inbox[TurnInput]] = [playout.inbox, replies.inbox]
    track, heard_in = None, None
    if parts.transport is not None:
        track, heard = _add_line(graph, parts, parts.transport, playout.outbox)
        heard_in = heard.heard
        facts = [*heard.said, *facts]
    all_facts = functools.reduce(merge, facts)
    graph.add(turn, all_facts, policy=parts.policy, floor=parts.floor, epoch_s=parts.epoch_s, heard_in=heard_in)
    page = Page(playout.outbox, parts.epoch_s)
    return Ears(graph=graph, way_out=WayOut(track, page), reply_facts=replies.outbox)


def _add_line(
    graph: Graph, parts: SessionParts, transport: Transport, edges: Outbox[PlayoutEdge]
) -> tuple[AudioTrack, _Heard]:
    """Both directions of the transport: what is played to it, and who hears what comes from it."""
    to_speaker = Channel[AudioFrame]("speaker", seconds=_SPEAKER_LEAD_S)
    taps: list[Outbox[AudioFrame]] = []
    speakers = [to_speaker.outbox]
    if parts.recording is not None:
        user, agent = _add_recorder(graph, parts, parts.recording)
        taps.append(user)
        speakers.append(agent)
    echo = EchoReference(transport.speaker_latency_s)
    heard = _add_listeners(graph, parts, echo)
    _add_microphone(graph, parts, transport, taps, heard.sounds)
    played = graph.stage(echo.note, to_speaker.inbox) if "vad" in parts.actors else to_speaker.inbox
    graph.add(speaker, played, transport=transport, user_gone=parts.user_gone)
    graph.outside(*speakers)
    if parts.attendants.sight is not None:
        add_video(graph, transport, parts.attendants.sight, parts.policy)
    track = AudioTrack(
        speaker=fan_out(*speakers),
        edges=edges,
        format=transport.speaker_format,
        pacer=parts.pacer,
        epoch_s=parts.epoch_s,
        latency_s=transport.speaker_latency_s,
        flush=transport.flush,
        settings=parts.settings.audio_out,
    )
    return track, heard


def _add_recorder(graph: Graph, parts: SessionParts, to: Recording) -> tuple[Outbox[AudioFrame], Outbox[AudioFrame]]:
    user = Channel[AudioFrame]("recorded user", seconds=_RECORDER_BACKLOG_S, overflow="drop oldest")
    agent = Channel[AudioFrame]("recorded agent", seconds=_RECORDER_BACKLOG_S, overflow="drop oldest")
    settings = parts.settings.recorder
    node = graph.add(recorder, user.inbox, agent.inbox, sink=to.sink, settings=settings, switch=to.switch)
    graph.supervise(node, _RECORDER_POLICY)
    return user.outbox, agent.outbox


def _add_microphone(
    graph: Graph,
    parts: SessionParts,
    transport: Transport,
    taps: list[Outbox[AudioFrame]],
    sounds: list[Outbox[AudioFrame]],
) -> None:
    """The microphone, as the listeners want it; the taps get it as it is."""
    raw = transport.microphone_format
    denoiser = parts.listeners.denoiser if "denoise" in parts.actors else None
    in_sound = parts.settings.conversation.telephone.hear_keys
    keys = add_keys(graph, transport, parts.attendants.keys, epoch_s=parts.epoch_s, in_sound=in_sound)
    sound = fan_out(*(sounds or [_nobody(graph)]))
    if not (sounds or in_sound) or (raw == SPEECH_FORMAT and denoiser is None and not in_sound):
        graph.add(microphone, fan_out(*taps, sound), transport=transport, user_gone=parts.user_gone)
        return
    heard = Channel[AudioFrame]("microphone", seconds=_VAD_BACKLOG_S)
    graph.add(microphone, fan_out(*taps, heard.outbox), transport=transport, user_gone=parts.user_gone)
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


def _nobody(graph: Graph) -> Outbox[AudioFrame]:
    """Where sound goes that nobody wants: the microphone is there all the same, since it tells when the user goes."""
    unheard = Channel[AudioFrame]("unheard", overflow="latest")
    graph.outside(unheard.inbox)
    return unheard.outbox


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


def _add_listeners(graph: Graph, parts: SessionParts, echo: EchoReference) -> _Heard:
    """Those who hear the user, none of whom delays another."""
    heard = _Heard()
    speech = _add_recogniser(graph, parts, heard) if "stt" in parts.actors else None
    if "turn_detector" in parts.actors:
        _add_turn_detector(graph, parts, heard)
    if parts.attendants.callee is not None:
        heard.sounds.append(add_hearing_callee(graph, parts.attendants.callee, parts.end))
    if "vad" in parts.actors:
        _add_detector(graph, parts, heard, speech, echo)
    elif speech is not None:
        heard.sounds.append(speech)
    return heard


def _add_recogniser(graph: Graph, parts: SessionParts, heard: _Heard) -> Outbox[AudioFrame]:
    """The recogniser: where the sound of speech goes."""
    speech = Channel[AudioFrame]("speech of the user", seconds=_STT_BACKLOG_S, overflow="drop oldest")
    transcripts = Channel[Transcript]("transcripts", capacity=_FACTS)
    wanted: Inbox[AudioFrame | SpeechEdge] = speech.inbox
    if "vad" in parts.actors:
        edges = Channel[SpeechEdge]("stt edges", capacity=_FACTS)
        wanted = merge(speech.inbox, edges.inbox)
        heard.edges.append(edges.outbox)
    place, now = parts.listeners.stt, parts.listeners.settings
    place.has_actor = True
    hearing = Hearing(parts.settings.stt, parts.attendants.keyterms, parts.attendants.understood)
    node = graph.add_as(
        "stt", recognise, wanted, transcripts.outbox, place=place, hearing=hearing, settings=lambda: now().stt
    )
    graph.supervise(node, _LISTENER_POLICY)
    heard.said.append(transcripts.inbox)
    return speech.outbox


def _add_detector(
    graph: Graph, parts: SessionParts, heard: _Heard, speech: Outbox[AudioFrame] | None, echo: EchoReference
) -> None:
    """The voice-activity detector."""
    sound = Channel[AudioFrame]("sound", seconds=_VAD_BACKLOG_S, overflow="drop oldest")
    edges = Channel[SpeechEdge]("edges", capacity=_FACTS)
    heard_to = Channel[float]("heard", overflow="latest")
    place, now = parts.listeners.vad, parts.listeners.settings
    place.has_actor = True
    node = graph.add_as(
        "vad",
        detect,
        sound.inbox,
        fan_out(*heard.edges, edges.outbox),
        speech,
        heard_to.outbox,
        place=place,
        gate=SpeechGate(SPEECH_FORMAT.rate_hz, parts.settings.vad),
        echo=echo,
        settings=lambda: now().vad,
    )
    graph.supervise(node, _LISTENER_POLICY)
    heard.sounds.insert(0, sound.outbox)
    heard.said.insert(0, edges.inbox)
    heard.heard = heard_to.inbox


def _add_turn_detector(graph: Graph, parts: SessionParts, heard: _Heard) -> None:
    """The judge of whether a turn is over by its sound."""
    sound = Channel[AudioFrame]("judged sound", seconds=_JUDGE_BACKLOG_S, overflow="drop oldest")
    edges = Channel[SpeechEdge]("judged edges", capacity=_FACTS)
    judgements = Channel[TurnJudged]("judgements", capacity=_FACTS)
    place, now = parts.listeners.turn_detector, parts.listeners.settings
    place.has_actor = True
    node = graph.add_as(
        "turn_detector",
        judge,
        merge(sound.inbox, edges.inbox),
        judgements.outbox,
        place=place,
        language=lambda: now().turn.language,
    )
    graph.supervise(node, _JUDGE_POLICY)
    heard.sounds.append(sound.outbox)
    heard.edges.append(edges.outbox)
    heard.said.append(judgements.inbox)
