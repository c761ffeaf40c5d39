"""Living with asyncio: its coroutines called from Trio, and Trio's from a program that runs on asyncio.

Asyncio is imported by the functions that need it: most programs never do, and it takes as long as much of the rest.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final, Generic, TypeVar, TypeVarTuple, Unpack

import attrs
import outcome
import trio

from trialogue.engine._clock import TimeHold, hold_virtual_time
from trialogue.engine._errors import ConfigurationError
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

#: How long a coroutine may take to end after it was cancelled, seconds; then nobody waits for it any more.
_POLITE_END_S: Final = 2.0

#: The hold of the call from Trio in which a coroutine of asyncio runs.
_hold: contextvars.ContextVar[TimeHold | None] = contextvars.ContextVar(
    "trialogue hold of an asyncio call", default=None
)


class AsyncioLoop:
    """An asyncio loop for what was written for asyncio.

    Made by `open_asyncio_loop`, in a thread of its own; or that of a program on asyncio, as `TrioHost.asyncio`. Objects
    that belong to the loop, such as a pool of connections, are made through `run` as well.
    """

    def __init__(self, nursery: trio.Nursery, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._nursery = nursery
        self._loop = loop
        self._is_over = False
        self._token = trio.lowlevel.current_trio_token()

    @property
    def trio(self) -> TrioHost:
        """The way back, for coroutines that `run` runs: `await loop.trio.run_sync(session.say, "One moment.")`."""
        return TrioHost(self._nursery, self._token, self)

    async def run(self, function: Callable[[Unpack[Ts]], Awaitable[T]], *args: *Ts) -> T:
        """Call a coroutine function on the loop, and wait for what it returns.

        Cancelled, it cancels the asyncio task and waits for its end, 2 s at most. On a virtual clock no time passes
        while it runs, but for what it awaits of Trio's. Context variables are seen by the function as they are here.

        Raises:
            Exception: whatever the function raises.
            ConfigurationError: it was cancelled on the side of asyncio, or the loop is closed, or was meanwhile.
        """
        loop = self._started()
        call = _Call(loop=loop, token=trio.lowlevel.current_trio_token(), begin=functools.partial(function, *args))
        hold, context = TimeHold(), contextvars.copy_context()
        context.run(_hold.set, hold)
        loop.call_soon_threadsafe(call.start, context=context)
        with hold.held():
            try:
                await call.over.wait()
            except trio.Cancelled:
                loop.call_soon_threadsafe(call.cancel)
                # Bounded: `cancel` sets a timer on the loop. What it awaits of Trio ends with it: no time passes now.
                with hold_virtual_time(), trio.CancelScope(shield=True):
                    await call.over.wait()
                raise
        assert call.result is not None
        return call.result.unwrap()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._is_over:
            raise ConfigurationError(
                "this loop for asyncio is closed; call it while the session, or its context, lasts"
            )
        if self._loop is None:
            import asyncio

            self._loop = asyncio.new_event_loop()
            self._nursery.start_soon(_run_in_thread, self._loop, name="asyncio loop")
        return self._loop

    def _stop(self) -> bool:
        """End the loop, its tasks first; it takes 2 s at most. False: it had never started."""
        self._is_over = True
        if self._loop is None:
            return False
        self._loop.call_soon_threadsafe(_end, self._loop)
        return True


@contextlib.asynccontextmanager
async def open_asyncio_loop() -> AsyncGenerator[AsyncioLoop, None]:
    """A loop for asyncio code. Its thread starts with the first call, and has ended when this is left."""
    with contextlib.ExitStack() as until_ended:
        async with trio.open_nursery() as nursery:
            loop = AsyncioLoop(nursery)
            try:
                yield loop
            finally:
                if loop._stop():
                    until_ended.enter_context(hold_virtual_time())


async def _run_in_thread(loop: asyncio.AbstractEventLoop) -> None:
    # A limiter of its own: it must not use up one of the threads that everybody shares.
    await trio.to_thread.run_sync(_run_loop, loop, limiter=trio.CapacityLimiter(1))


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    with contextlib.closing(loop):
        loop.run_forever()
        loop.run_until_complete(loop.shutdown_asyncgens())


def _end(loop: asyncio.AbstractEventLoop) -> None:
    import asyncio

    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if not tasks:
        loop.stop()
        return

    def one_less(task: asyncio.Task[object]) -> None:
        tasks.discard(task)
        if not tasks:
            loop.stop()

    for task in tuple(tasks):
        task.add_done_callback(one_less)
    loop.call_later(_POLITE_END_S, loop.stop)


@define(kw_only=True, eq=False)
class _Call(Generic[T]):
    """One call. But for `over`, it lives on the thread of the loop.

    Args:
        loop: where it runs.
        token: of the Trio run that waits.
        begin: makes the coroutine.
    """

    loop: asyncio.AbstractEventLoop
    token: trio.lowlevel.TrioToken
    begin: Callable[[], Awaitable[T]]
    over: trio.Event = attrs.Factory(trio.Event)
    result: outcome.Outcome[T] | None = None
    _task: asyncio.Task[T] | None = None

    def start(self) -> None:
        """Begin it."""
        self._task = self.loop.create_task(self._run())
        self._task.add_done_callback(self._done)

    def cancel(self) -> None:
        """End it; after 2 s as if it had ended."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            self.loop.call_later(_POLITE_END_S, self._end, outcome.Error(self._cancelled("does not end")))

    async def _run(self) -> T:
        return await self.begin()

    def _done(self, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            self._end(outcome.Error(self._cancelled("was cancelled")))
        elif (error := task.exception()) is not None:
            self._end(outcome.Error(error))
        else:
            self._end(outcome.Value(task.result()))

    def _cancelled(self, what: str) -> ConfigurationError:
        return ConfigurationError(f"the asyncio call of {self.begin.func.__qualname__} {what} on the side of asyncio")  # type: ignore[attr-defined]  # a partial

    def _end(self, result: outcome.Outcome[T]) -> None:
        if self.result is None:
            self.result = result
            with contextlib.suppress(trio.RunFinishedError):
                self.token.run_sync_soon(self.over.set)


class TrioHost:
    """Runs what is Trio's, such as sessions, for code that runs on asyncio.

    Made by `open_trio` for a program on asyncio: Trio is a guest in its thread there, so what is synchronous, such as
    `session.say`, may be called at once. Or it is `AsyncioLoop.trio`, the way back from another thread, from where
    everything goes through here.
    """

    def __init__(self, nursery: trio.Nursery, token: trio.lowlevel.TrioToken, asyncio: AsyncioLoop) -> None:
        self._nursery = nursery
        self._token = token
        self._asyncio = asyncio

    @property
    def asyncio(self) -> AsyncioLoop:
        """The loop on which the calling code runs; for `Session(asyncio=...)`, so that hooks and tools share it."""
        return self._asyncio

    async def run(self, function: Callable[[Unpack[Ts]], Awaitable[T]], *args: *Ts) -> T:
        """Run a Trio function, and await what it returns; for asyncio's side.

        Cancelled by asyncio, it cancels the function and waits for its end.

        Raises:
            Exception: whatever the function raises.
            ConfigurationError: Trio's side is closed.
        """
        import asyncio

        loop = asyncio.get_running_loop()
        over: asyncio.Future[outcome.Outcome[T]] = loop.create_future()
        visit = _Visit(
            begin=functools.partial(function, *args), end=functools.partial(_deliver, loop, over), hold=_hold.get()
        )

        def begin() -> None:
            if self._nursery.cancel_scope.cancel_called:
                visit.end(outcome.Error(_closed()))
            else:
                self._nursery.start_soon(visit.run, name=function)

        try:
            self._token.run_sync_soon(begin)
        except trio.RunFinishedError:
            raise _closed() from None
        try:
            return (await asyncio.shield(over)).unwrap()
        except asyncio.CancelledError:
            if not over.done():
                self._token.run_sync_soon(visit.scope.cancel)
                await asyncio.wait([over])  # noqa: ASYNC102  # on asyncio's side, which knows no shields
            raise

    async def run_sync(self, function: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
        """Like `run`, but for a function that is not async, such as `session.say`."""

        async def call() -> T:
            await trio.lowlevel.checkpoint()
            return function(*args)

        return await self.run(call)

    def _close(self) -> None:
        self._token.run_sync_soon(self._nursery.cancel_scope.cancel)


@define(kw_only=True, eq=False)
class _Visit(Generic[T]):
    """A function that runs on Trio's side for asyncio's.

    Args:
        begin: calls it.
        end: tells what came of it.
        hold: of the call from Trio in which it is awaited, if there is one: that waits for Trio now.
    """

    begin: Callable[[], Awaitable[T]]
    end: Callable[[outcome.Outcome[T]], None]
    hold: TimeHold | None
    scope: trio.CancelScope = attrs.Factory(trio.CancelScope)

    async def run(self) -> None:
        """Run it, and tell."""
        result: outcome.Outcome[T] = outcome.Error(_closed())
        try:
            with contextlib.nullcontext() if self.hold is None else self.hold.visits_trio(), self.scope:
                try:
                    result = outcome.Value(await self.begin())
                except Exception as error:  # noqa: BLE001  # it belongs to who called, on the other side
                    result = outcome.Error(error)
        finally:
            self.end(result)


def _deliver(
    loop: asyncio.AbstractEventLoop, over: asyncio.Future[outcome.Outcome[T]], result: outcome.Outcome[T]
) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: who called was left behind
        loop.call_soon_threadsafe(over.set_result, result)


def _closed() -> ConfigurationError:
    return ConfigurationError("the host of Trio is closed; run sessions inside `async with open_trio() as host:`")


@contextlib.asynccontextmanager
async def open_trio() -> AsyncGenerator[TrioHost, None]:
    """Let Trio run in this asyncio program; for asyncio's side. One at a time in a thread.

    Leaving it cancels what runs there, and waits for its end.

    For a web application on asyncio: enter it in the application's lifespan, and run sessions by `host.run`.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    ready: asyncio.Future[TrioHost] = loop.create_future()
    over: asyncio.Future[outcome.Outcome[None]] = loop.create_future()

    async def hold() -> None:
        async with trio.open_nursery() as nursery:
            ready.set_result(AsyncioLoop(nursery, loop).trio)
            await trio.sleep_forever()

    trio.lowlevel.start_guest_run(
        hold,
        run_sync_soon_threadsafe=loop.call_soon_threadsafe,
        run_sync_soon_not_threadsafe=loop.call_soon,
        done_callback=over.set_result,
        host_uses_signal_set_wakeup_fd=True,
    )
    host = await ready
    try:
        yield host
    finally:
        host._close()
        (await over).unwrap()  # noqa: ASYNC102  # on asyncio's side, which knows no shields
