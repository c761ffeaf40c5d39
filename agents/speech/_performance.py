"""One reply being thought, spoken and played, from its graph's first step to its last."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import trio

from trialogue.actors import SentenceStage, with_marks
from trialogue.agents.events._requests import MeasuredModel, MeasuredVoice
from trialogue.agents.speech._expressive import ExpressiveConnection
from trialogue.agents.speech._reply_wiring import ReplyParts, build_reply
from trialogue.agents.speech._structured import StructuredConnection
from trialogue.agents.tools._tool_runner import Notes
from trialogue.engine import leaves_of
from trialogue.frames import ChatRequest
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents._settings import SessionSettings
    from trialogue.agents.context._books import Books
    from trialogue.agents.session._cast import Cast
    from trialogue.agents.session._stages import Stages
    from trialogue.agents.speech._gate import Gate
    from trialogue.agents.speech._page import WayOut
    from trialogue.agents.speech._reply import Draft, Reply
    from trialogue.agents.tools._tool_runner import Say, ToolRunner
    from trialogue.engine import ActorFault, ModelConnection, Voice
    from trialogue.frames import LikelySentence, Sentence, TextDelta, ToolCall, ToolOutput

_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class ReplyKit:
    """What all replies of a session are made with."""

    cast: Cast
    track: WayOut
    tools: ToolRunner
    gate: Gate
    stages: Stages


class Performance:
    """One reply being performed.

    What fails on the way to the speaker ends the writing, but not what is sounding: what is ready is still said to its
    end. Then the failure counts.

    Args:
        reply: the reply.
        request: what the model is asked, where it is.
        kit: with what.
        books: told of each failure, at once and in words; of a rehearsal only from `publish` on.
        rehearses: whether it is not certain yet that anybody is to hear it.
        held: whether the voice must wait until it was announced.
    """

    def __init__(
        self,
        reply: Reply,
        request: ChatRequest,
        kit: ReplyKit,
        books: Books,
        *,
        rehearses: bool = False,
        held: bool = False,
    ) -> None:
        self.reply = reply
        self.request = request
        self._books = books
        self._rehearses = rehearses
        self.errors: list[Exception] = []
        self._stage = _Stage(reply.draft, kit.cast.settings, kit.stages)
        self._writing = trio.CancelScope()
        self._players = kit.cast.players
        self._players.borrow()
        self._over = trio.Event()
        self._graph = build_reply(
            ReplyParts(
                reply=reply,
                request=request,
                notes=_Notes(reply, kit.tools),
                connection=self._connection(kit.cast.settings.conversation.expressive, kit.stages),
                voice=self._voice(kit.stages),
                way_out=kit.track,
                gate=kit.gate.for_reply(reply),
                settings=kit.cast.settings,
                stage=self._stage,
                writing=self._writing,
                held=held,
            )
        )

    def _connection(self, expressive: bool, stages: Stages) -> ModelConnection | None:
        """The way to the model, with all that stands before it; None where there is no model."""
        llm, reply = self._players.llm, self.reply
        if llm is None:
            return None
        connection: ModelConnection = MeasuredModel(llm.opened, llm.model, reply.reply_id, self._books)
        connection = stages.model(connection)
        if self.request.form is not None:
            connection = StructuredConnection(connection, self.request.form, self._take_document)
        if expressive:
            connection = ExpressiveConnection(connection, self._voice(stages), reply.draft)
        return connection

    def _voice(self, stages: Stages) -> Voice | None:
        tts = self._players.tts
        if tts is None:
            return None
        return stages.voice(MeasuredVoice(tts.opened, tts.model, self.reply.reply_id, self._books))

    async def run(self) -> None:
        """Perform it, to its end or until its scope is cancelled."""
        try:
            with self.reply.scope:
                await self._graph.run(self._note_fault)
        except* Exception as group:  # noqa: BLE001  # a supervisor: whatever a provider raises, the conversation goes on
            _log.warning("%s failed", self.reply.reply_id, exc_info=group)
            self._note(group)
        finally:
            self._players.give_back()
            self._over.set()

    def publish(self) -> None:
        """It was a rehearsal, and is the performance now."""
        self._rehearses = False
        if self.reply.document:
            self._books.received(self.reply)

    def _take_document(self, document: str) -> None:
        self.reply.draft.document = document
        if not self._rehearses:
            self._books.received(self.reply)

    async def wait(self) -> None:
        """Wait until it is over."""
        await self._over.wait()

    @property
    def error(self) -> Exception | None:
        """What has failed, or None."""
        leaves = [leaf for error in self.errors for leaf in leaves_of(error) if isinstance(leaf, Exception)]
        return leaves[0] if len(leaves) == 1 else ExceptionGroup(self.reply.reply_id, leaves) if leaves else None

    @property
    def failure(self) -> str:
        """The same in words; empty where nothing has."""
        return "; ".join(in_words(error) for error in self.errors)

    def _note_fault(self, fault: ActorFault) -> None:
        if fault.decision == "escalate":
            return  # it comes out of the graph
        self._note(fault.error)
        self._stage.broken = True
        self._writing.cancel(reason=f"{fault.actor} failed")

    def _note(self, error: Exception) -> None:
        self.errors.append(error)
        if not self._rehearses:
            self._books.failed(self.reply, in_words(error))


def in_words(error: BaseException) -> str:
    """The root causes."""
    return "; ".join(f"{type(leaf).__name__}: {leaf}" for leaf in leaves_of(error))


class _Stage(SentenceStage):
    """The text path of one reply, which says no half sentence where the writing broke off, and counts."""

    def __init__(self, draft: Draft, settings: SessionSettings, stages: Stages) -> None:
        super().__init__(settings.text_filter, settings.chunker)
        self.broken = False
        self._draft = draft
        self._stages = stages

    def push(self, delta: TextDelta) -> list[Sentence]:
        return self._counted(super().push(delta))

    def likely(self) -> LikelySentence | None:
        """None where the agent or a mark may still change how it is said."""
        return None if self._draft.delivery or self._stages.words else super().likely()

    def on_stall(self) -> list[Sentence]:
        return self._counted(super().on_stall())

    def finish(self) -> list[Sentence]:
        return self.on_stall() if self.broken else self._counted(super().finish())

    def _counted(self, sentences: list[Sentence]) -> list[Sentence]:
        if not sentences:  # as for most tokens
            return sentences
        if self._draft.delivery:
            sentences = [with_marks(sentence, self._draft.delivery) for sentence in sentences]
        sentences = self._stages.worded(sentences)
        self._draft.characters += sum(len(sentence.text) for sentence in sentences)
        return sentences


class _Notes(Notes):
    """Where the reply is written down; a reply that was only prepared runs no tool."""

    async def run_tools(self, calls: tuple[ToolCall, ...], say: Say) -> tuple[ToolOutput, ...]:
        await self._reply.announced.wait()
        return await super().run_tools(calls, say)
