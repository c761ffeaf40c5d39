"""Numbers and addresses that are being dictated: they have long pauses, and an end that can be told. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialogue.actors.turn._detector_words import Dictation

#: Digits of the shortest that there are: local phone numbers, bank cards, postal codes of five, PINs.
_FEWEST_DIGITS: Final[Mapping[str, int]] = {"phone": 7, "card": 13, "zip": 5, "pin": 4}

#: Where nobody knows what is dictated: so many single digits are likely to be the beginning of something longer.
_RUN_OF_DIGITS: Final = 3

_FINISHED: Final = 0.93
_UNFINISHED: Final = 0.1
_NOBODY_KNOWS: Final = 0.6


def dictated(words: tuple[str, ...], asked: tuple[str, ...], how: Dictation) -> float | None:
    """The probability that a dictation is over; None where none is going on.

    Args:
        words: what was said.
        asked: the question it answers; empty if there is none.
        how: the language's way of dictating.
    """
    wanted = _kind(asked, how) or _kind(words, how)
    if wanted == "e-mail" or how.at & set(words[1:]):
        judged = _address(words, wanted == "e-mail", how)
        if judged is not None:
            return judged
    letters = _trailing_letters(words)
    if wanted == "spelling" and letters:
        return _NOBODY_KNOWS if letters > 2 else _UNFINISHED
    digits, spoken = _trailing_digits(words, how)
    if not digits:
        return None
    if wanted in _FEWEST_DIGITS and (asked or digits < len(words)):
        return _FINISHED if digits >= _FEWEST_DIGITS[wanted] else _UNFINISHED
    if spoken >= _RUN_OF_DIGITS and spoken == digits:
        return _FINISHED if digits >= _FEWEST_DIGITS["phone"] else _UNFINISHED
    return None


def _kind(words: tuple[str, ...], how: Dictation) -> str:
    return next((kind for kind, signs in how.kinds.items() if set(signs) & set(words)), "")


def _address(words: tuple[str, ...], wanted: bool, how: Dictation) -> float | None:
    """An e-mail address is over when a dot and something more have followed the at."""
    last_at = max((place for place, word in enumerate(words) if word in how.at), default=None)
    if last_at is None:
        spelled = bool(set(words) & how.dot) or _trailing_letters(words) > 0
        return _UNFINISHED if wanted and spelled else None
    domain = words[last_at + 1 :]
    if not wanted and not set(words) & how.dot:
        return None  # "at" is also a common word
    dots = [place for place, word in enumerate(domain) if word in how.dot]
    return _FINISHED if dots and dots[-1] + 1 < len(domain) else _UNFINISHED


def _trailing_letters(words: tuple[str, ...]) -> int:
    """How many single letters the text ends with."""
    count = 0
    for word in reversed(words):
        if len(word) != 1 or word.isdigit():
            break
        count += 1
    return count


def _trailing_digits(words: tuple[str, ...], how: Dictation) -> tuple[int, int]:
    """How many digits the text ends with, and how many words they are."""
    digits = spoken = 0
    for word in reversed(words):
        size = _digits_of(word, how)
        if not size:
            break
        digits += size
        spoken += 1
    return digits, spoken


def _digits_of(word: str, how: Dictation) -> int:
    if word.isdigit():
        return len(word)
    if word.endswith(how.digit_endings):
        return 2
    return how.digits.get(word, 0)
