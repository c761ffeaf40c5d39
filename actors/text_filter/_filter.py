"""The text filter: what the model wrote becomes what a voice can say."""

from __future__ import annotations

from bisect import bisect_right

from trialogue.actors.text_filter._markup import MarkupStage
from trialogue.actors.text_filter._reading import Reading, ReadingStage
from trialogue.actors.text_filter._scan import Run, UnclosedBlock
from trialogue.actors.text_filter._settings import TextFilterSettings
from trialogue.frames import SpeakablePiece


class TextFilter:
    """Turns a stream of written text into pieces of speakable text, each with its span in the source.

    The pieces' spans cover the source in order, without gap or overlap; text that is taken out is a piece with empty
    text. However the source is cut into deltas, the pieces are the same.

    Args:
        settings: the language and the rules; None for the defaults.
    """

    def __init__(self, settings: TextFilterSettings | None = None) -> None:
        settings = settings or TextFilterSettings()
        self._markup = MarkupStage(settings)
        self._reading = ReadingStage(settings)
        self._sources = SourceMap()
        self._events: list[UnclosedBlock] = []
        self._received = 0  # characters of source
        self._covered = 0  # up to where pieces cover the source

    def push(self, delta: str) -> list[SpeakablePiece]:
        """Take more of the source; return the pieces that became certain."""
        return self._feed(delta, final=False)

    def finish(self) -> list[SpeakablePiece]:
        """Say that the source is complete; return the remaining pieces."""
        pieces = self._feed("", final=True)
        if self._covered < self._received:
            pieces.append(SpeakablePiece(text="", start=self._covered, end=self._received))
            self._covered = self._received
        return pieces

    def stalled(self) -> list[SpeakablePiece]:
        """Say that the source has stalled: a sentence that waits only for what might follow its end is released.

        Open markup stays open. What comes out afterwards depends on where the source stalled.
        """
        return self._pieces(self._reading.feed("", final=True)) if self._reading.ends_sentence() else []

    def take_events(self) -> list[UnclosedBlock]:
        """What went wrong since the last call: blocks that never closed and were read as text."""
        told, self._events = self._events, []
        return told

    def _feed(self, delta: str, *, final: bool) -> list[SpeakablePiece]:
        self._received += len(delta)
        runs = self._markup.feed(delta, final=final)
        if events := self._markup.events():
            self._events += events
        for run in runs:
            self._sources.add(run)
        readings = self._reading.feed("".join([run.text for run in runs]), final=final)
        return self._pieces(readings)

    def _pieces(self, readings: list[Reading]) -> list[SpeakablePiece]:
        pieces: list[SpeakablePiece] = []
        for text, start, end in readings:
            source_start = max(self._sources.start_of(start), self._covered)
            source_end = max(self._sources.end_of(end), source_start)
            if source_start > self._covered:
                pieces.append(SpeakablePiece(text="", start=self._covered, end=source_start))
            pieces.append(SpeakablePiece(text=text, start=source_start, end=source_end))
            self._covered = source_end
        if readings:
            self._sources.forget(readings[-1].end)
        return pieces


class SourceMap:
    """Where each character of clean text came from. Bounded: what was asked for is forgotten."""

    def __init__(self) -> None:
        self._at: list[int] = []  # where each run begins in the clean text
        self._runs: list[Run] = []
        self._length = 0

    def add(self, run: Run) -> None:
        """Add the next run of clean text; one that continues the last without a change is joined to it."""
        text, start, end = run
        if self._runs:
            last = self._runs[-1]
            if last.end == start and _copied(last) and _copied(run):
                self._runs[-1] = Run("", last.start, end)
                self._length += len(text)
                return
        self._at.append(self._length)
        self._runs.append(Run("" if _copied(run) else text, start, end))
        self._length += len(text)

    def start_of(self, at: int) -> int:
        """Where the character at `at` begins in the source."""
        index = bisect_right(self._at, at) - 1
        run, into = self._runs[index], at - self._at[index]
        if _copied(run):
            return run.start + into
        return run.end if into else run.start

    def end_of(self, at: int) -> int:
        """Where the character before `at` ends in the source."""
        index = bisect_right(self._at, at - 1) - 1
        run = self._runs[index]
        return run.start + at - self._at[index] if _copied(run) else run.end

    def forget(self, at: int) -> None:
        """Drop what lies wholly before `at`."""
        index = bisect_right(self._at, at) - 1
        if index > 0:
            del self._at[:index], self._runs[:index]


def _copied(run: Run) -> bool:
    """Whether the run is the source itself; stored runs carry text only where they are not."""
    return not run.text or len(run.text) == run.end - run.start


def speakable(text: str, *, language: str = "en") -> str:
    """What a voice says for a whole text."""
    text_filter = TextFilter(TextFilterSettings(language=language))
    return "".join(piece.text for piece in (*text_filter.push(text), *text_filter.finish()))
