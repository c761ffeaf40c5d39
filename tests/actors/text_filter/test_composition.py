"""The filter and the sentence chunker behind it: the offset maps compose."""

from __future__ import annotations

import runpy
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.actors.text_filter.test_laws import MARKUP, cut
from trialogue.actors import SentenceChunker, TextFilter
from trialogue.frames import Sentence, SpeakablePiece, TextChunk

DOCS = Path(__file__).parents[3] / "docs" / "text"
PROSE = st.sampled_from(
    [
        "Dr. Smith pays **$5.50**.",
        " It's 3:30 pm. ",
        "See [here](https://a.io). ",
        "Ok 😀! ",
        "\n- one\n- two\n",
        "`a.b` is 5 km. ",
    ]
)
REPLY = st.lists(st.one_of(PROSE, PROSE, MARKUP), max_size=6).map("".join)


def through_both(cuts: list[str]) -> tuple[list[SpeakablePiece], list[TextChunk]]:
    text_filter, chunker = TextFilter(), SentenceChunker()
    pieces: list[SpeakablePiece] = []
    chunks: list[TextChunk] = []
    for part in cuts:
        released = text_filter.push(part)
        pieces += released
        chunks += [chunk for piece in released for chunk in chunker.push(piece.text)]
    rest = text_filter.finish()
    chunks += [chunk for piece in rest for chunk in chunker.push(piece.text)] + chunker.finish()
    return pieces + rest, chunks


def sentence_of(chunk: TextChunk, pieces: list[SpeakablePiece], spoken: str) -> Sentence:
    """The chunk with its map: the pieces that overlap it, cut to it."""
    own: list[SpeakablePiece] = []
    at = 0
    for piece in pieces:
        start, end = max(at, chunk.start), min(at + len(piece.text), chunk.end)
        if start < end:
            copied = len(piece.text) == piece.end - piece.start
            own.append(
                SpeakablePiece(
                    text=spoken[start:end],
                    start=piece.start + (start - at if copied else 0),
                    end=piece.start + end - at if copied else piece.end,
                )
            )
        at += len(piece.text)
    return Sentence(text=chunk.text, start=own[0].start, end=own[-1].end, pieces=tuple(own))


@given(REPLY, st.sets(st.integers(1, 150)))
def test_the_offset_maps_compose_for_every_way_of_cutting(source: str, places: set[int]) -> None:
    pieces, chunks = through_both([source])
    assert through_both(list(source)) == (pieces, chunks)
    assert through_both(cut(source, places)) == (pieces, chunks)

    spoken = "".join(piece.text for piece in pieces)
    assert all(chunk.text == spoken[chunk.start : chunk.end] for chunk in chunks)
    sentences = [sentence_of(chunk, pieces, spoken) for chunk in chunks if chunk.text]
    # Total and monotone: hearing on never leads back in the source, nor beyond it, nor into the next sentence.
    for before, after in pairwise(sentences):
        assert before.end <= after.end
    for sentence in sentences:
        heard = [sentence.source_end(size) for size in range(len(sentence.text) + 1)]
        assert heard == sorted(heard)
        assert heard[0] == sentence.start
        assert heard[-1] == sentence.end <= len(source)


def test_the_page_shows_what_the_code_does() -> None:
    """The chunks are the chunker's own affair, so only source and speech are compared."""
    page = str(runpy.run_path(str(DOCS / "side_by_side.py"))["page"]())
    shown = (DOCS / "side-by-side.md").read_text(encoding="utf-8")
    told, now = ([row.split(" | ")[:3] for row in text.splitlines()] for text in (shown, page))
    assert told == now, "run `python docs/text/side_by_side.py`"
