"""Reading of words that are not plain: addresses, domains, names joined by signs."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._alternatives import NEVER
from trialogue.actors.text_filter._language import language_of
from trialogue.actors.text_filter._letters import LETTER, LETTERS
from trialogue.actors.text_filter._pronunciations import Pronunciations
from trialogue.actors.text_filter._settings import Rule, TextFilterSettings

# One character at a time: a repetition within a repetition would try every way of parting a long word.
NAME: Final = rf"(?:{LETTER}|[\d_-])+"
EMAIL: Final = later(rf"(?:{LETTER}|[\d_.+-])+@{NAME}(?:\.{NAME})+")
HOST: Final = later(r"(?!https?://(?![^/?#:\s]))(?:https?://)?(?:www\.)?([^/?#:\s]+)", re.IGNORECASE)
WORLD_DOMAINS: Final = "com|org|net|edu|gov|info|io|ai|dev|app"
"""The top-level domains that are known from a bare name; "went home.in the morning" lacks a blank and is none."""
COUNTRY_DOMAINS: Final = {
    "de": "de|at|ch", "es": "es|mx|ar", "fr": "fr", "hi": "in", "it": "it", "nl": "nl", "pl": "pl", "pt": "pt|br",
    "ru": "ru|su", "tr": "tr",
}  # fmt: skip
"""By language: bare names with these are addresses there."""
SECOND_LEVEL: Final = "ac|co|com|edu|gov|net|org"
LABELS: Final = r"(?:[a-zA-Z0-9-]+\.)"


@lru_cache(maxsize=32)
def _domain(code: str) -> re.Pattern[str]:
    known = f"{WORLD_DOMAINS}|{COUNTRY_DOMAINS.get(code, NEVER)}"
    return later(
        rf"{LABELS}+(?:{known})(?:/\S*)?|{LABELS}+(?:{SECOND_LEVEL})\.[a-z]{{2}}(?:/\S*)?|{LABELS}+[a-z]{{2,}}/\S*"
    )


BEGUN_EMAIL: Final = later(rf"(?:{LETTER}|[\d_.+-])@{NAME}\.\Z")
"""No address yet, but with the words for a figure behind it, it would be one: "joe@a.½"."""
NAMED_HOST: Final = later(rf"{NAME}(?:\.{NAME})*")
NAMES: Final = later(rf"{LETTERS}(?:&{LETTERS})+")
MENTION: Final = later(rf"@{LETTER}(?:{LETTER}|[\d_])*")
HASHTAG: Final = later(rf"#{LETTER}(?:{LETTER}|[\d_])*")
SYMBOLS: Final = frozenset("&→÷≈≤≥≠±§∞√№")
"""Signs that are read wherever they stand; others (`*`, `+`, `=`, `<`, `/`, `#`) only where they belong to more."""

PASSING: Final = frozenset(' ,!?")“”„«»—…{}\n')
"""Nothing that is read begins with these."""


class WordRules:
    """Reads words that are not plain.

    Args:
        settings: the language and which rules apply.
    """

    def __init__(self, settings: TextFilterSettings) -> None:
        self._settings = settings
        language = language_of(settings.language)
        self._signs = language.signs if language else {}
        self.own = Pronunciations(settings.pronunciations)
        self.passing = PASSING - self.own.first_chars
        self._domain = _domain(language.code if language else "")
        self._units = language.units if language else {}
        self._reads_symbols = settings.has(Rule.SYMBOLS)
        self._hashtag = language.usage.hashtag if language else ""
        self.shorthand = language.usage.shorthand if language and self._reads_symbols else {}

    def url(self, url: str) -> str | None:
        """The host of an address, as it is said."""
        match = HOST.match(url)
        if match is None or not self._signs or not self._settings.has(Rule.URLS):
            return None
        return self._spelled(match[1]) if NAMED_HOST.fullmatch(match[1]) else None

    def unit(self, sign: str) -> str | None:
        """What is said for the sign of a unit without a number, where it looks like a power: m²."""
        unit = self._units.get(sign)
        return unit.forms[0] if unit and self._settings.has(Rule.UNITS) else None

    def read(self, atom: str, goes_on: bool) -> str | None:
        """What is said for it; None for the word itself.

        Args:
            atom: letters, figures and signs without a blank between them.
            goes_on: whether it follows a word directly.
        """
        if not self._signs or atom.isalpha():
            return None
        if atom in self.shorthand:
            return self.shorthand[atom]
        if atom[0] in "@#" and self._reads_symbols and not goes_on:
            if MENTION.fullmatch(atom):
                return f"{self._signs['@']} {atom[1:]}"
            if HASHTAG.fullmatch(atom):
                return f"{self._hashtag} {atom[1:]}"
        if "@" in atom and self._settings.has(Rule.EMAILS) and EMAIL.fullmatch(atom):
            return self._spelled(atom)
        if "." in atom and self._settings.has(Rule.URLS) and self._domain.fullmatch(atom):
            return self.url(atom)
        if "&" in atom and self._reads_symbols and NAMES.fullmatch(atom) and "www" not in atom.lower():
            return atom.replace("&", f" {self._signs['&']} ").strip()
        return None

    def reads(self, char: str) -> bool:
        """Whether the sign is said wherever it stands."""
        return self._reads_symbols and char in SYMBOLS and char in self._signs

    def power(self, char: str) -> str | None:
        """What is said for a raised figure behind a number or a name."""
        return self._signs.get(char) if self._reads_symbols else None

    def name(self, char: str) -> str:
        """What is said for a sign."""
        return self._signs[char]

    def sign(self, char: str, before: str, after: str) -> str:
        """What is said for a sign between two characters."""
        return f"{'' if not before.strip() else ' '}{self._signs[char]}{'' if not after.strip() else ' '}"

    def _spelled(self, address: str) -> str:
        """An address sign by sign; figures are read one by one, since nobody counts in an address."""
        language = language_of(self._settings.language)
        if language is None:
            return address
        said: list[str] = []
        for part in re.findall(r"\d|[.@_/+-]|[^\d.@_/+-]+", address):
            if part.isdecimal() and self._settings.has(Rule.NUMBERS):
                part = language.cardinal(int(part))
            said.append(language.signs.get(part, part))
        return " ".join(said)


@lru_cache(maxsize=32)
def word_rules_of(settings: TextFilterSettings) -> WordRules:
    """The rules for words; they are the same for every text, and made once."""
    return WordRules(settings)
