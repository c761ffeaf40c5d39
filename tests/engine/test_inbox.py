"""Several channels behind one port: merges, fan-outs and stages."""

from __future__ import annotations

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from trialogue.engine import (
    FAIR_OPERATIONS,
    Channel,
    ChannelBroken,
    ChannelClosed,
    ChannelEnded,
    ConfigurationError,
    Graph,
    Inbox,
    fan_out,
    merge,
)
from trialogue.frames import SPEECH_FORMAT, AudioFrame


def numbers(*names: str, capacity: int = 4) -> list[Channel[int]]:
    return [Channel[int](name, capacity=capacity) for name in names]


def odd_only(number: int) -> int | None:
    return number if number % 2 else None


def twice(number: int) -> list[int]:
    return [number, number]


class Pairs:
    """Gives numbers in pairs, and a last single one at the end."""

    def __init__(self) -> None:
        self.held: list[int] = []

    def push(self, number: int) -> list[tuple[int, ...]]:
        self.held.append(number)
        if len(self.held) < 2:
            return []
        pair, self.held = tuple(self.held), []
        return [pair]

    def finish(self) -> list[tuple[int, ...]]:
        return [tuple(self.held)] if self.held else []


# Merging


async def test_a_merge_wakes_for_each_part_and_ends_with_the_last() -> None:
    a, b, c = numbers("a", "b", "c")
    got: list[int] = []

    async def receive() -> None:
        async for number in merge(a.inbox, b.inbox, c.inbox):
            got.append(number)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive)
        for number, channel in enumerate((c, a, b, a)):
            await wait_all_tasks_blocked()
            await channel.outbox.send(number)
        a.outbox.close()
        await wait_all_tasks_blocked()
        await b.outbox.send(4)
        b.outbox.close()
        c.outbox.close()
    assert got == [0, 1, 2, 3, 4]


async def test_a_merge_prefers_no_part() -> None:
    a, b = numbers("a", "b")
    both = merge(a.inbox, b.inbox)
    for channel, number in ((b, 1), (a, 2), (a, 3), (b, 4), (a, 5)):
        await channel.outbox.send(number)
    assert [await both.receive() for _ in range(5)] == [1, 2, 3, 4, 5]


async def test_a_cancelled_wait_on_several_channels_leaves_all_of_them() -> None:
    a, b = numbers("a", "b")
    both = merge(a.inbox, b.inbox)
    for channel in (a, b):
        with trio.CancelScope() as scope:
            scope.cancel()
            await both.receive()
        assert scope.cancelled_caught
        await channel.outbox.send(1)
        assert await both.receive() == 1
    with trio.move_on_after(0):
        await a.inbox.receive()  # nobody is busy with it any more


async def test_a_merged_channel_is_received_from_by_one_task() -> None:
    a, b = numbers("a", "b")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(merge(a.inbox, b.inbox).receive)
        await wait_all_tasks_blocked()
        for inbox in (a.inbox, b.inbox, merge(a.inbox, b.inbox)):
            with pytest.raises(trio.BusyResourceError, match=r"already receiving from channel '[ab]'"):
                await inbox.receive()
        nursery.cancel_scope.cancel()


async def test_two_ends_in_one_step_wake_the_task_once() -> None:
    a, b = numbers("a", "b")

    async def receive() -> None:
        with pytest.raises(ChannelEnded):
            await merge(a.inbox, b.inbox).receive()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive)
        await wait_all_tasks_blocked()
        a.outbox.close()
        b.outbox.close()


async def test_a_part_that_was_detached_is_left_out_and_the_others_go_on() -> None:
    a, b = numbers("a", "b")
    both = merge(a.inbox, b.inbox)
    for number in range(3):
        await a.outbox.send(number)
    await b.outbox.send(7)
    a.inbox.detach()
    with pytest.raises(ChannelBroken):
        await a.outbox.send(3)
    assert await both.receive() == 7
    with pytest.raises(trio.WouldBlock):
        both.receive_nowait()
    b.outbox.close()
    with pytest.raises(ChannelEnded):
        await both.receive()


async def test_detaching_a_merge_detaches_its_parts_and_throws_away_what_stages_had_ready() -> None:
    a, b = numbers("a", "b")
    both = merge(Graph().stage(twice, a.inbox), b.inbox)
    await a.outbox.send(1)
    assert await both.receive() == 1
    both.detach()
    for channel in (a, b):
        with pytest.raises(ChannelBroken):
            await channel.outbox.send(2)
    with pytest.raises(ChannelClosed, match="you detached this end of channel 'a', 'b'"):
        await both.receive()


async def test_a_dropping_channel_in_a_merge_drops_its_own_oldest() -> None:
    live, control = Channel[int]("live", capacity=2, overflow="drop oldest"), Channel[int]("control", capacity=9)
    both = merge(live.inbox, control.inbox)
    for number in range(4):
        await live.outbox.send(number)
        await control.outbox.send(10 + number)
    live.outbox.close()
    control.outbox.close()
    assert [number async for number in both] == [10, 11, 2, 12, 3, 13]


async def test_a_merge_of_merges_is_one_merge_and_keeps_no_second_list() -> None:
    a, b, c = numbers("a", "b", "c", capacity=1)
    whole = merge(merge(a.inbox, b.inbox), c.inbox)
    for number in range(200):
        channel = (a, b, c)[number % 3]
        await channel.outbox.send(number)
        assert await whole.receive() == number
    assert all(len(channel.inbox.pipe.arrivals) == 1 for channel in (a, b, c))


async def test_a_transform_over_a_merge_finishes_when_both_have_ended_inside_another_merge() -> None:
    a, b, c = numbers("a", "b", "c")
    whole: Inbox[int | tuple[int, ...]] = merge(Graph().transform(Pairs(), merge(a.inbox, b.inbox)), c.inbox)
    await a.outbox.send(1)
    a.outbox.close()
    await c.outbox.send(10)
    await b.outbox.send(2)
    await b.outbox.send(3)
    b.outbox.close()
    await c.outbox.send(11)
    c.outbox.close()
    assert [item async for item in whole] == [10, (1, 2), (3,), 11]


async def test_a_part_detached_last_still_ends_the_part() -> None:
    a, b, c = numbers("a", "b", "c")
    whole = merge(Graph().transform(Pairs(), merge(a.inbox, b.inbox)), c.inbox)
    await a.outbox.send(1)
    a.outbox.close()
    b.inbox.detach()
    c.outbox.close()
    assert [item async for item in whole] == [(1,)]


async def test_the_same_channel_twice_is_refused() -> None:
    (a,) = numbers("a")
    await trio.lowlevel.checkpoint()
    with pytest.raises(ConfigurationError, match=r"merge\(\): channel 'a' is given twice; give each part a channel"):
        merge(a.inbox, Graph().stage(odd_only, a.inbox))
    with pytest.raises(ConfigurationError, match=r"fan_out\(\): channel 'a' is given twice"):
        fan_out(a.outbox, a.outbox)


# Stages


async def test_a_stage_drops_with_none_and_makes_several_with_a_list() -> None:
    (a,) = numbers("a", capacity=9)
    graph = Graph()
    inbox = graph.stage(twice, graph.stage(odd_only, a.inbox))
    for number in range(5):
        await a.outbox.send(number)
    a.outbox.close()
    assert [number async for number in inbox] == [1, 1, 3, 3]
    with pytest.raises(ChannelEnded):
        await inbox.receive()


async def test_a_stage_that_drops_everything_waits_on_and_lets_others_run() -> None:
    (a,) = numbers("a", capacity=10_000)
    for number in range(10_000):
        a.outbox.send_nowait(2 * number)
    rounds = 0

    async def receive() -> None:
        await Graph().stage(odd_only, a.inbox).receive()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive)
        while a.statistics().depth:
            await trio.lowlevel.checkpoint()
            rounds += 1
        nursery.cancel_scope.cancel()
    assert rounds >= 10_000 // FAIR_OPERATIONS - 1


async def test_what_a_stage_had_ready_survives_a_cancelled_receive() -> None:
    (a,) = numbers("a", capacity=9)
    inbox = Graph().stage(twice, a.inbox)
    await a.outbox.send(1)
    assert await inbox.receive() == 1
    got: list[int] = []
    while not got:
        with trio.CancelScope() as scope:
            scope.cancel()
            got.append(await inbox.receive())
    assert got == [1]


async def test_a_detached_transform_does_not_finish() -> None:
    (a,) = numbers("a")
    pairs = Pairs()
    inbox = Graph().transform(pairs, a.inbox)
    await a.outbox.send(1)
    with pytest.raises(trio.WouldBlock):
        inbox.receive_nowait()
    inbox.detach()
    with pytest.raises(ChannelClosed):
        await inbox.receive()
    assert pairs.held == [1]


# Fanning out


async def test_a_fan_out_waits_until_all_have_room_and_then_sends_to_all_at_once() -> None:
    a, b = numbers("a", "b", capacity=1)
    both = fan_out(a.outbox, b.outbox)
    await both.send(1)
    assert await a.inbox.receive() == 1
    with pytest.raises(trio.WouldBlock):
        both.send_nowait(2)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(both.send, 2)
        await wait_all_tasks_blocked()
        assert a.statistics().depth == 0  # not before b has room
        assert await b.inbox.receive() == 1
    assert (a.inbox.receive_nowait(), b.inbox.receive_nowait()) == (2, 2)
    assert [channel.statistics().sent for channel in (a, b)] == [2, 2]


async def test_a_fan_out_goes_on_with_the_branches_that_are_left() -> None:
    a, b, c = numbers("a", "b", "c", capacity=1)
    all_three = fan_out(a.outbox, fan_out(b.outbox, c.outbox))
    await all_three.send(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(all_three.send, 2)
        await wait_all_tasks_blocked()
        a.inbox.detach()  # it waited for room in this one
        b.outbox.close()  # a full branch that was closed by itself
        assert await c.inbox.receive() == 1
    assert await c.inbox.receive() == 2
    assert [number async for number in b.inbox] == [1]
    c.inbox.detach()
    with pytest.raises(ChannelBroken, match="the receiver of channel 'a' went away"):
        await all_three.send(3)
    all_three.close()
    with pytest.raises(ChannelClosed):
        all_three.send_nowait(4)


async def test_a_branch_that_drops_never_holds_up_the_others() -> None:
    live, sure = Channel[int]("live", overflow="latest"), Channel[int]("sure", capacity=9)
    both = fan_out(live.outbox, sure.outbox)
    for number in range(9):
        await both.send(number)
    assert (live.statistics().dropped, sure.statistics().depth) == (8, 9)


async def test_a_fan_out_lets_others_run_and_its_branches_are_counted() -> None:
    a, b = numbers("a", "b", capacity=10_000)
    both = fan_out(a.outbox, b.outbox)
    worst = last = 0

    async def send() -> None:
        for number in range(5_000):
            await both.send(number)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        while (sent := b.statistics().sent) < 5_000:
            worst, last = max(worst, sent - last), sent
            await trio.lowlevel.checkpoint()
    assert 0 < worst <= 2 * FAIR_OPERATIONS
    assert a.statistics().sent == a.statistics().high_water == 5_000


async def test_a_fan_out_of_seconds_and_items_obeys_both_bounds() -> None:
    timed, counted = Channel[AudioFrame]("timed", seconds=0.04), Channel[AudioFrame]("counted", capacity=3)
    both = fan_out(timed.outbox, counted.outbox)
    frame = AudioFrame(pcm=bytes(640), at_sample=0, format=SPEECH_FORMAT)
    for _ in range(2):
        await both.send(frame)
    with pytest.raises(trio.WouldBlock):
        both.send_nowait(frame)
    await timed.inbox.receive()
    both.send_nowait(frame)
    assert counted.statistics().depth == 3
