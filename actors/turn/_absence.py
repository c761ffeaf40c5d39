"""Whether the user is still there. Pure."""

from __future__ import annotations

import math

from trialogue.frames._attrs import define


@define(kw_only=True)
class Absence:
    """How long nobody has spoken.

    Args:
        after_s: so long a silence means that the user is away, seconds; infinite: never.
        silent_since_s: since when nobody speaks, session time, seconds.
        told_s: the silence that was told of last, by its beginning.
        tools: whether the agent's tools run, and the user waits.
    """

    after_s: float
    silent_since_s: float = 0.0
    told_s: float = -math.inf
    tools: bool = False

    def sounded(self, until_s: float) -> None:
        """Somebody spoke, or there was another reason to wait, until then."""
        self.silent_since_s = max(self.silent_since_s, until_s)

    @property
    def due_s(self) -> float:
        """When the silence is long; infinite if that was told already, or has its reason."""
        return math.inf if self.tools or self.told_s >= self.silent_since_s else self.silent_since_s + self.after_s
