"""The inside of a channel: the state that both ends share, and all that may happen to it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
import trio
from trio.lowlevel import Abort, checkpoint, current_task, reschedule, wait_task_rescheduled

from trialogue.engine._errors import ChannelBroken, ChannelClosed, ChannelEnded, ConfigurationError
from trialogue.engine._waiters import Bell, Reader
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trialogue.engine._ports import PortUser

#: What happens when a full channel is sent to: wait; throw away the oldest and count it; keep only the newest.
Overflow = Literal["block", "drop oldest", "latest"]

#: After so many operations without having waited, an end passes a checkpoint. A power of two, for a cheap test. At
#: 64 a sender that never blocks delayed a third task by at most 66 µs.
FAIR_OPERATIONS: Final = 64

#: After the first 64 occasions one in so many looks at the clock, for waiting times and ages. Odd, so that it does not
#: keep step with powers of two.
SAMPLED: Final = 7

#: The least that a frame counts for where a channel is bounded by seconds, microseconds: empty frames cannot pile up.
SHORTEST_US: Final = 1_000

#: The audio in a timed channel is added up only while some waits: most frames find it empty.
NOT_MEASURED: Final = -1

#: A sender that had to wait goes on when this part of a long channel is free, so that it is not woken for each item.
WAKE_SHARE: Final = 4


@frozen(kw_only=True)
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
    #: How long senders have waited for room, seconds in all; later estimated from one wait in seven.
    wait_s: float
    #: How long sampled items lay in the channel: the last sample and the worst, seconds.
    age_s: float
    worst_age_s: float
    #: Whether the sender closed it, and whether the receiver went away.
    closed: bool
    detached: bool


@frozen(kw_only=True)
class PipeSettings:
    """How a channel was made.

    Args:
        name: for errors, statistics and drawings.
        bound: items; where `timed`, seconds of audio.
        overflow: what happens when it is full.
        timed: whether it is bounded by seconds of audio.
        limit: the bound as it is counted: items, or microseconds of audio.
        low_water: a waiting sender goes on when no more items than that are left.
        plain: whether items are counted and none is dropped.
        drops: whether a full channel drops, so that there is always room.
    """

    name: str
    bound: float
    overflow: Overflow
    timed: bool
    limit: int = attrs.field(init=False)
    low_water: int = attrs.field(init=False)
    plain: bool = attrs.field(init=False)
    drops: bool = attrs.field(init=False)

    @limit.default
    def _(self) -> int:
        return round(self.bound * 1e6) if self.timed else int(self.bound)

    @low_water.default
    def _(self) -> int:
        return self.limit if self.timed else self.limit - max(1, self.limit // WAKE_SHARE)

    @plain.default
    def _(self) -> bool:
        return self.overflow == "block" and not self.timed

    @drops.default
    def _(self) -> bool:
        return self.overflow != "block"


class Meter:
    """What is counted and measured on a channel."""

    __slots__ = (
        "age_s",
        "dropped",
        "followed",
        "granted",
        "high_water",
        "kind",
        "level_us",
        "looks",
        "put_s",
        "unpaused",
        "wait_s",
        "worst_age_s",
    )

    def __init__(self) -> None:
        self.granted = 0  # items sent, and those that may be sent on credit
        self.unpaused = 0  # how many of them since the sender last waited or passed a checkpoint
        self.high_water = 0
        self.dropped = 0
        self.level_us = NOT_MEASURED  # audio in the queue, in whole numbers, so that it cannot drift
        self.kind: type | None = None  # of the latest item, whose length could be told where that bounds the channel
        self.looks = 0  # sends that were not on credit: occasions to look at the clock, too
        self.wait_s = 0.0
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

    Three attributes keep the common operations short. A send may append without looking while there is `credit`: so
    many items have room, whatever happens, and so many may go without a checkpoint. There is none where there is more
    to it: closed, dropping, timed, merged, shown to a function. Taking an item is simple while `familiar` or fewer
    items wait: never more than ever waited, nor than may be taken without a checkpoint. Unless there is `attention`: a
    sender waits, an item is followed, or seconds are added up.
    """

    __slots__ = (
        "arrivals",
        "attention",
        "closed",
        "credit",
        "detached",
        "familiar",
        "meter",
        "queue",
        "receiver",
        "sender",
        "settings",
        "uses",
    )

    def __init__(self, settings: PipeSettings) -> None:
        self.settings = settings
        self.meter = Meter()
        self.queue: deque[Any] = deque()  # type: ignore[explicit-any]  # typed at the handles
        self.receiver: trio.lowlevel.Task | Bell | Reader | None = None
        self.sender: trio.lowlevel.Task | None = None
        self.arrivals: tuple[deque[Pipe], ...] = ()  # where merged: the order of arrival over all merged channels
        self.closed = False
        self.detached = False
        self.credit = 0
        self.familiar = 0
        self.attention = False
        self.uses: dict[Literal["producer", "consumer"], PortUser] = {}  # once a graph has connected it

    @property
    def name(self) -> str:
        return self.settings.name

    def room(self) -> int:
        """How many items may be put at once without waiting: 0, 1, or more where items are counted."""
        settings = self.settings
        if settings.plain:
            return settings.limit - len(self.queue)
        return 0 if settings.overflow == "block" and self._at_bound() else 1

    def is_full(self) -> bool:
        """Whether whoever sends now must wait."""
        return not self.credit and not self.closed and not self.detached and self.room() <= 0

    def _at_bound(self) -> bool:
        queue, settings, meter = self.queue, self.settings, self.meter
        if not settings.timed:
            return len(queue) >= settings.limit
        if queue and meter.level_us == NOT_MEASURED:
            meter.level_us = sum(self._length_us(item) for item in queue)
            self.attention = True
        return meter.level_us >= settings.limit

    def put(self, item: object) -> None:
        """Append; the caller has seen that there is room, or the overflow rule makes some."""
        if not self.credit and self.settings.plain:
            self._grant(self.room())
        if self.credit:
            self.credit -= 1
            self.queue.append(item)
            self.wake_receiver()
        else:
            self.put_with_care(item)

    def _grant(self, room: int) -> None:
        """Give credit for sends, if room is all that they must look at; now and then, follow the first."""
        meter = self.meter
        if not self.arrivals and self.receiver.__class__ is not Reader:
            self.credit = credit = max(0, min(room, FAIR_OPERATIONS - meter.unpaused))
            meter.granted += credit
            meter.unpaused += credit
            self._look()

    def _look(self) -> None:
        """An occasion to follow the item that comes next."""
        meter = self.meter
        meter.looks = looks = meter.looks + 1
        if not meter.followed and (looks <= FAIR_OPERATIONS or not looks % SAMPLED):
            meter.follow(len(self.queue) + 1)
            self.attention = True

    def _revoke(self) -> None:
        self.meter.granted -= self.credit
        self.credit = 0

    def put_with_care(self, item: object) -> None:
        """Like `put`, where there is no credit."""
        if self.receiver.__class__ is Reader and (self.receiver.takes(item, self) or self.detached):
            return  # at once: nothing waits
        settings, meter = self.settings, self.meter
        if item.__class__ is not meter.kind:
            self.check_kind(item)
        meter.granted += 1
        meter.unpaused += 1
        if self.queue:
            if settings.overflow == "latest" and not self.arrivals:
                self.queue[0] = item
                meter.dropped += 1
                meter.followed = 0  # it will never be taken
                return
            if settings.drops:
                self._make_room()
            if meter.level_us != NOT_MEASURED:
                meter.level_us += self._length_us(item)
        self._look()
        self.queue.append(item)
        for arrivals in self.arrivals:
            arrivals.append(self)
        self.wake_receiver()

    def _make_room(self) -> None:
        self.note_depth()
        while self.queue and self._at_bound():
            self.took(self.queue.popleft())
            self.meter.dropped += 1
            for arrivals in self.arrivals:
                arrivals.remove(self)  # the oldest of ours; merged queues are short

    def check_kind(self, item: object) -> None:
        """See that the length of such items can be told, if that is what bounds this channel.

        Raises:
            ConfigurationError: it cannot.
        """
        if self.settings.timed:
            self._length_us(item)
        self.meter.kind = item.__class__

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
        sender, meter = self.sender, self.meter
        if sender is not None and len(self.queue) <= self.settings.low_water:
            self.sender = None
            reschedule(sender)
        if meter.level_us != NOT_MEASURED:
            meter.level_us = meter.level_us - self._length_us(item) if self.queue else NOT_MEASURED
        if meter.followed:
            meter.count_down()
        self.attention = self.sender is not None or meter.followed > 0 or meter.level_us != NOT_MEASURED

    def wake_receiver(self) -> None:
        receiver = self.receiver
        if receiver.__class__ is Bell or receiver.__class__ is Reader:
            receiver.silence()
            reschedule(receiver.task)  # type: ignore[arg-type]  # one that waits has its task
        elif receiver is not None:
            self.receiver = None
            reschedule(receiver)  # type: ignore[arg-type]  # a task

    def close(self) -> None:
        """What Outbox.close does."""
        if not self.closed:
            self.closed = True
            if not self.detached:
                self._announce_end()

    def detach(self) -> None:
        """What Inbox.detach does."""
        if not self.detached:
            self.detached = True
            self.note_depth()
            self.queue.clear()
            self.meter.level_us, self.meter.followed = NOT_MEASURED, 0
            self._announce_end()

    def _announce_end(self) -> None:
        self._revoke()
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
        self._revoke()

    def statistics(self) -> ChannelStatistics:
        meter = self.meter
        self.note_depth()
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
        meter = self.meter
        if meter.unpaused >= FAIR_OPERATIONS:
            await checkpoint()
            meter.unpaused = 0
        while not self.closed and not self.detached:
            room = self.room()
            if room > 0:
                if self.settings.plain:
                    self._grant(room)
                return
            if self.sender is not None:
                raise trio.BusyResourceError(f"another task is already sending into channel {self.name!r}")
            self.sender = current_task()
            self.attention = True
            meter.unpaused = 0
            if meter.looks > FAIR_OPERATIONS and meter.looks % SAMPLED:
                await wait_task_rescheduled(self._abort_send)
            else:
                await self._timed_wait_for_room()
        await checkpoint()
        raise self.no_send()

    async def _timed_wait_for_room(self) -> None:
        meter = self.meter
        weight = 1 if meter.looks <= FAIR_OPERATIONS else SAMPLED
        began_s = trio.current_time()
        try:
            await wait_task_rescheduled(self._abort_send)
        finally:
            meter.wait_s += weight * (trio.current_time() - began_s)

    def note_depth(self) -> None:
        """Keep the high-water mark; called before anything is taken from an unfamiliar depth."""
        meter = self.meter
        meter.high_water = max(meter.high_water, len(self.queue))
        self.familiar = min(meter.high_water, FAIR_OPERATIONS - 1)

    async def wait_for_item(self) -> None:
        """Return when an item waits, after a checkpoint if one is due.

        Raises:
            ChannelEnded, ChannelClosed: none ever will.
        """
        queue = self.queue
        # Depths pass through each multiple on their way down, so nobody takes more in one go.
        if queue and not len(queue) % FAIR_OPERATIONS:
            await checkpoint()
        while not queue:
            if self.closed or self.detached:
                await checkpoint()
                raise end_of((self,))
            await wait_task_rescheduled(self.expect())
        if len(queue) > self.familiar:
            self.note_depth()

    def expect(self) -> Callable[[object], Abort]:
        """Note that this task waits for an item; what is to be done if it is cancelled."""
        self.refuse_second_receiver()
        self.receiver = current_task()
        return self._abort_receive

    def receive_with(self, reader: Reader) -> None:
        """Note that a function is shown each item, and a task waits for those that it leaves. Nothing waits now."""
        self._revoke()
        self.receiver = reader

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
