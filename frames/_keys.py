"""Keys of a telephone."""

from __future__ import annotations

from trialogue.frames._attrs import frozen


@frozen(kw_only=True)
class KeyPressed:
    """The user pressed a key.

    Args:
        key: one of 0 to 9, `*`, `#`, A to D.
        at_s: when its tone began, session time, seconds.
    """

    key: str
    at_s: float
