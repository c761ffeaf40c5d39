"""The streaming sentence chunker: text in pieces of any size in, sentences out. No input or output, no clock."""

from __future__ import annotations

import copy
from typing import final

from trialogue.actors.sentence_chunker._settings import SentenceChunkerSettings
from trialogue.frames import TextChunk


@final
class SentenceChunker:
    """Cuts a stream of text into sentences as soon as they are certain.

    The same text gives the same chunks, however it is cut into deltas; `chunk.text == source[chunk.start:chunk.end]`;
    only white space lies between chunks. The object keeps at most `max_chars` and a bounded look-ahead.

    Args:
        settings: what to cut and when; the defaults give what `split_sentences` gives.
    """

    def __init__(self, settings: SentenceChunkerSettings | None = None) -> None:
        # Imported when first used: not everybody who imports the actors cuts sentences.
        from trialogue.actors.sentence_chunker._cutter import Cutter

        self._cutter = Cutter(settings or SentenceChunkerSettings())

    def push(self, delta: str) -> list[TextChunk]:
        """Take more text; return the chunks that became certain by it.

        Raises:
            PolicyError: finish() was called before.
        """
        return self._cutter.push(delta)

    @property
    def waits_for_next(self) -> bool:
        """Whether the next character, whatever it is, may make a chunk certain."""
        return self._cutter.waits_for_next

    def peek(self, following: str) -> list[TextChunk]:
        """The chunks that are certain if this character follows. It is not taken: it must be pushed later."""
        return self._cutter.peek(following)

    def likely(self, following: str) -> TextChunk | None:
        """The first chunk that would be certain if this followed; nothing is taken."""
        return next(iter(copy.copy(self._cutter).push(following)), None)

    def flush(self) -> list[TextChunk]:
        """Release all that was pushed, as if the text ended here; more may be pushed."""
        return self._cutter.flush()

    def finish(self) -> list[TextChunk]:
        """Like flush, but the text has ended: nothing more may be pushed."""
        return self._cutter.finish()

    def on_stall(self) -> list[TextChunk]:
        """The stream has stalled, says the shell: release what is complete.

        A sentence is complete if it would end here if nothing followed: not after "Dr.", not within an open quotation.
        """
        return self._cutter.on_stall()

    @property
    def has_complete(self) -> bool:
        """Whether on_stall() would release something: a shell need not set a deadline otherwise."""
        return self._cutter.has_complete


def split_sentences(text: str, *, language: str = "auto", min_chars: int = 1) -> list[str]:
    """Cut a whole text into sentences, as a SentenceChunker with default settings does.

    Args:
        text: any text.
        language: a BCP 47 tag such as "de", or "auto".
        min_chars: shorter sentences are merged with the next one; 1 merges nothing.

    Raises:
        ConfigurationError: min_chars is out of range.
    """
    chunker = SentenceChunker(SentenceChunkerSettings(language=language, min_chars=min_chars))
    return [chunk.text for chunk in (*chunker.push(text), *chunker.finish())]
