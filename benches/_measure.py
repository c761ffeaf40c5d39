"""What all benches share: CPU time, percentiles, and how a result is told."""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
from collections.abc import Sequence

import trio

Figure = str | int | float


def cpu_s() -> float:
    """User and system time of this process, seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def rss_mb() -> float:
    """Memory of this process now, MB."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def quick() -> bool:
    """Whether the command asks for the short version."""
    return "quick" in sys.argv[1:]


def machine() -> dict[str, Figure]:
    """What the numbers depend on."""
    return {
        "machine": platform.machine(),
        "cores": os.cpu_count() or 0,
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "trio": trio.__version__,
    }


def publish(title: str, figures: dict[str, Figure]) -> None:
    """Print a row for people, and a line of JSON."""
    print(f"{title:<44}", "  ".join(f"{name} {value}" for name, value in figures.items() if name != "bench"))
    print(json.dumps({**figures, **machine()}), flush=True)
