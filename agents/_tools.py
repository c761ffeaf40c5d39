"""Tools: functions that the model may call."""

from __future__ import annotations

import enum
import inspect
import json
import math
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
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise ConfigurationError(
                f"tool {name}: the model passes arguments by name; {parameter} cannot be passed so"
            )
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
    """The value as the annotation wants it; models write "4" for 4.

    Raises:
        ToolArgumentsError: it does not fit.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _convert(tool_name, parameter, next(part for part in arguments if part is not type(None)), value)
    if origin is list and isinstance(value, list):
        return [_convert(tool_name, f"{parameter}[{at}]", arguments[0], item) for at, item in enumerate(value)]
    if origin is Literal:
        return _choose(tool_name, parameter, {option: option for option in arguments}, value)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _choose(tool_name, parameter, {member.value: member for member in hint}, value)
    try:
        return _READERS[hint](value)
    except (ValueError, KeyError) as error:
        wanted = "a list" if origin is list else getattr(hint, "__name__", hint)
        raise ToolArgumentsError(f"{tool_name}: {parameter} must be {wanted}, not {value!r}") from error


def _choose(tool_name: str, parameter: str, options: Mapping[object, object], value: object) -> object:
    """The option with this value, or with what reads the same."""
    for option, chosen in options.items():
        if (type(option) is type(value) and option == value) or str(option) == value:
            return chosen
    raise ToolArgumentsError(f"{tool_name}: {parameter} must be one of {list(options)}, not {value!r}")


def _read_text(value: object) -> str:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value)
    raise ValueError


def _read_integer(value: object) -> int:
    number = _read_number(value)
    if isinstance(value, int):
        return value
    if not number.is_integer():
        raise ValueError
    return int(value) if isinstance(value, str) and "." not in value and "e" not in value.casefold() else int(number)


def _read_number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError
    try:
        number = float(value)
    except OverflowError as error:  # an integer of hundreds of digits
        raise ValueError from error
    if not math.isfinite(number):
        raise ValueError
    return number


def _read_truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}[value.casefold()]
    raise ValueError


#: How each simple type is read from JSON; they raise ValueError or KeyError where a value does not fit.
_READERS: Mapping[object, Callable[[object], object]] = {
    str: _read_text,
    int: _read_integer,
    float: _read_number,
    bool: _read_truth,
}
