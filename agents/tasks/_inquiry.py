"""An inquiry: what was understood of a value so far, whether it is certain, and when it is enough. Pure."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar, get_args

from trialogue.agents.tasks._reading import Reader, Reading, Unreadable
from trialogue.engine import ConfigurationError, PolicyError

T = TypeVar("T")

#: When a value is said back before it counts.
Confirm = Literal["when unsure", "always", "never"]


class TooManyTries(Exception):
    """The user was not understood often enough; nobody wants to be asked once more."""


class Inquiry(Generic[T]):
    """Reads what is said, one try after another, until a value is certain.

    Args:
        read: reads values.
        confirm: when a value is said back.
        tries: so often it may be misread, or said back wrongly.

    Raises:
        ConfigurationError: there is no such way to confirm, or no try.
    """

    def __init__(self, read: Reader[T], *, confirm: Confirm, tries: int) -> None:
        if confirm not in get_args(Confirm) or tries < 1:
            raise ConfigurationError(
                f"an inquiry confirms {' or '.join(map(repr, get_args(Confirm)))} and has 1 try or more, not "
                f"{confirm!r} and {tries}"
            )
        self._read = read
        self._confirm = confirm
        self._left = tries
        #: What was read and waits to be confirmed.
        self.candidate: Reading[T] | None = None

    def read(self, said: str) -> Reading[T] | None:
        """Read a value; where there is none, that counts as a try.

        Returns:
            The value that is certain now; None where it is the candidate.

        Raises:
            Unreadable: there is none in it; what was the candidate before still is.
            TooManyTries: the same, and this was the last try.
        """
        try:
            return self.read_if_any(said)
        except Unreadable as error:
            self._miss(error)
            raise

    def read_if_any(self, said: str) -> Reading[T] | None:
        """Like `read`, but where there is none, that counts as nothing: it may be something else."""
        reading = self._read(said)
        if self._confirm == "never" or (self._confirm == "when unsure" and reading.sure):
            self.candidate = None
            return reading
        self.candidate = reading
        return None

    def answer(self, right: bool) -> Reading[T] | None:
        """The user says whether the candidate is right.

        Returns:
            The value that is certain now; None where it was wrong.

        Raises:
            PolicyError: there is no candidate.
            TooManyTries: it was wrong for the last time.
        """
        candidate, self.candidate = self.candidate, None
        if candidate is None:
            raise PolicyError("nothing was said back, so there is nothing to confirm")
        if right:
            return candidate
        self._miss(None)
        return None

    def _miss(self, error: Unreadable | None) -> None:
        self._left -= 1
        if self._left <= 0:
            raise TooManyTries(str(error or "what was said back was wrong")) from error
