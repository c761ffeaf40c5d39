"""Looks for a text that breaks a law of the text filter or of the filter with the chunker behind it.

    python tests/actors/text_filter/fuzz.py --cases 100000 --seed 1

Texts are glued of markup, figures, words of many scripts, control characters and halves of all these. What breaks a law
is made as small as it gets and shown; then the exit code is 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.actors.text_filter.fragments import FRAGMENTS
from tests.actors.text_filter.laws import LANGUAGES, LAWS

BLOCKS: Final = (
    (0x00, 0x20), (0x20, 0x7F), (0x80, 0x250), (0x300, 0x370), (0x370, 0x530), (0x530, 0x780), (0x900, 0xE00),
    (0xE00, 0x1100), (0x1200, 0x13A0), (0x1780, 0x1800), (0x2000, 0x2070), (0x2070, 0x2400), (0x2500, 0x27C0),
    (0x3000, 0x3100), (0x4E00, 0x4F00), (0xAC00, 0xAC80), (0xFE00, 0xFE10), (0xFF00, 0xFFF0), (0x1F300, 0x1F700),
    (0xE0000, 0xE0080),
)  # fmt: skip
"""Where single characters are drawn from: from control characters to emoji and tags."""

Law = Callable[[str, set[int], str], None]


class Failure(NamedTuple):
    """A text that breaks a law, as small as it was found."""

    law: str
    language: str
    source: str
    places: frozenset[int]


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


def breaks(law: Law, source: str, places: set[int], language: str) -> bool:
    """Whether the text breaks the law; whatever else goes wrong breaks it too."""
    try:
        law(source, places, language)
    except Exception:  # noqa: BLE001  # any error of the code under test is a finding
        return True
    return False


def smallest(law: Law, source: str, places: set[int], language: str) -> str:
    """The text without all that it can do without and still break the law."""
    size = max(len(source) // 2, 1)
    while size:
        at = 0
        while at < len(source):
            shorter = source[:at] + source[at + size :]
            if breaks(law, shorter, places, language):
                source = shorter
            else:
                at += size
        size //= 2
    return source


def fuzz(cases: int, seed: int) -> Iterator[Failure]:
    """The failures among so many texts; half of these in English, the others in any language."""
    chance = random.Random(seed)  # no secret depends on it
    for _ in range(cases):
        source = source_of(chance)
        places = {chance.randint(1, 60) for _ in range(chance.randint(0, 6))}
        language = "en" if chance.random() < 0.5 else chance.choice(LANGUAGES)
        for name, law in LAWS.items():
            if breaks(law, source, places, language):
                yield Failure(name, language, smallest(law, source, places, language), frozenset(places))


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000, help="how many texts")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same texts")
    chosen = parser.parse_args()
    began_s, failures = time.perf_counter(), 0
    for failure in fuzz(chosen.cases, chosen.seed):
        failures += 1
        print(f"{failure.law} ({failure.language}): {failure.source!r}, cut at {sorted(failure.places)}", flush=True)
    rate = chosen.cases / (time.perf_counter() - began_s)
    print(f"{chosen.cases} texts, {len(LAWS)} laws, {failures} failures, {rate:.0f} texts/s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
