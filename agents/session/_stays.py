"""Stays: who has the conversation, and on top of whom. An agent stays; a task sits on top of it for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import attrs
import trio

from trialogue.agents.tools._tool_results import ToolError
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from trialogue.agents._agent import Agent
    from trialogue.agents.context._chat_context import ContextItem

#: Hand-offs and tasks that may wait; more than that go round in a circle.
_WAITING: Final = 8


@frozen(kw_only=True)
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


class TaskEnded(ToolError):
    """A task is over without a value; raised where it is awaited. In a tool that lets it pass, the model reads it.

    So it is where another agent took over, the session or the task below it has ended, or, as TaskGivenUp, by itself.
    """


class TaskGivenUp(TaskEnded):
    """A task was given up: the user did not want to go on with it, or it could not be done."""


@frozen(kw_only=True)
class Found:
    """A task is over with a value.

    Args:
        value: what it has found.
        recap: what stands for all that was said in it from now on; empty where that stays.
    """

    value: object
    recap: str


@define(eq=False)
class Errand:
    """A task that is to have the conversation for a while.

    Args:
        task: who has it then.
        parent: who has it before and after.
        keep_context: whether the task is told what was said before.
        changed: called once it is over.
    """

    task: Agent
    parent: Agent
    keep_context: bool
    changed: Callable[[], None]
    outcome: Found | TaskEnded | None = attrs.field(default=None, init=False)
    #: The conversation is the parent's again, or nothing more is to be waited for.
    returned: trio.Event = attrs.field(factory=trio.Event, init=False)

    def end(self, outcome: Found | TaskEnded) -> None:
        """It is over; the first outcome counts. Synchronous."""
        if self.outcome is None:
            self.outcome = outcome
            self.changed()

    def end_unfinished(self, reason: str) -> None:
        """It is over without a value, for a reason that is not its own. Synchronous."""
        self.end(TaskEnded(f"{type(self.task).__name__} has ended without a value: {reason}"))

    def result(self) -> object:
        """Its value. Raises TaskEnded where there is none."""
        if isinstance(self.outcome, TaskEnded):
            raise self.outcome
        assert self.outcome is not None
        return self.outcome.value


@define(eq=False)
class Stay:
    """An agent's time in the seat.

    Args:
        agent: who stays.
        errand: what it is there for; None for an agent that is no task.
    """

    agent: Agent
    errand: Errand | None = None
    #: `on_exit` was called, and is over.
    leaving: bool = attrs.field(default=False, init=False)
    left: trio.Event = attrs.field(factory=trio.Event, init=False)
    #: What was written down when it began, and from which item on the agent below was told, to be told so again.
    began: ContextItem | None = attrs.field(default=None, init=False)
    told_since: ContextItem | None = attrs.field(default=None, init=False)
    #: That of `on_enter`.
    entering: trio.CancelScope = attrs.field(factory=trio.CancelScope, init=False)
    #: `on_enter` is over, or need not be waited for.
    settled: trio.Event = attrs.field(factory=trio.Event, init=False)

    @property
    def is_over(self) -> bool:
        """Whether it is a task's that is over."""
        return self.errand is not None and self.errand.outcome is not None


class Stays:
    """Who has the conversation, on top of whom, and who is to have it next. Decides, and does nothing itself.

    Args:
        agent: who has it first.
        rung: called when something may be to be done.
    """

    def __init__(self, agent: Agent, rung: Callable[[], None]) -> None:
        self._stack = [Stay(agent)]
        self._waiting: list[Takeover | Errand] = []
        self._rung = rung
        self.closed = ""

    @property
    def top(self) -> Stay:
        """Of who has the conversation."""
        return self._stack[-1]

    @property
    def innermost_first(self) -> tuple[Stay, ...]:
        """All of them, from the top down."""
        return tuple(reversed(self._stack))

    @property
    def due(self) -> Stay | Takeover | Errand | None:
        """What is to be done next: leave the top, carry out a change that waits (see `take`), or nothing."""
        if any(stay.is_over for stay in self._stack):
            return self.top
        here = [stay.agent for stay in self._stack]
        for change in self._waiting:
            if isinstance(change, Takeover):
                return change
            if change.outcome is not None or change.parent is here[-1] or change.parent not in here:
                return change
        return None

    def ask(self, change: Takeover | Errand) -> None:
        """Let a change wait until it is due. Raises ConfigurationError where too many do."""
        if len(self._waiting) >= _WAITING:
            raise ConfigurationError(
                f"{_WAITING} agents wait to take over already; see whether they hand over to each other in a circle"
            )
        self._waiting.append(change)
        if isinstance(change, Errand):
            self._settle(change.parent)
        self._rung()

    def errand(self, task: Agent, parent: Agent, *, keep_context: bool) -> Errand:
        """A task that is to be asked for."""
        return Errand(task, parent, keep_context, self._ended)

    def begin(self, errand: Errand) -> Stay | None:
        """Let a task have the conversation, unless it is over already, or nobody is there to have it back."""
        self._waiting.remove(errand)
        if errand.parent is not self.top.agent:
            errand.end_unfinished(f"{type(errand.parent).__name__} has left the conversation")
        if errand.outcome is not None:
            errand.returned.set()
            return None
        self._stack.append(Stay(errand.task, errand))
        return self.top

    def leave(self) -> Stay:
        """Let who is below the top have the conversation again; returns the stay that is over."""
        return self._stack.pop()

    def end_tasks(self, reason: str) -> bool:
        """End all tasks that have the conversation, the innermost first; whether there were any."""
        tasks = [stay.errand for stay in self.innermost_first if stay.errand is not None]
        for errand in tasks:
            errand.end_unfinished(reason)
        return bool(tasks)

    def replace(self, takeover: Takeover) -> Stay:
        """Let another agent have the conversation from now on; no task must be there."""
        self._waiting.remove(takeover)
        self._stack[:] = [Stay(takeover.agent)]
        return self.top

    def close(self, reason: str) -> None:
        """The session is over, and with it all tasks: nobody waits for them any more. The first reason counts."""
        self.closed = self.closed or reason
        waiting = [change for change in self._waiting if isinstance(change, Errand)]
        sitting = [stay.errand for stay in self.innermost_first if stay.errand is not None]
        for errand in (*sitting, *waiting):
            errand.end_unfinished(self.closed)
            errand.returned.set()

    def _ended(self) -> None:
        for stay in self._stack:
            if stay.is_over:
                stay.settled.set()
        self._rung()

    def _settle(self, agent: Agent) -> None:
        """What an agent does as it enters need not be waited for: it waits for a task itself."""
        for stay in self._stack:
            if stay.agent is agent:
                stay.settled.set()
