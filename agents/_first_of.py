"""Waiting for the first of several things."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio


async def first_of(*waits: Callable[[], Awaitable[object]]) -> None:
    """Wait until the first of several has happened; the others are cancelled."""
    async with trio.open_nursery() as nursery:

        async def wait_for(wait: Callable[[], Awaitable[object]]) -> None:
            await wait()
            nursery.cancel_scope.cancel(reason="another one has happened")

        for wait in waits:
            nursery.start_soon(wait_for, wait)
