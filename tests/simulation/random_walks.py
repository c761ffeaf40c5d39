"""Random walks over whole sessions, as many as wanted: `python tests/simulation/random_walks.py --scenarios 100000`.

Hypothesis draws the scenarios, and makes the first one that fails as small as it can: that is printed as Python. With
`--go-on` the rest of its seed is left out, the next seed follows, and at the end stands how many have failed.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from pathlib import Path
from typing import Literal

import attrs
import hypothesis
from hypothesis import HealthCheck, Phase

if __package__ in {None, ""}:  # run as a file
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.simulation.scenarios import scenarios, walk
from trialogue.agents.testing import Scenario

#: Scenarios drawn with one seed; hypothesis remembers each, and a batch is what it can well remember.
BATCH = 500

#: Seconds between two lines of progress.
PROGRESS_S = 10.0


@attrs.define(kw_only=True)
class Walks:
    """Scenarios held so far.

    Args:
        wanted: how many in all.
        level: at which.
    """

    wanted: int
    level: Literal["text", "sound"]
    held: int = 0
    virtual_s: float = 0.0
    failed: Scenario | None = None
    began_s: float = attrs.Factory(time.monotonic)
    told_s: float = attrs.Factory(time.monotonic)

    def hold(self, scenario: Scenario) -> None:
        """One more; those that fail are held again, smaller and smaller."""
        scenario = attrs.evolve(scenario, level=self.level)
        try:
            call = walk(scenario)
        except BaseException:
            self.failed = scenario
            raise
        if self.failed is None:
            self.held += 1
            self.virtual_s += call.record.left_s
        if time.monotonic() - self.told_s > PROGRESS_S:
            self.told_s = time.monotonic()
            print(self, flush=True)

    def tell(self, error: Exception, seed: int) -> None:
        """A batch has failed: print how, and by what."""
        print(self)
        print("".join([str(error), *getattr(error, "__notes__", [])]))
        if self.failed is not None:
            print(f"\nSmallest scenario of seed {seed} that fails:\n\nwalk({self.failed.as_code()})", flush=True)
        self.failed = None

    def __str__(self) -> str:
        took_s = time.monotonic() - self.began_s
        return (
            f"{self.held} of {self.wanted} scenarios in {took_s:.0f} s, {self.held / took_s:.1f} a second, "
            f"{self.virtual_s / 3600:.1f} h of calls, {self.virtual_s / took_s:.0f} times as fast as held"
        )


def batch(walks: Walks, seed: int, size: int) -> None:
    """Draw scenarios with one seed."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=size,
        derandomize=False,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @hypothesis.given(scenario=scenarios)
    def drawn(scenario: Scenario) -> None:
        walks.hold(scenario)

    drawn()


def main() -> int:
    """Walk.

    Returns:
        0 if every call has kept every law, else 1.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=100_000, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="of the first batch; each following one has the next")
    parser.add_argument("--level", choices=["text", "sound"], default="text", help="without sound, or with it")
    parser.add_argument("--go-on", action="store_true", help="do not stop at the first seed that fails")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)  # faults are what the walks are made of
    walks = Walks(wanted=arguments.scenarios, level=arguments.level)
    seed, failures = arguments.seed, 0
    while walks.held < walks.wanted:
        try:
            batch(walks, seed, min(BATCH, walks.wanted - walks.held))
        except Exception as error:  # noqa: BLE001  # whatever comes out is told, with what brought it about
            walks.tell(error, seed)
            failures += 1
            if not arguments.go_on:
                return 1
        seed += 1
    print(f"{walks}; {failures} seeds have failed")
    return min(1, failures)


if __name__ == "__main__":
    sys.exit(main())
