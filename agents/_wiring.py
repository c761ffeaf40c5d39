"""The two graphs of a conversation: the ears and the mouth's way out live as long as the session, a reply as long as
itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterable
from typing import TYPE_CHECKING, Final

import attrs
import trio

from trialogue.actors import (
    AudioTrack,
    EchoGuard,
    EchoReference,
    Hearing,
    LlmSettings,
    PlayoutGate,
    ReplyNotes,
    SentenceStage,
    SpeechGate,
    TurnInput,
    TurnJudged,
    audio_out,
    denoise,
    llm,
    recorder,
    sentences,
    stt,
    tts,
    turn,
    turn_detector,
    vad,
)
from trialogue.engine import (
    Channel,
    Graph,
    Inbox,
    ModelConnection,
    Node,
    Outbox,
    Pacer,
    ProviderError,
    Resampler,
    RestartPolicy,
    Transport,
    fan_out,
    merge,
)
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFrame,
    ChatRequest,
    PlayoutEdge,
    Sentence,
    SpeechEdge,
    SpeechItem,
    TextDelta,
    Transcript,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.actors import Floor, TurnPolicy
    from trialogue.agents._reply import Reply
    from trialogue.agents._settings import Models, SessionSettings
    from trialogue.engine import AudioSink, TurnDetector, Voice

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

#: Tokens that may wait for the voice: some sentences' worth.
_DELTAS: Final = 64

#: Sentences by which the model may be ahead of the voice: a long answer.
_SENTENCES: Final = 16

#: Pieces of sound by which the voice may run ahead of the ear: about three seconds of 60 ms.
_SPEECH_ITEMS: Final = 50


#: A detector or recogniser that fails is opened anew; what was said meanwhile waits for it.
_LISTENER_POLICY: Final = RestartPolicy(restart="on failure", max_restarts=5, within_s=60.0, backoff_s=0.1)

#: The judge of turns is a help, and not needed: the words are judged in any case.
_JUDGE_POLICY: Final = attrs.evolve(_LISTENER_POLICY, then="go on without it")

#: A full disk must not end a conversation.
_RECORDER_POLICY: Final = RestartPolicy(then="go on without it")

#: Who fails in the middle of a reply does not take back what is ready to be heard.
_BEFORE_THE_TRACK: Final = RestartPolicy(then="go on without it")


@attrs.define(kw_only=True, eq=False)
class Ears:
    """The session's graph, and the ends of its channels that the session itself uses."""

    graph: Graph
    track: AudioTrack
    reply_facts: Outbox[TurnInput]


@attrs.frozen(kw_only=True)
class SessionParts:
    """What the session's graph is built from."""

    models: Models
    settings: SessionSettings
    transport: Transport
    recording: AudioSink | None
    pacer: Pacer
    policy: TurnPolicy
    floor: Floor
    epoch_s: float
    user_gone: Callable[[], None]


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
    raw = parts.transport.microphone_format
    if raw == SPEECH_FORMAT and parts.models.denoiser is None:
        graph.add(microphone, fan_out(*taps, sound), transport=parts.transport, user_gone=parts.user_gone)
        return
    heard = Channel[AudioFrame]("microphone", seconds=_VAD_BACKLOG_S)
    graph.add(microphone, fan_out(*taps, heard.outbox), transport=parts.transport, user_gone=parts.user_gone)
    converted = heard.inbox
    if raw != SPEECH_FORMAT:
        converted = graph.stage(Resampler(raw, SPEECH_FORMAT).push, converted)
    if parts.models.denoiser is not None:
        converting = graph.add(denoise, converted, sound, denoiser=parts.models.denoiser)
    else:
        converting = graph.add(convert, converted, sound)
    graph.supervise(converting, _LISTENER_POLICY)  # a frame that is no sound is lost, and told; not the call


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
        hearing=Hearing(parts.settings.stt),
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


@attrs.frozen(kw_only=True)
class ReplyParts:
    """What a reply's graph is built from.

    Args:
        writing: ends the writing, but not the speaking.
        held: whether nothing is spoken before the reply is announced.
    """

    reply: Reply
    request: ChatRequest
    notes: ReplyNotes
    connection: ModelConnection
    voice: Voice
    track: AudioTrack
    gate: PlayoutGate
    settings: SessionSettings
    stage: SentenceStage
    writing: trio.CancelScope
    held: bool


def build_reply(parts: ReplyParts) -> Graph:
    """Everything that lives as long as one reply: the model writes, the voice speaks, the track plays.

    Whoever fails before the track is gone on without: what was ready is played.
    """
    reply = parts.reply
    graph = Graph(reply.reply_id)
    text = Channel[TextDelta]("text", capacity=_DELTAS)
    to_say = Channel[Sentence]("sentences", capacity=_SENTENCES)
    speech = Channel[SpeechItem]("speech", capacity=_SPEECH_ITEMS)
    before_the_track = [
        _add_writer(graph, parts, text.outbox),
        graph.add(sentences, text.inbox, to_say.outbox, stage=parts.stage, settings=parts.settings.sentences),
        graph.add(
            tts,
            _held_back(graph, to_say.inbox, reply.announced) if parts.held else to_say.inbox,
            speech.outbox,
            voice=parts.voice,
            format=parts.track.format,
            settings=parts.settings.tts,
        ),
    ]
    for node in before_the_track:
        graph.supervise(node, _BEFORE_THE_TRACK)
    graph.add(audio_out, speech.inbox, track=parts.track, reply_id=reply.reply_id, gate=parts.gate)
    return graph


def _add_writer(graph: Graph, parts: ReplyParts, text: Outbox[TextDelta]) -> Node:
    if parts.reply.kind == "say":
        return graph.add(
            given_text,
            text,
            text=parts.reply.asked.text,
            notes=parts.notes,
            patience_s=parts.settings.llm.first_output_s,
            scope=parts.writing,
        )
    return graph.add_as(
        "llm",
        model_text,
        text,
        connection=parts.connection,
        request=parts.request,
        notes=parts.notes,
        settings=parts.settings.llm,
        scope=parts.writing,
    )


def _held_back(graph: Graph, source: Inbox[Sentence], until: trio.Event) -> Inbox[Sentence]:
    released = Channel[Sentence]("released sentences", capacity=1)
    graph.add(hold_back, source, released.outbox, until=until)
    return released.inbox


async def model_text(
    text_out: Outbox[TextDelta],
    *,
    connection: ModelConnection,
    request: ChatRequest,
    notes: ReplyNotes,
    settings: LlmSettings,
    scope: trio.CancelScope,
) -> None:
    """What the model writes; see actors.llm. Cancelling the scope ends it here, and only here."""
    with scope:
        await llm(text_out, connection=connection, request=request, notes=notes, settings=settings)


async def given_text(
    text_out: Outbox[TextDelta],
    *,
    text: str | AsyncIterable[str],
    notes: ReplyNotes,
    patience_s: float,
    scope: trio.CancelScope,
) -> None:
    """Say a text that is there already, or comes about.

    Raises:
        ProviderError: nothing has come for too long.
    """
    if isinstance(text, str):
        notes.wrote(text)
        await text_out.send(TextDelta(text=text))
        return
    pieces = aiter(text)
    with scope:
        async with contextlib.AsyncExitStack() as stack:
            if isinstance(pieces, AsyncGenerator):
                await stack.enter_async_context(contextlib.aclosing(pieces))
            while True:
                with trio.move_on_after(patience_s) as waiting:
                    piece = await anext(pieces, None)
                if waiting.cancelled_caught:
                    raise ProviderError(
                        f"the text that was given to `say` has brought nothing for {patience_s:g} s; look at what "
                        f"makes it, or raise LlmSettings.first_output_s"
                    )
                if piece is None:
                    return
                notes.wrote(piece)
                await text_out.send(TextDelta(text=piece))


async def hold_back(sentences_in: Inbox[Sentence], sentences_out: Outbox[Sentence], *, until: trio.Event) -> None:
    """Let nothing through before an event."""
    await until.wait()
    async for sentence in sentences_in:
        await sentences_out.send(sentence)
