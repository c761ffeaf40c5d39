"""What holds for the sessions of every provider: they open, close, and leave nothing, however they end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import trio

from trialogue.engine.testing._cancelling import cancel_at_step
from trialogue.engine.testing._contract import need
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

SessionT = TypeVar("SessionT")
OpenedT_co = TypeVar("OpenedT_co", covariant=True)

#: More steps than any session has.
_NEVER: Final = 1 << 60

#: How long a session may take to close when it is cancelled, beyond twice what a whole one takes, seconds.
_CLOSING_S: Final = 2.0

#: How long before descriptors are counted, seconds: a test's own server lies in this process, and sees only a moment
#: later that a session has gone.
_SERVERS_CLOSE_S: Final = 0.05


class Provider(Protocol[OpenedT_co]):
    """What opens sessions."""

    def open(self) -> AbstractAsyncContextManager[OpenedT_co]:
        """What one session owns."""


@frozen(kw_only=True)
class Sessions(Generic[SessionT]):
    """A provider to be checked, and what its sessions are for.

    Args:
        make: makes the provider, always the same.
        use: does a typical piece of work in a session; gives back what came of it.
        repeatable: whether the same work in a new session gives exactly the same.
        cancels: at how many of its steps a session is cancelled, at most.
    """

    make: Callable[[], Provider[SessionT]]
    use: Callable[[SessionT], Awaitable[object]]
    repeatable: bool = True
    cancels: int = 40

    async def once(self) -> object:
        """Open a session, use it, close it."""
        async with self.make().open() as session:
            return await self.use(session)


class _OwnError(Exception):
    """Raised inside a session by whoever uses it."""


async def opens_and_closes(sessions: Sessions[SessionT]) -> None:
    """One provider opens any number of sessions, one after another, used or not."""
    provider = sessions.make()
    for _ in range(2):
        async with provider.open():
            pass
        async with provider.open() as session:
            await sessions.use(session)


async def works_again_in_the_same_session(sessions: Sessions[SessionT]) -> None:
    """A session can be used again and again."""
    async with sessions.make().open() as session:
        for _ in range(3):
            await sessions.use(session)


async def sessions_are_independent(sessions: Sessions[SessionT]) -> None:
    """Sessions of one provider do not disturb one another, side by side or when one ends."""
    alone = await sessions.once()
    results: list[object] = []
    provider = sessions.make()
    async with provider.open() as second:
        async with provider.open() as first, trio.open_nursery() as nursery:
            for session in (first, second):

                @nursery.start_soon
                async def use(session: SessionT = session) -> None:
                    results.append(await sessions.use(session))

        await sessions.use(second)
    if sessions.repeatable:
        need(results == [alone, alone], f"alone a session gave {_short(alone)}, side by side {_short(results)}")


async def errors_pass_through(sessions: Sessions[SessionT]) -> None:
    """What is raised inside a session comes out of it."""
    passed = False
    try:
        async with sessions.make().open() as session:
            await sessions.use(session)
            raise _OwnError
    except* _OwnError:
        passed = True
    need(passed, "the error was swallowed")


async def closes_when_cancelled(sessions: Sessions[SessionT]) -> None:
    """A session that is cancelled, at whatever step, ends at once, raises nothing and disturbs no later one."""
    expected = await sessions.once()
    began_s = trio.current_time()
    steps = await cancel_at_step(sessions.once, _NEVER)
    longest_s = 2 * (trio.current_time() - began_s) + _CLOSING_S
    for step in _chosen(steps, sessions.cancels):
        began_s = trio.current_time()
        await cancel_at_step(sessions.once, step)
        took_s = trio.current_time() - began_s
        need(took_s < longest_s, f"cancelled at step {step} of {steps}, it ended after {took_s:.1f} s")
    result = await sessions.once()
    need(not sessions.repeatable or result == expected, f"before cancels {_short(expected)}, then {_short(result)}")


async def leaves_nothing(sessions: Sessions[SessionT]) -> None:
    """Sessions leave no process and no file descriptor, also when they are cancelled."""
    await sessions.once()  # libraries and models that are loaded once and shared
    before = await _possessions()
    steps = await cancel_at_step(sessions.once, _NEVER)
    for step in _chosen(steps, 12):
        await cancel_at_step(sessions.once, step)
    await sessions.once()
    after = await _possessions()
    need(after[0] <= before[0], f"processes before: {before[0]}, afterwards: {after[0]}")
    need(after[1] <= before[1], f"file descriptors before: {before[1]}, afterwards: {after[1]}")


#: What everything else rests on: checked before a protocol's own rules.
OPENING_RULES: Final = (opens_and_closes, works_again_in_the_same_session)

#: Checked after a protocol's own rules.
LIFETIME_RULES: Final = (
    sessions_are_independent,
    errors_pass_through,
    closes_when_cancelled,
    leaves_nothing,
)


def _chosen(steps: int, most: int) -> list[int]:
    """Every step where there are few, else the first ones, where sessions open, and some of all others."""
    if steps <= most:
        return list(range(1, steps + 1))
    first = most // 3
    rest = most - first
    return [*range(1, first + 1), *(first + (steps - first) * index // rest for index in range(1, rest + 1))]


async def _possessions() -> tuple[int, int]:
    """How many child processes and open file descriptors this process has, where the system tells (Linux)."""
    await trio.sleep(_SERVERS_CLOSE_S)
    return _children_and_descriptors()


def _children_and_descriptors() -> tuple[int, int]:
    tasks, descriptors = Path("/proc/self/task"), Path("/proc/self/fd")
    if not descriptors.exists():
        return 0, 0
    children = sum(len(each.read_text().split()) for each in tasks.glob("*/children"))
    return children, len(os.listdir(descriptors))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
