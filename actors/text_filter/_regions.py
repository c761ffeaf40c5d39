"""Where a row of words with figures in it begins and ends, in a text that is still arriving."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._alternatives import NEVER, alternatives, beginnings
from trialogue.actors.text_filter._figure_patterns import BLANK, CURRENCIES, WORDLIKE
from trialogue.actors.text_filter._language import Language
from trialogue.actors.text_filter._letters import LETTERS

if TYPE_CHECKING:
    import re

MAX_REGION_CHARS: Final = 100
"""Characters. Longer than any date, sum or phone number; bounds what is held back."""

UNCERTAIN: Final = -1
"""More text must come."""

INSIDE: Final = -2
"""Like UNCERTAIN, but no letter or figure that follows will change that: it belongs to the word that has begun."""

AREA_CODE: Final = r"\(\d{2,5}\)[ -]?\d{2,5}[ .-]\d"
AREA_CODE_PREFIX: Final = r"\((?:\d{0,5}|\d{2,5}\)[ -]?\d{0,5}|\d{2,5}\)[ -]?\d{2,5}[ .-])"
DAY: Final = later(r"\d+|\d{1,2}\.\d{1,2}")
HALF_DAYS: Final = ("am", "pm", "AM", "PM", "a.m", "p.m", "A.M", "P.M")
FIGURES: Final = r"\d½¼¾⅓⅔⅛⅜⅝⅞"
ITEM: Final = later(
    rf"(?:\(\d{{2,5}}\)[ -]?)?(?:[A-Za-z{FIGURES}_'’.@/:&+#№*=~≈<>\\%^$€£¥₹₩₽₺₿¢‰°′″²³×÷±−–-]++|{LETTERS}"
    rf"|,(?=\d)|(?<=['’′]\d)[\"”]|(?<=['’′]\d\d)[\"”])+"
)
# Nine marks at most, since they are waited for.
WORD_END: Final = r"(?=[\s;!?)\]\"”»…]|,(?!\d)|[–-]\d|[.:]{1,9}(?:[\s,;!?)]|\Z)|\Z)"
WORD_END_PREFIX: Final = "[.:,–-]{0,9}"
TIMES: Final = "x"
"""Stands between two figures."""
POINT: Final = "."
"""Where it is the decimal mark, a figure may begin with it."""
MARK: Final = "[-−+±~≈#№<>]?"
FEET: Final = later(rf"\d+{BLANK}?ft{BLANK}\d{{1,2}}")
INCHES: Final = later(rf"{BLANK}(?=in{WORD_END})")
INCHES_PREFIX: Final = later(rf"{BLANK}(?:in?{WORD_END_PREFIX})?\Z")
"""Behind feet, "in" is a sign and no word."""
JOINTS: Final = " \u00a0\u202f,"
"""One of these stands before what joins the next word to a region."""
TAIL: Final = ".:'’/&*=~\\^–-"


class Awaited(NamedTuple):
    """What is looked for in a text that is still arriving.

    Args:
        pattern: it.
        prefix: what may become it.
        first_two: the first letter, and the first two, of the words in it.
    """

    pattern: re.Pattern[str]
    prefix: re.Pattern[str]
    first_two: frozenset[str]


class Regions:
    """Finds the regions of a language.

    Args:
        language: its words.
    """

    def __init__(self, language: Language) -> None:
        numerals, calendar, titles = language.numerals, language.calendar, language.usage.titles
        months = [*calendar.months, *calendar.short]
        codes = [sign for sign in (*language.money, *titles) if sign[0].isalpha()]
        self.starters = frozenset((*months, *(code.rstrip(".:") for code in codes)))
        self._begun = beginnings(self.starters)
        self._first = frozenset("-−+±~≈#№<>%(½¼¾⅓⅔⅛⅜⅝⅞" + CURRENCIES + (POINT if numerals.decimal == POINT else ""))
        self._first |= {word[0] for word in (*months, *language.money, *titles)}
        self._first |= frozenset("'’" if language.usage.decades else "")
        self._start = Awaited(*_starts(language, months, codes), _first_two([*months, *language.money, *titles]))
        joined = _joined_words(language, months)
        first_two = _first_two([*joined, *months, *WORDLIKE, TIMES])
        self._goes_on = Awaited(*_continuations(language, joined), first_two)
        month = alternatives(months)
        self._month = later(rf"(?:{month})(?!\w)")
        self._dotted = numerals.ordinal == r"\."
        self._month_follows = later(rf"{BLANK}(?=(?:{month})(?!\w))")
        self._month_prefix = later(rf"(?:{BLANK}(?:{alternatives(beginnings(months))})?)?\Z")
        dotted = [word for word in (*numerals.scales, *language.money) if word.endswith(".")]
        self._abbreviated = later(rf"(?:{alternatives(titles)}|.*(?:{alternatives(dotted)}))")
        self._feet = FEET if {"ft", "in"} <= set(language.units) else later(NEVER)
        self._cues = frozenset(language.ordinal_cues)

    def begins(self, start: str) -> bool:
        """Whether one of the words with which a region may begin begins so, or is that."""
        return start in self._begun

    def start(self, text: str, at: int, final: bool) -> bool | None:
        """Whether a region begins there; None where that is not certain yet."""
        if text[at].isdecimal():
            return True
        if text[at] not in self._first:
            return False
        if (two := text[at : at + 2]).isalpha() and two not in self._start.first_two:
            return False
        starts = self._start.pattern.match(text, at) is not None
        if not final and (not starts or text[at] in "'’") and self._start.prefix.match(text, at):
            return None  # also what is one if the text ends here: "'90"
        return starts

    def end(self, text: str, at: int, final: bool, previous: str) -> int:
        """Where the region that begins there ends; UNCERTAIN or INSIDE while that is not known.

        Args:
            text: the text as far as it has arrived.
            at: where the region begins.
            final: whether no more text will come.
            previous: the word before the region.
        """
        end, stop = at, at + MAX_REGION_CHARS
        core = at
        while match := ITEM.match(text, end, stop):
            end = match.end()
            if end == stop:
                return core if core > at else stop
            if end == len(text) and not final:
                return INSIDE
            if not final and text[end] == "," and end + 1 == len(text):
                return UNCERTAIN
            core = end
            if text[end - 1] in TAIL and not (text[end - 1] in ".:" and self._abbreviated.fullmatch(text, at, end)):
                core = at + len(text[at:end].rstrip(TAIL))
            following = self._following(text, at, core, end, final)
            if following is None:
                return UNCERTAIN
            if following < 0:
                break
            end = following
        if self._dotted and text[core : core + 1] == "." and DAY.fullmatch(text, at, core):
            core += previous.lower() in self._cues
        return max(core, at + 1)

    def _following(self, text: str, at: int, core: int, end: int, final: bool) -> int | None:
        """Where the next item begins; -1 if the region ends, None where that is not certain yet."""
        goes_on, prefix, first_two = self._goes_on
        if text[end : end + 1] not in JOINTS or ((two := text[end + 1 : end + 3]).isalpha() and two not in first_two):
            return -1
        if core < end:
            if text[core:end] != ".":
                return -1
            if self._dotted and text[core - 1].isdigit():
                goes_on, prefix = self._month_follows, self._month_prefix
            elif not (months := self._month.search(text, at, core)) or months.end() != core:
                return -1
        match = goes_on.match(text, end)
        inches = "ft" in text and self._feet.fullmatch(text, at, end)
        # What was found may still turn out to be the beginning of a longer word.
        if not final and (prefix.match(text, end) or (inches and INCHES_PREFIX.match(text, end))):
            return None
        if match is None and inches:
            match = INCHES.match(text, end)
        if match is None or (text[end] == "," and not self._month.search(text, at, core)):
            return -1
        return match.end()


def _starts(language: Language, months: list[str], codes: list[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """How a region begins, and what may become that."""
    point = r"\." if language.numerals.decimal == POINT else ""
    month, title = alternatives(months), alternatives(language.usage.titles)
    sign = f"{alternatives(language.money)}|[{CURRENCIES}]"  # those without a name are left with their figures
    begins = rf"(?:[{FIGURES}]" + (rf"|{point}\d)" if point else ")")
    short, short_prefix = (r"|['’]\d\d(?!\d)", r"|['’]\d{0,2}") if language.usage.decades else ("", "")
    partial = alternatives(beginnings(codes))
    start = rf"{MARK}(?:(?:{sign}|%){BLANK}?)?{begins}|(?:{month})\.?{BLANK}\d|(?:{title}){BLANK}?\d|{AREA_CODE}{short}"
    prefix = (
        rf"{MARK}(?:(?:{sign}|%|{partial}){BLANK}?)?(?:{point})?|(?:{month})\.?{BLANK}?|(?:{title}){BLANK}?"
        rf"|{AREA_CODE_PREFIX}{short_prefix}"
    )
    return later(start), later(rf"(?=.)(?:{prefix})\Z")


def _first_two(words: Iterable[str]) -> frozenset[str]:
    """The first one and two characters of the words: what has others needs no pattern."""
    return frozenset(word[:size] for word in words for size in (1, 2))


def _joined_words(language: Language, months: list[str]) -> list[str]:
    """The words that belong to the figure before them."""
    numerals = language.numerals
    words = [*numerals.scales, *numerals.money_scales, *language.units, *language.money, *months, "%"]
    words = [word for word in words if word not in WORDLIKE]
    words += HALF_DAYS if language.clock.halves else []
    words += filter(None, language.clock.suffix.split("|"))
    words += [f"de {name}" for name in months] if "{day} de" in language.calendar.date else []
    return words


def _continuations(language: Language, words: list[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What joins the next word to a region, and what may become that."""
    figure = rf"[-−+±~≈]?(?:[$€£¥₹₩₽₺](?=\d))?[{FIGURES}]|{AREA_CODE}"
    operator = rf"[-–*+=/×÷x]{BLANK}(?=[-−]?[$€£¥₹₩₽₺]?\d)|[*=^×+]{BLANK}(?=[^\W\d_]{WORD_END})"
    goes_on = (
        rf"{BLANK}(?:(?={figure})|{operator}|(?=(?:{alternatives(words)}){WORD_END}))"
        rf"|,{BLANK}(?=\d{{4}}(?!\w|[.,]\d))"  # "May 5, 2024"
    )
    operator_begun = rf"[-–*+=/×÷x]{BLANK}?[-−]?[$€£¥₹₩₽₺]?|[*=^×+](?:{BLANK}(?:[^\W\d_]{WORD_END_PREFIX})?)?"
    begun = rf"[-−+±~≈]?[$€£¥₹₩₽₺]?|{AREA_CODE_PREFIX}|{operator_begun}"
    prefix = (
        rf"{BLANK}(?:{begun}|(?:{alternatives(beginnings(words))}){WORD_END_PREFIX})|,(?:{BLANK}(?:\d{{0,4}}[.,]?)?)?"
    )
    return later(goes_on), later(rf"(?:{prefix})\Z")
