"""Put measured numbers into the README and the page of benchmarks.

    python -m benches.frame_path | python docs/make_numbers.py     take in what a bench printed, and write the table
    python docs/make_numbers.py < /dev/null                        write the table again

Benches print lines of JSON. The last line of each kind stays in `numbers.jsonl`; `numbers.toml` says which figures are
shown, and what the peers measured.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parent
README: Final = DOCS.parent / "README.md"
BENCHMARKS: Final = DOCS / "benchmarks.md"
RESULTS: Final = DOCS / "numbers.jsonl"
BEGIN: Final = "<!-- begin numbers -->\n"
END: Final = "<!-- end numbers -->\n"

#: What tells one kind of line from another.
_KEYS: Final = ("bench", "claim", "callers")

Line = Mapping[str, object]
Table = Mapping[str, object]


def main(printed: Iterable[str]) -> None:
    """Take in what benches printed, and write the README."""
    lines = {_kind(line): line for line in [*read_lines(RESULTS.read_text("utf-8").splitlines()), *read_lines(printed)]}
    ordered = [lines[kind] for kind in sorted(lines)]
    RESULTS.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in ordered), encoding="utf-8")
    for page, table in ((README, make_table()), (BENCHMARKS, side_by_side(ordered))):
        page.write_text(with_table(page.read_text(encoding="utf-8"), table), encoding="utf-8")


def read_lines(printed: Iterable[str]) -> list[Line]:
    """The lines of JSON in what a bench printed."""
    return [json.loads(line) for line in printed if line.startswith('{"')]


def make_table() -> str:
    """The table, with a row for each figure that was measured."""
    settings = tomllib.loads((DOCS / "numbers.toml").read_text(encoding="utf-8"))
    lines = read_lines(RESULTS.read_text(encoding="utf-8").splitlines())
    peers = settings["peers"]
    rows = [f"| | Trialogue | {' | '.join(peers)} |", f"|---|{'---|' * (len(peers) + 1)}"]
    for row in settings["row"]:
        ours = _ours(row, lines)
        if ours:
            rows.append(f"| {row['what']} | **{ours}** | {' | '.join(_theirs(row, lines))} |")
    return "\n".join([*rows, "", settings["note"].strip(), ""])


#: What is shown of a scenario that was measured side by side: a title, and the figures with their headings.
_SCENARIOS: Final = {
    "s3": (
        "A frame of silence, S3",
        {"us": "CPU, µs", "ratio": "of our first", "ratio_least": "least", "ratio_most": "most"},
    ),
    "s1": (
        "An answer, S1",
        {
            "turns": "turns",
            "overhead_median_ms": "added, median, ms",
            "overhead_p95_ms": "p95",
            "overhead_most_ms": "most",
        },
    ),
}


def side_by_side(lines: Iterable[Line]) -> str:
    """A table for each scenario in which all engines were measured together; engines cheapest first."""
    measured = [line for line in lines if line.get("bench") == "side_by_side"]
    return "\n".join(
        _of_scenario(*shown, [line for line in measured if line["scenario"] == scenario])
        for scenario, shown in _SCENARIOS.items()
        if any(line["scenario"] == scenario for line in measured)
    )


def _of_scenario(title: str, headings: Mapping[str, str], lines: list[Line]) -> str:
    lines = sorted(lines, key=lambda line: _number(line[next(key for key in headings if key != "turns")]))
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


def with_table(readme: str, table: str) -> str:
    """The README with another table between its markers."""
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table}{END}{after}"


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


def _kind(line: Line) -> tuple[str, ...]:
    return tuple(str(line.get(key, "")) for key in _KEYS)


if __name__ == "__main__":
    main(() if sys.stdin.isatty() else sys.stdin)
