"""Toolsets: tools that share what they work on, and live as long as that is open."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Final, Protocol, Self

import attrs

from trialogue.agents.tools._tool_results import ToolError
from trialogue.agents.tools._tools import Tool, ToolFunction, tool, tools_among_methods
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Iterable, Iterator
    from types import TracebackType

_CLOSED: Final = "{name} is not open; nothing was done"


class Toolset:
    """Tools that belong together: derive from it, and make its methods tools with `@tool`.

    Enter it round the sessions that use it, `async with Calendar() as calendar:`, and give it to agents among their
    tools: `Agent(tools=[calendar])`. One may serve any number of agents and sessions. A tool that is called while it is
    not open does nothing and says so.

    Args:
        tools: more tools, beside its methods.
        allowed: the names of those that may be used; None allows all.

    Raises:
        ConfigurationError: two tools have the same name, or one is allowed that there is not.
    """

    def __init__(self, tools: Iterable[AnyTool] = (), *, allowed: Iterable[str] | None = None) -> None:
        found = unique([*tools_among_methods(self), *flattened(tools)])
        names = set(found if allowed is None else allowed)
        if not names <= set(found):
            missing = ", ".join(sorted(names - set(found)))
            raise ConfigurationError(f"{type(self).__name__} has no tools {missing}; there are: {', '.join(found)}")
        self.tools = tuple(self._guarded(each) for each in found.values() if each.name in names)
        self._stack = contextlib.AsyncExitStack()
        self._is_open = False

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[None, None]:
        """What its tools work on is open as long as this context; override it. By default there is nothing to open."""
        yield

    async def __aenter__(self) -> Self:
        if self._is_open:
            raise ConfigurationError(f"{type(self).__name__} is open already; enter it once, round all that use it")
        await self._stack.enter_async_context(self.open())
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self._is_open = False
        return bool(await self._stack.__aexit__(kind, error, traceback))  # noqa: ASYNC102  # as the user's own `open` has it

    def _guarded(self, given: Tool) -> Tool:
        """The tool, which does nothing while this is not open."""
        return attrs.evolve(given, function=functools.partial(self._call, given.function))

    def _call(self, function: ToolFunction, /, **arguments: object) -> Awaitable[object] | object:
        if not self._is_open:
            raise ToolError(_CLOSED.format(name=type(self).__name__))
        return function(**arguments)


class SetOfTools(Protocol):
    """What stands for tools among an agent's tools: a Toolset, a ToolSearch, the tools of an MCP server."""

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The tools, as they are now."""


#: What an agent takes as a tool.
AnyTool = Tool | SetOfTools | ToolFunction


def flattened(tools: Iterable[AnyTool]) -> Iterator[Tool]:
    """Tools, made of plain functions and taken out of sets."""
    for given in tools:
        if isinstance(given, Tool):
            yield given
        elif callable(given):
            yield tool(given)
        else:
            yield from given.tools


def unique(tools: Iterable[Tool]) -> dict[str, Tool]:
    """Tools by their names. Raises ConfigurationError if two have the same."""
    found: dict[str, Tool] = {}
    for each in tools:
        if each.name in found:
            raise ConfigurationError(f"two tools are called {each.name!r}; rename one of the functions")
        found[each.name] = each
    return found
