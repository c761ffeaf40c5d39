"""How soon it is there, S5: fresh processes, of which all byte code is there."""

from __future__ import annotations

import statistics
from typing import Final

from benches import start as starts
from benches._harness import tell
from trialogue.cli.bench import Claim, Distribution, Findings, Row

_SESSIONS: Final = "from benches.start import two_sessions; two_sessions()"
_IMPORT: Final = starts._IMPORT

#: What importing the conversation API must not bring in.
_HEAVY: Final = frozenset({"torch", "scipy"})


def imports(*, quick: bool) -> Findings:
    """`import trialogue.agents` takes at most 150 ms of CPU and 60 MB, and loads no torch and no scipy."""
    runs = _fresh(_IMPORT, 3 if quick else starts.ROUNDS)
    figures = {
        name: round(statistics.median(each[name] for each in runs), 1) for name in ("wall_ms", "cpu_ms", "rss_mb")
    }
    figures["heavy_packages"] = max(each["heavy_packages"] for each in runs)
    claims = (Claim("cpu_ms", "<=", 150.0), Claim("rss_mb", "<=", 60.0), Claim("heavy_packages", "<=", 0.0))
    return Findings(rows=[Row(case="trialogue.agents", figures=figures, claims=claims)])


def start(*, quick: bool) -> Findings:
    """A session has its first frame at the detector within 5 ms, the first session of a process too."""
    runs = _fresh(_SESSIONS, 3 if quick else starts.ROUNDS)
    samples = {"first": [each["first_ms"] for each in runs], "second": [each["second_ms"] for each in runs]}
    limits = {"first": 5.0, "second": 5.0}
    rows = [
        Row(
            case=f"the {which} session",
            figures={"first_frame_ms": round(statistics.median(values), 2), "most_ms": round(max(values), 2)},
            claims=(Claim("first_frame_ms", "<=", limits[which]),),
        )
        for which, values in samples.items()
    ]
    return Findings(rows=rows, plots=[Distribution(title="Session to its first frame", unit="ms", samples=samples)])


def _fresh(program: str, rounds: int) -> list[dict[str, float]]:
    tell(f"{rounds} fresh processes")
    starts.fresh(program)  # to write the byte code
    runs: list[dict[str, float]] = []
    for _ in range(rounds):
        said = starts.fresh(program)
        heavy = said.pop("heavy", [])
        numbers = {name: float(str(value)) for name, value in said.items()}
        runs.append({**numbers, "heavy_packages": float(len(_HEAVY & set(heavy if isinstance(heavy, list) else [])))})
    return runs
