"""How a scenario is run: in a process of its own; progress on standard error, the result as one line of JSON."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

import attrs

from trialogue.cli.bench import Fact, Findings, Result, read_results, surroundings

ROOT: Final = Path(__file__).resolve().parent.parent


class Scenario(Protocol):
    """A function whose docstring states what is claimed."""

    __name__: str

    def __call__(self, *, quick: bool) -> Findings:
        """Measure it; `quick` takes less of everything."""


#: Every scenario, in the order in which they are taken, with the module that has it.
SCENARIOS: Final[Mapping[str, str]] = {
    "hop": "benches.scenarios.frames",
    "s3": "benches.scenarios.frames",
    "reply": "benches.scenarios.frames",
    "counts": "benches.scenarios.costs",
    "chunker": "benches.scenarios.text",
    "filter": "benches.scenarios.text",
    "import": "benches.scenarios.starting",
    "start": "benches.scenarios.starting",
    "s1": "benches.scenarios.answers",
    "s2": "benches.scenarios.answers",
    "silence": "benches.scenarios.answers",
    "s4": "benches.scenarios.callers",
    "density": "benches.scenarios.callers",
    "cpu": "benches.scenarios.costs",
    "memory": "benches.scenarios.costs",
    "scaling": "benches.scenarios.costs",
    "virtual": "benches.scenarios.costs",
    "soak": "benches.scenarios.costs",
}

#: Scenarios of `benches.side_by_side` that take part when peers are asked for: about 25 minutes.
SIDE_BY_SIDE: Final = ("s1", "s2", "s3", "s4", "s5", "s6")

#: Names for several.
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {"s5": ("import", "start"), "s6": ("chunker", "filter")}

#: What takes longer than a quick look allows.
SLOW: Final = frozenset({"density"})

#: The other modules: parts of scenarios, parts beside the engine, peers. They print what they find, and are run by name
#: alone.
SCRIPTS: Final = tuple(sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py")))


@attrs.frozen(kw_only=True)
class Failed:
    """A scenario that came to no result.

    Args:
        bench: its name.
        why: in words.
    """

    bench: str
    why: str


def find(name: str) -> Scenario:
    """The function of a scenario; `import` cannot be the name of one."""
    function: Scenario = getattr(importlib.import_module(SCENARIOS[name]), name.replace("import", "imports"))
    return function


def tell(what: str) -> None:
    """Progress, apart from the results."""
    print(f"   {what} …", file=sys.stderr, flush=True)


def measure(name: str, *, quick: bool) -> Result:
    """Run a scenario here and now."""
    scenario, made, began_s = find(name), surroundings(), time.monotonic()
    facts: dict[str, Fact] = {**made, "effort": "quick" if quick else "full"}
    findings = scenario(quick=quick)
    took_s = round(time.monotonic() - began_s, 1)
    return Result(bench=name, claim=claim_of(scenario), findings=findings, took_s=took_s, made=facts)


def claim_of(scenario: Scenario) -> str:
    """The first sentence of its docstring."""
    return (inspect.getdoc(scenario) or "").partition("\n\n")[0].replace("\n", " ")


def measure_apart(name: str, *, quick: bool) -> Result | Failed:
    """Run a scenario in a fresh process, so that none warms another's heap."""
    command = [sys.executable, "-m", "benches._harness", name, *(["quick"] if quick else [])]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, env=_environment())
    results = read_results(done.stdout.splitlines())
    return results[-1] if results else Failed(bench=name, why=f"its process ended with status {done.returncode}")


def apart(function: Callable[[int, int], dict[str, float]], *arguments: int) -> dict[str, float]:
    """Call a function in a fresh process, for what an earlier measurement would distort."""
    name = function.__name__
    program = f"import json; from {function.__module__} import {name}; print(json.dumps({name}(*{arguments!r})))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, env=_environment())
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def run_script(name: str, *, quick: bool) -> int:
    """Run one of the scripts, which tells what it found by itself; its exit status."""
    command = [sys.executable, "-m", f"benches.{name}", *(["quick"] if quick else [])]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def beside_peers(peers: str) -> list[str]:
    """Measure ours and theirs in turn, and print the tables; the lines of JSON, if all took part.

    Args:
        peers: as `benches.side_by_side` has it: names with commas, or "all".
    """
    command = [sys.executable, "-m", "benches.side_by_side", "--peers", peers, *SIDE_BY_SIDE]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    lines = done.stdout.splitlines()
    found = [line for line in lines if line.startswith("{")]
    print("\n".join(line for line in lines if line not in found), flush=True)
    return found


def _environment() -> dict[str, str]:
    """Ours, but that imports find byte code, as they do for users."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


if __name__ == "__main__":
    print(measure(sys.argv[1], quick="quick" in sys.argv[2:]).to_json())
