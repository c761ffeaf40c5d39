"""Which ways to write figures are worth a try in a region of text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from trialogue.actors.text_filter._figure_patterns import CURRENCIES
from trialogue.actors.text_filter._settings import Rule

Match = re.Match[str]


class Pattern(NamedTuple):
    """A way to write figures, its switch, and how it is read; None leaves it as written."""

    name: str
    rule: Rule | None
    pattern: re.Pattern[str]
    read: Callable[[Match], str | None]


BEGINNINGS: Final = {
    "blank": frozenset({"slash"}),
    "letter": frozenset({"month day", "month year", "money before", "title"}),
    "digits": frozenset({"idiom", "number"}),
    "money": frozenset({"range", "money before"}),
}
"""The patterns that can fit at all, by what stands there; all where nothing is said."""
NOT_BY_DIGIT: Final = frozenset(
    {"slash", "title", "month day", "month year", "money before", "percent before", "short year"}
)
"""The patterns that begin with no digit."""
LACKING: Final = {"digit": NOT_BY_DIGIT, "few": NOT_BY_DIGIT | {"phone"}}
"""The patterns that cannot fit, by what stands there."""
PHONE_CHARS: Final = 7
"""Characters of the shortest number to call."""
MAX_CHOICES: Final = 512
"""Sets of characters for which it is remembered which patterns can fit."""


class Choice:
    """Leaves out the patterns that cannot fit; the others keep their order.

    Args:
        table: all patterns.
        needs: by name, the characters of which a pattern has at least one.
    """

    def __init__(self, table: Sequence[Pattern], needs: Mapping[str, frozenset[str]]) -> None:
        self._table = table
        self._needs = needs
        self._telling = frozenset[str]().union(*needs.values())
        self._of = lru_cache(maxsize=MAX_CHOICES)(self._chosen)

    def telling(self, region: str) -> frozenset[str]:
        """The characters of a region that patterns need."""
        return self._telling.intersection(region)

    def at(self, region: str, at: int, telling: frozenset[str]) -> Sequence[Pattern]:
        """The patterns that may fit at a place of a region."""
        return self._of(_kind(region, at), telling)

    def _chosen(self, kind: str, telling: frozenset[str]) -> tuple[Pattern, ...]:
        lacking = {name for name, needs in self._needs.items() if needs.isdisjoint(telling)}
        lacking |= LACKING.get(kind, frozenset())
        possible = BEGINNINGS.get(kind)
        return tuple(
            pattern
            for pattern in self._table
            if pattern.name not in lacking and (possible is None or pattern.name in possible)
        )


def _kind(region: str, at: int) -> str:
    first = region[at]
    if first.isdecimal():
        if region[at:].isdecimal():
            return "digits"
        return "digit" if len(region) - at >= PHONE_CHARS else "few"
    if first.isspace():
        return "blank"
    if first.isalpha():
        return "letter"
    return "money" if first in CURRENCIES else ""
