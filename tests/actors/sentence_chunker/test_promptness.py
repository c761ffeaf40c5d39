"""Law 3: a sentence is released at the first character that makes it certain, and not one later."""

from __future__ import annotations

import pytest

from tests.actors.sentence_chunker.strategies import FRAGMENTS
from trialogue.actors import SentenceChunker, SentenceChunkerSettings

CONTINUATIONS = (
    "|a|A|1|.|?|\"|'|'s|)|]|”|’|»|」|\n| | a| A| 1| .| \"| »| a b| I. | However we| Government of| Mai. |"
    " Eastern time|b c|B c|B.c|B. C|.com x|) a|) A|\" a|\" A|” a|” A|’ a|’ A|' a|' A|» a|» A|` a|` A|」と|」A|"
    "</em>|em> A|/em> A| - a| - A|...a|... a| . . A|ល។|す。| ครับ A|، A b| ،| x، y|>|/>|[1] A|] A| [2] A|"
    "iPhone| iPhone|2. A|2) A|. A|) B| b. A|e cat. A|re A|m A|\u200e A|-- A|</say-as> A| x A|uesday|ursday|"
    "hursday|.' A|.' a|s.' A|b>a b"
).split("|")
"""Ways in which a text may go on; if a first chunk is the same in all of them, it should have been released."""


def first_chunk(text: str) -> str | None:
    chunker = SentenceChunker()
    return next((chunk.text for chunk in (*chunker.push(text), *chunker.finish())), None)


@pytest.mark.parametrize("text", FRAGMENTS)
def test_no_sentence_waits_for_nothing(text: str) -> None:
    """Whatever is held back at any character depends on what comes next."""
    chunker = SentenceChunker()
    place = 0
    for n, char in enumerate(text):
        for chunk in chunker.push(char):
            place = chunk.end
        pending = text[place : n + 1].lstrip()
        if pending:
            assert len({first_chunk(pending + more) for more in CONTINUATIONS}) > 1, pending


@pytest.mark.parametrize(
    ("text", "released"),
    [
        ("Hello there. H", ["Hello there."]),
        ("Hello there. ", []),
        ("Really? Y", ["Really?"]),
        ("你好。我", ["你好。"]),
        ("你好。", []),
        ("ठीक है। ", ["ठीक है।"]),
        ("A line\n", ["A line"]),
        ("I live in the U.S. Ho", []),
        ("I live in the U.S. How ", ["I live in the U.S."]),
        ("It is 3.", []),
        ("Stop!” H", ["Stop!”"]),
        ("one.Two ", ["one."]),
        ('"Hello. You. ', []),
        ('"Hello. You." A', ['"Hello. You."']),
    ],
)
def test_the_character_that_makes_certain(text: str, released: list[str]) -> None:
    chunker = SentenceChunker()
    chunks = [chunk.text for char in text for chunk in chunker.push(char)]
    assert chunks == released


@pytest.mark.parametrize(
    ("text", "released"),
    [
        ("Hello there.", ["Hello there."]),
        ("Hello there. ", ["Hello there."]),
        ("It was in 1980.", ["It was in 1980."]),
        ("你好。", ["你好。"]),
        ("He said “Stop.”", ["He said “Stop.”"]),
        ("I will see Dr.", []),
        ("Things like e.g.", []),
        ("Hello there", []),
        ("1.", []),
        ("He said “Stop.", []),
        ("Hello there. And", []),
        ("...", []),
    ],
)
def test_on_stall(text: str, released: list[str]) -> None:
    """A complete sentence at the end of a stalled stream is released, an incomplete one is not."""
    chunker = SentenceChunker()
    for char in text:
        chunker.push(char)
    assert chunker.has_complete == bool(released)
    assert [chunk.text for chunk in chunker.on_stall()] == released
    assert not chunker.has_complete


def test_fast_first_chunk() -> None:
    """The first chunk may be a clause; the others are sentences."""
    chunker = SentenceChunker(SentenceChunkerSettings(first_chunk_chars=10))
    chunks = chunker.push("Sure, I can help with that, of course. First, look at it. ") + chunker.finish()
    assert [chunk.text for chunk in chunks] == ["Sure, I can help with that,", "of course.", "First, look at it."]


def test_first_chunk_is_released_at_the_space_behind_the_comma() -> None:
    chunker = SentenceChunker(SentenceChunkerSettings(first_chunk_chars=5))
    assert chunker.push("Of course,") == []
    assert [chunk.text for chunk in chunker.push(" ")] == ["Of course,"]


def test_short_sentences_are_merged() -> None:
    chunker = SentenceChunker(SentenceChunkerSettings(min_chars=12))
    chunks = chunker.push("Yes. No. Well, perhaps. I do not know. Ok.") + chunker.finish()
    assert [chunk.text for chunk in chunks] == ["Yes. No. Well, perhaps.", "I do not know.", "Ok."]


def test_a_stall_releases_what_waits_to_be_merged() -> None:
    chunker = SentenceChunker(SentenceChunkerSettings(min_chars=12))
    assert chunker.push("Yes. I") == []
    assert [chunk.text for chunk in chunker.on_stall()] == ["Yes."]
    assert [chunk.text for chunk in chunker.finish()] == ["I"]


def test_a_dense_script_counts_three() -> None:
    """Seven Chinese characters are a longer utterance than seven Latin ones."""
    settings = SentenceChunkerSettings(min_chars=12)
    chinese, latin = SentenceChunker(settings), SentenceChunker(settings)
    assert [chunk.text for chunk in chinese.push("很高兴见到你。我")] == ["很高兴见到你。"]
    assert latin.push("Go on. Well") == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("one two, three four five six seven", "one two, three four"),
        ("one two three, four five six seven", "one two three,"),
        ("onetwothree four five six seven", "onetwothree four"),
        ("x" * 14 + "e\u0301" * 20, "x" * 14 + "e\u0301" * 3),
        ("x" * 18 + "👩‍👩‍👧‍👦" * 3, "x" * 18),
        ("x" * 19 + "🇩🇪🇫🇷" * 4, "x" * 19),
        ("x" * 19 + "\ud83d\ude00" * 4, "x" * 19),
    ],
)
def test_soft_breaks(text: str, first: str) -> None:
    """A piece longer than the maximum (20) is cut at a clause in its second half, at a word, or at a grapheme."""
    chunker = SentenceChunker(SentenceChunkerSettings(max_chars=20))
    chunks = chunker.push(text) + chunker.finish()
    assert chunks[0].text == first
    assert "".join(chunk.text for chunk in chunks).replace(" ", "") == text.replace(" ", "")
