"""How figures are written: the patterns of one language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._alternatives import NEVER, alternatives
from trialogue.actors.text_filter._language import Language
from trialogue.actors.text_filter._letters import LETTERS

CURRENCIES: Final = "$€£¥₹₩₽₺₿"
BLANK: Final = "[ \u00a0\u202f]"
END: Final = r"(?=\s|\Z|,\s|[.:'’)–-]+(?:\s|\Z))"
"""What is read ends where a word ends; there may be punctuation."""
SIGN: Final = r"(?P<sign>[-−+±~≈#№<>])?"
PHONE: Final = (
    r"\+\d{1,3}(?:[ .\-/]?\(?\d{1,5}\)?){2,6}"  # +49 (30) 1234-567
    r"|(?:[01] )?\(\d{2,5}\)[ -]?\d{2,5}(?:[ .-]\d{2,4}){1,3}"  # (555) 123-4567, (11) 91234-5678
    r"|(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}"  # 1-800-555-1234
    r"|\d{3}-\d{4}"
    r"|0\d{1,4}[ ./-]\d{2,8}(?:[ .-]\d{2,4}){0,4}"  # 030 1234567, 06.12.34.56.78
    r"|\d{2} \d{3} \d{2} \d{2}"  # 22 123 45 67
    r"|\d{4}(?:[ -]\d{4}){3}"  # a card
)

SPACED_PHONE: Final = r"|\d{3} \d{3} \d{3}"
"""Where thousands are not grouped by blanks."""


SPACED_THOUSANDS: Final = r"[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})*(?:[\u00a0\u202f]\d{3}| 000)(?!\d)"
"""What is one number in any language: grouped by blanks that do not break, or with three zeros at its end."""

WORDLIKE: Final = frozenset({"in"})
"""Signs of units that are words as well: they are signs directly behind a figure alone."""


NEEDED: Final = {
    "arithmetic": "*=^×÷+-/x",
    "slash": "/",
    "iso date": "-/",
    "figure month": "/",
    "figure date": "./-",
    "short date": ".",
    "time range": "-–",
    "time": ":h",
    "cued time": ".",
    "phone": "+-( ./",
    "range": "-–",
    "at least": "+",
    "percent": "%",
    "percent before": "%",
    "decade": "s",
    "short year": "'’",
    "feet": "'’′f",
    "duration": "hms",
    "power": "²³",
}
"""By pattern, the characters of which it has one in any language; tried only where one of them is."""


def months_of(language: Language) -> dict[str, int]:
    """The names of the months as they are written, with their numbers."""
    names = {name: index for index, name in enumerate(language.calendar.months, 1)}
    return names | dict(language.calendar.short)


def patterns_of(language: Language) -> Mapping[str, re.Pattern[str]]:
    """All ways to write figures, by name."""
    numerals = language.numerals
    groups, decimal = re.escape(numerals.groups), re.escape(numerals.decimal)
    whole = rf"(?:\d{{1,3}}(?:[{groups}]\d{{2,3}})*[{groups}]\d{{3}}(?!\d)|{SPACED_THOUSANDS}|\d+)"
    number = rf"(?>{whole}(?:{decimal}\d+)?)"  # atomic: no figure is parted to make something else fit
    if numerals.decimal == ".":
        number = rf"(?:{number}|(?<![\w.]){decimal}\d+)"  # ".5"
    # Nothing takes the first operand out of "5 - 3", but "72 °F / 22 °C" are two measures.
    operand = rf"{BLANK}[-−]?[$€£¥₹₩₽₺]?\d"
    measure_end, number_end = (rf"{END}(?!{BLANK}[{signs}]{operand})" for signs in ("-*=^×÷+", "-*=^×÷+/x"))
    numbers = _numbers(language, number)
    measures = _measures(language, number) | _dates(language) | _times(language) | {"phone": _phone(language)}
    compiled = {name: later(f"(?:{pattern}){number_end}") for name, pattern in numbers.items()}
    compiled |= {name: later(f"(?:{pattern}){measure_end}") for name, pattern in measures.items()}
    # Also "5-year-old", but no ending of an ordinal that is not known.
    hyphened = NEVER if numerals.ordinal.startswith("-") else rf"(?=(?:-{LETTERS})+{END})"
    compiled["number"] = later(rf"(?:{numbers['number']})(?:{number_end}|{hyphened})")
    compiled["title"] = later(rf"(?P<title>{alternatives(language.usage.titles)}){BLANK}?(?=\d)")
    # No figure of its own stands behind a blank in one; behind a dash one does, as where no figures come before.
    compiled["as written"] = later(rf"\s|\(|[^\s\w(–]*{whole}(?:[-–]{whole})*\S*|[^\s–]*–|\S+")
    # What stays and is one. No word with a figure in it is: it is none where no figure stands before it.
    codes = alternatives([*language.money, *language.usage.titles])
    compiled["operand"] = later(rf"\W*(?:{codes})?\W*\d|[^\W\d_]\Z")
    compiled["slash"] = later(rf"{BLANK}/{BLANK}(?=\S)")
    return compiled


def needs_of(language: Language) -> Mapping[str, frozenset[str]]:
    """Characters of which one must be there for a pattern to fit, by the pattern's name; others may always fit."""
    suffixes = frozenset(word[0] for word in filter(None, language.clock.suffix.split("|")))
    months, money, units, titles, fractions = (
        frozenset(word.lstrip("0123456789")[0] for word in words if word != "+")
        for words in (months_of(language), language.money, language.units, language.usage.titles, language.fractions)
    )
    return {name: frozenset(chars) for name, chars in NEEDED.items()} | {
        "title": titles,
        "month day": months,
        "day month": months,
        "month year": months,
        "money before": money,
        "money after": money,
        "unit": units,
        "fraction": fractions,
        "half-day time": frozenset("apAP" if language.clock.halves else ""),
        "dotted time": suffixes,
        "full hour": suffixes,
    }


def _phone(language: Language) -> str:
    general = PHONE if " " in language.numerals.groups else PHONE + SPACED_PHONE
    return f"{general}|{language.usage.phones}"


def _numbers(language: Language, number: str) -> dict[str, str]:
    """Numbers that count nothing that is written as a sign."""
    numerals = language.numerals
    scale = rf"(?:{BLANK}?(?P<scale>{alternatives(numerals.scales)})(?!\w))?"
    fractions = alternatives(set(language.fractions) - {"+"})
    operand = rf"(?:{number}|[^\W\d_](?!\w))"
    operators = (
        rf"{BLANK}?[*=^×÷]{BLANK}?[-−]?{number}|{BLANK}[-+/x]{BLANK}{number}|\+{number}|{BLANK}[*=^×+]{BLANK}{operand}"
    )
    return {
        "arithmetic": rf"[-−]?{number}(?:{operators})+",
        "fraction": rf"(?:(?P<n>\d+){BLANK}?)?(?P<part>{fractions})",
        "ordinal": rf"(?P<n>{number})(?P<end>{numerals.ordinal or NEVER})",
        "decade": r"(?P<n>\d{1,3}0)s",
        "short year": r"['’](?P<n>\d{2})(?P<decade>s)?",
        "idiom": alternatives(language.usage.idioms),
        "power": rf"{SIGN}(?P<n>{number})(?P<power>[²³])",
        "number": rf"{SIGN}(?P<n>{number})" + scale,
    }


def units_of(language: Language) -> str:
    """A pattern for the signs of units."""
    tight = "|".join(rf"(?<=\d){unit}" for unit in sorted(WORDLIKE & set(language.units)))
    return alternatives(set(language.units) - WORDLIKE) + (tight and f"|{tight}")


def _measures(language: Language, number: str) -> dict[str, str]:
    """Numbers with what is counted."""
    numerals = language.numerals
    n = rf"{SIGN}(?P<n>{number})"
    money, units = alternatives(language.money), units_of(language)
    scale = rf"(?:{BLANK}?(?P<scale>{alternatives(numerals.scales)})(?!\w))?"
    sum_scale = rf"(?:{BLANK}?(?P<scale>{alternatives({**numerals.scales, **numerals.money_scales})})(?!\w))?"
    per = r"(?:/(?P<per>[^\W\d_]+))?"
    before, after = rf"(?:(?P<before>{money}){BLANK}?)?", rf"(?:{BLANK}?(?P<after>{money}|%|{units}))?"
    feet = (
        rf"(?P<n>\d{{1,2}})(?:['’′]|{BLANK}?(?:ft|feet)){BLANK}?"
        rf"(?P<m>\d{{1,2}}(?:\.5)?)(?:[\"”″]|''|(?<=['’′]\d)|(?<=['’′]\d\d)|{BLANK}?(?:in|inches)(?!\w))"
    )
    gap = f"{BLANK}?"
    duration = (
        rf"(?:(?P<h>\d{{1,2}}){gap}h(?:rs?)?{gap})?(?:(?P<min>\d{{1,2}}){gap}m(?:ins?)?{gap})?"
        rf"(?:(?P<s>\d{{1,2}}){gap}s(?:ecs?)?)?"
    )
    return {
        "range": rf"{SIGN}{before}(?P<n>{number})(?:{BLANK}?(?P<low>{money}|%|{units}))?{BLANK}?[-–]{BLANK}?"
        rf"(?(before)(?:(?P=before){BLANK}?)?)(?P<m>{number}){sum_scale}{after}(?![-–])",
        "money before": rf"{SIGN}(?P<unit>{money}){BLANK}?(?P<n>{number}){sum_scale}{per}",
        "money after": rf"{n}{sum_scale}{BLANK}?(?P<unit>{money}){per}",
        "at least": rf"(?P<n>{number})\+(?:{BLANK}?(?P<unit>{units}))?",
        "percent": rf"{n}{BLANK}?%",
        "percent before": rf"{SIGN}%{BLANK}?(?P<n>{number})(?:[-–](?P<m>{number}))?"
        if language.percent.endswith("{}")
        else NEVER,
        "unit": rf"{n}{scale}{BLANK}?(?P<unit>{units})",
        "feet": feet if "ft" in language.units else NEVER,
        "duration": rf"(?=\d){duration}" if {"h", "min", "s"} <= set(language.units) else NEVER,
    }


def _dates(language: Language) -> dict[str, str]:
    months = months_of(language)
    month = rf"(?P<month>{alternatives(months)})\.?"
    # "sept" is a numeral, too: what comes behind it is no day.
    named = rf"(?P<month>{alternatives(months.keys() - set(map(language.cardinal, months.values())))})\.?"
    ordinal = f"(?:{language.numerals.ordinal or NEVER})?"
    days = rf"(?P<day>\d{{1,2}}){ordinal}(?:{BLANK}?[-–]{BLANK}?(?P<last_day>\d{{1,2}}){ordinal})?"
    year = r"(?P<year>\d{4})"
    gap = f"{BLANK}(?:de{BLANK})?" if " de " in language.calendar.date else BLANK
    return {
        "iso date": r"(?P<year>\d{4})(?P<mark>[-/])(?P<month>\d{2})(?P=mark)(?P<day>\d{2})"
        r"(?:T(?P<time>\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?",
        "month day": rf"{named}{BLANK}{days}(?:,?{BLANK}{year})?",
        "day month": rf"{days}{gap}{month}(?:,?{gap}{year})?",
        "month year": rf"{month}{gap}{year}",
        "figure month": r"(?P<month>\d{1,2})/(?P<year>(?:19|20)\d{2})",
        "short date": r"(?P<a>\d{1,2})\.(?P<b>\d{1,2})\." if language.numerals.ordinal == r"\." else NEVER,
        "figure date": r"(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4}|(?<!-)\d{2})",
    }


def _times(language: Language) -> dict[str, str]:
    clock = language.clock
    suffixes = clock.suffix or NEVER
    colon = rf":|{BLANK}?h{BLANK}?" if "h" in clock.suffix.split("|") else ":"  # 15h30
    second = r"(?::(?P<second>\d{2}))?"
    time = rf"(?P<hour>\d{{1,2}})(?:{colon})(?P<minute>\d{{2}}){second}(?:{BLANK}?(?:{suffixes}))?"
    half = rf"(?P<half>{clock.halves or NEVER})"
    half_time = rf"(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d{{2}}))?{BLANK}?{half}"
    span = "|".join(re.sub(r"\?P<\w+>", "?:", one) for one in (half_time, time))
    return {
        "half-day time": half_time,
        "time": time,
        "time range": rf"(?P<since>{span}|\d{{1,2}}){BLANK}?[-–]{BLANK}?(?P<until>{span})",
        "dotted time": rf"(?P<hour>\d{{1,2}})\.(?P<minute>\d{{2}}){BLANK}?(?:{suffixes})",
        "cued time": r"(?P<hour>\d{1,2})\.(?P<minute>\d{2})" if clock.cues else NEVER,
        # Where "h" is a unit, "2 h" may be a duration, and is said as one.
        "full hour": NEVER if "h" in suffixes.split("|") else rf"(?P<hour>\d{{1,2}}){BLANK}?(?:{suffixes})",
    }
