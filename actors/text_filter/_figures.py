"""Reading of figures: money, measures, dates, times, phone numbers and plain numbers, in whole regions of text.

A region is a row of words with figures in it that has ended for certain, so that the rules here see all they need: they
are plain patterns, tried in order, and the first that fits decides. What fits none stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from threading import Lock
from typing import Final, NamedTuple

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._agreement import PLAIN, UNCERTAIN, Agreeing
from trialogue.actors.text_filter._choice import Choice, Match, Pattern
from trialogue.actors.text_filter._figure_patterns import BLANK, needs_of, patterns_of
from trialogue.actors.text_filter._language import NUMERAL_SCALES, Counted, Language, counted, language_of
from trialogue.actors.text_filter._letters import LETTERS
from trialogue.actors.text_filter._moments import Moments
from trialogue.actors.text_filter._settings import Rule
from trialogue.actors.text_filter._words import SYMBOLS

LARGE: Final = 1_000_000
GENITIVE: Final = "genitive"
VOWELS: Final = "aeéèiouyh"
NUMBER_SIGNS: Final = ("#", "№")
CODE_DIGITS: Final = 4
"""From so many digits on, what follows a number sign is a code and read digit by digit; own judgement."""
SPELLED_DIGITS: Final = 3
"""From so many digits on, what follows a word like "code" is read digit by digit; own judgement."""
ID_DIGITS: Final = 7
"""From so many digits on, a number that is neither grouped nor round is no count but a name; own judgement."""
PHONE_DIGITS: Final = range(7, 16)
"""Digits; the most by ITU-T E.164, the least by own judgement."""
CARD_DIGITS: Final = 16
"""Digits in four groups; ISO/IEC 7812 allows 19, but they are not written so."""
OPERATOR: Final = later(r"\s(?:[*=^×+]|(?<!(?<!\w)[^\W\d_]\s)[-÷/x])\s\Z")
"""What stands behind it is an operand and stays, if the one before it did; behind a letter, some are no operators."""
VARIABLE: Final = later(r"(?<!\w)[^\W\d_] [*=^×+] \Z")
"""What stands behind it is an operand: "x = 5"."""
NAMING: Final = tuple(f" {verb}" for verb in "is ist lautet est es è é to jest это".split())
NAMED: Final = later(rf"({LETTERS})(?:{'|'.join(NAMING)})[ :]*\Z")
"""A noun of which is said what it is: "the code is 1234"."""
LINKED: Final = later(r"(\d+)(?:,| [^\W\d_]{1,4}) \Z")
"""A number to which another is joined: "911 or 112"."""
OPERATORS: Final = frozenset("-*=^×÷+/x")
FOLLOWING: Final = later(rf"{BLANK}({LETTERS})")
"""The word behind a number."""
UNCOUNTED: Final = frozenset({"http", "https", "www"})
"""Words that nobody counts, like single letters, which are names or signs."""
MAX_FOLLOWING_CHARS: Final = 40
"""Characters. A longer word is not waited for; it bounds what is held back."""
YEARS: Final = range(1010, 2100)
BARE_YEARS: Final = frozenset((*range(1900, 2000), *range(2010, 2100)))
SHORTENED_YEARS: Final = range(1800, 2100)
"""Years behind which a range may end in two figures: "2019-21"."""


MAX_REMEMBERED: Final = 512
"""Regions of which it is remembered how they are read: a conversation repeats its times and sums, and so do the next
ones. What may be the number of a person or a card is not remembered."""

ONE_AT_A_TIME: Final = Lock()
"""Readers are shared and keep where they are; and a session reads a sample in a thread, so that they are loaded."""

Part = tuple[int, int, str | None]
"""Where a part of a region begins and ends, and what is said for it; None for itself."""


class Around(NamedTuple):
    """What round a region decides how it is read.

    Args:
        previous: the word before it, in lower case.
        following: the blank and the word behind it, where these are needed.
        called: the last number for help that was read before.
        named: the noun before it, where a verb says what it is.
        linked: whether `called` stands before it, with one word between.
        kept: whether the figure or word before it stays as it is written.
    """

    previous: str
    following: str
    called: str
    named: str
    linked: bool
    kept: bool


class Figures:
    """Reads the figures of a language.

    Args:
        language: its words.
        off: rules that do not apply; what they would read stays as it is written.
    """

    def __init__(self, language: Language, off: frozenset[Rule]) -> None:
        self.language = language
        self._patterns = patterns_of(language)
        self._moments = Moments(language, self._patterns)
        self._agreeing = Agreeing(language, language.usage.agreement) if language.usage.agreement else None
        self._off = off
        self._region = ""  # with the word behind it
        self._around = Around("", "", "", "", linked=False, kept=False)
        self._previous = ""  # the word before what is being read
        self._kept = False  # whether the figure or word before stays as it is written
        self._called = ""  # the last number for help
        self._choice = Choice(tuple(self._rules()), needs_of(language))
        self._remembered = lru_cache(maxsize=MAX_REMEMBERED)(self._alone)

    def following(self, text: str, end: int, final: bool) -> str | None:
        """What of the text behind a region that ends there is needed to read it; None where it has not arrived."""
        if self._agreeing is None or not text[end - 1].isdecimal():
            return ""
        if end == len(text):
            return "" if final else None
        match = FOLLOWING.match(text, end, end + MAX_FOLLOWING_CHARS)
        if match is None:
            return None if text[end] in " \u00a0\u202f" and end + 1 == len(text) and not final else ""
        if match.end() == end + MAX_FOLLOWING_CHARS or text[match.end() : match.end() + 1].isalnum():
            return ""
        return None if match.end() == len(text) and not final else match[0]

    def read(self, region: str, before: str, previous: str, following: str, called: str) -> tuple[Sequence[Part], str]:
        """What is said for the region, part by part, and the last number for help.

        Args:
            region: the text.
            before: some characters before it.
            previous: the word before it, in lower case.
            following: the blank and the word behind it, where these are needed.
            called: the last number for help that was read before.
        """
        named = NAMED.search(before) if before.rstrip(" :").endswith(NAMING) else None
        linked = LINKED.search(before) if called else None
        around = Around(
            previous,
            following,
            called,
            named[1].lower() if named else "",
            linked is not None and linked[1] == called,
            before[-2:-1] in OPERATORS and VARIABLE.search(before) is not None,
        )
        known = sum(map(str.isdecimal, region)) < ID_DIGITS
        return (self._remembered if known else self._alone)(region, around)

    def _alone(self, region: str, around: Around) -> tuple[Sequence[Part], str]:
        with ONE_AT_A_TIME:
            return self._parts(region, around)

    def _parts(self, region: str, around: Around) -> tuple[Sequence[Part], str]:
        self._around, self._region = around, region + around.following
        self._previous, self._kept, self._called = around.previous, around.kept, around.called
        telling = self._choice.telling(region)
        parts: list[Part] = []
        at, size = 0, len(region)
        while at < size:
            end, said = self._read_at(region, at, telling)
            parts.append((at, end, said))
            if word := region[at:end].strip():
                self._previous = last_word(said or word)
                if word not in OPERATORS:
                    self._kept = said is None and self._patterns["operand"].match(word) is not None
            at = end
        return tuple(parts), self._called

    def _read_at(self, region: str, at: int, telling: frozenset[str]) -> tuple[int, str | None]:
        operand = self._kept and (at == 0 or (at > 2 and OPERATOR.match(region, at - 3, at)))
        for _, rule, pattern, read in () if operand else self._choice.at(region, at, telling):
            if match := pattern.match(region, at):
                said = None if rule in self._off else read(match)
                if said is not None or rule is None or rule in self._off:
                    return match.end(), said
        if region[at] in SYMBOLS and not operand and Rule.SYMBOLS not in self._off:
            sign = self.language.signs.get(region[at])  # like where no figures follow
            if sign and not region[at + 1 : at + 2].isspace():
                return at + 1, f"{sign} "
        rest = self._patterns["as written"].match(region, at)
        end = rest.end() if rest else len(region)
        squared = self.language.units.get(region[at:end]) if region[end - 1] in "²³" else None
        return end, squared.forms[0] if squared and Rule.UNITS not in self._off else None

    def _rules(self) -> Iterable[Pattern]:
        """All patterns, in the order in which they are tried."""
        for name, rule, read in (
            ("arithmetic", None, lambda _: None),
            ("title", Rule.SYMBOLS, self._title),
            ("slash", Rule.SYMBOLS, lambda _: None if self._kept else ", "),
            ("iso date", Rule.DATES, self._moment(self._moments.date)),
            ("month day", Rule.DATES, self._moment(self._moments.date)),
            ("day month", Rule.DATES, self._moment(self._moments.date)),
            ("month year", Rule.DATES, self._moment(self._moments.date)),
            ("figure month", Rule.DATES, self._moment(self._moments.date)),
            ("figure date", Rule.DATES, self._moment(self._moments.figure_date)),
            ("short date", Rule.DATES, self._moment(self._moments.figure_date)),
            ("time range", Rule.TIMES, self._moment(self._moments.time_range)),
            ("half-day time", Rule.TIMES, self._moment(self._moments.time)),
            ("time", Rule.TIMES, self._moment(self._moments.time)),
            ("dotted time", Rule.TIMES, self._moment(self._moments.time)),
            ("cued time", Rule.TIMES, self._moment(self._moments.cued_time)),
            ("full hour", Rule.TIMES, self._moment(self._moments.time)),
            ("phone", Rule.PHONES, self._phone),
            ("range", Rule.RANGES, self._range),
            ("money before", Rule.CURRENCY, self._money),
            ("money after", Rule.CURRENCY, self._money),
            ("at least", Rule.NUMBERS, self._at_least),
            ("percent", Rule.PERCENT, self._percent),
            ("percent before", Rule.PERCENT, self._percent),
            ("decade", Rule.NUMBERS, self._decade),
            ("short year", Rule.NUMBERS, self._short_year),
            ("feet", Rule.UNITS, self._feet),
            ("duration", Rule.UNITS, self._duration),
            ("unit", Rule.UNITS, self._unit),
            ("idiom", Rule.NUMBERS, self._idiom),
            ("fraction", Rule.FRACTIONS, self._fraction),
            ("ordinal", Rule.ORDINALS, self._ordinal),
            ("power", Rule.NUMBERS, self._power),
            ("number", Rule.NUMBERS, self._number),
        ):
            if self._patterns[name].pattern.startswith("(?:(?!))"):
                continue  # not written in this language
            yield Pattern(name, rule, self._patterns[name], read)

    def _moment(self, read: Callable[[Match, str], str | None]) -> Callable[[Match], str | None]:
        return lambda match: read(match, self._previous)

    # Numbers

    def number(self, figures: str, gender: str = "") -> str:
        """A number as it is written in the language, in words."""
        language = self.language
        whole, fraction = self.split(figures)
        if not whole:
            return f"{language.numerals.point} {language.digits(fraction)}"
        if len(whole) > 1 and whole[0] == "0":
            said = language.digits(whole)
        else:
            said = language.cardinal(int(whole), "" if fraction else gender)
        return f"{said} {language.numerals.point} {language.digits(fraction)}" if fraction else said

    def split(self, figures: str) -> tuple[str, str]:
        """Whole part and fraction, digits only."""
        if figures.isdecimal():
            return figures, ""
        whole, _, fraction = figures.partition(self.language.numerals.decimal)
        return "".join(re.findall(r"\d+", whole)), fraction

    def value(self, figures: str) -> float:
        """The number's value."""
        whole, fraction = self.split(figures)
        return float(f"{whole or 0}.{fraction or 0}")

    def _signed(self, match: Match, said: str) -> str:
        sign = match["sign"]
        if not sign:
            return said
        numerals = self.language.numerals
        words = {"-": numerals.minus, "−": numerals.minus, "+": numerals.plus, "~": numerals.about, "≈": numerals.about}
        return f"{words.get(sign) or self.language.signs[sign]} {said}"

    def _scaled(self, figures: str, scale: str | None) -> str:
        """So many thousands, millions …"""
        if not scale:
            return self.number(figures)
        numerals = self.language.numerals
        thing = counted(numerals.scales.get(scale) or numerals.money_scales[scale])
        return f"{self.number(figures, thing.gender)} {self.language.form(thing, self.value(figures))}"

    def _number(self, match: Match) -> str | None:
        figures, language = match["n"], self.language
        if not figures.isdecimal():
            return self._signed(match, self._scaled(figures, match["scale"]))
        if not match["sign"] and not match["scale"] and self._is_year(figures):
            year_ruleset = self._year_ruleset(match) or language.calendar.year
            return None if year_ruleset == UNCERTAIN else language.spelled(int(figures), year_ruleset)
        if not match["scale"] and self._is_name(figures, match["sign"] or ""):
            return self._signed(match, language.digits(figures))
        if self._agreeing is None or match["scale"] or figures[0] == "0":
            return self._signed(match, self._scaled(figures, match["scale"]))
        ruleset = self._agreeing.ruleset(int(figures), self._previous, self._following(match))
        return self._signed(match, language.spelled(int(figures), ruleset)) if ruleset else None

    def _following(self, match: Match) -> str:
        following = FOLLOWING.match(self._region, match.end())
        word = following[1] if following else ""
        if len(word) == 1 or word.lower() in UNCOUNTED or word in self.language.money or word in self.language.units:
            return ""  # the sign of what is counted is said by other rules, or not at all
        return word

    def _idiom(self, match: Match) -> str:
        self._is_name(match[0], "")
        return self.language.usage.idioms[match[0]]

    def _year_ruleset(self, match: Match) -> str | None:
        agreement = self.language.usage.agreement
        return agreement.years.get(self._following(match)) if agreement else None

    def _is_name(self, figures: str, sign: str) -> bool:
        """Whether figures count nothing, so that they are read one by one: 911, a code, an account."""
        usage, previous = self.language.usage, self._previous
        if (previous in usage.calls or self._around.linked) and figures in usage.services:
            self._called = figures
            return True
        return (
            (sign in NUMBER_SIGNS and len(figures) >= CODE_DIGITS)
            or (len(figures) >= SPELLED_DIGITS and (previous in usage.codes or self._around.named in usage.codes))
            or (len(figures) >= ID_DIGITS and not figures.endswith("000"))
        )

    def _power(self, match: Match) -> str | None:
        power = self.language.signs.get(match["power"])
        return self._signed(match, f"{self.number(match['n'])} {power}") if power else None

    def _title(self, match: Match) -> str:
        return f"{self.language.usage.titles[match['title']]} "

    def _is_year(self, figures: str) -> bool:
        if len(figures) != 4 or int(figures) not in YEARS:
            return False
        return self._previous in self.language.calendar.year_cue or int(figures) in BARE_YEARS

    def _short_year(self, match: Match) -> str | None:
        """ "'98" and "the '90s"."""
        if not self.language.usage.decades:
            return None
        figures = match["n"]
        said = self.language.cardinal(int(figures))
        if match["decade"]:
            return (said[:-1] + "ies" if said.endswith("y") else said + "s") if figures[1] == "0" else None
        return f"{self.language.clock.zero} {said}" if figures[0] == "0" else said

    def _at_least(self, match: Match) -> str:
        unit = self.language.units.get(match["unit"] or "")
        noun = f" {self.language.form(unit, LARGE)}" if unit else ""
        return f"{self.number(match['n'])} {self.language.numerals.plus}{noun}"

    def _decade(self, match: Match) -> str | None:
        if not self.language.usage.decades:
            return None
        year = int(match["n"])
        said = self.language.year(year) if year >= 1000 else self.language.cardinal(year)
        return said[:-1] + "ies" if said.endswith("y") else said + "s"

    def _ordinal(self, match: Match) -> str | None:
        language = self.language
        if self._is_name(match["n"], ""):
            return None  # "die 112."
        ruleset = language.ordinal_cues.get(self._previous, "") if match["end"] == "." else ""
        for pattern, name in language.ordinals.items():
            if not ruleset and re.fullmatch(pattern, match["end"]) and match["end"] != ".":
                ruleset = name
        whole, fraction = self.split(match["n"])
        return language.ordinal(int(whole), ruleset) if ruleset and whole and not fraction else None

    def _fraction(self, match: Match) -> str | None:
        fractions = self.language.fractions
        said = fractions.get(match["part"])
        if said is None or not match["n"]:
            return said
        return " ".join(filter(None, (self.number(match["n"]), fractions["+"], said)))

    # Things counted

    def _case(self) -> str:
        """The case that the word before puts a number in; "" for none."""
        return self._agreeing.case(self._previous) if self._agreeing else ""

    def count(self, figures: str, thing: Counted, scale: str | None = None) -> str:
        """So many of a thing."""
        language = self.language
        if scale:
            said, noun = self._scaled(figures, scale), language.form(thing, LARGE)
            of, _, elided = language.numerals.of.partition("|")
            if said.rpartition(" ")[2] in NUMERAL_SCALES or not of:
                return f"{said} {noun}"
            return f"{said} {elided}{noun}" if elided and noun[0] in VOWELS else f"{said} {of} {noun}"
        if self._case() == GENITIVE and thing.gender and figures.isdecimal():
            last = len(thing.forms) - 1
            noun = thing.forms[min(2, last) if int(figures) != 1 else 3 if last == 3 else min(1, last)]
            return f"{self.number(figures, f'{thing.gender}-{GENITIVE}')} {noun}"
        return f"{self.number(figures, thing.gender)} {language.form(thing, self.value(figures))}"

    def _money(self, match: Match) -> str | None:
        if self._case() not in ("", GENITIVE):
            return None
        money = self.language.money[match["unit"]]
        whole, fraction = self.split(match["n"])
        if len(fraction) == 2 and money.part and not match["scale"]:
            said = []
            if int(whole or 0) or not int(fraction):
                said.append(self.count(whole or "0", money))
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
        thing, high = self.language.units.get("%"), match.groupdict().get("m")
        if thing:
            return self._signed(match, self.count(match["n"], thing)) if self._case() in ("", GENITIVE) else None
        said = self.number(match["n"])
        if high:
            if self.value(match["n"]) >= self.value(high):
                return None
            said = self._to(said, self.number(high))
        return self._signed(match, self.language.percent.format(said))

    def _to(self, low: str, high: str) -> str:
        to = self.language.numerals.to
        return f"{low}-{high}" if to == "-" else f"{low} {to} {high}"

    def _unit(self, match: Match) -> str | None:
        if self._case() not in ("", GENITIVE):
            return None
        return self._signed(match, self.count(match["n"], self.language.units[match["unit"]], match["scale"]))

    def _feet(self, match: Match) -> str:
        units = self.language.units
        return f"{self.count(match['n'], units['ft'])} {self.count(match['m'], units['in'])}"

    def _duration(self, match: Match) -> str | None:
        said = [self.count(match[name], self.language.units[name]) for name in ("h", "min", "s") if match[name]]
        return " ".join(said) if len(said) > 1 and match[0][-1].isalpha() else None

    def _range(self, match: Match) -> str | None:
        said = self._said_range(match)
        return None if said is None else self._signed(match, said)

    def _said_range(self, match: Match) -> str | None:
        language, low, high = self.language, match["n"], match["m"]
        figures = low.isdecimal() and high.isdecimal() and not match["after"] and not match["before"]
        if figures and len(low) == 4 and int(low) in SHORTENED_YEARS and len(high) == 2 and high > low[2:]:
            return self._to(language.year(int(low)), language.cardinal(int(high)))
        if self.value(low) >= self.value(high) or (match["low"] and match["low"] != match["after"]) or self._case():
            return None
        counts_money = match["before"] or match["after"] in language.money
        if match["scale"] in language.numerals.money_scales and not counts_money:
            return None
        if figures and len(low) == len(high) == 4 and int(low) in YEARS:
            return self._to(language.year(int(low)), language.year(int(high)))
        last = self._last(match, high)
        thing = language.units.get(match["after"] or "") or language.money.get(match["before"] or match["after"] or "")
        gender = thing.gender if thing else ""
        if thing is None and last is not None and self._agreeing and low.isdecimal():
            ruleset = self._agreeing.ruleset(int(low), self._previous, self._following(match)) or PLAIN
            return self._to(language.spelled(int(low), ruleset), last)
        return None if last is None else self._to(self.number(low, gender), last)

    def _last(self, match: Match, high: str) -> str | None:
        """The upper end of a range, with what is counted."""
        language = self.language
        if money := language.money.get(match["before"] or match["after"] or ""):
            return self.count(high, money, match["scale"])
        if unit := language.units.get(match["after"] or ""):
            return self.count(high, unit, match["scale"])
        if match["after"] == "%":
            return language.percent.format(self.number(high))
        if match["scale"] or not self._agreeing or not high.isdecimal():
            return self._scaled(high, match["scale"])
        ruleset = self._agreeing.ruleset(int(high), self._previous, self._following(match))
        return language.spelled(int(high), ruleset) if ruleset else None

    def _phone(self, match: Match) -> str | None:
        groups = re.findall(r"\d+", match[0])
        count = sum(map(len, groups))
        if count not in PHONE_DIGITS and not (count == CARD_DIGITS and len(groups) == 4):
            return None
        said = ", ".join(map(self.language.digits, groups))
        return f"{self.language.numerals.plus} {said}" if match[0].lstrip("(")[0] == "+" else said


def last_word(said: str) -> str:
    """The last word of what was said, in lower case: what a second pass would find before what follows."""
    words = said.split()
    return words[-1].lower() if words else ""


@lru_cache(maxsize=32)
def figures_of(tag: str, off: frozenset[Rule]) -> Figures | None:
    """The reader of a language's figures; None where there are no words for it or no rule that reads them."""
    language = language_of(tag)
    return None if language is None or Rule.NUMBERS in off else Figures(language, off)
