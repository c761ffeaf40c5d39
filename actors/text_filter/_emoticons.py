"""Faces drawn with punctuation: `:-)`, `;)`, `:D`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from trialogue.actors.text._later import later

MOUTH: Final = r"(?:[)(]+|[DPpOo/](?!\w))"
FACES: Final = later(rf"(?:[:;]['’]?-?{MOUTH})+")
FACES_PREFIX: Final = later(rf"(?:[:;]['’]?-?{MOUTH})*(?:[:;]['’]?-?)?\Z")
MAX_FACE_CHARS: Final = 30
MAX_BEHIND_CHARS: Final = 12
"""Characters of a row of faces, and of what is looked at behind it; they bound what is held back."""
FREE: Final = later(r"[ \t]{1,9}|(?=[,!?…\n]|\.(?!\d)|\Z)")
"""What stands behind a face; the blanks go with it."""
EMPTY: Final = later(r"")
LETTER_BEHIND: Final = later(r"[ \t]{0,9}(?:[^\W_]|\n|\Z)")
PAUSE: Final = "…"
"""Stands for a face at the start of a line, where its absence would uncover what could be markup."""


def faces(text: str, at: int, *, fresh: bool, final: bool, signs: Callable[[str], bool]) -> tuple[int, str] | None:
    """Where a row of faces ends, with the blanks behind it, and what is said for it; None where there is none.

    The end is -1 where that is not certain yet.

    Args:
        text: the text as far as it has arrived.
        at: where a blank or the start of the line ends.
        fresh: whether that is the start of a line.
        final: whether no more text will come.
        signs: whether a sign is read as a word, so that a blank will stand before it.
    """
    stop = at + MAX_FACE_CHARS
    waits = not final and len(text) < stop + MAX_BEHIND_CHARS
    if waits and FACES_PREFIX.match(text, at):
        return -1, ""
    match = FACES.match(text, at, stop)
    if match is None:
        return None
    behind = FREE.match(text, match.end())
    if behind is None and signs(text[match.end() : match.end() + 1]):
        behind = EMPTY.match(text, match.end())
    if behind is None:
        return None
    if waits and (behind.end() == len(text) or text[behind.end() :] == "."):
        return -1, ""
    said = PAUSE + behind[0] if fresh and not LETTER_BEHIND.match(text, match.end()) else ""
    return behind.end(), said
