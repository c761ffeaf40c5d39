"""Reading of figures: money, measures, dates, times, phone numbers and plain numbers, in whole regions of text.

A region is a row of words with figures in it that has ended for certain, so that the rules here see all they need: they
are plain patterns, tried in order, and the first that fits decides. What fits none stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from trialogue.actors.text_filter._figure_patterns import months_of, patterns_of
from trialogue.actors.text_filter._language import NUMERAL_SCALES, Counted, Language, language_of
from trialogue.actors.text_filter._settings import Rule

Match = re.Match[str]


class Pattern(NamedTuple):
    """A way to write figures, its switch, and how it is read; None leaves it as written."""

    rule: Rule | None
    pattern: re.Pattern[str]
    read: Callable[[Match], str | None]


LARGE: Final = 1_000_000
VOWELS: Final = "aeéèiouyh"
NUMBER_SIGNS: Final = ("#", "№")
CODE_DIGITS: Final = 5
"""From so many digits on, what follows a number sign is a code and read digit by digit; own judgement."""
MAX_PHONE_DIGITS: Final = 15
"""Digits, by ITU-T E.164."""
CARD_DIGITS: Final = 16
"""Digits in four groups; ISO/IEC 7812 allows 19, but they are not written so."""
OPERATOR: Final = re.compile(r"\s[-*=^×÷+/x]\s\Z")
"""What stands behind it is an operand and stays, like the one before it."""
AS_WRITTEN: Final = re.compile(r"\s|\(|\S+")
YEARS: Final = range(1010, 2100)
BARE_YEARS: Final = frozenset((*range(1900, 2000), *range(2010, 2100)))


class Figures:
    """Reads the figures of a language.

    Args:
        language: its words.
        off: rules that do not apply; what they would read stays as it is written.
    """

    def __init__(self, language: Language, off: frozenset[Rule]) -> None:
        self.language = language
        self._patterns = patterns_of(language)
        self._months = months_of(language)
        self._off = off
        self._previous = ""
        language.cardinal(0)  # loads the rules now, not in the middle of a reply
        self._table = tuple(self._rules())

    def read(self, region: str, previous: str) -> list[tuple[int, int, str | None]]:
        """What is said for the region, part by part: where the part begins and ends, and what is said, None for itself.

        Args:
            region: the text.
            previous: the word before it, in lower case.
        """
        self._previous = previous
        parts: list[tuple[int, int, str | None]] = []
        at = 0
        while at < len(region):
            end, said = self._read_at(region, at)
            parts.append((at, end, said))
            word = region[at:end].strip()
            self._previous = word.lower() if word else self._previous
            at = end
        return parts

    def _read_at(self, region: str, at: int) -> tuple[int, str | None]:
        table = () if at > 2 and OPERATOR.match(region, at - 3, at) else self._table
        for rule, pattern, read in table:
            if match := pattern.match(region, at):
                said = None if rule in self._off else read(match)
                if said is not None or rule is None or rule in self._off:
                    return match.end(), said
        rest = AS_WRITTEN.match(region, at)
        return rest.end() if rest else len(region), None

    def _rules(self) -> Iterable[Pattern]:
        """All patterns, in the order in which they are tried."""
        p = self._patterns
        yield Pattern(None, p["arithmetic"], lambda _: None)
        yield Pattern(Rule.DATES, p["iso date"], self._date)
        yield Pattern(Rule.DATES, p["month day"], self._date)
        yield Pattern(Rule.DATES, p["day month"], self._date)
        yield Pattern(Rule.DATES, p["month year"], self._date)
        yield Pattern(Rule.DATES, p["figure month"], self._date)
        yield Pattern(Rule.DATES, p["figure date"], self._figure_date)
        yield Pattern(Rule.DATES, p["short date"], self._figure_date)
        yield Pattern(Rule.TIMES, p["time range"], self._time_range)
        yield Pattern(Rule.TIMES, p["half-day time"], self._time)
        yield Pattern(Rule.TIMES, p["time"], self._time)
        yield Pattern(Rule.TIMES, p["dotted time"], self._time)
        yield Pattern(Rule.TIMES, p["full hour"], self._time)
        yield Pattern(Rule.PHONES, p["phone"], self._phone)
        yield Pattern(Rule.RANGES, p["range"], self._range)
        yield Pattern(Rule.CURRENCY, p["money before"], self._money)
        yield Pattern(Rule.CURRENCY, p["money after"], self._money)
        yield Pattern(Rule.NUMBERS, p["at least"], self._at_least)
        yield Pattern(Rule.PERCENT, p["percent"], self._percent)
        yield Pattern(Rule.PERCENT, p["percent before"], self._percent)
        yield Pattern(Rule.NUMBERS, p["decade"], self._decade)
        yield Pattern(Rule.UNITS, p["unit"], self._unit)
        yield Pattern(Rule.FRACTIONS, p["fraction"], self._fraction)
        yield Pattern(Rule.ORDINALS, p["ordinal"], self._ordinal)
        yield Pattern(Rule.NUMBERS, p["number"], self._number)

    # Numbers

    def number(self, figures: str, gender: str = "") -> str:
        """A number as it is written in the language, in words."""
        language = self.language
        whole, fraction = self.split(figures)
        if len(whole) > 1 and whole[0] == "0":
            said = language.digits(whole)
        else:
            said = language.cardinal(int(whole), "" if fraction else gender)
        return f"{said} {language.numerals.point} {language.digits(fraction)}" if fraction else said

    def split(self, figures: str) -> tuple[str, str]:
        """Whole part and fraction, digits only."""
        marks = str.maketrans("", "", self.language.numerals.groups)
        whole, _, fraction = figures.partition(self.language.numerals.decimal)
        return whole.translate(marks), fraction

    def value(self, figures: str) -> float:
        """The number's value."""
        whole, fraction = self.split(figures)
        return float(f"{whole}.{fraction or 0}")

    def _signed(self, match: Match, said: str) -> str:
        numerals = self.language.numerals
        words = {"-": numerals.minus, "−": numerals.minus, "+": numerals.plus, "~": numerals.about, "≈": numerals.about}
        sign = match["sign"]
        return f"{words.get(sign) or self.language.signs[sign]} {said}" if sign else said

    def _scale(self, scale: str) -> str:
        numerals = self.language.numerals
        return numerals.scales.get(scale) or numerals.money_scales[scale]

    def _scaled(self, match: Match) -> str:
        return f" {self._scale(match['scale'])}" if match["scale"] else ""

    def _number(self, match: Match) -> str | None:
        figures = match["n"]
        if not match["sign"] and not match["scale"] and figures.isdecimal() and self._is_year(figures):
            return self.language.year(int(figures))
        if match["sign"] in NUMBER_SIGNS and figures.isdecimal() and len(figures) >= CODE_DIGITS:
            return self._signed(match, self.language.digits(figures))
        return self._signed(match, self.number(figures) + self._scaled(match))

    def _is_year(self, figures: str) -> bool:
        if len(figures) != 4 or int(figures) not in YEARS:
            return False
        return self._previous in self.language.calendar.year_cue or int(figures) in BARE_YEARS

    def _at_least(self, match: Match) -> str:
        unit = self.language.units.get(match["unit"] or "")
        noun = f" {self.language.form(unit, LARGE)}" if unit else ""
        return f"{self.number(match['n'])} {self.language.numerals.plus}{noun}"

    def _decade(self, match: Match) -> str | None:
        if not self.language.calendar.decades:
            return None
        year = int(match["n"])
        said = self.language.year(year) if year >= 1000 else self.language.cardinal(year)
        return said[:-1] + "ies" if said.endswith("y") else said + "s"

    def _ordinal(self, match: Match) -> str | None:
        language = self.language
        ruleset = language.ordinal_cues.get(self._previous, "") if match["end"] == "." else ""
        for pattern, name in language.ordinals.items():
            if not ruleset and re.fullmatch(pattern, match["end"]) and match["end"] != ".":
                ruleset = name
        return language.ordinal(int(self.split(match["n"])[0]), ruleset) if ruleset else None

    def _fraction(self, match: Match) -> str | None:
        fractions = self.language.fractions
        said = fractions.get(match["part"])
        if said is None or not match["n"]:
            return said
        return " ".join(filter(None, (self.number(match["n"]), fractions["+"], said)))

    # Things counted

    def count(self, figures: str, thing: Counted, scale: str | None = None) -> str:
        """So many of a thing."""
        language = self.language
        if scale:
            large, noun = self._scale(scale), language.form(thing, LARGE)
            of, _, elided = language.numerals.of.partition("|")
            if large in NUMERAL_SCALES or not of:
                return f"{self.number(figures)} {large} {noun}"
            return f"{self.number(figures)} {large} " + (
                f"{elided}{noun}" if elided and noun[0] in VOWELS else f"{of} {noun}"
            )
        return f"{self.number(figures, thing.gender)} {language.form(thing, self.value(figures))}"

    def _money(self, match: Match) -> str:
        money = self.language.money[match["unit"]]
        whole, fraction = self.split(match["n"])
        if len(fraction) == 2 and money.part and not match["scale"]:
            said = []
            if int(whole) or not int(fraction):
                said.append(self.count(whole, money))
            if int(fraction):
                said.append(self.count(str(int(fraction)), money.part))
            sum_said = f" {self.language.signs['&']} ".join(said)
        else:
            sum_said = self.count(match["n"], money, match["scale"])
        return self._signed(match, sum_said + self._per(match["per"]))

    def _per(self, unit: str | None) -> str:
        """ "$10/mo" is ten dollars per month."""
        if not unit:
            return ""
        known = self.language.units.get(unit)
        return f" {self.language.signs['per']} {known.forms[0] if known else unit}"

    def _percent(self, match: Match) -> str | None:
        said, high = self.number(match["n"]), match.groupdict().get("m")
        if high:
            if self.value(match["n"]) >= self.value(high):
                return None
            said = f"{said} {self.language.numerals.to} {self.number(high)}"
        return self._signed(match, self.language.percent.format(said))

    def _unit(self, match: Match) -> str:
        return self._signed(match, self.count(match["n"], self.language.units[match["unit"]], match["scale"]))

    def _range(self, match: Match) -> str | None:
        language, low, high = self.language, match["n"], match["m"]
        if self.value(low) >= self.value(high) or (match["low"] and match["low"] != match["after"]):
            return None
        counts_money = match["before"] or match["after"] in language.money
        if match["scale"] in language.numerals.money_scales and not counts_money:
            return None
        first = self.number(low)
        if (
            low.isdecimal()
            and high.isdecimal()
            and len(low) == len(high) == 4
            and int(low) in YEARS
            and not match["after"]
        ):
            first, last = language.year(int(low)), language.year(int(high))
        elif money := language.money.get(match["before"] or match["after"] or ""):
            last = self.count(high, money, match["scale"])
        elif unit := language.units.get(match["after"] or ""):
            last = self.count(high, unit, match["scale"])
        elif match["after"] == "%":
            return language.percent.format(f"{first} {language.numerals.to} {self.number(high)}")
        else:
            last = self.number(high) + self._scaled(match)
        return f"{first} {language.numerals.to} {last}"

    # Dates and times

    def _date(self, match: Match) -> str | None:
        groups = match.groupdict()
        month = int(groups["month"]) if groups["month"].isdecimal() else self._months[groups["month"].rstrip(".")]
        day, year = groups.get("day"), groups.get("year")
        if not 1 <= month <= 12 or (day and not 1 <= int(day) <= 31):
            return None
        said = self.said_date(int(day) if day else None, month, int(year) if year else None)
        time = groups.get("time")
        return f"{said}, {self._time_of(time)}" if time else said

    def _figure_date(self, match: Match) -> str | None:
        first, second, year = int(match["a"]), int(match["b"]), match.groupdict().get("year")
        day, month = (second, first) if self.language.calendar.order == "mdy" else (first, second)
        if month > 12 >= day:
            day, month = month, day
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        if year is None:
            return self.said_date(day, month, None)
        century = 0 if len(year) == 4 else 2000 if int(year) < 70 else 1900
        return self.said_date(day, month, century + int(year))

    def said_date(self, day: int | None, month: int, year: int | None) -> str:
        """A date in words; day or year may be missing."""
        calendar = self.language.calendar
        template = calendar.month_year if day is None else calendar.day_month if year is None else calendar.date
        return template.format(
            day="" if day is None else self._day(day),
            month=calendar.months[month - 1],
            year="" if year is None else self.language.year(year),
        )

    def _day(self, day: int) -> str:
        language = self.language
        kind = language.calendar.day
        if kind == "ordinal" or (kind == "first" and day == 1):
            ruleset = (
                language.ordinal_cues.get(self._previous)
                or language.calendar.day_ruleset
                or next(iter(language.ordinals.values()), "")
            )
            return language.ordinal(day, ruleset) or language.cardinal(day)
        return language.cardinal(day)

    def _time(self, match: Match) -> str | None:
        clock, language = self.language.clock, self.language
        groups = match.groupdict()
        hour, minute = int(match["hour"]), int(groups.get("minute") or 0)
        half = groups.get("half")
        if hour > (12 if half else 24) or minute > 59 or (half and hour == 0):
            return None
        said_hour = language.cardinal(hour, clock.gender)
        if half:
            half = half.replace(".", "").upper()
            minutes = f" {self._minutes(minute)}" if minute else ""
            return f"{said_hour}{minutes} {half}"
        if minute == 0:
            return (clock.late if hour > 12 and clock.late else clock.full).format(hour=said_hour)
        return clock.time.format(hour=said_hour, minute=self._minutes(minute))

    def _time_range(self, match: Match) -> str | None:
        since, until = self._time_of(match["since"]), self._time_of(match["until"])
        if since is None and match["since"].isdecimal() and self._patterns["half-day time"].fullmatch(match["until"]):
            since = self.number(match["since"])  # "10-11am"
        return f"{since} {self.language.numerals.to} {until}" if since and until else None

    def _time_of(self, written: str) -> str | None:
        match = self._patterns["half-day time"].fullmatch(written) or self._patterns["time"].fullmatch(written)
        return self._time(match) if match else None

    def _minutes(self, minute: int) -> str:
        zero = self.language.clock.zero
        said = self.language.cardinal(minute)
        return f"{zero} {said}" if zero and minute < 10 else said

    def _phone(self, match: Match) -> str | None:
        groups = re.findall(r"\d+", match[0])
        if sum(map(len, groups)) > (CARD_DIGITS if len(groups) == 4 else MAX_PHONE_DIGITS):
            return None
        said = ", ".join(map(self.language.digits, groups))
        return f"{self.language.numerals.plus} {said}" if match[0].lstrip("(")[0] == "+" else said


@lru_cache(maxsize=32)
def figures_of(tag: str, off: frozenset[Rule]) -> Figures | None:
    """The reader of a language's figures; None where there are no words for it or no rule that reads them."""
    language = language_of(tag)
    return None if language is None or Rule.NUMBERS in off else Figures(language, off)
