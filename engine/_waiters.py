"""How a task waits at channels: at several at once, or behind a function that deals with most items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trio.lowlevel import Abort, wait_task_rescheduled

if TYPE_CHECKING:
    from collections.abc import Callable

    import trio

    from trialogue.engine._pipe import Pipe

NOTHING: Final[Any] = object()  # type: ignore[explicit-any]  # "no item now", where None may be an item
AGAIN: Final[Any] = object()  # type: ignore[explicit-any]  # "an item was taken, but it made nothing: ask again"
OVER: Final[Any] = object()  # type: ignore[explicit-any]  # "no item, now or ever"


class Bell:
    """Where a task sleeps that waits for one of several channels."""

    __slots__ = ("pipes", "task")

    def __init__(self, task: trio.lowlevel.Task, pipes: tuple[Pipe, ...]) -> None:
        self.task = task
        self.pipes = pipes
        for pipe in pipes:
            pipe.receiver = self

    def silence(self) -> None:
        """Leave every channel before the task runs again; being in two, it would be rescheduled twice."""
        for pipe in self.pipes:
            pipe.receiver = None

    def abort(self, _: object) -> Abort:
        self.silence()
        return Abort.SUCCEEDED


class Reader:
    """Where a task sleeps that waits only for what a function does not deal with; whoever sends runs the function."""

    __slots__ = ("_busy", "error", "handled", "left", "pipes", "task")

    def __init__(self, task: trio.lowlevel.Task, pipes: tuple[Pipe, ...], handled: Callable[..., bool]) -> None:  # type: ignore[explicit-any]  # typed at the inbox
        self.task: trio.lowlevel.Task | None = task
        self.pipes = pipes
        self.handled = handled
        self.left: object = NOTHING
        self.error: Exception | None = None
        self._busy = False  # while the function runs

    async def wait(self) -> object:
        """Sleep until the function leaves an item, which is returned, or NOTHING if there is other news.

        What the function raised comes out here.
        """
        for pipe in self.pipes:
            pipe.refuse_second_receiver()
        for pipe in self.pipes:
            pipe.receive_with(self)
        try:
            await wait_task_rescheduled(self._abort)
        finally:
            error, self.error = self.error, None  # else the two would refer to each other
            if error is not None:
                raise error
        return self.left

    def takes(self, item: object, pipe: Pipe) -> bool:
        """Let the function look at an item that comes through a pipe; false if the item must wait, and was not counted.

        What the function itself sends here waits.
        """
        if self._busy:
            return False
        meter = pipe.meter
        if item.__class__ is not meter.kind:
            pipe.check_kind(item)
        meter.granted += 1
        meter.unpaused += 1
        self._busy = True
        try:
            handled = self.handled(item)
        except Exception as error:  # noqa: BLE001  # the fault of who receives: raised there, and none of the sender's
            self.error = error
            pipe.wake_receiver()
            return True
        self._busy = False
        if not handled:
            if self.task is None:  # cancelled meanwhile
                meter.granted -= 1
                return False
            self.left = item
            pipe.wake_receiver()
        return True

    def silence(self) -> None:
        """Leave every channel before the task runs again."""
        for pipe in self.pipes:
            pipe.receiver = None

    def _abort(self, _: object) -> Abort:
        self.silence()
        self.task = None
        return Abort.SUCCEEDED
