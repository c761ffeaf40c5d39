"""What a channel promises: bounds, overflow, ends by culprit, cancellation, fairness, statistics."""

from __future__ import annotations

import gc
import itertools
import weakref
from typing import TYPE_CHECKING, Any

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
    Overflow,
)
from trialogue.frames import SPEECH_FORMAT, AudioFrame

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCKING: dict[str, dict[str, Any]] = {
    "items": {"capacity": 3},
    "one by one": {"capacity": 0},
    "seconds": {"seconds": 0.06},
}


def sound(milliseconds: float, at_sample: int = 0) -> AudioFrame:
    return AudioFrame(pcm=bytes(round(milliseconds * 16) * 2), at_sample=at_sample, format=SPEECH_FORMAT)


def fill(channel: Channel[Any], make: Callable[[int], object]) -> list[object]:
    """Send until it is full."""
    sent: list[object] = []
    while True:
        item = make(len(sent))
        try:
            channel.outbox.send_nowait(item)
        except trio.WouldBlock:
            return sent
        sent.append(item)


# Settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "channel 'words' needs one bound, capacity=ITEMS or seconds=SECONDS_OF_AUDIO, and not both"),
        (
            {"capacity": 1, "seconds": 1.0},
            "channel 'words' needs one bound, capacity=ITEMS or seconds=SECONDS_OF_AUDIO, and not both",
        ),
        ({"seconds": 0.0}, "channel 'words': seconds must be positive and finite, not 0.0"),
        ({"seconds": float("nan")}, "channel 'words': seconds must be positive and finite, not nan"),
        ({"seconds": float("inf")}, "channel 'words': seconds must be positive and finite, not inf"),
        ({"capacity": -1}, "channel 'words': capacity must not be negative, but is -1"),
        (
            {"capacity": 1, "overflow": "drop_oldest"},
            "channel 'words': there is no overflow rule 'drop_oldest'; take one of 'block', 'drop oldest', 'latest'",
        ),
        (
            {"capacity": 2, "overflow": "latest"},
            "channel 'words': overflow=\"latest\" keeps one item; leave capacity and seconds out",
        ),
        (
            {"seconds": 1.0, "overflow": "latest"},
            "channel 'words': overflow=\"latest\" keeps one item; leave capacity and seconds out",
        ),
    ],
)
def test_a_bound_that_cannot_work_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Channel("words", **settings)
    assert str(caught.value) == message


# Bounds


@pytest.mark.parametrize(("capacity", "held"), [(0, 1), (1, 1), (5, 5), (200, 200)])
async def test_a_channel_of_items_holds_its_capacity(capacity: int, held: int) -> None:
    channel = Channel[int]("numbers", capacity=capacity)
    assert fill(channel, lambda number: number) == list(range(held))
    assert [await channel.inbox.receive() for _ in range(held)] == list(range(held))


@pytest.mark.parametrize("bound_ms", [20, 60, 70, 200, 1_000])
async def test_a_channel_of_seconds_lets_a_frame_in_while_less_than_its_bound_waits(bound_ms: int) -> None:
    """Also where sums of tenths are not exact in binary, and however long it has been in use."""
    channel = Channel[AudioFrame]("microphone", seconds=bound_ms / 1_000)
    for _ in range(50):
        assert len(fill(channel, lambda _: sound(20))) == -(-bound_ms // 20)
        for _ in range(channel.statistics().depth):
            await channel.inbox.receive()


async def test_frames_without_sound_cannot_pile_up_in_a_channel_of_seconds() -> None:
    channel = Channel[AudioFrame]("microphone", seconds=0.1)
    assert len(fill(channel, lambda _: sound(0))) == 100
    assert await channel.inbox.receive() == sound(0)


async def test_a_frame_longer_than_the_bound_still_passes() -> None:
    channel = Channel[AudioFrame]("voice", seconds=0.1)
    frames = [sound(5_000, at_sample=at) for at in range(3)]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(send_all, channel, frames)
        assert [frame async for frame in channel.inbox] == frames


async def test_what_has_no_duration_is_refused_and_leaves_the_channel_whole() -> None:
    channel = Channel[Any]("microphone", seconds=0.04)
    with pytest.raises(ConfigurationError, match="'microphone' is bounded by seconds of audio, but got str, which has"):
        await channel.outbox.send("a word")
    assert len(fill(channel, lambda _: sound(20))) == 2


async def send_all(channel: Channel[Any], items: list[Any]) -> None:
    for item in items:
        await channel.outbox.send(item)
    channel.outbox.close()


# Overflow


async def test_drop_oldest_keeps_the_newest_and_counts_each_drop() -> None:
    channel = Channel[int]("live", capacity=3, overflow="drop oldest")
    for number in range(10):
        await channel.outbox.send(number)
    statistics = channel.statistics()
    assert (statistics.depth, statistics.dropped, statistics.sent, statistics.high_water) == (3, 7, 10, 3)
    assert [channel.inbox.receive_nowait() for _ in range(3)] == [7, 8, 9]


async def test_drop_oldest_by_seconds_makes_room_for_long_and_short_frames() -> None:
    channel = Channel[AudioFrame]("live", seconds=0.1, overflow="drop oldest")
    for at in range(20):
        await channel.outbox.send(sound(20, at))
    assert channel.statistics().depth == 5
    await channel.outbox.send(sound(500, 20))
    assert channel.statistics().depth == 5  # the oldest made room, as for any frame
    await channel.outbox.send(sound(20, 21))
    assert [channel.inbox.receive_nowait().at_sample for _ in range(channel.statistics().depth)] == [21]
    assert channel.statistics().dropped == 21


async def test_latest_keeps_one() -> None:
    channel = Channel[int]("interim", overflow="latest")
    for number in range(4):
        await channel.outbox.send(number)
    assert channel.inbox.receive_nowait() == 3
    assert channel.statistics().dropped == 3
    with pytest.raises(trio.WouldBlock):
        channel.inbox.receive_nowait()


# Ends


@pytest.mark.parametrize("settings", BLOCKING.values(), ids=BLOCKING)
async def test_what_was_sent_before_the_close_is_still_received(settings: dict[str, Any]) -> None:
    channel = Channel[AudioFrame]("way", **settings)
    sent = fill(channel, lambda at: sound(20, at))
    channel.outbox.close()
    channel.outbox.close()
    assert [frame async for frame in channel.inbox] == sent
    with pytest.raises(ChannelEnded, match="the sender of channel 'way' has closed it and everything was received"):
        await channel.inbox.receive()
    with pytest.raises(ChannelEnded):
        channel.inbox.receive_nowait()


async def test_sending_after_your_own_close_is_your_error_even_if_it_is_full_or_the_receiver_went_too() -> None:
    channel = Channel[int]("way", capacity=1)
    await channel.outbox.send(1)
    channel.outbox.close()
    for _ in range(2):
        with pytest.raises(ChannelClosed, match="you closed this end of channel 'way'"):
            await channel.outbox.send(2)
        with pytest.raises(ChannelClosed):
            channel.outbox.send_nowait(2)
        channel.inbox.detach()


async def test_sending_to_nobody_is_broken_and_names_the_channel() -> None:
    channel = Channel[int]("way", capacity=1)
    await channel.outbox.send(1)
    channel.inbox.detach()
    channel.inbox.detach()
    with pytest.raises(ChannelBroken, match="the receiver of channel 'way' went away; stop sending") as caught:
        await channel.outbox.send(2)
    assert caught.value.channel == "way"
    with pytest.raises(ChannelBroken):
        channel.outbox.send_nowait(2)


async def test_a_detached_end_has_nothing_left_and_says_whose_doing_it_was() -> None:
    channel = Channel[int]("way", capacity=2)
    await channel.outbox.send(1)
    channel.inbox.detach()
    assert channel.statistics().depth == 0
    for attempt in (channel.inbox.receive, channel.inbox.__anext__):
        with pytest.raises(ChannelClosed, match="you detached this end of channel 'way'"):
            await attempt()
    with pytest.raises(ChannelClosed):
        channel.inbox.receive_nowait()


@pytest.mark.parametrize("end", ["close", "detach"])
async def test_whoever_waits_learns_of_the_end_at_once(end: str) -> None:
    empty, full = Channel[int]("empty", capacity=1), Channel[int]("full", capacity=1)
    await full.outbox.send(0)
    told: list[str] = []

    async def receive() -> None:
        with pytest.raises(ChannelEnded if end == "close" else ChannelClosed):
            await empty.inbox.receive()
        told.append("receiver")

    async def send() -> None:
        with pytest.raises(ChannelClosed if end == "close" else ChannelBroken):
            await full.outbox.send(1)
        told.append("sender")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive)
        nursery.start_soon(send)
        await wait_all_tasks_blocked()
        for channel in (empty, full):
            channel.outbox.close() if end == "close" else channel.inbox.detach()
    assert sorted(told) == ["receiver", "sender"]


async def test_cancelled_wins_over_a_neighbour_that_left_through_the_same_cancel() -> None:
    broken, ended, closed = (Channel[int](name, capacity=1) for name in ("broken", "ended", "closed"))
    broken.inbox.detach()
    ended.outbox.close()
    closed.outbox.close()
    operations = [
        lambda: broken.outbox.send(1),
        lambda: closed.outbox.send(1),
        ended.inbox.receive,
        ended.inbox.__anext__,
        broken.inbox.receive,
    ]
    for operation in operations:
        with trio.CancelScope() as scope:
            scope.cancel()
            await operation()
        assert scope.cancelled_caught


# One task at each end


async def test_a_second_receiver_is_refused_and_the_first_goes_on() -> None:
    channel = Channel[int]("way", capacity=1)
    got: list[int] = []

    async def receive() -> None:
        got.append(await channel.inbox.receive())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive)
        await wait_all_tasks_blocked()
        with pytest.raises(trio.BusyResourceError, match="another task is already receiving from channel 'way'"):
            await channel.inbox.receive()
        await channel.outbox.send(7)
    assert got == [7]


async def test_a_second_sender_is_refused_while_the_first_waits_for_room() -> None:
    channel = Channel[int]("way", capacity=1)
    await channel.outbox.send(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(channel.outbox.send, 2)
        await wait_all_tasks_blocked()
        with pytest.raises(trio.BusyResourceError, match="another task is already sending into channel 'way'"):
            await channel.outbox.send(3)
        assert await channel.inbox.receive() == 1
        assert await channel.inbox.receive() == 2


# Cancelling


@pytest.mark.parametrize("settings", BLOCKING.values(), ids=BLOCKING)
async def test_a_cancelled_send_has_sent_nothing_and_the_channel_goes_on(settings: dict[str, Any]) -> None:
    channel = Channel[AudioFrame]("way", **settings)
    sent = fill(channel, lambda at: sound(20, at))
    with trio.CancelScope() as scope:
        scope.cancel()
        await channel.outbox.send(sound(20, 99))
    assert scope.cancelled_caught
    assert channel.statistics().sent == len(sent)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(channel.outbox.send, sound(20, 100))
        got = [await channel.inbox.receive() for _ in range(len(sent) + 1)]
    assert got == [*sent, sound(20, 100)]


async def test_an_item_sent_in_the_step_of_the_cancel_stays_for_the_next_receive() -> None:
    """Whoever was woken takes the item itself, or leaves it."""
    channel = Channel[int]("way", capacity=4)
    got: list[int] = []

    async def receive(scope: trio.CancelScope) -> None:
        with scope:
            got.append(await channel.inbox.receive())

    for cancel_first in (True, False):
        scope = trio.CancelScope()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(receive, scope)
            await wait_all_tasks_blocked()
            if cancel_first:
                scope.cancel()
            channel.outbox.send_nowait(1)
            scope.cancel()
        assert scope.cancelled_caught == cancel_first
        got += [channel.inbox.receive_nowait()] if cancel_first else []
    assert got == [1, 1]
    assert channel.statistics().depth == 0


# Fairness


@pytest.mark.parametrize(
    "settings", [{"capacity": 1}, {"capacity": 8}, {"capacity": 64}, {"capacity": 10_000}], ids=str
)
async def test_a_busy_pair_cannot_starve_a_third_task(settings: dict[str, Any]) -> None:
    """Between two steps of a third task, each end does at most 64 operations, and what it may do when woken."""
    channel = Channel[int]("busy", **settings)
    sent = received = worst = 0
    last = (0, 0)

    async def send() -> None:
        nonlocal sent
        while True:
            await channel.outbox.send(sent)
            sent += 1

    async def receive() -> None:
        nonlocal received
        async for _ in channel.inbox:
            received += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        nursery.start_soon(receive)
        for _ in range(300):
            await trio.lowlevel.checkpoint()
            worst = max(worst, sent - last[0], received - last[1])
            last = sent, received
        nursery.cancel_scope.cancel()
    assert sent > 300 * min(settings["capacity"], 64) / 4
    # Twice, because trio may run the third task first in one batch and last in the next.
    assert worst <= 2 * FAIR_OPERATIONS


@pytest.mark.parametrize("overflow", ["drop oldest", "latest"])
async def test_a_sender_that_never_waits_lets_others_run(overflow: Overflow) -> None:
    channel = Channel[int]("live", capacity=1, overflow=overflow)
    sent = worst = last = 0

    async def send() -> None:
        nonlocal sent
        while True:
            await channel.outbox.send(sent)
            sent += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        for _ in range(100):
            await trio.lowlevel.checkpoint()
            worst, last = max(worst, sent - last), sent
        nursery.cancel_scope.cancel()
    assert 0 < worst <= 2 * FAIR_OPERATIONS


async def test_a_task_that_only_talks_to_itself_lets_others_run() -> None:
    channel = Channel[int]("loop", capacity=8)
    await channel.outbox.send(0)
    rounds = 0

    async def loop() -> None:
        nonlocal rounds
        while True:
            await channel.outbox.send(rounds)
            await channel.inbox.receive()
            rounds += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(loop)
        for _ in range(10):
            await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
    assert FAIR_OPERATIONS < rounds <= 10 * FAIR_OPERATIONS


async def test_a_long_queue_is_received_with_a_checkpoint_every_64_items() -> None:
    channel = Channel[int]("long", capacity=1_000)
    fill(channel, lambda number: number)
    counted: list[int] = []
    received = 0

    async def count() -> None:
        while True:
            counted.append(received)
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(count)
        for _ in range(1_000):
            await channel.inbox.receive()
            received += 1
        nursery.cancel_scope.cancel()
    gaps = [after - before for before, after in itertools.pairwise(counted)]
    assert max(gaps) <= 2 * FAIR_OPERATIONS


# Statistics


async def test_statistics_tell_depth_high_water_waiting_and_age(autojump_clock: trio.testing.MockClock) -> None:
    channel = Channel[int]("way", capacity=2)

    async def send() -> None:
        for number in range(4):
            await channel.outbox.send(number)
        channel.outbox.close()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        await trio.sleep(3)
        assert (channel.statistics().depth, channel.statistics().sent) == (2, 2)
        async for _ in channel.inbox:
            await trio.sleep(1)
    statistics = channel.statistics()
    assert (statistics.sent, statistics.high_water, statistics.dropped, statistics.depth) == (4, 2, 0, 0)
    assert statistics.wait_s == pytest.approx(
        4
    )  # three seconds until the first was taken, one more until the second was
    assert statistics.worst_age_s == pytest.approx(3)
    assert (statistics.closed, statistics.detached, statistics.bound, statistics.name) == (True, False, 2, "way")


async def test_age_is_sampled_on_a_channel_in_steady_use(autojump_clock: trio.testing.MockClock) -> None:
    channel = Channel[int]("way", capacity=4)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(send_all, channel, list(range(2_000)))
        async for number in channel.inbox:
            await trio.sleep(0.01 if number < 1_500 else 0.25)
    statistics = channel.statistics()
    assert statistics.sent == 2_000
    assert statistics.age_s == pytest.approx(1.0)  # four items of a quarter of a second
    assert statistics.wait_s == pytest.approx(1_500 * 0.01 + 500 * 0.25, rel=0.1)


async def test_nothing_keeps_a_channel_alive() -> None:
    async def use() -> weakref.ref[Channel[int]]:
        channel = Channel[int]("way", capacity=1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(channel.inbox.receive)
            await channel.outbox.send(1)
        return weakref.ref(channel)

    used = await use()
    gc.collect()
    assert used() is None
