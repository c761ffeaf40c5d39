"""What is measured without an engine is the same work: the same answers, at the same moments, to the last frame."""

import pytest

from benches import turns
from benches.scenarios.floor import bare_call
from trialogue.engine import VirtualTime, run


@pytest.mark.parametrize("hold_one", [turns.one_call, bare_call])
def test_with_and_without_an_engine_callers_hear_the_same(hold_one: turns.HoldCall) -> None:
    calls = turns.staggered(4, 2)
    run(turns.many_calls, calls, None, hold_one, virtual=VirtualTime())
    for call in calls:
        assert len(call.overheads_s) == 2
        assert max(call.overheads_s) <= 0.0051  # the token that the plain program waits for
        assert len(call.lateness_s) == 2 * 99  # two answers of eight sentences, but for their first frames
        assert max(map(abs, call.lateness_s)) < 1e-6
