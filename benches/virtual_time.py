"""How fast a conversation between fakes passes on the virtual clock: `python -m benches.virtual_time [quick]`."""

from __future__ import annotations

import statistics
import sys
import time
from typing import Final

from benches._measure import publish, quick
from benches.turns import FRAME_S, many_calls, staggered
from trialogue.engine import VirtualTime, run

ROUNDS: Final = 5


def conversation(cycles: int) -> bool:
    """A caller and an agent at audio level, a turn every four seconds: at least 50 times as fast as heard."""
    ratios: list[float] = []
    for _ in range(ROUNDS):
        calls = staggered(1, cycles)
        began_s = time.perf_counter()
        run(many_calls, calls, virtual=VirtualTime())
        ratios.append(cycles * calls[0].cycle_frames * FRAME_S / (time.perf_counter() - began_s))
    ratio = statistics.median(ratios)
    publish("virtual time, fakes", {"bench": "virtual_time", "claim": "fakes", "times_as_fast": round(ratio, 1)})
    return ratio >= 50


def main() -> int:
    """All claims.

    Returns:
        0 if each holds.
    """
    return 0 if conversation(10 if quick() else 50) else 1


if __name__ == "__main__":
    sys.exit(main())
