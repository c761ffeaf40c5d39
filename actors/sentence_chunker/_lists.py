"""List items: their markers are no ends of sentences, and the next marker begins a new item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trialogue.actors.sentence_chunker._characters import BULLETS
from trialogue.actors.sentence_chunker._verdict import WAIT, Verdict, cut_at, go_on
from trialogue.actors.text._later import later

if TYPE_CHECKING:
    import re

_HEAD: Final = later(rf"[{BULLETS}*\-\u2013#]?\s*(\d{{1,3}}|[ivxIVX]{{1,4}}|[a-zA-Z])(\.\)|\.|\))(?=\s|\Z)")
_NEXT: Final = later(r"(?<!\S)(\d{1,3}|[ivxIVX]{1,4}|[a-zA-Z])(\.\)|\.|\))")
_MARK_LENGTH: Final = 7
"""Characters: a number of four letters, a full stop, a bracket, and the space before them."""

ROMANS: Final = "i ii iii iv v vi vii viii ix x xi xii".split()
"""Numbers of list items."""


def judge_item(text: str, at: int, final: bool) -> Verdict | None:
    """Decide about a mark that belongs to the marker of this list item ("1. First") or the next one's; else None."""
    head = _HEAD.match(text)
    if head is None:
        return None
    if head.start(2) == at:
        return go_on(at + 1)
    item = _next_item(head, text, at, final)
    if item is None:
        return WAIT
    return cut_at(item) if item else None


def _next_item(head: re.Match[str], text: str, at: int, final: bool) -> int | None:
    """Where the next item begins if the mark here ends its marker, else 0; None if that is not known yet."""
    if at < head.end():
        return 0
    if len(text[head.end() : at].split()) < 2:  # the item's first word, and the mark itself: no item is empty
        return 0
    for mark in _NEXT.finditer(text, max(head.end(), at - _MARK_LENGTH), at + 2):
        if mark.end(1) == at and mark[2] == head[2] and (_follows(head[1], mark[1]) or _restarts(mark)):
            return _with_content(text, mark, final)
        if mark.end(1) == at and head[2] == ".)" and mark.end() == len(text) and not final:
            return None
    return 0


def _with_content(text: str, mark: re.Match[str], final: bool) -> int | None:
    """An item begins with a capital, where the marker alone is not plain enough ("2." is, more often, a number)."""
    place = mark.end()
    if len(text) < place + 2 and not final:
        return None
    plain = mark[2] == ")" or mark[1].isalpha()
    first = text[place + 1 : place + 2]
    follows = text[place : place + 1] == " " and (first.isalnum() if plain else first.isupper())
    return mark.start() if follows else 0


def _restarts(mark: re.Match[str]) -> bool:
    return mark[2] != "." and mark[1] in ("1", "a")


def _follows(one: str, other: str) -> bool:
    """Of single letters the small ones only: capitals are initials."""
    if one.isdecimal() and other.isdecimal():
        return int(other) == int(one) + 1
    if len(one) > 1 or len(other) > 1:
        return other.lower() in ROMANS and one == _same_case(ROMANS[ROMANS.index(other.lower()) - 1], other)
    return len(one) == len(other) == 1 and one.islower() and ord(other) == ord(one) + 1


def _same_case(word: str, model: str) -> str:
    return word.upper() if model.isupper() else word
