"""An agent that speaks for an assistant, who is somewhere else: a model with tools, or a person at a desk."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import attrs
import trio

from trialogue.agents._agent import Agent
from trialogue.agents._first_of import first_of
from trialogue.agents.session._hooks import DropTurn, HeardTurn
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.agents.session._session import Session
    from trialogue.agents.speech._reply import Outcome, Reply
    from trialogue.agents.tools._tools import Tool, ToolFunction

_LEFT: Final = DropTurn("left to the assistant", remember=True)


@frozen(kw_only=True)
class Exchange:
    """Something that was said for an assistant, and what came of it.

    Args:
        heard: what the user heard of it.
        outcome: how it ended.
        answer: what the user said to it; None where it was no question, or no answer came.
    """

    heard: str
    outcome: Outcome
    answer: str | None = None


@define(kw_only=True, eq=False)
class _Question:
    """A question that is open, what is said to the user for it, and when that began to be heard, session time."""

    reply: Reply
    heard_from_s: float = math.inf
    answer: str | None = None
    answered: trio.Event = attrs.Factory(trio.Event)


class Envoy(Agent):
    """Says what an assistant tells it, and asks what it wants to know; for one session, whose beginning it waits for.

    What the user says is remembered and left to the assistant: it is the answer to an open question, or can be read in
    the transcript. With `answers`, the agent's own model answers whatever nobody has asked for.

    Args:
        instructions: for its own model.
        tools: for its own model.
        answers: whether that answers what the user says unasked.
    """

    def __init__(
        self, *, instructions: str = "", tools: Iterable[Tool | ToolFunction] = (), answers: bool = False
    ) -> None:
        super().__init__(instructions=instructions, tools=tools)
        self.answers = answers
        self._session: Session | None = None
        self._entered = trio.Event()
        self._question: _Question | None = None

    @property
    def session(self) -> Session:
        """The conversation that it has.

        Raises:
            ConfigurationError: it has none yet, or none any more.
        """
        session = self._session
        if session is None:
            raise ConfigurationError("the call has not begun yet")
        if session.ended is not None:
            raise ConfigurationError(f"the call is over: {session.ended}")
        if session.agent is not self:
            raise ConfigurationError("another agent has the conversation now")
        return session

    async def say(self, text: str) -> Exchange:
        """Say something, and wait until that is over. Cancelled, it is said all the same.

        Raises:
            ConfigurationError: the conversation is over, or too much waits to be said.
        """
        await self._entered.wait()
        reply = self.session.say(text)
        return Exchange(outcome=await reply.wait(), heard=reply.heard)

    async def ask(self, question: str, *, within_s: float = 30.0) -> Exchange:
        """Ask the user, and wait for the answer: the first speech that ends after the question has begun to be heard.

        A question that is never heard has no answer.

        Args:
            question: what to ask.
            within_s: how long to wait for the answer after the question, seconds.

        Raises:
            ConfigurationError: the conversation is over, or another question is open.
        """
        await self._entered.wait()
        session = self.session
        if self._question is not None:
            raise ConfigurationError("another question is open already; wait for its answer")
        self._question = open_question = _Question(reply=session.say(question))
        try:
            if await open_question.reply.started():
                open_question.heard_from_s = session.now_s
                await open_question.reply.wait()
                with trio.move_on_after(within_s):
                    await first_of(open_question.answered.wait, session.wait_ended)
            outcome = await open_question.reply.wait()
        finally:
            self._question = None
        return Exchange(outcome=outcome, heard=open_question.reply.heard, answer=open_question.answer)

    async def on_enter(self, session: Session) -> None:
        """Note the conversation. Who derives from this and greets calls it first."""
        self._session = session
        self._entered.set()

    async def on_user_turn(self, session: Session, turn: HeardTurn) -> DropTurn | None:
        """Pass on the answer to an open question; what nobody has asked for is left, or answered."""
        question = self._question
        if question is not None and turn.speech_ended_s > question.heard_from_s and not question.answered.is_set():
            question.answer = turn.text
            question.answered.set()
            return _LEFT
        return None if self.answers else _LEFT
