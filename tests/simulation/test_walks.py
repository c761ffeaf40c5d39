"""Random walks over whole sessions: two thousand here, any number with `python tests/simulation/random_walks.py`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator
from typing import Literal

import pytest

from tests.simulation import random_walks
from tests.simulation.random_walks import Walks, batch
from trialogue.agents import Agent
from trialogue.agents.testing import Call, Coughs, HangsUp, Scenario, simulate

#: Scenarios of one test; more would take it a minute on a machine that has much else to do.
SIZE = 250


@pytest.fixture(autouse=True)
def _quiet() -> Generator[None, None, None]:
    """Faults are what the walks are made of."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def hold(seed: int, size: int, level: Literal["text", "sound"]) -> None:
    """Calls drawn with one seed; where one breaks a law, what comes out is the smallest that does."""
    walks = Walks(wanted=size, level=level)
    batch(walks, seed, size)
    assert walks.held >= size * 0.8  # hypothesis does not hold the same one twice


@pytest.mark.property
@pytest.mark.parametrize("seed", range(8))
def test_every_call_keeps_the_laws(seed: int) -> None:
    hold(seed, SIZE, "text")


@pytest.mark.property
@pytest.mark.parametrize("seed", range(2))
def test_every_call_with_sound_keeps_the_laws(seed: int) -> None:
    hold(seed, SIZE // 10, "sound")


@pytest.mark.property
def test_a_call_that_fails_is_made_small_and_printed_as_python(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = simulate(Agent(instructions=""), Scenario(caller=[HangsUp(at_s=0.0)]))

    def nobody_may_cough(scenario: Scenario) -> Call:
        assert not callable(scenario.caller)
        assert not any(isinstance(action, Coughs) for action in scenario.caller), "somebody coughed"
        return nothing

    monkeypatch.setattr(random_walks, "walk", nobody_may_cough)
    monkeypatch.setattr(sys, "argv", ["random_walks.py", "--scenarios", "300", "--seed", "5"])
    assert random_walks.main() == 1
    printed = capsys.readouterr().out
    assert "somebody coughed" in printed
    assert "walk(Scenario(caller=[" in printed
    assert "Coughs(at_s=0.0, for_s=0.04)]" in printed
