"""Law 4 in counts, which no machine changes: work and memory for each character are constant, whatever the text is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from benches.text_chunker import HOSTILE, PROSE, TOKEN
from trialogue.actors import SentenceChunker, SentenceChunkerSettings
from trialogue.actors.sentence_chunker._cutter import LOOK_AHEAD, Cutter

if TYPE_CHECKING:
    from types import FrameType

SETTINGS = SentenceChunkerSettings()
KEPT = SETTINGS.max_chars + SETTINGS.pair_chars + LOOK_AHEAD
"""Characters that a chunker keeps at most; each call below looks at no more."""

MOST_CALLS = 60
"""For each character of the worst text; for prose it is four."""


def calls(text: str, part: int) -> list[int]:
    """How many functions, of Python and of C, are called for each part of the text, pushed in tokens of four."""
    count = 0

    def on_call(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    chunker = SentenceChunker(SETTINGS)
    parts = [[text[n : n + TOKEN] for n in range(at, at + part, TOKEN)] for at in range(0, len(text), part)]
    counts = []
    before = sys.getprofile()
    sys.setprofile(on_call)
    try:
        for deltas in parts:
            count = 0
            for delta in deltas:
                chunker.push(delta)
            counts.append(count)
    finally:
        sys.setprofile(before)
    return counts


def of_length(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_costs_for_each_character_what_little_of_it_does(unit: str) -> None:
    """The third 3,000 characters take as many calls as the second, and no call is given more than the chunker keeps."""
    calls(unit, TOKEN)
    _, second, third = calls(of_length(unit, 9_000), 3_000)
    assert third <= 1.05 * second + 100
    assert third / 3_000 <= MOST_CALLS


@pytest.mark.parametrize("unit", [PROSE, *HOSTILE.values()], ids=["prose", *HOSTILE.keys()])
def test_what_is_kept_is_bounded(unit: str) -> None:
    """Memory: the text that was not released never grows beyond its bound, however long a delta is."""
    for size in (TOKEN, 4_000):
        cutter = Cutter(SETTINGS)
        text = of_length(unit, 4_000)
        for n in range(0, len(text), size):
            cutter.push(text[n : n + size])
            assert len(cutter._text) < KEPT


@pytest.mark.integration
def test_the_last_thousand_of_a_million_characters_costs_what_the_second_does() -> None:
    """A round number of replies in each part, so that all parts are alike."""
    part = len(PROSE) * TOKEN
    counts = calls(of_length(PROSE, part * (1_000_000 // part)), part)
    assert set(counts[2:]) == {counts[1]}
