"""How figures are written: the patterns of one language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from trialogue.actors.text_filter._language import Language

BLANK: Final = "[ \u00a0\u202f]"
# What is read ends where a word ends; there may be punctuation.
END: Final = r"(?=\s|\Z|,\s|[.:'’)–-]+(?:\s|\Z))"
SIGN: Final = r"(?P<sign>[-−+±~≈#№<>])?"
PHONE: Final = (
    r"\+\d{1,3}(?:[ .\-/]?\(?\d{1,5}\)?){2,6}"  # +49 (30) 1234-567
    r"|\(\d{2,5}\)[ -]?\d{2,4}(?:[ .-]\d{2,4}){1,3}"  # (555) 123-4567
    r"|(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}"  # 1-800-555-1234
    r"|\d{3}-\d{4}"
    r"|0\d{1,4}[ /-]\d{2,8}(?:[ -]\d{2,4}){0,4}"  # 030 1234567
)


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


class FigurePatterns:
    """The compiled patterns of a language.

    Args:
        language: its words.
    """

    def __init__(self, language: Language) -> None:
        numerals, calendar, clock = language.numerals, language.calendar, language.clock
        groups, decimal = re.escape(numerals.groups), re.escape(numerals.decimal)
        whole = rf"(?:\d{{1,3}}(?:[{groups}]\d{{2,3}})*[{groups}]\d{{3}}(?!\d)|\d+)"
        number = rf"{whole}(?:{decimal}\d+)?"
        n = rf"(?P<n>{number})"
        money = alternatives(language.money)
        units = alternatives(language.units)
        scales = alternatives(numerals.scales)
        scale = rf"(?:{BLANK}?(?P<scale>{scales})(?!\w))?"
        self.months = {name: index for index, name in enumerate(calendar.months, 1)} | dict(calendar.short)
        month = rf"(?P<month>{alternatives(self.months)})\.?"
        day = rf"(?P<day>\d{{1,2}})(?:{numerals.ordinal or '(?!)'})?"
        year = r"(?P<year>\d{4})"
        de = f"{BLANK}(?:de{BLANK})?"

        def compiled(pattern: str) -> re.Pattern[str]:
            return re.compile(f"(?:{pattern}){END}")

        self.arithmetic = compiled(
            rf"[-−]?{number}(?:{BLANK}?[*=^×÷]{BLANK}?[-−]?{number}|{BLANK}[-+/]{BLANK}{number}|\+{number})+"
        )
        self.iso_date = compiled(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
        self.month_day = compiled(rf"{month}{BLANK}{day}(?:,?{BLANK}{year})?")
        self.day_month = compiled(rf"{day}{de}{month}(?:,?{de}{year})?")
        self.month_year = compiled(rf"{month}{de}{year}")
        self.figure_date = compiled(r"(?P<a>\d{1,2})(?P<mark>[./])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})")
        self.half_day_time = compiled(
            rf"(?P<hour>\d{{1,2}})(?::(?P<minute>\d{{2}}))?{BLANK}?(?P<half>[ap]\.?m|[AP]\.?M)"
            if language.code == "en"
            else "(?!)(?P<hour>)(?P<minute>)(?P<half>)"
        )
        suffixes = clock.suffix or "(?!)"
        french = "h" in clock.suffix.split("|")  # 15h30
        time = rf"(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?:{BLANK}?(?:{suffixes}))?"
        if french:
            time = rf"(?P<hour>\d{{1,2}})(?::|{BLANK}?h{BLANK}?)(?P<minute>\d{{2}})"
        bare = re.sub(r"\?P<\w+>", "?:", time)
        self.time = compiled(time)
        self.time_range = compiled(rf"(?P<since>{bare}){BLANK}?[-–]{BLANK}?(?P<until>{bare})")
        self.full_hour = compiled(rf"(?P<hour>\d{{1,2}}){BLANK}?(?:{suffixes})")
        self.phone = compiled(PHONE)
        before, after = rf"(?:(?P<before>{money}){BLANK}?)?", rf"(?:{BLANK}?(?P<after>{money}|%|{units}))?"
        self.range = compiled(rf"{before}{n}{BLANK}?[-–]{BLANK}?(?P<m>{number}){scale}{after}(?![-–])")
        self.money_before = compiled(rf"{SIGN}(?P<unit>{money}){BLANK}?{n}{scale}")
        self.money_after = compiled(rf"{SIGN}{n}{scale}{BLANK}?(?P<unit>{money})")
        self.percent = compiled(rf"{SIGN}{n}{BLANK}?%")
        self.unit = compiled(rf"{SIGN}{n}{scale}{BLANK}?(?P<unit>{units})")
        self.fraction = compiled(rf"(?:(?P<n>\d+){BLANK}?)?(?P<part>{alternatives(set(language.fractions) - {'+'})})")
        self.ordinal = compiled(rf"{n}(?P<end>{numerals.ordinal or '(?!)'})")
        self.decade = compiled(r"(?P<n>\d{1,3}0)s")
        self.number = re.compile(rf"{SIGN}{n}{scale}(?:{END}|(?=(?:-[^\W\d_]+)+{END}))")  # also "5-year-old"
