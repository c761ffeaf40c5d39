"""Pacing: one task that wakes every audio-out track at its own moments.

A task for each track costs half as much again per call, and one common tick would make all tracks wait for it. So the
deadlines of all tracks lie in one heap; each track keeps its own phase, and its first frame goes out at once.
"""

from __future__ import annotations

import heapq
import math
from typing import Final, Protocol

import trio
from trio.lowlevel import Abort, current_task, reschedule, wait_task_rescheduled

#: A waiting pacer is woken early only for this much, seconds; closer deadlines are served together.
_SLACK_S: Final = 1e-9


class Ticker(Protocol):
    """Something that wants to be called again and again."""

    def tick(self, due_s: float) -> float | None:
        """Do what is due. Synchronous and short.

        Args:
            due_s: when it was to happen, on Trio's clock; after a stall that is a while ago.

        Returns:
            When to call next, on Trio's clock, or None to stop.
        """

    def fail(self, error: Exception) -> None:
        """Take over an exception that `tick` raised: it is the fault of this track's session alone."""


class Pacer:
    """Calls tickers when they are due. Any number of sessions share one; it is passed by hand."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Ticker]] = []
        self._added = 0
        self._sleeper: trio.lowlevel.Task | None = None
        self._sleeps_until_s = -math.inf

    def start(self, ticker: Ticker, at_s: float) -> None:
        """Call `ticker.tick` at that moment on Trio's clock, and on as it asks. Synchronous."""
        self._push(at_s, ticker)
        if at_s < self._sleeps_until_s - _SLACK_S and self._sleeper is not None:
            sleeper, self._sleeper = self._sleeper, None
            reschedule(sleeper)

    async def sleep_until(self, at_s: float) -> None:
        """Sleep until a moment on Trio's clock, without a timer of one's own: about half the cost of Trio's.

        It ends only while somebody runs the pacer. A moment that has passed is a checkpoint.
        """
        if at_s <= trio.current_time():
            await trio.lowlevel.checkpoint()
            return
        alarm = _Alarm(current_task())
        self.start(alarm, at_s)
        await wait_task_rescheduled(alarm.abort)

    async def run(self) -> None:
        """Serve the tickers, until cancelled."""
        while True:
            await self._nap(self._heap[0][0] if self._heap else math.inf)
            self._serve(trio.current_time() + _SLACK_S)

    async def _nap(self, until_s: float) -> None:
        """Sleep until then or until `start` wakes it. As move_on_at, but a deadline that passes raises nothing."""
        task = current_task()

        def abort(_: object) -> Abort:
            self._sleeper = None
            if not scope.cancel_called:
                return Abort.SUCCEEDED
            reschedule(task)  # whoever cancels from outside is found out at the next nap
            return Abort.FAILED

        with trio.CancelScope(deadline=until_s) as scope:
            self._sleeper, self._sleeps_until_s = task, until_s
            try:
                await wait_task_rescheduled(abort)
            finally:
                self._sleeps_until_s = -math.inf

    def _serve(self, now_s: float) -> None:
        heap = self._heap
        while heap and heap[0][0] <= now_s:
            due_s, _, ticker = heapq.heappop(heap)
            try:
                next_s = ticker.tick(due_s)
            except Exception as error:  # noqa: BLE001  # a supervisor: one session's fault must not silence the others
                ticker.fail(error)
                continue
            if next_s is not None:
                self._push(next_s, ticker)

    def _push(self, at_s: float, ticker: Ticker) -> None:
        self._added += 1  # keeps tickers that are due together in order
        heapq.heappush(self._heap, (at_s, self._added, ticker))


class _Alarm:
    """Wakes a task, unless it was cancelled before."""

    __slots__ = ("_task",)

    def __init__(self, task: trio.lowlevel.Task) -> None:
        self._task: trio.lowlevel.Task | None = task

    def tick(self, due_s: float) -> None:
        """Wake it. For the pacer."""
        del due_s
        if self._task is not None:
            reschedule(self._task)
            self._task = None

    def fail(self, error: Exception) -> None:
        """Waking a task does not fail."""
        raise error

    def abort(self, _: object) -> Abort:
        """The task was cancelled."""
        self._task = None
        return Abort.SUCCEEDED
