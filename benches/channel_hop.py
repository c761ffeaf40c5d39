"""What a hop through a channel costs, beside asyncio's queue. Run with `python -m benches.channel_hop`."""

from __future__ import annotations

import asyncio
import json
import platform
import statistics
import sys
import time
from typing import TYPE_CHECKING

import trio
from trio.lowlevel import Abort, current_task, reschedule, wait_task_rescheduled

from trialogue.engine import Channel, run

if TYPE_CHECKING:
    from collections.abc import Callable

ITEMS = 20_000
ROUNDS = 15


def burst_at_capacity_8() -> bool:
    """A producer that is always ahead of its consumer, capacity 8: at most what asyncio.Queue costs."""
    return compare("burst, capacity 8", 1.0, lambda: run(channel_burst, 8), lambda: asyncio.run(queue_burst(8)))


def burst_at_capacity_64() -> bool:
    """The same at capacity 64: at most what asyncio.Queue costs."""
    return compare("burst, capacity 64", 1.0, lambda: run(channel_burst, 64), lambda: asyncio.run(queue_burst(64)))


def paced() -> bool:
    """One item at a time, there and back, each hop with a change of task: at most twice asyncio.Queue."""
    return compare("paced", 2.0, lambda: run(channel_paced), lambda: asyncio.run(queue_paced()))


def floor() -> bool:
    """What Trio itself takes for a change of task, two of which stand in each 8 items of a burst at capacity 8."""
    switch_us = statistics.median(run(bare_switches) for _ in range(ROUNDS))
    item_us = statistics.median(run(channel_burst, 64) for _ in range(ROUNDS)) - switch_us / 32
    print(f"floor: {switch_us:.2f} µs for a change of task, {item_us:.2f} µs for an item without one:", end=" ")
    print(f"a burst at capacity 8 cannot cost less than {item_us + switch_us / 4:.2f} µs on Trio")
    print(
        json.dumps({"bench": "channel_hop", "claim": "floor", "switch_us": switch_us, "item_us": item_us, **machine()})
    )
    return True


async def bare_switches() -> float:
    """Two tasks that wake each other and do nothing else."""
    first = current_task()

    async def answer() -> None:
        while True:
            reschedule(first)
            await wait_task_rescheduled(abort)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        await wait_task_rescheduled(abort)
        (second,) = nursery.child_tasks
        began_s = time.process_time()
        for _ in range(ITEMS // 2):
            reschedule(second)
            await wait_task_rescheduled(abort)
        took_s = time.process_time() - began_s
        nursery.cancel_scope.cancel()
    return took_s / ITEMS * 1e6


def abort(_: object) -> Abort:
    """Any wait may be cancelled."""
    return Abort.SUCCEEDED


def compare(claim: str, most: float, ours: Callable[[], float], theirs: Callable[[], float]) -> bool:
    """Measure both in turn, A B A B, and print the medians and the median of the ratios.

    Args:
        claim: what is measured.
        most: the largest ratio that is allowed.
        ours, theirs: one measurement each, µs of CPU per hop.
    """
    ours(), theirs()  # to warm up
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    ratio = statistics.median(a / b for a, b in pairs)
    a, b = (statistics.median(each) for each in zip(*pairs, strict=True))
    holds = ratio <= most
    print(f"{claim:<20} channel {a:5.2f} µs  asyncio.Queue {b:5.2f} µs  ratio {ratio:.2f} of {most:.2f}", end="  ")
    print("ok" if holds else "NOT MET")
    print(
        json.dumps({"bench": "channel_hop", "claim": claim, "ours_us": a, "asyncio_us": b, "ratio": ratio, **machine()})
    )
    return holds


def machine() -> dict[str, str]:
    """What the numbers depend on."""
    return {"machine": platform.machine(), "python": platform.python_version(), "trio": trio.__version__}


async def channel_burst(capacity: int) -> float:
    channel = Channel[int]("burst", capacity=capacity)

    async def produce() -> None:
        for number in range(ITEMS):
            await channel.outbox.send(number)
        channel.outbox.close()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(produce)
        began_s = time.process_time()
        async for _ in channel.inbox:
            pass
        cpu_s = time.process_time() - began_s
    return cpu_s / ITEMS * 1e6


async def queue_burst(capacity: int) -> float:
    queue = asyncio.Queue[int | None](capacity)

    async def produce() -> None:
        for number in range(ITEMS):
            await queue.put(number)
        await queue.put(None)

    async with asyncio.TaskGroup() as group:
        group.create_task(produce())
        began_s = time.process_time()
        while await queue.get() is not None:
            pass
        cpu_s = time.process_time() - began_s
    return cpu_s / ITEMS * 1e6


async def channel_paced() -> float:
    there, back = Channel[int]("there", capacity=8), Channel[int]("back", capacity=8)

    async def echo() -> None:
        async for number in there.inbox:
            await back.outbox.send(number)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(echo)
        began_s = time.process_time()
        for number in range(ITEMS // 2):
            await there.outbox.send(number)
            await back.inbox.receive()
        took_s = time.process_time() - began_s
        there.outbox.close()
    return took_s / ITEMS * 1e6


async def queue_paced() -> float:
    there, back = asyncio.Queue[int | None](8), asyncio.Queue[int](8)

    async def echo() -> None:
        while (number := await there.get()) is not None:
            await back.put(number)

    async with asyncio.TaskGroup() as group:
        group.create_task(echo())
        began_s = time.process_time()
        for number in range(ITEMS // 2):
            await there.put(number)
            await back.get()
        took_s = time.process_time() - began_s
        await there.put(None)
    return took_s / ITEMS * 1e6


def main() -> int:
    """All claims.

    Returns:
        0 if each holds.
    """
    claims = [burst_at_capacity_8, burst_at_capacity_64, paced, floor]
    return 0 if all([claim() for claim in claims]) else 1


if __name__ == "__main__":
    sys.exit(main())
