"""What can be said about a place in the text where a sentence may end."""

from __future__ import annotations

from typing import Final

Verdict = tuple[int, int]
"""A decision that no later character can change, or WAIT: where to cut, and where to go on if nothing is cut; or 0."""

WAIT: Final = (0, 0)
"""Not certain before more characters have come."""


def cut_at(position: int) -> Verdict:
    """A sentence ends before this position."""
    return position, 0


def go_on(position: int) -> Verdict:
    """No sentence ends before this position."""
    return 0, position
