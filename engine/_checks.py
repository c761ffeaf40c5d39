"""What a setting may be, as validators of attrs' fields: they raise `ConfigurationError` with setting and value."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from trialogue.engine._errors import ConfigurationError

if TYPE_CHECKING:
    import attrs

Check = Callable[[Any, "attrs.Attribute[Any]", Any], None]  # type: ignore[explicit-any]  # as attrs has it


def at_least(least: float) -> Check:
    """The setting is this, or more."""
    return _check(lambda value: value >= least, f"at least {least:g}")


def above(bound: float) -> Check:
    """The setting is more than this."""
    return _check(lambda value: value > bound, f"more than {bound:g}")


def between(least: float, most: float) -> Check:
    """The setting is one of these two, or lies between them."""
    return _check(lambda value: least <= value <= most, f"between {least:g} and {most:g}")


def one_of(values: Collection[object]) -> Check:
    """The setting is one of these."""
    return _check(lambda value: value in values, f"one of {', '.join(map(repr, values))}")


def _check(holds: Callable[[Any], bool], allowed: str) -> Check:  # type: ignore[explicit-any]  # of its own kind
    def check(owner: object, attribute: attrs.Attribute[object], value: object) -> None:
        if not holds(value):
            raise ConfigurationError(f"{type(owner).__name__}.{attribute.name} must be {allowed}, not {value!r}")

    return check
