"""What can be seen of a session, without a change to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import trio

from trialogue.agents.context._history import History
from trialogue.agents.session._time import SessionTime
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from trialogue.actors import AgentState, TurnPolicy, UserState
    from trialogue.agents._settings import SessionSettings
    from trialogue.agents.context._chat_context import ReadOnlyContext
    from trialogue.agents.events._event_stream import EventStream
    from trialogue.agents.session._session_parts import Given, Running
    from trialogue.engine import AsyncioLoop, Graph
    from trialogue.frames import ChatItem

T = TypeVar("T")


class SessionView:
    """What a conversation is, to look at; each Session is one.

    Args:
        given: what it is made with.
        policy: decides its turns.
        events: what happens in it.
    """

    def __init__(self, given: Given, policy: TurnPolicy, events: EventStream) -> None:
        self._given = given
        self._policy = policy
        self._events = events
        self._time = SessionTime()
        self._history = History(events.privacy.withholds)
        self._running: Running | None = None

    @property
    def context(self) -> ReadOnlyContext:
        """The conversation as it is now: as `history`, with hand-offs, changes of settings and summaries."""
        return self._history.all

    @property
    def history(self) -> tuple[ChatItem, ...]:
        """What is remembered: what the user said, what was heard of the agent, and the tools, oldest first."""
        return self._history.items

    @property
    def graph(self) -> Graph:
        """The actors that live as long as the session, to be drawn, and their channels' statistics.

        Raises:
            ConfigurationError: the session is not running.
        """
        return self._parts.ears.graph

    @property
    def asyncio(self) -> AsyncioLoop:
        """Runs what was written for asyncio: `await session.asyncio.run(connection.execute, "SELECT 1")`.

        Raises:
            ConfigurationError: the session is not running.
        """
        return self._parts.asyncio

    @property
    def now_s(self) -> float:
        """Session time: seconds since the microphone's first sample."""
        return self._time.now_s

    @property
    def settings(self) -> SessionSettings:
        """The settings of all stages as they are now; an agent may have some of its own for the turns."""
        return self._given.settings if self._running is None else self._running.cast.settings

    def userdata(self, kind: type[T]) -> T:
        """What the program has given the session to keep, for hooks and tools.

        Args:
            kind: of what type it is.

        Raises:
            ConfigurationError: it is of another, or nothing was given.
        """
        return self._given.userdata_of(kind)

    @property
    def user_state(self) -> UserState:
        """What the user does, as far as the turn policy knows."""
        return self._policy.user

    @property
    def agent_state(self) -> AgentState:
        """What the agent does: as the turn policy sees it."""
        return self._policy.agent

    @property
    def ended(self) -> str | None:
        """Why the session is over; None while it is not."""
        return self._events.ended

    async def wait_ended(self) -> str:
        """Wait until the user has gone, the program has ended the session, or it broke; returns why."""
        return await self._events.wait_ended()

    async def wait_idle(self, for_s: float) -> None:
        """Wait until nobody has spoken, thought or waited for words for so long.

        Args:
            for_s: how long, seconds.

        Raises:
            ConfigurationError: the session is not running: it has not begun, or has ended meanwhile.
        """
        while True:
            with trio.move_on_after(for_s) as pause:
                await self._events.wait_any()
            if pause.cancelled_caught and self._parts.is_idle():
                return

    @property
    def _parts(self) -> Running:
        if self._running is None:
            raise ConfigurationError("the session is not running; use it inside `async with session:`")
        return self._running
