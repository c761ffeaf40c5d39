"""Tools: functions that the model may call."""

from __future__ import annotations

import enum
import inspect
import json
import re
import types
import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Union, get_args, get_origin

import attrs

from trialogue.engine import ConfigurationError
from trialogue.frames import ToolSchema

#: What a tool may be: `async def` or `def` (short; it runs on the loop), with annotated parameters.
ToolFunction = Callable[..., Awaitable[object] | object]  # type: ignore[explicit-any]  # any parameters

JsonSchema = dict[str, object]

_SIMPLE: Mapping[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}

#: A parameter's line in a docstring: `name: what it means`, under `Args:`.
_ARGUMENT_LINE = re.compile(r"^\s+(\w+)(?:\s*\([^)]*\))?:\s*(.+)$")


class ToolArgumentsError(ConfigurationError):
    """The model called a tool with arguments that do not fit; the message tells it how they should be."""


@attrs.frozen(kw_only=True)
class Tool:
    """A function that the model may call.

    Args:
        schema: what the model is told.
        function: what runs.
    """

    schema: ToolSchema
    function: ToolFunction

    @property
    def name(self) -> str:
        """Its name."""
        return self.schema.name

    async def run(self, arguments: str) -> str:
        """Call it.

        Args:
            arguments: a JSON object, as text.

        Returns:
            What it returned, as JSON text.

        Raises:
            ToolArgumentsError: the arguments do not fit.
        """
        values = self._parse(arguments)
        result = self.function(**values)
        if inspect.isawaitable(result):
            result = await result
        return json.dumps(result, default=str, ensure_ascii=False)

    def _parse(self, arguments: str) -> dict[str, object]:
        try:
            values = json.loads(arguments or "{}")
        except json.JSONDecodeError as error:
            raise ToolArgumentsError(f"the arguments of {self.name} are no JSON object: {error}") from error
        if not isinstance(values, dict):
            raise ToolArgumentsError(f"the arguments of {self.name} must be a JSON object, not {arguments!r}")
        hints = typing.get_type_hints(self.function)
        parameters = inspect.signature(self.function).parameters
        unknown = sorted(set(values) - set(parameters))
        missing = [
            name
            for name, parameter in parameters.items()
            if parameter.default is parameter.empty and name not in values
        ]
        if unknown or missing:
            raise ToolArgumentsError(
                f"{self.name} was called with unknown arguments {unknown} and without {missing}; it takes "
                f"{', '.join(parameters)}"
            )
        return {name: _convert(self.name, name, hints.get(name, str), value) for name, value in values.items()}


def tool(function: ToolFunction) -> Tool:
    """Make a function a tool: its name, docstring and annotations are what the model is told.

    Raises:
        ConfigurationError: it has no docstring, or a parameter's type cannot be said in JSON.
    """
    name = getattr(function, "__name__", type(function).__name__)
    documentation = inspect.getdoc(function)
    if not documentation:
        raise ConfigurationError(
            f"tool {name}: write a docstring that says when to call it and what it does; the model reads it"
        )
    hints = typing.get_type_hints(function)
    summary = documentation.split("\nArgs:")[0].strip()
    explained = {match[1]: match[2] for line in documentation.splitlines() if (match := _ARGUMENT_LINE.match(line))}
    properties: dict[str, JsonSchema] = {}
    required: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        schema = _schema_of(name, parameter.name, hints.get(parameter.name, str))
        if parameter.name in explained:
            schema["description"] = explained[parameter.name]
        properties[parameter.name] = schema
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    parameters = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return Tool(schema=ToolSchema(name=name, description=summary, parameters=json.dumps(parameters)), function=function)


def _schema_of(tool_name: str, parameter: str, hint: object) -> JsonSchema:
    if hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    if origin in (Union, types.UnionType):
        members = [argument for argument in arguments if argument is not type(None)]
        if len(members) == 1:
            return _schema_of(tool_name, parameter, members[0])
    if origin is list and arguments:
        return {"type": "array", "items": _schema_of(tool_name, parameter, arguments[0])}
    raise ConfigurationError(
        f"tool {tool_name}: the type {hint!r} of parameter {parameter!r} cannot be said in JSON; use str, int, float, "
        f"bool, Literal, an Enum, list[...] or an optional one of these"
    )


def _convert(tool_name: str, parameter: str, hint: object, value: object) -> object:
    """The value as the annotation wants it; models write "4" for 4."""
    origin, arguments = get_origin(hint), get_args(hint)
    try:
        if hint is str:
            return str(value)
        if (hint is int or hint is float) and isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return int(value) if hint is int else float(value)
        if hint is bool and isinstance(value, str):
            return {"true": True, "false": False}[value.casefold()]
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return hint(value)
    except (ValueError, TypeError, KeyError) as error:
        raise ToolArgumentsError(
            f"{tool_name}: {parameter} must be {getattr(hint, '__name__', hint)}, not {value!r}"
        ) from error
    if origin is Literal and value not in arguments:
        raise ToolArgumentsError(f"{tool_name}: {parameter} must be one of {list(arguments)}, not {value!r}")
    if origin in (Union, types.UnionType) and value is not None:
        return _convert(tool_name, parameter, next(part for part in arguments if part is not type(None)), value)
    return value
