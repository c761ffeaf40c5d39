"""From the model's text to sentences for the voice: the filter, then the chunker on its output, and their maps joined.

Pure. A graph may run it as a stage inside the voice's task; the `sentences` actor adds a deadline for stalls.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING, Final

from trialogue.actors.sentence_chunker._chunker import SentenceChunker
from trialogue.actors.sentence_chunker._settings import SentenceChunkerSettings
from trialogue.actors.text_filter._filter import TextFilter
from trialogue.actors.text_filter._settings import TextFilterSettings
from trialogue.frames import LikelySentence, Sentence, SpeakablePiece, TextChunk, TextDelta

if TYPE_CHECKING:
    from collections.abc import Iterable


_FOLLOWING: Final = " So "
"""What might follow a sentence: a word that begins another one, and nothing else."""

_LONGEST_GUESS: Final = 400
"""Characters of source. The first sentence of nearly every answer is shorter."""


class SentenceStage:
    """Text deltas in, sentences out, each with the way back to the model's own text.

    Args:
        text_filter: settings of the text filter.
        chunker: settings of the sentence chunker.
    """

    def __init__(
        self,
        text_filter: TextFilterSettings | None = None,
        chunker: SentenceChunkerSettings | None = None,
    ) -> None:
        # Imported when first used, as all tables of the chunker are.
        from trialogue.actors.sentence_chunker._likely import ends_likely

        self._ends_likely = ends_likely
        self._settings = text_filter, chunker
        self._begun = ""  # the source, while nothing was cut from it
        self._guesses = True  # while nothing was cut from it, and it is short
        self._pieces: deque[SpeakablePiece] = deque()  # that went into the chunker and have not come out
        self._at = 0  # position of the first of them in the filtered text

    @cached_property
    def _filter(self) -> TextFilter:
        """Made for the first text: when a stage is made, the user waits for the model to be asked."""
        return TextFilter(self._settings[0])

    @cached_property
    def _chunker(self) -> SentenceChunker:
        return SentenceChunker(self._settings[1])

    def push(self, delta: TextDelta) -> list[Sentence]:
        """The sentences that this text made certain."""
        sentences = self._sentences(self._filter.push(delta.text))
        if self._guesses:
            self._begun += delta.text
            self._guesses = not sentences and len(self._begun) <= _LONGEST_GUESS
        return sentences

    def likely(self) -> LikelySentence | None:
        """The first sentence, if it almost certainly ends where the text so far does; later ones are not guessed.

        What `push` will give is not changed by it, and may be another sentence.
        """
        if not self._guesses or not self._ends_likely(self._begun) or (rest := self._filter.rest()) is None:
            return None
        chunk = self._chunker.likely(rest + _FOLLOWING)
        return LikelySentence(text=chunk.text) if chunk is not None and chunk.speakable else None

    @property
    def waits(self) -> bool:
        """Whether a sentence is held back for what may follow it, so that `on_stall` would release it."""
        return self._chunker.has_complete or self._filter.holds_sentence()

    def on_stall(self) -> list[Sentence]:
        """No text has come for a while: release the sentences that are complete if nothing follows them."""
        sentences = self._sentences(self._filter.on_stall())
        return [*sentences, *self._from_chunks(self._chunker.on_stall())]

    def finish(self) -> list[Sentence]:
        """The sentences that were held back, now that the text is complete."""
        sentences = self._sentences(self._filter.finish())
        return [*sentences, *self._from_chunks(self._chunker.finish())]

    def _sentences(self, pieces: Iterable[SpeakablePiece]) -> list[Sentence]:
        sentences: list[Sentence] = []
        said = ""
        for piece in pieces:
            text = piece.text
            said += text
            if len(text) == piece.end - piece.start:
                self._pieces.append(piece)  # copied, as nearly all are
            else:
                self._pieces += _words_and_space(piece)
        if said and (chunks := self._chunker.push(said)):
            sentences += self._from_chunks(chunks)
        # The filter holds back the word that has just begun, but the chunker may need no more than its first letter.
        if self._chunker.waits_for_next and (following := self._filter.next_char()):
            sentences += self._from_chunks(self._chunker.peek(following))
        return sentences

    def _from_chunks(self, chunks: Iterable[TextChunk]) -> list[Sentence]:
        return [sentence for chunk in chunks if (sentence := self._from_chunk(chunk)) is not None]

    def _from_chunk(self, chunk: TextChunk) -> Sentence | None:
        self._take(chunk.start)  # white space between chunks
        pieces = tuple(self._take(chunk.end))
        if not chunk.speakable or not pieces:
            return None
        return Sentence(text=chunk.text, start=pieces[0].start, end=pieces[-1].end, pieces=pieces)

    def _take(self, end: int) -> list[SpeakablePiece]:
        """Take the pieces up to a position of the filtered text, cutting the last one if it reaches beyond."""
        taken: list[SpeakablePiece] = []
        pieces, room = self._pieces, end - self._at
        while pieces and room > 0:
            piece = pieces.popleft()
            if len(piece.text) > room:
                piece, rest = _cut(piece, room)
                pieces.appendleft(rest)
            room -= len(piece.text)
            taken.append(piece)
        self._at = end - room
        return taken


def _words_and_space(piece: SpeakablePiece) -> list[SpeakablePiece]:
    """A piece that was rewritten, without the white space at its end, which is not waited for to call its words heard.

    A chunk ends before the white space. Were that in the piece, the piece would be cut there, and its whole source
    would belong to the rest (test_no_word_is_left_out).
    """
    words = piece.text.rstrip()
    if not words or words == piece.text:
        return [piece]
    space = SpeakablePiece(text=piece.text[len(words) :], start=piece.end, end=piece.end)
    return [SpeakablePiece(text=words, start=piece.start, end=piece.end), space]


def _cut(piece: SpeakablePiece, at: int) -> tuple[SpeakablePiece, SpeakablePiece]:
    """Two pieces from one. What was copied is cut in the source, too; what was rewritten belongs to its second part."""
    copied = len(piece.text) == piece.end - piece.start
    border = piece.start + at if copied else piece.start
    return (
        SpeakablePiece(text=piece.text[:at], start=piece.start, end=border),
        SpeakablePiece(text=piece.text[at:], start=border, end=piece.end),
    )
