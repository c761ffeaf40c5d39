"""Asyncio's coroutines called from Trio, and Trio's from asyncio."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import threading

import pytest
import trio

from trialogue.engine import AsyncioLoop, ConfigurationError, TrioHost, VirtualTime, open_asyncio_loop, open_trio, run

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


@pytest.mark.parametrize("was_used", [True, False])
async def test_a_call_that_comes_too_late_is_refused(was_used: bool) -> None:
    async with open_asyncio_loop() as loop:
        if was_used:
            await loop.run(add, 1, 2)
    with pytest.raises(ConfigurationError, match="loop for asyncio is closed"):
        await loop.run(add, 1, 2)


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
            # On the real clock of asyncio, which knows no shields: long enough for every deadline to be jumped to.
            await asyncio.sleep(0.02)  # noqa: ASYNC102

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


# -- the way back


async def test_a_coroutine_calls_what_is_trios_and_gets_its_result_or_its_exception() -> None:
    async def threads() -> tuple[int, int]:
        return await loop.trio.run(thread_of_trio), threading.get_ident()

    async def thread_of_trio() -> int:
        await trio.lowlevel.checkpoint()
        return threading.get_ident()

    async def fail() -> None:
        nothing: dict[str, int] = {}
        with pytest.raises(KeyError, match="missing"):
            await loop.trio.run_sync(nothing.__getitem__, "missing")

    async with open_asyncio_loop() as loop:
        there, here = await loop.run(threads)
        assert there == threading.get_ident() != here
        await loop.run(fail)


async def test_cancelled_it_ends_on_all_sides_before_the_call_does() -> None:
    ended: list[str] = []
    begun = trio.Event()

    async def on_trio() -> None:
        begun.set()
        try:
            await trio.sleep_forever()
        finally:
            ended.append("trio")

    async def on_asyncio() -> None:
        try:
            await loop.trio.run(on_trio)
        finally:
            ended.append("asyncio")

    async with open_asyncio_loop() as loop, trio.open_nursery() as nursery:
        nursery.start_soon(loop.run, on_asyncio)
        await begun.wait()
        nursery.cancel_scope.cancel()
    assert ended == ["trio", "asyncio"]


def test_virtual_time_passes_only_while_a_coroutine_waits_for_trio() -> None:
    async def naps(loop: AsyncioLoop) -> None:
        await asyncio.sleep(0.001)
        await asyncio.gather(loop.trio.run(trio.sleep, 1800), loop.trio.run(trio.sleep, 3600))

    async def main() -> float:
        begun_s = trio.current_time()
        async with open_asyncio_loop() as loop, trio.open_nursery() as nursery:
            nursery.start_soon(loop.run, add, 1, 2)
            await loop.run(naps, loop)
        return trio.current_time() - begun_s

    assert run(main, virtual=VirtualTime()) == 3600


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


def test_what_runs_there_calls_back_into_the_program_on_its_own_loop() -> None:
    async def where(lock: asyncio.Lock) -> asyncio.AbstractEventLoop:
        async with lock:
            return asyncio.get_running_loop()

    async def main() -> None:
        lock = asyncio.Lock()
        async with open_trio() as host:
            async with lock:
                asked = asyncio.create_task(host.run(host.asyncio.run, where, lock))
                await asyncio.sleep(0)
            assert await asked is asyncio.get_running_loop()

    asyncio.run(main())
