"""The bench of interruptions, on a virtual clock: what it measures is exact there, and its claims have no excuse."""

from __future__ import annotations

from functools import partial

import attrs
import pytest

from benches.interruption import CONDITIONS, FRAME_S, Condition, interruptions
from trialogue.engine import VirtualTime, run


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: str(condition.name))
def test_silence_comes_within_the_fade_and_one_frame(condition: Condition) -> None:
    quick = attrs.evolve(condition, disk_s=min(condition.disk_s, 0.0001))  # a thread takes real time
    calls = run(partial(interruptions, quick, cycles=3, callers=5), virtual=VirtualTime())
    silences_s = [silence_s for call in calls for silence_s in call.silences_s]
    assert len(silences_s) >= 5
    assert max(silences_s) <= condition.bound_s + 1e-9
    assert max(call.detections_s[0] for call in calls) <= FRAME_S + 0.002, "the frame itself, and the fake's words"
    assert max(decision_s for call in calls for decision_s in call.decisions_s) <= 0.002
    if condition.name == "fade":
        assert min(silences_s) > condition.fade_s - 1e-9, "it was a fade"
