"""The seat: the agent that has the conversation, and how it is left to another one."""

from __future__ import annotations

import contextlib
import functools
import math
import weakref
from typing import TYPE_CHECKING, Final, Protocol

import attrs
import trio

from trialogue.agents._agent import Agent
from trialogue.agents._instructions import variant_of
from trialogue.agents.context._chat_context import Handoff, SettingsChanged
from trialogue.agents.context._summarise import Summariser
from trialogue.agents.context._vision import Sight, without_pictures
from trialogue.agents.events._events import AgentChanged
from trialogue.agents.events._redaction import redacted
from trialogue.agents.session._cast import Parts, Prepared, parts_of, playing
from trialogue.agents.session._hooks import DropTurn, HeardTurn, HookCalls
from trialogue.agents.session._lineup import check_ears
from trialogue.agents.session._settling import Settling, changed_stages, check_change
from trialogue.agents.session._stages import Stages
from trialogue.agents.session._stays import Errand, Found, Stay, Stays, Takeover
from trialogue.agents.session._task_tree import outer_tasks
from trialogue.agents.speech._reply import Asked
from trialogue.engine import Channel, ConfigurationError
from trialogue.frames import ChatRequest
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from trialogue.actors import CommitTurn
    from trialogue.agents._settings import ContextSettings, SessionSettings
    from trialogue.agents.context._books import Books
    from trialogue.agents.context._history import History
    from trialogue.agents.events._events import Event
    from trialogue.agents.session._cast import Cast
    from trialogue.agents.session._session import Session
    from trialogue.agents.speech._reply import Reply
    from trialogue.agents.speech._reply_queue import ReplyQueue
    from trialogue.agents.tools._tools import Tool
    from trialogue.engine import LanguageModel
    from trialogue.frames import ChatMessage

#: What a model is told before the summary of what is not in its window any more.
_EARLIER: Final = "Earlier in this conversation:"


@frozen(kw_only=True)
class Change:
    """What is to be different of an agent and the session's models. None leaves something as it is."""

    agent: Agent
    instructions: str | None
    tools: dict[str, Tool] | None
    models: Parts
    settings: SessionSettings | None = None


class Talker(Protocol):
    """Who speaks for the agent in the seat."""

    @property
    def queue(self) -> ReplyQueue:
        """What is said and waits to be said."""

    @property
    def can_answer(self) -> bool:
        """Whether there is a model that could answer."""

    def ask_for(self, asked: Asked) -> Reply:
        """Have something said."""


@frozen(kw_only=True, eq=False)
class Surroundings:
    """What a seat has while its session runs.

    Args:
        session: given to the hooks.
        nursery: the session's.
        mouth: speaks.
        cast: the models.
        settling: brings the rest in line with them.
        entered: told when an agent's `on_enter` is over.
    """

    session: Session
    nursery: trio.Nursery
    mouth: Talker
    cast: Cast
    settling: Settling
    entered: Callable[[], None]


class Seat:
    """Holds the agent that has the conversation, and calls its hooks.

    Args:
        agent: who has it first.
        books: what is remembered and told.
        settings: of the session.
    """

    def __init__(self, agent: Agent, books: Books, settings: SessionSettings) -> None:
        me = weakref.proxy(self)  # these are mine: were I theirs, too, only the collector could free us
        self._stays = Stays(agent, lambda: me._ring())
        self._books = books
        self._settings = settings
        self._hooks = HookCalls(books.emit, books.time)
        #: Takes in the pictures that the user shows.
        self.sight = Sight(books.history, settings.conversation.context.vision, lambda: me._model())
        summary = settings.conversation.context.summary
        self._summariser = None if summary is None else Summariser(books.history, summary, self._hooks)
        self._bell = Channel[None]("changes of the seat", capacity=1, overflow="latest")
        self._in: Surroundings | None = None
        self._noting = trio.Lock()
        self.stages = Stages(lambda: me.agent, self._hooks)
        #: The task that runs `on_exit`.
        self._exiting: trio.lowlevel.Task | None = None

    @property
    def agent(self) -> Agent:
        """Who has the conversation: the agent, or the task on top of it."""
        return self._stays.top.agent

    def redacted(self, event: Event) -> Event:
        """The event as it may be told while this agent has the conversation."""
        return event if type(self.agent).redact is Agent.redact else redacted(event, self.stages.redacted)

    # -- what the mouth asks

    @property
    def keyterms(self) -> tuple[str, ...]:
        """Which terms the user may say to who has the conversation."""
        settings = self._settings if self._in is None else self._in.cast.settings
        return tuple(dict.fromkeys((*settings.stt.keyterms, *self.agent.keyterms)))

    @property
    def edits_turns(self) -> bool:
        """Whether the agent wants to see each turn before it is answered, so that no answer can be begun earlier."""
        return type(self.agent).on_user_turn is not Agent.on_user_turn

    def request(self, asked: Asked, said: str) -> ChatRequest:
        """What a model is asked for a reply that begins now; `said`: as if the user's turn ended with that."""
        history = self._books.history
        told = history.as_if_said(said) if said else history
        speaks = self._in is None or self._in.cast.players.tts is not None
        request = request_for(asked, self.agent, told, self._settings.conversation.context, speaks=speaks)
        return request if self.sight.is_seen else without_pictures(request)

    def _model(self) -> LanguageModel | None:
        """Who is asked for a reply that begins now."""
        return None if self._in is None else playing(self._in.cast.parts.llm)

    async def consider(self, reply: Reply) -> str:
        """Let the agent see the turn that a reply answers, before the model does.

        Returns:
            Why it is not to be answered; empty where it is.
        """
        message = self._books.history.last_turn
        if reply.turn is None or message is None or self._in is None or not self.edits_turns:
            return ""
        seen = await self._show(message, reply.turn, self._in.session)
        if isinstance(seen, DropTurn):
            return seen.reason
        told = "\n\n".join(filter(None, (reply.asked.instructions, *seen.context)))
        reply.asked = attrs.evolve(reply.asked, instructions=told, tools=seen.tools)
        return ""

    def take_note(self, turn: CommitTurn) -> None:
        """Let the agent see a turn that nobody can answer, since there is no model. Synchronous; one after another."""
        message = self._books.history.last_turn
        if message is not None and self._in is not None and self.edits_turns:
            self._in.nursery.start_soon(self._take_note, message, turn, self._in.session, name="on_user_turn")

    async def _take_note(self, message: ChatMessage, turn: CommitTurn, session: Session) -> None:
        async with self._noting:
            await self._show(message, turn, session)

    async def _show(self, message: ChatMessage, turn: CommitTurn, session: Session) -> HeardTurn | DropTurn:
        """Show the agent a turn, and remember what it makes of that; where the hook fails, nothing."""
        history = self._books.history
        draft = HeardTurn(text=message.text, speech_ended_s=turn.speech_ended_s, typed=turn.cause == "typed")
        hook = functools.partial(self.agent.on_user_turn, session, draft)
        failed = object()
        result = await self._hooks.call("on_user_turn", hook, self._settings.conversation.on_user_turn_s, failed)
        if result is failed:
            return HeardTurn(text=message.text)
        if isinstance(result, DropTurn) and not result.remember:
            history.replace(message)
        elif draft.text != message.text:
            history.replace(message, attrs.evolve(message, text=draft.text))
        return result if isinstance(result, DropTurn) else draft

    def replied(self, reply: Reply) -> None:
        """A reply is over: let the agent know, without waiting for what it does with that."""
        llm = None if self._in is None else playing(self._in.cast.base.llm)
        if self._in is not None and self._summariser is not None and llm is not None:
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
        self._stays.ask(takeover)

    @contextlib.contextmanager
    def errand(self, task: Agent, parent: Agent | None, *, keep_context: bool) -> Generator[Errand, None, None]:
        """A task that is to have the conversation until it is over, or nobody waits for it any more.

        Args:
            task: who has it then.
            parent: whose tool wants it; None is whoever has the conversation.
            keep_context: whether the task is told what was said before.

        Raises:
            ConfigurationError: as `hand_over`; or `on_exit` wants it.
            TaskEnded: the session is over.
        """
        if any(outer is self._exiting for outer in outer_tasks()):
            raise ConfigurationError("on_exit must not begin a task: the conversation goes on without its agent")
        errand = self._stays.errand(task, parent or self.agent, keep_context=keep_context)
        if self._stays.closed:
            errand.end_unfinished(self._stays.closed)
            errand.result()
        self._stays.ask(errand)
        try:
            yield errand
        finally:
            errand.end_unfinished("nobody waits for it any more")

    def close(self, reason: str) -> None:
        """The session is over, and with it all tasks. Synchronous."""
        self._stays.close(f"the session is over: {reason}")

    def _ring(self) -> None:
        """Something may be to be done; until it is, turns of the user wait. Synchronous."""
        if self._in is not None and self._stays.due is not None:
            self._in.mouth.queue.hold_turns()
        self._bell.outbox.send_nowait(None)

    async def update(self, change: Change) -> None:
        """Change something in the middle of a call: all, or nothing. Raises as Session.update."""
        if self._in is None:
            raise ConfigurationError("the session is not running; use it inside `async with session:`")
        cast = self._in.cast
        async with cast.changing:
            settings = change.settings or cast.settings
            check_change(cast.settings, settings)
            stages = changed_stages(cast.settings, settings)
            prepared = await self._prepare(change.models.over(cast.parts), settings, cast)
            # No checkpoint from here on.
            cast.base = change.models.over(cast.base)
            cast.take(prepared)
            self._in.settling.settle(cast, self._agents)
        if change.instructions is not None:
            change.agent.instructions = change.instructions
        if change.tools is not None:
            change.agent.tools = change.tools
        self._books.history.add(
            SettingsChanged(
                instructions=None if change.instructions is None else str(change.instructions),
                tools=None if change.tools is None else tuple(change.tools),
                models=change.models.named,
                settings=stages,
            )
        )

    async def _recast(self, surroundings: Surroundings, *agents: Agent) -> None:
        """Let an agent have its models and its way of taking turns, or else those of the next.

        Where they cannot be had, that is told, and the call goes on with the models that are there.
        """
        cast = surroundings.cast
        async with cast.changing:
            parts = functools.reduce(Parts.over, (*map(parts_of, agents), cast.base))
            opening = functools.partial(self._prepare, parts, cast.settings, cast)
            prepared = await self._hooks.call("models", opening, math.inf)
            if isinstance(prepared, Prepared):
                cast.take(prepared)
            surroundings.settling.settle(cast, agents)

    async def _prepare(self, parts: Parts, settings: SessionSettings, cast: Cast) -> Prepared:
        check_ears(parts)
        return await cast.prepare(parts, settings)

    def open(self, surroundings: Surroundings) -> None:
        """The session begins."""
        self._in = surroundings

    def let_go(self) -> None:
        """The session has ended: have nothing any more that it had while it ran."""
        self._in = None

    async def run(self) -> None:
        """Let one agent after another have the conversation, until cancelled."""
        surroundings = self._in
        assert surroundings is not None
        self._begin(self._stays.top)
        while True:
            match self._stays.due:
                case None:
                    surroundings.mouth.queue.release_turns()
                    await self._bell.inbox.receive()
                case Takeover() as takeover:
                    if not self._stays.end_tasks("another agent takes over"):  # else they leave first
                        await self._change(takeover, surroundings)
                case Errand() as errand:
                    await self._lend(errand, surroundings)
                case Stay() as stay:
                    await self._give_back(stay, surroundings)
                    await self._let_go_on()

    async def _let_go_on(self) -> None:
        """Let who awaited a task go on before a turn of the user is answered: it may have another one for that."""
        for _ in range(2):  # in the first round it is woken, in the second it runs
            if self._stays.due is None:
                await trio.lowlevel.checkpoint()

    async def leave(self) -> None:
        """The conversation is over: let the agents know."""
        for stay in self._stays.innermost_first:
            stay.entering.cancel(reason="the session has ended")
            await self._exit(stay)

    async def _exit(self, stay: Stay) -> None:
        if self._in is None:
            return
        if stay.leaving:  # by a hand-off, when the session ends: what has begun may end
            await stay.left.wait()
            return
        stay.leaving = True
        if type(stay.agent).redact is not Agent.redact:
            self._books.history.redact(stay.began, functools.partial(self.stages.redacted, agent=stay.agent))
        if type(stay.agent).on_exit is not Agent.on_exit:
            hook = functools.partial(stay.agent.on_exit, self._in.session)
            self._exiting = trio.lowlevel.current_task()
            await self._hooks.call("on_exit", hook, self._settings.conversation.hook_s)
            self._exiting = None
        stay.left.set()

    async def _leave(self, stay: Stay, queue: ReplyQueue) -> None:
        """All that an agent still has to say before another one follows."""
        await _said(queue)
        stay.entering.cancel(reason="another agent takes over")
        await self._exit(stay)
        await _said(queue)  # the farewell is the old agent's

    async def _change(self, takeover: Takeover, surroundings: Surroundings) -> None:
        """Another agent takes over."""
        queue = surroundings.mouth.queue
        await self._leave(self._stays.top, queue)
        await self._recast(surroundings, takeover.agent)
        before, stay = self.agent, self._stays.replace(takeover)
        self._note_change(stay, before)
        if not takeover.keep_context:
            self._books.history.told_since = stay.began
        await self._arrive(stay, surroundings, answers=takeover.answers)

    async def _lend(self, errand: Errand, surroundings: Surroundings) -> None:
        """A task takes over for a while."""
        if errand.outcome is None:
            await _said(surroundings.mouth.queue)
            await self._recast(surroundings, errand.task, *self._agents)
        stay = self._stays.begin(errand)
        if stay is None:
            await self._recast(surroundings, *self._agents)
            return
        history = self._books.history
        stay.told_since = history.told_since
        self._note_change(stay, errand.parent)
        if not errand.keep_context:
            history.told_since = stay.began
        await self._arrive(stay, surroundings, answers=True)

    async def _give_back(self, stay: Stay, surroundings: Surroundings) -> None:
        """The task on top, or one below it, is over: who is below the top has the conversation again."""
        errand = stay.errand
        assert errand is not None
        errand.end_unfinished("the task below it is over")
        await self._leave(stay, surroundings.mouth.queue)
        await self._recast(surroundings, *self._agents[1:])
        # No checkpoint from here on.
        self._stays.leave()
        history = self._books.history
        if isinstance(errand.outcome, Found) and stay.began is not None:
            history.recap(stay.began, errand.outcome.recap)
        if not errand.keep_context:
            history.told_since = stay.told_since
        self._note_change(self._stays.top, stay.agent)
        errand.returned.set()

    @property
    def _agents(self) -> list[Agent]:
        return [stay.agent for stay in self._stays.innermost_first]

    def _note_change(self, stay: Stay, before: Agent) -> None:
        names = {"from_agent": type(before).__name__, "to_agent": type(stay.agent).__name__}
        item = Handoff(**names)
        stay.began = stay.began or item
        self._books.history.add(item)
        self._books.emit(AgentChanged(at_s=self._books.time.now_s, **names))

    async def _arrive(self, stay: Stay, surroundings: Surroundings, *, answers: bool) -> None:
        """Let an agent enter, and answer if that has said nothing."""
        queue = surroundings.mouth.queue
        asked_before = queue.asked
        self._begin(stay)
        with trio.move_on_after(self._settings.conversation.hook_s):
            await stay.settled.wait()
        silent = queue.asked == asked_before and not queue.busy  # a turn that waits is answered in any case
        if answers and silent and surroundings.mouth.can_answer and self._stays.due is None:
            surroundings.mouth.ask_for(Asked(kind="answer"))

    def _begin(self, stay: Stay) -> None:
        assert self._in is not None
        self._in.nursery.start_soon(self._enter, self._in, stay, name="on_enter")

    async def _enter(self, surroundings: Surroundings, stay: Stay) -> None:
        """The agent's hook; a call goes on without its greeting. It may take as long as the agent speaks."""
        with stay.entering:
            hook = functools.partial(stay.agent.on_enter, surroundings.session)
            await self._hooks.call("on_enter", hook, math.inf)
        stay.settled.set()
        surroundings.entered()


async def _said(queue: ReplyQueue) -> None:
    """Wait until all is said that does not wait for the next agent."""
    while queue.next is not None:
        await queue.next.wait()


def request_for(
    asked: Asked, agent: Agent, history: History, settings: ContextSettings, *, speaks: bool = True
) -> ChatRequest:
    """What a model is asked for a reply that begins now; `speaks`: whether a voice will speak it."""
    is_read = not speaks or (asked.turn is not None and asked.turn.cause == "typed")
    instructions = variant_of(agent.instructions, is_read=is_read)
    told = history.told.window(settings.window)
    earlier = f"{_EARLIER}\n{told.summary}" if told.summary else ""
    offered = asked.tools.offered(agent)
    return ChatRequest(
        instructions="\n\n".join(filter(None, (instructions, earlier, asked.instructions))),
        items=told.for_model(),
        tools=offered,
        tool_choice=asked.tools.among(offered),
        form=agent.reply_form.form if asked.form is None and agent.reply_form is not None else asked.form,
    )
