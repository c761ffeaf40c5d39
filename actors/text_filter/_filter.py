"""The text filter: what the model wrote becomes what a voice can say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.actors.text_filter._scan import UnclosedBlock
from trialogue.actors.text_filter._settings import TextFilterSettings
from trialogue.actors.text_filter._sources import SourceMap
from trialogue.frames import SpeakablePiece

if TYPE_CHECKING:
    from trialogue.actors.text_filter._reading import Reading


class TextFilter:
    """Turns a stream of written text into pieces of speakable text, each with its span in the source.

    The pieces' spans cover the source in order, without gap or overlap; text that is taken out is a piece with empty
    text. However the source is cut into deltas, the pieces are the same.

    What it needs is loaded when it is first used; `load_text_path` does that before somebody waits for it.

    Args:
        settings: the language and the rules; None for the defaults.
    """

    def __init__(self, settings: TextFilterSettings | None = None) -> None:
        # Imported when first used: their patterns take some 50 ms to load, and not everybody filters text.
        from trialogue.actors.text_filter._markup import MarkupStage
        from trialogue.actors.text_filter._reading import ReadingStage

        settings = settings or TextFilterSettings()
        self._sources = SourceMap()
        self._markup = MarkupStage(settings, self._sources)
        self._reading = ReadingStage(settings)
        self._covered = 0  # up to where pieces cover the source

    def push(self, delta: str) -> list[SpeakablePiece]:
        """Take more of the source; return the pieces that became certain."""
        clean = self._markup.plain(delta)
        if clean is None:
            clean = self._markup.feed(delta)
            if not clean:
                return []
        readings = self._reading.feed(clean)
        return self._pieces(readings) if readings else []

    def finish(self) -> list[SpeakablePiece]:
        """Say that the source is complete; return the remaining pieces."""
        pieces = self._pieces(self._reading.feed(self._markup.feed("", final=True), final=True))
        received = self._markup.taken()
        if self._covered < received:
            pieces.append(SpeakablePiece(text="", start=self._covered, end=received))
            self._covered = received
        return pieces

    def on_stall(self) -> list[SpeakablePiece]:
        """Say that the source has stalled: a sentence that waits only for what might follow its end is released.

        Open markup stays open. What comes out afterwards depends on where the source stalled.
        """
        return self._pieces(self._reading.feed("", final=True)) if self.holds_sentence() else []

    def next_char(self) -> str:
        """The character that `push` will give next, whatever follows; "" where that is not certain."""
        return self._reading.next_char()

    def rest(self) -> str | None:
        """What is held back, as it comes out if a blank follows; None where that is not so simple."""
        return None if self._markup.held() else self._reading.rest()

    def holds_sentence(self) -> bool:
        """Whether `on_stall` would release something."""
        return self._reading.ends_sentence()

    def held_chars(self) -> int:
        """How many characters wait for what follows them."""
        return self._markup.held() + self._reading.held()

    def take_events(self) -> list[UnclosedBlock]:
        """What went wrong since the last call: blocks that never closed and were read as text."""
        return self._markup.events()

    def _pieces(self, readings: list[Reading]) -> list[SpeakablePiece]:
        pieces: list[SpeakablePiece] = []
        shift, covered = self._sources.shift, self._covered
        if shift is None:
            readings, shift = self._sources.place(readings), 0
        for text, start, end in readings:
            begins, ends = start + shift, end + shift
            if begins > covered:
                pieces.append(SpeakablePiece(text="", start=covered, end=begins))
            pieces.append(SpeakablePiece(text=text, start=covered if begins < covered else begins, end=ends))
            covered = ends
        self._covered = covered
        return pieces


def speakable(text: str, *, language: str = "en") -> str:
    """What a voice says for a whole text."""
    text_filter = TextFilter(TextFilterSettings(language=language))
    return "".join([piece.text for piece in (*text_filter.push(text), *text_filter.finish())])
