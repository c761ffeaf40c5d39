"""How fast simulated calls pass, and that they are the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import attrs
import pytest

from trialogue.agents import Agent, AgentStoppedSpeaking
from trialogue.agents.testing import DEFAULT_ANSWER, HangsUp, Says, Scenario, check_laws, simulate

if TYPE_CHECKING:
    from trialogue.agents.testing import Call

pytestmark = pytest.mark.integration

TURN_S = 12.0
BARGE_INS = 50


def chatter(turns: int) -> Scenario:
    """A caller who lets the agent finish nothing."""
    begins = Says(at_s=0.5, text="Tell me a story please")
    interrupts = [
        Says(at_s=0.5 + TURN_S * (turn + 1) - 3, text="wait tell me another one", for_s=1.5) for turn in range(turns)
    ]
    return Scenario(caller=[begins, *interrupts, HangsUp(at_s=TURN_S * (turns + 1))], then=DEFAULT_ANSWER)


def barge_ins(call: Call) -> int:
    """How often the agent was interrupted while it spoke."""
    return sum(bool(event.interrupted and event.played_s) for event in call.of(AgentStoppedSpeaking))


def cpu_s(scenario: Scenario) -> tuple[float, Call]:
    """What a call costs at best, CPU seconds."""
    held: list[tuple[float, Call]] = []
    for _ in range(3):
        began_s = time.process_time()
        call = simulate(Agent(instructions="Be kind."), scenario)
        held.append((time.process_time() - began_s, call))
    return min(held, key=lambda each: each[0])


def test_ten_minutes_with_fifty_barge_ins_pass_in_a_second() -> None:
    took_s, call = cpu_s(chatter(BARGE_INS))
    assert call.record.left_s >= 600
    assert barge_ins(call) == BARGE_INS
    check_laws(call)
    assert took_s < 1.0


def test_with_sound_a_call_passes_fifty_times_as_fast_as_it_is_heard() -> None:
    took_s, call = cpu_s(attrs.evolve(chatter(5), level="sound"))
    assert barge_ins(call) == 5
    check_laws(call)
    assert call.record.left_s / took_s >= 50


def test_a_log_is_the_same_in_every_process() -> None:
    program = (
        "import hashlib; from tests.simulation.test_speed import chatter; "
        "from trialogue.agents import Agent; from trialogue.agents.testing import simulate; "
        "print(hashlib.sha256(simulate(Agent(instructions=''), chatter(3)).log().encode()).hexdigest())"
    )
    logs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(logs) == 1
