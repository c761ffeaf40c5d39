"""Immutable records as JSON objects, each with the name of its type; there and back without loss."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar, cast

import attrs

from trialogue.engine import ConfigurationError

R = TypeVar("R")


class TypedJson(Generic[R]):
    """Writes and reads records of some types. Pure.

    Bytes become base64, tuples lists, enums their values; times and counts are exact.

    Args:
        types: the types, attrs classes; each is told by its name.
    """

    def __init__(self, types: Iterable[type[R]]) -> None:
        self._types: Mapping[str, type[R]] = {each.__name__: each for each in types}

    def encode(self, record: R) -> dict[str, object]:
        """A JSON object.

        Raises:
            ConfigurationError: the record is of none of the types.
        """
        import msgspec

        name = type(record).__name__
        if self._types.get(name) is not type(record):
            raise ConfigurationError(f"{name} cannot be written here; what can: {', '.join(self._types)}")
        return {"type": name, **cast("dict[str, object]", msgspec.to_builtins(record))}

    def decode(self, value: object) -> R:
        """The record that was encoded; fields that an older writer did not know have their defaults.

        Raises:
            ConfigurationError: it is no such object.
        """
        import msgspec

        name = value.get("type") if isinstance(value, dict) else None
        kind = self._types.get(name) if isinstance(name, str) else None
        if kind is None or not isinstance(value, dict):
            raise ConfigurationError(
                f"a JSON object with a type was expected ({', '.join(self._types)}), not {value!r}"
            )
        fields = {key: each for key, each in value.items() if key != "type"}
        unknown = fields.keys() - {each.name for each in attrs.fields(cast("type[attrs.AttrsInstance]", kind))}
        if unknown:
            raise ConfigurationError(f"{name} has no {', '.join(sorted(unknown))}; a newer version may have written it")
        try:
            return cast("Callable[..., R]", msgspec.convert)(fields, kind)  # type: ignore[explicit-any]  # its overloads want one type
        except msgspec.ValidationError as error:
            raise ConfigurationError(f"{name}: {error}") from error

    def dumps(self, record: R) -> str:
        """One line of JSON. Raises as `encode`."""
        return json.dumps(self.encode(record), ensure_ascii=False)

    def loads(self, line: str) -> R:
        """The record of a line. Raises as `decode`, and for what is no JSON."""
        try:
            value = json.loads(line)
        except ValueError as error:
            raise ConfigurationError(f"no JSON: {error}") from error
        return self.decode(value)
