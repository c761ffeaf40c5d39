"""Ours and the peers', measured in the same run: each engine does the same work with the same fakes.

    python -m benches.side_by_side                                  ours alone
    python -m benches.side_by_side --peers all                      S3: CPU time of a frame, with the peers
    python -m benches.side_by_side --peers livekit,videosdk s2 s4   interruption and density, with two of them

A peer is installed when it is asked for, pinned, into an environment of its own (100 to 500 MB). Every run is a fresh
process. What takes a core goes in rounds, one engine after another, and ratios are taken within a round; S1 and S2 run
all engines at once: so what else the machine does meanwhile hits all sides. Prints tables, and, when all engines took
part, a line of JSON for each.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

from trialogue.cli.bench import surroundings

ROOT: Final = Path(__file__).resolve().parent.parent

Figures = dict[str, object]


#: An engine that takes longer hangs: S1 is 32 turns of 4 s.
LONGEST_S: Final = 200.0

#: Scenarios in which an engine as it comes stands beside the same one as fast as its documentation makes it.
BOTH: Final = ("s1", "s2", "s3", "s4")

#: What each engine does as it comes; "hear" is for `benches.hear_it`.
EVERY: Final = (*BOTH, "s5", "s6", "hear")


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
    does: tuple[str, ...] = BOTH


#: What is installed for a peer.
PINS: Final = {
    "livekit": ("livekit-agents==1.8.9", "uvloop==0.23.0"),
    "pipecat": ("pipecat-ai==1.14.0", "uvloop==0.23.0"),
    "videosdk": ("videosdk-agents==1.0.30", "uvloop==0.23.0"),
}

#: The first that does a scenario is what the others are compared with.
ENGINES: Final = (
    Engine(name="Trialogue, fused", adapter="ours", variant="fused", does=("s3",)),
    Engine(name="Trialogue, unfused", adapter="ours", variant="unfused", does=("s3",)),
    Engine(name="Trialogue, session", adapter="ours", variant="session", does=EVERY),
    Engine(
        name="Trialogue, fastest", adapter="ours", variant="hard+shared+frozen", does=("s2", "s4", "silero", "hear")
    ),
    Engine(
        name="LiveKit",
        peer="livekit",
        adapter="livekit_agents",
        variant="default",
        does=EVERY,
    ),
    Engine(name="LiveKit, own output", peer="livekit", adapter="livekit_agents", variant="room", does=("s2", "hear")),
    Engine(name="LiveKit, fastest", peer="livekit", adapter="livekit_agents", variant="uvloop+frozen"),
    Engine(name="Pipecat", peer="pipecat", adapter="pipecat_ai", variant="default", does=(*EVERY, "silero")),
    Engine(name="Pipecat, lean", peer="pipecat", adapter="pipecat_ai", variant="lean", does=("s1", "s3")),
    Engine(
        name="Pipecat, fastest",
        peer="pipecat",
        adapter="pipecat_ai",
        variant="lean+uvloop+frozen",
        does=(*BOTH, "silero"),
    ),
    Engine(
        name="VideoSDK",
        peer="videosdk",
        adapter="videosdk_agents",
        variant="default",
        does=EVERY,
    ),
    Engine(
        name="VideoSDK, fastest",
        peer="videosdk",
        adapter="videosdk_agents",
        variant="hard+uvloop+frozen",
        does=(*BOTH, "hear"),
    ),
)


@attrs.frozen(kw_only=True)
class Scenario:
    """How a scenario is measured.

    Args:
        figures: a line's figures of an engine's runs, and of those it is compared with.
        at_once: whether all engines run at the same time, once: what is in real time leaves a core idle.
        callers: numbers of callers, each of which is a case of its own.
    """

    figures: Callable[[list[Figures], list[Figures]], Figures]
    at_once: bool = False
    callers: tuple[int, ...] = ()


def main() -> None:
    """Measure what was asked for."""
    asked = _arguments()
    pythons = {"": sys.executable, **{peer: install(peer, asked.cache) for peer in asked.peers}}
    engines = [engine for engine in ENGINES if engine.peer in pythons]
    lines: list[Figures] = []
    for name in asked.scenarios:
        taking_part = [engine for engine in engines if name in engine.does]
        for callers in asked.callers or SCENARIOS[name].callers or (1,):
            around = circumstances()
            voices = (spoken(),) if name == "silero" else ()
            rig = Rig(pythons=pythons, scenario=name, callers=callers, voices=voices)
            runs = rig.at_once(taking_part) if SCENARIOS[name].at_once else rig.in_turn(taking_part, asked.rounds)
            lines.extend(
                {**line, **around} for line in summarise(name, runs, callers if SCENARIOS[name].callers else 0)
            )
    hidden = {"bench", "claim", "scenario", "runs_us", "date", "machine", "load"}
    for name in asked.scenarios:
        print(as_text([line for line in lines if line["scenario"] == name], hidden=hidden))
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


@attrs.frozen(kw_only=True)
class Rig:
    """One case of a scenario.

    Args:
        pythons: of each peer; our own without a name.
        scenario: which.
        callers: how many at once, where there are several.
        voices: files of what people say, where it is not constant samples.
    """

    pythons: dict[str, str]
    scenario: str
    callers: int = 1
    voices: tuple[Path, ...] = ()

    def in_turn(self, engines: list[Engine], rounds: int) -> dict[str, list[Figures]]:
        """One engine after another, since each takes a core for itself; and again."""
        runs: dict[str, list[Figures]] = {engine.name: [] for engine in engines}
        for number in range(rounds):
            for engine in engines:
                tell(f"{self.scenario}, round {number + 1} of {rounds}: {engine.name}")
                runs[engine.name].append(self.measure(engine))
        return runs

    def at_once(self, engines: list[Engine]) -> dict[str, list[Figures]]:
        """All at the same time, in real time, since each leaves a core idle but for some percent."""
        tell(f"{self.scenario}, a minute or two: {', '.join(engine.name for engine in engines)}")
        with concurrent.futures.ThreadPoolExecutor(len(engines)) as pool:
            done = pool.map(self.measure, engines)
            return {engine.name: [figures] for engine, figures in zip(engines, done, strict=True)}

    def measure(self, engine: Engine) -> Figures:
        """Run an engine once, in a process of its own; what it printed last."""
        command = [self.pythons[engine.peer], "-m", "benches.peers", engine.adapter, self.scenario, engine.variant]
        done = subprocess.run(
            [*command, str(self.callers), *map(str, self.voices)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=LONGEST_S,
            env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        )
        figures: Figures = json.loads(done.stdout.splitlines()[-1])
        return figures


def summarise(scenario: str, runs: dict[str, list[Figures]], callers: int = 0) -> Iterator[Figures]:
    """A line for each engine, in their order.

    Args:
        scenario: which.
        runs: what each engine's adapter printed, round by round; the first is what the others are compared with.
        callers: the case's number of callers; 0 where a scenario has one case.
    """
    ours = next(iter(runs.values()))
    for name, figures in runs.items():
        line: Figures = {
            "bench": "side_by_side",
            "claim": f"{scenario}, {name}" + (f", {callers} callers" if callers else ""),
            "scenario": scenario,
            "engine": name,
            "version": figures[0]["version"],
            "python": figures[0]["python"],
        }
        yield {**line, **SCENARIOS[scenario].figures(figures, ours)}


def _ratios(figures: list[Figures], ours: list[Figures], name: str, digits: int = 2) -> Figures:
    """The median, and how often it is ours: within rounds, so a slow one hits both."""
    runs = [_floats(each[name])[0] for each in figures]
    ratios = [value / _floats(base[name])[0] for value, base in zip(runs, ours, strict=True)]
    return {
        name: round(statistics.median(runs), digits),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_least": round(min(ratios), 2),
        "ratio_most": round(max(ratios), 2),
    }


def _per_frame(figures: list[Figures], ours: list[Figures]) -> Figures:
    return {**_ratios(figures, ours, "us"), "runs_us": [round(_floats(each["us"])[0], 2) for each in figures]}


def _per_answer(figures: list[Figures], ours: list[Figures]) -> Figures:
    del ours
    return {"turns": len(_all(figures, "overheads_ms")), **_spread(figures, "overheads_ms", "overhead")}


def _per_interruption(figures: list[Figures], ours: list[Figures]) -> Figures:
    del ours
    stopped, silent = _spread(figures, "stopped_ms", "stopped"), _spread(figures, "silent_ms", "silent")
    return {"interruptions": len(_all(figures, "stopped_ms")), **stopped, **silent}


def _per_caller(figures: list[Figures], ours: list[Figures]) -> Figures:
    overheads_ms = _all(figures, "overheads_ms") or [math.inf]
    return {
        "callers": figures[0]["callers"],
        **_ratios(figures, ours, "core_percent", digits=3),
        "overhead_median_ms": round(statistics.median(overheads_ms), 1),
        "overhead_p99_ms": round(overheads_ms[int(0.99 * len(overheads_ms))], 1),
        "unanswered": sum(int(value) for value in _all(figures, "unanswered")),
        **{
            name: round(statistics.median(_all(figures, name)), 2) for name in ("late_p99_ms", "session_mb", "pause_ms")
        },
    }


def _per_start(figures: list[Figures], ours: list[Figures]) -> Figures:
    rest = ("import_wall_ms", "import_mb", "first_ms", "second_ms")
    return {
        **_ratios(figures, ours, "import_cpu_ms", digits=0),
        **{name: round(statistics.median(_all(figures, name)), 1) for name in rest},
    }


def _per_token(figures: list[Figures], ours: list[Figures]) -> Figures:
    filtered = [_floats(each["filtered_us"])[0] for each in figures if "filtered_us" in each]
    return {
        **_ratios(figures, ours, "us"),
        "filtered_us": round(statistics.median(filtered), 2) if filtered else "no default filter",
        "sentences": figures[0]["sentences"],
    }


def _spread(figures: list[Figures], name: str, shown: str) -> Figures:
    values = _all(figures, name)
    return {
        f"{shown}_median_ms": round(statistics.median(values), 1),
        f"{shown}_p95_ms": round(values[int(0.95 * len(values))], 1),
        f"{shown}_most_ms": round(values[-1], 1),
    }


def _all(figures: list[Figures], name: str) -> list[float]:
    """A figure of all runs, in order of size."""
    return sorted(value for each in figures for value in _floats(each[name]))


def _floats(value: object) -> list[float]:
    """What an adapter printed, a number or a list of numbers."""
    return [float(str(each)) for each in (value if isinstance(value, list) else [value])]


#: What is measured, by name.
SCENARIOS: Final = {
    "s1": Scenario(figures=_per_answer, at_once=True),
    "s2": Scenario(figures=_per_interruption, at_once=True),
    "s3": Scenario(figures=_per_frame),
    "s4": Scenario(figures=_per_caller, callers=(20, 50, 100)),
    "s5": Scenario(figures=_per_start),
    "s6": Scenario(figures=_per_token),
    "silero": Scenario(figures=_per_caller, callers=(20, 50)),
}


def spoken() -> Path:
    """What users say to a real detector, about a second: mono int16 at 16 kHz in frames of 20 ms."""
    from tests.providers.speech import recording  # none of the others needs it

    file = Path(tempfile.gettempdir()) / "trialogue-bench-speech.pcm"
    sound = recording("four-people").strip(b"\0")
    file.write_bytes(sound[: len(sound) // 640 * 640])
    return file


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
    callers: tuple[int, ...]


def _arguments() -> _Asked:
    parser = argparse.ArgumentParser(
        prog="python -m benches.side_by_side", description="Measure ours beside the peers'."
    )
    parser.add_argument("scenarios", nargs="*", help=f"of {', '.join(SCENARIOS)} (s3)")
    parser.add_argument("--peers", default="", help=f"{','.join(PINS)}, or all (none: ours alone)")
    parser.add_argument("--rounds", type=int, default=5, help="of what is measured by turns (5)")
    parser.add_argument("--callers", type=int, action="append", default=[], help="of s4 and silero, instead of theirs")
    add_cache(parser)
    asked = parser.parse_args()
    peers = list(PINS) if asked.peers == "all" else [peer for peer in asked.peers.split(",") if peer]
    scenarios = asked.scenarios or ["s3"]
    for kind, named, known in (("peer", peers, PINS), ("scenario", scenarios, SCENARIOS)):
        if unknown := set(named) - set(known):
            parser.error(f"no such {kind}: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return _Asked(
        peers=peers, scenarios=scenarios, cache=asked.cache.resolve(), rounds=asked.rounds, callers=tuple(asked.callers)
    )


def add_cache(parser: argparse.ArgumentParser) -> None:
    """The option that says where the peers' environments are."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser.add_argument("--cache", type=Path, default=caches / "trialogue" / "peers", help="the peers' environments")


if __name__ == "__main__":
    main()
