"""Session time: seconds since the microphone's first sample."""

from __future__ import annotations

import trio

from trialogue.engine import ConfigurationError


class SessionTime:
    """The one place that knows when the session began."""

    def __init__(self) -> None:
        self._epoch_s: float | None = None

    def begin(self) -> None:
        """The session begins now."""
        self._epoch_s = trio.current_time()

    @property
    def epoch_s(self) -> float:
        """When it began, on Trio's clock, seconds.

        Raises:
            ConfigurationError: it has not.
        """
        if self._epoch_s is None:
            raise ConfigurationError("the session is not running; use it inside `async with session:`")
        return self._epoch_s

    @property
    def now_s(self) -> float:
        """Seconds since the beginning. Raises as `epoch_s`."""
        return trio.current_time() - self.epoch_s
