"""From the model's text to sentences: nothing is lost, and each sentence knows where it came from."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.actors import SentenceStage
from trialogue.frames import Sentence, TextDelta

fragments = st.sampled_from(
    [
        "Hello", " there", ". ", "! ", "? ", "It costs $5", " and 3.50 €", " **bold**", " [a link](http://x.org/y)",
        "\n", "\n\n", " 🙂", " Dr. Smith", " e.g. this", ", and", " e-mail a@b.com", " 10:30", "- item\n", " ...",
        "`code`", " the", " quick", " fox", "<b>", "</b>", "```\nx = 1\n```\n", "你好。", " U.S. ", "  ",
    ]
)  # fmt: skip
sources = st.lists(fragments, max_size=14).map("".join)


def sentences_of(source: str, cuts: list[int]) -> list[Sentence]:
    """The sentences of a source that comes in pieces."""
    stage, found, start = SentenceStage(), [], 0
    for end in [*sorted({min(cut, len(source)) for cut in cuts}), len(source)]:
        found += stage.push(TextDelta(text=source[start:end]))
        start = end
    return found + stage.finish()


@hypothesis.given(source=sources, cuts=st.lists(st.integers(0, 120), max_size=12))
def test_the_same_sentences_come_however_the_text_is_cut(source: str, cuts: list[int]) -> None:
    whole, in_parts = sentences_of(source, []), sentences_of(source, cuts)
    assert [(each.text, each.start, each.end) for each in in_parts] == [
        (each.text, each.start, each.end) for each in whole
    ]
    for one, other in zip(in_parts, whole, strict=True):
        ends = range(len(one.text) + 1)
        assert [one.source_end(spoken) for spoken in ends] == [other.source_end(spoken) for spoken in ends]


@hypothesis.given(source=sources, cuts=st.lists(st.integers(0, 120), max_size=12))
def test_spans_follow_each_other_and_their_pieces_are_the_text(source: str, cuts: list[int]) -> None:
    end = 0
    for sentence in sentences_of(source, cuts):
        assert end <= sentence.start <= sentence.end <= len(source)
        assert "".join(piece.text for piece in sentence.pieces) == sentence.text == sentence.text.strip()
        at = sentence.start
        for piece in sentence.pieces:
            assert at <= piece.start <= piece.end
            at = piece.end
        assert at == sentence.end
        end = sentence.end


@hypothesis.given(source=sources)
def test_what_was_heard_of_a_sentence_only_grows_in_the_source(source: str) -> None:
    for sentence in sentences_of(source, []):
        ends = [sentence.source_end(spoken) for spoken in range(-1, len(sentence.text) + 2)]
        assert ends == sorted(ends)
        assert ends[0] == sentence.start
        assert ends[-1] == sentence.end


@hypothesis.given(source=sources)
def test_no_word_is_left_out(source: str) -> None:
    covered: set[int] = set()
    for sentence in sentences_of(source, []):
        covered.update(range(sentence.start, sentence.end))
    for word in ("Hello", "there", "bold", "quick", "fox", "Smith", "item"):
        at = source.find(word)
        while at >= 0:
            assert set(range(at, at + len(word))) <= covered
            at = source.find(word, at + 1)


@pytest.mark.parametrize(
    ("source", "heard", "source_heard"),
    [
        ("It costs $5 now.", "It costs five dollars", "It costs $5"),
        ("It costs $5 now.", "It costs five", "It costs "),
        ("It is **very** good.", "It is very", "It is **very** "),
    ],
)
def test_what_was_heard_is_told_in_the_words_of_the_source(source: str, heard: str, source_heard: str) -> None:
    (sentence,) = sentences_of(source, [])
    assert sentence.text.startswith(heard)
    assert source[: sentence.source_end(len(heard))] == source_heard


def test_a_sentence_comes_as_soon_as_it_is_certain() -> None:
    stage = SentenceStage()
    assert stage.push(TextDelta(text="Hello there. How")) == []
    (first,) = stage.push(TextDelta(text=" are"))
    assert (first.text, first.start, first.end) == ("Hello there.", 0, 12)
    (last,) = stage.finish()
    assert (last.text, last.start, last.end) == ("How are", 13, 20)
