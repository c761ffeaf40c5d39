"""How a contract is checked: rule by rule, each with a time in which it must be done, and a name when it is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import trio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

SubjectT = TypeVar("SubjectT")

#: How long one rule may take, seconds: a recogniser that loads half a second for each session stays far below.
WITHIN_S: Final = 30.0


class ContractBroken(AssertionError):
    """A provider does not do what its protocol says.

    Args:
        rule: which rule it broke, as a sentence.
        provider: what was checked.
        happened: what it did.
    """

    def __init__(self, rule: str, *, provider: str, happened: str) -> None:
        super().__init__(f"{provider} breaks the rule: {rule}\n{happened}")
        self.rule = rule
        self.happened = happened


class _Finding(Exception):
    """What a rule found wrong."""


def need(fact: bool, otherwise: str) -> None:
    """Find fault unless something holds.

    Args:
        fact: what must hold.
        otherwise: what to say when it does not.
    """
    if not fact:
        raise _Finding(otherwise)


async def check_rules(
    rules: Sequence[Callable[[SubjectT], Awaitable[None]]], subject: SubjectT, *, provider: str, within_s: float
) -> None:
    """Check rules in order; the first line of each one's docstring is what it says.

    Raises:
        ContractBroken: by the first rule that does not hold.
    """
    for rule in rules:
        name = (rule.__doc__ or rule.__name__).partition("\n")[0]
        try:
            with trio.fail_after(within_s):
                await rule(subject)
        except trio.TooSlowError as error:
            raise ContractBroken(name, provider=provider, happened=f"it was not done after {within_s:g} s") from error
        except Exception as error:
            # A supervisor: whatever comes out of a provider where nothing should, breaks the rule.
            raise ContractBroken(name, provider=provider, happened=_told(error)) from error


def _told(error: Exception) -> str:
    """What happened: the first finding, else the error as it is."""
    if isinstance(error, _Finding):
        return str(error)
    if isinstance(error, ExceptionGroup):
        findings = error.subgroup(_Finding)
        return _told((findings or error).exceptions[0])
    return f"it raised {type(error).__name__}: {error}"
