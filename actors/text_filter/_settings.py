"""What the text filter does, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from typing import Final

import attrs

from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import frozen


class Rule(StrEnum):
    """The rules of the filter by name; each can be switched off with `TextFilterSettings(off=...)`."""

    EMPHASIS = "emphasis"
    CODE = "code"
    FENCES = "fences"
    HEADINGS = "headings"
    LISTS = "lists"
    QUOTES = "quotes"
    LINES = "lines"
    TABLES = "tables"
    LINKS = "links"
    CITATIONS = "citations"
    HTML = "html"
    ENTITIES = "entities"
    ESCAPES = "escapes"
    MATH = "math"
    THINKING = "thinking"
    STAGE_DIRECTIONS = "stage_directions"
    EMOJI = "emoji"
    INVISIBLE = "invisible"
    URLS = "urls"
    EMAILS = "emails"
    NUMBERS = "numbers"
    CURRENCY = "currency"
    PERCENT = "percent"
    UNITS = "units"
    RANGES = "ranges"
    FRACTIONS = "fractions"
    ORDINALS = "ordinals"
    TIMES = "times"
    DATES = "dates"
    PHONES = "phones"
    SYMBOLS = "symbols"
    NUMBERED_LISTS = "numbered_lists"


LANGUAGES: Final = frozenset({"de", "en", "es", "fr", "hi", "it", "nl", "pl", "pt", "ru", "tr"})
"""What the filter has words for."""


def code_of(tag: str) -> str:
    """The language of a tag ("pt-BR"), in two letters where it has such a code."""
    return tag.strip().lower().replace("_", "-").partition("-")[0]


@cache
def _reads_figures() -> bool:
    """Whether the library is there that reads figures; it is loaded when there are some to read."""
    return find_spec("unicode_rbnf") is not None


NOT_TWICE_THE_SAME: Final = frozenset({Rule.STAGE_DIRECTIONS})
"""Rules for which filtering twice may take out more than once: what other rules take out of "(si**ghs)" uncovers a
direction."""


def _rules(names: Iterable[str]) -> frozenset[Rule]:
    chosen: set[Rule] = set()
    for name in names:
        try:
            chosen.add(Rule(name))
        except ValueError as error:
            known = ", ".join(rule.value for rule in Rule)
            raise ConfigurationError(
                f"TextFilterSettings.off names no rule: {name!r}. The rules are: {known}."
            ) from error
    return frozenset(chosen)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _frozen_words(words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    for key in words:
        if not key or key != key.strip():
            raise ConfigurationError(
                f"TextFilterSettings.pronunciations has the key {key!r}: give words without outer white space."
            )
    return tuple(words.items())


MAX_BLOCK_CHARS: Final = 10_000
"""Characters. About 300 lines of code, more than any reply that is meant to be heard; own judgement."""

MAX_THINKING_CHARS: Final = 100_000
"""Characters. Reasoning models write up to some 30 000 tokens before the answer; own judgement."""


def _positive(_: object, field: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        raise ConfigurationError(f"TextFilterSettings.{field.name} is {value}: give at least 1 character.")


@frozen(kw_only=True)
class TextFilterSettings:
    """Which language the voice speaks and which rules apply.

    Args:
        language: a language tag such as "en" or "pt-BR"; only its first part counts. A language that the filter has no
            words for, "auto" too, gets the markup rules alone.
        off: names of rules that shall not apply, see `Rule`.
        pronunciations: what to say for a word or phrase as written, for example {"nginx": "engine x"}. Keys match whole
            words, whatever their case, and win over every other rule of reading.
        keep_tags: names of XML tags that the voice understands (SSML); they pass untouched.
        max_block_chars: how far a code fence may run before it is taken for text again, characters.
        max_thinking_chars: like max_block_chars, but for a think block.

    The words of the language, and the patterns, are loaded when they are first used, or by `load_text_path`.

    Raises:
        ConfigurationError: a value is out of range, or the library that reads figures is not installed.
    """

    language: str = "en"
    off: frozenset[Rule] = attrs.field(default=frozenset(), converter=_rules)
    pronunciations: tuple[tuple[str, str], ...] = attrs.field(factory=dict, converter=_frozen_words)
    keep_tags: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    max_block_chars: int = attrs.field(default=MAX_BLOCK_CHARS, validator=_positive)
    max_thinking_chars: int = attrs.field(default=MAX_THINKING_CHARS, validator=_positive)

    def __attrs_post_init__(self) -> None:
        if self.has(Rule.NUMBERS) and code_of(self.language) in LANGUAGES and not _reads_figures():
            raise ConfigurationError(
                "Reading figures needs the library unicode-rbnf: pip install unicode-rbnf, "
                "or switch off the rule numbers."
            )

    def has(self, rule: Rule) -> bool:
        """Whether the rule applies."""
        return rule not in self.off
