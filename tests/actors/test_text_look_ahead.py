"""The filter's word on what comes next, and what the chunker makes of it: the same cuts, one token earlier."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.actors.text_filter.laws import cut
from tests.actors.text_filter.test_composition import REPLY
from tests.actors.text_filter.test_laws import MARKUP
from trialogue.actors import SentenceStage, TextFilter, TextFilterSettings
from trialogue.frames import Sentence, TextDelta

WORDS = st.sampled_from(
    ["The ", "fox. ", "It ", "EUR 5 ", "USD", "May 3 ", "May", "March. ", "Mr. Fox ", "http://a.io ",
     "HTTPS://b.io/c. ", "www.c.com ", "Www.d.org? ", "What? ", "e.g. ", "I. ", "AT&T. ", "A@b.io ", "Ex.com ",
     "Hello! ", "Wie ", "Jan. 5", "kr 5", "CHF", "NATO ", "x5 ", "km ", "Nr. 5 ", "Mai", "1. ", "Ja"]
)  # fmt: skip
TEXT = st.one_of(st.lists(WORDS, max_size=8).map("".join), MARKUP, REPLY)
TAGS = st.sampled_from(["en", "de", "fr", "es", "tr", "auto"])
KEYS = {"Every": "each", "fox": "dog"}


@given(TEXT, TAGS, st.booleans())
@example("Is it? EUR 5", "en", False)
@example("Is it? www.a.com", "en", False)
@example("Is it? Every", "en", True)
def test_what_the_filter_promises_comes_out_next(source: str, tag: str, own: bool) -> None:
    text_filter = TextFilter(TextFilterSettings(language=tag, pronunciations=KEYS if own else {}))
    promised = ""
    for char in [*source, None]:
        pieces = text_filter.finish() if char is None else text_filter.push(char)
        said = "".join(piece.text for piece in pieces)
        if promised and (said or char is None):
            assert said.startswith(promised)
            promised = ""
        promised = text_filter.next_char() or promised


def sentences(cuts: list[str]) -> list[Sentence]:
    stage = SentenceStage()
    return [sentence for part in cuts for sentence in stage.push(TextDelta(text=part))] + stage.finish()


@given(TEXT, st.sets(st.integers(1, 120)))
@example("Is it? Www.d.org? ", set())
def test_every_way_of_cutting_gives_the_same_sentences(source: str, places: set[int]) -> None:
    whole = sentences([source])
    assert sentences(list(source)) == whole
    assert sentences(cut(source, places)) == whole


@pytest.mark.parametrize(
    ("following", "at_once"),
    [(" Every", True), (" What", True), (" E", False), (" May", False), (" EU", False), (" Ww", False), (" ", False)],
)
def test_a_sentence_waits_for_the_first_letter_of_the_next_one_unless_that_may_be_read_as_another(
    following: str, at_once: bool
) -> None:
    stage = SentenceStage()
    for token in ("The", " quick", " brown", " fox", " jumps."):
        assert stage.push(TextDelta(text=token)) == []
    assert len(stage.push(TextDelta(text=following))) == at_once
