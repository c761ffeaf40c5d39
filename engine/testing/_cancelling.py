"""Cancelling a piece of work at each of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def cancel_at_step(work: Callable[[], Awaitable[object]], step: int) -> int:
    """Run some work, and cancel it when it begins a certain step.

    A step is what one task of the work does between two of its checkpoints, so this meets each state that a cancel can
    find the work in. What the work itself raises passes through.

    Args:
        work: what to run; its tasks must lie in nurseries of its own.
        step: which step to cancel at, counted from 1.

    Returns:
        How many steps were begun; fewer than `step` says that the work was done before.
    """
    with trio.CancelScope() as scope:
        counter = _StepCounter(trio.lowlevel.current_task(), scope, step)
        trio.lowlevel.add_instrument(counter)
        try:
            await work()
        finally:
            trio.lowlevel.remove_instrument(counter)
    return counter.begun


class _StepCounter(trio.abc.Instrument):
    """Counts the steps of a task and of those below it."""

    def __init__(self, root: trio.lowlevel.Task, scope: trio.CancelScope, step: int) -> None:
        self.begun = 0
        self._root = root
        self._scope = scope
        self._step = step

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """One more, if it is one of ours."""
        if not self._is_ours(task):
            return
        self.begun += 1
        if self.begun == self._step:
            self._scope.cancel(reason=f"step {self._step} of the work")

    def _is_ours(self, task: trio.lowlevel.Task) -> bool:
        current: trio.lowlevel.Task | None = task
        while current is not None:
            if current is self._root:
                return True
            current = None if current.parent_nursery is None else current.parent_nursery.parent_task
        return False
