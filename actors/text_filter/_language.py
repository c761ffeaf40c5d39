"""What the filter must know about a language to read signs and figures in it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.actors.text_filter._settings import LANGUAGES, code_of
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from unicode_rbnf import RbnfEngine


NUMERAL_SCALES: Final = frozenset({"mil", "mille", "mila"})
"""Scales that are numerals, not nouns: "mil euros", but "un millón de euros"."""

MAX_SPELLED: Final = 10**15
"""Larger numbers are read digit by digit: the library counts in floats, which are exact up to about here."""


@frozen(kw_only=True)
class Counted:
    """A thing that is counted: "dollar/dollars", or "рубль/рубля/рублей" where there is a form for few.

    Args:
        forms: for one, (for few,) for many (and for a part of one).
        gender: "masculine", "feminine" or "neuter" where the numeral agrees, else "".
        part: what a hundredth of it is called, for money.
    """

    forms: tuple[str, ...]
    gender: str = ""
    part: Counted | None = None


def counted(text: str) -> Counted:
    """Read "form/form:gender+part/parts:gender"."""
    whole, _, part = text.partition("+")
    forms, _, gender = whole.partition(":")
    genders = {"": "", "m": "masculine", "f": "feminine", "n": "neuter"}
    return Counted(forms=tuple(forms.split("/")), gender=genders[gender], part=counted(part) if part else None)


@frozen(kw_only=True)
class Calendar:
    """How dates are said.

    Args:
        months: their names as they are said, January first.
        order: of the figures in a date with slashes or dots, "dmy" or "mdy".
        date: of {day}, {month} and {year}.
        day_month, month_year: dates without a year or a day.
        day: "cardinal", "ordinal", or "first" where only the first is an ordinal.
        day_ruleset: the ruleset that says the day where no word before it tells another.
        short: further names of months as they are written, with the month's number.
        year_cue: words after which a figure of four digits is a year.
        year: the ruleset that says a year.
        date_year: the same in a date, where it differs.
        dated: ordinals from 1 to 99 as they are said in dates, where the library has none; they serve for the day and
            for the end of a year.
    """

    months: tuple[str, ...]
    order: str = "dmy"
    date: str = "{day} {month} {year}"
    day_month: str = "{day} {month}"
    month_year: str = "{month} {year}"
    day: str = "cardinal"
    day_ruleset: str = ""
    short: Mapping[str, int] = attrs.field(factory=dict)
    year_cue: frozenset[str] = frozenset()
    year: str = "spellout-numbering-year"
    date_year: str = ""
    dated: tuple[str, ...] = ()


@frozen(kw_only=True)
class Clock:
    """How times of day are said, of {hour} and {minute}.

    Args:
        time: a time with minutes.
        full: a full hour.
        one_time, one_full: the same for the hours of 0 and 1, where these differ.
        gender: of the hour.
        late: a full hour after noon, where that is said in another way.
        zero: what stands before minutes below ten.
        suffix: a pattern of what may follow the figures and is said by `time` already.
        halves: a pattern of the marks for the halves of the day.
        cues: words after which figures with a dot between them are a time.
        hours: what is said for the hours from 0 to 24, where that is no cardinal.
        hours_after: the same, behind some words.
    """

    time: str = "{hour} {minute}"
    full: str = "{hour}"
    one_time: str = ""
    one_full: str = ""
    gender: str = ""
    late: str = ""
    zero: str = ""
    suffix: str = ""
    halves: str = ""
    cues: frozenset[str] = frozenset()
    hours: tuple[str, ...] = ()
    hours_after: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)


@frozen(kw_only=True)
class Numerals:
    """How figures are written and said.

    Args:
        decimal: the mark before the fraction.
        groups: marks between thousands.
        point, minus, plus, to, about: the words for them; `to` stands in ranges.
        plural: "one" where only 1 is singular, "less than two" where 0 is too, "slavic" or "polish" with a form
            for few.
        ordinal: a pattern of what follows the figure of an ordinal.
        scales: words or signs that follow a figure and multiply it, and what is said for them, as `counted` reads it.
        money_scales: the same, but only in sums of money: "$4B", while "4B" is a room.
        of: what stands between millions and the thing counted; behind a bar, the same before a vowel.
    """

    decimal: str
    groups: str
    point: str
    minus: str
    plus: str
    to: str
    about: str
    plural: str = "one"
    ordinal: str = ""
    scales: Mapping[str, str] = attrs.field(factory=dict)
    money_scales: Mapping[str, str] = attrs.field(factory=dict)
    of: str = ""


@frozen(kw_only=True)
class Agreement:
    """How a number agrees with what is counted, where its sign does not tell.

    Args:
        genders: by pattern of the word behind the number, in lower case, its gender; "" for a word that is not counted.
            A number that would agree with a word that is not there stays in figures.
        two: like `genders`, for numbers that end in 2, where these take the noun in another form.
        limit: larger numbers agree with no word; 0 for none.
        labels: words before a number that make it a name, as in "chapter 1": it agrees with nothing.
        cases: words before a number that decide its case, and the end of the ruleset's name; "?" where several would
            be right, and the number stays in figures.
        oblique: by pattern of the word behind the number, the case that both are in.
        years: words behind a figure that make it a year, and the ruleset that says it.
    """

    genders: Mapping[str, str]
    two: Mapping[str, str] = attrs.field(factory=dict)
    limit: int = 0
    labels: frozenset[str] = frozenset()
    cases: Mapping[str, str] = attrs.field(factory=dict)
    oblique: Mapping[str, str] = attrs.field(factory=dict)
    years: Mapping[str, str] = attrs.field(factory=dict)


@frozen(kw_only=True)
class Usage:
    """What is read in its own way.

    Args:
        titles: abbreviations before a figure, and what is said for them: "No. 5".
        idioms: figures, and what is said for them: "24/7".
        phones: a pattern of phone numbers as they are written where the language is spoken.
        services: numbers for help, read digit by digit behind `calls`.
        calls: words before them.
        codes: words before a number that is read digit by digit from three digits on: "code 1234".
        shorthand: words with signs in them, and what is said: "w/".
        hashtag: what is said for the sign before a word.
        decades: whether "1990s" is a way to write one, and "'98" a year.
        agreement: None where numbers agree with nothing.
    """

    titles: Mapping[str, str] = attrs.field(factory=dict)
    idioms: Mapping[str, str] = attrs.field(factory=dict)
    phones: str = "(?!)"
    services: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    shorthand: Mapping[str, str] = attrs.field(factory=dict)
    hashtag: str = "hashtag"
    decades: bool = False
    agreement: Agreement | None = None


@frozen(kw_only=True)
class Language:
    """All the words that the filter needs in a language.

    Args:
        code: of two letters.
        numerals, calendar, clock: see there.
        money: by sign and by code.
        units: by sign.
        percent: of the number, {}.
        signs: words for single characters, in prose and in addresses.
        fractions: by figure or written out.
        ordinals: by pattern of what follows the figure, the name of the ruleset that says it.
        ordinal_cues: words before a figure with a dot that make it an ordinal, and the ruleset that agrees with them.
        usage: what is read in its own way.
    """

    code: str
    numerals: Numerals
    calendar: Calendar
    clock: Clock
    money: Mapping[str, Counted]
    units: Mapping[str, Counted]
    percent: str
    signs: Mapping[str, str]
    fractions: Mapping[str, str]
    ordinals: Mapping[str, str]
    ordinal_cues: Mapping[str, str] = attrs.field(factory=dict)
    usage: Usage = attrs.field(factory=Usage)

    def form(self, thing: Counted, number: float) -> str:
        """The form of the noun that goes with the number."""
        index = PLURALS[self.numerals.plural](number)
        return thing.forms[min(index, len(thing.forms) - 1)]

    def cardinal(self, number: int, gender: str = "") -> str:
        """The number in words."""
        return self.spelled(number, f"spellout-cardinal-{gender}" if gender else "spellout-numbering")

    def spelled(self, number: int, ruleset: str) -> str:
        """The number in words by a ruleset, digit by digit where it is too large for one."""
        return self.digits(str(number)) if number >= MAX_SPELLED else spelled(self.code, number, ruleset)

    def year(self, number: int) -> str:
        """The number as a year."""
        return spelled(self.code, number, self.calendar.year)

    def dated_year(self, number: int) -> str:
        """The number as the year of a date."""
        dated, rest = self.calendar.dated, number % 100
        if not dated or not rest:
            return self.spelled(number, self.calendar.date_year or self.calendar.year)
        return f"{self.year(number - rest)} {dated[rest - 1]}"

    def ordinal(self, number: int, ruleset: str) -> str | None:
        """The place in a row in words; None where the language's rules do not tell."""
        return spelled(self.code, number, ruleset) if has_ruleset(self.code, ruleset) else None

    def digits(self, figures: str) -> str:
        """The figures one by one."""
        return " ".join(self.cardinal(int(figure)) for figure in figures)


def _slavic(number: float) -> int:
    if number != int(number):
        return 1
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else 2


def _polish(number: float) -> int:
    if number != int(number):
        return 3
    return 0 if number == 1 else max(_slavic(number), 1) if number % 10 != 1 else 2


PLURALS: Final = {
    "one": lambda number: 0 if number == 1 else 1,
    "less than two": lambda number: 0 if 0 <= number < 2 else 1,
    "slavic": _slavic,
    "polish": _polish,
}


@lru_cache(maxsize=64)
def _engine(code: str) -> RbnfEngine:
    # Imported when first used: not everybody has figures read. The settings have seen that it is there.
    from unicode_rbnf import RbnfEngine

    return RbnfEngine.for_language(code)


@lru_cache(maxsize=4096)
def spelled(code: str, number: int, ruleset: str) -> str:
    """The number in words by the rules of the Unicode CLDR."""
    engine = _engine(code)
    for name in (ruleset, "spellout-numbering", "spellout-cardinal"):
        if name in engine.rulesets:
            return engine.format_number(number, ruleset_names=[name]).text
    return str(number)


def has_ruleset(code: str, ruleset: str) -> bool:
    """Whether the library knows the ruleset."""
    return ruleset in _engine(code).rulesets


@lru_cache(maxsize=32)
def language_of(tag: str) -> Language | None:
    """The words of a language by its tag ("pt-BR"); None where there are none."""
    code = code_of(tag)
    if code not in LANGUAGES:
        return None
    module = importlib.import_module(f"trialogue.actors.text_filter.languages.{code}")
    language: Language = module.LANGUAGE
    return language
