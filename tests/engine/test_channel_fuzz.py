"""Nothing is lost, doubled or reordered, whenever anybody is cancelled, closes, or is scheduled."""

from __future__ import annotations

import contextlib
import random
from collections import deque
from collections.abc import Iterable
from typing import TypeVar

import attrs
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.lowlevel import checkpoint

from trialogue.engine import (
    Channel,
    ChannelBroken,
    ChannelEnded,
    Graph,
    Inbox,
    Outbox,
    Overflow,
    VirtualTime,
    fan_out,
    merge,
    run,
)

T = TypeVar("T")

ITEMS = 120

seeds = st.integers(0, 2**32 - 1)
capacities = st.sampled_from([0, 1, 2, 3, 8, 64, 100])


class Chaos:
    """Cancels whatever runs under it, at random moments."""

    def __init__(self, seed: int, rate: float) -> None:
        self.random = random.Random(seed)
        self._rate = rate
        self._scopes: list[trio.CancelScope] = []

    def scope(self) -> trio.CancelScope:
        self._scopes = [*self._scopes[-5:], trio.CancelScope()]
        return self._scopes[-1]

    async def now_and_then(self) -> None:
        if self.random.random() < 0.2:
            await checkpoint()

    async def rage(self) -> None:
        while True:
            await checkpoint()
            if self._scopes and self.random.random() < self._rate:
                self._scopes.pop(self.random.randrange(len(self._scopes))).cancel()


async def produce(outbox: Outbox[int], chaos: Chaos) -> None:
    """A cancelled send has sent nothing, so the same number is tried again."""
    number = 0
    while number < ITEMS:
        with chaos.scope():
            while number < ITEMS:
                await outbox.send(number)
                number += 1
                await chaos.now_and_then()
    outbox.close()


async def consume(inbox: Inbox[T], chaos: Chaos, got: list[T]) -> None:
    over = False
    while not over:
        with chaos.scope():
            if chaos.random.random() < 0.5:
                async for item in inbox:
                    got.append(item)
                    await chaos.now_and_then()
                over = True
            else:
                try:
                    got.append(await inbox.receive())
                except ChannelEnded:
                    over = True


@given(seed=seeds, capacity=capacities, rate=st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_a_channel_loses_and_doubles_nothing(seed: int, capacity: int, rate: float) -> None:
    async def main() -> list[int]:
        channel = Channel[int]("way", capacity=capacity)
        chaos, got = Chaos(seed, rate), list[int]()
        async with trio.open_nursery() as outer:
            outer.start_soon(chaos.rage)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(produce, channel.outbox, chaos)
                nursery.start_soon(consume, channel.inbox, chaos, got)
            outer.cancel_scope.cancel()
        statistics = channel.statistics()
        assert (statistics.sent, statistics.depth, statistics.dropped) == (ITEMS, 0, 0)
        assert statistics.high_water <= max(1, capacity)
        return got

    assert run(main, virtual=VirtualTime(seed=seed)) == list(range(ITEMS))


@given(seed=seeds, bounds=st.lists(capacities, min_size=2, max_size=4), rate=st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_a_fan_out_reaches_all_branches_with_each_item_or_none(seed: int, bounds: list[int], rate: float) -> None:
    async def main() -> list[list[int]]:
        branches = [Channel[int](f"branch {number}", capacity=bound) for number, bound in enumerate(bounds)]
        chaos, got = Chaos(seed, rate), [list[int]() for _ in branches]
        async with trio.open_nursery() as outer:
            outer.start_soon(chaos.rage)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(produce, fan_out(*(branch.outbox for branch in branches)), chaos)
                for branch, seen in zip(branches, got, strict=True):
                    nursery.start_soon(consume, branch.inbox, chaos, seen)
            outer.cancel_scope.cancel()
        return got

    assert run(main, virtual=VirtualTime(seed=seed)) == [list(range(ITEMS))] * len(bounds)


@given(seed=seeds, bounds=st.lists(capacities, min_size=2, max_size=4), rate=st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_a_merge_loses_and_doubles_nothing_and_keeps_each_order(seed: int, bounds: list[int], rate: float) -> None:
    async def main() -> list[tuple[int, int]]:
        graph, chaos, got = Graph(), Chaos(seed, rate), list[tuple[int, int]]()
        channels = [Channel[int](f"part {number}", capacity=bound) for number, bound in enumerate(bounds)]
        parts = [
            graph.subgraph(channel.name).stage(Tag(number), channel.inbox) for number, channel in enumerate(channels)
        ]
        async with trio.open_nursery() as outer:
            outer.start_soon(chaos.rage)
            async with trio.open_nursery() as nursery:
                for channel in channels:
                    nursery.start_soon(produce, channel.outbox, chaos)
                nursery.start_soon(consume, merged(parts), chaos, got)
            outer.cancel_scope.cancel()
        return got

    got = run(main, virtual=VirtualTime(seed=seed))
    for part in range(len(bounds)):
        assert [number for of, number in got if of == part] == list(range(ITEMS))


@given(seed=seeds, bounds=st.lists(capacities, min_size=1, max_size=3), leave_after=st.integers(0, ITEMS))
def test_a_sender_ends_when_the_last_receiver_has_left_and_not_before(
    seed: int, bounds: list[int], leave_after: int
) -> None:
    async def main() -> tuple[list[list[int]], int]:
        branches = [Channel[int](f"branch {number}", capacity=bound) for number, bound in enumerate(bounds)]
        got = [list[int]() for _ in branches]
        sent = 0

        async def send() -> None:
            nonlocal sent
            outbox = fan_out(*(branch.outbox for branch in branches))
            with contextlib.suppress(ChannelBroken):
                while True:
                    await outbox.send(sent)
                    sent += 1

        async def leave(inbox: Inbox[int], seen: list[int], after: int) -> None:
            while len(seen) < after:
                seen.append(await inbox.receive())
            inbox.detach()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(send)
            for number, branch in enumerate(branches):
                nursery.start_soon(leave, branch.inbox, got[number], leave_after + number)
        return got, sent

    got, sent = run(main, virtual=VirtualTime(seed=seed))
    assert got == [list(range(leave_after + number)) for number in range(len(bounds))]
    assert (
        leave_after + len(bounds) - 1 <= sent <= leave_after + len(bounds) - 1 + max(max(1, bound) for bound in bounds)
    )


# The order of arrival, against a model that keeps one list of everything that happened


@attrs.frozen
class Tag:
    """A stage that says which part an item came through."""

    part: int

    def __call__(self, number: int) -> tuple[int, int]:
        return self.part, number


class Hold:
    """A transform that drops each third number, makes two of each other one, and holds one back."""

    def __init__(self) -> None:
        self._held: list[int] = []

    def push(self, number: int) -> Iterable[int]:
        self._held += [] if number % 3 == 0 else [number, -number]
        out, self._held = self._held[:-1], self._held[-1:]
        return out

    def finish(self) -> Iterable[int]:
        out, self._held = self._held, []
        return out


def even_only(number: int) -> int | None:
    return number if number % 2 == 0 else None


def merged(parts: list[Inbox[T]]) -> Inbox[T]:
    whole = parts[0]
    for part in parts[1:]:
        whole = merge(whole, part)
    return whole


class Model:
    """Four channels: 0 plain, 1 through `even_only`, 2 and 3 merged, held, and merged with the rest."""

    PARTS = ({0}, {1}, {2, 3})

    def __init__(self) -> None:
        self.events: deque[tuple[int, int | None]] = deque()
        self.ready: deque[int] = deque()
        self.closed: set[int] = set()  # as the consumer knows
        self.hold = Hold()

    def receive(self) -> int | str:
        while not self.ready:
            if not self.events:
                return "ended" if len(self.closed) == 4 else "nothing yet"
            self.ready.extend(self._made_of(*self.events.popleft()))
        return self.ready.popleft()

    def _made_of(self, channel: int, number: int | None) -> Iterable[int]:
        if number is None:
            self.closed.add(channel)
            return self.hold.finish() if channel in (2, 3) and {2, 3} <= self.closed else ()
        if channel == 1:
            return () if even_only(number) is None else (number,)
        return self.hold.push(number) if channel in (2, 3) else (number,)

    def drop_oldest(self, channel: int) -> None:
        self.events.remove(next(event for event in self.events if event[0] == channel))


actions = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(0, 3)),
        st.tuples(st.just("receive"), st.integers(1, 4)),
        st.tuples(st.just("close"), st.integers(0, 3)),
    ),
    max_size=80,
)
rules = st.lists(st.sampled_from(["block", "drop oldest", "latest"]), min_size=4, max_size=4)


@given(actions=actions, rules=rules, early=st.lists(st.integers(0, 3), max_size=4))
def test_a_merge_of_stages_and_merges_is_in_the_order_of_arrival(
    actions: list[tuple[str, int]], rules: list[Overflow], early: list[int]
) -> None:
    async def main() -> None:  # a channel looks at the clock, so even sync use needs a run
        await checkpoint()
        compare_with_model(actions, rules, early)

    trio.run(main)


def compare_with_model(actions: list[tuple[str, int]], rules: list[Overflow], early: list[int]) -> None:
    channels = [
        Channel[int](f"part {number}", capacity=1 if rule == "latest" else 3, overflow=rule)
        for number, rule in enumerate(rules)
    ]
    model, graph, numbers = Model(), Graph(), iter(range(10_000))
    for channel in sorted(early):  # what lies there when it is merged comes first, channel by channel
        send(model, channels, channel, next(numbers))
    plain, evens = channels[0].inbox, graph.stage(even_only, channels[1].inbox)
    held = graph.transform(Hold(), merge(channels[2].inbox, channels[3].inbox))
    inbox = merge(merge(plain, evens), held)
    for action, argument in [*actions, *(("close", each) for each in range(4))]:
        if action == "send":
            send(model, channels, argument, next(numbers))
        elif action == "close" and not channels[argument].statistics().closed:
            channels[argument].outbox.close()
            model.events.append((argument, None))
        elif action == "receive":
            for _ in range(argument):
                assert receive(inbox) == model.receive()
    while (got := receive(inbox)) != "ended":
        assert got == model.receive()
    assert model.receive() == "ended"


def send(model: Model, channels: list[Channel[int]], number: int, item: int) -> None:
    channel = channels[number]
    before = channel.statistics()
    if before.closed:
        return
    try:
        channel.outbox.send_nowait(item)
    except trio.WouldBlock:
        assert before.depth == before.bound
        return
    if channel.statistics().dropped > before.dropped:
        model.drop_oldest(number)
    model.events.append((number, item))


def receive(inbox: Inbox[int]) -> int | str:
    try:
        return inbox.receive_nowait()
    except trio.WouldBlock:
        return "nothing yet"
    except ChannelEnded:
        return "ended"
