"""Opening and giving back, counted: what a session took from a provider, it must return."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal, Protocol

import attrs
import trio

from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Generator

    from trialogue.engine import Pacer, ProviderError


@frozen(kw_only=True)
class LeaseStatistics:
    """How often a fake was opened.

    Args:
        opened: how often in all.
        open_now: how many of these were not given back yet.
    """

    opened: int
    open_now: int


@define(kw_only=True, eq=False)
class Leases:
    """The opens of one fake provider.

    Args:
        error: what opening raises; None lets it succeed.
    """

    error: ProviderError | None = None
    _opened: int = attrs.field(default=0, init=False)
    _open_now: int = attrs.field(default=0, init=False)

    @contextlib.contextmanager
    def lease(self) -> Generator[None, None, None]:
        """One opening. Raises the error that was set."""
        if self.error is not None:
            raise self.error
        self._opened += 1
        self._open_now += 1
        try:
            yield
        finally:
            self._open_now -= 1

    def statistics(self) -> LeaseStatistics:
        """How often it was opened, and is now."""
        return LeaseStatistics(opened=self._opened, open_now=self._open_now)


StreamEnd = Literal["complete", "left", "cancelled", "failed"]


class StreamRecord(Protocol):
    """Where the end of an answer or a sentence is noted."""

    ended_s: float | None
    end: StreamEnd | None


def note_the_end(record: StreamRecord, error: BaseException | None) -> None:
    """A reader is done with a stream; unless it says itself how it ended, the reader has left, or was cancelled."""
    record.ended_s = trio.current_time()
    if isinstance(error, trio.Cancelled):
        record.end = "cancelled"
    record.end = record.end or "left"


async def sleep_until(at_s: float, pacer: Pacer | None = None) -> None:
    """Sleep until a moment on Trio's clock; one that has passed is only a checkpoint."""
    if at_s <= trio.current_time():
        await trio.lowlevel.checkpoint()
    elif pacer is None:
        await trio.sleep_until(at_s)
    else:
        await pacer.sleep_until(at_s)
