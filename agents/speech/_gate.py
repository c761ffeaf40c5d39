"""The gate before the speaker: the one place that says whether a reply may begin to sound now."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import trio

from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents.speech._reply import Reply


#: Who keeps the gate shut: the turn policy, since the user speaks; the program; or that it is not known who answers.
Keeper = Literal["policy", "program", "callee"]


class Gate:
    """Shut while the user speaks or the program wants it, and for a moment after each reply."""

    def __init__(self) -> None:
        self._shut: set[Keeper] = set()
        self._opened = trio.Event()
        self._rests_until_s = -math.inf

    @property
    def is_open(self) -> bool:
        """Whether something may begin to sound now."""
        return not self._shut and trio.current_time() >= self._rests_until_s

    @property
    def is_kept_shut(self) -> bool:
        """Whether somebody keeps it shut."""
        return bool(self._shut)

    def shut(self, keeper: Keeper) -> None:
        """Let nothing begin to sound."""
        self._shut.add(keeper)

    def open(self, keeper: Keeper) -> None:
        """Let it, as far as this one is concerned."""
        self._shut.discard(keeper)
        if not self._shut:
            self._opened.set()
            self._opened = trio.Event()

    def rest_until(self, at_s: float) -> None:
        """Let nothing begin to sound before a moment on Trio's clock, seconds."""
        self._rests_until_s = at_s

    async def wait_open(self) -> None:
        """Wait until something may begin to sound."""
        while not self.is_open:
            if self._shut:
                await self._opened.wait()
            else:
                await trio.sleep_until(self._rests_until_s)

    def for_reply(self, reply: Reply) -> _ReplyGate:
        """The gate as one reply sees it: before it was announced, it is shut."""
        return _ReplyGate(self, reply)


@frozen
class _ReplyGate:
    """See actors.PlayoutGate."""

    _gate: Gate
    _reply: Reply

    @property
    def is_open(self) -> bool:
        return self._reply.announced.is_set() and self._gate.is_open

    async def wait_open(self) -> None:
        await self._reply.announced.wait()
        await self._gate.wait_open()
