"""Draws the simulated call that the guide to testing shows: `python docs/make_simulated_call.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import trio

from trialogue.agents import Agent, Session, tool
from trialogue.agents.testing import Answer, Caller, Scenario, simulate
from trialogue.frames import ToolCall

PICTURE: Final = Path(__file__).parent / "pictures" / "simulated-call.svg"

STORY: Final = "Well, on Saturday there is the big table by the window, or the small one near the kitchen door."


@tool
async def book_table(people: int) -> str:
    """Book a table."""
    await trio.sleep(0.6)
    return f"booked for {people}"


class Waiter(Agent):
    """Takes bookings."""

    async def on_enter(self, session: Session) -> None:
        """Greet."""
        session.say("Hello. How can I help you?")


async def calls(caller: Caller) -> None:
    """What the caller does."""
    await caller.hears("How can I help you?")
    await caller.says("I'd like a table")
    await caller.hears("on Saturday")
    await caller.coughs(0.6)
    await caller.hears("the big table")
    await caller.says("No for four people please")
    await caller.hears("is booked.")


def draw() -> str:
    """The picture."""
    waiter = Waiter(instructions="You take bookings.", tools=[book_table])
    booking = Answer([ToolCall(call_id="1", name="book_table", arguments='{"people": 4}')])
    return simulate(waiter, Scenario(caller=calls, answers=[STORY, booking, "Your table is booked."])).timeline_svg()


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
