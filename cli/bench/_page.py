"""Results for people: as text for a terminal, and as one HTML page that refers to nothing outside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Final

from trialogue.agents.testing._markup import write_text
from trialogue.cli.bench._drawing import draw
from trialogue.cli.bench._results import Claim, Result, Row, heading, in_words
from trialogue.cli.report._markup import text

if TYPE_CHECKING:
    from pathlib import Path

_TIMES: Final = (
    "Times are of this machine, with all that it had to do meanwhile; do not compare figures of different machines."
)
_NOTE: Final = f"Dashed lines are what is claimed. {_TIMES}"

#: What a table in a terminal is broken at, characters.
_TERMINAL: Final = 118


def as_text(result: Result) -> str:
    """A scenario's tables, and whether its claims hold; as wide as a terminal is."""
    parts = [f"{result.bench}: {result.claim}"]
    for rows in _alike(result.findings.rows):
        parts.extend(_tables(rows))
    parts.extend(
        f"   {'ok     ' if claim.holds(row.figures) else 'NOT MET'}  {row.case}: {_in_words(claim, row)}"
        for row in result.findings.rows
        for claim in row.claims
    )
    return "\n".join(parts)


def write_page(path: Path, title: str, results: Sequence[Result]) -> None:
    """Write the page.

    Args:
        path: the HTML file.
        title: what stands above it.
        results: at least one.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    write_text(path, render_page(title, results))


def render_page(title: str, results: Sequence[Result]) -> str:
    """The page as text; see `write_page`."""
    template = Template((files("trialogue.cli.bench") / "bench.html").read_text(encoding="utf-8"))
    made = list(dict.fromkeys(in_words(result.made).partition(", load")[0] for result in results))
    return template.substitute(
        title=text(title),
        made=text(f"{made[0]}.") if len(made) == 1 else "Made at several times, as each part says.",
        note=text(_NOTE if any(row.claims for result in results for row in result.findings.rows) else _TIMES),
        summary=_summary(results) if len(results) > 1 else "",
        scenarios="".join(_scenario(result, told=len(made) > 1) for result in results),
    )


def _summary(results: Sequence[Result]) -> str:
    rows = "".join(
        f'<tr><th scope="row"><a href="#{text(result.bench)}">{text(result.bench)}</a></th>'
        f'<td class="verdict">{_verdict(result)}</td><td>{_marked(result.claim)}</td></tr>'
        for result in results
    )
    return f'<div class="wide"><table><tbody>{rows}</tbody></table></div>'


def _marked(claim: str) -> str:
    """A claim, with what stands between backticks as code."""
    return re.sub(r"`(.+?)`", r"<code>\1</code>", text(claim))


def _verdict(result: Result) -> str:
    claims = [claim for row in result.findings.rows for claim in row.claims]
    broken = sum(len(row.broken) for row in result.findings.rows)
    if not claims:
        return ""
    return (
        f'<span class="bad">{broken} of {len(claims)} not met</span>' if broken else '<span class="good">holds</span>'
    )


def _scenario(result: Result, *, told: bool) -> str:
    tables = "".join(_table(rows) for rows in _alike(result.findings.rows))
    plots = "".join(draw(plot) for plot in result.findings.plots)
    made = f'<p class="dim">{text(in_words(result.made))}</p>' if told else ""
    return (
        f'<section><h2 id="{text(result.bench)}">{text(result.bench)}</h2><p class="claim">{_marked(result.claim)} '
        f'{_verdict(result)}</p>{made}<div class="findings"><div>{tables}</div><div class="plots">{plots}</div></div>'
        "</section>"
    )


def _table(rows: Sequence[Row]) -> str:
    names = list(rows[0].figures)
    head = "".join(f'<th scope="col" class="n">{text(heading(name))}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row">{text(row.case)}</th>{"".join(_cell(row, name) for name in names)}</tr>' for row in rows
    )
    return f'<div class="wide"><table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(row: Row, name: str) -> str:
    bounds = "".join(
        f'<span class="bound {"good" if claim.holds(row.figures) else "bad"}">'
        f"{'≤' if claim.bound == '<=' else '≥'} {shown(claim.value)}</span>"
        for claim in row.claims
        if claim.figure == name
    )
    return f'<td class="n">{shown(row.figures[name])}{bounds}</td>'


def _alike(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows by what they tell: those with the same figures stand in one table."""
    tables: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        tables.setdefault(tuple(row.figures), []).append(row)
    return list(tables.values())


def _tables(rows: Sequence[Row]) -> list[str]:
    """Rows in columns; in several tables one below the other where a line would be too long."""
    first = max(len(row.case) for row in rows)
    parts: list[str] = []
    lines = ["   " + " " * first, *(f"   {row.case:<{first}}" for row in rows)]
    for name in rows[0].figures:
        cells = [heading(name), *(shown(row.figures[name]) for row in rows)]
        width = max(map(len, cells))
        if len(lines[0]) + width + 2 > _TERMINAL:
            parts.extend(lines)
            lines = ["   " + " " * first, *(f"   {row.case:<{first}}" for row in rows)]
        lines = [f"{line}  {cell:>{width}}" for line, cell in zip(lines, cells, strict=True)]
    return [*parts, *lines]


def _in_words(claim: Claim, row: Row) -> str:
    bound = "at most" if claim.bound == "<=" else "at least"
    return f"{heading(claim.figure)} {shown(row.figures[claim.figure])}, claimed {bound} {shown(claim.value)}"


def shown(value: float) -> str:
    """A figure for people: as many digits as say something."""
    if value == int(value):  # no "-0" either
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
