"""The counts that the tests guard: `python -m benches baseline` writes those of this Python into their file.

They are the same on every machine: changes of task, hops, calls of functions and memory kept, on the virtual clock,
with a seed, in a process of its own. A change that costs more than the tolerance fails `tests/benches/test_counts.py`;
where it is worth that, this command makes the new baseline, which is committed with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benches.scenarios.costs import counts

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "tests" / "benches" / "baselines"

#: How much more is let pass: a share of the baseline, and for what is almost nothing so much of it. Switches and hops
#: are exact; calls vary with trifles inside Python and Trio; memory with the sizes of its tables.
TOLERANCE: Final[Mapping[str, tuple[float, float]]] = {
    "task_switches": (0.01, 0.02),
    "hops": (0.01, 0.02),
    "calls": (0.03, 1.0),
    "kept_blocks": (0.1, 0.5),
    "peak_kb": (0.15, 0.3),
}

Counted = Mapping[str, Mapping[str, float]]


def path_of(python: tuple[int, int]) -> Path:
    """The baseline's file for a minor version."""
    return FOLDER / f"{python[0]}.{python[1]}.json"


def count_apart() -> Counted:
    """Count in a fresh process, whose caches and hashes are always the same."""
    done = subprocess.run(
        [sys.executable, "-m", "benches._baseline"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    counted: Counted = json.loads(done.stdout)
    return counted


def excess(baseline: Counted, counted: Counted) -> list[str]:
    """What is more than the baseline and its tolerance, in words."""
    return [
        f"{case}: {figure} {figures[figure]:g}, which were {baseline[case][figure]:g} "
        f"({100 * share:g} % and {slack:g} are let pass)"
        for case, figures in counted.items()
        for figure, (share, slack) in TOLERANCE.items()
        if figures[figure] > baseline[case][figure] * (1 + share) + slack
    ]


def write_baseline() -> None:
    """Count, and write the baseline of this Python."""
    baseline = {"trio": version("trio"), "counts": count_apart()}
    path = path_of(sys.version_info[:2])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(baseline, indent=2) + "\n", encoding="utf-8")
    print(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    print(json.dumps({row.case: row.figures for row in counts(quick=False).rows}))
