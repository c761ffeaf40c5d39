"""Draw the states of turn-taking, and write the tables of its page: `python docs/make_turn_taking.py`.

Both come from the policy's own tables and settings; a test fails when the picture or the page is not what this makes.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import attrs

from trialogue.actors import (
    AgentState,
    EndpointingSettings,
    InterruptionSettings,
    PreparationSettings,
    TurnDecision,
    TurnSettings,
    TurnState,
    UserState,
)
from trialogue.actors.turn._machines import AGENT_TABLE, TURN_TABLE, USER_TABLE, TurnKept
from trialogue.engine._graph_layout import Box, Link, Place, lay_out

DOCS: Final = Path(__file__).resolve().parent
PICTURE: Final = DOCS / "pictures" / "turn-states.svg"
PAGE: Final = DOCS / "turn-taking.md"

Table = Mapping[tuple[Enum, type], Enum]

#: The three machines, each with its table and the state in which it begins.
MACHINES: Final[tuple[tuple[str, Table, Enum], ...]] = (
    ("the user", dict(USER_TABLE.items()), UserState.LISTENING),
    ("the agent", dict(AGENT_TABLE.items()), AgentState.IDLE),
    ("the turn", dict(TURN_TABLE.items()), TurnState.EMPTY),
)

DECISIONS: Final = frozenset({*TurnDecision.__args__, TurnKept})

_STYLE: Final = """\
.ts{--ink:#1d2433;--dim:#5a6478;--line:#7a859b;--box:#e8edfb;--edge:#4a5fc1;--first:#e4f4ec;--first-edge:#2f8159;\
--label:#fff;--label-edge:#c3cad8;--frame:#f6f7fa;--frame-edge:#aeb6c6;--decision:#9a3d8f}
@media (prefers-color-scheme:dark){.ts{--ink:#e7eaf2;--dim:#a4adbf;--line:#8792a8;--box:#26305a;--edge:#8b9df0;\
--first:#1c3d30;--first-edge:#62bd93;--label:#1b202c;--label-edge:#464f63;--frame:#161a24;--frame-edge:#4d566b;\
--decision:#e49bd9}}
.ts{font-family:system-ui,"Segoe UI","DejaVu Sans",sans-serif;font-size:12px}.ts text{fill:var(--ink)}
.ts .frame{fill:var(--frame);stroke:var(--frame-edge)}.ts text.title{fill:var(--dim);font-weight:600}
.ts .state{fill:var(--box);stroke:var(--edge);stroke-width:1.4}.ts .first{fill:var(--first);stroke:var(--first-edge)}
.ts text.name{font-weight:600;font-size:13px}.ts .label{fill:var(--label);stroke:var(--label-edge)}
.ts text.decision{fill:var(--decision);font-weight:600}.ts .arrow{fill:none;stroke:var(--line);stroke-width:1.4}
.ts .head{fill:var(--line)}
"""

#: Pixels: of a line of text, round it, and of a letter.
_LINE, _PAD, _LETTER = 15.0, 8.0, 7.1


@attrs.frozen(kw_only=True)
class Arrow:
    """From one state to another, and the events that lead there."""

    key: str
    source: str
    target: str
    events: tuple[type, ...]


def main() -> None:
    """Write both."""
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


# -- the picture


def arrows_of(machine: str, table: Table) -> list[Arrow]:
    """The transitions that lead to another state, those between the same two states together."""
    moves: dict[tuple[Enum, Enum], list[type]] = {}
    for (before, event), after in table.items():
        if before is not after:
            moves.setdefault((before, after), []).append(event)
    return [
        Arrow(
            key=f"{machine}: {before.name} to {after.name}",
            source=f"{machine} {before.name}",
            target=f"{machine} {after.name}",
            events=tuple(sorted(events, key=lambda event: (event in DECISIONS, event.__name__))),
        )
        for (before, after), events in moves.items()
    ]


def picture() -> str:
    """All three machines, one below the other, as SVG."""
    states = {f"{machine} {state.name}": (machine, state) for machine, _, first in MACHINES for state in type(first)}
    firsts = {first for _, _, first in MACHINES}
    arrows = [arrow for machine, table, _ in MACHINES for arrow in arrows_of(machine, table)]
    layout = lay_out(
        [
            Box(key=key, width=_LETTER * 1.25 * len(state.name) + 2 * _PAD, height=34, group=machine)
            for key, (machine, state) in states.items()
        ],
        [Link(source=arrow.source, target=arrow.target, label=_label_box(arrow)) for arrow in arrows],
    )
    width, height = round(layout.width), round(layout.height)
    story = "; ".join(f"{each.key}: {', '.join(event.__name__ for event in each.events)}" for each in arrows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ts" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" aria-label="The states of turn-taking">',
        f"<title>The states of turn-taking</title>\n<desc>{escape(story)}</desc>\n<style>\n{_STYLE}</style>",
    ]
    for group, place in layout.frames.items():
        parts.append(f'<rect class="frame" rx="8" {_rectangle(place)}/>')
        parts.append(_text(group, place.left + 12, place.top + 16, "title", anchor="start"))
    for route in layout.routes:
        parts.append(_path(route))
    for arrow in arrows:
        parts += _label(arrow, layout.boxes[arrow.key])
    for key, (_, state) in states.items():
        place = layout.boxes[key]
        parts.append(f'<rect class="state{" first" if state in firsts else ""}" rx="14" {_rectangle(place)}/>')
        parts.append(_text(state.name, place.left + place.width / 2, place.top + place.height / 2 + 4, "name"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _label_box(arrow: Arrow) -> Box:
    longest = max(len(event.__name__) for event in arrow.events)
    return Box(key=arrow.key, width=_LETTER * longest + 2 * _PAD, height=_LINE * len(arrow.events) + _PAD)


def _label(arrow: Arrow, place: Place) -> Iterable[str]:
    yield f'<rect class="label" rx="4" {_rectangle(place)}/>'
    for row, event in enumerate(arrow.events):
        kind = "decision" if event in DECISIONS else "fact"
        yield _text(event.__name__, place.left + place.width / 2, place.top + _PAD / 2 + _LINE * (row + 1) - 4, kind)


def _path(route: Iterable[tuple[tuple[float, float], tuple[float, float]]]) -> str:
    curves = list(route)
    path = " ".join(
        f"M{_number(x)} {_number(y)}C{_number((x + to_x) / 2)} {_number(y)} {_number((x + to_x) / 2)} {_number(to_y)} "
        f"{_number(to_x)} {_number(to_y)}"
        for (x, y), (to_x, to_y) in curves
    )
    (from_x, _), (x, y) = curves[-1]
    back = 8 if x < from_x else -8
    return f'<path class="arrow" d="{path}"/><path class="head" d="M{_number(x)} {_number(y)}l{back} -4v8z"/>'


def _text(text: str, x: float, y: float, kind: str, anchor: str = "middle") -> str:
    return f'<text class="{kind}" text-anchor="{anchor}" x="{_number(x)}" y="{_number(y)}">{escape(text)}</text>'


def _rectangle(place: Place) -> str:
    sizes = {"x": place.left, "y": place.top, "width": place.width, "height": place.height}
    return " ".join(f'{name}="{_number(value)}"' for name, value in sizes.items())


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


# -- the page


def with_tables(page: str) -> str:
    """The page with the tables that are true now."""
    tables = {name.split()[-1]: transitions(table) for name, table, _ in MACHINES}
    for name, settings in (
        ("turn-settings", TurnSettings),
        ("endpointing-settings", EndpointingSettings),
        ("interruption-settings", InterruptionSettings),
        ("preparation-settings", PreparationSettings),
    ):
        tables[name] = settings_table(settings)
    for name, rows in tables.items():
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, rest = page.split(begin)
        page = "".join([before, begin, "\n".join(rows), "\n", end, rest.split(end)[1]])
    return page


def transitions(table: Table) -> list[str]:
    """One row for each event, one column for each state; a dash is a refusal."""
    states = list(type(next(iter(table.values()))))
    events = dict.fromkeys(event for _, event in table)
    ordered = sorted(events, key=lambda event: (event in DECISIONS, event.__name__))
    rows = [f"| | {' | '.join(state.name for state in states)} |", f"|---|{'---|' * len(states)}"]
    for event in ordered:
        cells = []
        for state in states:
            after = table.get((state, event))
            cells.append("–" if after is None else "·" if after is state else after.name)
        name = f"**{event.__name__}**" if event in DECISIONS else event.__name__
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return rows


def settings_table(settings: type[attrs.AttrsInstance]) -> list[str]:
    """One row for each setting: its default, and what its class says of it."""
    meanings = arguments_of(settings.__doc__ or "")
    rows = ["| setting | default | |", "|---|---|---|"]
    for field in attrs.fields(settings):
        rows.append(f"| `{field.name}` | {_default(field.default)} | {meanings[field.name]} |")
    return rows


def _default(value: object) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "infinite"
    if isinstance(value, str | int | float):
        return f"`{value}`"
    return "see below"


def arguments_of(docstring: str) -> dict[str, str]:
    """What the section "Args" of a docstring says of each name."""
    lines = itertools.dropwhile(lambda line: line.strip() != "Args:", docstring.splitlines())
    found: dict[str, str] = {}
    name = ""
    for line in itertools.islice(lines, 1, None):
        entry = re.match(r" {8}(\w+): (.*)$", line)
        if entry is not None:
            name = entry[1]
            found[name] = entry[2].strip()
        elif line.strip() and name:
            found[name] += f" {line.strip()}"
    return found


if __name__ == "__main__":
    main()
