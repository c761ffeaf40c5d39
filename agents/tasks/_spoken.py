"""What is said of letters and figures, as they are written: "double seven", "b as in boy", "bravo". English. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator, Sequence
from typing import Final

#: A word, with an apostrophe or full stops inside; or a sign that may be part of a value.
_TOKEN: Final = re.compile(r"[^\W_]+(?:['.][^\W_]+)*|[@_+\-#/]")

#: Letters of which a recogniser makes one word: "W-E-B" or "W.E.B.".
_LETTERS: Final = re.compile(r"\b([^\W\d_])[.-](?=[^\W\d_]\b)")

#: The spelling alphabet of aviation, in both spellings where there are two.
_NATO: Final = {
    word: word[0]
    for word in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar "
        "papa quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu"
    ).split()
}

_UNITS: Final = dict(zip("zero one two three four five six seven eight nine".split(), "0123456789", strict=True))
_SPOKEN_DIGITS: Final = {**_UNITS, "oh": "0", "o": "0", "nought": "0"}
_TEENS: Final = {
    word: str(number)
    for number, word in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), start=10
    )
}
_TENS: Final = {
    word: str(number)
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}

#: How often what follows is meant.
TIMES: Final = {"double": 2, "triple": 3, "treble": 3}

#: Words that part figures and say nothing.
_BETWEEN: Final = frozenset("and dash hyphen space then - / um uh".split())

#: Names of letters whose sound a recogniser writes as a word.
_SOUNDS: Final = {"bee": "b", "cee": "c", "see": "c", "dee": "d", "gee": "g", "jay": "j", "kay": "k", "ell": "l"} | {
    "em": "m",
    "en": "n",
    "pee": "p",
    "cue": "q",
    "queue": "q",
    "ar": "r",
    "ess": "s",
    "tee": "t",
    "you": "u",
    "vee": "v",
    "ex": "x",
    "why": "y",
    "zee": "z",
    "zed": "z",
}


def tokens_of(text: str) -> list[str]:
    """Its words in lower case, and signs that may be part of a value; "x-ray" and "B." without theirs."""
    plain = text.casefold().replace("x-ray", "xray").replace("e-mail", "email").replace("’", "'")
    return _TOKEN.findall(_LETTERS.sub(r"\1 ", plain))


def without_lead(tokens: Sequence[str], lead: frozenset[str], signs: Container[str] = ()) -> list[str]:
    """The tokens after words that only lead up to a value, such as "my name is"; at least the last one stays.

    Args:
        tokens: what was said.
        lead: the words that lead up to it.
        signs: before one of these a word belongs to the value, whatever it is: "me dot you".
    """
    for at, (token, following) in enumerate(itertools.pairwise(tokens)):
        belongs = following in signs and token not in signs
        if token not in lead or belongs or _is_spelled(token, following):
            return list(tokens[at:])
    return list(tokens[-1:])


def _is_spelled(token: str, following: str) -> bool:
    """Whether these are the first two tokens of spelling: "a b", and "a as in", but neither "a" nor "i am"."""
    return len(token) == 1 and (len(following) == 1 or following in ("as", "for"))


def digits_of(tokens: Sequence[str]) -> str:
    """The figures that tokens say, one after another; empty where there is a word that says none.

    "four two", "42" and "forty two" are the same, "double oh seven" is 007, "nineteen eighty" 1980, "two hundred" 200.
    """
    found: list[str] = []
    times = 1
    rest = list(tokens)
    while rest:
        token = rest.pop(0)
        if token in TIMES:
            times = TIMES[token]
            continue
        if token in _BETWEEN:
            continue
        digits = _digits(token, rest)
        if not digits:
            return ""
        found.append(digits * times)
        times = 1
    return "".join(found)


def _digits(token: str, rest: list[str]) -> str:
    """The figures of a token; of "twenty", with the unit that follows, which is taken from the rest."""
    if token.isdecimal():
        digits = "".join(str(int(figure)) for figure in token)  # whatever the script
    elif token in _TENS:
        if rest[:1] == ["-"]:
            rest.pop(0)
        unit = _UNITS.get(rest[0], "0") if rest else "0"
        digits = _TENS[token] + (_UNITS[rest.pop(0)] if unit != "0" else "0")
    else:
        digits = _SPOKEN_DIGITS.get(token) or _TEENS.get(token, "")
    if digits and rest and rest[0] in ("hundred", "thousand"):
        digits += "00" if rest.pop(0) == "hundred" else "000"
    return digits


def spelled(tokens: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The tokens, with what is spelled put together (letters, NATO's words, "b as in boy"), and whether it was.

    A single letter that stands alone stays one. What says figures becomes figures among letters only.
    """
    run = ""
    at = 0
    while at < len(tokens):
        letter, used = _letter(tokens, at, inside=bool(run))
        if used:
            run += letter
            at += used
            continue
        if run:
            yield run, len(run) > 1
            run = ""
        yield tokens[at], False
        at += 1
    if run:
        yield run, len(run) > 1


def _letter(tokens: Sequence[str], at: int, *, inside: bool) -> tuple[str, int]:
    """The letter (or letters) at a place, and how many tokens say it; 0 where that is none."""
    token = tokens[at]
    if token in TIMES and at + 1 < len(tokens):
        letter, used = _letter(tokens, at + 1, inside=inside)
        return (letter * TIMES[token], used + 1) if used else ("", 0)
    if token == "capital" and at + 1 < len(tokens):  # no password
        letter, used = _letter(tokens, at + 1, inside=inside)
        return (letter.upper(), used + 1) if used else ("", 0)
    letter = _one_letter(token, tokens[at + 1 : at + 3], inside=inside)
    if not letter:
        return "", 0
    if tokens[at + 1 : at + 3] == ["as", "in"] and len(tokens) > at + 3:
        return letter, 4
    like = tokens[at + 1 : at + 2] in (["for"], ["like"])
    if like and len(tokens) > at + 2 and tokens[at + 2].startswith(letter) and len(tokens[at + 2]) > 1:
        return letter, 3
    return letter, 1


def _one_letter(token: str, following: Sequence[str], *, inside: bool) -> str:
    if len(token) == 1 and token.isalpha():
        return token
    if token in _NATO and (inside or _begins_spelling(following)):
        return _NATO[token]
    if inside and token in _SOUNDS:
        return _SOUNDS[token]
    if inside and token in _UNITS:
        return _UNITS[token]
    return ""


def _begins_spelling(following: Sequence[str]) -> bool:
    """Whether a word such as "mike" is spelling, and no name: two more letters follow."""
    return len(following) == 2 and all(token in _NATO or (len(token) == 1 and token.isalpha()) for token in following)


def one_by_one(digits: str, group: int = 4) -> str:
    """Figures to be heard one by one, with a pause after each group: "4 2 4 2, 1 1"."""
    groups = [digits[at : at + group] for at in range(0, len(digits), group)]
    return ", ".join(" ".join(each) for each in groups)
