"""Where a text may be cut without tearing what a reader sees as one character."""

from __future__ import annotations

import unicodedata
from typing import Final

_JOINER: Final = "\u200d"
_VIRAMA: Final = 9
"""Canonical combining class of the signs that join two Indic consonants."""

_FIRST_HAN: Final = "\u3400"
_LAST_HAN: Final = "\u9fff"
"""Characters that never extend a grapheme, nor begin one of several: looked up no further."""


def may_cut(text: str, at: int) -> bool:
    """Whether there is a grapheme boundary before this position."""
    before, after = text[at - 1], text[at]
    if after < "\u0300":
        return (before != _JOINER or after.isspace()) and not (before == "\r" and after == "\n")
    if _FIRST_HAN <= after <= _LAST_HAN and before != _JOINER:
        return True
    if _extends(after) or before == _JOINER or unicodedata.combining(before) == _VIRAMA:
        return False
    if "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff":
        return False
    if _is_hangul_part(before) and _is_hangul_part(after):
        return False
    return not (_is_flag_half(after) and _odd_flag_halves(text, at))


def last_cut(text: str, end: int) -> int:
    """The last grapheme boundary at or before `end`; the first one behind it, or `end`, where there is none."""
    for at in range(min(end, len(text) - 1), 0, -1):
        if may_cut(text, at):
            return at
    return next((at for at in range(end + 1, len(text)) if may_cut(text, at)), end)


def _extends(char: str) -> bool:
    if unicodedata.category(char) in ("Mn", "Me", "Mc"):
        return True
    return (
        char in (_JOINER, "\u200c")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or char in "\uff9e\uff9f\u0e33\u0eb3"
    )


def _is_hangul_part(char: str) -> bool:
    return "\u1100" <= char <= "\u11ff" or "\ua960" <= char <= "\ua97c" or "\uac00" <= char <= "\ud7fb"


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _odd_flag_halves(text: str, at: int) -> bool:
    count = 0
    while count < at and _is_flag_half(text[at - 1 - count]):
        count += 1
    return count % 2 == 1
