"""Text and numbers as XHTML wants them."""

from __future__ import annotations

from trialogue.agents.testing._markup import text as text  # as the pages of suites have it


def number(value: float, places: int = 3) -> str:
    """A number without needless zeros."""
    return f"{round(value, places):.{places}f}".rstrip("0").rstrip(".") if places else f"{value:.0f}"


def clock(at_s: float) -> str:
    """Session time for people: 1:02.34."""
    minutes, seconds = divmod(round(at_s * 100), 6000)
    return f"{minutes}:{seconds / 100:05.2f}"


def clock_link(at_s: float) -> str:
    """Session time that can be clicked to go there."""
    return f'<a class="at" href="#timeline" data-at="{number(at_s)}">{clock(at_s)}</a>'
