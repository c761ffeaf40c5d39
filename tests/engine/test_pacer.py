"""The pacer: every ticker at its own moments, exactly, and nobody's fault is another one's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
import trio

from trialogue.engine import Pacer, VirtualTime, run

if TYPE_CHECKING:
    from trio.testing import MockClock


@attrs.define(kw_only=True, eq=False)
class Clockwork:
    """Wants to be called every so often, so many times."""

    every_s: float
    times: int
    due_s: list[float] = attrs.Factory(list)
    at_s: list[float] = attrs.Factory(list)
    error: Exception | None = None

    def tick(self, due_s: float) -> float | None:
        """Note the time; at last raise or end."""
        self.due_s.append(due_s)
        self.at_s.append(trio.current_time())
        self.times -= 1
        if self.times:
            return due_s + self.every_s
        if self.error is not None:
            raise self.error
        return None

    def fail(self, error: Exception) -> None:
        """Note that it was the one that was raised."""
        assert error is self.error
        self.at_s.append(-1.0)


async def test_each_keeps_its_own_phase(autojump_clock: MockClock) -> None:
    pacer = Pacer()
    begun_s = trio.current_time()
    tickers = [Clockwork(every_s=0.02, times=5), Clockwork(every_s=0.03, times=5), Clockwork(every_s=0.02, times=2)]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pacer.run)
        for ticker, phase_s in zip(tickers, (0.0, 0.005, 0.5), strict=True):
            pacer.start(ticker, begun_s + phase_s)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    for ticker, phase_s in zip(tickers, (0.0, 0.005, 0.5), strict=True):
        expected = [begun_s + phase_s + number * ticker.every_s for number in range(len(ticker.due_s))]
        assert ticker.due_s == pytest.approx(expected, abs=1e-9)
        assert ticker.at_s == pytest.approx(expected, abs=1e-9)


async def test_an_earlier_one_wakes_a_sleeping_pacer(autojump_clock: MockClock) -> None:
    pacer = Pacer()
    late, early = Clockwork(every_s=1.0, times=1), Clockwork(every_s=1.0, times=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pacer.run)
        begun_s = trio.current_time()
        pacer.start(late, begun_s + 10)
        await trio.sleep(1)
        pacer.start(early, begun_s + 2)
        await trio.sleep(20)
        nursery.cancel_scope.cancel()
    assert early.at_s == pytest.approx([begun_s + 2])
    assert late.at_s == pytest.approx([begun_s + 10])


async def test_one_that_raises_is_told_and_the_others_go_on(autojump_clock: MockClock) -> None:
    pacer = Pacer()
    bad = Clockwork(every_s=0.02, times=3, error=RuntimeError("mine alone"))
    good = Clockwork(every_s=0.02, times=10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pacer.run)
        pacer.start(bad, trio.current_time())
        pacer.start(good, trio.current_time())
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert (len(bad.at_s), bad.at_s[-1], len(good.at_s)) == (4, -1.0, 10)


async def test_what_a_stall_has_delayed_is_made_up_for_in_order(mock_clock: MockClock) -> None:
    pacer = Pacer()
    ticker = Clockwork(every_s=0.02, times=4)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pacer.run)
        begun_s = trio.current_time()
        pacer.start(ticker, begun_s)
        await trio.testing.wait_all_tasks_blocked()
        mock_clock.jump(0.05)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert ticker.due_s == pytest.approx([begun_s, begun_s + 0.02, begun_s + 0.04])
    assert ticker.at_s == pytest.approx([begun_s, begun_s + 0.05, begun_s + 0.05])


@hypothesis.given(
    plans=st.lists(
        st.tuples(st.sampled_from([0.0, 0.003, 0.01, 0.02]), st.sampled_from([0.01, 0.02, 0.025]), st.integers(1, 6)),
        max_size=6,
    )
)
def test_all_ticks_happen_when_they_are_due(plans: list[tuple[float, float, int]]) -> None:
    tickers = [Clockwork(every_s=every_s, times=times) for _, every_s, times in plans]

    async def main() -> float:
        begun_s = trio.current_time()
        async with trio.open_nursery() as nursery:
            pacer = Pacer()
            nursery.start_soon(pacer.run)
            for ticker, (phase_s, _, _) in zip(tickers, plans, strict=True):
                pacer.start(ticker, begun_s + phase_s)
            await trio.sleep(1)
            nursery.cancel_scope.cancel()
        return begun_s

    begun_s = run(main, virtual=VirtualTime())
    for ticker, (phase_s, every_s, times) in zip(tickers, plans, strict=True):
        expected = [begun_s + phase_s + number * every_s for number in range(times)]
        assert ticker.at_s == pytest.approx(expected, abs=2e-9)


async def test_it_wakes_sleepers_when_they_are_due_and_none_that_was_cancelled(autojump_clock: MockClock) -> None:
    pacer = Pacer()
    begun_s = trio.current_time()
    woken: list[tuple[str, float]] = []

    async def sleep(name: str, for_s: float, patience_s: float = 100.0) -> None:
        with trio.move_on_after(patience_s):
            await pacer.sleep_until(begun_s + for_s)
            woken.append((name, trio.current_time() - begun_s))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(pacer.run)
        async with trio.open_nursery() as sleepers:
            for name, for_s, patience_s in (("b", 2.0, 5.0), ("never", 3.0, 1.0), ("a", 1.0, 5.0), ("past", -1.0, 5.0)):
                sleepers.start_soon(sleep, name, for_s, patience_s)
        await trio.sleep(10)
        nursery.cancel_scope.cancel()
    assert woken == [("past", 0.0), ("a", pytest.approx(1.0)), ("b", pytest.approx(2.0))]


async def test_it_is_cancelled_in_the_moment_in_which_something_is_due(autojump_clock: MockClock) -> None:
    pacer = Pacer()
    begun_s = trio.current_time()
    ticker = Clockwork(every_s=1.0, times=10)
    with trio.move_on_at(begun_s + 3.0) as scope:
        pacer.start(ticker, begun_s + 1.0)
        await pacer.run()
    assert scope.cancelled_caught
    assert ticker.due_s in (
        [begun_s + 1.0, begun_s + 2.0],
        [begun_s + 1.0, begun_s + 2.0, begun_s + 3.0],
    )
    assert trio.current_time() == pytest.approx(begun_s + 3.0)
