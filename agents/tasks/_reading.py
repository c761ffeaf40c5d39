"""Reading values out of what was said: what a reading is, and the error where there is none. Pure."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from trialogue.agents.tools._tool_results import ToolError
from trialogue.frames._attrs import frozen

T_co = TypeVar("T_co", covariant=True)


class Unreadable(ToolError):
    """A value cannot be read, or is none that there can be; the message says what to ask for."""


@frozen(kw_only=True)
class Reading(Generic[T_co]):
    """What was read.

    Args:
        value: the value.
        spoken: the same as a voice says it back.
        sure: whether it cannot well be anything else; what is not sure is to be confirmed.
    """

    value: T_co
    spoken: str
    sure: bool = False


class Reader(Protocol[T_co]):
    """Reads values of a kind."""

    def __call__(self, said: str) -> Reading[T_co]:
        """Read a value.

        Args:
            said: the user's words, or the value as it is written.

        Raises:
            Unreadable: there is none in it.
        """
