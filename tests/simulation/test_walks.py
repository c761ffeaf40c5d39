"""Random walks over whole sessions: a few thousand here, any number with `python tests/simulation/random_walks.py`."""

from __future__ import annotations

import logging
from collections.abc import Generator

import hypothesis
import pytest

from tests.simulation.scenarios import scenarios, walk
from trialogue.agents.testing import Scenario

#: Why a scenario fails, its timeline tells; searching for the lines that only it runs takes longer than the walk.
PHASES = (hypothesis.Phase.explicit, hypothesis.Phase.reuse, hypothesis.Phase.generate, hypothesis.Phase.shrink)


@pytest.fixture(autouse=True)
def _quiet() -> Generator[None, None, None]:
    """Faults are what the walks are made of."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@hypothesis.given(scenario=scenarios)
@hypothesis.settings(max_examples=300, phases=PHASES)
def test_every_call_keeps_the_laws(scenario: Scenario) -> None:
    walk(scenario)
