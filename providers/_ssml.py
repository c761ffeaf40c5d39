"""A sentence with its marks of delivery as SSML, the W3C's markup for speech. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trialogue.frames import Delivery, DeliveryMark

#: What SSML 1.1 has elements for, and how they begin and end; a pause has no inside.
_ELEMENTS: Final[dict[Delivery, tuple[str, str]]] = {
    "pause": ('<break time="400ms"/>', ""),
    "emphasis": ('<emphasis level="strong">', "</emphasis>"),
    "slow": ('<prosody rate="75%">', "</prosody>"),
    "fast": ('<prosody rate="130%">', "</prosody>"),
    "soft": ('<prosody volume="soft">', "</prosody>"),
    "loud": ('<prosody volume="loud">', "</prosody>"),
}

UNDERSTOOD: Final[frozenset[Delivery]] = frozenset(_ELEMENTS)
"""What can be said so."""

_ESCAPED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Ssml:
    """A sentence for a voice that speaks SSML, and the way back from places in that to places in the sentence.

    Args:
        text: the sentence.
        marks: how parts of it are to be said; those that have no element, or overlap another one without being in it,
            are left out. Without any, the text is as it was.
    """

    def __init__(self, text: str, marks: Sequence[DeliveryMark]) -> None:
        self.text = text
        kept = _nested([mark for mark in marks if mark.delivery in _ELEMENTS and mark.end <= len(text)])
        self.is_marked = bool(kept)
        self._places: list[int] = []  # of each character of the document: where it is in the text
        if kept:
            self.document = self._written(kept)
        else:
            self.document = text

    def position(self, at: int) -> int:
        """Where in the text a character of the document stands."""
        if not self.is_marked:
            return at
        return self._places[at] if at < len(self._places) else len(self.text)

    def _written(self, marks: list[DeliveryMark]) -> str:
        parts: list[str] = []

        def write(part: str, place: int) -> None:
            parts.append(part)
            self._places += [place] * len(part)

        for place in range(len(self.text) + 1):
            for mark in reversed(marks):  # the inner ones began later, and end first
                if mark.end == place and mark.start < place:
                    write(_ELEMENTS[mark.delivery][1], place)
            for mark in marks:
                if mark.start == place:
                    write(_ELEMENTS[mark.delivery][0], place)
            if place < len(self.text):
                write(_ESCAPED.get(self.text[place], self.text[place]), place)
        return "".join(parts)


def _nested(marks: list[DeliveryMark]) -> list[DeliveryMark]:
    """The marks that are inside or outside of each other, the outer ones first; empty ones are pauses."""
    kept: list[DeliveryMark] = []
    for mark in sorted(marks, key=lambda each: (each.start, -each.end)):
        inside = mark.start < mark.end or mark.delivery == "pause"
        if inside and not any(other.start < mark.start < other.end < mark.end for other in kept):
            kept.append(mark)
    return kept
