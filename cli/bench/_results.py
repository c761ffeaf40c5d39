"""What a scenario has found, as values that become lines of JSON and come back from them."""

from __future__ import annotations

import datetime
import json
import os
import platform
import resource
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from trialogue.frames._attrs import frozen

#: More values than these of a distribution say nothing more in a plot; the figures come from all of them.
_KEPT: Final = 200

#: Units and words of figures, as people write them.
_UNITS: Final = {"us": "µs", "ms": "ms", "s": "s", "h": "h", "percent": "%", "kb": "kB", "mb": "MB"}
_NAMED: Final = {"cpu": "CPU", "rss": "RSS"}

Fact = str | int | float


@frozen
class Claim:
    """What a figure is claimed to be.

    Args:
        figure: its name in the row.
        bound: whether it is to be at most or at least so much.
        value: in the figure's unit.
    """

    figure: str
    bound: Literal["<=", ">="]
    value: float

    def holds(self, figures: Mapping[str, float]) -> bool:
        """Whether it does."""
        measured = figures[self.figure]
        return measured <= self.value if self.bound == "<=" else measured >= self.value


@frozen(kw_only=True)
class Row:
    """One case of a scenario.

    Args:
        case: what is particular to it.
        figures: by name; the name ends in the unit.
        claims: what some of them are claimed to be.
    """

    case: str
    figures: Mapping[str, float]
    claims: tuple[Claim, ...] = ()

    @property
    def broken(self) -> tuple[Claim, ...]:
        """The claims that do not hold."""
        return tuple(claim for claim in self.claims if not claim.holds(self.figures))


def _thinned_all(samples: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    return {case: thinned(values) for case, values in samples.items()}


@frozen(kw_only=True)
class Distribution:
    """How values lie; drawn as the share of them that is at most so much.

    Args:
        title: of the plot.
        unit: of the values.
        samples: of each case, in order; long ones are thinned out.
        limit: what is claimed, if anything.
    """

    title: str
    unit: str
    samples: Mapping[str, Sequence[float]] = attrs.field(converter=_thinned_all)
    limit: float | None = None


@frozen(kw_only=True)
class Curve:
    """How one figure depends on another.

    Args:
        title: of the plot.
        x, y: what is shown on the axes, with units.
        series: points in order of x, of each case.
        limit: a value of y that is claimed not to be passed.
    """

    title: str
    x: str
    y: str
    series: Mapping[str, Sequence[tuple[float, float]]]
    limit: float | None = None


@frozen(kw_only=True)
class Waterfall:
    """Stages that follow each other.

    Args:
        title: of the plot.
        unit: of the times.
        bars: each stage with its begin and its end.
    """

    title: str
    unit: str
    bars: Sequence[tuple[str, float, float]]


Plot = Distribution | Curve | Waterfall

_PLOTS: Final = {each.__name__.lower(): each for each in (Distribution, Curve, Waterfall)}


@frozen(kw_only=True)
class Findings:
    """What a scenario hands back."""

    rows: Sequence[Row]
    plots: Sequence[Plot] = ()


@frozen(kw_only=True)
class Result:
    """Findings with what they are about.

    Args:
        bench: the scenario's name.
        claim: what it says of itself.
        findings: what was measured.
        took_s: how long that took, seconds.
        made: when, where and of what it was made.
    """

    bench: str
    claim: str
    findings: Findings
    took_s: float
    made: Mapping[str, Fact]

    @property
    def holds(self) -> bool:
        """Whether every claim does."""
        return not any(row.broken for row in self.findings.rows)

    def to_json(self) -> str:
        """One line."""
        plots = [{"kind": type(plot).__name__.lower(), **attrs.asdict(plot)} for plot in self.findings.plots]
        line = {
            "bench": self.bench,
            "claim": self.claim,
            "rows": [attrs.asdict(row) for row in self.findings.rows],
            "plots": plots,
            "took_s": self.took_s,
            "made": dict(self.made),
        }
        return json.dumps(line, ensure_ascii=False)


def read_results(lines: Iterable[str]) -> list[Result]:
    """The results among lines of text; other lines are passed over."""
    return [_of(json.loads(line)) for line in lines if line.startswith('{"bench"') and '"rows"' in line]


def _of(line: Mapping[str, Any]) -> Result:  # type: ignore[explicit-any]  # JSON
    rows = [
        Row(case=row["case"], figures=row["figures"], claims=tuple(Claim(**claim) for claim in row["claims"]))
        for row in line["rows"]
    ]
    plots = [_PLOTS[plot.pop("kind")](**plot) for plot in map(dict, line["plots"])]
    findings = Findings(rows=rows, plots=plots)
    return Result(bench=line["bench"], claim=line["claim"], findings=findings, took_s=line["took_s"], made=line["made"])


def surroundings() -> dict[str, Fact]:
    """When, on what machine and with which versions something is measured."""
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {_processor()}, {os.cpu_count()} cores",
        "load": round(os.getloadavg()[0], 1),
        "priority": _priority(),
        "python": platform.python_version(),
        "trio": version("trio"),
        "trialogue": version("trialogue"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown processor")


def _priority() -> str:
    """Whether the system lets this process go before others."""
    real_time = {getattr(os, name) for name in ("SCHED_FIFO", "SCHED_RR") if hasattr(os, name)}
    if real_time and os.sched_getscheduler(0) in real_time:
        return "real-time"
    return "raised" if os.nice(0) < 0 else "ordinary"


def in_words(made: Mapping[str, Fact]) -> str:
    """The surroundings as a sentence."""
    priority = "" if made["priority"] == "ordinary" else f", {made['priority']} priority"
    return (
        f"{made['date']}, {made['machine']}, CPython {made['python']}, Trio {made['trio']}, "
        f"load {made['load']} when it began{priority}."
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies; of some values, at least one."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(name: str, unit: str, values: Sequence[float], digits: int = 2) -> dict[str, float]:
    """Median, p95, p99 and worst of some values, as figures: `overhead_p99_ms`."""
    shares = {"median": 0.5, "p95": 0.95, "p99": 0.99, "most": 1.0}
    return {f"{name}_{word}_{unit}": round(percentile(values, share), digits) for word, share in shares.items()}


def thinned(values: Sequence[float]) -> list[float]:
    """The values in order; evenly chosen ones of them, with the least and the greatest, where they are many."""
    ordered = sorted(values)
    if len(ordered) > _KEPT:
        ordered = [ordered[round(at * (len(ordered) - 1) / (_KEPT - 1))] for at in range(_KEPT)]
    return [round(value, 4) for value in ordered]


def cpu_s() -> float:
    """User and system time of this process, seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def rss_mb() -> float:
    """Memory of this process now, MB; where the system does not say, the most that it ever had."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # no Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return pages * resource.getpagesize() / 1e6


def heading(figure: str) -> str:
    """The name of a figure for people, with its unit: "overhead p99, ms"."""
    *words, last = figure.split("_")
    named = " ".join(_NAMED.get(word, word) for word in words)
    return f"{named}, {_UNITS[last]}" if words and last in _UNITS else f"{named} {last}".strip()
