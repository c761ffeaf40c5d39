"""Which language's rules hold: the one told, or the one that the text looks like."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import repeat
from typing import Final

import attrs

from trialogue.actors.sentence_chunker import _tables_east as east
from trialogue.actors.sentence_chunker import _tables_west as west
from trialogue.actors.sentence_chunker._languages import (
    Abbreviation,
    Guess,
    Language,
    Vocabulary,
    Words,
    abbreviations_of,
    compile_language,
    kind_in,
    second_words,
)
from trialogue.actors.sentence_chunker._lists import ROMANS
from trialogue.actors.text._later import later

_VOCABULARIES: Final[dict[str, Vocabulary]] = {
    "en": west.ENGLISH,
    "de": west.GERMAN,
    "fr": west.FRENCH,
    "es": west.SPANISH,
    "it": west.ITALIAN,
    "pt": west.PORTUGUESE,
    "nl": west.DUTCH,
    "da": west.DANISH,
    "sv": west.SWEDISH,
    "ro": west.ROMANIAN,
    "fi": west.FINNISH,
    "hu": west.HUNGARIAN,
    "id": west.INDONESIAN,
    "vi": west.VIETNAMESE,
    "pl": east.POLISH,
    "cs": east.CZECH,
    "sk": east.SLOVAK,
    "tr": east.TURKISH,
    "ru": east.RUSSIAN,
    "uk": east.UKRAINIAN,
    "bg": east.BULGARIAN,
    "kk": east.KAZAKH,
    "el": east.GREEK,
    "hy": east.ARMENIAN,
    "ko": east.KOREAN,
    "hi": east.HINDI,
    "mr": east.MARATHI,
    "bn": east.INDIC,
    "gu": east.INDIC,
    "pa": east.INDIC,
    "ta": east.INDIC,
    "te": east.INDIC,
    "kn": east.INDIC,
    "ml": east.INDIC,
    "ar": east.ARABIC,
    "fa": east.PERSIAN,
    "ur": east.URDU,
}

_RELATIVES: Final = {
    "nb": "da", "no": "da", "nn": "da", "is": "da", "fo": "da", "lb": "de", "af": "nl", "fy": "nl", "ca": "es",
    "gl": "pt", "et": "fi", "hr": "cs", "bs": "cs", "sl": "cs", "ms": "id", "be": "ru", "sr": "ru", "mk": "bg",
    "ne": "hi", "as": "bn", "ps": "ur", "ckb": "fa",
}  # fmt: skip
"""Languages without a table of their own, and the one that comes nearest."""


def _vocabularies(code: str) -> tuple[Vocabulary, ...]:
    own = _VOCABULARIES[code]
    return (own,) if code == "en" else (own, west.ENGLISH_ABROAD)


@cache
def _abbreviations(code: str) -> Mapping[str, Abbreviation]:
    return abbreviations_of(_vocabularies(code))


@cache
def language(code: str) -> Language:
    """The rules of a language that there is a table of."""
    return compile_language(code, _vocabularies(code), _abbreviations(code), arabic_clauses=code == "ar")


@cache
def _all_abbreviations() -> frozenset[str]:
    return frozenset[str]().union(*map(_abbreviations, _VOCABULARIES))


_WORDS_TOO: Final = frozenset(
    (
        "al all alb art bod bp burg bv cap card cc cd cel ch col cols com dir do doc dom don em env es ev ex ext "
        "fin fr gem gen gent hal hl hon id ill in ing ir jak kol lid lok lt mah maj mar max md me mim min mj mm nat "
        "nl nn no not np num ny nov o ob ok on op or ord os pan par pe pj pol por pos pr pres rag red rev ser sf "
        "sl sn sen sok sog son ss st sta sto sts t tel ten ti tom tp tr ts ud us v ver vol wed wg yak"
    ).split()
)
"""Abbreviations in one language that are words, or common abbreviations of another kind, in the next."""


@cache
def _guess() -> Guess:
    """What helps to guess, whichever language it is."""
    known = _all_abbreviations()
    starters = Words.of((w for v in _VOCABULARIES.values() for w in v.starters.split()), abbreviations=known)
    borrowed = {
        word: kind
        for code in reversed(_VOCABULARIES)
        for word, kind in _abbreviations(code).items()
        if kind in (Abbreviation.TITLE, Abbreviation.NUMBERED, Abbreviation.CONTINUING)
        and len(word) > 1
        and word.lower() not in _WORDS_TOO
    }
    return Guess(starters=starters, seconds=second_words(known), foreign=known, borrowed=borrowed)


@cache
def _guessed(code: str) -> Language:
    return attrs.evolve(language(code), guess=_guess())


@cache
def _agreed() -> frozenset[str]:
    """Words that are the same kind of abbreviation in all languages ("a.m", "Dr")."""
    tables = [_abbreviations(code) for code in _VOCABULARIES]
    english = _abbreviations("en")
    return frozenset(
        word
        for word in _all_abbreviations()
        if (kind := kind_in(english, word)) is not None and all(kind_in(table, word) is kind for table in tables)
    )


@cache
def _known_somewhere() -> tuple[frozenset[str], tuple[str, ...]]:
    """All abbreviations in small letters, and all endings of words that are some."""
    vocabularies = [*_VOCABULARIES.values(), west.ENGLISH_ABROAD]
    suffixes = {suffix: None for one in vocabularies for suffix in one.abbreviations.suffixes.split()}
    return frozenset((*(word.lower() for word in _all_abbreviations()), *ROMANS)), tuple(suffixes)


_LATIN: Final = tuple("en de fr es it pt nl da sv ro fi hu id vi pl cs sk tr".split())
_CYRILLIC: Final = ("ru", "uk", "bg", "kk")

_LETTERS: Final = {
    "de": "ßä", "es": "ñ¿¡", "pt": "ãõ", "fr": "êœù", "it": "òì", "pl": "łżśęąć", "cs": "řůě", "sk": "ľťĺ",
    "tr": "ığş", "da": "øæ", "ro": "ășț", "hu": "őű", "vi": "đơưạảấầếềộớờợụứừ", "ru": "ыэё", "uk": "їєґ",
    "kk": "ұқғңөүһіә",
}  # fmt: skip
"""Letters that (nearly) only one of the languages has."""


_VOTING: Final = _LATIN + _CYRILLIC
_LANES: Final = {code: lane for lane, code in enumerate(_VOTING)}
_LANE_BITS: Final = 8
"""Each language counts its votes in a byte of one integer: summing them costs a tenth of counting in a dictionary."""


@cache
def _votes() -> Mapping[str, int]:
    """Small words and letters to their votes."""
    votes: dict[str, int] = {}
    for lane, code in enumerate(_VOTING):
        for sign in {*_VOCABULARIES[code].starters.lower().split(), *_LETTERS.get(code, "")}:
            votes[sign] = votes.get(sign, 0) + (1 << (lane * _LANE_BITS))
    return votes


_HINT: Final = later(f"[{''.join(_LETTERS.values())}]")
_PERSIAN: Final = later(r"[\u067e\u0686\u0698\u06af\u06a9\u06cc]")
_URDU: Final = later(r"[\u0679\u0688\u0691\u06ba\u06d2\u06be\u06c1]")

_ARABIC: Final = later(r"[\u0620-\u064a]")
_CYRILLIC_LETTER: Final = later(r"[\u0400-\u04ff]")
_NOT_LATIN: Final = later(r"[\u0370-\u06d3\u0900-\u0d7f\u1f00-\u1fff\uac00-\ud7af]")
"""What tells a language by its script: all of these, and those below."""

_BY_SCRIPT: Final = (
    (later(r"[\u0900-\u097f]"), "hi"),
    (later(r"[\u0980-\u0d7f]"), "bn"),
    (later(r"[\u0370-\u03ff\u1f00-\u1fff]"), "el"),
    (later(r"[\u0531-\u0588]"), "hy"),
    (later(r"[\uac00-\ud7af]"), "ko"),
)
PLAIN_WORD: Final = 4
"""Letters. Shorter words may be parts of abbreviations with spaces ("z. B.")."""

DETECTION_WINDOW: Final = 160
"""Characters. A long sentence: enough to tell languages apart, little enough to look at for each full stop."""


def language_for(tag: str) -> Language | None:
    """The rules for a language tag ("de", "pt-BR"); None for "auto", English for a language we have no table of."""
    code = tag.replace("_", "-").split("-")[0].lower()
    if code == "auto":
        return None
    known = _RELATIVES.get(code, code)
    return language(known if known in _VOCABULARIES else "en")


def detect(text: str) -> Language:
    """The language that the end of the text looks like: by script, then by letters and small words."""
    window = text[-DETECTION_WINDOW:]
    return _by_vote(window, "en") if window.isascii() or not _NOT_LATIN.search(window) else _by_script(window)


def _by_script(window: str) -> Language:
    if _URDU.search(window):
        return _guessed("ur")
    if _PERSIAN.search(window):
        return _guessed("fa")
    if _ARABIC.search(window):
        return _guessed("ar")
    for script, code in _BY_SCRIPT:
        if script.search(window):
            return _guessed(code)
    return _by_vote(window, "ru" if _CYRILLIC_LETTER.search(window) else "en")


def is_known_somewhere(word: str) -> bool:
    """Whether the word, written without its full stop, is an abbreviation in any language, or ends in one."""
    known, suffixes = _known_somewhere()
    lower = word.lower()
    return lower in known or lower.endswith(suffixes)


def language_behind(text: str, at: int, word: str) -> Language:
    """The language of the text before a full stop: not looked for if the word there is the same thing in each of them.

    The word itself does not tell: "Sen." is a senator, and "sen" is Turkish.
    """
    if word in _agreed() or (
        len(word) > PLAIN_WORD and word.isalpha() and not word.isupper() and not is_known_somewhere(word)
    ):
        return _guessed("en")
    return detect(text[max(0, at - DETECTION_WINDOW) : max(0, at - len(word))])


def _by_vote(window: str, default: str) -> Language:
    lowered = window.lower()
    signs = lowered.replace(",", " ").replace("'", " ").replace('"', " ").split()
    if not window.isascii():
        signs += _HINT.findall(lowered)
    lanes = sum(map(_votes().get, signs, repeat(0))).to_bytes(len(_VOTING) + 1, "little")
    most = max(lanes)
    if lanes[_LANES[default]] == most:
        return _guessed(default)
    if lanes.count(most) == 1:
        return _guessed(_VOTING[lanes.index(most)])
    return _of_equals(tuple(code for code, votes in zip(_VOTING, lanes, strict=False) if votes == most))


@lru_cache(maxsize=256)
def _of_equals(likely: tuple[str, ...]) -> Language:
    """The first of equally likely languages, with the others at its side."""
    rivals = tuple(language(code) for code in likely[1:])
    return attrs.evolve(language(likely[0]), guess=attrs.evolve(_guess(), rivals=rivals))
