"""An item that a function deals with costs no change of task: whoever sends runs the function."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from trialogue.engine import (
    Channel,
    ChannelBroken,
    ChannelClosed,
    ChannelEnded,
    ConfigurationError,
    fan_out,
    merge,
)
from trialogue.engine._inbox import MappedInbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.engine import Inbox


class Reader:
    """Deals with even numbers, and keeps the odd ones that it is left with."""

    def __init__(self, inbox: Inbox[int]) -> None:
        self.inbox = inbox
        self.seen: list[int] = []
        self.left: list[int] = []
        self.order: list[int] = []
        self.tasks: set[trio.lowlevel.Task] = set()

    def handled(self, item: int) -> bool:
        self.seen.append(item)
        self.order.append(item)
        self.tasks.add(trio.lowlevel.current_task())
        if item < 0:
            raise ValueError(f"no {item}")
        return item % 2 == 0

    async def read(self) -> None:
        while True:
            self.left.append(await self.inbox.receive_unless(self.handled))


async def test_the_sender_runs_the_function_and_the_task_sleeps(nursery: trio.Nursery) -> None:
    channel = Channel[int]("numbers", capacity=4)
    reader = Reader(channel.inbox)
    nursery.start_soon(reader.read)
    await wait_all_tasks_blocked()
    for number in (0, 2, 4, 6, 8, 10):
        channel.outbox.send_nowait(number)  # never full: nothing waits
        assert reader.seen[-1] == number
    assert reader.tasks == {trio.lowlevel.current_task()}
    statistics = channel.statistics()
    assert (statistics.sent, statistics.depth, statistics.high_water, statistics.dropped) == (6, 0, 0, 0)
    nursery.cancel_scope.cancel()


async def test_what_it_leaves_is_received_and_what_follows_waits(nursery: trio.Nursery) -> None:
    channel = Channel[int]("numbers", capacity=4)
    reader = Reader(channel.inbox)
    nursery.start_soon(reader.read)
    await wait_all_tasks_blocked()
    channel.outbox.send_nowait(1)
    channel.outbox.send_nowait(2)
    assert (reader.seen, reader.left) == ([1], [])
    assert channel.statistics().depth == 1
    await wait_all_tasks_blocked()
    assert (reader.seen, reader.left) == ([1, 2], [1])
    nursery.cancel_scope.cancel()


async def test_a_sender_that_waits_is_none_the_slower_for_it(nursery: trio.Nursery) -> None:
    channel = Channel[int]("numbers", capacity=1)
    reader = Reader(channel.inbox)
    nursery.start_soon(reader.read)
    for number in range(1000):
        await channel.outbox.send(number)
    await wait_all_tasks_blocked()
    assert (reader.seen, reader.left) == (list(range(1000)), list(range(1, 1000, 2)))
    nursery.cancel_scope.cancel()


async def test_a_sender_that_never_waits_starves_nobody(nursery: trio.Nursery) -> None:
    channel = Channel[int]("numbers", capacity=1)
    reader = Reader(channel.inbox)
    nursery.start_soon(reader.read)
    await wait_all_tasks_blocked()
    at: list[int] = []

    async def other() -> None:
        while len(reader.seen) < 500:
            at.append(len(reader.seen))
            await trio.lowlevel.checkpoint()

    nursery.start_soon(other)
    for number in range(0, 1000, 2):
        await channel.outbox.send(number)
    assert max(after - before for before, after in itertools.pairwise(at)) <= 128  # a turn in each 64 operations
    nursery.cancel_scope.cancel()


async def test_its_exception_is_the_readers(nursery: trio.Nursery) -> None:
    channel = Channel[int]("numbers", capacity=4)
    reader = Reader(channel.inbox)
    raised: list[str] = []

    async def read() -> None:
        for _ in range(2):
            with pytest.raises(ValueError, match="no -") as caught:
                await reader.read()
            raised.append(str(caught.value))

    nursery.start_soon(read)
    await wait_all_tasks_blocked()
    channel.outbox.send_nowait(-2)  # nothing is raised here
    channel.outbox.send_nowait(4)
    assert reader.seen == [-2]
    await wait_all_tasks_blocked()
    assert reader.seen == [-2, 4]
    channel.outbox.send_nowait(-3)
    await wait_all_tasks_blocked()
    assert raised == ["no -2", "no -3"]


async def test_an_exception_in_the_step_of_a_cancel_is_not_lost() -> None:
    channel = Channel[int]("numbers", capacity=4)

    def handled(item: int) -> bool:
        scope.cancel()
        raise ValueError("both")

    async def send() -> None:
        await wait_all_tasks_blocked()
        channel.outbox.send_nowait(1)

    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            with trio.CancelScope(shield=True):
                nursery.start_soon(send)
                await wait_all_tasks_blocked()
            with pytest.raises(ValueError, match="both"):
                await channel.inbox.receive_unless(handled)
    assert channel.statistics().depth == 0


async def test_the_end_comes_to_the_task(nursery: trio.Nursery) -> None:
    for end, error in ((True, ChannelEnded), (False, ChannelClosed)):
        channel = Channel[int]("numbers", capacity=4)
        reader = Reader(channel.inbox)
        async with trio.open_nursery() as inner:

            async def read(reader: Reader = reader, error: type[Exception] = error) -> None:
                with pytest.raises(error):
                    await reader.read()

            inner.start_soon(read)
            await wait_all_tasks_blocked()
            channel.outbox.send_nowait(2)
            if end:
                channel.outbox.send_nowait(3)
                channel.outbox.close()
            else:
                channel.inbox.detach()
                with pytest.raises(ChannelBroken):
                    channel.outbox.send_nowait(4)
        assert reader.seen == ([2, 3] if end else [2])


@pytest.mark.parametrize("end", [True, False])
async def test_the_function_may_end_the_channel_itself(end: bool) -> None:
    channel = Channel[int]("numbers", capacity=4)

    def handled(item: int) -> bool:
        if end:
            channel.outbox.close()
        else:
            channel.inbox.detach()
        return end

    async with trio.open_nursery() as nursery:

        async def read() -> None:
            with pytest.raises(ChannelEnded if end else ChannelClosed):
                await channel.inbox.receive_unless(handled)

        nursery.start_soon(read)
        await wait_all_tasks_blocked()
        channel.outbox.send_nowait(1)
    assert channel.statistics().depth == 0


async def test_what_it_sends_into_its_own_channel_waits_its_turn(nursery: trio.Nursery) -> None:
    channel = Channel[int]("numbers", capacity=4)
    seen: list[int] = []
    depth: list[int] = []

    def handled(item: int) -> bool:
        seen.append(item)
        if item == 0:
            channel.outbox.send_nowait(1)
            channel.outbox.send_nowait(2)
        depth.append(channel.statistics().depth)
        return True

    nursery.start_soon(channel.inbox.receive_unless, handled)
    await wait_all_tasks_blocked()
    channel.outbox.send_nowait(0)
    await wait_all_tasks_blocked()
    assert (seen, depth) == ([0, 1, 2], [2, 1, 0])
    nursery.cancel_scope.cancel()


async def test_cancelled_it_loses_nothing_and_somebody_else_may_read() -> None:
    channel = Channel[int]("numbers", capacity=4)
    reader = Reader(channel.inbox)
    with trio.move_on_after(0) as scope:
        await reader.read()
    assert scope.cancelled_caught
    channel.outbox.send_nowait(2)
    assert reader.seen == []
    assert await channel.inbox.receive() == 2


async def test_nobody_else_may_read_meanwhile(nursery: trio.Nursery) -> None:
    channel = Channel[int]("numbers", capacity=4)
    nursery.start_soon(Reader(channel.inbox).read)
    await wait_all_tasks_blocked()
    with pytest.raises(trio.BusyResourceError, match="numbers"):
        await channel.inbox.receive()
    with pytest.raises(trio.BusyResourceError, match="numbers"):
        await channel.inbox.receive_unless(lambda _: True)
    nursery.cancel_scope.cancel()


async def test_each_of_several_listeners_may_read_so(nursery: trio.Nursery) -> None:
    a, b = Channel[int]("a", capacity=4), Channel[int]("b", capacity=4, overflow="drop oldest")
    readers = [Reader(a.inbox), Reader(b.inbox)]
    for reader in readers:
        nursery.start_soon(reader.read)
    await wait_all_tasks_blocked()
    both = fan_out(a.outbox, b.outbox)
    both.send_nowait(2)
    assert [reader.seen for reader in readers] == [[2], [2]]
    for number in range(3, 100):
        await both.send(number)
    await wait_all_tasks_blocked()
    assert readers[0].seen == list(range(2, 100))
    nursery.cancel_scope.cancel()


async def test_merged_channels_are_read_so_by_whoever_sends_into_one(nursery: trio.Nursery) -> None:
    a, b = Channel[int]("a", capacity=4), Channel[int]("b", seconds=2.0, overflow="drop oldest")
    reader = Reader(merge(a.inbox, b.inbox))
    nursery.start_soon(reader.read)
    await wait_all_tasks_blocked()
    a.outbox.send_nowait(2)
    a.outbox.send_nowait(3)  # is left: from here on all wait, in their order
    a.outbox.send_nowait(4)
    assert (reader.seen, reader.tasks) == ([2, 3], {trio.lowlevel.current_task()})
    await wait_all_tasks_blocked()
    assert (reader.seen, reader.left) == ([2, 3, 4], [3])
    a.outbox.send_nowait(8)
    with pytest.raises(ConfigurationError, match="duration_s"):  # the sender's own mistake
        b.outbox.send_nowait(6)
    assert reader.seen == [2, 3, 4, 8]
    assert [statistics.sent for statistics in reader.inbox.statistics()] == [4, 0]
    nursery.cancel_scope.cancel()


async def test_merged_channels_end_when_all_have_ended(nursery: trio.Nursery) -> None:
    a, b = Channel[int]("a", capacity=4), Channel[int]("b", capacity=4)
    reader = Reader(merge(a.inbox, b.inbox))

    async def read() -> None:
        with pytest.raises(ChannelEnded):
            await reader.read()

    nursery.start_soon(read)
    await wait_all_tasks_blocked()
    a.outbox.close()
    await wait_all_tasks_blocked()
    b.outbox.send_nowait(2)
    await wait_all_tasks_blocked()
    b.outbox.send_nowait(4)
    assert reader.seen == [2, 4]
    b.outbox.close()


async def test_what_it_sends_into_channels_merged_with_its_own_waits_its_turn(nursery: trio.Nursery) -> None:
    a, b = Channel[int]("a", capacity=4), Channel[int]("b", capacity=4)
    seen: list[int] = []
    depths: list[tuple[int, int]] = []

    def handled(item: int) -> bool:
        seen.append(item)
        if item == 0:
            b.outbox.send_nowait(1)
            a.outbox.send_nowait(2)
        depths.append((a.statistics().depth, b.statistics().depth))
        return True

    nursery.start_soon(merge(a.inbox, b.inbox).receive_unless, handled)
    await wait_all_tasks_blocked()
    a.outbox.send_nowait(0)
    await wait_all_tasks_blocked()
    assert (seen, depths) == ([0, 1, 2], [(1, 1), (1, 0), (0, 0)])
    nursery.cancel_scope.cancel()


async def test_cancelled_it_leaves_all_merged_channels(nursery: trio.Nursery) -> None:
    a, b = Channel[int]("a", capacity=4), Channel[int]("b", capacity=4)
    reader = Reader(merge(a.inbox, b.inbox))
    with trio.move_on_after(0) as scope:
        await reader.read()
    assert scope.cancelled_caught
    nursery.start_soon(reader.read)
    await wait_all_tasks_blocked()
    with pytest.raises(trio.BusyResourceError):
        await reader.inbox.receive_unless(lambda _: True)
    b.outbox.send_nowait(2)
    assert reader.seen == [2]
    nursery.cancel_scope.cancel()


def doubled_or_dropped(item: int) -> int | None:
    return None if item % 3 == 0 else 2 * item + (item % 5 == 0)


def plain(channel: Channel[int], other: Channel[int]) -> Inbox[int]:
    other.outbox.close()
    return channel.inbox


def mapped(channel: Channel[int], other: Channel[int]) -> Inbox[int]:
    other.outbox.close()
    return MappedInbox(channel.inbox, doubled_or_dropped)


def merged(channel: Channel[int], other: Channel[int]) -> Inbox[int]:
    return merge(channel.inbox, other.inbox)


@pytest.mark.parametrize("make", [plain, mapped, merged])
@hypothesis.given(numbers=st.lists(st.integers(0, 30), max_size=150), pauses=st.sets(st.integers(0, 150), max_size=20))
async def test_it_sees_what_a_plain_receiver_gets(
    make: Callable[[Channel[int], Channel[int]], Inbox[int]], numbers: list[int], pauses: set[int]
) -> None:
    def channels() -> tuple[Channel[int], Channel[int]]:
        return Channel[int]("one", capacity=3), Channel[int]("other", capacity=3)

    async def send(channel: Channel[int], other: Channel[int]) -> None:
        for number, item in enumerate(numbers):
            both = (channel, other) if make is merged else (channel,)
            await both[number % len(both)].outbox.send(item)
            if number in pauses:
                await wait_all_tasks_blocked()
        channel.outbox.close()
        other.outbox.close()

    async def receive(inbox: Inbox[int], into: list[int]) -> None:
        into += [item async for item in inbox]

    async def read(reader: Reader) -> None:
        with pytest.raises(ChannelEnded):
            await reader.read()

    expected: list[int] = []
    first, second = channels(), channels()
    reader = Reader(make(*second))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive, make(*first), expected)
        nursery.start_soon(send, *first)
        nursery.start_soon(read, reader)
        nursery.start_soon(send, *second)
    assert sorted(reader.order) == sorted(expected) if make is merged else reader.order == expected
    assert reader.left == [item for item in reader.order if item % 2]
