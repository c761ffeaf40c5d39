"""What can be said about a place in the text where a sentence may end."""

from __future__ import annotations

from typing import Final, NamedTuple


class Verdict(NamedTuple):
    """A decision that no later character can change, or WAIT.

    Args:
        cut: where to cut, or 0.
        resume: where to look on if nothing is cut, or 0.
    """

    cut: int
    resume: int


WAIT: Final = Verdict(0, 0)
"""Not certain before more characters have come."""


def cut_at(position: int) -> Verdict:
    """A sentence ends before this position."""
    return Verdict(position, 0)


def go_on(position: int) -> Verdict:
    """No sentence ends before this position."""
    return Verdict(0, position)
