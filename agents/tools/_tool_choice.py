"""Which tools a model is offered for an answer, and whether it must call one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.agents._agent import Agent
    from trialogue.frames import ToolSchema


def _names(given: Iterable[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)


@frozen(kw_only=True)
class ToolChoice:
    """Which tools the model may call for one answer.

    Args:
        must: whether it may call tools ("auto"), must ("required"), must not ("none"), or must call the one of this
            name; this is so until it has called the first one.
        only: the names of those that it is offered; None is all that the agent has.
    """

    must: str = "auto"
    only: frozenset[str] | None = attrs.field(default=None, converter=_names)

    def offered(self, agent: Agent) -> tuple[ToolSchema, ...]:
        """What a model is told of an agent's tools now."""
        tools = agent.tools.values()
        return tuple(tool.schema for tool in tools if tool.offered() and (self.only is None or tool.name in self.only))

    def among(self, offered: tuple[ToolSchema, ...]) -> str:
        """What the model must do, of what is offered; one that is not there cannot be called."""
        names = {tool.name for tool in offered}
        if self.must in ("auto", "none"):
            return self.must
        return self.must if self.must in names or (self.must == "required" and names) else "auto"
