"""Calls that are made together: one run of a model for several sessions costs less than a run for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import attrs
import trio

from trialogue.engine import ProviderError
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

A = TypeVar("A")
R = TypeVar("R")


@define(eq=False)
class _Batch(Generic[A, R]):
    """Arguments that wait for a common run; one of each caller, so there are never more than callers."""

    arguments: list[A] = attrs.field(factory=list)
    results: Sequence[R] = ()
    error: Exception | None = None
    done: trio.Event = attrs.field(factory=trio.Event)


class Together(Generic[A, R]):
    """Gathers the calls of several callers for a moment, and makes them as one.

    The first caller waits, and then runs the function for all that have come meanwhile. Who completes the circle does
    not let them wait for longer.

    Args:
        run: makes of the arguments, in their order, as many results. Synchronous.
        within_s: how long the first may wait for others, seconds.
        worth: with so many callers a run for all costs less than the wait.
    """

    def __init__(self, run: Callable[[Sequence[A]], Sequence[R]], *, within_s: float, worth: int) -> None:
        self._run = run
        self._within_s = within_s
        self._worth = worth
        self._callers: set[Hashable] = set()
        self._batch: _Batch[A, R] = _Batch()

    @property
    def is_worth_it(self) -> bool:
        """Whether there are so many callers that they should call together."""
        return len(self._callers) >= self._worth

    def join(self, caller: Hashable) -> None:
        """Somebody will call again and again. May be repeated."""
        self._callers.add(caller)

    def leave(self, caller: Hashable) -> None:
        """And calls no more."""
        self._callers.discard(caller)

    async def call(self, argument: A) -> R:
        """What the function makes of this, together with what others hand in.

        Cancelled, it leaves the others their results.

        Raises:
            ProviderError: the function failed, for all of them; retryable.
        """
        batch = self._batch
        place = len(batch.arguments)
        batch.arguments.append(argument)
        if place + 1 >= len(self._callers):
            self._finish(batch)
        if place:
            await batch.done.wait()
        else:
            await self._lead(batch)
        if batch.error is not None:
            raise ProviderError(
                f"a model failed while it ran for {len(batch.arguments)} sessions at once: {batch.error}",
                retryable=True,
            ) from batch.error
        return batch.results[place]

    async def _lead(self, batch: _Batch[A, R]) -> None:
        try:
            with trio.move_on_after(self._within_s):
                await batch.done.wait()
        finally:
            self._finish(batch)  # even where this caller is cancelled: the others wait for it

    def _finish(self, batch: _Batch[A, R]) -> None:
        if batch.done.is_set():
            return
        self._batch = _Batch()
        try:
            batch.results = self._run(batch.arguments)
        except Exception as error:  # noqa: BLE001  # it is raised where each of them waits
            batch.error = error
        batch.done.set()
