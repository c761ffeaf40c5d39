"""Reading values out of what was said: what is said comes back as it is written, and what cannot be is an error."""

from __future__ import annotations

import contextlib
import datetime
import string

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.agents.tasks import (
    DateReader,
    DigitsReader,
    Reader,
    Unreadable,
    read_card,
    read_email,
    read_name,
    read_phone,
    read_yes_no,
)
from trialogue.engine import ConfigurationError

NATO = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo "
    "sierra tango uniform victor whiskey x-ray yankee zulu"
).split()
UNITS = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SUNDAY = datetime.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("john dot smith at example dot com", "john.smith@example.com"),
        ("My e-mail is j o h n at g mail dot com, please", "john@gmail.com"),
        ("it's John_Smith99@Example.com.", "john_smith99@example.com"),
        ("you can reach me at smith nineteen eighty at example dot co dot uk", "smith1980@example.co.uk"),
        ("double o seven at mi six dot gov", "007@mi6.gov"),
        ("bravo oscar bravo at example dot com", "bob@example.com"),
        ("t w e n t y at example dot com", "twenty@example.com"),
        ("twenty at example dot com", "20@example.com"),
        ("b as in boy, o, b for bravo, underscore two at x dot org", "bob_2@x.org"),
        ("anna dash lena plus news at web dot de", "anna-lena+news@web.de"),
        ("sure, that's W-E-B-E-R at example dot com", "weber@example.com"),
    ],
)
def test_addresses_of_email(said: str, value: str) -> None:
    assert read_email(said).value == value


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("anna", "no 'at'"),
        ("anna at example", "no dot"),
        ("at example dot com", "before the 'at'"),
        ("dot anna at example dot com", "before the 'at'"),
        ("anna at dash dot com", "is no domain"),
        ("anna at example dot c", "is no domain"),
        ("", "no 'at'"),
        ("a" * 65 + " at example dot com", "before the 'at'"),
    ],
)
def test_what_is_no_address_says_what_to_ask_for(said: str, what: str) -> None:
    with pytest.raises(Unreadable, match=what):
        read_email(said)


words = st.text(string.ascii_lowercase, min_size=3, max_size=8).filter(
    lambda word: word not in {"dot", "dash", "plus", "minus", "period", "point", "hyphen", "underscore"}
)


def as_said(text: str, how: str) -> str:
    """A word as it is said, or spelled in one way or another."""
    match how:
        case "word":
            return text
        case "letters":
            return " ".join(text)
        case "nato":
            return " ".join(NATO[string.ascii_lowercase.index(each)] for each in text)
        case _:
            return " ".join(f"{each} as in {NATO[string.ascii_lowercase.index(each)]}" for each in text)


ways = st.sampled_from(["letters", "nato", "as in"])


@hypothesis.given(st.lists(st.tuples(words, ways), min_size=1, max_size=3), st.tuples(words, ways))
def test_every_way_to_spell_an_address_is_read(parts: list[tuple[str, str]], domain: tuple[str, str]) -> None:
    said = " dot ".join(as_said(*part) for part in parts) + f" at {as_said(*domain)} dot com"
    assert read_email(said).value == ".".join(text for text, _ in parts) + f"@{domain[0]}.com"
    assert read_email(read_email(said).value).value == read_email(said).value


LEADING = ["me", "my", "hello", "is", "mail", "phone", "info", "x", "call", "you", "at7", "r2d2"]


@hypothesis.given(
    st.lists(st.one_of(words, st.sampled_from(LEADING), st.integers(0, 9999).map(str)), min_size=1, max_size=4),
    st.lists(st.sampled_from([".", "-", "_", "+"]), min_size=4, max_size=4),
    st.lists(st.one_of(words, st.sampled_from(["x", "mail", "my"])), min_size=1, max_size=3),
)
def test_what_is_said_back_is_what_was_read(parts: list[str], signs: list[str], domain: list[str]) -> None:
    numbers = set("zero one two three four five six seven eight nine ten twelve double triple treble".split())
    hypothesis.assume(not numbers & {*parts, *domain})
    address = "".join(f"{part}{sign}" for part, sign in zip(parts, signs, strict=False))[:-1]
    address = f"{address}@{'.'.join([*domain, 'com'])}"
    reading = read_email(address)
    assert reading.value == address
    assert read_email(reading.spoken).value == address
    assert read_email(f"sure, it's {reading.spoken}, thank you").value == address


@hypothesis.given(st.text(max_size=60))
def test_whatever_is_said_is_read_or_unreadable(said: str) -> None:
    readers: list[Reader[object]] = [read_email, read_name, read_phone, read_card, read_yes_no, DigitsReader()]
    for read in (*readers, DateReader(today=SUNDAY)):
        with contextlib.suppress(Unreadable):
            assert read(said).spoken


@st.composite
def spoken_digits(draw: st.DrawFn, fewest: int, most: int) -> tuple[str, str]:
    """Figures, and one way to say them."""
    digits, said = "", []
    count = draw(st.integers(fewest, most))
    while len(digits) < count:
        left = count - len(digits)
        one = draw(st.integers(0, 9))
        way = draw(
            st.sampled_from(
                ["unit", "figure", *(["double", "tens", "teen"] if left > 1 else []), *(["triple"] if left > 2 else [])]
            )
        )
        match way:
            case "unit":
                digits, part = digits + str(one), "oh" if one == 0 and draw(st.booleans()) else UNITS[one]
            case "figure":
                digits, part = digits + str(one), str(one)
            case "double":
                digits, part = digits + str(one) * 2, f"double {UNITS[one]}"
            case "triple":
                digits, part = digits + str(one) * 3, f"triple {UNITS[one]}"
            case "teen":
                digits, part = digits + str(10 + one), TEENS[one]
            case _:
                tens, unit = draw(st.integers(2, 9)), draw(st.integers(1, 9))
                digits, part = digits + str(tens * 10 + unit), f"{TENS[tens - 2]} {UNITS[unit]}"
        said.append(part)
    return digits, " ".join(said)


@hypothesis.given(spoken_digits(1, 20))
def test_every_way_to_say_figures_is_read(figures: tuple[str, str]) -> None:
    digits, said = figures
    assert DigitsReader()(said).value == digits
    assert DigitsReader()(f"it's {said}, please").value == digits


@hypothesis.given(spoken_digits(6, 14))
def test_numbers_of_telephones(figures: tuple[str, str]) -> None:
    digits, said = figures
    hypothesis.assume(digits[:2] != "00")
    assert read_phone(f"my number is plus {said}").value == f"+{digits}"
    assert read_phone(said).value == digits
    if digits[0] == "0":
        assert read_phone(said, "49").value == f"+49{digits[1:]}"


def test_figures_of_any_script_are_dialled() -> None:
    assert read_phone("٠١٧١٥٥٥٥٥").value == "017155555"


def with_luhn(digits: str) -> str:
    """The figures, and the one that proves them."""
    doubled = [int(each) * (2 if place % 2 == 0 else 1) for place, each in enumerate(reversed(digits))]
    return digits + str(-sum(each // 10 + each % 10 for each in doubled) % 10)


@hypothesis.given(st.text("0123456789", min_size=11, max_size=18), st.integers(0, 18), st.integers(1, 9))
def test_a_card_has_the_figure_that_proves_it_and_shows_none(digits: str, place: int, by: int) -> None:
    number = with_luhn(digits)
    reading = read_card(" ".join(number))
    assert reading.value.digits == number
    assert number not in f"{reading!r} {reading.value} {reading.spoken}"
    place %= len(number)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    with pytest.raises(Unreadable) as error:
        read_card(wrong)
    assert not any(each.isdecimal() for each in str(error.value).replace("12 to 19", ""))


def test_the_well_known_number_of_tests_is_a_card() -> None:
    assert read_card("four two four two, four two four two, four two four two, four two four two").spoken == (
        "the card that ends in 4 2 4 2"
    )


@pytest.mark.parametrize(
    ("said", "value", "sure"),
    [
        ("my name is Anna Weber", "Anna Weber", False),
        ("Anna Weber W E B E R", "Anna Weber", True),
        ("It's Anna Veber, that's W-E-B-E-R", "Anna Weber", True),
        ("Jean-Luc O'Brien please", "Jean-Luc O'Brien", False),
        ("Mike Juliet", "Mike Juliet", False),
        ("november echo oscar", "Neo", True),
        ("Will May", "Will May", False),
    ],
)
def test_names(said: str, value: str, sure: bool) -> None:
    reading = read_name(said)
    assert (reading.value, reading.sure) == (value, sure)


def test_figures_are_no_name() -> None:
    with pytest.raises(Unreadable, match="is no name"):
        read_name("42")


@pytest.mark.parametrize(
    ("said", "value", "sure"),
    [
        ("next Tuesday", "2026-11-24", False),
        ("on Tuesday, please", "2026-11-24", True),
        ("Sunday", "2026-11-29", True),
        ("today", "2026-11-22", True),
        ("tomorrow", "2026-11-23", True),
        ("the day after tomorrow", "2026-11-24", True),
        ("in three days", "2026-11-25", True),
        ("in two weeks", "2026-12-06", True),
        ("a week ago", "2026-11-15", True),
        ("last Friday", "2026-11-20", False),
        ("the twenty-second of November", "2026-11-22", True),
        ("November 21st", "2027-11-21", True),
        ("twenty-third of November twenty twenty-seven", "2027-11-23", True),
        ("Tuesday the first of December", "2026-12-01", True),
        ("the third of May two thousand and thirty one", "2031-05-03", True),
        ("July 4 nineteen eighty", "1980-07-04", True),
        ("25/12/2026", "2026-12-25", True),
        ("12/25/2026", "2026-12-25", True),
        ("2027-02-28", "2027-02-28", True),
        ("the 29th of February", "2028-02-29", True),
        ("on the fifth", "2026-12-05", False),
        ("the thirty-first", "2026-12-31", False),
        ("the twelfth of December at ten", "2026-12-12", True),
        ("a week from today", "2026-11-29", True),
        ("three days from now", "2026-11-25", True),
        ("Tuesday next week", "2026-11-24", False),
        ("Tuesday or Wednesday", "2026-11-24", False),
        ("not tomorrow", "2026-11-23", False),
        ("a week from Tuesday", "2026-11-24", False),
        ("Tuesday, no, Friday", "2026-11-24", False),
        ("No, on Friday", "2026-11-27", True),
        ("I want to come on Tuesday", "2026-11-24", True),
        ("Tuesday to Friday", "2026-11-24", False),
        ("in a day or two", "2026-11-23", False),
        ("the third to the fifth of May", "2027-05-05", False),
        ("not the third of May", "2027-05-03", False),
        ("November 30 or December 1", "2026-11-30", False),
    ],
)
def test_dates(said: str, value: str, sure: bool) -> None:
    reading = DateReader(today=SUNDAY)(said)
    assert (reading.value.isoformat(), reading.sure) == (value, sure)


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("days", range(7))
def test_a_weekday_is_the_first_to_come_and_the_next_one_of_next_week(weekday: int, days: int) -> None:
    today = SUNDAY + datetime.timedelta(days=days)
    name = (datetime.date(2026, 11, 23) + datetime.timedelta(days=weekday)).strftime("%A")
    coming = DateReader(today=today)(name).value
    following = DateReader(today=today)(f"next {name}").value
    assert 1 <= (coming - today).days <= 7
    assert coming.weekday() == following.weekday() == weekday
    assert following.isocalendar().week == (today + datetime.timedelta(days=7)).isocalendar().week


@hypothesis.given(
    st.dates(datetime.date(1900, 1, 1), datetime.date(2150, 1, 1)), st.dates(SUNDAY, SUNDAY.replace(2030))
)
def test_a_date_that_is_said_in_full_is_itself_whatever_day_it_is(date: datetime.date, today: datetime.date) -> None:
    read = DateReader(today=today)
    reading = read(f"{date:%B} the {date.day}, {date.year}")
    assert reading.value == date
    assert read(reading.spoken).value == date
    assert read(date.isoformat()).value == date


def test_a_birthday_was_in_the_past() -> None:
    read = DateReader(today=SUNDAY, side="past", latest=SUNDAY)
    assert read("the thirtieth of November").value == datetime.date(2025, 11, 30)
    assert read("on Tuesday").value == datetime.date(2026, 11, 17)
    with pytest.raises(Unreadable, match="too late"):
        read("tomorrow")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("05/04/2027", "the name of the month"),
        ("February thirtieth", "there is no day"),
        ("May", "ask for the day"),
        ("soon", "says no date"),
        ("two thousand and six", "says no date"),
        ("yesterday", "too early"),
        ("in 9999999999 days", "says no date"),
        ("500000 weeks ago", "says no date"),
        ("9" * 5000 + " May", "ask for the day"),
        ("in " + "9" * 5000 + " days", "says no date"),
    ],
)
def test_what_is_no_date_says_what_to_ask_for(said: str, what: str) -> None:
    with pytest.raises(Unreadable, match=what):
        DateReader(today=SUNDAY, earliest=SUNDAY)(said)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("yes please", True),
        ("No, thanks.", False),
        ("that's right", True),
        ("not right", False),
        ("no, that's fine", False),
        ("no problem", True),
        ("of course", True),
        ("I do", True),
        ("sure, why not?", True),
        ("not a problem", True),
        ("of course not", False),
        ("I do not", False),
        ("please do not", False),
        ("don't go ahead", False),
        ("absolutely not", False),
        ("No, that's it.", False),
    ],
)
def test_yes_and_no(said: str, value: bool) -> None:
    assert read_yes_no(said).value is value


@pytest.mark.parametrize(
    "said",
    [
        "I don't know",
        "well",
        "maybe yes maybe no",
        "",
        "What should I do?",
        "did you say the right street?",
        "right, but the last one is a five",
        "almost right",
    ],
)
def test_neither_yes_nor_no(said: str) -> None:
    with pytest.raises(Unreadable, match="neither"):
        read_yes_no(said)


def test_a_code_has_as_many_figures_as_it_must() -> None:
    read = DigitsReader(fewest=4, most=4)
    assert read("it's twelve thirty-four").value == "1234"
    with pytest.raises(Unreadable, match="must have 4 figures"):
        read("twelve")
    with pytest.raises(Unreadable, match="figure by figure"):
        read("the usual")
    with pytest.raises(ConfigurationError, match="fewest <= most"):
        DigitsReader(fewest=5, most=4)
