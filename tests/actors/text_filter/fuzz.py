"""Looks for a text that breaks a law of the text filter or of the filter with the chunker behind it.

    python tests/actors/text_filter/fuzz.py --cases 100000 --seed 1

Texts are glued of markup, figures, words of many scripts, control characters and halves of all these. What breaks a law
is made as small as it gets and shown; then the exit code is 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.actors.fuzzing import Case, main
from tests.actors.text_filter.fragments import FRAGMENTS
from tests.actors.text_filter.laws import LANGUAGES, LAWS

if TYPE_CHECKING:
    import random

BLOCKS: Final = (
    (0x00, 0x20), (0x20, 0x7F), (0x80, 0x250), (0x300, 0x370), (0x370, 0x530), (0x530, 0x780), (0x900, 0xE00),
    (0xE00, 0x1100), (0x1200, 0x13A0), (0x1780, 0x1800), (0x2000, 0x2070), (0x2070, 0x2400), (0x2500, 0x27C0),
    (0x3000, 0x3100), (0x4E00, 0x4F00), (0xAC00, 0xAC80), (0xFE00, 0xFE10), (0xFF00, 0xFFF0), (0x1F300, 0x1F700),
    (0xE0000, 0xE0080),
)  # fmt: skip
"""Where single characters are drawn from: from control characters to emoji and tags."""


def source_of(chance: random.Random) -> str:
    """A text glued of fragments, parts of fragments and single characters."""
    parts: list[str] = []
    for _ in range(chance.randint(1, 14)):
        kind = chance.random()
        fragment = chance.choice(FRAGMENTS)
        if kind < 0.75:
            parts.append(fragment)
        elif kind < 0.85:
            parts.append(fragment[: chance.randint(1, len(fragment))])
        elif kind < 0.92:
            parts.append(fragment * chance.randint(2, 4))
        else:
            parts.append(chr(chance.randrange(*chance.choice(BLOCKS))))
        if chance.random() < 0.3:
            parts.append(" ")
    return "".join(parts)


def cases(chance: random.Random) -> Iterator[Case[str]]:
    """Texts without end; half of them in English, the others in any language."""
    while True:
        source = source_of(chance)
        places = tuple({chance.randint(1, 60) for _ in range(chance.randint(0, 6))})
        yield Case(source, places, "en" if chance.random() < 0.5 else chance.choice(LANGUAGES))


if __name__ == "__main__":
    sys.exit(main(__doc__, LAWS, cases))
