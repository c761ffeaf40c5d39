"""Words as a full-text index of SQLite (FTS5) knows them, in scripts with and without spaces between words. Pure."""

from __future__ import annotations

import re
from typing import Final

#: Scripts that put no space between words (kana, Han): there two characters side by side stand for a word.
_UNSPACED: Final = "\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff"

#: To compile the patterns takes as long as to import twenty modules; `re` does it when somebody searches.
_CHARACTER: Final = f"[{_UNSPACED}]"

#: A run of such characters, or a word.
_WORD: Final = rf"(?P<run>[{_UNSPACED}]+)|[^\W_{_UNSPACED}]+"


def spaced(text: str) -> str:
    """A text to be indexed: each character is a word of its own where no space is between words."""
    return re.sub(_CHARACTER, r" \g<0> ", text)


def phrases_of(query: str) -> list[str]:
    """What to look for, each once: words, and pairs of characters where no space is between words."""
    found: list[str] = []
    for match in re.finditer(_WORD, query.casefold()):
        run = match["run"]
        found += [match[0]] if run is None else [" ".join(run[at : at + 2]) for at in range(max(1, len(run) - 1))]
    return list(dict.fromkeys(found))


def any_of(phrases: list[str]) -> str:
    """A query for whatever has one of these; empty where there is none."""
    return " OR ".join(f'"{phrase}"' for phrase in phrases)
