"""How events reach those who follow a conversation: without ever slowing it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING, Final, Self

import trio

from trialogue.agents._events import Event, SessionEnded
from trialogue.engine import Channel, ChannelStatistics

if TYPE_CHECKING:
    from trialogue.engine import Inbox

#: Events that a slow listener may be behind; then the oldest are dropped and counted. Minutes of a conversation.
_BACKLOG: Final = 1024


class EventListener:
    """One listener's view: an async iterator of events that ends with the session."""

    def __init__(self, inbox: Inbox[Event]) -> None:
        self._inbox = inbox

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        return await self._inbox.__anext__()

    def statistics(self) -> ChannelStatistics:
        """How far it is behind, and how many events were dropped for that."""
        return self._inbox.statistics()[0]


class EventStream:
    """Sends each event to all observers and listeners.

    Args:
        observers: called with each event at once; short, synchronous, and never raising.
    """

    def __init__(self, observers: Sequence[Callable[[Event], None]]) -> None:
        self._observers = tuple(observers)
        self._listeners: list[tuple[tuple[type[Event], ...], Channel[Event]]] = []
        self._any = trio.Event()
        self._ended = trio.Event()
        self._reason: str | None = None

    def emit(self, event: Event) -> None:
        """Tell everybody. Synchronous; after the end it does nothing."""
        if self._ended.is_set():
            return
        for observer in self._observers:
            observer(event)
        for types, channel in self._listeners:
            if not types or isinstance(event, types):
                channel.outbox.send_nowait(event)
        self._any.set()
        self._any = trio.Event()

    def end(self, at_s: float, reason: str) -> None:
        """The last event, once."""
        if self._ended.is_set():
            return
        self._reason = reason
        self.emit(SessionEnded(at_s=at_s, reason=reason))
        self._ended.set()
        for _, channel in self._listeners:
            channel.outbox.close()

    async def wait_any(self) -> None:
        """Wait for the next event."""
        await self._any.wait()

    async def wait_ended(self) -> str:
        """Wait for the end; returns its reason."""
        await self._ended.wait()
        assert self._reason is not None
        return self._reason

    @contextlib.asynccontextmanager
    async def listen(self, types: tuple[type[Event], ...]) -> AsyncGenerator[EventListener, None]:
        """Follow the events of some types, or all."""
        channel = Channel[Event]("events", capacity=_BACKLOG, overflow="drop oldest")
        entry = (types, channel)
        self._listeners.append(entry)
        if self._ended.is_set():
            channel.outbox.close()
        try:
            yield EventListener(channel.inbox)
        finally:
            self._listeners.remove(entry)
