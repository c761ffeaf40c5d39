"""What the scripts share: CPU time, percentiles, and how a result is told."""

from __future__ import annotations

import json
import os
import platform
import sys

import trio

from trialogue.cli.bench import cpu_s as cpu_s
from trialogue.cli.bench import percentile as percentile
from trialogue.cli.bench import rss_mb as rss_mb

Figure = str | int | float


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
