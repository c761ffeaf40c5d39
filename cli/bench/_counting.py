"""Counts that do not depend on the machine: changes of task, hops through channels, calls of functions, memory kept.

On the virtual clock, with a seed, they are the same on every run of the same Python.
"""

from __future__ import annotations

import contextlib
import gc
import sys
import tracemalloc
from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, Final

import attrs
import trio

from trialogue.engine import Channel, VirtualTime, run
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from types import FrameType

_SEED: Final = 1

#: An async program that calls what it is given when all is done and nothing of it is gone yet.
Program = Callable[[Callable[[], None]], Awaitable[None]]


@frozen(kw_only=True)
class Counts:
    """What a program needed.

    Args:
        task_switches: how often Trio ran a task until it waited again.
        hops: items that went through channels.
        calls: Python functions that were called, and coroutines that went on.
        kept_blocks: pieces of memory that it held at its end and not before, cycles that wait for the collector
            included.
        peak_kb: the most memory that it held more than at its beginning, kB.
    """

    task_switches: float
    hops: float
    calls: float
    kept_blocks: float
    peak_kb: float

    def less(self, other: Counts) -> Counts:
        """The difference to another program."""
        return self._with(other, lambda mine, theirs: mine - theirs)

    def each(self, number: float) -> Counts:
        """A part of it."""
        return self._with(self, lambda mine, _: mine / number)

    def times(self, number: float) -> Counts:
        """Several of it."""
        return self.each(1 / number)

    def figures(self) -> dict[str, float]:
        """By name."""
        return {name: round(value, 3) for name, value in attrs.asdict(self).items()}

    def _with(self, other: Counts, combine: Callable[[float, float], float]) -> Counts:
        mine, theirs = attrs.asdict(self), attrs.asdict(other)
        return Counts(**{name: combine(mine[name], theirs[name]) for name in mine})


class SwitchCounter(trio.abc.Instrument):
    """Counts how often Trio runs a task."""

    def __init__(self) -> None:
        self.switches = 0

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """One more."""
        del task
        self.switches += 1


def count(program: Program) -> Counts:
    """Run a program on the virtual clock and count; three times, the first to load and keep what the others need."""
    run(program, _nothing, virtual=VirtualTime(seed=_SEED))
    switches, hops, calls = _work(program)
    kept_blocks, peak_kb = _memory(program)
    return Counts(task_switches=switches, hops=hops, calls=calls, kept_blocks=kept_blocks, peak_kb=peak_kb)


def _nothing() -> None:
    pass


def _work(program: Program) -> tuple[int, int, int]:
    counter = SwitchCounter()
    calls = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        del frame, argument
        nonlocal calls
        calls += event == "call"

    async def main() -> None:
        trio.lowlevel.add_instrument(counter)
        sys.setprofile(note)
        try:
            await program(lambda: sys.setprofile(None))
        finally:
            sys.setprofile(None)

    with all_channels() as channels:
        run(main, virtual=VirtualTime(seed=_SEED))
    return counter.switches, sum(channel.statistics().sent for channel in channels), calls


def _memory(program: Program) -> tuple[int, float]:
    async def main() -> tuple[int, float]:
        found = (0, 0.0)
        began = sys.getallocatedblocks()
        tracemalloc.start()

        def at_end() -> None:
            nonlocal found
            found = sys.getallocatedblocks() - began, tracemalloc.get_traced_memory()[1] / 1e3
            tracemalloc.stop()

        await program(at_end)
        return found

    gc.collect()
    with _without_collector():
        return run(main, virtual=VirtualTime(seed=_SEED))


@contextlib.contextmanager
def _without_collector() -> Generator[None, None, None]:
    """When it would run depends on what went before; and what it would free is to be counted."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
        gc.collect()


@contextlib.contextmanager
def all_channels() -> Generator[list[Channel[Any]], None, None]:  # type: ignore[explicit-any]  # of every kind
    """Every channel that is made meanwhile, those of replies that are over included.

    A graph tells of its own channels alone, and each reply has a graph of its own.
    """
    channels: list[Channel[Any]] = []  # type: ignore[explicit-any]  # as above
    make = Channel.__init__

    def make_and_note(channel: Channel[Any], *args: Any, **kwargs: Any) -> None:  # type: ignore[explicit-any]  # as above
        make(channel, *args, **kwargs)
        channels.append(channel)

    Channel.__init__ = make_and_note  # type: ignore[method-assign,assignment]  # taken back below
    try:
        yield channels
    finally:
        Channel.__init__ = make  # type: ignore[method-assign]  # as it was
