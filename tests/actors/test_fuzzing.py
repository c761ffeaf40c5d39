"""The fuzz runs find what breaks a law, and make it small."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from tests.actors.fuzzing import Case, Failure, fuzz

if TYPE_CHECKING:
    from collections.abc import Sequence


def no_b_behind_an_a(text: str, places: Sequence[int], chosen: str) -> None:
    assert "b" not in text[text.find("a") :] or chosen != "strict"


def test_a_text_that_breaks_a_law_is_made_small() -> None:
    cases = iter((Case("xxb", (), "strict"), Case("xaxxxxbxx", (3,), "strict"), Case("ab", (), "lenient")))
    found = [*fuzz({"b": no_b_behind_an_a}, cases, 3)]
    assert found[1:] == [Failure("b", Case("ab", (3,), "strict")), None]


def test_only_as_many_are_tried_as_were_asked_for() -> None:
    assert [*fuzz({"b": no_b_behind_an_a}, repeat(Case("ab", (), "lenient")), 4)] == [None] * 4
