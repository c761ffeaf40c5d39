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

from collections import deque
from typing import Any, Final, Generic, Literal, Never, TypeVar

import attrs
import trio
from trio.lowlevel import Abort, checkpoint, current_task, reschedule, wait_task_rescheduled

from trialogue.engine._errors import ChannelBroken, ChannelClosed, ChannelEnded, ConfigurationError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)

#: What happens when a full channel is sent to: wait; throw away the oldest and count it; keep only the newest.
Overflow = Literal["block", "drop oldest", "latest"]

#: After so many operations without having waited, an end passes a checkpoint. A power of two, for a cheap test. At
#: 64 a sender that never blocks delayed a third task by at most 66 µs.
FAIR_OPERATIONS: Final = 64
_FAIR_MASK: Final = FAIR_OPERATIONS - 1

NOTHING: Final[Any] = object()  # type: ignore[explicit-any]  # "no item", where None may be an item
AGAIN: Final[Any] = object()  # type: ignore[explicit-any]  # "an item was taken, but it made nothing: ask again"


@attrs.frozen(kw_only=True)
class ChannelStatistics:
    """What a channel has seen, at one moment."""

    name: str
    #: Items waiting now.
    depth: int
    #: The bound: items, or seconds of audio where the channel is bounded by duration.
    bound: float
    #: The most items that ever waited.
    high_water: int
    #: Items that were sent.
    sent: int
    #: Items thrown away because the channel was full.
    dropped: int
    #: How long senders have waited for room, seconds in all.
    wait_s: float
    #: How long sampled items lay in the channel: the last sample and the worst, seconds.
    age_s: float
    worst_age_s: float
    #: Whether the sender closed it, and whether the receiver went away.
    closed: bool
    detached: bool


class Bell:
    """Where a task sleeps that waits for one of several channels."""

    __slots__ = ("pipes", "task")

    def __init__(self, task: trio.lowlevel.Task, pipes: tuple[Pipe, ...]) -> None:
        self.task = task
        self.pipes = pipes
        for pipe in pipes:
            pipe.receiver = self

    def silence(self) -> None:
        """Leave every channel before the task runs again; being in two, it would be rescheduled twice."""
        for pipe in self.pipes:
            pipe.receiver = None

    def abort(self, _: object) -> Abort:
        self.silence()
        return Abort.SUCCEEDED


class Pipe:
    """The state that both ends share."""

    __slots__ = (
        "arrivals",
        "bound",
        "closed",
        "consumer",
        "detached",
        "dropped",
        "high_water",
        "level_s",
        "name",
        "operations",
        "overflow",
        "probe",
        "producer",
        "queue",
        "receiver",
        "receives",
        "sender",
        "timed",
        "wait_s",
    )

    def __init__(self, name: str, bound: float, overflow: Overflow, *, timed: bool) -> None:
        self.name = name
        self.bound = bound
        self.overflow = overflow
        self.timed = timed  # bounded by seconds of audio, not by count
        self.queue: deque[Any] = deque()  # type: ignore[explicit-any]  # typed at the handles
        self.level_s = 0.0  # seconds of audio in the queue, where timed
        self.receiver: trio.lowlevel.Task | Bell | None = None
        self.sender: trio.lowlevel.Task | None = None
        self.arrivals: deque[Pipe] | None = None  # where merged: the order of arrival over all merged channels
        self.closed = False
        self.detached = False
        self.operations = 0  # sends
        self.receives = 0
        self.dropped = 0
        self.high_water = 0
        self.wait_s = 0.0
        self.probe = _Probe()
        self.producer: PortUse | None = None  # which actor's port each end is, once a graph has connected it
        self.consumer: PortUse | None = None

    def is_full(self) -> bool:
        if self.overflow != "block":
            return False
        if self.timed:
            return bool(self.queue) and self.level_s >= self.bound
        return len(self.queue) >= self.bound

    def put(self, item: object) -> None:
        """Append; the caller has seen that there is room, or the overflow rule makes some."""
        queue = self.queue
        if self.overflow != "block":
            self._make_room()
        queue.append(item)
        if self.timed:
            self.level_s += item.duration_s  # type: ignore[attr-defined]  # only audio goes into timed channels
        depth = len(queue)
        if depth > self.high_water:
            self.high_water = depth
        if self.arrivals is not None:
            self.arrivals.append(self)
        if not self.operations & _FAIR_MASK:
            self.probe.start(depth)
        receiver = self.receiver
        if receiver is not None:
            self.wake_receiver(receiver)

    def _make_room(self) -> None:
        queue = self.queue
        while queue and (
            self.overflow == "latest" or (self.level_s >= self.bound if self.timed else len(queue) >= self.bound)
        ):
            self.take()
            self.dropped += 1
            if self.arrivals is not None:
                self.arrivals.remove(self)  # the oldest of ours; merged queues are short

    def take(self) -> Any:  # type: ignore[explicit-any]  # typed at the handles
        """Pop the oldest item; the caller has seen that there is one."""
        item = self.queue.popleft()
        if self.timed:
            self.level_s = self.level_s - item.duration_s if self.queue else 0.0
        if self.probe.countdown:
            self.probe.taken()
        sender = self.sender
        if sender is not None:
            self.sender = None
            reschedule(sender)
        return item

    def wake_receiver(self, receiver: trio.lowlevel.Task | Bell) -> None:
        if receiver.__class__ is Bell:
            receiver.silence()
            reschedule(receiver.task)
        else:
            self.receiver = None
            reschedule(receiver)  # type: ignore[arg-type]  # not a bell, so the task itself

    def wake_both(self) -> None:
        if self.receiver is not None:
            self.wake_receiver(self.receiver)
        if self.sender is not None:
            sender, self.sender = self.sender, None
            reschedule(sender)

    def statistics(self) -> ChannelStatistics:
        return ChannelStatistics(
            name=self.name,
            depth=len(self.queue),
            bound=self.bound,
            high_water=self.high_water,
            sent=self.operations,
            dropped=self.dropped,
            wait_s=self.wait_s,
            age_s=self.probe.age_s,
            worst_age_s=self.probe.worst_s,
            closed=self.closed,
            detached=self.detached,
        )

    def abort_send(self, _: object) -> Abort:
        self.sender = None
        return Abort.SUCCEEDED

    def abort_receive(self, _: object) -> Abort:
        self.receiver = None
        return Abort.SUCCEEDED

    async def wait_for_room(self) -> None:
        if self.sender is not None:
            raise trio.BusyResourceError(f"another task is already sending into channel {self.name!r}")
        began_s = trio.current_time()
        self.sender = current_task()
        try:
            await wait_task_rescheduled(self.abort_send)
        finally:
            self.wait_s += trio.current_time() - began_s

    async def fail_send(self) -> None:
        """Raise what a send into a channel without a future deserves."""
        await checkpoint()
        if self.closed:
            raise self.closed_by_you()
        raise self.broken()

    def closed_by_you(self) -> ChannelClosed:
        return ChannelClosed(f"you closed this end of channel {self.name!r}; nothing more can be sent")

    def broken(self) -> ChannelBroken:
        return ChannelBroken(f"the receiver of channel {self.name!r} went away; stop sending", channel=self.name)


class _Probe:
    """Follows one item in 64 through the queue, to know how long items lie there without timing each."""

    __slots__ = ("age_s", "countdown", "put_s", "worst_s")

    def __init__(self) -> None:
        self.countdown = 0  # items to be taken until the followed one; 0 follows none
        self.put_s = 0.0
        self.age_s = 0.0
        self.worst_s = 0.0

    def start(self, depth: int) -> None:
        if not self.countdown:
            self.countdown = depth
            self.put_s = trio.current_time()

    def taken(self) -> None:
        self.countdown -= 1
        if not self.countdown:
            self.age_s = trio.current_time() - self.put_s
            self.worst_s = max(self.worst_s, self.age_s)


class Outbox(Generic[T_contra]):
    """The sending end of a channel, or of several (`fan_out`): an actor's port."""

    __slots__ = ("pipe", "pipes")

    def __init__(self, *pipes: Pipe) -> None:
        self.pipes = pipes
        self.pipe = pipes[0] if len(pipes) == 1 else None

    async def send(self, item: T_contra) -> None:
        """Send, waiting for room where the channel blocks; into several channels all at once or not at all.

        Raises:
            ChannelClosed: you closed it.
            ChannelBroken: the receiver went away (of several: all of them did).
        """
        pipe = self.pipe
        if pipe is None:
            await self._send_all(item)
            return
        pipe.operations = operations = pipe.operations + 1
        if not operations & _FAIR_MASK:
            await checkpoint()
        if pipe.closed or pipe.detached:
            await pipe.fail_send()
        while pipe.is_full():
            await pipe.wait_for_room()
            if pipe.closed or pipe.detached:
                await pipe.fail_send()
        pipe.put(item)

    async def _send_all(self, item: T_contra) -> None:
        first = self.pipes[0]
        first.operations = operations = first.operations + 1
        if not operations & _FAIR_MASK:
            await checkpoint()
        while True:
            for pipe in self.pipes:
                if not pipe.detached and pipe.is_full():
                    await pipe.wait_for_room()
                    break
            else:
                break
        if not self._put_all(item):
            await first.fail_send()

    def _put_all(self, item: T_contra) -> bool:
        reached = False
        for pipe in self.pipes:
            if not (pipe.detached or pipe.closed):
                pipe.put(item)
                reached = True
        return reached

    def send_nowait(self, item: T_contra) -> None:
        """Send without waiting; for synchronous code that must not block.

        Raises:
            trio.WouldBlock: the channel is full and blocks.
            ChannelClosed, ChannelBroken: as `send`.
        """
        if any(not pipe.detached and pipe.is_full() for pipe in self.pipes):
            raise trio.WouldBlock
        for pipe in self.pipes:
            pipe.operations += 1
        if not self._put_all(item):
            first = self.pipes[0]
            raise first.closed_by_you() if first.closed else first.broken()

    def close(self) -> None:
        """Say that nothing more will come. The receiver still gets what was sent. Synchronous; may be repeated."""
        for pipe in self.pipes:
            if not pipe.closed:
                pipe.closed = True
                if pipe.arrivals is not None:
                    pipe.arrivals.append(pipe)  # the end is an event, too
                pipe.wake_both()

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
        try:
            return await self.receive()
        except ChannelEnded:
            raise StopAsyncIteration from None

    async def receive(self) -> T_co:
        """The next item, waiting for it.

        Raises:
            ChannelEnded: the sender closed its end and everything was received.
            ChannelClosed: you detached this end.
        """
        pipe = self.pipe
        pipe.receives = receives = pipe.receives + 1
        if not receives & _FAIR_MASK:
            await checkpoint()
        while not pipe.queue:
            if pipe.closed or pipe.detached:
                await checkpoint()
                raise end_of(pipe)
            if pipe.receiver is not None:
                raise trio.BusyResourceError(f"another task is already receiving from channel {pipe.name!r}")
            pipe.receiver = current_task()
            await wait_task_rescheduled(pipe.abort_receive)
        return pipe.take()  # type: ignore[no-any-return]  # the composition is what is checked

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
        return item  # type: ignore[no-any-return]  # the composition is what is checked

    def detach(self) -> None:
        """Go away: throw away what waits, and let the sender get ChannelBroken. Synchronous; may be repeated."""
        for pipe in self.pipes:
            pipe.detached = True
            pipe.queue.clear()
            pipe.level_s = 0.0
            pipe.wake_both()

    def statistics(self) -> tuple[ChannelStatistics, ...]:
        """What each channel behind this end has seen."""
        return tuple(pipe.statistics() for pipe in self.pipes)

    def poll(self) -> Any:  # type: ignore[explicit-any]  # an item or NOTHING
        """Like receive_nowait, but says NOTHING instead of raising WouldBlock."""
        pipe = self.pipe
        if pipe.queue:
            return pipe.take()
        if pipe.closed or pipe.detached:
            raise end_of(pipe)
        return NOTHING


@attrs.frozen(kw_only=True, eq=False)
class PortUse:
    """That a port of an actor (or the argument of a stage) uses one end of channels.

    Args:
        graph: the graph's name.
        user: the actor's or stage's name.
        port: the parameter's name.
        carries: the types of the items; `object` stands for anything.
        end: the Inbox or Outbox.
    """

    graph: str
    user: str
    port: str
    carries: frozenset[object]
    end: Inbox[object] | Outbox[Never]


class Channel(Generic[T]):
    """A way for items from one producer to one consumer. The graph connects its ends to actors' ports.

    Args:
        name: unique in its graph; used in errors, statistics and drawings.
        capacity: the bound in items; 0 hands over one item at a time, as does 1.
        seconds: instead of `capacity`, the bound in seconds of audio. A frame is let in while less than that waits.
        overflow: what a full channel does. Control never travels in a channel that drops.

    Raises:
        ConfigurationError: the bound is missing, given twice, or not positive.
    """

    def __init__(
        self,
        name: str,
        *,
        capacity: int | None = None,
        seconds: float | None = None,
        overflow: Overflow = "block",
    ) -> None:
        if overflow == "latest" and capacity is None and seconds is None:
            capacity = 1
        if (capacity is None) == (seconds is None):
            raise ConfigurationError(
                f"channel {name!r} needs one bound, capacity=ITEMS or seconds=SECONDS_OF_AUDIO, and not both"
            )
        bound = float(seconds) if seconds is not None else max(1, capacity or 0)
        if bound <= 0 or (capacity is not None and capacity < 0):
            raise ConfigurationError(f"channel {name!r}: its bound must be positive, not {seconds or capacity}")
        self._pipe = Pipe(name, bound, overflow, timed=seconds is not None)
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


def end_of(pipe: Pipe) -> ChannelEnded | ChannelClosed:
    if pipe.detached:
        return ChannelClosed(f"you detached this end of channel {pipe.name!r}; nothing more can be received")
    return ChannelEnded(f"the sender of channel {pipe.name!r} has closed it and everything was received")
