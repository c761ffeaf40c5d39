"""Agents: who speaks, and what it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.agents._tools import Tool, ToolFunction, tool
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.agents._session import Session


class Agent:
    """Who speaks. Use it as it is, or derive from it to give it hooks.

    Args:
        instructions: who it is and what it should do, for the language model.
        tools: functions that the model may call, made by `@tool` or plain. Methods made by `@tool` need not be listed.

    Raises:
        ConfigurationError: two tools have the same name.
    """

    def __init__(self, *, instructions: str, tools: Iterable[Tool | ToolFunction] = ()) -> None:
        self.instructions = instructions
        self.tools: dict[str, Tool] = {}
        for given in (*_methods(self), *tools):
            made = given if isinstance(given, Tool) else tool(given)
            if made.name in self.tools:
                raise ConfigurationError(f"two tools are called {made.name!r}; rename one of the functions")
            self.tools[made.name] = made

    async def on_enter(self, session: Session) -> None:
        """Called when the agent takes over a conversation; greet here. Does nothing by default."""


def _methods(agent: Agent) -> list[Tool]:
    """The tools among an agent's methods, in the order in which they are written; those of its bases first."""
    names = [
        name for kind in reversed(type(agent).__mro__) for name, found in vars(kind).items() if isinstance(found, Tool)
    ]
    return [made for name in dict.fromkeys(names) if isinstance(made := getattr(agent, name), Tool)]
