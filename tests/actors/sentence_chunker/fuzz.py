"""Looks for a text that breaks a law of the sentence chunker.

    python tests/actors/sentence_chunker/fuzz.py --cases 100000 --seed 1 --progress

Texts are glued of prose in many languages, markup, single characters of many scripts, control characters, halves of
surrogate pairs and of emoji. What breaks a law is made as small as it gets and shown; then the exit code is 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.actors.fuzzing import Case, main
from tests.actors.sentence_chunker.laws import LAWS, SETTINGS
from tests.actors.sentence_chunker.strategies import FRAGMENTS, NOISE
from trialogue.actors import SentenceChunkerSettings

if TYPE_CHECKING:
    import random

BLOCKS: Final = (
    (0x00, 0x20), (0x20, 0x7F), (0x80, 0x250), (0x300, 0x370), (0x370, 0x530), (0x530, 0x780), (0x900, 0xE00),
    (0xE00, 0x1100), (0x1100, 0x13A0), (0x1780, 0x1810), (0x2000, 0x2070), (0x2070, 0x2400), (0x2500, 0x27C0),
    (0x3000, 0x3100), (0x4E00, 0x4F00), (0xA8C0, 0xAC80), (0xD800, 0xE000), (0xFE00, 0xFE20), (0xFF00, 0xFFF0),
    (0x1F1E6, 0x1F200), (0x1F300, 0x1F700), (0xE0000, 0xE0080),
)  # fmt: skip
"""Where single characters are drawn from: from control characters to emoji and tags."""

JOINTS: Final = ("", "", " ", " ", "\n", ". ", ".", "! ", "?", "。", "।", ": ", "\u200d", "\u0301", "\ufe0f")
LONGEST: Final = 250
"""Characters. The oracle reads each text again for every character of it."""


def text_of(chance: random.Random) -> str:
    """A text glued of fragments, parts of fragments, noise and single characters; one in 25 is long."""
    parts: list[str] = []
    for _ in range(chance.randint(1, 4 if chance.random() < 0.96 else 10)):
        kind = chance.random()
        fragment = chance.choice(FRAGMENTS)
        if kind < 0.4:
            parts.append(fragment)
        elif kind < 0.6:
            begin = chance.randrange(len(fragment))
            parts.append(fragment[begin : begin + chance.randint(1, 20)])
        elif kind < 0.75:
            parts.append("".join(chance.choice(NOISE) for _ in range(chance.randint(1, 8))))
        else:
            block = chance.choice(BLOCKS)
            parts.append("".join(chr(chance.randrange(*block)) for _ in range(chance.randint(1, 3))))
        parts.append(chance.choice(JOINTS))
    return "".join(parts)[:LONGEST]


def cases(chance: random.Random) -> Iterator[Case[SentenceChunkerSettings]]:
    """Texts without end."""
    while True:
        text = text_of(chance)
        places = tuple(sorted(chance.randint(0, len(text)) for _ in range(chance.randint(0, 6))))
        yield Case(text, places, chance.choice(SETTINGS))


if __name__ == "__main__":
    sys.exit(main(__doc__, LAWS, cases))
