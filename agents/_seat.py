"""The seat: the agent that has the conversation, and how it is left to another one."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Final, Protocol

import attrs
import trio

from trialogue.agents._agent import Agent
from trialogue.agents._cast import Parts, Players
from trialogue.agents._chat_context import Handoff, SettingsChanged
from trialogue.agents._events import AgentChanged
from trialogue.agents._hooks import DropTurn, HeardTurn, HookCalls
from trialogue.agents._reply import Asked
from trialogue.agents._summarise import Summariser
from trialogue.engine import Channel, ConfigurationError
from trialogue.frames import ChatRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.agents._books import Books
    from trialogue.agents._cast import Cast
    from trialogue.agents._history import History
    from trialogue.agents._reply import Reply
    from trialogue.agents._reply_queue import ReplyQueue
    from trialogue.agents._session import Session
    from trialogue.agents._settings import ContextSettings, SessionSettings
    from trialogue.agents._tools import Tool

#: Hand-offs that may wait; more than that go round in a circle.
_WAITING: Final = 8

#: What a model is told before the summary of what is not in its window any more.
_EARLIER: Final = "Earlier in this conversation:"


@attrs.frozen(kw_only=True)
class Takeover:
    """A hand-off that is asked for.

    Args:
        agent: who takes over.
        keep_context: whether it is told what was said before.
        answers: whether it answers the user where `on_enter` has left nothing to say.
    """

    agent: Agent
    keep_context: bool = True
    answers: bool = False


@attrs.frozen(kw_only=True)
class Change:
    """What is to be different of an agent and the session's models. None leaves something as it is."""

    agent: Agent
    instructions: str | None
    tools: dict[str, Tool] | None
    models: Parts


class Talker(Protocol):
    """Who speaks for the agent in the seat."""

    @property
    def queue(self) -> ReplyQueue:
        """What is said and waits to be said."""

    def ask_for(self, asked: Asked) -> Reply:
        """Have something said."""


@attrs.frozen(kw_only=True, eq=False)
class Surroundings:
    """What a seat has while its session runs.

    Args:
        session: given to the hooks.
        nursery: the session's.
        mouth: speaks.
        cast: the models.
        entered: told when an agent's `on_enter` is over.
    """

    session: Session
    nursery: trio.Nursery
    mouth: Talker
    cast: Cast
    entered: Callable[[], None]


class Seat:
    """Holds the agent that has the conversation, and calls its hooks.

    Args:
        agent: who has it first.
        books: what is remembered and told.
        settings: of the session.
    """

    def __init__(self, agent: Agent, books: Books, settings: SessionSettings) -> None:
        self.agent = agent
        self._books = books
        self._settings = settings
        self._hooks = HookCalls(books.emit, books.time)
        summary = settings.conversation.context.summary
        self._summariser = None if summary is None else Summariser(books.history, summary, self._hooks)
        self._takeovers = Channel[Takeover]("hand-offs", capacity=_WAITING)
        self._in: Surroundings | None = None
        self._entering = trio.CancelScope()

    # -- what the mouth asks

    @property
    def edits_turns(self) -> bool:
        """Whether the agent wants to see each turn before it is answered, so that no answer can be begun earlier."""
        return type(self.agent).on_user_turn is not Agent.on_user_turn

    def request(self, asked: Asked, said: str) -> ChatRequest:
        """What a model is asked for a reply that begins now; `said`: as if the user's turn ended with that."""
        history = self._books.history
        return request_for(
            asked, self.agent, history.as_if_said(said) if said else history, self._settings.conversation.context
        )

    async def consider(self, reply: Reply) -> str:
        """Let the agent see the turn that a reply answers, before the model does.

        Returns:
            Why it is not to be answered; empty where it is.
        """
        history = self._books.history
        message = history.last_turn
        if reply.turn is None or message is None or self._in is None or not self.edits_turns:
            return ""
        draft = HeardTurn(text=message.text)
        hook = functools.partial(self.agent.on_user_turn, self._in.session, draft)
        within_s = self._settings.conversation.on_user_turn_s
        failed = object()
        result = await self._hooks.call("on_user_turn", hook, within_s, failed)
        if result is failed:
            return ""
        if isinstance(result, DropTurn):
            history.replace(message)
            return result.reason
        if draft.text != message.text:
            history.replace(message, attrs.evolve(message, text=draft.text))
        if draft.context:
            told = "\n\n".join(filter(None, (reply.asked.instructions, *draft.context)))
            reply.asked = attrs.evolve(reply.asked, instructions=told)
        return ""

    def replied(self, reply: Reply) -> None:
        """A reply is over: let the agent know, without waiting for what it does with that."""
        if self._in is not None and self._summariser is not None:
            llm = self._in.cast.base.llm
            assert llm is not None
            self._in.nursery.start_soon(self._summariser.run_if_due, llm, name="summary")
        if self._in is not None and type(self.agent).on_reply is not Agent.on_reply:
            hook = functools.partial(self.agent.on_reply, self._in.session, reply)
            within_s = self._settings.conversation.hook_s
            self._in.nursery.start_soon(self._hooks.call, "on_reply", hook, within_s, name="on_reply")

    # -- from one agent to the next

    def hand_over(self, takeover: Takeover) -> None:
        """Leave the conversation to another agent. Synchronous: it happens when what is being said has been said.

        Raises:
            ConfigurationError: the session is not running, or too many wait to take over.
        """
        if self._in is None:
            raise ConfigurationError("the session is not running; use it inside `async with session:`")
        try:
            self._takeovers.outbox.send_nowait(takeover)
        except trio.WouldBlock:
            raise ConfigurationError(
                f"{_WAITING} agents wait to take over already; see whether they hand over to each other in a circle"
            ) from None
        self._in.mouth.queue.hold_turns()

    async def update(self, change: Change) -> None:
        """Change something in the middle of a call: all, or nothing. Raises as Session.update."""
        if self._in is None:
            raise ConfigurationError("the session is not running; use it inside `async with session:`")
        cast = self._in.cast
        async with cast.changing:
            players = await cast.prepare(change.models)
            # No checkpoint from here on.
            cast.base = change.models.over(cast.base)
            cast.take(players, change.models)
        if change.instructions is not None:
            change.agent.instructions = change.instructions
        if change.tools is not None:
            change.agent.tools = change.tools
        changed = [name for name in ("llm", "tts") if getattr(change.models, name) is not None]
        self._books.history.add(
            SettingsChanged(
                instructions=change.instructions,
                tools=None if change.tools is None else tuple(change.tools),
                models=tuple(changed),
            )
        )

    async def _recast(self, cast: Cast, agent: Agent) -> None:
        """Let an agent have its models; a call goes on with those that are there."""
        async with cast.changing:
            parts = cast.with_base(Parts(llm=agent.llm, tts=agent.tts))
            players = await self._hooks.call("models", functools.partial(cast.prepare, parts), math.inf)
            if isinstance(players, Players):
                cast.take(players, parts)

    def open(self, surroundings: Surroundings) -> None:
        """The session begins."""
        self._in = surroundings

    async def run(self) -> None:
        """Let one agent after another have the conversation, until cancelled."""
        surroundings = self._in
        assert surroundings is not None
        self._begin(trio.Event())
        async for takeover in self._takeovers.inbox:
            await self._change(takeover, surroundings)
            surroundings.mouth.queue.release_turns()

    async def leave(self) -> None:
        """The conversation is over: let the agent know."""
        self._entering.cancel(reason="the session has ended")
        await self._exit()

    async def _exit(self) -> None:
        if self._in is not None and type(self.agent).on_exit is not Agent.on_exit:
            hook = functools.partial(self.agent.on_exit, self._in.session)
            await self._hooks.call("on_exit", hook, self._settings.conversation.hook_s)

    async def _change(self, takeover: Takeover, surroundings: Surroundings) -> None:
        queue = surroundings.mouth.queue
        await _said(queue)
        self._entering.cancel(reason="another agent takes over")
        await self._exit()
        await _said(queue)  # the farewell is the old agent's
        await self._recast(surroundings.cast, takeover.agent)
        names = {"from_agent": type(self.agent).__name__, "to_agent": type(takeover.agent).__name__}
        item = Handoff(**names)
        self._books.history.add(item)
        if not takeover.keep_context:
            self._books.history.forget_before(item)
        self.agent = takeover.agent
        self._books.emit(AgentChanged(at_s=self._books.time.now_s, **names))
        entered = trio.Event()
        self._begin(entered)
        with trio.move_on_after(self._settings.conversation.hook_s):
            await entered.wait()
        if takeover.answers and not queue.busy:  # a turn that waits is answered in any case
            surroundings.mouth.ask_for(Asked(kind="answer"))

    def _begin(self, entered: trio.Event) -> None:
        assert self._in is not None
        self._entering = trio.CancelScope()
        self._in.nursery.start_soon(self._enter, self._in, self._entering, entered, name="on_enter")

    async def _enter(self, surroundings: Surroundings, scope: trio.CancelScope, entered: trio.Event) -> None:
        """The agent's hook; a call goes on without its greeting. It may take as long as the agent speaks."""
        with scope:
            hook = functools.partial(self.agent.on_enter, surroundings.session)
            await self._hooks.call("on_enter", hook, math.inf)
        entered.set()
        surroundings.entered()


async def _said(queue: ReplyQueue) -> None:
    """Wait until all is said that does not wait for the next agent."""
    while queue.next is not None:
        await queue.next.wait()


def request_for(asked: Asked, agent: Agent, history: History, settings: ContextSettings) -> ChatRequest:
    """What a model is asked for a reply that begins now."""
    told = history.told.window(settings.window)
    earlier = f"{_EARLIER}\n{told.summary}" if told.summary else ""
    return ChatRequest(
        instructions="\n\n".join(filter(None, (agent.instructions, earlier, asked.instructions))),
        items=told.for_model(),
        tools=tuple(tool.schema for tool in agent.tools.values()),
    )
