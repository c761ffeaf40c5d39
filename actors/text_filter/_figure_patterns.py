"""How figures are written: the patterns of one language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from trialogue.actors.text_filter._language import Language

BLANK: Final = "[ \u00a0\u202f]"
END: Final = r"(?=\s|\Z|,\s|[.:'’)–-]+(?:\s|\Z))"
"""What is read ends where a word ends; there may be punctuation."""
SIGN: Final = r"(?P<sign>[-−+±~≈#№<>])?"
NEVER: Final = "(?!)"
PHONE: Final = (
    r"\+\d{1,3}(?:[ .\-/]?\(?\d{1,5}\)?){2,6}"  # +49 (30) 1234-567
    r"|\(\d{2,5}\)[ -]?\d{2,5}(?:[ .-]\d{2,4}){1,3}"  # (555) 123-4567, (11) 91234-5678
    r"|(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}"  # 1-800-555-1234
    r"|\d{3}-\d{4}"
    r"|0\d{1,4}[ /-]\d{2,8}(?:[ -]\d{2,4}){0,4}"  # 030 1234567
    r"|\d{2} \d{3} \d{2} \d{2}"  # 22 123 45 67
    r"|\d{4}(?:[ -]\d{4}){3}"  # a card
)

SPACED_PHONE: Final = r"|\d{3} \d{3} \d{3}"
"""Where thousands are not grouped by blanks."""


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or NEVER


def months_of(language: Language) -> dict[str, int]:
    """The names of the months as they are written, with their numbers."""
    names = {name: index for index, name in enumerate(language.calendar.months, 1)}
    return names | dict(language.calendar.short)


def patterns_of(language: Language) -> Mapping[str, re.Pattern[str]]:
    """All ways to write figures, by name."""
    numerals = language.numerals
    groups, decimal = re.escape(numerals.groups), re.escape(numerals.decimal)
    whole = rf"(?:\d{{1,3}}(?:[{groups}]\d{{2,3}})*[{groups}]\d{{3}}(?!\d)|\d+)"
    number = rf"{whole}(?:{decimal}\d+)?"
    written = (
        _measures(language, number)
        | _dates(language)
        | _times(language)
        | {"phone": PHONE if " " in numerals.groups else PHONE + SPACED_PHONE}
    )
    # Nothing takes the first operand out of "5 - 3".
    end = rf"{END}(?!{BLANK}[-*=^×÷+/x]{BLANK}[-−]?[$€£¥₹₩₽₺]?\d)"
    compiled = {name: re.compile(f"(?:{pattern}){end}") for name, pattern in written.items()}
    # Also "5-year-old", but no ending of an ordinal that is not known.
    hyphened = "(?!)" if numerals.ordinal.startswith("-") else rf"(?=(?:-[^\W\d_]+)+{END})"
    compiled["number"] = re.compile(rf"(?:{written['number']})(?:{end}|{hyphened})")
    return compiled


def _measures(language: Language, number: str) -> dict[str, str]:
    """Numbers, and what is counted."""
    numerals = language.numerals
    n = rf"{SIGN}(?P<n>{number})"
    money, units = alternatives(language.money), alternatives(language.units)
    scale = rf"(?:{BLANK}?(?P<scale>{alternatives(numerals.scales)})(?!\w))?"
    sum_scale = rf"(?:{BLANK}?(?P<scale>{alternatives({**numerals.scales, **numerals.money_scales})})(?!\w))?"
    per = r"(?:/(?P<per>[^\W\d_]+))?"
    before, after = rf"(?:(?P<before>{money}){BLANK}?)?", rf"(?:{BLANK}?(?P<after>{money}|%|{units}))?"
    fractions = alternatives(set(language.fractions) - {"+"})
    operators = rf"{BLANK}?[*=^×÷]{BLANK}?[-−]?{number}|{BLANK}[-+/x]{BLANK}{number}|\+{number}"
    return {
        "arithmetic": rf"[-−]?{number}(?:{operators})+",
        "range": rf"{before}(?P<n>{number})(?:{BLANK}?(?P<low>{money}|%|{units}))?{BLANK}?[-–]{BLANK}?"
        rf"(?(before)(?:(?P=before){BLANK}?)?)(?P<m>{number}){sum_scale}{after}(?![-–])",
        "money before": rf"{SIGN}(?P<unit>{money}){BLANK}?(?P<n>{number}){sum_scale}{per}",
        "money after": rf"{n}{sum_scale}{BLANK}?(?P<unit>{money}){per}",
        "at least": rf"(?P<n>{number})\+(?:{BLANK}?(?P<unit>{units}))?",
        "percent": rf"{n}{BLANK}?%",
        "percent before": rf"{SIGN}%{BLANK}?(?P<n>{number})(?:[-–](?P<m>{number}))?"
        if language.percent.endswith("{}")
        else NEVER,
        "unit": rf"{n}{scale}{BLANK}?(?P<unit>{units})",
        "fraction": rf"(?:(?P<n>\d+){BLANK}?)?(?P<part>{fractions})",
        "ordinal": rf"(?P<n>{number})(?P<end>{numerals.ordinal or NEVER})",
        "decade": r"(?P<n>\d{1,3}0)s",
        "number": n + scale,
    }


def _dates(language: Language) -> dict[str, str]:
    month = rf"(?P<month>{alternatives(months_of(language))})\.?"
    day = rf"(?P<day>\d{{1,2}})(?:{language.numerals.ordinal or NEVER})?"
    year = r"(?P<year>\d{4})"
    gap = f"{BLANK}(?:de{BLANK})?" if " de " in language.calendar.date else BLANK
    return {
        "iso date": r"(?P<year>\d{4})(?P<mark>[-/])(?P<month>\d{2})(?P=mark)(?P<day>\d{2})"
        r"(?:T(?P<time>\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?Z?)?",
        "month day": rf"{month}{BLANK}{day}(?:,?{BLANK}{year})?",
        "day month": rf"{day}{gap}{month}(?:,?{gap}{year})?",
        "month year": rf"{month}{gap}{year}",
        "figure month": r"(?P<month>\d{1,2})/(?P<year>(?:19|20)\d{2})",
        "short date": r"(?P<a>\d{1,2})\.(?P<b>\d{1,2})\." if language.numerals.ordinal == r"\." else NEVER,
        "figure date": r"(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4}|(?<!-)\d{2})",
    }


def _times(language: Language) -> dict[str, str]:
    clock = language.clock
    suffixes = clock.suffix or NEVER
    colon = rf":|{BLANK}?h{BLANK}?" if "h" in clock.suffix.split("|") else ":"  # 15h30
    time = rf"(?P<hour>\d{{1,2}})(?:{colon})(?P<minute>\d{{2}})(?:{BLANK}?(?:{suffixes}))?"
    half = rf"(?P<half>{clock.halves or NEVER})"
    half_time = rf"(?P<hour>\d{{1,2}})(?::(?P<minute>\d{{2}}))?{BLANK}?{half}"
    span = "|".join(re.sub(r"\?P<\w+>", "?:", one) for one in (half_time, time))
    return {
        "half-day time": half_time,
        "time": time,
        "time range": rf"(?P<since>{span}|\d{{1,2}}){BLANK}?[-–]{BLANK}?(?P<until>{span})",
        "dotted time": rf"(?P<hour>\d{{1,2}})\.(?P<minute>\d{{2}}){BLANK}?(?:{suffixes})",
        "full hour": rf"(?P<hour>\d{{1,2}}){BLANK}?(?:{suffixes})",
    }
