"""Put measured numbers into the README.

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
    README.write_text(with_table(README.read_text(encoding="utf-8"), make_table()), encoding="utf-8")


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
            rows.append(f"| {row['what']} | **{ours}** | {' | '.join(row['peers'])} |")
    return "\n".join([*rows, "", settings["note"].strip(), ""])


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
    shown = [f"{figure / _number(row.get('divided_by', 1)):.2g}" for figure in figures]
    return " / ".join(shown) + str(row.get("unit", ""))


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
