"""The graph of a reply: it lives as long as the reply does."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import TYPE_CHECKING, Final

from trialogue.actors import (
    DeliveryReader,
    LlmSettings,
    PlayoutGate,
    ReplyNotes,
    SentenceStage,
    audio_out,
    llm,
    ready_speech,
    sentences,
    tts,
)
from trialogue.agents.session._keys import key_sound
from trialogue.agents.session._lineup import PartMissingError
from trialogue.agents.speech._page import WayOut, page
from trialogue.engine import Channel, Graph, Inbox, ModelConnection, Node, Outbox, RestartPolicy, take_each
from trialogue.frames import ChatRequest, Sentence, SpeechItem, TextDelta, ToSay
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    import trio

    from trialogue.actors import AudioTrack, ReadySound
    from trialogue.agents._settings import SessionSettings
    from trialogue.agents.speech._reply import Reply
    from trialogue.engine import Voice

#: Tokens that may wait for the voice: some sentences' worth.
_DELTAS: Final = 64

#: Sentences by which the model may be ahead of the voice: a long answer.
_SENTENCES: Final = 16

#: Pieces of sound by which the voice may run ahead of the ear: about three seconds of 60 ms.
_SPEECH_ITEMS: Final = 50

#: Who fails in the middle of a reply does not take back what is ready to be heard.
_BEFORE_THE_TRACK: Final = RestartPolicy(then="go on without it")


@frozen(kw_only=True)
class ReplyParts:
    """What a reply's graph is built from.

    Args:
        connection, voice: None where there is none; then the reply is shown as it is written, and not spoken.
        writing: ends the writing, but not the speaking.
        held: whether nothing is spoken before the reply is announced.
    """

    reply: Reply
    request: ChatRequest
    notes: ReplyNotes
    connection: ModelConnection | None
    voice: Voice | None
    way_out: WayOut
    gate: PlayoutGate
    settings: SessionSettings
    stage: SentenceStage
    writing: trio.CancelScope
    held: bool


def build_reply(parts: ReplyParts) -> Graph:
    """Everything that lives as long as one reply: the model writes, the voice speaks, the track plays.

    Whoever fails before the track is gone on without: what was ready is played.
    """
    reply, track = parts.reply, parts.way_out.track
    graph = Graph(reply.reply_id)
    if track is None or (parts.voice is None and reply.asked.sound is None and reply.kind != "keys"):
        text = Channel[TextDelta]("text", capacity=_DELTAS)
        graph.supervise(_add_writer(graph, parts, text.outbox), _BEFORE_THE_TRACK)
        graph.add(page, text.inbox, page=parts.way_out.page, reply=reply, gate=parts.gate)
        return graph
    speech = Channel[SpeechItem]("speech", capacity=_SPEECH_ITEMS)
    for node in _add_sound(graph, parts, speech.outbox, track):
        graph.supervise(node, _BEFORE_THE_TRACK)
    graph.add(audio_out, speech.inbox, track=track, reply_id=reply.reply_id, gate=parts.gate)
    return graph


def _add_sound(graph: Graph, parts: ReplyParts, speech: Outbox[SpeechItem], track: AudioTrack) -> list[Node]:
    """Whoever makes what is played."""
    reply = parts.reply
    if reply.kind == "keys":
        return [graph.add(key_sound, speech, keys=reply.text, format=track.format)]
    if reply.asked.sound is not None:
        return [graph.add(ready_audio, speech, parts=parts, sound=reply.asked.sound, track=track)]
    assert parts.voice is not None
    return _add_speech(graph, parts, speech, parts.voice, track)


def _add_speech(
    graph: Graph, parts: ReplyParts, speech: Outbox[SpeechItem], voice: Voice, track: AudioTrack
) -> list[Node]:
    """Who writes, and the voice."""
    text = Channel[TextDelta]("text", capacity=_DELTAS)
    to_say = Channel[ToSay]("sentences", capacity=_SENTENCES)
    return [
        _add_writer(graph, parts, text.outbox),
        graph.add(sentences, text.inbox, to_say.outbox, stage=parts.stage, settings=parts.settings.sentences),
        graph.add(
            tts,
            _held_back(graph, to_say.inbox, parts.reply.announced) if parts.held else to_say.inbox,
            speech,
            voice=voice,
            format=track.format,
            settings=parts.settings.tts,
        ),
    ]


def _add_writer(graph: Graph, parts: ReplyParts, text: Outbox[TextDelta]) -> Node:
    if parts.reply.kind == "say":
        return graph.add(
            given_text,
            text,
            text=parts.reply.asked.text,
            notes=parts.notes,
            reader=DeliveryReader(parts.reply.draft.delivery) if parts.settings.conversation.expressive else None,
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


def _held_back(graph: Graph, source: Inbox[ToSay], until: trio.Event) -> Inbox[Sentence]:
    released = Channel[Sentence]("released sentences", capacity=1)
    graph.add(hold_back, source, released.outbox, until=until)
    return released.inbox


async def model_text(
    text_out: Outbox[TextDelta],
    *,
    connection: ModelConnection | None,
    request: ChatRequest,
    notes: ReplyNotes,
    settings: LlmSettings,
    scope: trio.CancelScope,
) -> None:
    """What the model writes; see actors.llm. Cancelling the scope ends it here, and only here.

    Raises:
        PartMissingError: there is no model any more.
        ProviderError: as actors.llm.
    """
    if connection is None:
        raise PartMissingError("llm", "an answer")
    with scope:
        await llm(text_out, connection=connection, request=request, notes=notes, settings=settings)


async def ready_audio(
    speech_out: Outbox[SpeechItem], *, parts: ReplyParts, sound: ReadySound, track: AudioTrack
) -> None:
    """Say ready audio; see actors.ready_speech."""
    text = parts.reply.text
    parts.notes.wrote(text)
    await ready_speech(speech_out, text=text, sound=sound, format=track.format, settings=parts.settings.tts)


class _Dictation:
    """Writes a text that is given, without its marks of delivery where these are read.

    Args:
        text_out: where to.
        notes: where it is written down.
        reader: takes the marks out; None leaves all as it is.
    """

    def __init__(self, text_out: Outbox[TextDelta], notes: ReplyNotes, reader: DeliveryReader | None) -> None:
        self._text_out = text_out
        self._notes = notes
        self._reader = reader

    async def take(self, text: str) -> None:
        """Write some more."""
        await self._write(text if self._reader is None else self._reader.push(text))

    async def finish(self) -> None:
        """That was all."""
        if self._reader is not None:
            await self._write(self._reader.finish())

    async def _write(self, text: str) -> None:
        if text:
            self._notes.wrote(text)
            await self._text_out.send(TextDelta(text=text))


async def given_text(
    text_out: Outbox[TextDelta],
    *,
    text: str | AsyncIterable[str],
    notes: ReplyNotes,
    reader: DeliveryReader | None,
    patience_s: float,
    scope: trio.CancelScope,
) -> None:
    """Say a text that is there already, or comes about.

    Raises:
        ProviderError: nothing has come for too long.
    """
    write = _Dictation(text_out, notes, reader)
    if isinstance(text, str):
        await write.take(text)
        await write.finish()
        return
    with scope:
        await take_each(
            text,
            write.take,
            first_s=patience_s,
            next_s=patience_s,
            late="the text that was given to `say` has brought nothing for {waited_s:g} s; look at what makes it, or "
            "raise LlmSettings.first_output_s",
        )
        await write.finish()


async def hold_back(sentences_in: Inbox[ToSay], sentences_out: Outbox[Sentence], *, until: trio.Event) -> None:
    """Let nothing through before an event; what is only likely by then is not asked for."""
    await until.wait()
    async for item in sentences_in:
        if isinstance(item, Sentence):
            await sentences_out.send(item)
