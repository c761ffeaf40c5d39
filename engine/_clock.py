"""Time, and the one way to run a program of actors: for real, or on a virtual clock with a seed.

Only this module touches Trio's scheduling internals, and only this module and `_offload` know whether time is
virtual. `tests/engine/test_clock.py` holds the canary that fails when a new Trio moves those names.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack

import trio

from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trio.testing import MockClock

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@frozen(kw_only=True)
class VirtualTime:
    """Run as fast as the machine can: time passes only while every task waits.

    Args:
        seed: decides the order in which Trio runs tasks that are ready at the same moment; the same seed gives the
            same order in every process.
    """

    seed: int = 0


def run(
    main: Callable[[Unpack[Ts]], Awaitable[T]],
    *args: *Ts,
    virtual: VirtualTime | None = None,
) -> T:
    """Run an async program to its end, on the real clock or on a virtual one.

    Like `trio.run`, but with `virtual` the program is deterministic: the same inputs and seed give the same log.
    """
    if virtual is None:
        return trio.run(main, *args)
    from trio.testing import MockClock  # pulls in pytest where that is installed, so only when it is needed

    clock = MockClock(autojump_threshold=0)
    with _deterministic_scheduling(virtual.seed):
        return trio.run(main, *args, clock=clock)


@contextlib.contextmanager
def _deterministic_scheduling(seed: int) -> Generator[None, None, None]:
    """Make Trio's run order a function of the seed.

    Trio shuffles each batch of ready tasks, and breaks ties of deadlines by object address. Its switch for
    deterministic scheduling sorts both, and its private generator then decides the shuffle.
    """
    core: Any = sys.modules["trio._core._run"]  # type: ignore[explicit-any]  # private names of a module
    before, state = core._ALLOW_DETERMINISTIC_SCHEDULING, core._r.getstate()
    core._ALLOW_DETERMINISTIC_SCHEDULING = True
    core._r.seed(seed)
    try:
        yield
    finally:
        core._ALLOW_DETERMINISTIC_SCHEDULING = before
        core._r.setstate(state)


def virtual_clock() -> MockClock | None:
    """The virtual clock that this program runs on, or None on the real one. Only clock and offload may ask."""
    testing = sys.modules.get("trio.testing")
    if testing is None:
        return None
    clock = trio.lowlevel.current_clock()
    return clock if isinstance(clock, testing.MockClock) else None


#: How many holds are open in this run, and the clock's threshold to return to after the last one, seconds.
_holds: trio.lowlevel.RunVar[tuple[int, float]] = trio.lowlevel.RunVar("trialogue virtual-time holds", (0, 0.0))


@contextlib.contextmanager
def hold_virtual_time() -> Generator[None, None, None]:
    """Keep virtual time from jumping while something outside Trio (a thread, a process, a socket) works.

    Trio's autojump sees only its own tasks: it would let a deadline pass although the answer is on its way.
    Holds are counted, so they may overlap in any order. On the real clock this does nothing.
    """
    with TimeHold().held():
        yield


class TimeHold:
    """One such hold, for what may itself have to wait for something on Trio's side: no time is held meanwhile."""

    def __init__(self) -> None:
        self._clock = virtual_clock()
        self._is_held = False
        self._visits = 0

    @contextlib.contextmanager
    def held(self) -> Generator[None, None, None]:
        """Hold; once."""
        self._is_held = True
        self._count(+1)
        try:
            yield
        finally:
            self._is_held = False
            if not self._visits:
                self._count(-1)

    @contextlib.contextmanager
    def visits_trio(self) -> Generator[None, None, None]:
        """What it is for waits for Trio's side; in several places at once, perhaps."""
        self._visits += 1
        if self._is_held and self._visits == 1:
            self._count(-1)
        try:
            yield
        finally:
            self._visits -= 1
            if self._is_held and not self._visits:
                self._count(+1)

    def _count(self, change: int) -> None:
        if self._clock is None:
            return
        count, threshold_s = _holds.get()
        if not count:
            threshold_s = self._clock.autojump_threshold
        _holds.set((count + change, threshold_s))
        self._clock.autojump_threshold = math.inf if count + change else threshold_s
