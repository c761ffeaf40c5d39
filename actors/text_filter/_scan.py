"""The markup scanner's position, context and output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from trialogue.actors.text_filter._settings import TextFilterSettings
from trialogue.actors.text_filter._sources import SourceMap
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    import re


Verdict = tuple[int, str | None, bool]
"""What becomes of a construct, see `judged`. A bare tuple, since there is one for each mark."""


def judged(end: int, text: str | None = "", *, eats_space: bool = False) -> Verdict:
    """What becomes of the source from the construct's first character up to `end`.

    Args:
        end: where the construct ends in the scanner's text.
        text: what is written for it; None means that it is copied.
        eats_space: whether the blanks before it go too when a blank, a closing mark or the end follows.
    """
    return end, text, eats_space


HOLD: Final = judged(-1)
"""The construct cannot be judged before more text arrives."""

BLANKS: Final = " \t"


WAKE_OVERLAP: Final = 60
"""Characters that are searched again when more arrive: a closing mark may be cut anywhere."""

MAX_RUN_CHARS: Final = 60
"""Characters of a run of marks or blanks that are judged together; bounds what is held back."""


@frozen(kw_only=True)
class UnclosedBlock:
    """A code fence or think block that never closed, so what it held was read as text.

    Args:
        kind: "fence", "thinking" or "html".
        start: where it opens in the source, in characters.
        chars: how much text was held back for it.
    """

    kind: str
    start: int
    chars: int


@define
class Blocks:
    """The block that is open, if one is, and what became of earlier ones.

    Args:
        wake: without this what is open cannot close; None while nothing is open.
        wake_chars: at how many characters held back it is given up.
        searched: by closing mark, up to where it was searched for and is not, source offsets.
        late: kinds that were given up, whose closing mark may still come.
        events: blocks given up, not yet told.
    """

    wake: re.Pattern[str] | None = None
    wake_chars: int = 0
    searched: dict[str, int] = attrs.field(factory=dict)
    late: set[str] = attrs.field(factory=set)
    events: list[UnclosedBlock] = attrs.field(factory=list)


@define
class Scan:
    """What a markup rule sees. Invariant: context to the left is what was *written*, never what was read.

    A second pass over the output then finds the same context, which makes the filter idempotent.
    """

    settings: TextFilterSettings
    sources: SourceMap = attrs.field(factory=SourceMap)
    text: str = ""
    base: int = 0  # source offset of text[0]
    final: bool = False
    last: str = "\n"  # the last character written
    before: str = "\n"  # like last, but a blank where blanks wait to be written
    blank: bool = True  # nothing but blanks written on this line
    starred: bool = False  # a single star has opened emphasis
    heading: bool = False  # whether this line is one
    brackets: int = 0  # square brackets that opened a possible link
    blocks: Blocks = attrs.field(factory=Blocks)

    def char(self, at: int) -> str | None:
        """The character there; "" past the end of the source; None where it has not arrived."""
        if at < len(self.text):
            return self.text[at]
        return "" if self.final else None

    def after(self, at: int, chars: str) -> int | None:
        """The first place from `at` on that holds none of `chars`, looking at no more than a bounded run.

        None where that place has not arrived.
        """
        text, end = self.text, min(len(self.text), at + MAX_RUN_CHARS)
        stop = at + MAX_RUN_CHARS
        while at < end and text[at] in chars:
            at += 1
        return None if at == end < stop and not self.final else at

    def waits(self, at: int, limit: int) -> bool:
        """Whether what began at `at` may still be completed by text to come."""
        return not self.final and len(self.text) - at < limit

    def write(self, text: str, start: int, end: int) -> None:
        """Add output for text[start:end]; there is some."""
        self.sources.add(text, self.base + start, self.base + end)
        self.last = text[-1]
        if "\n" in text:
            self.blank, self.starred, self.heading, self.brackets = True, False, False, 0
            text = text[text.rindex("\n") + 1 :]
        if self.blank and text.strip(BLANKS):
            self.blank = False
