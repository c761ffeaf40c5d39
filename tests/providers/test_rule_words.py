"""Plain words, the kinds of things that callers mention, and patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialogue.providers._rule_patterns import PatternSyntaxError, compile_pattern
from trialogue.providers._rule_types import ChoiceKind, DayKind, NameKind, NumberKind, SlotKind, TimeKind
from trialogue.providers._rule_words import contracted, number_in_words, plain_words

KINDS: dict[str, SlotKind] = {
    "number": NumberKind(),
    "time": TimeKind(earliest_hour=11),
    "day": DayKind(),
    "name": NameKind(known=("Mary", "José"), surnames=("Smith", "O'Neill")),
}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Hi, I'd like twenty-five!", " hi i would like 25"),
        ("seven thirty", " 7 30"),
        ("two hundred", " 200"),
        ("It's John's, isn't it?", " it is john is not it"),
        ("uh, can't we", " can not we"),
        ("Größe drei", " größe drei"),
        ("7:30pm", " 7 30 pm"),
        ("", ""),
    ],
)
def test_plain_words(text: str, plain: str) -> None:
    assert plain_words(text) == plain


@given(st.text())
def test_plain_words_are_plain_already(text: str) -> None:
    assert plain_words(plain_words(text)).split() == plain_words(plain_words(plain_words(text))).split()


@given(st.integers(0, 99))
def test_numbers_come_back_from_words(number: int) -> None:
    assert plain_words(number_in_words(number)) == f" {number}"


@pytest.mark.parametrize(
    ("words", "value", "said"),
    [
        ("half past seven", "19:30", "seven thirty"),
        ("a quarter to eight", "19:45", "seven forty five"),
        ("7 o'clock", "19:00", "seven o'clock"),
        ("eight p.m.", "20:00", "eight o'clock"),
        ("nine in the morning", "09:00", "nine o'clock"),
        ("twelve", "12:00", "noon"),
        ("eleven oh five", "11:05", "eleven oh five"),
        ("19:05", "19:05", "seven oh five"),
        ("noon", "12:00", "noon"),
        ("midnight", "00:00", "midnight"),
        ("7:75", None, ""),
        ("25", None, ""),
    ],
)
def test_times(words: str, value: str | None, said: str) -> None:
    kind = KINDS["time"]
    plain = plain_words(words).strip()
    match = compile_pattern("{time}", {"time": kind}).regex.search(f" {plain}")
    assert match is not None
    assert kind.parse(match["time"]) == value
    if value is not None:
        assert kind.say(value) == said


@pytest.mark.parametrize(
    ("words", "value", "said"),
    [
        ("on friday evening", "friday", "on Friday"),
        ("next monday", "next monday", "next Monday"),
        ("tomorrow night", "tomorrow", "tomorrow"),
        ("the day after tomorrow", "the day after tomorrow", "the day after tomorrow"),
        ("tonight", "tonight", "tonight"),
    ],
)
def test_days(words: str, value: str, said: str) -> None:
    assert KINDS["day"].parse(words) == value
    assert KINDS["day"].say(value) == said


@pytest.mark.parametrize("kind", [*KINDS.values(), ChoiceKind(choices={"in": ("inside", "in the room")})])
def test_every_example_of_a_kind_is_understood(kind: SlotKind) -> None:
    pattern = compile_pattern("{it}", {"it": kind}, whole=True)
    for example in kind.examples():
        match = pattern.regex.search(plain_words(example))
        assert match is not None, example
        assert kind.parse(match["it"]) is not None, example


@pytest.mark.parametrize(
    ("pattern", "said", "slots"),
    [
        ("(book|reserve) [a|the] table", "I want to reserve a table", {}),
        ("(book|reserve) * table", "book me a nice table", {}),
        ("for {number} [people]", "a table for four people", {"number": "4"}),
        ("my name is {name}", "Hi, my name's John Smith and I want", {"name": "john smith"}),
        ("i'd like", "I would like", {}),
        ("at {time} {day}", "at half past six tomorrow", {"time": "half past 6", "day": "tomorrow"}),
    ],
)
def test_patterns_match(pattern: str, said: str, slots: dict[str, str]) -> None:
    match = compile_pattern(pattern, KINDS).regex.search(plain_words(said))
    assert match is not None
    assert match.groupdict() == slots


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("book", "booking"), ("table", "vegetable"), ("(a|b) c", "a"), ("my name is {name}", "my name is a secret")],
)
def test_patterns_match_whole_words_only(pattern: str, said: str) -> None:
    assert compile_pattern(pattern, KINDS).regex.search(plain_words(said)) is None


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(a|b", "')' is missing"),
        ("a]", "']' closes nothing"),
        ("{nothing}", "there is no slot 'nothing'"),
        ("{number", "brace"),
        ("[a]", "nothing was said"),
        ("{day} or {day}", "only once"),
    ],
)
def test_wrong_patterns_say_why(pattern: str, problem: str) -> None:
    with pytest.raises(PatternSyntaxError, match=problem.replace("(", r"\(").replace(")", r"\)").replace("]", r"\]")):
        compile_pattern(pattern, KINDS)


def test_phrases_use_every_alternative_and_match_their_own_pattern() -> None:
    pattern = compile_pattern("[please] (book|reserve|get) [a|the] table for {number}", KINDS)
    phrases = pattern.phrases({"number": ["one", "two", "three", "four"]}, 50)
    words = set(" ".join(phrases).split())
    assert words == set("please book reserve get a the table for one two three four".split())
    assert all(pattern.regex.search(plain_words(phrase)) for phrase in phrases)


def test_contractions_for_the_recogniser() -> None:
    assert contracted("i would like what is good") == "i'd like what's good"
