"""Classes of characters, and the patterns made of them. Pure data."""

from __future__ import annotations

import re
from typing import Final

from trialogue.actors.text._later import later

PERIODS: Final = ".\uff0e"
ELLIPSES: Final = "\u2026\u2025\u22ef"
MARKS: Final = "!?\u203c\u2047\u2048\u2049\u203d"
"""Terminators of scripts with two cases: the next letter's case says whether they end the sentence."""

CASELESS_STOPS: Final = (
    "\u3002\uff61\uff01\uff1f\ufe12\ufe15\ufe16\ufe56\ufe57"  # Han, Kana
    "\u061d\u061e\u061f\u06d4\u0700\u0701\u0702\u07f9"  # Arabic, Urdu, Syriac, N'Ko
    "\u0964\u0965\u0df4\ua8ce\ua8cf\uabeb\uaaf0\uaaf1"  # Devanagari and the other Indic scripts
    "\u104b\u17d4\u17d5\u0f0d\u0f0e\u1803\u1809\u1b5a\u1b5b\ua9c8\ua9c9"  # Burmese, Khmer, Tibetan, Mongolian ...
    "\u0589\u1362\u1367\u1368\u166e\u1735\u1736\u1944\u1945\u1c7e\u1c7f\ua4ff\ua60e"  # Armenian, Ethiopic ...
)
"""Terminators that mean nothing else (Unicode's STerm, without minor stops): certain at the next character."""

STOPS: Final = PERIODS + ELLIPSES + MARKS + CASELESS_STOPS
NEWLINES: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
BULLETS: Final = "\u2022\u2043\u25e6\u25aa\u2023\u25cf\u25a0\u27a2"

INVISIBLE: Final = "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
"""Joiners and direction marks: they belong to what stands before them and are not looked at."""

EMOJI: Final = "\ufe0f\u200d\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff"
"""Pictures, and what joins them: glued to a terminator they belong to the sentence."""

UNSEEN: Final = later(f"[{INVISIBLE}]")

PAIRS: Final = {
    "(": ")",
    "[": "]",
    "{": "}",
    "\uff08": "\uff09",
    "\u3010": "\u3011",
    "\u300c": "\u300d",
    "\u300e": "\u300f",
    "\u300a": "\u300b",
    "\u3008": "\u3009",
    "\u3014": "\u3015",
    "\uff3b": "\uff3d",
    "\uff62": "\uff63",
    "\u201c": "\u201d",
    "\u201e": "\u201c\u201d\u201f",
    "\u201a": "\u2018\u2019",
    "\u2018": "\u2019",
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab",
    "\u2039": "\u203a",
    "\u203a": "\u2039",
    '"': '"',
    "'": "'",
    "`": "`'",
}
"""Opening character to what may close it. Some open in one language and close in another: see `opens`."""

TWO_FACED: Final = frozenset("\"'`\u201c\u2018\u00ab\u00bb\u2039\u203a")
"""Quotation marks that both open and close: spaces and letters beside them tell which."""

HAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
"""Han and Kana: no spaces stand between words, so a quotation mark before a letter may close."""

IS_HAN: Final = later(f"[{HAN}]")
CJK: Final = HAN + "\uac00-\ud7af"
_HARD_CLOSERS = ")\\]}\u201d\uff09\u3011\u300d\u300f\u300b\u3009\u3015\uff3d\uff63\u203e"
_SOFT_CLOSERS = "\"'`\u2019\u201c\u2018\u00ab\u00bb\u2039\u203a\u00b4"
_OPENERS = "".join(re.escape(c) for c in PAIRS) + "\u00bf\u00a1\u201d\u2019"
_TAG = r"</?[a-zA-Z][^<>\n]{0,200}>"

# No group is repeated possessively, here or in the text filter: in early releases of Python 3.11, `re` then loses its
# place when something in the group was tried in vain. Behind these groups nothing follows, so it makes no difference.
RUN: Final = later(f"[{STOPS};:\u037e][{STOPS}]*+(?:[ \u00a0][.!?\u2026]++(?!\\w))*")
"""A terminator with the terminators after it, also when they are set apart by single spaces (". . .")."""

TIGHT_RUN: Final = later(f"[{STOPS}:]++")
"""Like RUN, without spaces: enough where white space makes an end certain."""

CLOSERS: Final = later(
    rf"(?:[{_HARD_CLOSERS}{INVISIBLE}{EMOJI}]|[{_SOFT_CLOSERS}*_]+(?!\w)|(?<![\"'])[\"'](?=[{HAN}])|</[a-zA-Z][^<>\n]{{0,200}}>"
    rf"|<[a-zA-Z][^<>\n]{{0,200}}/>|\[\d{{1,3}}\])*"
)
"""What belongs to a sentence after its terminator: quotes, brackets, closing tags, note numbers."""

LATE_CLOSER: Final = later(rf"[{_HARD_CLOSERS}\"'`\u2019\u00bb\u203a](?!\w)|\[\d{{1,3}}\]|[{EMOJI}]++(?!\w)")
"""A closer, a note number or an emoji behind a space, as in French "Tu viens ? »"."""

HALF_CLOSER: Final = later(r"(?:<(?:/?[a-zA-Z][^<>\n]{0,200}|/)?|\[\d{0,3})\Z")
"""A tag or a note number of which the end has not come yet."""

LEADERS: Final = later(rf"(?:[{_OPENERS}*_{INVISIBLE}]|{_TAG})*")
"""What may stand before the first letter of a sentence."""

HALF_LEADER: Final = later(r"<(?:/?[a-zA-Z][^<>\n]{0,200}|/)?\Z")
"""A tag of which the end has not come yet."""

GAP_LIMIT: Final = 40
"""Characters. White space longer than this is a boundary whatever follows: look-ahead has to end somewhere."""

GAP: Final = later(rf"\s{{0,{GAP_LIMIT}}}")
NEWLINE: Final = later(f"[{NEWLINES}]")
WORD: Final = later(r"[^\W\d_]+")
LAST_TOKEN: Final = later(r"\S{1,60}\Z")
TAG: Final = later(_TAG)

SPACED_BY_SENTENCE: Final = "\u0e01-\u0e5b\u0e81-\u0edf"
"""Thai and Lao: white space is their full stop, and their comma."""

DENSE: Final = later(f"[{CJK}{SPACED_BY_SENTENCE}\u1780-\u17dd\u1000-\u109f]")
"""Scripts without spaces between words: a character is worth about three Latin ones in time."""

IS_CJK: Final = later(f"[{CJK}]")
THAI_RUN: Final = later(f"[{SPACED_BY_SENTENCE}]+")
IS_ARMENIAN: Final = later(r"[\u0531-\u0588]")
IS_GREEK: Final = later(r"[\u0370-\u037d\u0384-\u03ff\u1f00-\u1fff]")
IS_ARABIC: Final = later(r"[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff]")

CLAUSE_ENDS: Final = (
    ",;:\u2014\u2013\uff0c\uff1b\uff1a\u3001\u060c\u061b\u1363\u1364\u1365\u104a\u17d6\u055d\u037e\u0387\u00b7"
)
CLAUSE: Final = later(r"[,;:\u2014\u2013\u060c\u061b\u1363-\u1365\u104a\u17d6\u055d](?=\s)|[\uff0c\uff1b\uff1a\u3001]")
"""A clause's end: Latin commas only before white space (1,000 is a number), full-width ones anywhere."""

SCRIPTED: Final = ":;\u037e\u060c"
"""Terminators in one script only: the Armenian full stop typed as a colon, the Greek question mark, Arabic clauses."""

_CANDIDATES = STOPS + SCRIPTED + NEWLINES + BULLETS + "<" + ")" + "".join(PAIRS)
_CLASS = "".join(re.escape(c) for c in dict.fromkeys(_CANDIDATES))
CANDIDATE: Final = later(f"[{_CLASS}{SPACED_BY_SENTENCE}]")
"""Where something has to be decided. A delta without any of these cannot bring a decision about."""

CANDIDATE_OR_CLAUSE: Final = later(f"[{_CLASS}{SPACED_BY_SENTENCE}{''.join(re.escape(c) for c in CLAUSE_ENDS)}]")
"""Like CANDIDATE, but while the first chunk is being looked for."""

ANY: Final = later(r"[\s\S]")


def is_speakable(text: str) -> bool:
    """Whether there is anything to say in it: a letter or a digit outside of tags."""
    if "<" in text:
        text = TAG.sub("", text)
    return _SAYABLE.search(text) is not None


_SAYABLE: Final = later(r"[^\W_]")


def spoken_length(text: str) -> int:
    """Characters, those of dense scripts counted three times."""
    if text.isascii():
        return len(text)
    return len(text) + 2 * len(DENSE.findall(text))
