"""Clean text, and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trialogue.actors.text_filter._reading import Reading

COPIED: Final = -1
"""Stands for the end of a run's source where the run is its source, character by character."""


class SourceMap:
    """Where each character of clean text came from. Bounded: what was asked for is forgotten."""

    def __init__(self) -> None:
        # Where each run begins in the clean text and in the source, and where its source ends if that was rewritten.
        # Invariant: the last one is copied, so that more of the same costs nothing but a new `until`.
        self._runs: list[tuple[int, int, int]] = [(0, 0, COPIED)]
        self._written: list[str] = []
        #: Where the source of the last run ends.
        self.until = 0
        # How far all of the source is shifted against the clean text; None where that differs.
        self.shift: int | None = 0

    def add(self, text: str, start: int, end: int) -> None:
        """Write clean text, for `take`.

        Args:
            text: there is some.
            start: where its source begins.
            end: where its source ends; text that is as long as its source was copied.
        """
        self._written.append(text)
        size = len(text)
        if size == end - start:
            if self.until != start:
                self.begin(start)
            self.until = end
            return
        runs = self._runs
        at = self._end_of_empty()
        runs.append((at, start, end))
        runs.append((at + size, end, COPIED))
        self.until, self.shift = end, None

    def take(self) -> str:
        """What was written since the last call."""
        written = "".join(self._written)
        self._written.clear()
        return written

    def begin(self, start: int) -> None:
        """Begin another copied run, of which the source begins there; what it holds is added to `until`."""
        at = self._end_of_empty()
        self._runs.append((at, start, COPIED))
        self.shift = start - at if len(self._runs) == 1 else None

    def _end_of_empty(self) -> int:
        """Where the clean text ends; the last run goes if nothing is in it."""
        at, start, _ = self._runs[-1]
        size = self.until - start
        if not size:
            del self._runs[-1]
        return at + size

    def place(self, readings: list[Reading]) -> list[Reading]:
        """The same with their places in the source; what the last of them came from, and all before it, is forgotten.

        Args:
            readings: with their places in the clean text, in order; none is empty there.
        """
        runs = self._runs
        index, last, end = 0, len(runs) - 1, 0
        placed: list[Reading] = []
        for text, start, end in readings:
            while index < last and runs[index + 1][0] <= start:
                index += 1
            at, source, ends = runs[index]
            begins = source + start - at if ends == COPIED else ends if start > at else source
            while index < last and runs[index + 1][0] < end:
                index += 1
            at, source, ends = runs[index]
            placed.append((text, begins, source + end - at if ends == COPIED else ends))
        if index < last and runs[index + 1][0] == end:
            index += 1
        if index:
            del runs[:index]
            if len(runs) == 1:
                self.shift = runs[0][1] - runs[0][0]
        return placed
