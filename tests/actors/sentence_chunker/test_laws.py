"""The laws of the chunker, as properties; see `laws.py`, and `fuzz.py` for a longer search."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.actors.fuzzing import fuzz
from tests.actors.sentence_chunker.fuzz import cases
from tests.actors.sentence_chunker.laws import LAWS, SETTINGS, Law, chunk
from tests.actors.sentence_chunker.strategies import cut_places, texts
from trialogue.actors import SentenceChunker, SentenceChunkerSettings
from trialogue.engine import ConfigurationError, PolicyError


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS.keys())
@given(st.data())
def test_law(law: Law, data: st.DataObject) -> None:
    """Each law, for texts and settings of all kinds, however they are cut into deltas."""
    text = data.draw(texts, "text")
    law(text, data.draw(cut_places(text), "places"), data.draw(st.sampled_from(SETTINGS), "settings"))


def test_no_fuzzed_text_breaks_a_law() -> None:
    """A few of the texts of `fuzz.py`, which goes on for as long as one likes."""
    assert [failure for failure in fuzz(LAWS, cases(random.Random(2024)), 300) if failure is not None] == []


@pytest.mark.parametrize(
    "unit", ["a", "a ", "(", "“", "'", "<a ", "`", ".", " .", "!", "-", "。", "«", "*", "\u0301", "1. "]
)
def test_endless_text_of_one_kind(unit: str) -> None:
    """Law 4: nothing stalls, nothing swallows the rest."""
    text = unit * (100_000 // len(unit)) + " End. Next one."
    pieces = chunk([text[n : n + 997] for n in range(0, len(text), 997)])
    assert pieces[-1].text == "Next one."
    assert max(len(piece.text) for piece in pieces) <= 1000


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("好。\u0301我", ["好。\u0301我"]),
        ("Hi!🇩🇪 Bye.", ["Hi!🇩🇪", "Bye."]),
        ("Great! 👍🏽 Next. ✅ Done.", ["Great! 👍🏽", "Next. ✅", "Done."]),
        ("1️⃣ One. 2️⃣ Two.", ["1️⃣ One.", "2️⃣ Two."]),
        ("No.\u200d👍 Yes.", ["No.\u200d👍", "Yes."]),
    ],
)
def test_what_readers_see_as_one_stays_one(text: str, sentences: list[str]) -> None:
    """Law 4, where a sentence ends: marks, flags, skin tones and keycaps are not torn from their bases."""
    assert [piece.text for piece in chunk(text)] == sentences


def test_push_after_finish_is_a_mistake() -> None:
    chunker = SentenceChunker()
    chunker.finish()
    with pytest.raises(PolicyError, match="new chunker"):
        chunker.push("x")


@pytest.mark.parametrize("wrong", [{"min_chars": 0}, {"max_chars": 5}, {"first_chunk_chars": 0}, {"min_chars": 2000}])
def test_settings_are_checked(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError):
        SentenceChunkerSettings(**wrong)  # type: ignore[arg-type] # the point of the test
