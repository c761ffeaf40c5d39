"""Put measured numbers into the README, the page of benchmarks and the note on scale.

    python -m benches --json results.jsonl                         measure
    python docs/make_numbers.py < results.jsonl                    take in what was found, and write the pages
    python docs/make_numbers.py < /dev/null                        write the pages again

Results are lines of JSON. The last one of each scenario stays in `numbers.jsonl`; `numbers.toml` says which figures the
README shows, and what the peers measured.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from trialogue.cli.bench import Claim, Result, Row, heading, in_words, read_results, shown

DOCS: Final = Path(__file__).resolve().parent
README: Final = DOCS.parent / "README.md"
BENCHMARKS: Final = DOCS / "benchmarks.md"
RESULTS: Final = DOCS / "numbers.jsonl"
BEGIN: Final = "<!-- begin numbers -->\n"
END: Final = "<!-- end numbers -->\n"
BEGIN_OURS: Final = "<!-- begin ours -->\n"
END_OURS: Final = "<!-- end ours -->\n"

#: What tells one line of the comparison from another; a scenario of ours has one line.
_KEYS: Final = ("bench", "claim")

Line = Mapping[str, object]
Table = Mapping[str, object]


def main(printed: Iterable[str]) -> None:
    """Take in what was measured, and write the pages."""
    new = read_lines(printed)
    if short := sorted(str(line["bench"]) for line in new if _effort(line) == "quick"):
        sys.exit(f"{', '.join(short)}: measured in short, which is no number to publish; measure without `quick`")
    lines = {_kind(line): line for line in [*read_lines(RESULTS.read_text("utf-8").splitlines()), *new]}
    ordered = [lines[kind] for kind in sorted(lines)]
    RESULTS.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in ordered), encoding="utf-8")
    readme, page = README.read_text(encoding="utf-8"), BENCHMARKS.read_text(encoding="utf-8")
    README.write_text(with_table(readme, make_table()), encoding="utf-8")
    page = with_table(with_table(page, side_by_side(ordered)), ours(), BEGIN_OURS, END_OURS)
    BENCHMARKS.write_text(page, encoding="utf-8")
    subprocess.run([sys.executable, DOCS / "make_scale.py"], check=True)


def read_lines(printed: Iterable[str]) -> list[Line]:
    """The lines of JSON in what a bench printed."""
    return [json.loads(line) for line in printed if line.startswith('{"')]


def figures_of(lines: Iterable[Line]) -> list[Line]:
    """Lines with figures in them: those of the comparison as they are, and a line for each case of a scenario."""
    found: list[Line] = []
    for line in lines:
        rows = line.get("rows")
        if isinstance(rows, list):
            found.extend({"bench": line["bench"], "case": row["case"], **row["figures"]} for row in rows)
        else:
            found.append(line)
    return found


def ours() -> str:
    """What every scenario of ours found: its claim, its cases, and whether the claim holds."""
    return "\n".join(map(_one_of_ours, read_results(RESULTS.read_text(encoding="utf-8").splitlines())))


def _one_of_ours(result: Result) -> str:
    tables: dict[tuple[str, ...], list[Row]] = {}
    for row in result.findings.rows:
        tables.setdefault(tuple(row.figures), []).append(row)
    parts = [f"### {result.bench}\n", f"{result.claim}\n"]
    for names, rows in tables.items():
        parts.append(f"| | {' | '.join(map(heading, names))} |\n|---|{'---|' * len(names)}")
        parts.extend(f"| {row.case} | {' | '.join(_cell(row, name) for name in names)} |" for row in rows)
        parts.append("")
    return "\n".join([*parts, f"{in_words(result.made)}\n"])


def _cell(row: Row, name: str) -> str:
    return " ".join([shown(row.figures[name]), *(_bound(claim, row) for claim in row.claims if claim.figure == name)])


def _bound(claim: Claim, row: Row) -> str:
    bound = f"{'≤' if claim.bound == '<=' else '≥'} {shown(claim.value)}"
    return f"({bound})" if claim.holds(row.figures) else f"(**not** {bound})"


def make_table() -> str:
    """The table, with a row for each figure that was measured."""
    settings = tomllib.loads((DOCS / "numbers.toml").read_text(encoding="utf-8"))
    lines = figures_of(read_lines(RESULTS.read_text(encoding="utf-8").splitlines()))
    peers = settings["peers"]
    rows = [f"| | Trialogue | {' | '.join(peers)} |", f"|---|{'---|' * (len(peers) + 1)}"]
    for row in settings["row"]:
        ours = _ours(row, lines)
        if ours:
            rows.append(f"| {row['what']} | **{ours}** | {' | '.join(_theirs(row, lines))} |")
    made = [in_words(result.made) for result in read_results(RESULTS.read_text(encoding="utf-8").splitlines())]
    without_load = sorted({re.sub(r", load .* began", "", words) for words in made})
    return "\n".join([*rows, "", settings["note"].strip(), *without_load, ""])


#: Headings of a ratio and its spread over the rounds.
_RATIO: Final = {"ratio": "of our first", "ratio_least": "least", "ratio_most": "most"}

#: What callers at once cost.
_CALLERS: Final = {
    "core_percent": "% of a core each",
    **_RATIO,
    "overhead_median_ms": "added, median, ms",
    "overhead_p99_ms": "p99",
    "unanswered": "unanswered",
    "session_mb": "MB each",
    "pause_ms": "longest collection, ms",
}

#: What is shown of a scenario that was measured side by side: a title, and the figures with their headings.
_SCENARIOS: Final = {
    "s3": ("A frame of silence, S3", {"us": "CPU, µs", **_RATIO}),
    "s1": (
        "An answer, S1",
        {
            "overhead_median_ms": "added, median, ms",
            "overhead_p95_ms": "p95",
            "overhead_most_ms": "most",
            "turns": "turns",
        },
    ),
    "s2": (
        "An interruption, S2",
        {
            "stopped_median_ms": "told to stop, median, ms",
            "stopped_p95_ms": "p95",
            "silent_median_ms": "silent, median, ms",
            "silent_p95_ms": "p95",
            "silent_most_ms": "most",
            "interruptions": "interruptions",
        },
    ),
    "s4": ("Callers at once, S4", _CALLERS),
    "silero": ("Callers at once, listened to by Silero", _CALLERS),
    "s5": (
        "Cold start, S5",
        {
            "import_cpu_ms": "import, CPU, ms",
            **_RATIO,
            "import_mb": "MB",
            "first_ms": "first session, ms",
            "second_ms": "second, ms",
        },
    ),
    "s6": (
        "A token of text, S6",
        {"us": "into sentences, CPU, µs", **_RATIO, "filtered_us": "with default filter, µs", "sentences": "sentences"},
    ),
}


def side_by_side(lines: Iterable[Line]) -> str:
    """A table for each case of a scenario in which all engines were measured together; engines cheapest first."""
    cases: dict[tuple[str, int], list[Line]] = {}
    for line in lines:
        if line.get("bench") == "side_by_side":
            cases.setdefault((str(line["scenario"]), int(_number(line.get("callers", 0)))), []).append(line)
    return "\n".join(
        _of_scenario(title + (f": {callers} callers" if callers else ""), headings, cases[scenario, callers])
        for name, (title, headings) in _SCENARIOS.items()
        for scenario, callers in sorted(cases)
        if scenario == name
    )


def _of_scenario(title: str, headings: Mapping[str, str], lines: list[Line]) -> str:
    lines = sorted(lines, key=lambda line: _number(line[next(iter(headings))]))
    cells = [[line["engine"], line["version"], *(line[key] for key in headings)] for line in lines]
    made = {f"{line['date']}, {line['machine']}, CPython {line['python']}, load {line['load']}." for line in lines}
    return "\n".join(
        [
            f"### {title}",
            "",
            f"| engine | version | {' | '.join(headings.values())} |",
            f"|---|---|{'---|' * len(headings)}",
            *(f"| {' | '.join(str(cell) for cell in row)} |" for row in cells),
            "",
            *sorted(made),
            "",
        ]
    )


def with_table(page: str, table: str, begin: str = BEGIN, end: str = END) -> str:
    """A page with another table between its markers."""
    before, rest = page.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}{table}{end}{after}"


def _ours(row: Table, lines: list[Line]) -> str:
    """Our figures of a row; nothing where they were not measured."""
    line, less = _find(row["ours"], lines), _find(row["less"], lines) if "less" in row else {}
    if line is None or less is None:
        return ""
    figures = [_number(line[key]) - _number(less.get(key, 0)) for key in _names(row["figures"])]
    digits = row.get("digits", 2)
    shown = [f"{figure / _number(row.get('divided_by', 1)):.{digits}g}" for figure in figures]
    return " / ".join(shown) + str(row.get("unit", ""))


def _theirs(row: Table, lines: list[Line]) -> list[str]:
    """The peers' figures of a row: as they stand there, or of the line that is named there."""
    cells = row["peers"]
    assert isinstance(cells, list)
    found = [cell if isinstance(cell, str) else _find(cell, lines) for cell in cells]
    figures, digits = _names(row["figures"]), row.get("digits", 2)
    return [
        cell
        if isinstance(cell, str)
        else " / ".join(f"{_number(cell[key]):.{digits}g}" for key in figures)
        if cell
        else ""
        for cell in found
    ]


def _find(wanted: object, lines: list[Line]) -> Line | None:
    assert isinstance(wanted, dict)
    return next((line for line in lines if wanted.items() <= line.items()), None)


def _number(value: object) -> float:
    assert isinstance(value, int | float), value
    return value


def _names(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


def _effort(line: Line) -> object:
    made = line.get("made")
    return made.get("effort") if isinstance(made, dict) else None


def _kind(line: Line) -> tuple[str, ...]:
    if "rows" in line:
        return (str(line["bench"]),)
    return tuple(str(line.get(key, "")) for key in _KEYS)


if __name__ == "__main__":
    main(() if sys.stdin.isatty() else sys.stdin)
