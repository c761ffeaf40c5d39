"""How long one waits for a provider: until it is open, gives something, is closed. Nothing waits for ever."""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final, TypeVar

import trio

from trialogue.engine._errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

T = TypeVar("T")

_log = logging.getLogger(__name__)

#: How long opening a provider may take, seconds: a big local model loads in that time, and nobody waits longer at a
#: telephone.
OPEN_S: Final = 10.0

#: How long closing it may take, seconds. A session closes two, one after the other, within its two seconds.
CLOSE_S: Final = 0.8


@contextlib.asynccontextmanager
async def patiently(
    opening: AbstractAsyncContextManager[T], *, name: str, open_s: float = OPEN_S, close_s: float = CLOSE_S
) -> AsyncGenerator[T, None]:
    """Open a provider, and close it, each within a deadline. A close that takes longer is cancelled, and logged.

    Args:
        opening: what `open()` of the provider gave.
        name: what the provider is, for messages, such as "the voice".
        open_s: how long opening may take, seconds.
        close_s: how long closing may take, seconds.

    Raises:
        ProviderError: opening took too long.
    """
    is_open = False
    with trio.CancelScope(deadline=trio.current_time() + open_s) as scope:
        async with opening as opened:
            is_open = True
            scope.deadline = math.inf
            try:
                yield opened
            finally:
                scope.deadline = trio.current_time() + close_s
    if not is_open:
        raise ProviderError(
            f"{name} could not be opened within {open_s:g} s; see whether its server or model can be reached",
            retryable=True,
        )
    if scope.cancelled_caught:
        _log.warning("%s was not closed after %g s; what it still held was cancelled", name, close_s)


async def take_each(
    pieces: AsyncIterable[T],
    take: Callable[[T], Awaitable[None]],
    *,
    first_s: float,
    next_s: float,
    late: str,
) -> None:
    """Take what a program's own iterable brings, each piece in time; it is closed at the end, however that comes.

    Args:
        pieces: what is asked for one piece after another. The time that taking one needs does not count.
        take: what is done with each.
        first_s: how long the first piece may take, seconds.
        next_s: how long each other one may take, seconds.
        late: the message where one takes longer, with `{waited_s:g}` for how long.

    Raises:
        ProviderError: nothing has come for too long.
    """
    asked = aiter(pieces)
    waited_s = first_s
    async with contextlib.AsyncExitStack() as stack:
        if isinstance(asked, AsyncGenerator):
            await stack.enter_async_context(contextlib.aclosing(asked))
        while True:
            with trio.move_on_after(waited_s) as waiting:
                try:
                    piece = await anext(asked)
                except StopAsyncIteration:
                    return
            if waiting.cancelled_caught:
                raise ProviderError(late.format(waited_s=waited_s))
            await take(piece)
            waited_s = next_s


#: A deadline that moves by less is left where it is, seconds: moving one costs some microseconds, and what comes in a
#: burst would move it for each piece.
_NEAR_S: Final = 0.001


def keep_to(scope: trio.CancelScope, patience: Patience) -> None:
    """Move a scope's deadline to that of the patience, unless it is there already, to the millisecond."""
    if not abs(scope.deadline - patience.deadline_s) < _NEAR_S:
        scope.deadline = patience.deadline_s


class Patience:
    """When a provider that gives something bit by bit has taken too long. Pure.

    Each bit must come in time; and all of them together must not fall further behind the listener than one may wait
    for a single bit. So a provider that dribbles is found out as well as one that is silent.

    Args:
        next_s: how long one may wait for the next bit, seconds.
        first_deadline_s: until when the first one must come, any clock in seconds.
    """

    __slots__ = ("_asked_s", "_credit_s", "deadline_s", "next_s")

    def __init__(self, *, next_s: float, first_deadline_s: float) -> None:
        self.next_s = next_s
        self._credit_s = next_s
        self._asked_s: float | None = None
        self.deadline_s = first_deadline_s

    def came(self, now_s: float) -> None:
        """A bit has come; nobody waits for the provider until `ask`."""
        if self._asked_s is not None:
            self._credit_s -= now_s - self._asked_s
        self.deadline_s = math.inf

    def ask(self, now_s: float, worth_s: float) -> None:
        """The next bit is wanted.

        Args:
            now_s: the time, seconds.
            worth_s: how long what came last keeps the listener busy, seconds.
        """
        self._credit_s = credit_s = self._credit_s + worth_s
        self._asked_s = now_s
        self.deadline_s = now_s + (self.next_s if credit_s >= self.next_s else max(0.0, credit_s))

    def passed_on(self, now_s: float, worth_s: float) -> None:
        """As `came` and `ask` in one: a bit has come, and was passed on at once."""
        if self._asked_s is not None:
            self._credit_s -= now_s - self._asked_s
        self.ask(now_s, worth_s)
