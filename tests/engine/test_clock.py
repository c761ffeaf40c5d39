"""Time: real, or virtual and the same on every run."""

from __future__ import annotations

import hashlib
import importlib
import os
import random
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trio
from trio.lowlevel import checkpoint

from trialogue.engine import Channel, Graph, Inbox, Outbox, VirtualTime, hold_virtual_time, merge, offload, run

if TYPE_CHECKING:
    from trio.testing import MockClock

ROOT = Path(__file__).resolve().parents[2]


async def talker(words_out: Outbox[str], *, number: int, seed: int) -> None:
    """Says ten things at moments of which many coincide with those of others."""
    moments = random.Random(seed + number % 5)
    for turn in range(10):
        await trio.sleep(moments.choice([0.0, 0.02, 0.02, 0.1]))
        with trio.move_on_after(moments.choice([0.02, 0.04])):  # may cut it off in the very instant
            await trio.sleep(0.02)
            await words_out.send(f"{number}:{turn}")


async def listener(words_in: Inbox[str], log: list[str]) -> None:
    async for words in words_in:
        log.append(f"{trio.current_time():.3f} {words}")
        await offload(len, words, cost_s=0.001)


async def conversation(seed: int) -> str:
    """The log of forty talkers, whose deadlines tie and whose tasks are ready together."""
    log: list[str] = []
    graph = Graph()
    parts = []
    for number in range(40):
        words = Channel[str](f"words {number}", capacity=1)
        graph.add_as(f"talker {number}", talker, words.outbox, number=number, seed=seed)
        parts.append(words.inbox)
    inbox = parts[0]
    for part in parts[1:]:
        inbox = merge(inbox, part)
    graph.add(listener, inbox, log)
    await graph.run()
    return "\n".join(log)


def digest(seed: int) -> str:
    log = run(conversation, 7, virtual=VirtualTime(seed=seed))
    assert len(log.splitlines()) > 100
    return hashlib.sha256(log.encode()).hexdigest()


IN_A_FRESH_PROCESS = """
import random
junk = [bytearray(random.SystemRandom().randrange(1, 2000)) for _ in range(random.SystemRandom().randrange(1, 5000))]
del junk[::2]  # objects of the program will lie at other addresses in each process
from tests.engine.test_clock import digest
print(digest(3))
"""


@pytest.mark.integration
def test_the_same_seed_gives_the_same_log_in_every_process() -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", IN_A_FRESH_PROCESS],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for hash_seed in (0, 1, 4_711)
    ]
    logs = {process.communicate()[0] for process in processes}
    assert all(process.returncode == 0 for process in processes)
    assert logs == {f"{digest(3)}\n"}


def test_the_seed_decides_the_order() -> None:
    assert len({digest(seed) for seed in range(4)}) > 1
    assert digest(1) == digest(1)


def test_a_virtual_run_does_not_touch_the_order_of_later_real_ones() -> None:
    """Trio's own generator goes on where it was."""
    private = importlib.import_module("trio._core._run")
    before = private._r.getstate(), private._ALLOW_DETERMINISTIC_SCHEDULING
    digest(5)
    assert (private._r.getstate(), private._ALLOW_DETERMINISTIC_SCHEDULING) == before


def test_canary_for_the_two_private_names_of_trio() -> None:
    """If this fails, a new Trio has moved them: `engine/_clock.py` must follow, or virtual runs are no longer equal."""
    private = importlib.import_module("trio._core._run")
    assert isinstance(private._ALLOW_DETERMINISTIC_SCHEDULING, bool)
    assert isinstance(private._r, random.Random)

    async def order() -> list[int]:
        ran: list[int] = []

        async def note(number: int) -> None:
            await checkpoint()
            ran.append(number)

        async with trio.open_nursery() as nursery:
            for number in range(30):
                nursery.start_soon(note, number)
        return ran

    orders = [run(order, virtual=VirtualTime(seed=seed)) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


def test_virtual_time_costs_no_time_and_what_fails_in_it_comes_out() -> None:
    async def sleepy() -> float:
        began_s = trio.current_time()
        await trio.sleep(86_400)
        return trio.current_time() - began_s

    async def failing(number: int) -> None:
        await trio.sleep(number)
        raise ZeroDivisionError

    assert run(sleepy, virtual=VirtualTime()) == pytest.approx(86_400)
    with pytest.raises(ZeroDivisionError):
        run(failing, 3, virtual=VirtualTime())


def test_without_virtual_time_it_is_a_plain_run() -> None:
    async def clock() -> str:
        await checkpoint()
        return type(trio.lowlevel.current_clock()).__name__

    assert run(clock) == "SystemClock"
    assert run(clock, virtual=VirtualTime()) == "MockClock"


# Holding virtual time


def test_held_virtual_time_waits_for_the_world_outside() -> None:
    """A thread answers; a deadline of a virtual second must not pass before it does."""

    async def main() -> bool:
        go, answered = threading.Event(), False

        async def deadline() -> None:
            await trio.sleep(1)
            assert answered

        async with trio.open_nursery() as nursery:
            nursery.start_soon(deadline)
            with hold_virtual_time():
                async with trio.open_nursery() as inner:
                    inner.start_soon(partial(trio.to_thread.run_sync, lambda: go.wait()))
                    for _ in range(100):
                        await checkpoint()  # long enough for an autojump
                    assert trio.current_time() == began_s[0]
                    go.set()
                answered = True
        return answered

    began_s: list[float] = []

    async def timed() -> bool:
        began_s.append(trio.current_time())
        return await main()

    assert run(timed, virtual=VirtualTime())


def test_holds_are_counted_and_may_overlap_in_any_order() -> None:
    async def main() -> None:
        first, second = hold_virtual_time(), hold_virtual_time()
        first.__enter__()
        second.__enter__()
        for leave in (first, second):
            assert not await jumps()
            leave.__exit__(None, None, None)
        assert await jumps()
        with hold_virtual_time():
            assert not await jumps()
        assert await jumps()

    run(main, virtual=VirtualTime())


async def jumps() -> bool:
    """Whether virtual time passes while every task waits; a thread that is heard of ends the waiting otherwise."""
    jumped = False

    async def sleep() -> None:
        nonlocal jumped
        await trio.sleep(1)
        jumped = True
        scope.cancel()

    async def wait_for_thread() -> None:
        await trio.to_thread.run_sync(threading.Event().wait, 0.05, abandon_on_cancel=True)
        scope.cancel()

    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sleep)
            nursery.start_soon(wait_for_thread)
    return jumped


async def test_a_hold_on_a_clock_that_does_not_jump_leaves_it_so(mock_clock: MockClock) -> None:
    with hold_virtual_time():
        await checkpoint()
    assert mock_clock.autojump_threshold == float("inf")


async def test_on_the_real_clock_a_hold_does_nothing() -> None:
    with hold_virtual_time():
        await checkpoint()


# Offloading


def test_offloaded_work_takes_no_virtual_time_but_what_it_is_charged() -> None:
    async def main() -> tuple[float, float, int]:
        began_s = trio.current_time()
        thread = await offload(threading.get_ident)
        free_s = trio.current_time() - began_s
        await offload(sum, [1, 2], cost_s=0.25)
        return free_s, trio.current_time() - began_s, thread

    free_s, charged_s, thread = run(main, virtual=VirtualTime())
    assert free_s == 0
    assert charged_s == pytest.approx(0.25)
    assert thread == threading.get_ident()


def test_offloaded_work_runs_in_a_thread_on_the_real_clock() -> None:
    async def main() -> int:
        return await offload(threading.get_ident)

    assert run(main) != threading.get_ident()


@pytest.mark.parametrize("virtual", [None, VirtualTime()], ids=["real", "virtual"])
def test_offloaded_work_that_fails_raises_and_none_begins_once_cancelled(virtual: VirtualTime | None) -> None:
    done: list[int] = []

    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await offload(divmod, 1, 0)
        with trio.CancelScope() as scope:
            scope.cancel()
            await offload(done.append, 1)
        assert scope.cancelled_caught

    run(main, virtual=virtual)
    assert done == []
