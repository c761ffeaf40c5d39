"""Where clean text came from."""

from __future__ import annotations

from bisect import bisect_right

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
        copied = len(text) == end - start
        if not (copied and self._copied[-1] and self._ends[-1] == start):
            self._open(start, copied=copied)
        self._ends[-1] = end
        self._length += len(text)

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

    def start_of(self, at: int) -> int:
        """Where the character at `at` begins in the source."""
        index = bisect_right(self._at, at) - 1
        into = at - self._at[index]
        if self._copied[index]:
            return self._starts[index] + into
        return self._ends[index] if into else self._starts[index]

    def end_of(self, at: int) -> int:
        """Where the character before `at` ends in the source."""
        index = bisect_right(self._at, at - 1) - 1
        return self._starts[index] + at - self._at[index] if self._copied[index] else self._ends[index]

    def forget(self, at: int) -> None:
        """Drop what lies wholly before `at`."""
        if len(self._at) > 1 and (index := bisect_right(self._at, at) - 1) > 0:
            for runs in (self._at, self._starts, self._ends):
                del runs[:index]
            del self._copied[:index]
            self.shift = self._starts[0] - self._at[0] if len(self._at) == 1 and self._copied[0] else None
