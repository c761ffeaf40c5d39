"""What a tool's parameters look like to a model, and how its arguments are read. Pure."""

from __future__ import annotations

import inspect
import json
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import Final, cast

from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import frozen

JsonSchema = dict[str, object]

#: Where in the arguments something does not fit, as msgspec says it: "… - at `$.guests[0].name`".
_AT: Final = re.compile(r" - at `\$(?P<path>[^`]*)`$")

#: What should stand there: "Expected `int`, got `str` - at …".
_EXPECTED: Final = re.compile(r"Expected `(?P<type>[^`]+)`, got")

#: The steps of such a path.
_STEP: Final = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d+)\]")

#: A definition that a schema refers to.
_REFERENCE: Final = re.compile(r'"#/\$defs/([^"]+)"')

_NOT_FINITE: Final = "every number must be finite"

#: So many numbers in place of texts are mended in one call; no tool has more fields than that.
_MOST_MENDS: Final = 64


class ToolArgumentsError(ConfigurationError):
    """The model called a tool with arguments that do not fit; the message tells it how they should be."""


@frozen(eq=False)
class Parameters:
    """The parameters of one tool.

    Args:
        tool_name: for messages.
        schema: a JSON schema of the arguments object.
        record: a type with one field for each parameter, by which arguments are converted; None takes any object.
        injected: the parameter that the program gives; empty if there is none.
    """

    tool_name: str
    schema: JsonSchema
    record: type | None = None
    injected: str = ""

    @classmethod
    def of(cls, name: str, function: Callable[..., object], injected: type | None = None) -> Parameters:  # type: ignore[explicit-any]  # any parameters
        """Those of a function, by its annotations and docstring.

        Args:
            name: the tool's.
            function: what it calls.
            injected: a parameter of this type is given by the program; the model does not see it.

        Raises:
            ConfigurationError: a parameter's type cannot be said in JSON, or is not known where the function is.
        """
        import msgspec  # here, because who has no tools needs none of it

        hints = _hints(name, function)
        fields: list[tuple[str, type, object]] = []
        given = ""
        for parameter in inspect.signature(function).parameters.values():
            if parameter.name == "self":
                continue  # a method's; it is bound when it is called
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
                raise ConfigurationError(
                    f"tool {name}: the model passes arguments by name; {parameter} cannot be passed so"
                )
            hint = hints.get(parameter.name, str)
            if injected is not None and hint is injected:
                given = parameter.name
                continue
            _need_json(name, parameter.name, hint)
            fields.append((parameter.name, hint, _field(parameter.default)))
        record = msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True)
        schema = _schema_of(record, _explained(function))
        return cls(tool_name=name, schema=schema, record=record, injected=given)

    def read(self, arguments: str) -> dict[str, object]:
        """The arguments as the annotations want them; slips that models make are mended.

        Args:
            arguments: a JSON object, as text.

        Raises:
            ToolArgumentsError: they do not fit; the message says what would.
        """
        try:
            values = self._parse(arguments)
        except RecursionError as error:
            raise ToolArgumentsError(f"the arguments of {self.tool_name} are nested too deeply") from error
        if self.record is None:
            if not _finite(values):
                raise ToolArgumentsError(f"{self.tool_name}: {_NOT_FINITE}")
            return values
        for _ in range(_MOST_MENDS):
            message = self._convert(values)
            if isinstance(message, dict):
                return message
            if not _mend(values, message):
                raise ToolArgumentsError(self._complaint(values, message))
        raise ToolArgumentsError(f"{self.tool_name}: numbers in place of more than {_MOST_MENDS} texts")

    def _parse(self, arguments: str) -> dict[str, object]:
        try:
            values = json.loads(arguments or "{}", parse_constant=_no_number)
        except ValueError as error:
            values = _repaired(arguments)
            if values is None:
                raise ToolArgumentsError(f"the arguments of {self.tool_name} are no JSON object: {error}") from error
        if isinstance(values, str):  # written twice: an object in a text
            values = _repaired(values)
        if not isinstance(values, dict):
            raise ToolArgumentsError(f"the arguments of {self.tool_name} must be a JSON object, not {arguments!r}")
        return cast("dict[str, object]", values)

    def _convert(self, values: dict[str, object]) -> dict[str, object] | str:
        """The values as the record wants them, or what is wrong."""
        import msgspec

        try:
            record = msgspec.convert(values, self.record, strict=False)
        except msgspec.ValidationError as error:
            return str(error)
        except RecursionError:
            return "the arguments are nested too deeply"
        except UnicodeEncodeError:
            return "a text holds half of a character"
        if not _finite(msgspec.to_builtins(record)):
            return _NOT_FINITE
        return {name: getattr(record, name) for name in values}  # what was left out, the function knows itself

    def _complaint(self, values: object, message: str) -> str:
        at = _AT.search(message)
        if at is None:  # a parameter is missing, or there is none of that name
            names = ", ".join(cast("Mapping[str, object]", self.schema["properties"])) or "nothing"
            return f"{self.tool_name}: {message.replace('Object', 'the arguments')}; it takes {names}"
        path = at["path"].lstrip(".")
        options = _options(self.schema, path)
        expected = _EXPECTED.match(message)
        if options:
            wanted = f"must be one of {options}"
        elif expected is not None:
            wanted = f"must be {expected['type']}"
        else:
            wanted = f"is not right: {message[: at.start()]}"
        return f"{self.tool_name}: {path} {wanted}, not {_found(values, at['path'])!r}"


def _hints(tool_name: str, function: Callable[..., object]) -> dict[str, type]:  # type: ignore[explicit-any]  # any parameters
    """The types of a function's parameters. What it returns may be known to type checkers alone."""
    annotations = {name: given for name, given in inspect.get_annotations(function).items() if name != "return"}
    known = getattr(inspect.unwrap(function), "__globals__", {})
    annotated = types.SimpleNamespace(__annotations__=annotations, __globals__=known)
    try:
        return typing.get_type_hints(annotated, include_extras=True)
    except NameError as error:
        raise ConfigurationError(
            f"tool {tool_name}: its parameters are read when it is made, and {error}; define it in the module before "
            f"the tool, or import it outside of `if TYPE_CHECKING:`"
        ) from error


def _field(default: object) -> object:
    """A parameter's default as a record holds it."""
    import msgspec

    if default is inspect.Parameter.empty:
        return msgspec.field()
    if isinstance(default, (list, dict, set)):
        return msgspec.field(default_factory=type(default)) if not default else msgspec.field(default=None)
    return msgspec.field(default=default)


def _no_number(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _repaired(text: str) -> object:
    """The object that a model meant; None where that would be a guess, as of a text that was cut off."""
    bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    if not (bare.startswith("{") and bare.endswith("}")):
        return None
    import json_repair

    values = json_repair.loads(bare)
    return values if isinstance(values, dict) and _finite(values) else None


def _finite(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(_finite(each) for each in value.values())
    return not isinstance(value, list) or all(_finite(each) for each in value)


def _mend(values: dict[str, object], message: str) -> bool:
    """Put a text in place of a number, where a text is wanted: models write 12345 for a postcode. Whether it did."""
    at = _AT.search(message)
    if at is None or not message.startswith("Expected `str"):
        return False
    steps = _steps(at["path"])
    found = _found(values, at["path"])
    if not steps or isinstance(found, bool) or not isinstance(found, (int, float)):
        return False
    holder: object = values
    for step in steps[:-1]:
        holder = holder[step]  # type: ignore[index]  # the path was found in it
    holder[steps[-1]] = str(found)  # type: ignore[index]  # see above
    return True


def _steps(path: str) -> list[str | int]:
    return [step["name"] if step["name"] is not None else int(step["index"]) for step in _STEP.finditer(path)]


def _found(values: object, path: str) -> object:
    """What stands at a path; None where the path leads nowhere."""
    for step in _steps(path):
        try:
            values = values[step]  # type: ignore[index]  # what does not fit is caught
        except (KeyError, IndexError, TypeError):
            return None
    return values


def _options(schema: JsonSchema, path: str) -> list[object]:
    """What a parameter may be, if that is a list of values."""
    properties = cast("Mapping[str, JsonSchema]", schema.get("properties", {}))
    options = properties.get(path, {}).get("enum", [])
    return options if isinstance(options, list) else []


def _need_json(tool_name: str, parameter: str, hint: object) -> None:
    """Raise ConfigurationError for a type that JSON cannot say."""
    import msgspec

    try:
        msgspec.json.schema(hint)
    except (TypeError, NotImplementedError, ValueError) as error:
        raise ConfigurationError(
            f"tool {tool_name}: the type {hint!r} of parameter {parameter!r} cannot be said in JSON ({error}); use "
            f"str, int, float, bool, Literal, an Enum, list, dict, a dataclass, an attrs class, a TypedDict, or "
            f"optional ones of these"
        ) from error


def _explained(function: object) -> dict[str, str]:
    """What the docstring says of each parameter, whatever its style."""
    from docstring_parser import parse

    parsed = parse(inspect.getdoc(function) or "")
    return {each.arg_name: " ".join(each.description.split()) for each in parsed.params if each.description}


def _schema_of(record: type, explained: Mapping[str, str]) -> JsonSchema:
    import msgspec

    _, definitions = msgspec.json.schema_components((record,), ref_template="#/$defs/{name}")
    schema = cast("JsonSchema", definitions.pop(record.__name__))
    properties = cast("dict[str, JsonSchema]", schema["properties"])
    for name, given in properties.items():
        said = _inlined(given, definitions)
        if said.get("default", ...) is None:
            del said["default"]  # "may be left out" says that already
        if name in explained:
            said["description"] = explained[name]
        properties[name] = said
    del schema["title"]
    used = _used(properties, definitions)
    return {**schema, "$defs": {name: definitions[name] for name in definitions if name in used}} if used else schema


def _used(schema: object, definitions: Mapping[str, object]) -> set[str]:
    """The names of the definitions that a schema needs, and of those that these need."""
    used: set[str] = set()
    waiting = [schema]
    while waiting:
        for name in _REFERENCE.findall(json.dumps(waiting.pop())):
            if name not in used:
                used.add(name)
                waiting.append(definitions[name])
    return used


def _inlined(schema: JsonSchema, definitions: Mapping[str, object]) -> JsonSchema:
    """A parameter whose type has a name of its own and is a list of values, written out."""
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    named = cast("JsonSchema", definitions.get(name, {}))
    if "enum" not in named:
        return dict(schema)
    return {"enum": named["enum"], **{key: value for key, value in schema.items() if key != "$ref"}}
