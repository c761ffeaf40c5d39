"""The second stage of the text filter: words pass at once, everything else is read as it would be said."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from trialogue.actors.text_filter._settings import TextFilterSettings
from trialogue.actors.text_filter._words import WordRules

# Letters with their marks, of scripts that put blanks between words: all that is none of the following.
SPACELESS: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u2e80-\u312f\u3190-\ua4cf\ua9e0-\ua9ff\uaa60-\uaadf\uf900-\ufaff"
    "\uff00-\uffef\U00016fe0-\U0001b2ff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Tai, Han, kana: a voice needs no word borders there, so each character passes alone."""
NO_LETTERS: Final = (
    "\\s\\d!-/:-@\\[-`{-~\x80-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u0589\u05be\u060c\u061b\u061f\u066a-\u066c\u06d4"
    "\u0964\u0965\u104a\u104b\u1361-\u1368\u2000-\u200b\u200e-\u2bff\u3000-\u303f\ufe10-\ufe1f\ufe30-\ufe6f\ud800-\uf8ff"
    "\U0001f000-\U0001fbff"
)
LETTERS: Final = f"[^{NO_LETTERS}{SPACELESS}]+"
WORD: Final = f"{LETTERS}(?:['’]{LETTERS})*"
PLAIN: Final = re.compile(rf"({WORD})[,.;:!?]?\s")
PLAIN_PREFIX: Final = re.compile(rf"{WORD}['’]?[,.;:!?]?\Z")
ATOM: Final = re.compile(rf"(?:{LETTERS}|[\d_'’.@/:&+#*=~\\\[\]%-])+")
URL: Final = re.compile(r"(?:https?://|www\.)[^\s<>\"“”«»|]*", re.IGNORECASE)
URL_OPENERS: Final = ("https://", "http://", "www.")
ATOM_TAIL: Final = "'’.@/:&*=~\\-["
URL_TAIL: Final = ".,;:!?'’\"*_~-"

MAX_ATOM_CHARS: Final = 500
"""Characters. Longer than any word or address; bounds what is held back."""


class Reading(NamedTuple):
    """What is said for text[start:end] of the stage's input."""

    text: str
    start: int
    end: int


class ReadingStage:
    """Cuts clean text into words and reads what is no word.

    Args:
        settings: the language and which rules apply.
    """

    def __init__(self, settings: TextFilterSettings) -> None:
        self._words = WordRules(settings)
        self._text = ""
        self._base = 0

    def feed(self, delta: str, *, final: bool = False) -> list[Reading]:
        """Take more text; return what became certain, one reading for each word, mark or construct."""
        text = self._text = self._text + delta
        readings: list[Reading] = []
        position = 0
        while position < len(text):
            if match := PLAIN.match(text, position):
                readings.append(Reading(match[0], self._base + position, self._base + match.end()))
                position = match.end()
                continue
            end, spoken = self._slow(position, final)
            if end < 0:
                break
            readings.append(Reading(text[position:end] if spoken is None else spoken, self._base + position, self._base + end))
            position = end
        self._text = text[position:]
        self._base += position
        return readings

    def _slow(self, at: int, final: bool) -> tuple[int, str | None]:
        """What is not a plain word: where it ends, -1 where that is not certain, and what is said, None for itself."""
        text = self._text
        if not final and PLAIN_PREFIX.match(text, at):
            return -1, None
        match = URL.match(text, at, at + MAX_ATOM_CHARS) or ATOM.match(text, at, at + MAX_ATOM_CHARS)
        if match is None:
            return at + 1, None
        if match.end() == len(text) and not final and len(text) - at < MAX_ATOM_CHARS:
            return -1, None
        is_url = match.re is URL
        atom = match[0].rstrip(URL_TAIL if is_url else ATOM_TAIL)
        if is_url:
            while atom.endswith(")") and atom.count("(") < atom.count(")"):
                atom = atom[:-1].rstrip(URL_TAIL)
        if not atom:
            return at + 1, None
        return at + len(atom), self._words.url(atom) if is_url else self._words.read(atom)
