"""Where clean text came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialogue.actors.text_filter._reading import Reading
    from trialogue.actors.text_filter._scan import Run


class SourceMap:
    """Where each character of clean text came from. Bounded: what was asked for is forgotten."""

    def __init__(self) -> None:
        self._at = [0]  # where each run begins in the clean text
        self._starts = [0]  # where its source begins
        self._ends = [0]  # where its source ends
        self._copied = [True]  # whether it is its source, character by character
        self._length = 0
        # How far all of the source is shifted against the clean text; None where that differs.
        self.shift: int | None = 0

    def add(self, run: Run) -> None:
        """Add the next run of clean text; one that continues the last without a change is joined to it."""
        text, start, end = run
        size = len(text)
        copied = size == end - start
        if not copied or self._ends[-1] != start or not self._copied[-1]:
            self._open(start, copied=copied)
        self._ends[-1] = end
        self._length += size

    def extend(self, start: int, size: int) -> None:
        """Add text that is copied from the source."""
        if not (self._copied[-1] and self._ends[-1] == start):
            self._open(start, copied=True)
        self._ends[-1] = start + size
        self._length += size

    def _open(self, start: int, *, copied: bool) -> None:
        self._at.append(self._length)
        self._starts.append(start)
        self._ends.append(start)
        self._copied.append(copied)
        self.shift = None

    def place(self, readings: list[Reading]) -> list[Reading]:
        """The same with their places in the source; what the last of them came from, and all before it, is forgotten.

        Args:
            readings: with their places in the clean text, in order; none is empty there.
        """
        at, starts, ends, copied = self._at, self._starts, self._ends, self._copied
        index, last = 0, len(at) - 1
        placed: list[Reading] = []
        for text, start, end in readings:
            while index < last and at[index + 1] <= start:
                index += 1
            if copied[index]:
                begins = starts[index] + start - at[index]
            else:
                begins = ends[index] if start > at[index] else starts[index]
            while index < last and at[index + 1] < end:
                index += 1
            placed.append((text, begins, starts[index] + end - at[index] if copied[index] else ends[index]))
        self._forget(index + (index < last and at[index + 1] == end))
        return placed

    def _forget(self, index: int) -> None:
        """Drop the runs before this one."""
        if index:
            for runs in (self._at, self._starts, self._ends, self._copied):
                del runs[:index]
            self.shift = self._starts[0] - self._at[0] if len(self._at) == 1 and self._copied[0] else None
