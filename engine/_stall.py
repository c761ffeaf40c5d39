"""Finding code that blocks the loop: which line, and for how long.

A task notes the time again and again; a thread looks at the note. When the note is old, the loop is stuck, and the
thread reads from the interpreter where. Meant for the real clock: on a virtual one, offloaded work runs on the loop
on purpose.
"""

from __future__ import annotations

import contextlib
import linecache
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

import trio

from trialogue.engine._errors import ConfigurationError
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from types import FrameType

#: How long the loop may be busy with one step before that is a stall, seconds: five frames of audio.
STALL_S: Final = 0.1

#: The frames of a stack that are worth telling.
_DEPTH: Final = 12


@frozen(kw_only=True)
class Stall:
    """That the loop was blocked.

    Args:
        blocked_s: for how long, seconds.
        where: "FILE:LINE in FUNCTION" of the code that ran while it was stuck.
        stack: the same for all callers, innermost first.
    """

    blocked_s: float
    where: str
    stack: tuple[str, ...]


class _Watch:
    """What the task and the thread share."""

    def __init__(self, stall_s: float) -> None:
        self.stall_s = stall_s
        self.loop_thread = threading.get_ident()
        self.beat_s = time.perf_counter()
        self.caught: tuple[str, ...] = ()
        self.over = threading.Event()

    def look(self) -> None:
        """The thread's work, until it is over."""
        while not self.over.wait(self.stall_s / 4):
            if not self.caught and time.perf_counter() - self.beat_s > self.stall_s:
                frame = sys._current_frames().get(self.loop_thread)  # the documented way to see another thread's stack
                self.caught = () if _waits_for_events(frame) else _describe(frame)


def _waits_for_events(frame: FrameType | None) -> bool:
    """Whether the loop is idle: then the machine gave this process no time, and no code is to blame."""
    return (
        frame is not None and frame.f_code.co_name == "get_events" and frame.f_globals["__name__"].startswith("trio.")
    )


def _describe(frame: FrameType | None) -> tuple[str, ...]:
    lines: list[str] = []
    while frame is not None and len(lines) < _DEPTH:
        code = frame.f_code
        source = linecache.getline(code.co_filename, frame.f_lineno).strip()
        lines.append(f"{code.co_filename}:{frame.f_lineno} in {code.co_qualname}: {source}")
        frame = frame.f_back
    return tuple(lines)


@contextlib.asynccontextmanager
async def watch_for_stalls(report: Callable[[Stall], None], *, stall_s: float = STALL_S) -> AsyncGenerator[None, None]:
    """Report code that blocks the loop while the context is open.

    Args:
        report: called on the loop, once it is free again, with each stall.
        stall_s: what counts as one, seconds.

    Raises:
        ConfigurationError: `stall_s` is not positive.
    """
    if stall_s <= 0:
        raise ConfigurationError(f"stall_s must be positive, not {stall_s}")
    watch = _Watch(stall_s)
    thread = threading.Thread(target=watch.look, name="trialogue stall watch", daemon=True)
    thread.start()
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_beat, watch, report, name="stall watch")
            yield
            nursery.cancel_scope.cancel(reason="nobody watches for stalls any more")
    finally:
        watch.over.set()
        thread.join()


async def _beat(watch: _Watch, report: Callable[[Stall], None]) -> None:
    while True:
        await trio.sleep(watch.stall_s / 2)
        now_s = time.perf_counter()
        blocked_s = now_s - watch.beat_s
        watch.beat_s = now_s
        if watch.caught:
            stack, watch.caught = watch.caught, ()
            report(Stall(blocked_s=blocked_s, where=stack[0], stack=stack))
