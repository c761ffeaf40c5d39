"""Making an actor fail at one of its awaits, in the actor's own task."""

from __future__ import annotations

import types
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import pytest

import trialogue.engine._graph as graph_module
from trialogue.engine._supervisor import Supervised, supervise

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Injected(Exception):
    """What an await raises instead of giving its result."""


@types.coroutine
def drive(
    coroutine: Coroutine[object, object, None], after_await: Callable[[], Exception | None]
) -> Generator[object, object, None]:
    """Run a coroutine; each await of it that has really waited may raise, once it is over, what `after_await` gives.

    That is what a fault looks like to the code: something that it awaited raises. What was cancelled stays cancelled.
    """
    result: object = None
    error: BaseException | None = None
    while True:
        try:
            trap = coroutine.send(result) if error is None else coroutine.throw(error)
        except StopIteration:
            return
        try:
            result = yield trap
        except BaseException as cancelled:  # noqa: ASYNC103, BLE001  # handed on to the coroutine
            error = cancelled
        else:
            error = after_await()


@attrs.define
class Awaits:
    """Counts what each actor awaits, by its name, and makes one await fail.

    Args:
        victim: the actor's name.
        at: which of its awaits fails, counted from 1 over all attempts and replies; 0 for none.
    """

    victim: str = ""
    at: int = 0
    counts: dict[str, int] = attrs.Factory(lambda: defaultdict(int))
    #: Whether it did.
    failed: bool = False

    @contextmanager
    def installed(self) -> Generator[None, None, None]:
        """While this is open, each graph's actors are driven so."""

        async def supervise_driven(actor: Supervised) -> None:
            await supervise(attrs.evolve(actor, start=self._driven(actor)))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(graph_module, "supervise", supervise_driven)
            yield

    def _driven(self, actor: Supervised) -> Callable[[], Awaitable[None]]:
        def after_await() -> Exception | None:
            self.counts[actor.name] += 1
            if actor.name == self.victim and self.counts[actor.name] == self.at:
                self.failed = True
                return Injected(f"await {self.at} of {actor.name}")
            return None

        async def start() -> None:
            coroutine = actor.start()
            assert isinstance(coroutine, types.CoroutineType)
            await drive(coroutine, after_await)

        return start
