"""Asyncio's coroutines called from Trio, and Trio's from asyncio."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import threading

import pytest
import trio

from trialogue.engine import ConfigurationError, TrioHost, VirtualTime, open_asyncio_loop, open_trio, run

colour = contextvars.ContextVar("colour", default="none")


async def add(a: int, b: int) -> int:
    """Needs a running loop, as drivers do."""
    await asyncio.sleep(0.001)
    assert asyncio.get_running_loop().is_running()
    return a + b


async def test_a_coroutine_of_asyncio_is_called_and_gives_its_result() -> None:
    async with open_asyncio_loop() as loop:
        assert await loop.run(add, 1, 2) == 3


async def test_all_calls_share_one_loop_and_one_thread_which_ends() -> None:
    async def where() -> tuple[int, int]:
        await asyncio.sleep(0)
        return id(asyncio.get_running_loop()), threading.get_ident()

    before = threading.active_count()
    async with open_asyncio_loop() as loop:
        assert await loop.run(where) == await loop.run(where)
        assert (await loop.run(where))[1] != threading.get_ident()
    assert threading.active_count() <= before + 1  # Trio keeps an idle thread for a while


async def test_without_a_call_there_is_no_thread() -> None:
    before = threading.active_count()
    async with open_asyncio_loop():
        assert threading.active_count() == before


async def test_its_exceptions_come_out_as_they_are() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise sqlite3.OperationalError("no such table")

    async with open_asyncio_loop() as loop:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await loop.run(fail)
        assert await loop.run(add, 1, 1) == 2


async def test_context_variables_are_seen() -> None:
    async def look() -> str:
        await asyncio.sleep(0)
        return colour.get()

    colour.set("green")
    async with open_asyncio_loop() as loop:
        assert await loop.run(look) == "green"


async def test_cancelling_the_wait_cancels_the_asyncio_task_and_waits_for_its_end() -> None:
    ended: list[str] = []
    begun = threading.Event()

    async def long() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)  # noqa: ASYNC102  # asyncio has no shields
            ended.append("cleanly")
            raise

    async with open_asyncio_loop() as loop:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(loop.run, long)
            await trio.to_thread.run_sync(begun.wait)
            nursery.cancel_scope.cancel()
        assert ended == ["cleanly"]


async def test_a_coroutine_that_will_not_end_is_left_behind_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trialogue.engine._asyncio._POLITE_END_S", 0.02)
    begun, release = threading.Event(), threading.Event()

    async def stubborn() -> None:
        begun.set()
        while not release.is_set():
            try:
                await asyncio.sleep(0.005)
            except asyncio.CancelledError:  # noqa: ASYNC103  # that is the point
                continue  # noqa: ASYNC104  # see above

    async with open_asyncio_loop() as loop:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(loop.run, stubborn)
            await trio.to_thread.run_sync(begun.wait)
            nursery.cancel_scope.cancel()
        assert await loop.run(add, 1, 2) == 3  # the others are not disturbed
        release.set()


async def test_a_task_that_cancels_itself_is_told_in_our_words() -> None:
    async def give_up() -> None:
        await asyncio.sleep(0)
        raise asyncio.CancelledError

    async with open_asyncio_loop() as loop:
        with pytest.raises(ConfigurationError, match="give_up was cancelled on the side of asyncio"):
            await loop.run(give_up)


def test_on_a_virtual_clock_no_time_passes_meanwhile() -> None:
    async def main() -> float:
        async with open_asyncio_loop() as loop:
            with trio.fail_after(0.001):
                await loop.run(add, 1, 2)
            return trio.current_time()

    before = run(trio_time, virtual=VirtualTime())
    assert run(main, virtual=VirtualTime()) == before


def test_on_a_virtual_clock_no_time_passes_while_its_thread_ends() -> None:
    async def ends_slowly() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.02)  # on the real clock of asyncio: long enough for every deadline to be jumped to

    async def main() -> float:
        left_behind = []

        async def begin() -> None:
            left_behind.append(asyncio.create_task(ends_slowly()))
            await asyncio.sleep(0)

        with trio.fail_after(1):
            async with open_asyncio_loop() as loop:
                await loop.run(begin)
        return trio.current_time()

    before = run(trio_time, virtual=VirtualTime())
    assert run(main, virtual=VirtualTime()) == before


async def trio_time() -> float:
    """When a virtual run begins."""
    await trio.lowlevel.checkpoint()
    return trio.current_time()


# -- the other way round


def test_a_trio_function_runs_inside_an_asyncio_program() -> None:
    async def nap(for_s: float) -> str:
        await trio.sleep(for_s)
        return "rested"

    async def main() -> list[str]:
        async with open_trio() as host:
            return list(await asyncio.gather(host.run(nap, 0.001), host.run(nap, 0.002), host.run(nap, 0.0)))

    assert asyncio.run(main()) == ["rested"] * 3


def test_its_exceptions_come_out_and_disturb_nobody() -> None:
    async def fail() -> None:
        await trio.lowlevel.checkpoint()
        raise KeyError("missing")

    async def main() -> None:
        async with open_trio() as host:
            with pytest.raises(KeyError, match="missing"):
                await host.run(fail)
            await host.run(trio.sleep, 0)

    asyncio.run(main())


def test_cancelled_by_asyncio_the_trio_function_ends_first() -> None:
    ended: list[str] = []

    async def long() -> None:
        try:
            await trio.sleep_forever()
        finally:
            ended.append("long")

    async def main() -> None:
        async with open_trio() as host:
            task = asyncio.create_task(host.run(long))
            await asyncio.sleep(0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert ended == ["long"]

    asyncio.run(main())


def test_leaving_the_host_ends_what_runs_there_and_refuses_what_comes_later() -> None:
    async def main() -> TrioHost:
        async with open_trio() as host:
            task = asyncio.create_task(host.run(trio.sleep_forever))
            await asyncio.sleep(0.001)
        with pytest.raises(ConfigurationError, match="the host of Trio is closed"):
            await task
        with pytest.raises(ConfigurationError, match="the host of Trio is closed"):
            await host.run(trio.sleep, 0)
        return host

    asyncio.run(main())
