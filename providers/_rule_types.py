"""The kinds of things that a caller can mention: numbers, times, days, names, choices.

Each kind knows how it looks in plain words, what value it stands for, how the agent says it, and examples for the
recogniser's vocabulary. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from trialogue.frames._attrs import frozen
from trialogue.providers._rule_words import number_in_words, plain_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Value = str | int


class SlotKind(Protocol):
    """A kind of thing that a caller can mention."""

    @property
    def regex(self) -> str:
        """How it looks in plain words, without the space before it and without groups."""

    @property
    def distinctive(self) -> bool:
        """Whether it can be told from other words without more context, at least where it was asked for."""

    def parse(self, words: str) -> Value | None:
        """The value of words that match `regex`; None where they make no sense, such as the time 7:75."""

    def say(self, value: Value) -> str:
        """The value as the agent says it."""

    def examples(self) -> tuple[str, ...]:
        """Ways in which callers say some values."""


@frozen(kw_only=True)
class NumberKind:
    """A whole number.

    Args:
        minimum, maximum: what is meant at all; others are not taken for this slot.
    """

    minimum: int = 0
    maximum: int = 999
    regex: str = attrs.field(default=r"\d+", init=False)
    distinctive: bool = attrs.field(default=True, init=False)

    def parse(self, words: str) -> Value | None:
        number = int(words)
        return number if self.minimum <= number <= self.maximum else None

    def say(self, value: Value) -> str:
        return number_in_words(int(value))

    def examples(self) -> tuple[str, ...]:
        return tuple(number_in_words(number) for number in range(self.minimum, min(self.maximum, 30) + 1))


_MINUTES: Final = (0, 30, 15, 45)
_CLOCK: Final = re.compile(
    r"(?P<hour>\d{1,2})(?: (?P<minute>\d\d|oh \d))?(?: o'clock)?"
    r"(?: (?:(?P<am>a ?m|in the morning)|(?P<pm>p ?m|in the (?:afternoon|evening)|at night)))?"
)
_RELATIVE: Final = re.compile(
    r"(?P<minutes>half|(?:a )?quarter|\d{1,2})(?: minutes)? (?P<side>past|after|to|before) (?P<hour>\d{1,2})"
)


@frozen(kw_only=True)
class TimeKind:
    """A time of day; its value is like "19:30".

    Args:
        earliest_hour: an hour of less, said without "a.m.", is meant twelve hours later.
    """

    earliest_hour: int = 8
    distinctive: bool = attrs.field(default=True, init=False)

    @property
    def regex(self) -> str:
        """How it looks in plain words."""
        return "|".join([_without_groups(_RELATIVE), "noon", "midday", "midnight", _without_groups(_CLOCK)])

    def parse(self, words: str) -> Value | None:
        if words in {"noon", "midday"}:
            return "12:00"
        if words == "midnight":
            return "00:00"
        if found := _RELATIVE.fullmatch(words):
            return self._relative(found)
        found = _CLOCK.fullmatch(words)
        if found is None:
            return None
        hour, minute = int(found["hour"]), int((found["minute"] or "0").removeprefix("oh "))
        if found["pm"] and hour < 12:
            hour += 12
        elif found["am"] and hour == 12:
            hour = 0
        elif not found["am"]:
            hour = self._meant(hour)
        return _clock(hour, minute)

    def say(self, value: Value) -> str:
        hour, minute = (int(part) for part in str(value).split(":"))
        if (hour, minute) in {(12, 0), (0, 0)}:
            return "noon" if hour else "midnight"
        spoken = number_in_words(hour % 12 or 12)
        if minute == 0:
            return f"{spoken} o'clock"
        return f"{spoken} {'oh ' if minute < 10 else ''}{number_in_words(minute)}"

    def examples(self) -> tuple[str, ...]:
        hours = [number_in_words(hour) for hour in range(1, 13)]
        full = [example for hour in hours for example in (hour, f"{hour} o'clock", f"{hour} p m")]
        parts = [f"{hour} {number_in_words(minute)}" for hour in hours for minute in _MINUTES if minute]
        relative = [f"{part} {hour}" for part in ("half past", "quarter past", "quarter to") for hour in hours]
        return (*full, *parts, *relative, "noon")

    def _relative(self, found: re.Match[str]) -> Value | None:
        minutes = {"half": 30, "quarter": 15, "a quarter": 15}.get(found["minutes"])
        offset = int(found["minutes"]) if minutes is None else minutes
        sign = 1 if found["side"] in {"past", "after"} else -1
        total = self._meant(int(found["hour"])) * 60 + sign * offset
        return _clock(total // 60, total % 60)

    def _meant(self, hour: int) -> int:
        return hour + 12 if 0 < hour < self.earliest_hour else hour


_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@frozen(kw_only=True)
class DayKind:
    """A day as people name it: today, tomorrow, Friday, next Friday. The value is the plain name."""

    distinctive: bool = attrs.field(default=True, init=False)

    @property
    def regex(self) -> str:
        """How it looks in plain words."""
        weekday = f"(?:(?:on|this|next) )?(?:{'|'.join(_WEEKDAYS)})"
        return f"the day after tomorrow|(?:today|tonight|tomorrow|{weekday})(?: (?:morning|afternoon|evening|night))?"

    def parse(self, words: str) -> Value | None:
        return re.sub(r" (?:morning|afternoon|evening|night)$|^(?:on|this) ", "", words)

    def say(self, value: Value) -> str:
        day = re.sub("|".join(_WEEKDAYS), lambda found: found[0].capitalize(), str(value))
        return f"on {day}" if value in _WEEKDAYS else day

    def examples(self) -> tuple[str, ...]:
        named = [f"{prefix}{day}" for day in _WEEKDAYS for prefix in ("", "on ", "next ", "this ")]
        return ("today", "tonight", "tomorrow", "tomorrow evening", "tomorrow night", "the day after tomorrow", *named)


#: Words that end a name, or show that there is none.
_NOT_IN_NAMES: Final = (
    "a about am an and are at but can could day do does for from go good have here how i in is it just like make "
    "me my no not of ok okay on or our please right so sorry sure table thank thanks that the there this to today "
    "tomorrow tonight we well what when where which who why will with would yeah yes you your"
).split()


@frozen(kw_only=True)
class NameKind:
    """A person's name of up to three words.

    Args:
        known, surnames: for the recogniser's vocabulary, alone and together; other names are accepted as well.
    """

    known: Sequence[str] = ()
    surnames: Sequence[str] = ()
    distinctive: bool = attrs.field(default=False, init=False)

    @property
    def regex(self) -> str:
        """How it looks in plain words."""
        word = rf"(?!(?:{'|'.join(_NOT_IN_NAMES)})\b)[^\W\d_][^\s\d]*"
        return rf"{word}(?: {word}){{0,2}}"

    def parse(self, words: str) -> Value | None:
        return words.title()

    def say(self, value: Value) -> str:
        return str(value)

    def examples(self) -> tuple[str, ...]:
        count = max(len(self.known), len(self.surnames)) if self.known and self.surnames else 0
        both = [f"{self.known[i % len(self.known)]} {self.surnames[i % len(self.surnames)]}" for i in range(count)]
        return (*self.known, *self.surnames, *both)


@frozen(kw_only=True)
class TextKind:
    """Any words at all, such as what is wrong with the bicycle.

    Args:
        known: examples for the recogniser's vocabulary.
    """

    known: Sequence[str] = ()
    regex: str = attrs.field(default=r"\S+(?: \S+)*", init=False)
    distinctive: bool = attrs.field(default=False, init=False)

    def parse(self, words: str) -> Value | None:
        return words

    def say(self, value: Value) -> str:
        return str(value)

    def examples(self) -> tuple[str, ...]:
        return tuple(self.known)


@frozen(kw_only=True)
class ChoiceKind:
    """One of several things.

    Args:
        choices: what it is called by us, and what callers call it.
    """

    choices: Mapping[str, Sequence[str]]
    distinctive: bool = attrs.field(default=True, init=False)

    @property
    def regex(self) -> str:
        """How it looks in plain words; longer names first, so that they win."""
        return "|".join(re.escape(words) for words in sorted(self._values(), key=len, reverse=True))

    def parse(self, words: str) -> Value | None:
        return self._values().get(words)

    def say(self, value: Value) -> str:
        return str(value)

    def examples(self) -> tuple[str, ...]:
        return tuple(name for names in self.choices.values() for name in names)

    def _values(self) -> dict[str, str]:
        return {plain_words(name).strip(): value for value, names in self.choices.items() for name in names}


def _without_groups(pattern: re.Pattern[str]) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern.pattern)


def _clock(hour: int, minute: int) -> str | None:
    return f"{hour:02}:{minute:02}" if 0 <= hour < 24 and 0 <= minute < 60 else None
