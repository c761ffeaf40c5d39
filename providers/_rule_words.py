"""Spoken English made plain: lower-case words, contractions written out, numbers as digits.

Both what callers say and the patterns of a script go through here, so that "I'd like twenty-five" and
"i would like 25" are the same. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+")

#: Sounds of thinking, which carry no meaning.
_FILLERS: Final = frozenset({"uh", "um", "er", "erm"})

_WHOLE_CONTRACTIONS: Final[Mapping[str, str]] = {
    "can't": "can not",
    "cannot": "can not",
    "won't": "will not",
    "let's": "let us",
    "o'clock": "o'clock",
    "wanna": "want to",
    "gonna": "going to",
}
_CONTRACTIONS: Final[Mapping[str, str]] = {
    "n't": " not",
    "'d": " would",
    "'ll": " will",
    "'re": " are",
    "'ve": " have",
    "'m": " am",
}
#: Words after which 's means "is"; after others it is a genitive and falls away.
_BEFORE_IS: Final = frozenset("it that there here what who where how when he she name".split())

_ONES: Final = "zero one two three four five six seven eight nine".split()
_TEENS: Final = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBERS: Final[Mapping[str, int]] = {
    **{word: value for value, word in enumerate(_ONES + _TEENS)},
    **{word: value * 10 for value, word in enumerate(_TENS, start=2)},
}


def plain_words(text: str) -> str:
    """Text as a string of plain words, each with one space before it: " i would like 25".

    >>> plain_words("Twenty-five, please. I'd like that!")
    ' 25 please i would like that'
    """
    found = _WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    words = " ".join(_written_out(word) for word in found if word not in _FILLERS).split()
    return "".join(f" {word}" for word in _with_digits(words))


def number_in_words(number: int) -> str:
    """A number from 0 to 99 as it is spoken; a larger one in digits."""
    if number < 20:
        return (_ONES + _TEENS)[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return f"{_TENS[tens - 2]} {_ONES[ones]}" if ones else _TENS[tens - 2]
    return str(number)


def contracted(phrase: str) -> str:
    """A phrase as it is mostly said: "i would like" becomes "i'd like". For the vocabulary of a recogniser."""
    for full, short in _SHORT_FORMS:
        phrase = re.sub(rf"\b{full}\b", short, phrase)
    return phrase


_SHORT_FORMS: Final[Sequence[tuple[str, str]]] = (
    ("i would", "i'd"),
    ("we would", "we'd"),
    ("i will", "i'll"),
    ("we will", "we'll"),
    ("i am", "i'm"),
    ("we are", "we're"),
    ("you are", "you're"),
    ("do not", "don't"),
    ("does not", "doesn't"),
    ("can not", "can't"),
    ("it is", "it's"),
    ("that is", "that's"),
    ("there is", "there's"),
    ("what is", "what's"),
    ("where is", "where's"),
    ("i have", "i've"),
    ("let us", "let's"),
)


def _written_out(word: str) -> str:
    if word in _WHOLE_CONTRACTIONS:
        return _WHOLE_CONTRACTIONS[word]
    for ending, full in _CONTRACTIONS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return word.removesuffix(ending) + full
    if word.endswith("'s"):
        stem = word.removesuffix("'s")
        return f"{stem} is" if stem in _BEFORE_IS else stem
    return word


def _with_digits(words: list[str]) -> Iterator[str]:
    """Put digits for number words: "twenty five" is 25, but "seven thirty" is 7 30."""
    index = 0
    while index < len(words):
        value = _NUMBERS.get(words[index])
        if value is None:
            yield words[index]
            index += 1
            continue
        index += 1
        if value >= 20 and index < len(words) and 0 < _NUMBERS.get(words[index], 0) < 10:
            value += _NUMBERS[words[index]]
            index += 1
        if value < 10 and index < len(words) and words[index] == "hundred":
            value *= 100
            index += 1
        yield str(value)
