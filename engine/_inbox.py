"""Several channels behind one port: fan-out, fan-in, and stages that run inside their consumer's task."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar, overload

import trio
from trio.lowlevel import checkpoint, current_task, wait_task_rescheduled

from trialogue.engine._channel import Inbox, Outbox
from trialogue.engine._errors import ChannelBroken, ChannelClosed, ChannelEnded, ConfigurationError
from trialogue.engine._pipe import FAIR_OPERATIONS, Pipe, end_of
from trialogue.engine._waiters import AGAIN, NOTHING, OVER, Bell, Reader

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
T_contra = TypeVar("T_contra", contravariant=True)


class Transform(Protocol[A_contra, B_co]):
    """A stage that never waits but keeps state and may hold something back until its input ends."""

    def push(self, item: A_contra, /) -> Iterable[B_co]:
        """What became certain with this item."""

    def finish(self) -> Iterable[B_co]:
        """What was held back."""


class CompositeInbox(Inbox[T_co]):
    """An inbox that makes its items from those of others, in the task that receives."""

    __slots__ = ("_polls",)

    def __init__(self, *pipes: Pipe) -> None:
        super().__init__(*pipes)
        self._polls = 0

    async def __anext__(self) -> T_co:
        try:
            return await self.receive()
        except ChannelEnded:
            raise StopAsyncIteration from None

    async def receive(self) -> T_co:
        """The next item, waiting for it. Raises as Inbox.receive does."""
        while True:
            self._polls = polls = self._polls + 1
            if not polls % FAIR_OPERATIONS:
                await checkpoint()
            item = self.poll()
            if item is AGAIN:
                continue
            if item is NOTHING:
                await self._wait_for_event()
                continue
            if item is OVER:
                await checkpoint()
                raise end_of(self.pipes)
            return item  # type: ignore[no-any-return]  # the composition is what is checked

    async def receive_unless(self, handled: Callable[[T_co], bool]) -> T_co:
        """As Inbox.receive_unless, but the function runs in the task that receives."""
        while handled(item := await self.receive()):
            pass
        return item

    async def _wait_for_event(self) -> None:
        if len(self.pipes) == 1:
            await wait_task_rescheduled(self.pipe.expect())
            return
        for pipe in self.pipes:
            pipe.refuse_second_receiver()
        await wait_task_rescheduled(Bell(current_task(), self.pipes).abort)


class StagedInbox(CompositeInbox[T_co]):
    """An inbox whose items went through a function that never waits."""

    __slots__ = ("_finish", "_over", "_push", "_ready", "_source")

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
        self._over = False

    @property
    def pending(self) -> bool:
        """Whether items are ready that were already taken from a channel."""
        return bool(self._ready) or self._source.pending

    def poll(self) -> Any:  # type: ignore[explicit-any]  # an item, AGAIN, NOTHING or OVER
        """Take at most one item from the source; what it makes, if anything."""
        ready = self._ready
        if ready:
            return ready.popleft()
        if self._over:
            return OVER
        item = self._source.poll()
        if item is NOTHING or item is AGAIN:
            return item
        if item is OVER:
            self._over = True
            if all(pipe.detached for pipe in self.pipes):
                return OVER  # whoever went away does not want what was held back
            ready.extend(self._finish())
            return ready.popleft() if ready else OVER
        ready.extend(self._push(item))
        return ready.popleft() if ready else AGAIN

    def detach(self) -> None:
        """Go away: throw away what waits, and let the sender get ChannelBroken. Synchronous; may be repeated."""
        self._ready.clear()
        self._over = True
        self._source.detach()


class MappedInbox(CompositeInbox[T_co]):
    """Like StagedInbox, but the function makes one item or None (nothing) of each; the cheapest stage there is."""

    __slots__ = ("_function", "_source")

    def __init__(self, source: Inbox[A], function: Callable[[A], T_co | None]) -> None:
        super().__init__(*source.pipes)
        self._source = source
        self._function: Callable[[Any], T_co | None] = function  # type: ignore[explicit-any]  # A is the source's own

    async def receive(self) -> T_co:
        """The next item, waiting for it. Raises as Inbox.receive does."""
        while True:
            made = self._function(await self._source.receive())
            if made is not None:
                return made

    async def receive_unless(self, handled: Callable[[T_co], bool]) -> T_co:
        """As Inbox.receive_unless: both functions run where the source's does."""
        made: T_co | None = None

        def made_is_handled(item: object) -> bool:
            nonlocal made
            made = self._function(item)
            return made is None or handled(made)

        await self._source.receive_unless(made_is_handled)
        assert made is not None
        return made

    @property
    def pending(self) -> bool:
        """Whether items are ready that were already taken from a channel."""
        return self._source.pending

    def poll(self) -> Any:  # type: ignore[explicit-any]  # an item, AGAIN, NOTHING or OVER
        """Take at most one item from the source; what it makes, if anything."""
        item = self._source.poll()
        if item is NOTHING or item is AGAIN or item is OVER:
            return item
        made = self._function(item)
        return AGAIN if made is None else made

    def detach(self) -> None:
        """Go away: throw away what waits, and let the sender get ChannelBroken. Synchronous; may be repeated."""
        self._source.detach()


class MergedInbox(CompositeInbox[T_co]):
    """Several inboxes as one, in the order in which their items arrived. It ends when all have ended.

    Each item and each end of a channel is one entry in the order of arrival, and each poll deals with one entry. So
    a merged inbox may stand below a stage that is merged again: both see the same entries in the same order.
    """

    __slots__ = ("_arrivals", "_current", "_sources")

    def __init__(self, *sources: Inbox[T_co]) -> None:
        flat = [part for source in sources for part in (source.parts if isinstance(source, MergedInbox) else [source])]
        super().__init__(*(pipe for source in flat for pipe in source.pipes))
        _refuse_twice(self.pipes, "merge")
        self._sources: dict[Pipe, Inbox[T_co]] = {pipe: source for source in flat for pipe in source.pipes}
        self._current = flat[0]
        self._arrivals: deque[Pipe] = deque()
        dissolved = [source._arrivals for source in sources if isinstance(source, MergedInbox)]
        for pipe in self.pipes:
            pipe.join(self._arrivals, instead_of=dissolved)

    @property
    def parts(self) -> tuple[Inbox[T_co], ...]:
        """The inboxes that were merged."""
        return tuple(dict.fromkeys(self._sources.values()))

    @property
    def pending(self) -> bool:
        """Whether items are ready that were already taken from a channel."""
        return self._current.pending

    def poll(self) -> Any:  # type: ignore[explicit-any]  # an item, AGAIN, NOTHING or OVER
        """Deal with the next entry in order of arrival."""
        current = self._current
        if not current.pending:
            if not self._arrivals:
                return self._nothing()
            self._current = current = self._sources[self._arrivals.popleft()]
        item = current.poll()
        if item is NOTHING or item is OVER:  # the entry was an end, or its item was thrown away
            return AGAIN if self._arrivals else self._nothing()
        return item

    async def receive_unless(self, handled: Callable[[T_co], bool]) -> T_co:
        """As Inbox.receive_unless. Where no stage stands before it, here, too, whoever sends runs the function."""
        if any(part.__class__ is not Inbox for part in self.parts):
            return await super().receive_unless(handled)
        while True:
            while self._arrivals:
                item = await self.receive()
                if not handled(item):
                    return item
            if self._nothing() is OVER:
                return await self.receive()  # raises
            left: Any = await Reader(current_task(), self.pipes, handled).wait()  # type: ignore[explicit-any]  # as in poll
            if left is not NOTHING and not self.pipe.detached:
                return left  # type: ignore[no-any-return]  # the composition is what is checked

    def _nothing(self) -> Any:  # type: ignore[explicit-any]  # NOTHING or OVER
        return OVER if all(pipe.closed or pipe.detached for pipe in self.pipes) else NOTHING

    def detach(self) -> None:
        """Go away: throw away what waits, and let the sender get ChannelBroken. Synchronous; may be repeated."""
        for part in self.parts:
            part.detach()
        self._arrivals.clear()  # nobody asks for them; and each of these channels knows of them all


class FanOut(Outbox[T_contra]):
    """The sending end of several channels. It lasts as long as one of them does."""

    __slots__ = ("_sends",)

    def __init__(self, *pipes: Pipe) -> None:
        super().__init__(*pipes)
        _refuse_twice(pipes, "fan_out")
        self._sends = 0

    async def send(self, item: T_contra) -> None:
        """Send into all channels at once or, cancelled, into none; wait for room in all that block.

        Raises:
            ChannelClosed, ChannelBroken: all of them are closed, or their receivers went away.
        """
        self._sends = sends = self._sends + 1
        if not sends % FAIR_OPERATIONS:
            await checkpoint()
            for pipe in self.pipes:
                pipe.meter.unpaused = 0
        for pipe in self.pipes:
            if not pipe.credit:
                await self._admit()
                break
        if not self._put(item):
            await checkpoint()
            raise self.pipe.no_send()

    def send_nowait(self, item: T_contra) -> None:
        """Like `send`, but raises trio.WouldBlock where that waits."""
        if self._full() is not None:
            raise trio.WouldBlock
        if not self._put(item):
            raise self.pipe.no_send()

    async def _admit(self) -> None:
        while (full := self._full()) is not None:
            with contextlib.suppress(ChannelClosed, ChannelBroken):  # then it is left out
                await full.admit()

    def _full(self) -> Pipe | None:
        for pipe in self.pipes:
            if not pipe.credit and pipe.is_full():
                return pipe
        return None

    def _put(self, item: T_contra) -> bool:
        reached = False
        for pipe in self.pipes:
            if pipe.credit:
                pipe.credit -= 1
                pipe.queue.append(item)
                if pipe.receiver is not None:
                    pipe.wake_receiver()
                reached = True
            elif not pipe.closed and not pipe.detached:
                pipe.put(item)
                reached = True
        return reached


def _refuse_twice(pipes: tuple[Pipe, ...], function: str) -> None:
    for pipe in pipes:
        if pipes.count(pipe) > 1:
            raise ConfigurationError(
                f"{function}(): channel {pipe.name!r} is given twice; give each part a channel of its own"
            )


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

    A branch that blocks delays its siblings: give a branch that may stall a channel that drops, or a replay ring. Of
    one outbox nothing is made: it is returned as it is.
    """
    if len(outboxes) == 1:
        return outboxes[0]
    return FanOut(*(pipe for outbox in outboxes for pipe in outbox.pipes))
