"""The mouth: says one reply after another, and stops where it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import trio

from trialogue.actors import ReplyEnded, ReplyStarted
from trialogue.agents.events._events import AgentPaused, AgentResumed, AgentStartedSpeaking
from trialogue.agents.speech._gate import Gate, Keeper
from trialogue.agents.speech._performance import Performance, ReplyKit
from trialogue.agents.speech._rehearsal import Rehearsal
from trialogue.agents.speech._reply import Asked, Reply
from trialogue.agents.speech._reply_queue import ReplyQueue
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.actors import CommitTurn, TurnInput
    from trialogue.agents._settings import ConversationSettings
    from trialogue.agents.context._books import Books
    from trialogue.engine import Outbox
    from trialogue.frames import ChatRequest


@frozen(kw_only=True)
class Lines:
    """What a mouth has while its session runs.

    Args:
        kit: with what replies are performed.
        nursery: the session's.
        facts: tells the turn policy of their beginnings and ends.
        dropped: told when one that waited was given up.
    """

    kit: ReplyKit
    nursery: trio.Nursery
    facts: Outbox[TurnInput]
    dropped: Callable[[], None]


class Prompter(Protocol):
    """Who says what a model is asked; see Seat."""

    @property
    def edits_turns(self) -> bool:
        """Whether each turn is to be considered before it is answered."""

    def request(self, asked: Asked, said: str) -> ChatRequest:
        """What a model is asked for a reply that begins now.

        Args:
            asked: what was asked for.
            said: as if the user's turn ended with that; empty where it is over.
        """

    async def consider(self, reply: Reply) -> str:
        """See the turn that a reply answers, if any; returns why it is not to be answered, or nothing."""

    def take_note(self, turn: CommitTurn) -> None:
        """See a turn that nobody can answer."""

    def replied(self, reply: Reply) -> None:
        """A reply is over."""


class Mouth:
    """Says the replies of a session.

    Args:
        books: where replies are written down.
        settings: what it does of itself.
        prompter: says what a model is asked, and sees each turn before.
        synthesise: whether the voice speaks in rehearsals.
    """

    def __init__(
        self,
        books: Books,
        settings: ConversationSettings,
        prompter: Prompter,
        *,
        synthesise: bool = False,
    ) -> None:
        self.queue = ReplyQueue()
        self.gate = Gate()
        self._books = books
        self._settings = settings
        self._prompter = prompter
        self._rehearsal = Rehearsal(books, self.queue, synthesise=synthesise)
        self._lines: Lines | None = None
        self._paused_s: float | None = None
        self._closed = ""

    def begin(self, lines: Lines) -> None:
        """The session begins."""
        self._lines = lines

    def let_go(self) -> None:
        """The session has ended: have nothing any more that it had while it ran."""
        self._lines = None

    def ask_for(self, asked: Asked) -> Reply:
        """A new reply, which waits for its turn; where the session is over, it is dropped at once.

        Raises:
            ConfigurationError: too many wait already, or this is another thread.
        """
        if not trio.lowlevel.in_trio_run():
            raise ConfigurationError(
                "something is to be said from another thread than the session's; from a hook or tool on asyncio, "
                "`await session.asyncio.trio.run_sync(session.say, text)`"
            )
        reply = self.queue.make(asked, self)
        if self._closed:
            self._books.drop(reply, self._closed)
        else:
            self.queue.put(reply)
        return reply

    def follow_up(self) -> None:
        """Have the model say something to what has happened, unless an answer waits that will."""
        waiting = [reply for reply in self.queue.all if reply is not self.queue.current]
        if self.can_answer and not self.queue.full and not any(reply.kind == "answer" for reply in waiting):
            self.ask_for(Asked(kind="answer"))

    def rehearse(self, text: str) -> None:
        """The user's turn will probably end with these words: begin the answer, but let nobody hear it."""
        if self._lines is not None and self.can_answer and not self._prompter.edits_turns:
            asked = Asked(kind="answer")
            request = self._prompter.request(asked, text)
            self._rehearsal.begin(text, self.queue.make(asked, self), request, self._lines)

    def forget_rehearsal(self, reason: str) -> None:
        """The turn did not end with those words."""
        self._rehearsal.drop(reason)

    @property
    def can_answer(self) -> bool:
        """Whether there is a model now that could."""
        return self._lines is not None and self._lines.kit.cast.players.llm is not None

    def answer(self, turn: CommitTurn) -> Reply | None:
        """The one answer to a turn; one that has not begun yet is not needed any more, since this one covers both.

        Returns:
            The answer; None where there is no model: then the agent may only take note of the turn.
        """
        for waiting in self.queue.all:
            if waiting.turn is not None and waiting is not self.queue.current:
                self.stop(waiting, "the user went on")
        if turn.cause == "too long" and self.can_answer:
            asked = Asked(kind="answer", turn=turn, instructions=self._settings.too_long, protected=True)
            return self.ask_for(asked)
        asked = Asked(kind="answer", turn=turn)
        if not self.can_answer:
            self._prompter.take_note(turn)
            return None
        rehearsed = self._rehearsal.take(asked, self._prompter)
        if rehearsed is None:
            return self.ask_for(asked)
        self.queue.put(rehearsed, first=True)
        return rehearsed

    async def run(self) -> None:
        """Say one reply after another, until cancelled."""
        lines = self._lines
        assert lines is not None
        while True:
            await self._say(await self.queue.take(), lines)  # no variable here: it would keep a reply until the next

    async def _say(self, reply: Reply, lines: Lines) -> None:
        rehearsed = self._rehearsal.hand_over(reply)
        self.let_begin()  # where the user speaks, the policy holds back this one, too
        self._books.began(reply)
        await lines.facts.send(ReplyStarted(reply_id=reply.reply_id, protected=reply.protected))
        if rehearsed is not None:
            await rehearsed.wait()
            self._conclude(rehearsed, lines)
        elif await self._is_wanted(reply):
            performance = Performance(reply, self._prompter.request(reply.asked, ""), lines.kit, self._books)
            await performance.run()
            self._conclude(performance, lines)
        self.queue.current = None
        await lines.facts.send(ReplyEnded(reply_id=reply.reply_id, heard=reply.heard))
        self._prompter.replied(reply)

    async def _is_wanted(self, reply: Reply) -> bool:
        """Let the agent see the turn first; whether there is still something to say to it."""
        if not self._prompter.edits_turns:
            return reply.ending is None
        with reply.considering:
            reason = await self._prompter.consider(reply)
            if reason:
                self._books.close(reply, None, "dropped", reason=reason)
        return reply.ending is None

    def _conclude(self, performance: Performance, lines: Lines) -> None:
        """Note how it ended, unless that was noted when it was cut."""
        reply = performance.reply
        if performance.errors:
            self._fail(performance, lines)
        elif reply.scope.cancelled_caught:
            self.stop(reply, "cancelled")
        else:
            self._books.close(reply, lines.kit.track.result(reply.reply_id), "completed")
        if reply.sounded:
            self.gate.rest_until(trio.current_time() + self._settings.min_gap_s)

    def _fail(self, performance: Performance, lines: Lines) -> None:
        """A provider has failed: what was heard counts, and the user is told once."""
        reply = performance.reply
        was_over = reply.ending is not None
        played = lines.kit.track.cut(reply.reply_id)
        self._books.close(reply, played, "failed", reason=performance.failure, error=performance.error)
        if was_over or self.queue.full:  # nobody waits for it any more, or too much is to be said already
            return
        if reply.kind == "answer" and self._settings.apology:  # never for an apology: that would go round in a circle
            self.ask_for(Asked(kind="say", text=self._settings.apology))

    # -- resting

    def pause(self, keeper: Keeper, speech_started_s: float | None = None) -> None:
        """Rest in the middle of what is said, and let nothing begin to sound. Synchronous.

        Args:
            keeper: who wants it.
            speech_started_s: when the speech began that does it, session time, seconds; None where none does.
        """
        self.gate.shut(keeper)
        rests = None if self._lines is None else self._lines.kit.track.pause()
        reply = self.queue.current
        if rests is None or reply is None or reply.reply_id != rests.reply_id or reply.ending is not None:
            return
        self._paused_s = rests.at_s
        self._books.emit(AgentPaused(at_s=rests.at_s, reply_id=reply.reply_id, speech_started_s=speech_started_s))

    def resume(self, keeper: Keeper) -> None:
        """Go on from where it was, unless somebody else still wants it to rest. Synchronous."""
        self.gate.open(keeper)
        if self.gate.is_kept_shut:
            return
        goes_on = None if self._lines is None else self._lines.kit.track.resume()
        paused_s, self._paused_s = self._paused_s, None
        if goes_on is not None and paused_s is not None:
            at_s = goes_on.at_s
            self._books.emit(AgentResumed(at_s=at_s, reply_id=goes_on.reply_id, paused_s=at_s - paused_s))

    def let_begin(self) -> None:
        """The policy holds nothing back any more: what it held is over."""
        self._paused_s = None
        self.gate.open("policy")

    # -- silence

    def interrupt(self, reason: str, *, force: bool) -> None:
        """End what is said and drop what waits, but for protected replies; with force, those too. Synchronous."""
        for reply in self.queue.all:
            if force or not reply.protected:
                self.stop(reply, reason)

    def close(self, reason: str) -> None:
        """End all that is said and waits, and take nothing more. Synchronous; the first reason counts."""
        if self._lines is not None and self.queue.current is not None:
            self._lines.kit.track.cut(self.queue.current.reply_id, fade_s=0.0)  # a fade would not be heard any more
        self._closed = self._closed or f"the session is over: {reason}"
        self.interrupt(reason, force=True)
        self._rehearsal.drop(reason)

    def stop(self, reply: Reply, reason: str) -> None:
        """End a reply now, wherever it is: silence it, note what was heard, and end it, in this one step."""
        if reply.ending is not None:
            return
        if self.queue.remove(reply) or self._lines is None:
            reply.cancel(reason)  # of one that was rehearsed
            self._books.drop(reply, reason)
            if self._lines is not None and not self._closed:
                self._lines.dropped()
            return
        played = self._lines.kit.track.cut(reply.reply_id)
        reply.cancel(reason)
        if played is not None and played.played_s and not reply.sounded:
            self._tell_beginning(reply, played.at_s)
        self._books.close(reply, played, "interrupted", reason=reason)

    def _tell_beginning(self, reply: Reply, at_s: float) -> None:
        """A reply is cut in the instant in which it has begun to sound: the news of that has not come, and counts."""
        reply.begin_to_sound()
        latency_s = None if reply.turn is None else at_s - reply.turn.speech_ended_s
        self._books.emit(AgentStartedSpeaking(at_s=at_s, reply_id=reply.reply_id, latency_s=latency_s))

    def waits_for_this_task(self) -> bool:
        """Whether what is being said waits for a tool that runs in this very task, or has begun it."""
        return self._lines is not None and self._lines.kit.tools.is_waited_for(trio.lowlevel.current_task())

    def heard_of(self, reply: Reply) -> str:
        """What was heard so far of a reply that is not over."""
        if self._lines is None or self._lines.kit.track.playing != reply.reply_id:
            return ""
        return reply.source[: self._lines.kit.track.heard]
