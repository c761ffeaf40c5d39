"""Channels: bounded, one producer, one consumer, and cheap enough for every frame.

A channel tries first and waits only when it must. Whoever waits is woken, and then takes or puts the item itself:
nothing is handed over while a task is being rescheduled, so a cancelled receive cannot lose an item. Each end is left
at a checkpoint whenever it waited and at least once in `FAIR_OPERATIONS` operations, so a busy pair cannot starve a
third task. (Trio's own memory channels checkpoint on every operation, which is most of what they cost.)

Closing and detaching are synchronous. The ends say whose doing it was: `ChannelClosed` is yours, `ChannelBroken` is
theirs, and `ChannelEnded` is the good end. An operation that is about to raise passes a checkpoint before it does, so
that being cancelled wins over a neighbour that went away because of the same cancel.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args

import trio
from trio.lowlevel import current_task, reschedule, wait_task_rescheduled

from trialogue.engine._errors import ChannelEnded, ConfigurationError
from trialogue.engine._pipe import (
    ChannelStatistics,
    Overflow,
    Pipe,
    PipeSettings,
    end_of,
)
from trialogue.engine._waiters import AGAIN, NOTHING, OVER, Reader

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)


class Outbox(Generic[T_contra]):
    """The sending end of a channel: an actor's port."""

    __slots__ = ("pipe", "pipes")

    def __init__(self, *pipes: Pipe) -> None:
        self.pipes = pipes
        self.pipe = pipes[0]

    async def send(self, item: T_contra) -> None:
        """Send, waiting for room where the channel blocks.

        Raises:
            ChannelClosed: you closed it.
            ChannelBroken: the receiver went away.
        """
        pipe = self.pipe
        if not pipe.credit:
            await pipe.admit()
            if not pipe.credit:
                pipe.put_with_care(item)
                return
        pipe.credit -= 1
        pipe.queue.append(item)
        receiver = pipe.receiver
        if receiver is not None:
            pipe.receiver = None
            reschedule(receiver)  # type: ignore[arg-type]  # a task: where a Bell or a Reader waits there is no credit

    def send_nowait(self, item: T_contra) -> None:
        """Send without waiting; for synchronous code that must not block.

        Raises:
            trio.WouldBlock: the channel is full and blocks.
            ChannelClosed, ChannelBroken: as `send`.
        """
        pipe = self.pipe
        if not pipe.credit:
            if pipe.receiver.__class__ is Reader and (pipe.receiver.takes(item, pipe) or pipe.detached):
                return
            if pipe.closed or pipe.detached:
                raise pipe.no_send()
            if pipe.settings.drops:  # what waits may go
                pipe.put_with_care(item)
                return
            if pipe.room() <= 0:
                raise trio.WouldBlock
        pipe.put(item)

    @property
    def is_full(self) -> bool:
        """Whether `send` would wait for room now."""
        for pipe in self.pipes:  # no any(): its generator would cost more than all the rest
            if not pipe.credit and pipe.is_full():
                return True
        return False

    def close(self) -> None:
        """Say that nothing more will come. The receiver still gets what was sent. Synchronous; may be repeated."""
        for pipe in self.pipes:
            pipe.close()

    def statistics(self) -> tuple[ChannelStatistics, ...]:
        """What each channel behind this end has seen."""
        return tuple(pipe.statistics() for pipe in self.pipes)


class Inbox(Generic[T_co]):
    """The receiving end of a channel: an actor's port. Iterate over it, or `receive` one by one."""

    __slots__ = ("pipe", "pipes")

    def __init__(self, *pipes: Pipe) -> None:
        self.pipes = pipes
        self.pipe = pipes[0]

    @property
    def pending(self) -> bool:
        """Whether items are ready that were already taken from a channel."""
        return False

    def __aiter__(self) -> Inbox[T_co]:
        return self

    async def __anext__(self) -> T_co:
        # As `receive`, whose lines stand here again because a call of it would cost as much as they do.
        pipe = self.pipe
        queue = pipe.queue
        if not 0 < len(queue) <= pipe.familiar:
            try:
                if queue or pipe.closed or pipe.detached:
                    await pipe.wait_for_item()
                else:
                    await wait_task_rescheduled(pipe.expect())  # one call less deep than in wait_for_item
                    if not queue:
                        await pipe.wait_for_item()
                    elif len(queue) > pipe.familiar:
                        pipe.note_depth()
            except ChannelEnded:
                raise StopAsyncIteration from None
        item = queue.popleft()
        if pipe.attention:
            pipe.took(item)
        return item  # type: ignore[no-any-return]  # the composition is what is checked

    async def receive(self) -> T_co:
        """The next item, waiting for it.

        Raises:
            ChannelEnded: the sender closed its end and everything was received.
            ChannelClosed: you detached this end.
        """
        pipe = self.pipe
        queue = pipe.queue
        if not 0 < len(queue) <= pipe.familiar:
            if queue or pipe.closed or pipe.detached:
                await pipe.wait_for_item()
            else:
                await wait_task_rescheduled(pipe.expect())  # one call less deep than in wait_for_item
                if not queue:
                    await pipe.wait_for_item()
                elif len(queue) > pipe.familiar:
                    pipe.note_depth()
        item = queue.popleft()
        if pipe.attention:
            pipe.took(item)
        return item  # type: ignore[no-any-return]  # the composition is what is checked

    async def receive_unless(self, handled: Callable[[T_co], bool]) -> T_co:
        """The next item that a function does not deal with. The others cost no change of task.

        While this waits, whoever sends runs the function, in the sending task: so it is short and never waits. It
        sees each item once, in order, and none while an earlier one waits here. What it raises is raised here and is
        none of the sender's.

        Args:
            handled: looks at an item and returns whether it has dealt with it.

        Raises:
            ChannelEnded, ChannelClosed: as `receive`.
        """
        pipe = self.pipe
        while True:
            while pipe.queue or pipe.closed or pipe.detached:
                item = await self.receive()
                if not handled(item):
                    return item
            left: Any = await Reader(current_task(), self.pipes, handled).wait()  # type: ignore[explicit-any]  # as in poll
            if left is not NOTHING and not pipe.detached:
                return left  # type: ignore[no-any-return]  # the composition is what is checked

    def receive_nowait(self) -> T_co:
        """The next item, if there is one.

        Raises:
            trio.WouldBlock: there is none now.
            ChannelEnded, ChannelClosed: as `receive`.
        """
        while (item := self.poll()) is AGAIN:
            pass
        if item is NOTHING:
            raise trio.WouldBlock
        if item is OVER:
            raise end_of(self.pipes)
        return item  # type: ignore[no-any-return]  # the composition is what is checked

    def detach(self) -> None:
        """Go away: throw away what waits, and let the sender get ChannelBroken. Synchronous; may be repeated."""
        for pipe in self.pipes:
            pipe.detach()

    def statistics(self) -> tuple[ChannelStatistics, ...]:
        """What each channel behind this end has seen."""
        return tuple(pipe.statistics() for pipe in self.pipes)

    def poll(self) -> Any:  # type: ignore[explicit-any]  # an item, AGAIN, NOTHING or OVER
        """Like receive_nowait, but says in a word what that raises."""
        pipe = self.pipe
        if pipe.queue:
            if len(pipe.queue) > pipe.familiar:
                pipe.note_depth()
            item = pipe.queue.popleft()
            if pipe.attention:
                pipe.took(item)
            return item
        return OVER if pipe.closed or pipe.detached else NOTHING


class Channel(Generic[T]):
    """A way for items from one producer to one consumer. The graph connects its ends to actors' ports.

    Args:
        name: unique in its graph; used in errors, statistics and drawings.
        capacity: the bound in items; 0 hands over one item at a time, as does 1.
        seconds: instead of `capacity`, the bound in seconds of audio. A frame is let in while less than that waits;
            it counts for at least a millisecond.
        overflow: what a full channel does. Control never travels in a channel that drops. "latest" needs no bound.

    Raises:
        ConfigurationError: the bound is missing, given twice, or not positive; there is no such overflow rule.
    """

    def __init__(
        self,
        name: str,
        *,
        capacity: int | None = None,
        seconds: float | None = None,
        overflow: Overflow = "block",
    ) -> None:
        self._pipe = Pipe(_settings_of(name, capacity, seconds, overflow))
        self.outbox: Outbox[T] = Outbox(self._pipe)
        self.inbox: Inbox[T] = Inbox(self._pipe)

    @property
    def name(self) -> str:
        """Its name."""
        return self._pipe.name

    def statistics(self) -> ChannelStatistics:
        """What it has seen so far."""
        return self._pipe.statistics()

    def __repr__(self) -> str:
        return f"<Channel {self.name!r}>"


@lru_cache(maxsize=256)
def _settings_of(name: str, capacity: int | None, seconds: float | None, overflow: Overflow) -> PipeSettings:
    """The settings of a channel; each reply makes the same ones again."""
    if overflow == "latest" and capacity is None and seconds is None:
        capacity = 1
    _check_settings(name, capacity, seconds, overflow)
    bound = seconds if seconds is not None else max(1, capacity or 0)
    return PipeSettings(name=name, bound=bound, overflow=overflow, timed=seconds is not None)


def _check_settings(name: str, capacity: int | None, seconds: float | None, overflow: Overflow) -> None:
    if (capacity is None) == (seconds is None):
        raise ConfigurationError(
            f"channel {name!r} needs one bound, capacity=ITEMS or seconds=SECONDS_OF_AUDIO, and not both"
        )
    if seconds is not None and not 0 < seconds < math.inf:
        raise ConfigurationError(f"channel {name!r}: seconds must be positive and finite, not {seconds}")
    if capacity is not None and capacity < 0:
        raise ConfigurationError(f"channel {name!r}: capacity must not be negative, but is {capacity}")
    if overflow not in get_args(Overflow):
        rules = ", ".join(repr(rule) for rule in get_args(Overflow))
        raise ConfigurationError(f"channel {name!r}: there is no overflow rule {overflow!r}; take one of {rules}")
    if overflow == "latest" and (seconds is not None or (capacity is not None and capacity > 1)):
        raise ConfigurationError(f'channel {name!r}: overflow="latest" keeps one item; leave capacity and seconds out')
