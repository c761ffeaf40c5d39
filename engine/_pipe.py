"""The inside of a channel: the state that both ends share, and all that may happen to it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
import trio
from trio.lowlevel import Abort, checkpoint, current_task, reschedule, wait_task_rescheduled

from trialogue.engine._errors import ChannelBroken, ChannelClosed, ChannelEnded, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trialogue.engine._ports import PortUse

#: What happens when a full channel is sent to: wait; throw away the oldest and count it; keep only the newest.
Overflow = Literal["block", "drop oldest", "latest"]

#: After so many operations without having waited, an end passes a checkpoint. A power of two, for a cheap test. At
#: 64 a sender that never blocks delayed a third task by at most 66 µs.
FAIR_OPERATIONS: Final = 64
FAIR_MASK: Final = FAIR_OPERATIONS - 1

#: After the first 64 waits of a sender, one in so many is timed, and counts for all of them.
TIMED_WAITS: Final = 8

#: The least that a frame counts for where a channel is bounded by seconds, microseconds: empty frames cannot pile up.
SHORTEST_US: Final = 1_000

NOTHING: Final[Any] = object()  # type: ignore[explicit-any]  # "no item now", where None may be an item
AGAIN: Final[Any] = object()  # type: ignore[explicit-any]  # "an item was taken, but it made nothing: ask again"
OVER: Final[Any] = object()  # type: ignore[explicit-any]  # "no item, now or ever"


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
    #: How long senders have waited for room, seconds in all; after 64 waits it is estimated from one in eight.
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


@attrs.frozen(kw_only=True)
class PipeSettings:
    """How a channel was made.

    Args:
        name: for errors, statistics and drawings.
        bound: items; where `timed`, seconds of audio.
        overflow: what happens when it is full.
        timed: whether it is bounded by seconds of audio.
        limit: the bound as it is counted: items, or microseconds of audio.
    """

    name: str
    bound: float
    overflow: Overflow
    timed: bool
    limit: int = attrs.field(init=False)

    @limit.default
    def _(self) -> int:
        return round(self.bound * 1e6) if self.timed else int(self.bound)


class Meter:
    """What is measured on a channel, besides the count of what was sent."""

    __slots__ = (
        "age_s",
        "dropped",
        "followed",
        "granted",
        "high_water",
        "level_us",
        "put_s",
        "wait_s",
        "waits",
        "worst_age_s",
    )

    def __init__(self) -> None:
        self.granted = FAIR_OPERATIONS
        self.high_water = 0
        self.dropped = 0
        self.waits = 0
        self.wait_s = 0.0
        self.level_us = 0  # audio in the queue, where the channel is timed; whole numbers, so that it cannot drift
        # One item at a time is followed through the queue, to know how long items lie there without timing each.
        self.followed = 0  # items to be taken until it is the followed one's turn; 0 follows none
        self.put_s = 0.0
        self.age_s = 0.0
        self.worst_age_s = 0.0

    def follow(self, depth: int) -> None:
        self.followed = depth
        self.put_s = trio.current_time()

    def count_down(self) -> None:
        self.followed -= 1
        if not self.followed:
            self.age_s = trio.current_time() - self.put_s
            self.worst_age_s = max(self.worst_age_s, self.age_s)


class Pipe:
    """The state that both ends share.

    Three attributes keep the common operations short. A send may simply append while fewer than `room` items wait (it
    is 0 wherever there is more to it: closed, dropping, timed, merged; and never above the most that waited so far) and
    while there is `credit` for sends without a checkpoint. Taking an item is simply popping it, unless there is
    `attention`: a sender waits, an item is followed, or seconds are counted.
    """

    __slots__ = (
        "arrivals",
        "attention",
        "closed",
        "credit",
        "detached",
        "meter",
        "queue",
        "receiver",
        "room",
        "sender",
        "settings",
        "uses",
    )

    def __init__(self, settings: PipeSettings) -> None:
        self.settings = settings
        self.meter = Meter()
        self.queue: deque[Any] = deque()  # type: ignore[explicit-any]  # typed at the handles
        self.receiver: trio.lowlevel.Task | Bell | None = None
        self.sender: trio.lowlevel.Task | None = None
        self.arrivals: tuple[deque[Pipe], ...] = ()  # where merged: the order of arrival over all merged channels
        self.closed = False
        self.detached = False
        self.credit = FAIR_OPERATIONS
        self.room = 0
        self.attention = settings.timed
        self.uses: dict[Literal["producer", "consumer"], PortUse] = {}  # once a graph has connected it

    @property
    def name(self) -> str:
        return self.settings.name

    def is_full(self) -> bool:
        """Whether a send must wait."""
        return self.settings.overflow == "block" and self._at_bound()

    def _at_bound(self) -> bool:
        settings = self.settings
        return (self.meter.level_us if settings.timed else len(self.queue)) >= settings.limit

    def put(self, item: object) -> None:
        """Append; the caller has seen that there is room, or the overflow rule makes some."""
        queue = self.queue
        if len(queue) >= self.room or self.credit <= 0:
            self._put_with_care(item)
        else:
            queue.append(item)
        self.credit -= 1
        if self.receiver is not None:
            self.wake_receiver()

    def _put_with_care(self, item: object) -> None:
        queue, meter = self.queue, self.meter
        length_us = self._length_us(item) if self.settings.timed else 0
        if self.settings.overflow != "block":
            self._make_room()
        queue.append(item)
        meter.level_us += length_us
        depth = len(queue)
        meter.high_water = max(meter.high_water, depth)
        self._set_room()
        for arrivals in self.arrivals:
            arrivals.append(self)
        if not meter.followed:
            meter.follow(depth)
            self.attention = True

    def _set_room(self) -> None:
        settings = self.settings
        special = self.closed or self.detached or self.arrivals or settings.timed or settings.overflow != "block"
        self.room = 0 if special else self.meter.high_water

    def _make_room(self) -> None:
        while self.queue and self._at_bound():
            self.took(self.queue.popleft())
            self.meter.dropped += 1
            for arrivals in self.arrivals:
                arrivals.remove(self)  # the oldest of ours; merged queues are short

    def _length_us(self, item: object) -> int:
        try:
            duration_s: float = item.duration_s  # type: ignore[attr-defined]  # what timed channels are for
        except AttributeError:
            raise ConfigurationError(
                f"channel {self.name!r} is bounded by seconds of audio, but got {type(item).__name__}, which has no "
                f"duration_s; bound it by capacity=ITEMS"
            ) from None
        return max(round(duration_s * 1e6), SHORTEST_US)

    def took(self, item: object) -> None:
        """What there is to do, where `attention` says so, once an item was popped."""
        sender = self.sender
        if sender is not None:
            self.sender = None
            reschedule(sender)
        meter = self.meter
        if self.settings.timed:
            meter.level_us -= self._length_us(item)
        else:
            self.attention = meter.followed > 1
        if meter.followed:
            meter.count_down()

    def wake_receiver(self) -> None:
        receiver = self.receiver
        if isinstance(receiver, Bell):
            receiver.silence()
            reschedule(receiver.task)
        elif receiver is not None:
            self.receiver = None
            reschedule(receiver)

    def close(self) -> None:
        """What Outbox.close does."""
        if not self.closed:
            self.closed = True
            self._announce_end()

    def detach(self) -> None:
        """What Inbox.detach does."""
        if not self.detached:
            self.detached = True
            self.queue.clear()
            self.meter.level_us = self.meter.followed = 0
            self._announce_end()

    def _announce_end(self) -> None:
        self._set_room()
        for arrivals in self.arrivals:
            arrivals.append(self)  # the end is an event, too
        self.wake_receiver()
        if self.sender is not None:
            sender, self.sender = self.sender, None
            reschedule(sender)

    def join(self, arrivals: deque[Pipe], instead_of: Iterable[deque[Pipe]]) -> None:
        """Note each arrival from now on, and those that wait, for a task that waits on several channels."""
        self.arrivals = (*(other for other in self.arrivals if all(other is not old for old in instead_of)), arrivals)
        arrivals.extend([self] * (len(self.queue) + self.closed + self.detached))
        self._set_room()

    def statistics(self) -> ChannelStatistics:
        meter = self.meter
        return ChannelStatistics(
            name=self.name,
            depth=len(self.queue),
            bound=self.settings.bound,
            high_water=meter.high_water,
            sent=meter.granted - self.credit,
            dropped=meter.dropped,
            wait_s=meter.wait_s,
            age_s=meter.age_s,
            worst_age_s=meter.worst_age_s,
            closed=self.closed,
            detached=self.detached,
        )

    async def admit(self) -> None:
        """Return when an item may be put, after a checkpoint if one is due.

        Raises:
            ChannelClosed, ChannelBroken: there is no future in it.
        """
        if self.credit <= 0:
            await checkpoint()
            self.grant()
        while not self.closed and not self.detached:
            if not self.is_full():
                return
            await self.wait_for_room()
        await checkpoint()
        raise self.no_send()

    def grant(self) -> None:
        """After a checkpoint: so many more sends without one."""
        self.meter.granted += FAIR_OPERATIONS - self.credit
        self.credit = FAIR_OPERATIONS

    async def wait_for_room(self) -> None:
        if self.sender is not None:
            raise trio.BusyResourceError(f"another task is already sending into channel {self.name!r}")
        self.sender = current_task()
        self.attention = True
        meter = self.meter
        meter.waits = waits = meter.waits + 1
        weight = 1 if waits <= FAIR_OPERATIONS else TIMED_WAITS * (not waits % TIMED_WAITS)
        began_s = trio.current_time() if weight else 0.0
        try:
            await wait_task_rescheduled(self._abort_send)
        finally:
            self.grant()
            if weight:
                meter.wait_s += weight * (trio.current_time() - began_s)
                self.room = 0  # the next item is followed

    def expect(self) -> Callable[[object], Abort]:
        """Note that this task waits for an item; what is to be done if it is cancelled."""
        self.refuse_second_receiver()
        self.receiver = current_task()
        return self._abort_receive

    def refuse_second_receiver(self) -> None:
        if self.receiver is not None:
            raise trio.BusyResourceError(f"another task is already receiving from channel {self.name!r}")

    def _abort_send(self, _: object) -> Abort:
        self.sender = None
        return Abort.SUCCEEDED

    def _abort_receive(self, _: object) -> Abort:
        self.receiver = None
        return Abort.SUCCEEDED

    def no_send(self) -> ChannelClosed | ChannelBroken:
        """Why nothing can be sent any more."""
        if self.closed:
            return ChannelClosed(f"you closed this end of channel {self.name!r}; nothing more can be sent")
        return ChannelBroken(f"the receiver of channel {self.name!r} went away; stop sending", channel=self.name)


def end_of(pipes: tuple[Pipe, ...]) -> ChannelEnded | ChannelClosed:
    """Why nothing more can be received."""
    names = ", ".join(repr(pipe.name) for pipe in pipes)
    if all(pipe.detached for pipe in pipes):
        return ChannelClosed(f"you detached this end of channel {names}; nothing more can be received")
    return ChannelEnded(f"the sender of channel {names} has closed it and everything was received")
