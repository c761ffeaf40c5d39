"""Ours and the peers', measured in the same run: each engine does the same work with the same fakes.

    python -m benches.side_by_side                                  ours alone
    python -m benches.side_by_side --peers all                      S3: CPU time of a frame, with the peers
    python -m benches.side_by_side --peers livekit,videosdk s3 s1   S1 too: what an engine adds to an answer

A peer is installed when it is asked for, pinned, into an environment of its own (100 to 500 MB). Every run is a fresh
process. S3 goes in rounds, one engine after another, and ratios are taken within a round; S1 runs all engines at once:
so what else the machine does meanwhile hits all sides. Prints tables, and, when all
engines took part, a line of JSON for each.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from trialogue.cli.bench import surroundings

ROOT: Final = Path(__file__).resolve().parent.parent

Figures = dict[str, object]


@attrs.frozen(kw_only=True)
class Engine:
    """An engine as it is configured.

    Args:
        name: as the table has it.
        peer: whose environment it runs in; empty for our own.
        adapter: the module that drives it.
        variant: what the adapter is told.
        does: the scenarios in which it is measured.
    """

    name: str
    peer: str = ""
    adapter: str
    variant: str
    does: tuple[str, ...] = ("s3", "s1")


#: What is installed for a peer.
PINS: Final = {
    "livekit": ("livekit-agents==1.8.9", "uvloop==0.23.0"),
    "pipecat": ("pipecat-ai==1.14.0",),
    "videosdk": ("videosdk-agents==1.0.30",),
}

#: An engine that takes longer hangs: S3 takes seconds, S1 32 turns of 4 s.
LONGEST_S: Final = {"s3": 60.0, "s1": 200.0}

#: The first that does a scenario is what the others are compared with.
ENGINES: Final = (
    Engine(name="Trialogue, fused", adapter="ours", variant="fused", does=("s3",)),
    Engine(name="Trialogue, unfused", adapter="ours", variant="unfused", does=("s3",)),
    Engine(name="Trialogue, session", adapter="ours", variant="session"),
    Engine(name="LiveKit", peer="livekit", adapter="livekit_agents", variant="asyncio"),
    Engine(name="LiveKit, uvloop", peer="livekit", adapter="livekit_agents", variant="uvloop"),
    Engine(name="Pipecat", peer="pipecat", adapter="pipecat_ai", variant="default"),
    Engine(name="Pipecat, lean", peer="pipecat", adapter="pipecat_ai", variant="lean"),
    Engine(name="VideoSDK", peer="videosdk", adapter="videosdk_agents", variant="asyncio"),
)


def main() -> None:
    """Measure what was asked for."""
    asked = _arguments()
    pythons = {"": sys.executable, **{peer: install(peer, asked.cache) for peer in asked.peers}}
    engines = [engine for engine in ENGINES if engine.peer in pythons]
    lines: list[Figures] = []
    around = circumstances()
    for scenario in asked.scenarios:
        taking_part = [engine for engine in engines if scenario in engine.does]
        runs = in_turn(taking_part, pythons, asked.rounds) if scenario == "s3" else at_once(taking_part, pythons)
        lines.extend({**line, **around} for line in summarise(scenario, runs))
    hidden = {"bench", "claim", "scenario", "runs_us", *around}
    for scenario in asked.scenarios:
        print(as_text([line for line in lines if line["scenario"] == scenario], hidden=hidden))
    if set(asked.peers) == set(PINS):  # the documentation's tables must never mix runs
        for line in lines:
            print(json.dumps(line, ensure_ascii=False))


def install(peer: str, cache: Path) -> str:
    """The Python of a peer's environment, which is made if it is missing or holds other versions than are pinned."""
    folder = cache / peer
    python, made = folder / "bin" / "python", folder / "pins.txt"
    pins = "\n".join(PINS[peer])
    if not made.exists() or made.read_text(encoding="utf-8") != pins:
        tell(f"installing {', '.join(PINS[peer])} into {folder}; this takes a minute or more")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, stdout=sys.stderr)
        subprocess.run([python, "-m", "pip", "install", *PINS[peer]], check=True, stdout=sys.stderr)
        made.write_text(pins, encoding="utf-8")
    return str(python)


def in_turn(engines: list[Engine], pythons: dict[str, str], rounds: int) -> dict[str, list[Figures]]:
    """S3: one engine after another, since each takes a core for itself; and again."""
    runs: dict[str, list[Figures]] = {engine.name: [] for engine in engines}
    for number in range(rounds):
        for engine in engines:
            tell(f"s3, round {number + 1} of {rounds}: {engine.name}")
            runs[engine.name].append(measure(pythons[engine.peer], engine, "s3"))
    return runs


def at_once(engines: list[Engine], pythons: dict[str, str]) -> dict[str, list[Figures]]:
    """S1: all at the same time, in real time, since each leaves a core idle but for some percent."""
    tell(f"s1, two minutes: {', '.join(engine.name for engine in engines)}")
    with concurrent.futures.ThreadPoolExecutor(len(engines)) as pool:
        done = pool.map(lambda engine: measure(pythons[engine.peer], engine, "s1"), engines)
        return {engine.name: [figures] for engine, figures in zip(engines, done, strict=True)}


def measure(python: str, engine: Engine, scenario: str) -> Figures:
    """Run an engine once, in a process of its own; what its adapter printed last."""
    command = [python, "-m", f"benches.peers.{engine.adapter}", scenario, engine.variant]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=LONGEST_S[scenario])
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def summarise(scenario: str, runs: dict[str, list[Figures]]) -> Iterator[Figures]:
    """A line for each engine, in their order.

    Args:
        scenario: which.
        runs: what each engine's adapter printed, round by round; the first is what the others are compared with.
    """
    ours = next(iter(runs.values()))
    for name, figures in runs.items():
        line: Figures = {
            "bench": "side_by_side",
            "claim": f"{scenario}, {name}",
            "scenario": scenario,
            "engine": name,
            "version": figures[0]["version"],
            "python": figures[0]["python"],
        }
        yield {**line, **(_per_frame(figures, ours) if scenario == "s3" else _per_answer(figures))}


def _per_frame(figures: list[Figures], ours: list[Figures]) -> Figures:
    runs_us = [_floats(each["us"])[0] for each in figures]
    ratios = [us / _floats(base["us"])[0] for us, base in zip(runs_us, ours, strict=True)]
    return {
        "us": round(statistics.median(runs_us), 2),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_least": round(min(ratios), 2),
        "ratio_most": round(max(ratios), 2),
        "runs_us": [round(us, 2) for us in runs_us],
    }


def _per_answer(figures: list[Figures]) -> Figures:
    overheads_ms = sorted(value for each in figures for value in _floats(each["overheads_ms"]))
    return {
        "turns": len(overheads_ms),
        "overhead_median_ms": round(statistics.median(overheads_ms), 1),
        "overhead_p95_ms": round(overheads_ms[int(0.95 * len(overheads_ms))], 1),
        "overhead_most_ms": round(overheads_ms[-1], 1),
    }


def _floats(value: object) -> list[float]:
    """What an adapter printed, a number or a list of numbers."""
    return [float(str(each)) for each in (value if isinstance(value, list) else [value])]


def circumstances() -> Figures:
    """What the numbers depend on beside the engines."""
    made = surroundings()
    return {name: made[name] for name in ("date", "machine", "load")}


def as_text(lines: list[Figures], *, hidden: set[str]) -> str:
    """A table for the terminal, of all but the hidden figures."""
    names = [name for name in lines[0] if name not in hidden]
    rows = [names, *([str(line[name]) for name in names] for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(names))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def tell(what: str) -> None:
    """Progress, apart from the results."""
    print(what, file=sys.stderr, flush=True)


@attrs.frozen(kw_only=True)
class _Asked:
    """What the command line says."""

    peers: list[str]
    scenarios: list[str]
    cache: Path
    rounds: int


def _arguments() -> _Asked:
    parser = argparse.ArgumentParser(
        prog="python -m benches.side_by_side", description="Measure ours beside the peers'."
    )
    parser.add_argument("scenarios", nargs="*", help="s3: a frame's CPU time; s1: what is added to an answer (s3)")
    parser.add_argument("--peers", default="", help=f"{','.join(PINS)}, or all (none: ours alone)")
    parser.add_argument("--rounds", type=int, default=5, help="of s3 (5); s1 has one of 30 turns")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser.add_argument("--cache", type=Path, default=caches / "trialogue" / "peers", help="their environments")
    asked = parser.parse_args()
    peers = list(PINS) if asked.peers == "all" else [peer for peer in asked.peers.split(",") if peer]
    scenarios = asked.scenarios or ["s3"]
    for kind, named, known in (("peer", peers, PINS), ("scenario", scenarios, ("s3", "s1"))):
        if unknown := set(named) - set(known):
            parser.error(f"no such {kind}: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return _Asked(peers=peers, scenarios=scenarios, cache=asked.cache.resolve(), rounds=asked.rounds)


if __name__ == "__main__":
    main()
