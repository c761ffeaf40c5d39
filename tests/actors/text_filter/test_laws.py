"""The public laws of the text filter, for any text and any way of cutting it."""

from __future__ import annotations

import random
import string

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.actors.fuzzing import fuzz
from tests.actors.text_filter.fragments import FRAGMENTS
from tests.actors.text_filter.fuzz import cases
from tests.actors.text_filter.laws import (
    LANGUAGES,
    LAWS,
    filtered,
    nothing_is_lost,
    same_for_every_cut,
    settings_of,
    twice_is_once,
    twice_is_once_but_for_what_is_listed,
)
from trialogue.actors import Rule, TextFilterSettings, speakable
from trialogue.actors.text_filter._settings import NOT_TWICE_THE_SAME

MARKUP = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3)), max_size=25).map("".join)
PLACES = st.sets(st.integers(1, 60))
SETTINGS = TextFilterSettings(max_block_chars=20, max_thinking_chars=20)
TAGS = st.sampled_from(LANGUAGES)


@given(MARKUP, PLACES, TAGS)
@example("![img](a.png) x", set(), "en")
@example("'چ->$0", set(), "en")
@example("3 (55)E", set(), "en")
@example("5 * y–𝟓", {6}, "en")
@example("5 * y–5", {6}, "en")
@example("5 * y.: 5", {6}, "en")
def test_every_way_of_cutting_gives_the_same_pieces(source: str, places: set[int], language: str) -> None:
    same_for_every_cut(source, places, settings_of(language))


@given(MARKUP, PLACES)
def test_every_way_of_cutting_gives_the_same_pieces_when_blocks_expire(source: str, places: set[int]) -> None:
    same_for_every_cut(source, places, SETTINGS)


@given(MARKUP)
def test_the_spans_cover_the_source_in_order(source: str) -> None:
    nothing_is_lost(source)
    nothing_is_lost(source, SETTINGS)


@given(MARKUP, TAGS)
@example("9(sighs)", "hi")
@example("http://>(sighs)5", "pl")
@example("9[x] h", "hi")
@example("±EUR 3-7", "it")
@example("@EUR<b>3", "es")
@example("4-x²", "en")
@example("≈USD 9–21", "en")
@example("= \\* ", "hi")
@example("№~1 Ma", "pt")
@example("1 http://ŷ", "fr")
@example("5 * y&a", "ru")
@example("0 x = 5", "es")
@example(":) .0", "en")
@example("$$$ $*$", "pl")
@example("godz. 8.30", "pl")
@example("1 USD५", "pt")
@example("7 1 éé", "fr")
@example("#𝟓 123-456", "pl")
@example("1 EUR&", "fr")
@example("9 %–५", "fr")
@example("e@a.$5", "fr")
@example("joe@a.b.½", "de")
def test_filtering_twice_changes_nothing_in_any_language(source: str, language: str) -> None:
    twice_is_once(source, language)


@given(MARKUP)
@example("3 k,2")
@example("(55) 2")
@example("= |")
@example(">0")
@example("n<2")
@example("b[x] </think>’")
@example("1<(55)u")
@example("چ->$0")
@example("9:^http://")
@example("2 * 3&")
@example("+②")
@example("(sighs)*")
@example("5️⃣")
@example("·&")
@example("www.⅛")
@example("http://USD 2 * 3")
@example("4/5 - 3")
@example("5 - 3%")
@example("&1")
@example("http://<5")
@example("k, 3 k,2")
@example("0USD °")
@example("5 * y–𝟓")
@example("= <!---->-")
@example("=-`-")
@example("5 * y / 9–21")
@example("5 * y - 9–21")
@example("9 km–5")
@example("e@a.w/")
@example("$[b$")
@example("4 m-2 * 3")
@example("4 a2 * 3")
@example("5 m² * 3")
@example("EUR5 - 3USD")
@example("EUR2 * 3")
def test_filtering_twice_changes_nothing(source: str) -> None:
    twice_is_once(source)


@given(MARKUP, TAGS)
@example("(sighs**)", "en")
@example("(clears\\ throat)", "en")
@example("(si**ghs)", "en")
@example("(rit`)", "fr")
@example("9–21 123-567", "pl")
def test_filtering_twice_changes_nothing_but_for_what_is_listed(source: str, language: str) -> None:
    twice_is_once_but_for_what_is_listed(source, language)


def test_what_is_listed_is_needed() -> None:
    once = speakable("(sighs**)")
    assert speakable(once) != once
    assert {Rule.STAGE_DIRECTIONS} == NOT_TWICE_THE_SAME


@given(st.text(string.ascii_letters + " .,?!'"), TAGS)
def test_plain_prose_is_untouched(prose: str, language: str) -> None:
    assert speakable(prose, language=language) == prose
    assert all(piece.text == prose[piece.start : piece.end] for piece in filtered([prose], settings_of(language)))


@given(MARKUP)
@settings(max_examples=50)
def test_the_whole_text_function_is_the_stream(source: str) -> None:
    assert speakable(source) == "".join(piece.text for piece in filtered(list(source)))


def test_texts_know_nothing_of_each_other() -> None:
    assert speakable("Call 911 or 112.") == "Call nine one one or one one two."
    assert speakable("We have 911 or 112 of them.") == "We have nine one one or one hundred twelve of them."


def test_no_fuzzed_text_breaks_a_law() -> None:
    """A few of the texts of `fuzz.py`, which goes on for as long as one likes."""
    assert [failure for failure in fuzz(LAWS, cases(random.Random(2024)), 300) if failure is not None] == []
