"""Reading the tables of a script with messages that name file, key and remedy. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.engine import ConfigurationError
from trialogue.providers._rule_patterns import Pattern, PatternSyntaxError, compile_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trialogue.providers._rule_types import SlotKind

Scalar = str | int | float | bool


class ScriptTable:
    """A table of a script. Keys that nobody has read when it is finished are mistakes."""

    def __init__(self, place: str, content: Mapping[str, object]) -> None:
        self._place = place
        self._content = content
        self._read: set[str] = set()

    def error(self, key: str, problem: str) -> ConfigurationError:
        """An error about one key."""
        return ConfigurationError(f"{self._place}: {key}: {problem}")

    def keys(self) -> Iterator[str]:
        """All its keys, in the order of the file."""
        yield from self._content

    def finish(self) -> None:
        """Raise ConfigurationError if there are keys that nobody has read."""
        for key in self._content:
            if key not in self._read:
                raise self.error(key, f"this key means nothing here; known are: {', '.join(sorted(self._read))}")

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there."""
        value = self._get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self.error(key, "must be a text" if value is not None else 'is missing; give a text, such as "..."')
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Texts: one or a list of them; none if the key is missing."""
        match self._get(key):
            case None:
                return ()
            case str() as one:
                return (one,)
            case list() as many if all(isinstance(text, str) for text in many):
                return tuple(str(text) for text in many)
            case _:
                raise self.error(key, 'must be a text or a list of texts, such as ["...", "..."]')

    def number(self, key: str, default: int) -> int:
        """A whole number."""
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(key, f"must be a whole number, not {value!r}")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false if the key is missing."""
        value = self._get(key)
        if not isinstance(value, bool | None):
            raise self.error(key, f"must be true or false, not {value!r}")
        return bool(value)

    def scalar(self, key: str) -> Scalar:
        """A text, a number, true or false."""
        value = self._get(key)
        if not isinstance(value, str | int | float | bool):
            raise self.error(key, "must be a text, a number, true or false")
        return value

    def value(self, key: str) -> str | int:
        """A text or a whole number."""
        value = self.scalar(key)
        if isinstance(value, float):
            raise self.error(key, f"must be a text or a whole number, not {value!r}")
        return value

    def choices(self, key: str) -> dict[str, tuple[str, ...]]:
        """A table of texts: each value and what it is called."""
        table = self.table(key)
        found = {name: table.texts(name) for name in table.keys()}
        if not found:
            raise self.error(key, 'is missing; give what there is to choose, such as {inside = ["inside", "indoors"]}')
        return found

    def pattern(self, key: str, source: str, kinds: Mapping[str, SlotKind], *, whole: bool = False) -> Pattern:
        """Compile a pattern that stands at a key."""
        try:
            return compile_pattern(source, kinds, whole=whole)
        except PatternSyntaxError as error:
            raise self.error(key, f"the pattern {source!r}: {error}") from error

    def patterns(self, key: str, kinds: Mapping[str, SlotKind], *, whole: bool = False) -> tuple[Pattern, ...]:
        """Patterns: one or a list of them."""
        return tuple(self.pattern(key, source, kinds, whole=whole) for source in self.texts(key))

    def table(self, key: str) -> ScriptTable:
        """The table of a key; empty if it is missing."""
        value = self._get(key)
        if not isinstance(value, dict | None):
            raise self.error(key, f"must be a table: [{key}]")
        return self.named(key, content=value or {})

    def tables(self, key: str) -> Iterator[tuple[str, ScriptTable]]:
        """The tables in the table of a key, by name."""
        table = self.table(key)
        for name in table.keys():
            yield name, table.table(name)

    def list_of_tables(self, key: str) -> tuple[ScriptTable, ...]:
        """The tables of a list."""
        value = self._get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            raise self.error(key, f"must be a list of tables: [[{key}]]")
        return tuple(self.named(key, str(index), content=table) for index, table in enumerate(value, start=1))

    def named(self, *path: str, content: Mapping[str, object] | None = None) -> ScriptTable:
        """The table of that path, for its error messages."""
        separator = ": " if ": " not in self._place else "."
        return ScriptTable(f"{self._place}{separator}{'.'.join(path)}", content or {})

    def _get(self, key: str) -> object:
        self._read.add(key)
        return self._content.get(key)
