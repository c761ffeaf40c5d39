"""Replies: what the agent says in one go, and the handle on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs
import trio

if TYPE_CHECKING:
    from trialogue.actors import CommitTurn
    from trialogue.agents._events import ReplyKind
    from trialogue.frames import TokenUsage, ToolCall

Outcome = Literal["completed", "interrupted", "failed"]


@attrs.define(kw_only=True, eq=False)
class Draft:
    """What the model has written of a reply so far.

    Args:
        source: all of it.
        tool_breaks: how long `source` was when tools were called, and the first of the calls.
        first_text_s: when it first wrote something, session time in seconds.
        usage: what the model says it cost.
    """

    source: str = ""
    tool_breaks: list[tuple[int, ToolCall]] = attrs.Factory(list)
    first_text_s: float | None = None
    usage: TokenUsage | None = None


@attrs.define(kw_only=True, eq=False)
class Reply:
    """Something that the agent says, from being asked for to being over.

    Args:
        reply_id: unique in its session.
        kind: an answer of the model, or a text that was given.
        text: for `say`, what to say.
        instructions: for an answer, what the model is told in addition.
        turn: the user's turn that it answers; None where it answers none.
    """

    reply_id: str
    kind: ReplyKind
    text: str = ""
    instructions: str = ""
    turn: CommitTurn | None = None
    #: Ended by cancelling; made before the reply runs, so that it can be ended before it begins.
    scope: trio.CancelScope = attrs.Factory(trio.CancelScope)
    draft: Draft = attrs.Factory(Draft)
    outcome: Outcome | None = None
    #: What was heard of it, once it is over.
    heard: str = ""
    #: Why it was cut off, or the failure.
    reason: str = ""
    _over: trio.Event = attrs.Factory(trio.Event)

    @property
    def source(self) -> str:
        """All that was written so far."""
        return self.draft.source

    async def wait(self) -> Outcome:
        """Wait until it is over; cancelling the wait leaves the reply alone."""
        await self._over.wait()
        assert self.outcome is not None
        return self.outcome

    def end(self, outcome: Outcome, *, heard: str, reason: str = "") -> None:
        """Note how it ended; the first time counts."""
        if self.outcome is None:
            self.outcome, self.heard, self.reason = outcome, heard, reason
            self._over.set()
