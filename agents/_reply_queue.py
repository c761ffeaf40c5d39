"""The replies of a session: one speaks, the others wait in order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from trialogue.agents._events import ReplyKind
from trialogue.agents._reply import Reply
from trialogue.engine import Channel, ConfigurationError

if TYPE_CHECKING:
    from trialogue.actors import CommitTurn

#: Replies that may wait. More speech than that is not a conversation any more.
WAITING_REPLIES: Final = 32


class ReplyQueue:
    """Who speaks now and who next. One task takes; anybody asks."""

    def __init__(self) -> None:
        self._bell = Channel[None]("replies wait", capacity=1, overflow="latest")
        self._waiting: deque[Reply] = deque()
        self._asked = 0
        self.current: Reply | None = None

    @property
    def full(self) -> bool:
        """Whether no more may wait."""
        return len(self._waiting) >= WAITING_REPLIES

    @property
    def busy(self) -> bool:
        """Whether a reply speaks or waits."""
        return self.current is not None or bool(self._waiting)

    def ask_for(
        self, kind: ReplyKind, *, text: str = "", instructions: str = "", turn: CommitTurn | None = None
    ) -> Reply:
        """A new reply at the end of the queue. The answer to a turn always finds room.

        Raises:
            ConfigurationError: too many wait already.
        """
        if turn is None and self.full:
            raise ConfigurationError(
                f"{WAITING_REPLIES} replies wait to be spoken already; wait for one with `await reply.wait()`"
            )
        self._asked += 1
        reply = Reply(
            reply_id=f"reply {self._asked}",
            kind=kind,
            text=text,
            instructions=instructions,
            turn=turn,
        )
        self._waiting.append(reply)
        self._bell.outbox.send_nowait(None)
        return reply

    async def take(self) -> Reply:
        """The next reply, which then is the current one; for one task."""
        while not self._waiting:
            await self._bell.inbox.receive()
        self.current = self._waiting.popleft()
        return self.current

    def take_away_all(self) -> list[Reply]:
        """All replies that speak or wait, the one that speaks first; none waits afterwards."""
        all_of_them = [*([self.current] if self.current is not None else []), *self._waiting]
        self._waiting.clear()
        return all_of_them
