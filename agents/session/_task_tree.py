"""Which task of Trio has begun which: who waits for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from collections.abc import Iterator


def outer_tasks(task: trio.lowlevel.Task | None = None) -> Iterator[trio.lowlevel.Task]:
    """A task (this one), the one that has begun it and waits for it, and so on."""
    task = task or trio.lowlevel.current_task()
    while task is not None:
        yield task
        task = None if task.parent_nursery is None else task.parent_nursery.parent_task
