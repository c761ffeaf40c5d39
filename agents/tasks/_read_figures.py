"""Reading figures out of what was said: codes, and numbers of cards, which nobody writes down. English. Pure."""

from __future__ import annotations

from typing import Final

import attrs

from trialogue.agents.tasks._reading import Reading, Unreadable
from trialogue.agents.tasks._spoken import TIMES, digits_of, one_by_one, tokens_of, without_lead
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import frozen

_LEAD: Final = frozenset(
    "my the is it's its it that's that this yes yeah sure okay ok so well um uh er please card number code pin credit "
    "digits are i have number's account customer thanks thank you".split()
)

#: ISO/IEC 7812-1: so many figures has a card's number.
_CARD_FIGURES: Final = range(12, 20)


@frozen(kw_only=True)
class DigitsReader:
    """Reads a number of figures: a code, a customer's number.

    Args:
        fewest, most: how many there may be.
    """

    fewest: int = 1
    most: int = 32

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.fewest <= self.most:
            raise ConfigurationError(f"a code needs 1 <= fewest <= most, not {self.fewest} and {self.most}")

    def __call__(self, said: str) -> Reading[str]:
        """Read figures; it is sure where there are as many as there must be. Raises Unreadable."""
        digits = figures_of(said)
        if not self.fewest <= len(digits) <= self.most:
            wanted = str(self.fewest) if self.fewest == self.most else f"{self.fewest} to {self.most}"
            raise Unreadable(f"it must have {wanted} figures, and these are {len(digits)}; ask for all of them again")
        return Reading(value=digits, spoken=one_by_one(digits, 3), sure=self.fewest == self.most)


@frozen
class CardNumber:
    """The number of a card, which no text shows: `str` of it says how it ends.

    Args:
        digits: all of it, for who charges the card.
    """

    digits: str = attrs.field(repr=False)

    def __str__(self) -> str:
        return f"card ending in {self.digits[-4:]}"


def read_card(said: str) -> Reading[CardNumber]:
    """A card's number, whose last figure proves the others (ISO/IEC 7812-1, Luhn): it is always sure.

    Raises:
        Unreadable: there are too few figures, or too many, or they do not fit together; the message holds none of them.
    """
    digits = figures_of(said)
    if len(digits) not in _CARD_FIGURES:
        raise Unreadable(
            f"a card's number has {_CARD_FIGURES[0]} to {_CARD_FIGURES[-1]} figures, and these are {len(digits)}; ask "
            f"for all of them, in groups"
        )
    if not is_luhn(digits):
        raise Unreadable("these figures are no card's number: one of them must be wrong; ask for all of them again")
    card = CardNumber(digits)
    return Reading(value=card, spoken=f"the card that ends in {one_by_one(digits[-4:])}", sure=True)


def figures_of(said: str) -> str:
    """All figures that were said. Raises Unreadable where there are other words, without repeating any."""
    tokens = without_lead(tokens_of(said), _LEAD)
    while tokens and (tokens[-1] in _LEAD or tokens[-1] == "#"):
        tokens.pop()
    digits = digits_of(tokens)
    if not digits:
        raise Unreadable("there are words in it that are no figures; ask for it figure by figure")
    return digits


def count_figures(said: str) -> int:
    """How many figures are in what was said, among whatever else."""
    return sum(len(digits_of([token])) for token in tokens_of(said) if token != "o")  # no password


def without_figures(text: str, mark: str) -> str:
    """A text with a mark in the place of each run of words that say figures.

    Args:
        text: what was said, or is written.
        mark: what stands there instead.
    """
    words = text.split(" ")
    hidden = [_says_figures(word) for word in words]
    kept = [mark if hidden[at] else word for at, word in enumerate(words) if not (hidden[at] and at and hidden[at - 1])]
    return " ".join(kept)


def _says_figures(word: str) -> bool:
    """Whether there is a figure in a word, or how often one is meant; "o" by itself is none."""
    tokens = tokens_of(word)
    return any(map(str.isdecimal, word)) or any(digits_of([each]) or each in TIMES for each in tokens if each != "o")


def is_luhn(digits: str) -> bool:
    """Whether the last figure is the one that the others ask for."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
