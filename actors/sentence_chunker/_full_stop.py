"""The full stop: abbreviation, number, initial, ordinal, address, or the end of a sentence."""

from __future__ import annotations

import re
from typing import Final

from trialogue.actors.sentence_chunker import _characters as chars
from trialogue.actors.sentence_chunker._languages import Abbreviation, Language, Words
from trialogue.actors.sentence_chunker._lists import judge_item
from trialogue.actors.sentence_chunker._registry import language_behind
from trialogue.actors.sentence_chunker._site import Site
from trialogue.actors.sentence_chunker._verdict import WAIT, Verdict, cut_at, go_on
from trialogue.actors.text._later import later

_NO_END: Final = ",;:!?)]}/|&=+\u060c\u061b\uff0c"
_DASHES: Final = "-\u2013\u2014"
_OPENING: Final = "\u201d\u2019\u00bf\u00a1<*_-\u2013\u2014" + "".join(chars.PAIRS)
_NUMBER: Final = later(r"[^\w]*\d[\d.,:/\u066b]*\Z")
_ROMAN: Final = later(r"[IVXLC]{1,7}\Z")
_DOTTED: Final = later(r"(?=[^.]\.|.*\.[^.]\Z|[^a-z]*\Z)(?:[^\W\d_]{1,3}\.-?)+[^\W\d_]{1,3}\Z")
"""Letters with dots between, where one stands alone or all are capitals: "U.S", "Ph.D", not "bbc.co.uk"."""

_JOINED: Final = later(r"(?<!\w)(?:[^\W\d_]{1,4}\. ?)+[^\W\d_]{1,4}\Z")
_VOWEL: Final = later(
    r"[aeiouyáéíóúýàèìòùâêîôûäëïöüãõåæøœąęıůěőű"  # Latin
    r"аеёиоуыэюяъіәөұү"  # Cyrillic
    r"αεηιουωάέήίόύώϊϋΐΰ]",  # Greek
    re.IGNORECASE,
)
_DRAVIDIAN: Final = later(r"[\u0b85-\u0bb9\u0c05-\u0c39\u0c85-\u0cb9\u0d05-\u0d39]"
                               r"[\u0bbe-\u0bcd\u0c3e-\u0c4d\u0cbe-\u0ccd\u0d3e-\u0d4d]?\Z")  # fmt: skip
_CASED: Final = later(r"[A-Za-z\u00c0-\u024f\u0370-\u052f]")
_ELIDED: Final = later(r"\A\w{1,2}[\u2019'](?=[^\W\d_]\.)")
"""An article before initials ("l'O.N.U.")."""

_APOSTROPHE: Final = later(r"[\u2019']|(?<=[\d.])-")
WHOLE_WORD: Final = 5
"""Letters. Few abbreviations outside of our tables are that long."""

_FRONTED: Final = later(
    r"(?:At|By|Around|Before|After|Until|Since|From|On|In|About|Till|Every)(?:[\s,;]+(?:[\d:.]+(?:st|nd|rd|th)?|the|a|at|on|in"
    r"|by|about|around|exactly|early|late|of|this|that|next|last|every|day|morning|afternoon|evening|night|noon|today"
    r"|tomorrow|[MTWFS][a-z]{2,5}day|[JFMASOND][a-z]{2,8}\.?))*[\s,;]+[\d:.]+\s?(?:[ap]\.m|b\.c(?:\.e)?|a\.d|c\.e)\Z",
    re.IGNORECASE,
)
"""A sentence that so far is nothing but a time: what follows belongs to it."""

_GLUED_WORD: Final = later(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_GLUED_LEFT: Final = later(r"[^\w]*(?:[^\W\d_][\w'\u2019-]*[^\W\d_]|[\d.,]*\d)[%)\"'\u201d\u2019\u00bb]*\Z")
_EXTENSIONS: Final = frozenset(
    "com org net edu gov io ai app dev info biz co uk us de fr es it pt nl pl ru tr in eu ch at tv me js ts py rb rs"
    " go java cpp cs md txt pdf doc docx xls xlsx csv json xml html htm css png jpg jpeg gif svg mp3 mp4 wav zip gz"
    " tar exe dll so sh bat ini cfg yaml yml toml log sql db".split()
)
"""What stands behind the dot of a domain or a file name."""


def judge_full_stop(site: Site, told: Language | None) -> Verdict:
    """Decide about a single full stop; without a language told, by the one that the text looks like."""
    item = judge_item(site.text, site.at, site.final)
    if item is not None:
        return item if item is WAIT or item[0] else go_on(site.closed)
    word = site.token.lstrip(_OPENING)
    if site.glued and not site.at_end and site.text[site.lead] != "<":
        return _judge_glued(site, told or language_behind(site.text, site.at, word))
    if site.next and site.next in _NO_END:
        return go_on(site.closed)
    if _NUMBER.match(word):
        return _judge_dash(site) or _judge_number(site, word, told)
    return _judge_spaced(site, word, told or language_behind(site.text, site.at, word))


def _judge_spaced(site: Site, word: str, language: Language) -> Verdict:
    kind = _kind(site, word, language)
    if kind is not None:
        dashed = not site.at_end and site.next in _DASHES
        return go_on(site.closed) if dashed else _JUDGES[kind](site, language)
    if language.ordinals and _ROMAN.match(word):
        return _judge_dash(site) or _judge_ordinal(site, language)
    if _ROMAN.match(word) and len(word) > 1 and site.at == len(word) and not site.at_end:  # "IV. Béla"
        return go_on(site.closed)
    if _is_letter(word) and not chars.IS_CJK.match(word):
        return _judge_initial(site, word, language)
    word = _ELIDED.sub("", word)
    if _DOTTED.match(word) and word.rsplit(".", 1)[1] not in _EXTENSIONS:
        return _judge_general(site, language)
    return _judge_dash(site) or _judge_word(site, word, language)


def _is_letter(word: str) -> bool:
    """One letter; in the Dravidian scripts, whose initials are syllables, one with its signs."""
    if len(word) == 1:
        return word.isalpha()
    return _DRAVIDIAN.match(word) is not None


def _kind(site: Site, word: str, language: Language) -> Abbreviation | None:
    kind = _joined_kind(site, word, language) or language.abbreviation(word)
    if kind is None and "." in word and all(map(language.abbreviation, word.split("."))):  # "Prof.Dr.", "बी.ए."
        kind = Abbreviation.GENERAL
    if kind is None:
        tail = _APOSTROPHE.split(word)[-1]
        if tail != word and len(tail) > 1:
            kind = language.abbreviation(tail)
    if kind in (None, Abbreviation.ENDING) and language.is_foreign(word):
        if _is_lone(site, word):
            kind = Abbreviation.GENERAL
        elif word.islower() and _is_behind_title(site, word, language):
            kind = Abbreviation.TITLE
    if kind is None and language.suffixes and word.endswith(language.suffixes):
        kind = Abbreviation.GENERAL
    if kind is Abbreviation.AFTER_NUMBER and not _number_before(site, word):
        return None if len(word) == 1 else Abbreviation.GENERAL
    return kind


def _joined_kind(site: Site, word: str, language: Language) -> Abbreviation | None:
    """The kind of an abbreviation of several words, of which this is the last ("z. B.", "и т. д.")."""
    before = site.at - len(word) - 2
    if len(word) > 4 or before < 0 or site.text[before] != ".":
        return None
    joined = _JOINED.search(site.text, max(0, site.at - 24), site.at)
    return language.abbreviation(joined[0].replace(" ", "")) if joined and " " in joined[0] else None


_SAID_ALONE: Final = frozenset("ok on mm va nem ок".split())
"""Abbreviations somewhere, and sentences of one word somewhere else."""


def _is_lone(site: Site, word: str) -> bool:
    """Whether the text begins with the word, so that there is nothing yet to guess the language by."""
    return site.at == len(word) and word.lower() not in _SAID_ALONE


def _is_behind_title(site: Site, word: str, language: Language) -> bool:
    """Whether it is one more of the titles before a name ("Dr. med.", "Prof. dr. ir.")."""
    before = site.token_before(word)
    return before.endswith(".") and language.abbreviation(before[:-1]) is Abbreviation.TITLE


def _number_before(site: Site, word: str) -> bool:
    before = site.token_before(word)
    return bool(before) and (before[-1].isdecimal() or _ROMAN.search(before) is not None)


def _judge_word(site: Site, word: str, language: Language) -> Verdict:
    if site.at_end or not site.small:
        return cut_at(site.closed)
    if site.closed > site.stop or chars.IS_ARMENIAN.match(word[-1:]):  # the Armenian full stop is no dot
        return go_on(site.closed)
    if language.is_foreign(word):
        return go_on(site.closed)
    if _looks_whole(word, careless=site.text[0].islower()):
        return cut_at(site.closed)
    return go_on(site.closed)


def _looks_whole(word: str, *, careless: bool) -> bool:
    """Whether a word before a full stop and a small letter is a word, and no abbreviation that we do not know.

    Abbreviations are short, or have no vowel. A careless writer, who begins sentences small, does not tell.
    """
    if not word[-1:].isalpha():
        return False
    if not _CASED.match(word[-1]):
        return True
    return has_vowel(word) and (careless or len(word) >= WHOLE_WORD)


def has_vowel(word: str) -> bool:
    """Whether a word of a script with two cases can be said as it is written."""
    return _VOWEL.search(word) is not None


def _judge_number(site: Site, word: str, told: Language | None) -> Verdict:
    if site.at_end:
        return cut_at(site.closed)
    if site.small:
        return go_on(site.closed)
    if _is_enumerated(site, word):
        return go_on(site.closed)
    short = len(word.strip(_OPENING)) <= 2 or not word[-1].isdecimal()
    if not site.next.isdecimal() and not (short and site.next.isupper()) and not chars.IS_CJK.match(site.next):
        return cut_at(site.closed)
    language = told or language_behind(site.text, site.at, word)
    date = _judge_date(site) if language.ordinals and word[-1].isdecimal() else None
    if date is not None:
        return date
    return _judge_ordinal(site, language, counted=language.capitals) if short else cut_at(site.closed)


def _is_enumerated(site: Site, word: str) -> bool:
    """Whether the number belongs to a list within a sentence ("Buy: 1. Milk, 2. Bread")."""
    if not word.isdecimal() or len(word) > 2:
        return False
    if word == "1":
        return site.text[max(0, site.at - 3) : site.at - 1] == ": "
    return f" {int(word) - 1}. " in site.text[: site.at]


def _judge_ordinal(site: Site, language: Language, *, counted: bool = True) -> Verdict:
    """Decide about an ordinal; behind a king's what follows may always have a capital ("Karel IV. Veliký")."""
    if site.at_end:
        return cut_at(site.closed)
    if site.small:
        return go_on(site.closed)
    if not site.next.isupper():
        return cut_at(site.closed)
    month = site.next_is_among(language.months)
    if month is not False:
        return WAIT if month is None else go_on(site.closed)
    return _if_starter(site, language) if language.ordinals and counted else cut_at(site.closed)


_DIGITS: Final = later(r"\d{1,5}")
_DAY_AND_MONTH: Final = later(r"(?<!\d)\d{1,2}\.\s?\d{1,2}\Z")
_WHOLE_DATE: Final = later(r"(?<!\d)\d{4}\.\s?\d{1,2}\.\s?\d{1,2}\Z")
_DATE_LENGTH: Final = 12
"""Characters of the longest date, with spaces."""


def _judge_date(site: Site) -> Verdict | None:
    """Whether the number is the day or month of a date ("12. 5. 2023", "2023. 5. 12."); None if it is not."""
    written = max(0, site.at - _DATE_LENGTH)
    if _WHOLE_DATE.search(site.text, written, site.at) and chars.IS_CJK.match(site.next):
        return go_on(site.closed)
    number = _DIGITS.match(site.text, site.sign)
    if number is None:
        return None
    length = number.end() - number.start()
    year_follows = length <= 4 and _DAY_AND_MONTH.search(site.text, written, site.at) is not None
    if number.end() == len(site.text) and not site.final:
        return WAIT if length <= 2 or year_follows else None
    month_follows = length <= 2 and site.text[number.end() : number.end() + 1] == "."
    return go_on(site.closed) if month_follows or (year_follows and length == 4) else None


def _judge_initial(site: Site, word: str, language: Language) -> Verdict:
    if site.at_end:
        return cut_at(site.closed) if word == "I" else go_on(site.closed)
    if not site.next.isupper():
        return go_on(site.closed)
    if word.islower() and _number_before(site, word):  # a unit: "2,5 l."
        known = _is_begun(site, word, language)
        if known is None:
            return WAIT
        return go_on(site.closed) if known else cut_at(site.closed)
    before = site.token_before(word)
    if before.lower() in language.lettered or before.endswith("\u00b0") or (word == "I" and before.islower()):
        return cut_at(site.closed)  # "vitamin C. Oranges", "you and I. Albert"
    return _if_starter(site, language, particles=True)


def _is_begun(site: Site, word: str, language: Language) -> bool | None:
    """Whether an abbreviation of several words begins here ("50 a. C."); None if that is not known yet."""
    seconds = (language.guess or language).seconds.get(word)
    following = chars.WORD.match(site.text, site.sign)
    if seconds is None or following is None:
        return False
    if following.end() == len(site.text) and not site.final:
        return None if seconds.begins(following[0]) else False
    return following[0] in seconds.words and site.text[following.end() : following.end() + 1] == "."


_PARTICLES: Final = Words.of("De La Le Da Di Del Van Von Der Den Du Des Los Las El Al Will May".split())
"""Words that begin sentences, and names behind an initial."""


def _if_starter(site: Site, language: Language, *, particles: bool = False) -> Verdict:
    starter = site.next_is_among(language.starters if particles else language.any_starters)
    if starter and particles and site.next_is_among(_PARTICLES):
        starter = False
    if starter is None:
        return WAIT
    return cut_at(site.closed) if starter else go_on(site.closed)


def _judge_title(site: Site, language: Language) -> Verdict:
    word = site.token.lstrip(_OPENING)
    if word in ("St", "st") and not site.at_end and site.next.isupper():
        before = site.token_before(word)
        if 0 < len(before) < site.at - len(word) - 1 and before[-1].isalpha() and not before[0].islower():
            return _if_starter(site, language)
    return go_on(site.closed)


def _judge_numbered(site: Site, language: Language) -> Verdict:
    if site.at_end:
        return cut_at(site.closed) if site.token.lower().lstrip(_OPENING) == "no" else go_on(site.closed)
    if site.next.isdecimal() or site.small or site.next in "#\u2116":
        return go_on(site.closed)
    if not site.next.isupper():
        return cut_at(site.closed)
    word = chars.WORD.match(site.text, site.sign)
    end = word.end() if word else site.sign
    if end == len(site.text) and not site.final and _ROMAN.match(site.text, site.sign, end):
        return WAIT
    if end - site.sign == 1 and end == len(site.text) and not site.final:
        return WAIT
    if site.at and len(site.token.lstrip(_OPENING)) == 1:
        return _if_starter(site, language)
    number = _ROMAN.match(site.text, site.sign, end) or end - site.sign == 1
    if number and site.text[site.sign : end] not in ("I", "A"):
        return go_on(site.closed)
    return cut_at(site.closed)


_COURTESIES: Final = Words.of("Mr Mrs Ms".split())
"""What begins a sentence behind a name that is an abbreviation ("the U.K. Mr. Smith"), though it is one itself."""


def _judge_general(site: Site, language: Language) -> Verdict:
    if site.at_end:
        return cut_at(site.closed)
    if not site.next.isupper():
        return go_on(site.closed)
    if site.token.lstrip(_OPENING)[:1].isupper() and (polite := site.next_is_among(_COURTESIES)) is not False:
        return WAIT if polite is None else cut_at(site.closed)
    return _if_starter(site, language)


def _judge_after_number(site: Site, language: Language) -> Verdict:
    """Like general, but a single letter is an initial, or a preposition before the next number."""
    if site.at_end or not site.next.isupper():
        return go_on(site.closed)
    if not site.final and site.sign + 1 == len(site.text):
        return WAIT
    return _if_starter(site, language) if site.text[site.sign + 1 : site.sign + 2].isalpha() else go_on(site.closed)


_YEAR_ALONE: Final = later(r"[^\W\d_]{1,6}\s\d{3,4}\s[^\W\d_]{1,2}\Z")
"""A sentence that so far is nothing but a year ("W 1990 r."): what follows belongs to it."""


def _judge_ending(site: Site, language: Language) -> Verdict:
    if not site.at_end and site.next.isupper() and _YEAR_ALONE.match(site.text, 0, site.at):
        return _if_starter(site, language)
    if site.at_end or not (site.small or site.next.isdecimal()):
        return cut_at(site.closed)
    return go_on(site.closed)


def _judge_continuing(site: Site, language: Language) -> Verdict:
    return go_on(site.closed)


def _judge_clock(site: Site, language: Language) -> Verdict:
    if not site.at_end and (site.small or site.next.isdecimal()):
        return go_on(site.closed)
    if _FRONTED.match(site.text, 0, site.at):
        return _if_starter(site, language)
    zone = site.next_is_among(language.after_clock)
    if zone is None:
        return WAIT
    return go_on(site.closed) if zone else cut_at(site.closed)


_JUDGES: Final = {
    Abbreviation.TITLE: _judge_title,
    Abbreviation.NUMBERED: _judge_numbered,
    Abbreviation.GENERAL: _judge_general,
    Abbreviation.ENDING: _judge_ending,
    Abbreviation.CONTINUING: _judge_continuing,
    Abbreviation.CLOCK: _judge_clock,
    Abbreviation.AFTER_NUMBER: _judge_after_number,
}


def _judge_dash(site: Site) -> Verdict | None:
    """A dash behind the full stop: a new sentence if a capital follows it. None if there is no dash."""
    if site.at_end or site.next not in _DASHES:
        return None
    place = site.sign
    while place < len(site.text) and (site.text[place] in _DASHES or site.text[place].isspace()):
        place += 1
        if place - site.sign > chars.GAP_LIMIT:
            return cut_at(site.closed)
    if place == len(site.text):
        return cut_at(site.closed) if site.final else WAIT
    return cut_at(site.closed) if site.text[place].isupper() else go_on(site.closed)


_FIRST_HANGUL: Final = "\uac00"


def _judge_glued(site: Site, language: Language) -> Verdict:
    """A missing space behind the full stop ("one.Two"), or no full stop at all ("Node.js")."""
    token, after = site.token, site.text[site.closed]
    before = token[-1:]
    if chars.IS_CJK.match(after):
        if len(token) > 2 and token.isalpha() and not chars.IS_CJK.match(before):  # Hello.你好
            return cut_at(site.closed)
        particle = site.closed > site.stop and after >= _FIRST_HANGUL  # Korean joins what is quoted to its verb
        return cut_at(site.closed) if chars.IS_CJK.match(before) and not particle else go_on(site.closed)
    if after.isalpha() and not after.isupper() and not after.islower():
        whole = before.isalpha() and len(token) > 2 and "." not in token
        return cut_at(site.closed) if whole else go_on(site.closed)
    if after.isdecimal():
        return _judge_note(site, language)
    if not after.isupper():
        return go_on(site.closed)
    if site.closed > site.stop:
        return cut_at(site.closed)
    word = token.lstrip(_OPENING)
    if word.isdecimal() and len(word) <= 2:  # 1.Apples, 2.Pears
        return go_on(site.closed)
    if before.isupper() or not _GLUED_LEFT.match(token) or language.abbreviation(word) or _is_address(token):
        return go_on(site.closed)
    return _judge_glued_word(site)


_NOTE: Final = later(r"\d{1,3}(?:[ ,]\d{1,3}){0,4}(?!\d)")


def _judge_note(site: Site, language: Language) -> Verdict:
    """Numbers of notes, once set as superscripts, belong to the sentence: "as is known.11 12 The others"."""
    token = site.token
    note = _NOTE.match(site.text, site.closed)
    word = token.lstrip(_OPENING).rstrip(")")
    whole = token.endswith(")") or (token[-1:].islower() and len(word) >= WHOLE_WORD)
    if note is None or not whole or _is_address(token):
        return go_on(site.closed)
    gap = chars.GAP.match(site.text, note.end())
    end = gap.end() if gap else note.end()
    if end == len(site.text) and not site.final:
        return WAIT
    known = language.abbreviation(word) is not None or "." in word
    spaced = end > note.end() and site.text[end : end + 1].isupper()
    return cut_at(note.end()) if spaced and not known else go_on(site.closed)


def _judge_glued_word(site: Site) -> Verdict:
    word = _GLUED_WORD.match(site.text, site.closed)
    assert word is not None
    end = word.end()
    tail = site.text[end : end + 2]
    if not site.final and (not tail or (tail[0] in ".'\u2019" and len(tail) == 1)):
        return WAIT if end - site.closed < 40 else go_on(site.closed)
    inner = word.group()
    camel = not inner.isupper() and not inner[1:].islower() and len(inner) > 1
    if camel or inner.lower() in _EXTENSIONS or (len(inner) == 1 and tail[:1] == "."):
        return go_on(site.closed)
    ends = not tail or tail[0].isspace() or tail[0] in ",;:!?" or (tail[0] == "." and not tail[1:].isalnum())
    return cut_at(site.closed) if ends else go_on(site.closed)


def _is_address(token: str) -> bool:
    return "@" in token or "/" in token or "_" in token or "\\" in token or token.lower().startswith("www.")
