"""Reading dates out of what was said: "next Tuesday", "the twenty-second of November". English. Pure."""

from __future__ import annotations

import datetime
import re
from typing import Final, Literal

from trialogue.agents.tasks._reading import Reading, Unreadable
from trialogue.agents.tasks._spoken import digits_of
from trialogue.frames._attrs import frozen

#: Which one is meant where no year, or no week, is said: the next to come, or the last that was.
Side = Literal["future", "past"]

_MONTHS: Final = "january february march april may june july august september october november december".split()
_WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()
_ORDINALS: Final = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        start=1,
    )
} | {"thirtieth": 30, **{f"{day}th": day for day in range(1, 32)}}
_COUNTS: Final = {
    word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), start=1)
} | {"a": 1, "an": 1, "twelve": 12}
_RELATIVE: Final = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
_UNITS: Final = {"day": 1, "week": 7, "fortnight": 14}

#: What makes several days, or none, of those that are said: "Tuesday or Friday", "the third to the fifth of May".
_SEVERAL: Final = re.compile(
    rf"\b(?:or|not|no|but|except|between|till|until|to (?:the )?(?:\d+\w*|{'|'.join([*_WEEKDAYS, *_ORDINALS])}))\b"
)

#: What makes another day of "Tuesday" or "tomorrow": "a week from Tuesday".
_TURNED: Final = re.compile(r"\b(?:from|after|before|weeks?|later|earlier)\b")

#: "No, on Friday": it is what was understood before that was wrong.
_NO: Final = re.compile(r"^\W*no\b")

#: "in a week", "a week ago", "a week from today". Nobody counts so far that more figures would be needed.
_COUNTED: Final = re.compile(r"\b(in )?(\d{1,4}|[^\W\d]+) (day|week|fortnight)s?( ago| from now| from today)?\b")

_WORDS: Final = re.compile(r"[^\W\d_]+|\d+(?:th)?")
_WRITTEN: Final = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_SLASHES: Final = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")
_ORDINAL_END: Final = re.compile(r"(?<=\d)(st|nd|rd)\b")

#: No year of a conversation is before or after these; two figures are a year of this century or the last.
_FIRST_YEAR: Final = 1880
_LAST_YEAR: Final = 2199


@frozen(kw_only=True)
class DateReader:
    """Reads dates, as seen from a day.

    A weekday alone is the first after that day, or the last before it; "next Tuesday" is the one of the next week,
    which begins on Monday, and is never sure, since not all mean that. Nor is "Tuesday or Friday", or "not Tuesday".

    Args:
        today: that day.
        side: which one is meant where no year, or no week, is said.
        earliest, latest: what it must not be before or after; None for no bound.
    """

    today: datetime.date
    side: Side = "future"
    earliest: datetime.date | None = None
    latest: datetime.date | None = None

    def __call__(self, said: str) -> Reading[datetime.date]:
        """Read a date. Raises Unreadable: there is none in it, not all of one, or it is out of the bounds."""
        text = _NO.sub("", _ORDINAL_END.sub("th", said.casefold()))
        found = self._written(text) or self._relative(text) or self._weekday(text) or self._calendar(text)
        if found is None:
            raise Unreadable(f"{said!r} says no date; ask for the day and the month")
        date, sure = found
        weekday, month = _WEEKDAYS[date.weekday()].capitalize(), _MONTHS[date.month - 1].capitalize()
        spoken = f"{weekday}, {month} {date.day}, {date.year}"
        if self.earliest is not None and date < self.earliest:
            raise Unreadable(f"{spoken} is too early: it must not be before {self.earliest}; ask for another day")
        if self.latest is not None and date > self.latest:
            raise Unreadable(f"{spoken} is too late: it must not be after {self.latest}; ask for another day")
        return Reading(value=date, spoken=spoken, sure=sure and _SEVERAL.search(text) is None)

    def _written(self, text: str) -> tuple[datetime.date, bool] | None:
        written = _WRITTEN.search(text)
        if written is not None:
            year, month, day = map(int, written.groups())
            return _date(year, month, day), True
        slashes = _SLASHES.search(text)
        if slashes is None:
            return None
        first, second, year = map(int, slashes.groups())
        if first > 12 or second > 12 or first == second:
            day, month = (second, first) if second > 12 else (first, second)
            return _date(year, month, day), True
        raise Unreadable(f"{slashes[0]} may be two dates; ask for the name of the month")

    def _relative(self, text: str) -> tuple[datetime.date, bool] | None:
        words = _WORDS.findall(text)
        joined = " ".join(words)
        for phrase, days in (("day after tomorrow", 2), ("day before yesterday", -2)):
            if phrase in joined:
                return self._away(days), True
        count = _COUNTED.search(joined)
        if count is not None and bool(count[1]) != bool(count[4]):
            number = int(count[2]) if count[2].isdecimal() else _COUNTS.get(count[2], 0)
            away = number * _UNITS[count[3]] * (-1 if count[4] == " ago" else 1)
            return (self._away(away), True) if number else None
        for word, days in _RELATIVE.items():
            if word in words:
                return self._away(days), _TURNED.search(text) is None
        return None

    def _away(self, days: int) -> datetime.date:
        try:
            return self.today + datetime.timedelta(days=days)
        except OverflowError:
            raise Unreadable(f"{days} days from today says no date; ask for the day and the month") from None

    def _weekday(self, text: str) -> tuple[datetime.date, bool] | None:
        words = _WORDS.findall(text)
        at = next((place for place, word in enumerate(words) if word in _WEEKDAYS), None)
        if at is None or any(word in _MONTHS for word in words) or any(word in _ORDINALS for word in words):
            return None  # "Tuesday the third of May" is what the calendar says
        if any(word.isdecimal() for word in words):
            return None
        weekday = _WEEKDAYS.index(words[at])
        before = words[at - 1] if at else ""
        if before == "next" or "next week" in " ".join(words):
            return self._away(7 - self.today.weekday() + weekday), False
        if before == "last" or self.side == "past":
            return self._away(-((self.today.weekday() - weekday - 1) % 7) - 1), before != "last"
        return self._away((weekday - self.today.weekday() - 1) % 7 + 1), _TURNED.search(text) is None

    def _calendar(self, text: str) -> tuple[datetime.date, bool] | None:
        """A day with its month, or a day alone; perhaps with a year."""
        words = [word for word in _WORDS.findall(text) if word not in ("the", "of", "on", "in", "and")]
        place = next((at for at, word in enumerate(words) if _month(word)), None)
        if place is None:
            day, _ = _day(words) if _ORDINALS.keys() & words else (0, 0)  # "five" is no day
            return (self._nearest_day(day), False) if day else None
        month = _month(words[place])
        before, after = words[:place], words[place + 1 :]
        day, _ = _day(before[-2:])
        year_words = after
        if not day:
            day, used = _day(after)
            year_words = after[used:]
        if not day:
            raise Unreadable(f"{text!r} names a month and no day; ask for the day")
        year = _year(year_words)
        return (_date(year, month, day), True) if year else (self._nearest(month, day), True)

    def _nearest(self, month: int, day: int) -> datetime.date:
        """The first day of that name after today (or before it), today included."""
        step = 1 if self.side == "future" else -1
        for year in range(self.today.year, self.today.year + 9 * step, step):  # the 29th of February may be 8 years off
            if not _exists(year, month, day):
                continue
            found = datetime.date(year, month, day)
            if found == self.today or (found > self.today) == (step > 0):
                return found
        return _date(self.today.year, month, day)

    def _nearest_day(self, day: int) -> datetime.date:
        step = 1 if self.side == "future" else -1
        month = self.today.year * 12 + self.today.month - 1
        for at in range(month, month + 3 * step, step):
            if _exists(at // 12, at % 12 + 1, day):
                found = datetime.date(at // 12, at % 12 + 1, day)
                if found == self.today or (found > self.today) == (step > 0):
                    return found
        raise Unreadable(f"no month has a day {day}; ask for the day and the month")


def _month(word: str) -> int:
    """Its number; 0 where that is none. Three letters are enough."""
    return next((at for at, name in enumerate(_MONTHS, start=1) if word in (name, name[:3])), 0) or (word == "sept") * 9


def _day(words: list[str]) -> tuple[int, int]:
    """The day that words begin with, or the last of them says, and how many words that takes; 0 where none does."""
    for size in (2, 1):
        for part in (words[:size], words[-size:]):
            day = _day_of(part) if len(part) == size else 0
            if day:
                return day, size
    return 0, 0


def _day_of(words: list[str]) -> int:
    ordinal = _ORDINALS.get(words[-1], 0)
    if len(words) == 2:
        tens = {"twenty": 20, "thirty": 30}.get(words[0], 0)
        unit = ordinal or _number(words[1:])
        return tens + unit if tens and 1 <= unit <= 9 and tens + unit <= 31 else 0
    number = ordinal or _number(words)
    return number if 1 <= number <= 31 else 0


def _number(words: list[str]) -> int:
    """The number of a day that words say; 0 where that is none."""
    digits = digits_of(words)
    return int(digits) if 1 <= len(digits) <= 2 else 0


def _year(words: list[str]) -> int:
    """The year that words say: "2026", "twenty twenty-six", "nineteen eighty", "two thousand and six"; 0 if none."""
    digits = digits_of(words)
    if len(digits) > 4 and "000" in digits:
        digits = digits.replace("000", "00", 1)[:4] if len(digits) == 5 else digits[:1] + digits[-3:]
    if len(digits) == 2:
        return 0  # an hour, or the year of something else
    year = int(digits) if len(digits) == 4 else 0
    return year if _FIRST_YEAR <= year <= _LAST_YEAR else 0


def _exists(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def _date(year: int, month: int, day: int) -> datetime.date:
    if not _exists(year, month, day):
        raise Unreadable(f"there is no day {day}.{month}.{year}; ask for the day and the month again")
    return datetime.date(year, month, day)
