"""Answers that are begun before the turn is over: used where the turn ends as expected, or ended without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trialogue.actors import same_words
from trialogue.agents.events._events import AnswerPrepared
from trialogue.agents.speech._performance import Performance
from trialogue.agents.speech._reply import Ending
from trialogue.frames import ChatMessage
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents.context._books import Books
    from trialogue.agents.speech._mouth import Lines, Prompter
    from trialogue.agents.speech._reply import Asked, Reply
    from trialogue.agents.speech._reply_queue import ReplyQueue
    from trialogue.frames import ChatItem, ChatRequest


@frozen(kw_only=True)
class _Prepared:
    """An answer that was begun early."""

    text: str
    begun_s: float
    performance: Performance


class Rehearsal:
    """Begins an answer early. Until it is known to be the one, nobody hears, remembers or is told of it.

    At most one is there, and only while nothing else is said or waits: the model and the voice serve one at a time.

    Args:
        books: told what became of it.
        queue: what is said, and what waits.
        synthesise: whether the voice begins, too.
    """

    def __init__(self, books: Books, queue: ReplyQueue, *, synthesise: bool) -> None:
        self._books = books
        self._queue = queue
        self._synthesise = synthesise
        self._prepared: _Prepared | None = None
        self._used: Performance | None = None

    def begin(self, text: str, reply: Reply, request: ChatRequest, lines: Lines) -> None:
        """Begin an answer to words that will probably be the turn. Synchronous.

        Args:
            text: the words.
            reply: the answer, which nobody else knows.
            request: what the model is asked.
            lines: with what.
        """
        self.drop("other words")
        if self._queue.busy or lines.kit.tools.running:
            return
        performance = Performance(reply, request, lines.kit, self._books, rehearses=True, held=not self._synthesise)
        self._prepared = _Prepared(text=text, begun_s=self._books.time.now_s, performance=performance)
        lines.nursery.start_soon(performance.run, name=f"{reply.reply_id}, rehearsed")

    def drop(self, reason: str) -> None:
        """It is of no use: end it. Synchronous; without effect where there is none."""
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            reply = prepared.performance.reply
            reply.scope.cancel(reason=reason)
            reply.end(Ending(outcome="dropped", reason=reason))
            self._tell(prepared, reason)

    def take(self, asked: Asked, prompter: Prompter) -> Reply | None:
        """The answer that was prepared, if nothing of what the model was asked has changed.

        Args:
            asked: what is asked for now that the turn is over.
            prompter: says what the model would be asked for it.
        """
        prepared = self._prepared
        if prepared is None:
            return None
        performance, request = prepared.performance, prompter.request(asked, "")
        if performance.errors or self._queue.busy or not same_request(performance.request, request):
            self.drop("it failed" if performance.errors else "the conversation has changed")
            return None
        self._prepared, self._used = None, performance
        performance.publish()
        reply = performance.reply
        reply.asked = asked
        self._tell(prepared, "")
        return reply

    def hand_over(self, reply: Reply) -> Performance | None:
        """Where it is this reply's turn now: its performance, if it runs already. Any other one is ended."""
        self.drop("something else is said")
        used, self._used = self._used, None
        return used if used is not None and used.reply is reply else None

    def _tell(self, prepared: _Prepared, reason: str) -> None:
        now_s = self._books.time.now_s
        self._books.emit(
            AnswerPrepared(
                at_s=now_s,
                text=prepared.text,
                used=not reason,
                reason=reason,
                ahead_s=now_s - prepared.begun_s,
                written=len(prepared.performance.reply.source),
            )
        )


def same_request(one: ChatRequest, other: ChatRequest) -> bool:
    """Whether a model would be asked the same; the words of the last turn may differ in case and punctuation."""
    if attrs.evolve(one, items=()) != attrs.evolve(other, items=()) or len(one.items) != len(other.items):
        return False
    return all(map(_same_words, one.items[-1:], other.items[-1:])) and one.items[:-1] == other.items[:-1]


def _same_words(one: ChatItem, other: ChatItem) -> bool:
    if isinstance(one, ChatMessage) and isinstance(other, ChatMessage):
        return same_words(one.text, other.text) and (one.role, one.images) == (other.role, other.images)
    return one == other
