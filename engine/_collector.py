"""Python's garbage collector, kept from holding up calls.

Its youngest generation holds all that was replaced since it last ran, and with hundreds of calls that takes 50 ms and
more to go through: too long for all of them. But neither a turn nor an ended session leaves a cycle, so there is next
to nothing to be found that would not go by itself. What tools and libraries leave is collected when nobody is on the
line.
"""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

import attrs

from trialogue.engine._errors import ConfigurationError
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from collections.abc import Generator


@define(kw_only=True, eq=False)
class CollectBetweenCalls:
    """Has garbage collected while no call goes on. One for the process: the collector is the process's.

    Args:
        most_calls: where somebody is always on the line, it is collected after so many calls all the same, which may
            hold the others up for some tenths of a second.

    Raises:
        ConfigurationError: `most_calls` is below 1.
    """

    most_calls: int = 1_000
    _go_on: int = attrs.field(default=0, init=False)
    _ended: int = attrs.field(default=0, init=False)  # since all was collected
    _was_enabled: bool = attrs.field(default=True, init=False)

    def __attrs_post_init__(self) -> None:
        if self.most_calls < 1:
            raise ConfigurationError(f"garbage is collected after 1 call or more, not {self.most_calls}")

    @contextlib.contextmanager
    def call(self) -> Generator[None, None, None]:
        """Hold one call inside; any number of them at once."""
        if not self._go_on:
            self._was_enabled = gc.isenabled()
            gc.disable()
        self._go_on += 1
        try:
            yield
        finally:
            self._go_on -= 1
            self._ended += 1
            if not self._go_on or self._ended >= self.most_calls:
                self._ended = 0
                gc.collect()
            if not self._go_on and self._was_enabled:
                gc.enable()
