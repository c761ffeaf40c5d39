"""Reading of dates and times of day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from trialogue.actors.text_filter._figure_patterns import months_of
from trialogue.actors.text_filter._language import Language

Match = re.Match[str]

MONTHS: Final = 12
MAX_DAY: Final = 31
HOURS: Final = 24
HALF_HOURS: Final = 12
PIVOT: Final = 70
"""A year of two figures is one of this century below, POSIX strptime has 69."""


class Moments:
    """Reads the dates and times of a language; None leaves them as they are written.

    Args:
        language: its words.
        patterns: how its figures are written.
    """

    def __init__(self, language: Language, patterns: Mapping[str, re.Pattern[str]]) -> None:
        self._language = language
        self._patterns = patterns
        self._months = months_of(language)

    def date(self, match: Match, previous: str) -> str | None:
        """A date with the month's name or the year first; days from one to another too."""
        groups = match.groupdict()
        month = int(groups["month"]) if groups["month"].isdecimal() else self._months[groups["month"].rstrip(".")]
        days = [int(groups[name]) for name in ("day", "last_day") if groups.get(name)]
        year = int(groups["year"]) if groups.get("year") else None
        if not 1 <= month <= MONTHS or not all(1 <= day <= MAX_DAY for day in days) or days != sorted(set(days)):
            return None
        to = f" {self._language.numerals.to} "
        said = self._said(to.join(self._day(day, previous) for day in days), month, year)
        time = self.time_of(groups["time"], previous) if groups.get("time") else None
        return f"{said}, {time}" if time else said

    def figure_date(self, match: Match, previous: str) -> str | None:
        """A date in figures."""
        first, second, year = int(match["a"]), int(match["b"]), match.groupdict().get("year")
        day, month = (second, first) if self._language.calendar.order == "mdy" else (first, second)
        if month > MONTHS >= day:
            day, month = month, day
        if not (1 <= month <= MONTHS and 1 <= day <= MAX_DAY):
            return None
        if year is None:
            return self._said(self._day(day, previous), month, None)
        century = 0 if len(year) > 2 else 2000 if int(year) < PIVOT else 1900
        return self._said(self._day(day, previous), month, century + int(year))

    def _said(self, day: str, month: int, year: int | None) -> str:
        """A date in words; day or year may be missing."""
        calendar = self._language.calendar
        template = calendar.month_year if not day else calendar.day_month if year is None else calendar.date
        return template.format(
            day=day,
            month=calendar.months[month - 1],
            year="" if year is None else self._language.dated_year(year),
        )

    def _day(self, day: int, previous: str) -> str:
        language, calendar = self._language, self._language.calendar
        if calendar.dated:
            return calendar.dated[day - 1]
        if calendar.day == "ordinal" or (calendar.day == "first" and day == 1):
            ruleset = (
                language.ordinal_cues.get(previous)
                or calendar.day_ruleset
                or next(iter(language.ordinals.values()), "")
            )
            return language.ordinal(day, ruleset) or language.cardinal(day)
        return language.cardinal(day)

    def time(self, match: Match, previous: str) -> str | None:
        """A time of day."""
        clock, groups = self._language.clock, match.groupdict()
        hour, minute, second = (int(groups.get(name) or 0) for name in ("hour", "minute", "second"))
        half = groups.get("half")
        if hour > (HALF_HOURS if half else HOURS) or max(minute, second) > 59 or (half and hour == 0):
            return None
        said_hour = self._hour(hour, previous)
        if half:
            minutes = f" {self._minutes(minute)}" if minute else ""
            return f"{said_hour}{minutes} {half.replace('.', '').upper()}"
        one = hour in (0, 1)
        if minute or second:
            template = (one and clock.one_time) or clock.time
        else:
            template = (one and clock.one_full) or (hour > HALF_HOURS and clock.late) or clock.full
        said = template.format(hour=said_hour, minute=self._minutes(minute))
        return f"{said} {self._language.signs['&']} {self._seconds(second)}" if second else said

    def cued_time(self, match: Match, previous: str) -> str | None:
        """A time with a dot in it, which a word before it tells from a number."""
        return self.time(match, previous) if previous in self._language.clock.cues else None

    def time_range(self, match: Match, previous: str) -> str | None:
        """From one time to another."""
        language = self._language
        since, until = self.time_of(match["since"], previous), self.time_of(match["until"], previous)
        if since is None and match["since"].isdecimal() and self._patterns["half-day time"].fullmatch(match["until"]):
            since = language.cardinal(int(match["since"]))  # "10-11am"
        return f"{since} {language.numerals.to} {until}" if since and until and language.numerals.to != "-" else None

    def time_of(self, written: str, previous: str) -> str | None:
        """A time that stands within a longer construct."""
        match = self._patterns["half-day time"].fullmatch(written) or self._patterns["time"].fullmatch(written)
        return self.time(match, previous) if match else None

    def _hour(self, hour: int, previous: str) -> str:
        clock = self._language.clock
        hours = clock.hours_after.get(previous) or clock.hours
        return hours[hour] if hours else self._language.cardinal(hour, clock.gender)

    def _minutes(self, minute: int) -> str:
        zero = self._language.clock.zero
        said = self._language.cardinal(minute)
        return f"{zero} {said}" if zero and minute < 10 else said

    def _seconds(self, second: int) -> str:
        language = self._language
        thing = language.units.get("s") or language.units.get("с") or language.units.get("sn")
        said = language.cardinal(second, thing.gender if thing else "")
        return f"{said} {language.form(thing, second)}" if thing else said
