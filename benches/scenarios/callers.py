"""How many callers a core serves in time, S4: in real time, with output pacing, ledger and telemetry."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from benches import turns
from benches._harness import apart, tell
from trialogue.cli.bench import Claim, Curve, Findings, Row, percentile, rss_mb, spread
from trialogue.engine import run

#: Late are answers that the engine delays by so much, and sound that comes so much after its moment; p99, ms.
OVERHEAD_MS: Final = 50.0
LATE_MS: Final = 20.0

#: Where the search for the most callers begins, where it gives up, and how close it comes.
_FROM: Final = 100
_TO: Final = 1600
_STEP: Final = 25

_IN_TIME: Final = (Claim("overhead_p99_ms", "<=", OVERHEAD_MS), Claim("late_p99_ms", "<=", LATE_MS))


def serve(callers: int, cycles: int) -> dict[str, float]:
    """Hold so many calls at once, of so many turns each, the first of which warms up."""
    calls = turns.staggered(callers, cycles)
    load = run(turns.many_calls, calls)
    overheads_ms = [1e3 * value for call in calls for value in call.overheads_s[1:]] or [math.inf]
    late_ms = [1e3 * value for call in calls for value in call.lateness_s] or [math.inf]
    return {
        "callers": callers,
        "turns": len(overheads_ms),
        **spread("overhead", "ms", overheads_ms),
        "late_p99_ms": round(percentile(late_ms, 0.99), 2),
        "core_percent": round(load.core_percent_per_caller, 4),
        "session_mb": round(load.session_mb, 3),
        "collector_pause_ms": round(load.worst_pause_ms, 1),
        "rss_mb": round(rss_mb(), 1),
    }


def s4(*, quick: bool) -> Findings:
    """Callers at once on one core: p99 of what is added to answers below 50 ms, of the sound's lateness at most 20 ms.

    Each speaks for a second in every four and is answered for two; all are fed on one tick. A talking session takes at
    most 0.12 % of a core where there are 200, and 0.2 MB; no collection of garbage takes longer than 10 ms.
    """
    rows: list[Row] = []
    for callers in (100,) if quick else (50, 200, 400):
        tell(f"{callers} callers, in real time: {4 * (4 if quick else 8)} s")
        figures = apart(serve, callers, 3 if quick else 7)
        cheap = (Claim("core_percent", "<=", 0.12),) if callers >= 200 else ()
        claims = (*_IN_TIME, *cheap, Claim("session_mb", "<=", 0.2), Claim("collector_pause_ms", "<=", 10.0))
        rows.append(Row(case=f"{callers} callers", figures=figures, claims=claims))
    return Findings(rows=rows, plots=_curves(rows) if len(rows) > 1 else [])


def density(*, quick: bool) -> Findings:
    """The most callers that one core serves in time: at least 600.

    The number is doubled until answers or sound come too late, then the edge is searched for. Each number has a fresh
    process and five turns a caller.
    """
    tried: dict[int, dict[str, float]] = {}

    def in_time(callers: int) -> bool:
        tell(f"{callers} callers: 24 s")
        tried[callers] = apart(serve, callers, 3 if quick else 5)
        return all(claim.holds(tried[callers]) for claim in _IN_TIME)

    most = search(in_time, low=_FROM, high=_TO, step=_STEP)
    rows = [Row(case=f"{callers} callers", figures=figures) for callers, figures in sorted(tried.items())]
    found = Row(case="the most in time", figures={"callers": most}, claims=(Claim("callers", ">=", 600),))
    return Findings(rows=[found, *rows], plots=_curves(rows))


def search(holds: Callable[[int], bool], *, low: int, high: int, step: int) -> int:
    """The largest number for which something holds, if it holds for all below it; 0 if not even for the lowest.

    Args:
        holds: whether it does; costly.
        low: where to begin; doubled from there.
        high: where to give up: nothing above it is tried.
        step: how close to come.
    """
    most, least_bad = 0, 0
    candidate = low
    while not least_bad and candidate <= high:
        most, least_bad = (candidate, 0) if holds(candidate) else (most, candidate)
        candidate *= 2
    while least_bad - most > step and least_bad:
        middle = (most + least_bad) // 2 // step * step
        if middle in {most, least_bad, 0}:
            break
        most, least_bad = (middle, least_bad) if holds(middle) else (most, middle)
    return most


def _curves(rows: list[Row]) -> list[Curve]:
    def points(figure: str) -> list[tuple[float, float]]:
        return [(row.figures["callers"], row.figures[figure]) for row in rows]

    added = {"median": points("overhead_median_ms"), "p99": points("overhead_p99_ms")}
    return [
        Curve(title="Added to an answer", x="callers", y="ms", series=added, limit=OVERHEAD_MS),
        Curve(
            title="Lateness of sound, p99", x="callers", y="ms", series={"p99": points("late_p99_ms")}, limit=LATE_MS
        ),
        Curve(title="A caller's part of a core", x="callers", y="%", series={"CPU": points("core_percent")}),
    ]
