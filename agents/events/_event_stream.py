"""How events reach those who follow a conversation: without ever slowing it."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING, Final, Self

import trio

from trialogue.agents.events._events import ActorFailed, EndCause, Event, SessionEnded
from trialogue.agents.session._privacy import Privacy
from trialogue.engine import Channel, ChannelStatistics

if TYPE_CHECKING:
    from trialogue.engine import ActorFault, Inbox

_log = logging.getLogger(__name__)

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
        observers: called with each event at once; short and synchronous. One that raises is a fault that the others
            are told, and is not called again.
    """

    def __init__(self, observers: Sequence[Callable[[Event], None]]) -> None:
        #: What observers are told.
        self.privacy = Privacy()
        self._observers = list(observers)
        self._listeners: list[tuple[tuple[type[Event], ...], Channel[Event]]] = []
        self._faults: Counter[str] = Counter()
        self._untold: list[Event] = []  # the first of them is being told
        self._any = trio.Event()
        self._ended = trio.Event()
        self._reason: str | None = None

    def emit(self, event: Event) -> None:
        """Tell everybody. Synchronous; after the end it does nothing.

        What an observer makes happen is told when all were told what it was told itself: so all see the same order.
        """
        if self._reason is None:
            self._tell_in_turn(event)

    def _tell_in_turn(self, event: Event) -> None:
        self._untold.append(event)
        if len(self._untold) > 1:
            return
        try:
            while self._untold:
                self._tell_all(self._untold[0])
                del self._untold[0]
        finally:  # what no supervisor may catch passes; but the end can still be told
            self._untold.clear()

    def _tell_all(self, event: Event) -> None:
        told = self.privacy.event(event) if self._observers else event
        for observer in tuple(self._observers):
            try:
                observer(told)
            except Exception as error:  # noqa: BLE001  # a supervisor: who only looks on must not end the call
                self._go_on_without(observer, event, error)
        for types, channel in self._listeners:
            if not types or isinstance(event, types):
                channel.outbox.send_nowait(event)
        self._any.set()
        self._any = trio.Event()
        if isinstance(event, SessionEnded):
            self._ended.set()
            for _, channel in self._listeners:
                channel.outbox.close()

    def tell(self, event: Event) -> None:
        """Tell only the listeners who have named this type. Synchronous; after the end it does nothing."""
        for types, channel in self._listeners:
            if isinstance(event, types) and not self._ended.is_set():
                channel.outbox.send_nowait(event)

    def _go_on_without(self, observer: Callable[[Event], None], event: Event, error: Exception) -> None:
        name = f"observer {getattr(observer, '__qualname__', type(observer).__qualname__)}"
        self._faults[name] += 1
        fault = go_on_without(name, error, event.at_s, self._faults[name])
        told = type(event).__name__
        _log.warning("%s failed at %s and is not called again (%s)", name, told, fault.fault_id, exc_info=error)
        if observer in self._observers:
            self._observers.remove(observer)
        if not isinstance(event, SessionEnded):  # that is the last event
            self.emit(fault)

    def end(self, at_s: float, reason: str, cause: EndCause) -> None:
        """The last event, once."""
        if self._reason is None:
            self._reason = reason
            self._tell_in_turn(SessionEnded(at_s=at_s, reason=reason, cause=cause))

    @property
    def ended(self) -> str | None:
        """Why it ended; None before that."""
        return self._reason

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


def actor_failed(fault: ActorFault, epoch_s: float) -> ActorFailed:
    """A fault of an actor of the session's graph, in session time."""
    return ActorFailed(
        at_s=fault.at_s - epoch_s,
        fault_id=fault.fault_id,
        actor=fault.actor,
        cause=fault.cause,
        decision=fault.decision,
        delay_s=fault.delay_s,
    )


def go_on_without(who: str, error: Exception, at_s: float, number: int = 1) -> ActorFailed:
    """The fault of something that a conversation can do without, such as an observer or a hook.

    Args:
        who: its name.
        error: what happened.
        at_s: when, session time, seconds.
        number: of its faults in this session.
    """
    return ActorFailed(
        at_s=at_s,
        fault_id=f"session/{who}/{number}",
        actor=who,
        cause=f"{type(error).__name__}: {error}",
        decision="go on without it",
        delay_s=0.0,
    )
