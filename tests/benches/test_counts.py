"""The guard against regressions: what a frame, a token and a turn need, in counts that no machine changes."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from benches import _baseline

if TYPE_CHECKING:
    from benches._baseline import Counted

REMEDY = "where that is worth it, make the baseline again with `python -m benches baseline` and commit it"


@pytest.fixture(scope="module")
def expected() -> Counted:
    """The baseline of this Python."""
    path = _baseline.path_of(sys.version_info[:2])
    if not path.exists():
        pytest.skip(f"no baseline for Python {path.stem}: `python -m benches baseline` makes it")
    read = json.loads(path.read_text(encoding="utf-8"))
    if read["trio"] != version("trio"):
        pytest.skip(f"the baseline is of Trio {read['trio']}: `python -m benches baseline` makes one of this")
    counts: Counted = read["counts"]
    return counts


@pytest.mark.integration
def test_a_frame_a_token_and_a_turn_need_no_more_than_they_did(expected: Counted) -> None:
    more = _baseline.excess(expected, _baseline.count_apart())
    assert not more, f"{'; '.join(more)}: {REMEDY}"


def test_the_baseline_knows_every_count(expected: Counted) -> None:
    assert set(expected) == {"a frame of silence", "a token", "a turn"}
    assert all(set(figures) == set(_baseline.TOLERANCE) for figures in expected.values())


def test_one_change_of_task_more_in_a_frame_is_noticed(expected: Counted) -> None:
    worse = {case: {**figures, "task_switches": figures["task_switches"] + 1} for case, figures in expected.items()}
    frame, token = _baseline.excess(expected, {**expected, "a frame of silence": worse["a frame of silence"]}), worse
    assert len(frame) == 1
    assert frame[0].startswith("a frame of silence: task_switches")
    assert _baseline.excess(expected, {**expected, "a token": token["a token"]})


def test_a_block_kept_by_each_frame_is_noticed(expected: Counted) -> None:
    """A leak of one object a frame."""
    frame = expected["a frame of silence"]
    leaky = {**expected, "a frame of silence": {**frame, "kept_blocks": frame["kept_blocks"] + 1}}
    assert len(_baseline.excess(expected, leaky)) == 1


def test_what_is_within_the_tolerance_passes_and_so_does_what_is_better(expected: Counted) -> None:
    assert not _baseline.excess(expected, expected)
    better = {case: dict.fromkeys(figures, 0.0) for case, figures in expected.items()}
    assert not _baseline.excess(expected, better)
