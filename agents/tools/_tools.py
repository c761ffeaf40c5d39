"""Tools: functions that the model may call."""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import re
from collections.abc import Awaitable, Callable
from typing import Final, Literal, cast, get_args, overload

import attrs

from trialogue.agents.tools._tool_arguments import JsonSchema, Parameters
from trialogue.agents.tools._tool_context import ToolContext
from trialogue.engine import ConfigurationError, offload
from trialogue.frames import ToolSchema
from trialogue.frames._attrs import frozen

#: What a tool may be: `async def` or `def`, with annotated parameters.
ToolFunction = Callable[..., Awaitable[object] | object]  # type: ignore[explicit-any]  # any parameters

#: Where a tool runs: `loop`: on the event loop (an `async def` of Trio, or a short `def`); `thread`: a `def` that
#: takes long or blocks; `asyncio`: an `async def` written for asyncio.
RunsOn = Literal["loop", "thread", "asyncio"]

#: What becomes of a call while the same tool runs: both run; the new one is refused; the old one is cancelled.
Duplicates = Literal["allow", "reject", "replace"]


@frozen(kw_only=True)
class ToolSettings:
    """How a tool is run.

    Args:
        runs_on: see RunsOn.
        timeout_s: how long it may take, seconds; then it is cancelled, and the model is told. None: as the session
            has it.
        duplicates: see Duplicates.
        cancel_on_interruption: whether it is cancelled when the user interrupts the reply that called it. Not by
            default: a booking goes on.
        filler: what the agent says while it runs.
        filler_after_s: when it has run for so long, seconds.
    """

    runs_on: RunsOn = "loop"
    timeout_s: float | None = None
    duplicates: Duplicates = "allow"
    cancel_on_interruption: bool = False
    filler: str = ""
    filler_after_s: float = 1.0

    def __attrs_post_init__(self) -> None:
        for name, options in (("runs_on", get_args(RunsOn)), ("duplicates", get_args(Duplicates))):
            if getattr(self, name) not in options:
                raise ConfigurationError(f"a tool's {name} must be one of {options}, not {getattr(self, name)!r}")
        if (self.timeout_s is not None and self.timeout_s <= 0) or self.filler_after_s < 0:
            raise ConfigurationError(
                f"a tool needs timeout_s > 0 and filler_after_s >= 0, not {self.timeout_s} and {self.filler_after_s} s"
            )


#: What every vendor takes as a tool's name.
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _always() -> bool:
    return True


@frozen(kw_only=True)
class Tool:
    """A function that the model may call.

    Args:
        schema: what the model is told.
        function: what runs.
        parameters: how its arguments are read.
        settings: how it is run.
        offered: whether the model is told of it now; it can be called in any case.
    """

    schema: ToolSchema
    function: ToolFunction
    parameters: Parameters
    settings: ToolSettings = attrs.Factory(ToolSettings)
    offered: Callable[[], bool] = _always

    def __attrs_post_init__(self) -> None:
        if self.settings.runs_on == "thread" and inspect.iscoroutinefunction(self.function):
            raise ConfigurationError(
                f"tool {self.name} is an `async def`, which a thread would begin and nobody await; leave out "
                f"runs_on='thread', or write it as a `def`"
            )

    @property
    def name(self) -> str:
        """Its name."""
        return self.schema.name

    @classmethod
    def from_schema(cls, function: ToolFunction, schema: ToolSchema, settings: ToolSettings | None = None) -> Tool:
        """A tool whose parameters are described by a JSON schema instead of annotations.

        Args:
            function: called with the arguments by name, as JSON has them.
            schema: what the model is told.
            settings: how it is run.

        Raises:
            ConfigurationError: the schema of its parameters is none of an object, or an `async def` is to run in a
                thread.
        """
        parameters = _object_schema(schema.parameters)
        if parameters is None:
            raise ConfigurationError(
                f"tool {schema.name}: its parameters must be a JSON schema of the type 'object', not "
                f"{schema.parameters!r}"
            )
        return cls(
            schema=schema,
            function=function,
            parameters=Parameters(tool_name=schema.name, schema={"properties": {}, **parameters}),
            settings=settings or ToolSettings(),
        )

    def __get__(self, instance: object, owner: type | None = None) -> Tool:
        """On an object whose class has it as a method: the same tool, bound to the object."""
        return self if instance is None else attrs.evolve(self, function=functools.partial(self.function, instance))

    def __call__(self, *args: object, **kwargs: object) -> Awaitable[object] | object:
        """Call the function itself, as if it were no tool."""
        return self.function(*args, **kwargs)

    async def run(self, arguments: str, context: ToolContext | None = None) -> object:
        """Call it.

        Args:
            arguments: a JSON object, as text.
            context: for a function that asks for it.

        Returns:
            What it returned.

        Raises:
            ToolArgumentsError: the arguments do not fit; nothing was called.
        """
        values = self.parameters.read(arguments)
        if self.parameters.injected:
            values[self.parameters.injected] = _need(context, self.name)
        match self.settings.runs_on:
            case "thread":
                return await offload(functools.partial(self.function, **values))
            case "asyncio":
                call = cast("Callable[[], Awaitable[object]]", functools.partial(self.function, **values))
                return await _need(context, self.name).asyncio.run(call)
            case "loop":
                result = self.function(**values)
                return await result if inspect.isawaitable(result) else result


@overload
def tool(function: ToolFunction, /) -> Tool: ...


@overload
def tool(
    *, name: str | None = None, description: str | None = None, settings: ToolSettings | None = None
) -> Callable[[ToolFunction], Tool]: ...


def tool(
    function: ToolFunction | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    settings: ToolSettings | None = None,
) -> Tool | Callable[[ToolFunction], Tool]:
    """Make a function a tool: its name, docstring and annotations are what the model is told.

    Use it as `@tool` or `@tool(settings=ToolSettings(timeout_s=5))`, on functions and on methods of an agent. A
    parameter that is annotated with ToolContext is given the call's surroundings; the model does not see it. What is
    made can still be called like the function.

    Args:
        function: the function.
        name: instead of the function's own.
        description: instead of what the docstring says before its sections.
        settings: how it is run.

    Raises:
        ConfigurationError: models take no such name, it has no docstring, a parameter's type cannot be said in JSON or
            is not known where the function is, or an `async def` is to run in a thread.
    """
    if function is None:
        return lambda given: _tool_of(given, name, description, settings or ToolSettings())
    return _tool_of(function, name, description, settings or ToolSettings())


def tools_among_methods(instance: object) -> list[Tool]:
    """The tools among an object's methods, in the order in which they are written; those of its bases first."""
    kinds = reversed(type(instance).__mro__)
    names = [name for kind in kinds for name, found in vars(kind).items() if isinstance(found, Tool)]
    return [made for name in dict.fromkeys(names) if isinstance(made := getattr(instance, name), Tool)]


def _need(context: ToolContext | None, name: str) -> ToolContext:
    if context is None:
        raise ConfigurationError(f"tool {name} can only be called in a session: it needs its ToolContext")
    return context


def _object_schema(written: str) -> JsonSchema | None:
    """A schema of an object; None if it is something else."""
    with contextlib.suppress(ValueError):
        schema = json.loads(written)
        if isinstance(schema, dict) and schema.get("type") == "object":
            return schema
    return None


def _tool_of(function: ToolFunction, name: str | None, description: str | None, settings: ToolSettings) -> Tool:
    name = name or str(getattr(function, "__name__", type(function).__name__))
    if _NAME.fullmatch(name) is None:
        raise ConfigurationError(
            f"a tool cannot be called {name!r}: models take letters from a to z, figures, _ and -, 64 at most; give "
            f"`tool(name=...)` another name"
        )
    documentation = inspect.getdoc(function)
    if not description and not documentation:
        raise ConfigurationError(
            f"tool {name}: write a docstring that says when to call it and what it does; the model reads it"
        )
    parameters = Parameters.of(name, function, injected=ToolContext)
    return Tool(
        schema=ToolSchema(
            name=name,
            description=description or _summary(documentation or ""),
            parameters=json.dumps(parameters.schema),
        ),
        function=function,
        parameters=parameters,
        settings=settings,
    )


def _summary(documentation: str) -> str:
    """What a docstring says before its sections."""
    from docstring_parser import parse

    return parse(documentation).description or documentation
