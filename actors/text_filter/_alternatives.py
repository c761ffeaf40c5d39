"""Patterns for many words at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

NEVER: Final = "(?!)"
"""Matches nothing."""


def beginnings(words: Iterable[str]) -> frozenset[str]:
    """All that the words begin with, up to the whole of each."""
    return frozenset(word[:size] for word in words for size in range(1, len(word) + 1))


class Branches(dict[str, "Branches"]):
    """Words by their next character; "" where one ends."""


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; no beginning is looked at twice."""
    tree = Branches()
    for word in words:
        branch = tree
        for char in word:
            branch = branch.setdefault(char, Branches())
        branch[""] = Branches()
    return _pattern(tree) or NEVER


def _pattern(branches: Branches) -> str:
    ways = [re.escape(char) + _pattern(rest) for char, rest in branches.items() if char]
    if len(ways) == 1 and "" not in branches:
        return ways[0]
    return f"(?:{'|'.join(ways)})" + ("?" if "" in branches else "") if ways else ""
