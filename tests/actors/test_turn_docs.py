"""The page on turn-taking says what the policy's tables and settings say."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from trialogue.actors.turn._machines import AGENT_TABLE, TURN_TABLE, USER_TABLE

DOCS = Path(__file__).resolve().parents[2] / "docs"

Maker = dict[str, Callable[..., str]]


@pytest.fixture(scope="module")
def maker() -> Maker:
    """What makes the picture and the tables."""
    return runpy.run_path(str(DOCS / "make_turn_taking.py"))


def test_the_picture_is_current(maker: Maker) -> None:
    made = (DOCS / "pictures" / "turn-states.svg").read_text(encoding="utf-8")
    assert made == maker["picture"](), "run `python docs/make_turn_taking.py`"


def test_the_tables_are_current(maker: Maker) -> None:
    page = (DOCS / "turn-taking.md").read_text(encoding="utf-8")
    assert page == maker["with_tables"](page), "run `python docs/make_turn_taking.py`"


def test_every_transition_is_in_the_picture(maker: Maker) -> None:
    drawing = ElementTree.fromstring(maker["picture"]())
    texts = [element.text for element in drawing.iter() if element.tag.endswith("text")]
    moves = {
        (before, after, event.__name__)
        for table in (USER_TABLE, AGENT_TABLE, TURN_TABLE)
        for (before, event), after in table.items()
        if before is not after
    }
    for name in {event for _, _, event in moves}:
        assert texts.count(name) == sum(event == name for _, _, event in moves), name
