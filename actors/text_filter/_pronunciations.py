"""The pronunciation dictionary: words and phrases that are said in their own way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._alternatives import alternatives, beginnings

WORD_CHAR: Final = later(r"\w")


class Pronunciations:
    """Finds the keys of a dictionary in a text that is still arriving.

    Args:
        entries: keys as written, with what is said for them.
    """

    def __init__(self, entries: Sequence[tuple[str, str]]) -> None:
        self._said = {key.lower(): said for key, said in entries}
        self.first_chars = frozenset(key[0] for key in self._said) | frozenset(key[0].upper() for key in self._said)
        self._keys = re.compile(f"(?:{alternatives(self._said)})", re.IGNORECASE)
        self._prefixes = beginnings(self._said)
        self._longest = max(map(len, self._said), default=0)

    def find(self, text: str, at: int, final: bool) -> tuple[int, str] | None:
        """The key that stands there: where it ends, -1 where that is not certain, and what is said."""
        rest = text[at : at + self._longest + 1]
        if not final and rest.lower() in self._prefixes:
            return -1, ""
        match = self._keys.match(text, at)
        while match:
            end = match.end()
            if not (WORD_CHAR.match(text, end) and WORD_CHAR.match(text, end - 1)):
                return end, self._said[match[0].lower()]
            match = self._keys.match(text, at, end - 1)  # a shorter key may end at a border
        return None
