"""The surroundings of a tool's call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from trialogue.agents._agent import Agent
    from trialogue.agents.session._session import Session
    from trialogue.engine import AsyncioLoop


@frozen(kw_only=True, eq=False)
class ToolContext:
    """What a tool gets that asks for it, by a parameter of this type.

    Args:
        call_id: the call's, unique in the conversation.
        session: the conversation.
        asyncio: runs what was written for asyncio.
        _progress: says something while the tool runs.
        _paused: lets no reply wait for the tool, as long as the context lasts; tells whose tool it is.
    """

    call_id: str
    session: Session
    asyncio: AsyncioLoop
    _progress: Callable[[str], None]
    _paused: Callable[[], AbstractContextManager[Agent | None]]

    def say(self, text: str) -> None:
        """Tell the user how it goes: in the reply that waits for the tool, or in one of its own if that is over.

        Synchronous, and for every tool, in whatever thread it runs.
        """
        self._progress(text)
