"""Measure what the project claims: `python -m benches [quick] [NAME ...]`; `--list` names the scenarios.

Each scenario runs in a process of its own. What holds and what does not is shown when each one ends; `--html` draws all
of it on a page, and `--json` keeps it as lines from which `python docs/make_numbers.py` makes the documentation.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benches._baseline import write_baseline
from benches._harness import (
    GROUPS,
    SCENARIOS,
    SCRIPTS,
    SLOW,
    Failed,
    beside_peers,
    claim_of,
    find,
    measure_apart,
    run_script,
)
from trialogue.cli.bench import Result, as_text, in_words, read_results, surroundings, write_page


def main() -> int:
    """Measure what was asked for.

    Returns:
        0 if every claim holds.
    """
    asked = _arguments()
    if asked.list:
        _list()
        return 0
    if asked.names == ["baseline"]:
        write_baseline()
        return 0
    if asked.page is not None:
        results = read_results(asked.page.read_text(encoding="utf-8").splitlines())
        write_page(asked.html or Path("benches.html"), "Benches", results)
        return 0
    names, quick = _chosen(asked.names)
    print(in_words(surroundings()), flush=True)
    began_s = time.monotonic()
    outcomes = [_measure(name, number, len(names), asked, quick=quick) for number, name in enumerate(names, 1)]
    results = [each for each in outcomes if isinstance(each, Result)]
    failed = [each for each in outcomes if isinstance(each, Failed)]
    if asked.peers:
        _keep(asked.json, beside_peers(asked.peers))
    _tell_all(results, failed, time.monotonic() - began_s)
    if asked.html is not None and results:
        write_page(asked.html, "Benches, in short" if quick else "Benches", results)
        print(f"Page, for a browser: {asked.html}")
    return 0 if not failed and all(result.holds for result in results) else 1


def _measure(name: str, number: int, of: int, asked: argparse.Namespace, *, quick: bool) -> Result | Failed | None:
    print(f"\n[{number}/{of}] {name}", file=sys.stderr, flush=True)
    if name not in SCENARIOS:
        status = run_script(name, quick=quick)
        return Failed(bench=name, why=f"it ended with status {status}") if status else None
    outcome = measure_apart(name, quick=quick)
    if isinstance(outcome, Failed):
        print(f"{name}: no result, because {outcome.why}", flush=True)
        return outcome
    print(as_text(outcome), flush=True)
    _keep(asked.json, [outcome.to_json()])
    return outcome


def _keep(path: Path | None, lines: list[str]) -> None:
    """Add lines to the file, at once: what was measured outlives an interruption."""
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)


def _tell_all(results: list[Result], failed: list[Failed], took_s: float) -> None:
    claims = [(claim, row) for result in results for row in result.findings.rows for claim in row.claims]
    kept = sum(claim.holds(row.figures) for claim, row in claims)
    print(f"\n{kept} of {len(claims)} claims hold; {took_s:.0f} s")
    for each in failed:
        print(f"{each.bench}: no result, because {each.why}")


def _list() -> None:
    for name in SCENARIOS:
        print(f"{name:<9} {claim_of(find(name))}")
    for name, members in GROUPS.items():
        print(f"{name:<9} {' and '.join(members)}")
    scripts = ", ".join(name for name in SCRIPTS if name not in SCENARIOS)
    print("baseline  is no scenario: it writes the counts that the tests guard")
    print(f"By name alone, as they print what they find: {scripts}")


def _chosen(names: list[str]) -> tuple[list[str], bool]:
    """The scenarios that are meant, and whether in short."""
    quick = "quick" in names
    named = [member for name in names if name != "quick" for member in GROUPS.get(name, (name,))]
    return named or [name for name in SCENARIOS if not (quick and name in SLOW)], quick


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benches", description="Measure what the project claims.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="scenarios; all without a name; `quick` takes less of each"
    )
    parser.add_argument("--list", action="store_true", help="name the scenarios and what they claim")
    parser.add_argument(
        "--peers", default="", metavar="NAMES", help="S1 to S6 beside these, too, 25 min; `all` names all"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="add the results to a file of JSON lines")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with plots")
    parser.add_argument("--page", type=Path, metavar="FILE", help="measure nothing; make the page of such a file")
    asked = parser.parse_args()
    known = {"quick", "baseline", *SCENARIOS, *GROUPS, *SCRIPTS}
    if unknown := [name for name in asked.names if name not in known]:
        parser.error(f"no such scenario: {', '.join(unknown)}; there are {', '.join([*SCENARIOS, *GROUPS, *SCRIPTS])}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
