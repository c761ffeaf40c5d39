"""A simulated call as a picture: who spoke when, in which state turn-taking was, and what was decided. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from trialogue.agents.testing._markup import name_in_words, text
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trialogue.agents.testing._record import Judged
    from trialogue.agents.testing._timeline import Entry

#: Width of a second, pixels; less in calls so long that viewers would not draw them.
_SECOND_PX: Final = 70.0
_WIDEST_PX: Final = 30_000.0

#: Left of the first second are the lanes' names, pixels.
_NAMES_PX: Final = 96

#: Distances of the axis's marks, seconds; one takes at least so many pixels.
_TICKS: Final = (0.5, 1, 2, 5, 10, 30, 60, 300, 600)
_TICK_PX: Final = 60

#: About how wide a letter is in the small print, pixels.
_LETTER_PX: Final = 5.6

#: Decisions so close that their names would overlap stand below each other, in so many rows.
_DECISION_ROWS: Final = 4


@frozen
class _Lane:
    """A row of the picture, pixels."""

    name: str
    top: int
    height: int


_CALLER: Final = _Lane("caller", 30, 30)
_USER: Final = _Lane("user is", 64, 14)
_AGENT: Final = _Lane("agent", 92, 30)
_STATE: Final = _Lane("agent is", 126, 14)
_TOOLS: Final = _Lane("tools", 154, 22)
_DECISIONS: Final = _Lane("decisions", 188, 14 * _DECISION_ROWS)
_OTHERS: Final = _Lane("session", 188 + 14 * _DECISION_ROWS + 10, 28)
_LANES: Final = (_CALLER, _USER, _AGENT, _STATE, _TOOLS, _DECISIONS, _OTHERS)
_HEIGHT: Final = _OTHERS.top + _OTHERS.height + 8

#: What each state looks like; idle ones are left blank.
_STATE_COLOURS: Final = {
    "SPEAKING": "#8fbf8f",
    "MAYBE_FINISHED": "#e0d48a",
    "AWAY": "#cccccc",
    "THINKING": "#c9bde0",
    "HELD": "#e8b48f",
    "PAUSED": "#e0a0a0",
}

_STYLE: Final = (
    "text{font:10px sans-serif;fill:#222}.name{font-weight:bold}.small{font-size:9px}.tick{stroke:#ddd}"
    ".says rect{fill:#a9d5a9;stroke:#4d8a4d}.sound rect{fill:url(#noise);stroke:#888}"
    ".agent rect{fill:#a9c6e8;stroke:#3f6ea5}.thinks rect{fill:#e6eef8;stroke:#9bb6d6;stroke-dasharray:3 2}"
    ".tool rect{fill:#f0dca8;stroke:#a98a3a}.cut{stroke:#c02020;stroke-width:2}.decision{stroke:#777}"
)

_PATTERN: Final = (
    '<defs><pattern id="noise" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="5" height="5" fill="#eee"/><rect width="2" height="5" fill="#aaa"/></pattern></defs>'
)


def draw_svg(entries: Sequence[Entry], judged: Sequence[Judged]) -> str:
    """The call as an SVG document.

    Args:
        entries: what happened.
        judged: what the turn policy was told and decided.
    """
    end_s = max([1.0, *(entry.at_s for entry in entries), *(entry.until_s or 0.0 for entry in entries)])
    paper = _Paper(end_s, min(_SECOND_PX, _WIDEST_PX / end_s))
    parts = [
        *paper.axis(),
        *_sides(paper, entries),
        *_states(paper, judged),
        *_decisions(paper, judged),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{paper.width:.0f}" height="{_HEIGHT}" '
        f'viewBox="0 0 {paper.width:.0f} {_HEIGHT}" role="img" aria-label="A call, second by second">'
        f'<style>{_STYLE}</style>{_PATTERN}<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    )


@frozen
class _Paper:
    """The place of moments on the picture."""

    end_s: float
    zoom: float

    @property
    def width(self) -> float:
        return _NAMES_PX + self.end_s * self.zoom + 100

    def x(self, at_s: float) -> float:
        return round(_NAMES_PX + at_s * self.zoom, 1)

    def axis(self) -> Iterator[str]:
        for lane in _LANES:
            yield f'<text class="name" x="6" y="{lane.top + min(lane.height, 30) / 2 + 4:g}">{lane.name}</text>'
        step = next((tick for tick in _TICKS if tick * self.zoom >= _TICK_PX), _TICKS[-1])
        for number in range(math.floor(self.end_s / step) + 1):
            x = self.x(number * step)
            yield f'<line class="tick" x1="{x}" x2="{x}" y1="20" y2="{_HEIGHT}"/>'
            yield f'<text class="small" x="{x + 2}" y="16">{number * step:g} s</text>'

    def bar(self, lane: _Lane, look: str, extent: tuple[float, float], words: str) -> str:
        """A stretch of a lane; its words are cut off where it ends, and whole when pointed at."""
        x, width = self.x(extent[0]), max(1.5, round((extent[1] - extent[0]) * self.zoom, 1))
        told = text(f"{extent[0]:.3f} to {extent[1]:.3f} s: {words}")
        return (
            f'<svg class="{look}" x="{x}" y="{lane.top}" width="{width}" height="{lane.height}"><title>{told}</title>'
            f'<rect x="0.5" y="0.5" width="{width - 1:.1f}" height="{lane.height - 1}" rx="3"/>'
            f'<text x="4" y="{lane.height / 2 + 4:g}">{text(words)}</text></svg>'
        )

    def mark(self, lane: _Lane, at_s: float, words: str, row: int) -> str:
        """A moment in a lane, with its name beside it."""
        x, y = self.x(at_s), lane.top + 14 * row
        return (
            f'<line class="decision" x1="{x}" x2="{x}" y1="{lane.top}" y2="{y + 12}"/>'
            f'<text class="small" x="{x + 2}" y="{y + 10}">{text(words)}'
            f"<title>{at_s:.3f} s: {text(words)}</title></text>"
        )


def _sides(paper: _Paper, entries: Sequence[Entry]) -> Iterator[str]:
    """What both sides say, the tools, and what else happened."""
    yield from _agent(paper, [entry for entry in entries if entry.who == "agent"])
    yield from _tools(paper, [entry for entry in entries if entry.who == "tool"])
    row = 0
    for entry in entries:
        match entry.who, entry.what:
            case "caller", what:
                until_s = entry.at_s if entry.until_s is None else entry.until_s
                yield paper.bar(_CALLER, "says" if what == "says" else "sound", (entry.at_s, until_s), entry.text)
            case "turn", "lets pass":
                yield paper.mark(_OTHERS, entry.at_s, f"lets pass {entry.text}", 0)
            case "session", what:
                row = 1 - row
                yield paper.mark(_OTHERS, entry.at_s, what, row)
            case _:
                pass  # decisions tell it


def _agent(paper: _Paper, entries: Iterable[Entry]) -> Iterator[str]:
    thought_s: float | None = None
    for entry in entries:
        match entry.what:
            case "thinks":
                thought_s = entry.at_s
            case "says":
                if thought_s is not None:
                    yield paper.bar(_AGENT, "thinks", (thought_s, entry.at_s), "")
                thought_s = None
                until_s = paper.end_s if entry.until_s is None else entry.until_s
                yield paper.bar(_AGENT, "agent", (entry.at_s, until_s), entry.text)
            case "is cut off":
                yield _cut(paper, entry)
            case _:
                pass  # its state tells that it rests


def _tools(paper: _Paper, entries: Iterable[Entry]) -> Iterator[str]:
    running: list[Entry] = []
    for entry in entries:
        name = entry.what.removesuffix(" gave")
        if name == entry.what:
            running.append(entry)
            continue
        began = next((each for each in running if each.what == name), entry)
        running = [each for each in running if each is not began]
        yield paper.bar(_TOOLS, "tool", (began.at_s, entry.at_s), f"{name}({began.text}) = {entry.text}")
    for began in running:
        yield paper.bar(_TOOLS, "tool", (began.at_s, paper.end_s), began.what)


def _cut(paper: _Paper, entry: Entry) -> str:
    x = paper.x(entry.at_s)
    return (
        f'<line class="cut" x1="{x}" x2="{x}" y1="{_AGENT.top - 4}" y2="{_AGENT.top + _AGENT.height + 4}">'
        f"<title>{entry.at_s:.3f} s: cut off, {text(entry.text)}</title></line>"
    )


def _states(paper: _Paper, judged: Sequence[Judged]) -> Iterator[str]:
    """Both states as coloured strips."""
    for lane, name in ((_USER, "user"), (_STATE, "agent")):
        began_s, state = 0.0, ""
        for at_s, now in [*((each.at_s, getattr(each, name).name) for each in judged), (paper.end_s, "")]:
            if now == state:
                continue
            if state in _STATE_COLOURS and at_s > began_s:
                yield _strip(paper, lane, (began_s, at_s), state)
            began_s, state = at_s, now


def _strip(paper: _Paper, lane: _Lane, extent: tuple[float, float], state: str) -> str:
    x, width = paper.x(extent[0]), round((extent[1] - extent[0]) * paper.zoom, 1)
    words = state.lower().replace("_", " ")
    return (
        f'<svg x="{x}" y="{lane.top}" width="{width}" height="{lane.height}">'
        f"<title>{words}, {extent[0]:.3f} to {extent[1]:.3f} s</title>"
        f'<rect width="100%" height="100%" fill="{_STATE_COLOURS[state]}"/>'
        f'<text class="small" x="3" y="10">{words}</text></svg>'
    )


def _decisions(paper: _Paper, judged: Iterable[Judged]) -> Iterator[str]:
    """What was decided, each name where it has room."""
    free = [0.0] * _DECISION_ROWS
    for each in judged:
        for decision in each.decisions:
            words = name_in_words(type(decision))
            x = paper.x(each.at_s)
            row = next((place for place, until in enumerate(free) if until <= x), free.index(min(free)))
            free[row] = x + _LETTER_PX * len(words) + 8
            yield paper.mark(_DECISIONS, each.at_s, words, row)
