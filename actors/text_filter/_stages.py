"""Optional stages that work on the filter's pieces one by one: Indic scripts respelt, over-long words parted."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._letters import LETTERS
from trialogue.engine import ConfigurationError
from trialogue.frames import SpeakablePiece

if TYPE_CHECKING:
    import re

BLOCKS: Final = {
    "devanagari": 0x0900,
    "bengali": 0x0980,
    "gurmukhi": 0x0A00,
    "gujarati": 0x0A80,
    "oriya": 0x0B00,
    "tamil": 0x0B80,
    "telugu": 0x0C00,
    "kannada": 0x0C80,
    "malayalam": 0x0D00,
}
"""Where each script begins; Unicode lays them out alike, a letter at the same place in each (after ISCII)."""
BLOCK_SIZE: Final = 0x80
SHARED: Final = frozenset({0x64, 0x65})
"""Danda and double danda stand in the Devanagari block alone and are used by all."""
SCRIPTS: Final = {
    "hi": "devanagari", "mr": "devanagari", "ne": "devanagari", "sa": "devanagari", "bn": "bengali", "as": "bengali",
    "pa": "gurmukhi", "gu": "gujarati", "or": "oriya", "ta": "tamil", "te": "telugu", "kn": "kannada",
    "ml": "malayalam",
}  # fmt: skip
NEAREST: Final = {
    # Where a script lacks a letter, the nearest that it has: aspirated and voiced letters fall together in Tamil.
    **dict.fromkeys((0x16, 0x17, 0x18), 0x15),
    **dict.fromkeys((0x1B, 0x1C), 0x1A),
    0x1D: 0x1C,
    **dict.fromkeys((0x20, 0x21, 0x22), 0x1F),
    **dict.fromkeys((0x25, 0x26, 0x27), 0x24),
    **dict.fromkeys((0x2B, 0x2C, 0x2D), 0x2A),
    0x31: 0x30,
    0x33: 0x32,
    0x34: 0x33,
    0x36: 0x38,
    0x37: 0x38,
    # short and long e, o; the candra vowels of English words
    **dict.fromkeys((0x0D, 0x0E), 0x0F),
    **dict.fromkeys((0x11, 0x12), 0x13),
    **dict.fromkeys((0x45, 0x46), 0x47),
    **dict.fromkeys((0x49, 0x4A), 0x4B),
    0x01: 0x02,
    0x0B: 0x30,
    0x43: 0x41,
}
NUKTA: Final = {0x58: 0x15, 0x59: 0x16, 0x5A: 0x17, 0x5B: 0x1C, 0x5C: 0x21, 0x5D: 0x22, 0x5E: 0x2B, 0x5F: 0x2F}
"""Devanagari letters with a dot, and the letter without it."""

PieceStage = Callable[[Iterable[SpeakablePiece]], list[SpeakablePiece]]


def script_of(name: str) -> str:
    """The script by its name or by a language's tag.

    Raises:
        ConfigurationError: there is no such Indic script.
    """
    script = SCRIPTS.get(name.lower().partition("-")[0], name.lower())
    if script not in BLOCKS:
        known = ", ".join((*BLOCKS, *SCRIPTS))
        raise ConfigurationError(f"Transliteration knows no Indic script {name!r}. It knows: {known}.")
    return script


def transliteration(source: str, target: str) -> PieceStage:
    """Respell text of one Indic script in another, so that a voice of the second can read it.

    Args:
        source: script or language of the text, such as "devanagari" or "hi".
        target: script or language of the voice.

    Raises:
        ConfigurationError: one of them is no Indic script.
    """
    table = _table(script_of(source), script_of(target))
    return lambda pieces: [attrs.evolve(piece, text=piece.text.translate(table)) for piece in pieces]


def _table(source: str, target: str) -> dict[int, str]:
    first, other = BLOCKS[source], BLOCKS[target]
    table: dict[int, str] = {}
    for offset in range(BLOCK_SIZE):
        assigned = unicodedata.category(chr(first + offset)) != "Cn"
        if source != target and assigned and offset not in SHARED:
            table[first + offset] = _letter(other, offset)
    return table


def _letter(block: int, offset: int) -> str:
    """The letter at a place of a block, or the nearest; "" where the script has nothing like it."""
    for place in (offset, NUKTA.get(offset), NEAREST.get(offset), NEAREST.get(NEAREST.get(offset, -1))):
        if place is not None and unicodedata.category(chr(block + place)) != "Cn":
            return chr(block + place)
    return ""


class Patterns(Protocol):
    """The part of pyphen that is used."""

    def positions(self, word: str) -> list[int]:
        """Where the word may be parted."""


LONG_WORD: Final = later(LETTERS)


def hyphenation(language: str, *, longest: int = 20) -> PieceStage:
    """Part over-long words with hyphens, where the language parts them, for voices that stumble over them.

    Args:
        language: a language tag.
        longest: the longest part that stays whole, letters.

    Raises:
        ConfigurationError: the library `pyphen` is not installed or has no patterns for the language.
    """
    patterns = _patterns(language)

    def parted(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) <= longest:
            return word
        cuts, start = [0], 0
        places = [*map(int, patterns.positions(word)), len(word)]
        for place, following in pairwise(places):
            if following - start > longest:
                start = place
                cuts.append(place)
        return "-".join(word[begin:end] for begin, end in zip(cuts, [*cuts[1:], len(word)], strict=True))

    return lambda pieces: [attrs.evolve(piece, text=LONG_WORD.sub(parted, piece.text)) for piece in pieces]


@lru_cache(maxsize=32)
def _patterns(language: str) -> Patterns:
    try:
        # Imported when first used: it is an optional part.
        import pyphen  # type: ignore[import-untyped] # it ships no types
    except ImportError as error:
        raise ConfigurationError("Hyphenation needs the library pyphen: pip install pyphen.") from error
    name = pyphen.language_fallback(language.replace("-", "_"))
    if name is None:
        raise ConfigurationError(f"pyphen has no hyphenation patterns for the language {language!r}.")
    patterns: Patterns = pyphen.Pyphen(lang=name)
    return patterns
