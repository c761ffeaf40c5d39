"""The library's agent: it greets, reserves books and renews loans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import trio

from trialogue.agents import Agent, tool

if TYPE_CHECKING:
    from trialogue.agents import Session

#: How long the catalogue takes to answer, seconds.
_CATALOGUE_S = 0.7

#: How long a book is on its way to a branch, days; nearer branches first.
_DAYS = {"Central": 1, "Riverside": 2, "Hill Street": 3}

#: Weeks until a copy comes back of what everybody wants to read.
_ON_LOAN_WEEKS = {"Dracula": 4, "Frankenstein": 2}

#: No card may renew more books than that at once.
_MOST_RENEWALS = 6


@tool
async def reserve_book(
    title: str, branch: Literal["Central", "Riverside", "Hill Street"], name: str
) -> dict[str, str | int]:
    """Reserve a book. Call it once the reader has confirmed title and branch.

    Args:
        title: the book's title.
        branch: where the reader collects it.
        name: the name on the reader's card.
    """
    await trio.sleep(_CATALOGUE_S)
    if title in _ON_LOAN_WEEKS:
        return {"status": "on loan", "weeks": _ON_LOAN_WEEKS[title], "name": name}
    return {"status": "reserved", "days": _DAYS[branch], "name": name}


@tool
def renew_loans(books: int, name: str) -> dict[str, str]:
    """Renew all loans of a reader.

    Args:
        books: how many books the reader has.
        name: the name on the reader's card.
    """
    if books > _MOST_RENEWALS:
        return {"status": "refused", "reason": f"no more than {_MOST_RENEWALS} at once", "name": name}
    return {"status": "renewed", "name": name}


class Library(Agent):
    """Greets the reader."""

    async def on_enter(self, session: Session) -> None:
        """Greet."""
        session.reply()


def make_agent() -> Agent:
    """The agent, new for each call."""
    return Library(
        instructions="You answer the phone of Willow Park Library. You reserve books and renew loans. Be brief.",
        tools=[reserve_book, renew_loans],
    )
