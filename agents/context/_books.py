"""The books: what is remembered of the conversation, and what is told of replies. Heard is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.agents.events import _events as news
from trialogue.agents.events._call_events import AgentPressedKeys
from trialogue.agents.events._measuring import measure_turn
from trialogue.agents.speech._reply import Ending
from trialogue.agents.speech._structured import problem_of
from trialogue.frames import SPEECH_FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.actors import CommitTurn
    from trialogue.agents.context._history import History
    from trialogue.agents.session._time import SessionTime
    from trialogue.agents.speech._reply import Outcome, Reply
    from trialogue.frames import PlayoutFinished, PlayoutStarted


class Books:
    """Keeps the history, and tells of the beginnings and ends of replies and turns.

    Args:
        history: what is remembered.
        emit: tells the listeners.
        time: session time.
    """

    def __init__(self, history: History, emit: Callable[[news.Event], None], time: SessionTime) -> None:
        self.history = history
        self.emit = emit
        self.time = time

    def turn_ended(self, turn: CommitTurn) -> None:
        """The user's turn is over."""
        self.history.add_turn(turn.text, turn.earlier)
        self.emit(
            news.UserTurnEnded(
                at_s=turn.committed_s, text=turn.text, speech_ended_s=turn.speech_ended_s, cause=turn.cause
            )
        )

    def began(self, reply: Reply) -> None:
        """It is a reply's turn to be said; nothing is heard of it yet."""
        turn_s = None if reply.turn is None else reply.turn.committed_s
        self.emit(
            news.AgentStartedThinking(at_s=self.time.now_s, reply_id=reply.reply_id, kind=reply.kind, turn_s=turn_s)
        )

    def began_to_sound(self, reply: Reply, fact: PlayoutStarted) -> None:
        """The first sample of a reply was played."""
        reply.begin_to_sound()
        turn = reply.turn
        latency_s = None if turn is None else fact.at_s - turn.speech_ended_s
        self.emit(news.AgentStartedSpeaking(at_s=fact.at_s, reply_id=fact.reply_id, latency_s=latency_s))
        if turn is not None:
            self.emit(measure_turn(turn, reply, fact, SPEECH_FORMAT.rate_hz))

    def received(self, reply: Reply) -> None:
        """The model has answered with a JSON object, as far as it is one."""
        document, error = reply.document, problem_of(reply.document)
        self.emit(news.DocumentReceived(at_s=self.time.now_s, reply_id=reply.reply_id, document=document, error=error))

    def failed(self, reply: Reply, error: str) -> None:
        """A provider has failed in a reply."""
        self.emit(news.ReplyFailed(at_s=self.time.now_s, reply_id=reply.reply_id, error=error))

    def drop(self, reply: Reply, reason: str) -> None:
        """A reply is given up that has not begun: nothing is told of it, as nothing was of its beginning."""
        reply.end(Ending(outcome="dropped", reason=reason))

    def close(
        self,
        reply: Reply,
        played: PlayoutFinished | None,
        outcome: Outcome,
        *,
        reason: str = "",
        error: Exception | None = None,
    ) -> None:
        """A reply that had begun is over: remember exactly what was heard of it, and tell; once.

        Args:
            reply: the reply.
            played: how much of it was played; None where nothing was.
            outcome: how it ended.
            reason: why it was cut off, or the failure, in words.
            error: the failure.
        """
        if reply.ending is not None:
            return
        heard = 0 if played is None else played.heard
        if reply.kind == "keys":
            keys, heard = reply.text[:heard], 0
            self.emit(AgentPressedKeys(at_s=self.time.now_s, reply_id=reply.reply_id, keys=keys))
        if heard and outcome == "completed":
            heard = len(reply.source)  # what has no sound, such as a smile at the end, was said as well
        self.history.commit(reply, heard, interrupted=outcome != "completed")
        reply.end(Ending(outcome=outcome, heard=reply.source[:heard], reason=reason, error=error))
        at_s, played_s = (self.time.now_s, 0.0) if played is None else (played.at_s, played.played_s)
        self.emit(
            news.AgentStoppedSpeaking(
                at_s=at_s,
                reply_id=reply.reply_id,
                heard=reply.heard,
                unheard=reply.source[heard:],
                interrupted=reason or None,
                played_s=played_s,
                characters=reply.draft.characters,
            )
        )
