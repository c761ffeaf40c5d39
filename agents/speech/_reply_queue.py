"""The replies of a session: one speaks, the others wait in order."""

from __future__ import annotations

from typing import Final

from trialogue.agents.speech._reply import Asked, Priority, Reply, Speaker
from trialogue.engine import Channel, ConfigurationError

#: Replies that may wait. More speech than that is not a conversation any more.
WAITING_REPLIES: Final = 32

#: What is said first; the one that was prepared while nobody spoke comes before all.
_RANKS: Final[dict[Priority, int]] = {"high": 1, "normal": 2, "low": 3}
_FIRST: Final = 0


class ReplyQueue:
    """Who speaks now and who next. One task takes; anybody asks."""

    def __init__(self) -> None:
        self._bell = Channel[None]("replies wait", capacity=1, overflow="latest")
        self._waiting: list[tuple[int, int, Reply]] = []
        self._made = 0
        #: How many replies have been asked for so far.
        self.asked = 0
        self._turns_held = False
        self.current: Reply | None = None

    @property
    def full(self) -> bool:
        """Whether no more may wait."""
        return len(self._waiting) >= WAITING_REPLIES

    @property
    def busy(self) -> bool:
        """Whether a reply speaks or waits."""
        return self.current is not None or bool(self._waiting)

    def make(self, asked: Asked, speaker: Speaker) -> Reply:
        """A reply with an id of its own, not in the queue yet."""
        self._made += 1
        return Reply(reply_id=f"reply {self._made}", asked=asked, speaker=speaker)

    def put(self, reply: Reply, *, first: bool = False) -> None:
        """Let a reply wait for its turn. The answer to a turn always finds room.

        Args:
            reply: the reply.
            first: whether before all others.

        Raises:
            ConfigurationError: too many wait already.
        """
        if reply.turn is None and self.full:
            raise ConfigurationError(
                f"{WAITING_REPLIES} replies wait to be spoken already; wait for one with `await reply.wait()`"
            )
        self.asked += 1
        self._waiting.append((_FIRST if first else _RANKS[reply.asked.priority], self.asked, reply))
        self._bell.outbox.send_nowait(None)

    async def take(self) -> Reply:
        """The next reply, which then is the current one; for one task."""
        while (reply := self._first) is None:
            await self._bell.inbox.receive()
        self.remove(reply)
        self.current = reply
        return reply

    async def wait_said(self) -> None:
        """Wait until nothing is said, and nothing waits but answers that are held."""
        while self.next is not None:
            await self.next.wait()

    @property
    def next(self) -> Reply | None:
        """What is said now, or else next; None where nothing is, or only answers that are held."""
        return self.current or self._first

    @property
    def _first(self) -> Reply | None:
        ready = [entry for entry in self._waiting if not self._turns_held or entry[-1].turn is None]
        return min(ready, key=lambda entry: entry[:2])[-1] if ready else None

    def hold_turns(self) -> None:
        """No answer to a turn of the user begins until `release_turns`; the rest is said."""
        self._turns_held = True

    def release_turns(self) -> None:
        """Answers to turns may begin again."""
        self._turns_held = False
        self._bell.outbox.send_nowait(None)

    def remove(self, reply: Reply) -> bool:
        """Let a reply wait no longer; whether it did."""
        kept = [entry for entry in self._waiting if entry[-1] is not reply]
        removed = len(kept) < len(self._waiting)
        self._waiting = kept
        return removed

    @property
    def all(self) -> tuple[Reply, ...]:
        """The replies that speak or wait, in the order in which they are said."""
        waiting = [entry[-1] for entry in sorted(self._waiting, key=lambda entry: entry[:2])]
        return (*waiting,) if self.current is None else (self.current, *waiting)
