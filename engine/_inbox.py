"""Several channels behind one port: fan-out, fan-in, and stages that run inside their consumer's task."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar, overload

import trio
from trio.lowlevel import checkpoint, current_task, wait_task_rescheduled

from trialogue.engine._channel import AGAIN, NOTHING, Bell, Inbox, Outbox, Pipe, end_of
from trialogue.engine._errors import ChannelClosed, ChannelEnded

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")
T1 = TypeVar("T1")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
T4 = TypeVar("T4")
A_contra = TypeVar("A_contra", contravariant=True)
B_co = TypeVar("B_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)


class Transform(Protocol[A_contra, B_co]):
    """A stage that never waits but keeps state and may hold something back until its input ends."""

    def push(self, item: A_contra, /) -> Iterable[B_co]:
        """What became certain with this item."""

    def finish(self) -> Iterable[B_co]:
        """What was held back."""


class CompositeInbox(Inbox[T_co]):
    """An inbox that makes its items from those of others, in the task that receives."""

    __slots__ = ()

    async def receive(self) -> T_co:
        """The next item, waiting for it. Raises as Inbox.receive does."""
        pipes = self.pipes
        first = pipes[0]
        first.receives = receives = first.receives + 1
        if not receives & 63:  # as FAIR_OPERATIONS
            await checkpoint()
        while True:
            try:
                item = self.poll()
            except (ChannelEnded, ChannelClosed):
                await checkpoint()
                raise
            if item is AGAIN:
                continue
            if item is not NOTHING:
                return item  # type: ignore[no-any-return]  # the composition is what is checked
            for pipe in pipes:
                if pipe.receiver is not None:
                    raise trio.BusyResourceError(f"another task is already receiving from channel {pipe.name!r}")
            await wait_task_rescheduled(Bell(current_task(), pipes).abort)


class StagedInbox(CompositeInbox[T_co]):
    """An inbox whose items went through a function that never waits."""

    __slots__ = ("_ended", "_finish", "_push", "_ready", "_source")

    def __init__(
        self,
        source: Inbox[A],
        push: Callable[[A], Iterable[T_co]],
        finish: Callable[[], Iterable[T_co]],
    ) -> None:
        super().__init__(*source.pipes)
        self._source = source
        self._push: Callable[[Any], Iterable[T_co]] = push  # type: ignore[explicit-any]  # A is the source's own
        self._finish = finish
        self._ready: deque[T_co] = deque()
        self._ended = False

    @property
    def pending(self) -> bool:
        """Whether items are ready that were already taken from a channel."""
        return bool(self._ready) or self._source.pending

    def poll(self) -> Any:  # type: ignore[explicit-any]  # an item, AGAIN or NOTHING
        """Take at most one item from the source; what it makes, if anything."""
        ready = self._ready
        if not ready:
            if self._ended:
                raise end_of(self.pipe)
            try:
                item = self._source.poll()
            except ChannelEnded:
                self._ended = True
                ready.extend(self._finish())
                if not ready:
                    raise
            else:
                if item is NOTHING:
                    return NOTHING
                if item is AGAIN:
                    return AGAIN
                ready.extend(self._push(item))
        return ready.popleft() if ready else AGAIN


class MappedInbox(CompositeInbox[T_co]):
    """Like StagedInbox, but the function makes one item or None (nothing) of each; the cheapest stage there is."""

    __slots__ = ("_function", "_source")

    def __init__(self, source: Inbox[A], function: Callable[[A], T_co | None]) -> None:
        super().__init__(*source.pipes)
        self._source = source
        self._function: Callable[[Any], T_co | None] = function  # type: ignore[explicit-any]  # A is the source's own

    @property
    def pending(self) -> bool:
        """Whether items are ready that were already taken from a channel."""
        return self._source.pending

    def poll(self) -> Any:  # type: ignore[explicit-any]  # an item, AGAIN or NOTHING
        """Take at most one item from the source; what it makes, if anything."""
        item = self._source.poll()
        if item is NOTHING or item is AGAIN:
            return item
        made = self._function(item)
        return AGAIN if made is None else made


class MergedInbox(CompositeInbox[T_co]):
    """Several inboxes as one, in the order in which their items arrived. It ends when all have ended."""

    __slots__ = ("_arrivals", "_current", "_sources")

    def __init__(self, *sources: Inbox[T_co]) -> None:
        flat = [part for source in sources for part in (source.parts if isinstance(source, MergedInbox) else [source])]
        super().__init__(*(pipe for source in flat for pipe in source.pipes))
        self._sources: dict[Pipe, Inbox[T_co]] = {pipe: source for source in flat for pipe in source.pipes}
        self._current = flat[0]
        self._arrivals: deque[Pipe] = deque()
        for pipe in self.pipes:
            pipe.arrivals = self._arrivals
            self._arrivals.extend([pipe] * (len(pipe.queue) + pipe.closed))

    @property
    def parts(self) -> tuple[Inbox[T_co], ...]:
        """The inboxes that were merged."""
        return tuple(dict.fromkeys(self._sources.values()))

    @property
    def pending(self) -> bool:
        """Whether items are ready that were already taken from a channel."""
        return self._current.pending

    def poll(self) -> Any:  # type: ignore[explicit-any]  # an item, AGAIN or NOTHING
        """The next item in order of arrival, or NOTHING."""
        arrivals = self._arrivals
        while True:
            current = self._current
            if not current.pending:
                if not arrivals:
                    break
                self._current = current = self._sources[arrivals.popleft()]
            try:
                item = current.poll()
            except ChannelEnded:
                continue
            if item is not NOTHING and item is not AGAIN:
                return item
        if all(pipe.closed or pipe.detached for pipe in self.pipes):
            raise end_of(self.pipe)
        return NOTHING


@overload
def merge(a: Inbox[T1], b: Inbox[T2], /) -> Inbox[T1 | T2]: ...
@overload
def merge(a: Inbox[T1], b: Inbox[T2], c: Inbox[T3], /) -> Inbox[T1 | T2 | T3]: ...
@overload
def merge(a: Inbox[T1], b: Inbox[T2], c: Inbox[T3], d: Inbox[T4], /) -> Inbox[T1 | T2 | T3 | T4]: ...
def merge(*sources: Inbox[Any]) -> Inbox[Any]:  # type: ignore[explicit-any]  # typed by the overloads
    """Fan-in: wait on several inboxes at once and receive in the order of arrival.

    No channel is preferred over another: related facts (a transcript, the end of the speech) keep their order.
    """
    return MergedInbox(*sources)


def fan_out(*outboxes: Outbox[T]) -> Outbox[T]:
    """Fan-out: one port that sends each item into several channels, to all of them or (cancelled) to none.

    A branch that blocks delays its siblings: give a branch that may stall a channel that drops, or a replay ring.
    """
    return Outbox(*(pipe for outbox in outboxes for pipe in outbox.pipes))
