"""The restaurant's agent: it greets, and it can book tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trialogue.agents import Agent, tool

if TYPE_CHECKING:
    from trialogue.agents import Session

#: How long the reservation system takes to answer, seconds.
_SYSTEM_S = 0.4


@tool
async def book_table(people: int, day: str, time: str, name: str) -> dict[str, str]:
    """Book a table. Call it once all details are confirmed.

    Args:
        people: how many guests.
        day: the day, as the caller said it.
        time: the time, as the caller said it.
        name: who books.
    """
    await trio.sleep(_SYSTEM_S)
    return {"status": "booked", "reference": f"{name[:1].upper()}{people}{len(day) + len(time)}"}


class Restaurant(Agent):
    """Greets the caller."""

    async def on_enter(self, session: Session) -> None:
        """Greet."""
        session.reply()


def make_agent() -> Agent:
    """The agent, new for each call."""
    return Restaurant(
        instructions="You answer the phone of the Blue Lantern restaurant and book tables. Be brief and friendly.",
        tools=[book_table],
    )
