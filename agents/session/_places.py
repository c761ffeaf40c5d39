"""Places: where each of a session's models plays, so that another one can take over in the middle of a call."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import attrs
import trio

from trialogue.agents.events._requests import model_name
from trialogue.engine import ConfigurationError, patiently
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

_log = logging.getLogger(__name__)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Opens(Protocol[T_co]):
    """Any provider: what it gives to a session is opened."""

    def open(self) -> AbstractAsyncContextManager[T_co]:
        """What one session owns. Raises ProviderError."""


@define(eq=False)
class Held(Generic[T]):
    """A model that is open: until it is retired, and the last that uses it is done.

    Args:
        opened: what opening it gave.
        model: its name.
    """

    opened: T
    model: str
    _users: int = attrs.field(default=0, init=False)
    _retired: bool = attrs.field(default=False, init=False)
    #: It may be closed.
    free: trio.Event = attrs.field(factory=trio.Event, init=False)

    def borrow(self) -> None:
        """Somebody uses it."""
        self._users += 1

    def give_back(self) -> None:
        """Who used it is done."""
        self._users -= 1
        self._free_if_unused()

    def retire(self) -> None:
        """Nobody else will use it."""
        self._retired = True
        self._free_if_unused()

    def _free_if_unused(self) -> None:
        if self._retired and not self._users:
            self.free.set()


@frozen(eq=False)
class Move(Generic[T]):
    """A change of who plays at a place, prepared: to be taken or dropped.

    Args:
        place: where.
        provider: who is to play; None for nobody.
        held: what was opened for that; None where nobody plays, or the same one plays on.
    """

    place: Place[T]
    provider: Opens[T] | None
    held: Held[T] | None

    def take(self) -> None:
        """Make the change. Synchronous."""
        if self.held is not None or self.provider is not self.place.provider:
            self.place.put(self.provider, self.held)

    def drop(self) -> None:
        """Leave all as it is: close what was opened. Synchronous."""
        if self.held is not None:
            self.held.retire()


class Place(Generic[T]):
    """A model of a session that is borrowed: by one reply after another.

    Args:
        what: what plays here, for messages, such as "the voice".
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.provider: Opens[T] | None = None
        self.held: Held[T] | None = None

    async def prepare(self, provider: Opens[T] | None, nursery: trio.Nursery, *, anew: bool = False) -> Move[T]:
        """Open who is to play here, unless it does already.

        Args:
            provider: who; None for nobody.
            nursery: where it is held open.
            anew: open it even then.

        Raises:
            ProviderError: it could not be opened.
        """
        if provider is None or (provider is self.provider and not anew):
            return Move(self, provider, None)
        return Move(self, provider, await nursery.start(_hold, provider, self.what))

    def put(self, provider: Opens[T] | None, held: Held[T] | None) -> None:
        """Let somebody else play from now on; who did is closed when nobody uses it any more. Synchronous."""
        before, self.held = self.held, held
        self.provider = provider
        if before is not None:
            before.retire()

    def close(self) -> None:
        """Nobody plays any more, or will."""
        if self.held is not None:
            self.held.free.set()


class Listener(Place[T]):
    """A model that an actor of the session's graph uses all the time. The actor opens it here.

    It is opened anew when the actor fails and is started again. Only one that takes over from another is opened before,
    so that a change that cannot be made changes nothing.

    Args:
        what: see Place.
        provider: who listens first; None for nobody.
        may_join: whether somebody may listen later, though nobody does at first.
    """

    def __init__(self, what: str, provider: Opens[T] | None, *, may_join: bool = False) -> None:
        super().__init__(what)
        self.provider = provider
        #: An actor is needed.
        self.is_wanted = provider is not None or may_join
        #: There is an actor that would use it.
        self.has_actor = False
        self._attempt = trio.CancelScope()

    async def prepare(self, provider: Opens[T] | None, nursery: trio.Nursery, *, anew: bool = False) -> Move[T]:
        """As Place.prepare.

        Raises:
            ConfigurationError: no actor is there that could use it.
        """
        if provider is not None and not self.has_actor:
            raise ConfigurationError(
                f"{self.what} cannot join in the middle of this session, which was begun without; give it one in "
                f"Models from the beginning: an agent that does not want it switches it off, as in Agent(stt=OFF)"
            )
        return await super().prepare(provider, nursery, anew=anew)

    def put(self, provider: Opens[T] | None, held: Held[T] | None) -> None:
        """As Place.put; the actor begins anew with it, at its next step."""
        super().put(provider, held)
        self._attempt.cancel(reason=f"{self.what} is replaced")

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[T, None]:
        """For the actor: who listens now, open."""
        held, self.held = self.held, None
        if held is None:
            assert self.provider is not None
            async with self.provider.open() as opened:
                yield opened
            return
        try:
            yield held.opened
        finally:
            held.retire()

    async def attend(self, work: Callable[[], Awaitable[None]], rest: Callable[[], Awaitable[None]]) -> None:
        """Be the actor: work while somebody listens here, and rest while nobody does, until one of both returns.

        Args:
            work: opens this place, and uses what that gives.
            rest: takes what comes, so that nobody waits.
        """
        while True:
            self._attempt = scope = trio.CancelScope()
            with scope:
                await (rest() if self.provider is None else work())
            if not scope.cancelled_caught:
                return


async def _hold(provider: Opens[T], what: str, *, task_status: trio.TaskStatus[Held[T]]) -> None:  # noqa: ASYNC114  # started in one place
    held: Held[T] | None = None
    try:
        async with patiently(provider.open(), name=what) as opened:
            held = Held(opened, model_name(provider))
            task_status.started(held)
            del task_status  # it would keep the nursery that this task was started from
            await held.free.wait()
    except Exception:  # what nobody needs any more must not end the call
        if held is None or not held.free.is_set():
            raise
        _log.warning("%s, which nobody needs any more, could not be closed", what, exc_info=True)
