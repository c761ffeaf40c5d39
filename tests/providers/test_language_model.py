"""The language model of a vocabulary: proper probabilities, and the ARPA file that says them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialogue.providers._language_model import BEGIN, END, Trigrams, build_language_model, number_words, spoken_words
from trialogue.providers._lexicon import cut_lexicon

WORDS = st.sampled_from(["a", "table", "for", "two", "please", "yes"])
PHRASES = st.lists(st.lists(WORDS, min_size=1, max_size=6), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("A table for 25, please!", "a table for twenty five please"),
        ("I'd like that – o\N{RIGHT SINGLE QUOTATION MARK}clock", "i'd like that o'clock"),
        ("uh-huh, mm-hmm", "uh-huh mm-hmm"),
        ("at 7:30", "at seven thirty"),
        ("room 1234", "room one thousand two hundred thirty four"),
        ("?!", ""),
    ],
)
def test_spoken_words_are_what_a_recogniser_writes(phrase: str, words: str) -> None:
    assert " ".join(spoken_words(phrase)) == words


def test_long_numbers_are_read_digit_by_digit() -> None:
    assert number_words(1_234_567) == "one two three four five six seven".split()


@given(PHRASES, st.lists(WORDS, max_size=2))
def test_after_every_history_the_probabilities_sum_to_one(phrases: list[list[str]], history: list[str]) -> None:
    model = Trigrams(phrases)
    for before in [tuple(history), (BEGIN, *history[:1])]:
        total = sum(model.probability(word, before) for word in (*model.words, END))
        assert total == pytest.approx(1.0)


@given(PHRASES)
def test_the_backoff_weight_is_what_the_seen_words_leave_over(phrases: list[list[str]]) -> None:
    model = Trigrams(phrases)
    for history in [*model.histories(1), *model.histories(2)]:
        for word in (*model.words, END):
            if word not in model.following(history):
                shorter = model.probability(word, history[1:])
                assert model.probability(word, history) == pytest.approx(model.backoff(history) * shorter)


@given(PHRASES)
def test_the_arpa_file_counts_what_it_lists(phrases: list[list[str]]) -> None:
    text = build_language_model(" ".join(phrase) for phrase in phrases).arpa
    declared = dict(line.removeprefix("ngram ").split("=") for line in text.splitlines() if line.startswith("ngram "))
    for order in "123":
        section = text.split(f"\\{order}-grams:\n")[1].split("\n\n")[0]
        lines = [line for line in section.splitlines() if line and not line.startswith("\\")]
        assert len(lines) == int(declared[order])
        assert all(float(line.split()[0]) <= 0 for line in lines)
    assert text.endswith("\\end\\\n")


def test_what_was_said_together_is_likelier_than_what_was_not() -> None:
    model = Trigrams([["a", "table", "for", "two"], ["a", "table", "for", "four"], ["two", "tables"]])
    assert model.probability("table", (BEGIN, "a")) > model.probability("two", (BEGIN, "a"))
    assert model.probability("two", ("table", "for")) > model.probability("two", ("for", "two")) > 0
    assert math.isclose(model.probability("unheard", ("a",)), model.backoff(("a",)) * model.probability("unheard", ()))


def test_words_alone_are_in_the_vocabulary() -> None:
    assert build_language_model(["two tables"], words_alone=["mhm"]).words == ("mhm", "tables", "two")


def test_a_lexicon_has_alternatives_given_sounds_and_tells_what_is_missing() -> None:
    big = ["right R AY T", "tomato T AH M EY T OW", "tomato(2) T AH M AA T OW", "zebra Z IY B R AH", ""]
    lexicon = cut_lexicon(
        ["tomato", "right", "ravi"], "\n".join(big), pronunciations={"right": ["R IY T"], "zoo": ["Z UW"]}
    )
    assert lexicon.lines == ("right R IY T", "tomato T AH M EY T OW", "tomato(2) T AH M AA T OW")
    assert lexicon.unknown == ("ravi",)
