"""The laws of the chunker, as properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.actors.sentence_chunker.strategies import cut_texts, texts
from trialogue.actors import SentenceChunker, SentenceChunkerSettings, split_sentences
from trialogue.engine import ConfigurationError, PolicyError
from trialogue.frames import TextChunk

SETTINGS = st.sampled_from(
    [
        SentenceChunkerSettings(),
        SentenceChunkerSettings.for_speech(),
        SentenceChunkerSettings(min_chars=30, max_chars=60),
        SentenceChunkerSettings(max_chars=20, first_chunk_chars=1),
        SentenceChunkerSettings(language="de"),
        SentenceChunkerSettings(language="ar"),
    ]
)


def chunk(deltas: list[str] | str, chosen: SentenceChunkerSettings | None = None) -> list[TextChunk]:
    chunker = SentenceChunker(chosen)
    return [piece for delta in deltas for piece in chunker.push(delta)] + chunker.finish()


@given(texts, SETTINGS)
def test_lossless(text: str, chosen: SentenceChunkerSettings) -> None:
    """Law 1: spans in order, without overlap; only white space outside of them; text is source[start:end], trimmed."""
    place = 0
    for piece in chunk([text], chosen):
        assert not text[place : piece.start].strip()
        assert piece.text == text[piece.start : piece.end] == piece.text.strip() != ""
        place = piece.end
    assert not text[place:].strip()


@given(cut_texts(), SETTINGS)
def test_segmentation_invariant(cut: tuple[str, list[str]], chosen: SentenceChunkerSettings) -> None:
    """Law 2: every way of cutting the source gives the same chunks."""
    text, deltas = cut
    whole = chunk([text], chosen)
    assert chunk(deltas, chosen) == whole
    assert chunk(text, chosen) == whole


@given(texts)
def test_whole_text_function(text: str) -> None:
    """Law 2: push and finish give what split_sentences gives."""
    assert split_sentences(text) == [piece.text for piece in chunk(text)]


@given(texts)
def test_released_as_soon_as_possible(text: str) -> None:
    """Law 3, half of it: what a prefix releases, the whole text begins with; nothing is taken back."""
    whole = chunk([text])
    chunker = SentenceChunker()
    so_far: list[TextChunk] = []
    for char in text:
        so_far += chunker.push(char)
        assert so_far == whole[: len(so_far)]


@given(texts, SETTINGS)
def test_chunks_are_bounded(text: str, chosen: SentenceChunkerSettings) -> None:
    """Law 4: no chunk is longer than the maximum, unless a single grapheme is."""
    assert all(len(piece.text) <= chosen.max_chars + 40 for piece in chunk([text], chosen))


@pytest.mark.parametrize(
    "unit", ["a", "a ", "(", "“", "'", "<a ", "`", ".", " .", "!", "-", "。", "«", "*", "\u0301", "1. "]
)
def test_endless_text_of_one_kind(unit: str) -> None:
    """Law 4: nothing stalls, nothing swallows the rest."""
    text = unit * (100_000 // len(unit)) + " End. Next one."
    pieces = chunk([text[n : n + 997] for n in range(0, len(text), 997)])
    assert pieces[-1].text == "Next one."
    assert max(len(piece.text) for piece in pieces) <= 1000


@given(texts, SETTINGS)
def test_what_is_called_speakable_is(text: str, chosen: SentenceChunkerSettings) -> None:
    """Law 5: a chunk without a letter or digit is marked."""
    for piece in chunk([text], chosen):
        if piece.speakable:
            assert any(char.isalnum() for char in piece.text)


@given(texts)
def test_unspeakable_pieces_are_lines_of_their_own(text: str) -> None:
    """Law 5: a piece without anything to say joins its neighbour unless a line ends there, or the text does."""
    for piece in chunk([text]):
        if not piece.speakable:
            rest = text[piece.end :]
            assert not rest.strip() or rest.lstrip(" \t\u00a0")[:1].isspace()


@given(texts, st.integers(0, 3))
def test_flush_ends_a_segment(text: str, place: int) -> None:
    """Told to flush, it is as if two texts had been chunked."""
    one, two = text[: len(text) * place // 3], text[len(text) * place // 3 :]
    chunker = SentenceChunker()
    first = chunker.push(one) + chunker.flush()
    second = chunker.push(two) + chunker.finish()
    assert [p.text for p in first] == [p.text for p in chunk([one])]
    assert [p.text for p in second] == [p.text for p in chunk([two])]
    assert all(p.text == text[p.start : p.end] for p in first + second)


@given(texts, st.lists(st.integers(0, 200), max_size=4))
def test_lossless_with_stalls(text: str, stalls: list[int]) -> None:
    """Law 1 holds with stall deadlines too, and has_complete tells whether one would release anything."""
    chunker = SentenceChunker(SentenceChunkerSettings.for_speech())
    pieces: list[TextChunk] = []
    for n, char in enumerate(text):
        pieces += chunker.push(char)
        if n in stalls:
            expected = chunker.has_complete
            released = chunker.on_stall()
            assert bool(released) == expected
            pieces += released
    pieces += chunker.finish()
    place = 0
    for piece in pieces:
        assert not text[place : piece.start].strip()
        assert piece.text == text[piece.start : piece.end]
        place = piece.end
    assert not text[place:].strip()


def test_push_after_finish_is_a_mistake() -> None:
    chunker = SentenceChunker()
    chunker.finish()
    with pytest.raises(PolicyError, match="new chunker"):
        chunker.push("x")


@pytest.mark.parametrize("wrong", [{"min_chars": 0}, {"max_chars": 5}, {"first_chunk_chars": 0}, {"min_chars": 2000}])
def test_settings_are_checked(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError):
        SentenceChunkerSettings(**wrong)  # type: ignore[arg-type] # the point of the test
