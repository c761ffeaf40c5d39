"""Whether a sentence almost certainly ends where the text does, before the next character has come. Pure.

Only a voice is asked on this word, and what it gives is thrown away where the text goes on otherwise. So this may err,
but rarely: a request that nobody hears is paid for.
"""

from __future__ import annotations

from typing import Final

from trialogue.actors.sentence_chunker import _characters as chars
from trialogue.actors.sentence_chunker._full_stop import has_vowel
from trialogue.actors.sentence_chunker._registry import is_known_somewhere
from trialogue.actors.text._later import later

_LONGEST: Final = 80
"""Characters of the last word; longer ones are addresses."""

_ENDS: Final = frozenset(".?!,;:" + chars.CASELESS_STOPS)
_WORD: Final = later(r"(?:\A|\s)([^\W\d_]+(?:['\u2019-][^\W\d_]+)*)[.?!,;:]\Z")
_JOINT: Final = later(r"['\u2019-]")
_UNCASED: Final = later(rf"[^\s\d{chars.STOPS}][{chars.CASELESS_STOPS}]\Z")
_ASIDE: Final = later(r"(?:\A|\s)(?:--|[-\u2013\u2014]\s)")
"""A dash that another may follow: "Who? - he asked"."""


def ends_likely(text: str) -> bool:
    """Whether the text ends in a mark that ends a sentence, or a clause, if anything like a new one follows.

    So it does behind a word of letters that is no abbreviation, neither here nor elsewhere, and no name that may have
    such a mark ("Yahoo!"). Figures, addresses, quotations and what is marked up are left to their time.

    Args:
        text: what was written from the beginning of the sentence on.
    """
    if text[-1:] not in _ENDS:
        return False
    found = _WORD.search(text, max(0, len(text) - _LONGEST))
    if found is None:
        return _UNCASED.search(text, len(text) - 2) is not None
    word, mark = found[1], text[-1]
    if mark == ".":
        return _is_no_abbreviation(word) and _ASIDE.search(text) is None
    if mark == "!" and word[0].isupper() and found.start(1) > 0:
        return False
    return mark in ",;:" or _ASIDE.search(text) is None


def _is_no_abbreviation(word: str) -> bool:
    if len(word) < 2 or word.isupper() or not has_vowel(word) or is_known_somewhere(word):
        return False
    last = _JOINT.split(word)[-1]  # "l'art." may be one as "art." may; "don't." is none
    return len(last) < 2 or not is_known_somewhere(last)
