"""Random walks over whole sessions: two thousand here, any number with `python tests/simulation/random_walks.py`."""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Literal

import pytest

from tests.simulation.random_walks import Walks, batch

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
