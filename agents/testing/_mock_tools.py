"""Tools whose functions are replaced for a test; the model is told the same of them, and arguments are read as ever."""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING

import attrs

from trialogue.agents.tools._tools import Tool
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from trialogue.agents._agent import Agent

#: The arguments of each call of each tool that is mocked, in the order of calling.
MockCalls = dict[str, list[dict[str, object]]]


@contextlib.contextmanager
def mock_tools(agent: Agent, mocks: Mapping[str, object]) -> Generator[MockCalls, None, None]:
    """Replace tools of an agent: `with mock_tools(agent, {"book_table": "booked"}) as calls: ...`.

    The model is told the same of them, and their arguments are checked and converted as before. Afterwards they are as
    they were.

    Args:
        agent: whose; the tools may be in use by a session already.
        mocks: by the tool's name, what takes its place: a function of the same parameters, async or not; an exception,
            or a type of such, that is raised; or any other value, which is returned. A function may leave out the
            parameter that is the tool's `ToolContext`.

    Yields:
        By the tool's name, the arguments of each call so far.

    Raises:
        ConfigurationError: the agent has no such tool, or a function has other parameters; nothing was replaced.
    """
    calls: MockCalls = {name: [] for name in mocks}
    replaced = {name: _mocked(agent, name, stand_in, calls[name]) for name, stand_in in mocks.items()}
    before = dict(agent.tools)
    agent.tools.update(replaced)
    try:
        yield calls
    finally:
        for name in mocks:
            agent.tools[name] = before[name]


def _mocked(agent: Agent, name: str, stand_in: object, calls: list[dict[str, object]]) -> Tool:
    tool = agent.tools.get(name)
    if tool is None:
        known = ", ".join(agent.tools) or "none at all"
        raise ConfigurationError(f"the agent {type(agent).__name__} has no tool {name!r} to mock; it has {known}")
    injected = tool.parameters.injected
    if _is_exception(stand_in) or not callable(stand_in):
        function, wants_context = _constant(stand_in), False
    else:
        function = stand_in.function if isinstance(stand_in, Tool) else stand_in
        wants_context = _wants_context(tool, function)

    def run(**arguments: object) -> object:
        context = {injected: arguments.pop(injected)} if injected else {}
        calls.append(dict(arguments))
        return function(**arguments, **(context if wants_context else {}))

    return attrs.evolve(tool, function=run, settings=attrs.evolve(tool.settings, runs_on="loop"))


def _is_exception(stand_in: object) -> bool:
    return isinstance(stand_in, BaseException) or (isinstance(stand_in, type) and issubclass(stand_in, BaseException))


def _constant(value: object) -> Callable[..., object]:  # type: ignore[explicit-any]  # of any parameters
    def give(**arguments: object) -> object:
        del arguments
        if isinstance(value, BaseException) or (isinstance(value, type) and issubclass(value, BaseException)):
            raise value
        return value

    return give


def _wants_context(tool: Tool, function: Callable[..., object]) -> bool:  # type: ignore[explicit-any]  # as above
    """Whether a function takes the tool's context, too. Raises ConfigurationError where its parameters do not fit."""
    names, injected = set(json.loads(tool.schema.parameters).get("properties", {})), tool.parameters.injected
    if injected and _takes(function, {*names, injected}):
        return True
    if not _takes(function, names):
        raise ConfigurationError(
            f"the mock of {tool.name} is called with the arguments ({', '.join(sorted(names))}) by name, but takes "
            f"{inspect.signature(function)}; give it the same parameters"
        )
    return False


def _takes(function: Callable[..., object], names: set[str]) -> bool:  # type: ignore[explicit-any]  # as above
    """Whether a function can be called with all of these arguments by name."""
    try:
        inspect.signature(function).bind(**dict.fromkeys(names))
    except TypeError:
        return False
    return True
