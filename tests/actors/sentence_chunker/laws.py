"""The public laws of the sentence chunker, one function for each; the hypothesis tests and the fuzz run share them.

Each raises AssertionError where its law does not hold.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from trialogue.actors import SentenceChunker, SentenceChunkerSettings, split_sentences
from trialogue.frames import TextChunk

SETTINGS: Final = (
    SentenceChunkerSettings(),
    SentenceChunkerSettings.for_speech(),
    SentenceChunkerSettings(min_chars=30, max_chars=60),
    SentenceChunkerSettings(max_chars=20, first_chunk_chars=1),
    SentenceChunkerSettings(pair_chars=0),
    SentenceChunkerSettings(language="de"),
    SentenceChunkerSettings(language="ar"),
)

LONGEST_GRAPHEME: Final = 40
"""Characters of one grapheme in these tests: a chunk exceeds its maximum by no more."""

CONTINUED: Final = "|a|A| a b| A b|\n|.|!|” A|) A|。|💡"
"""Ways for a text to go on, for looking whether one of them takes back what was released."""


def chunk(deltas: Sequence[str], chosen: SentenceChunkerSettings | None = None) -> list[TextChunk]:
    """The chunks of a source that comes in these deltas."""
    chunker = SentenceChunker(chosen)
    return [piece for delta in deltas for piece in chunker.push(delta)] + chunker.finish()


def cut(text: str, places: Sequence[int]) -> list[str]:
    """The text, cut at these places."""
    bounds = [0, *sorted(place for place in places if 0 <= place <= len(text)), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


def lossless(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Law 1: spans in order, without overlap; only white space outside of them; text is source[start:end], trimmed."""
    _covered(text, chunk(cut(text, places), chosen))


def _covered(text: str, pieces: list[TextChunk]) -> None:
    place = 0
    for piece in pieces:
        assert place <= piece.start < piece.end
        assert not text[place : piece.start].strip()
        assert piece.text == text[piece.start : piece.end] == piece.text.strip()
        place = piece.end
    assert not text[place:].strip()


def segmentation_invariant(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Law 2: every way of cutting the source gives the same chunks, single characters and empty deltas included."""
    whole = chunk([text], chosen)
    assert chunk(cut(text, places), chosen) == whole
    assert chunk(text, chosen) == whole


def whole_text(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Law 2: push and finish give what split_sentences gives, where it has the same settings."""
    settings = SentenceChunkerSettings(language=chosen.language, min_chars=chosen.min_chars)
    assert split_sentences(text, language=chosen.language, min_chars=chosen.min_chars) == [
        piece.text for piece in chunk(cut(text, places), settings)
    ]


def prompt(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Law 3: what is released at a character is what reading everything again, whole, would release there.

    So nothing is released later than it could be by that oracle, and nothing is taken back.
    """
    chunker = SentenceChunker(chosen)
    released: list[TextChunk] = []
    for end, char in enumerate(text, start=1):
        released += chunker.push(char)
        assert released == SentenceChunker(chosen).push(text[:end])


def never_taken_back(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Law 3: what was released stays, however the text goes on."""
    released = SentenceChunker(chosen).push(text)
    for more in CONTINUED.split("|"):
        assert chunk([text + more], chosen)[: len(released)] == released


def stalls(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Law 3: a stall releases something if has_complete says so; law 1 holds all the same."""
    chunker = SentenceChunker(chosen)
    pieces: list[TextChunk] = []
    for delta in cut(text, places):
        pieces += chunker.push(delta)
        expected = chunker.has_complete
        released = chunker.on_stall()
        assert bool(released) == expected
        assert not chunker.has_complete
        pieces += released
    _covered(text, pieces + chunker.finish())


def flushes(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Told to flush, it is as if several texts had been chunked, but for the fast first chunk, which comes once."""
    settings = SentenceChunkerSettings(language=chosen.language)
    chunker = SentenceChunker(settings)
    pieces: list[TextChunk] = []
    for part in cut(text, places):
        found = chunker.push(part) + chunker.flush()
        assert [piece.text for piece in found] == [piece.text for piece in chunk([part], settings)]
        pieces += found
    _covered(text, pieces)


def bounded(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Law 4: no chunk is longer than the maximum, unless a single grapheme is."""
    assert all(len(piece.text) <= chosen.max_chars + LONGEST_GRAPHEME for piece in chunk([text], chosen))


def graphemes_whole(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Law 4: no chunk begins or ends inside a surrogate pair, a combining sequence or an emoji sequence.

    White space has no sequences: a mark on a space that was trimmed away stands alone.
    """
    for piece in chunk([text], chosen):
        for at in (piece.start, piece.end):
            trimmed = at in (0, len(text)) or text[at - 1].isspace() or text[at].isspace()
            assert trimmed or not _tears(text, at)


def _tears(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    flags = len(text[:at]) - len(text[:at].rstrip("".join(map(chr, range(0x1F1E6, 0x1F200)))))
    return (
        (0xD800 <= ord(before) < 0xDC00 <= ord(after) < 0xE000)
        or unicodedata.category(after) in ("Mn", "Mc", "Me")
        or "\u200d" in (before, after)
        or 0x1F3FB <= ord(after) <= 0x1F3FF
        or (0x1F1E6 <= ord(after) < 0x1F200 and flags % 2 == 1)
    )


def flagged(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Law 5: what is called speakable has a letter or a digit; what is not has none outside of tags."""
    for piece in chunk([text], chosen):
        said = any(char.isalnum() for char in piece.text)
        assert said if piece.speakable else (not said or "<" in piece.text)


def nothing_unspeakable_alone(text: str, places: Sequence[int], chosen: SentenceChunkerSettings) -> None:
    """Law 5: a piece without anything to say joins its neighbour unless a line ends there, or the text does."""
    for piece in chunk([text], SentenceChunkerSettings(language=chosen.language)):
        if not piece.speakable:
            rest = text[piece.end :]
            assert not rest.strip() or rest.lstrip(" \t\u00a0")[:1].isspace()


Law = Callable[[str, Sequence[int], SentenceChunkerSettings], None]

LAWS: Final[dict[str, Law]] = {
    law.__name__: law
    for law in (
        lossless, segmentation_invariant, whole_text, prompt, never_taken_back, stalls, flushes, bounded,
        graphemes_whole, flagged, nothing_unspeakable_alone,
    )
}  # fmt: skip
