"""Looks for a text that breaks a law of the sentence chunker.

    python tests/actors/sentence_chunker/fuzz.py --cases 100000 --seed 1 --progress

Texts are glued of prose in many languages, markup, single characters of many scripts, control characters, halves of
surrogate pairs and of emoji. What breaks a law is made as small as it gets and shown; then the exit code is 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.actors.sentence_chunker.laws import LAWS, SETTINGS, Law
from tests.actors.sentence_chunker.strategies import FRAGMENTS, NOISE
from trialogue.actors import SentenceChunkerSettings

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

REPORTED: Final = 1000
"""Cases between two lines of progress."""


class Failure(NamedTuple):
    """A text that breaks a law, as small as it was found."""

    law: str
    settings: SentenceChunkerSettings
    text: str
    places: tuple[int, ...]


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


def breaks(law: Law, text: str, places: tuple[int, ...], settings: SentenceChunkerSettings) -> bool:
    """Whether the text breaks the law; whatever else goes wrong breaks it too."""
    try:
        law(text, places, settings)
    except Exception:  # noqa: BLE001  # any error of the code under test is a finding
        return True
    return False


def smallest(law: Law, text: str, places: tuple[int, ...], settings: SentenceChunkerSettings) -> str:
    """The text without all that it can do without and still break the law."""
    size = max(len(text) // 2, 1)
    while size:
        at = 0
        while at < len(text):
            shorter = text[:at] + text[at + size :]
            if breaks(law, shorter, places, settings):
                text = shorter
            else:
                at += size
        size //= 2
    return text


def fuzz(cases: int, seed: int) -> Iterator[Failure | None]:
    """For each of so many texts: the first law that it breaks, or None."""
    chance = random.Random(seed)
    for _ in range(cases):
        text = text_of(chance)
        places = tuple(sorted(chance.randint(0, len(text)) for _ in range(chance.randint(0, 6))))
        settings = chance.choice(SETTINGS)
        broken = next((name for name, law in LAWS.items() if breaks(law, text, places, settings)), None)
        if broken is None:
            yield None
        else:
            yield Failure(broken, settings, smallest(LAWS[broken], text, places, settings), places)


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000, help="how many texts")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same texts")
    parser.add_argument("--progress", action="store_true", help="tell how far it is")
    chosen = parser.parse_args()
    began_s = time.perf_counter()
    failures = 0
    for done, failure in enumerate(fuzz(chosen.cases, chosen.seed), start=1):
        if failure is not None:
            failures += 1
            print(f"{failure.law}: {failure.text!r}, cut at {list(failure.places)}, {failure.settings}", flush=True)
        if chosen.progress and done % REPORTED == 0:
            print(f"{done} cases, {failures} failures", file=sys.stderr, flush=True)
    took_s = time.perf_counter() - began_s
    print(f"{chosen.cases} cases, {len(LAWS)} laws, {failures} failures, {chosen.cases / took_s:.0f} cases/s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
