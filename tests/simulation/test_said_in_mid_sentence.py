"""What a program says in the middle of the caller's sentence."""

from __future__ import annotations

import pytest
import trio

from trialogue.agents import Agent, AgentStoppedSpeaking, UserTurnEnded
from trialogue.agents.testing import Caller, Scenario, check_laws, simulate

NEWS = "By the way, the kitchen closes soon."


@pytest.mark.parametrize("protected", [False, True])
def test_it_is_said_once_and_the_turn_answered_behind_it(protected: bool) -> None:
    said: list[str | None] = []

    async def speaks(caller: Caller) -> None:
        async def insists() -> None:
            await caller.waits(1.0)
            for _ in range(20):  # who says it again until it was heard
                said.append(await caller.session.say(NEWS, protected=protected).wait())
                if said[-1] == "completed":
                    break

        async with trio.open_nursery() as nursery:
            nursery.start_soon(insists)
            await caller.says("I would like a table for four people please", for_s=2.5)
        await caller.hears("All right.")

    call = simulate(Agent(instructions=""), Scenario(caller=speaks, answers=["All right."]))
    check_laws(call)
    assert said == ["completed"]
    (turn,) = call.of(UserTurnEnded)
    assert turn.text == "I would like a table for four people please"
    assert [event.heard for event in call.of(AgentStoppedSpeaking)] == [NEWS, "All right."]
