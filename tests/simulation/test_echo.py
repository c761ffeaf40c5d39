"""The agent does not interrupt itself, and the caller still can."""

from __future__ import annotations

import math

import attrs
import pytest

from tests.simulation.echo import listen, unguarded
from trialogue.actors import VadSettings
from trialogue.agents import Agent, AgentPaused, AgentStoppedSpeaking, SessionSettings, UserStartedSpeaking
from trialogue.agents.testing import DEFAULT_ANSWER, Caller, Scenario, Wire, check_laws, simulate
from trialogue.providers import find_model

#: A tenth of the voice.
ECHO_DB = -20.0


async def listens(caller: Caller) -> None:
    """To a long speech."""
    await caller.session.say(DEFAULT_ANSWER).wait()


async def interrupts(caller: Caller) -> None:
    """A caller as loud as the agent."""
    caller.session.say(DEFAULT_ANSWER)
    await caller.hears("Every good boy")
    await caller.says("Stop that please")
    await caller.hears("All right.")


def scenario(script: object, *, guarded: bool = True) -> Scenario:
    """A call on a telephone that echoes, whose detector is never in doubt."""
    assert callable(script)
    settings = SessionSettings() if guarded else attrs.evolve(SessionSettings(), vad=VadSettings(echo_db=-math.inf))
    wire = Wire(echo_db=ECHO_DB)
    return Scenario(caller=script, answers=["All right."], settings=settings, wire=wire, level="sound")


def test_an_echo_20_db_below_is_not_taken_for_the_caller() -> None:
    call = simulate(Agent(instructions=""), scenario(listens))
    assert not call.of(UserStartedSpeaking)
    call.never_interrupted()
    check_laws(call)


def test_without_its_guard_the_agent_hears_itself() -> None:
    call = simulate(Agent(instructions=""), scenario(listens, guarded=False))
    assert call.of(UserStartedSpeaking)
    assert call.of(AgentPaused)


def test_the_caller_is_heard_through_the_echo() -> None:
    call = simulate(Agent(instructions=""), scenario(interrupts))
    call.interrupted_within(0.1)
    call.agent.heard("Stop that please")
    call.agent.said("All right.")
    assert len(call.of(UserStartedSpeaking)) == 1
    check_laws(call)


needs_silero = pytest.mark.skipif(find_model("silero") is None, reason="needs `trialogue models fetch silero`")


@needs_silero
@pytest.mark.integration
def test_a_real_voice_in_a_real_ear_interrupts_nobody() -> None:
    """An hour of it: `python tests/simulation/echo.py`."""
    call = listen(0.5, ECHO_DB)
    assert not call.of(UserStartedSpeaking)
    assert all(event.interrupted is None for event in call.of(AgentStoppedSpeaking))


@needs_silero
@pytest.mark.integration
def test_without_its_guard_a_real_ear_hears_a_real_voice() -> None:
    assert listen(0.1, ECHO_DB, unguarded()).of(UserStartedSpeaking)
