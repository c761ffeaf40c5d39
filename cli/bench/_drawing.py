"""Plots as SVG: small, of one size, in the colours of the page that they are part of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, assert_never

from trialogue.cli.bench._results import Curve, Distribution, Plot, Waterfall
from trialogue.cli.report._markup import number, text
from trialogue.frames._attrs import frozen

#: Of a plot, and of the field inside its axes; pixels where it is shown at its own size.
WIDTH: Final = 360
HEIGHT: Final = 230
_LEFT: Final = 48
_RIGHT: Final = 340
_TOP: Final = 12
_BOTTOM: Final = 184

#: How many colours the page has; more series than these begin again.
COLOURS: Final = 8

#: So few points are shown one by one.
_FEW: Final = 24

#: A step between ticks is one of these times a power of ten.
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)

Points = Sequence[tuple[float, float]]


@frozen
class Axis:
    """One direction of a plot.

    Args:
        low, high: the values at its ends.
        begin, end: the pixels there.
        logarithmic: whether equal ratios are equally far apart.
    """

    low: float
    high: float
    begin: float
    end: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """The pixel of a value."""
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = math.log(value), math.log(low), math.log(high)
        return self.begin + (value - low) / (high - low) * (self.end - self.begin)

    @property
    def ticks(self) -> list[float]:
        """Round values, about five."""
        if self.logarithmic:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            return [10.0**power for power in range(first, last + 1)]
        step = _step((self.high - self.low) / 5)
        first = math.ceil(self.low / step - 1e-9)
        return [step * count for count in range(first, math.floor(self.high / step + 1e-9) + 1)]

    @property
    def labels(self) -> list[str]:
        """The ticks in figures: as short as they can be, and all different."""
        ticks = self.ticks
        short = [_short(tick) for tick in ticks]
        places = 0
        while len(set(short)) < len(ticks) and places < 9:
            places += 1
            short = [number(tick, places) for tick in ticks]
        return short


def draw(plot: Plot) -> str:
    """A plot, with its title and the key to its colours."""
    match plot:
        case Distribution():
            drawing, key = _distribution(plot), list(plot.samples)
        case Curve():
            drawing, key = _curve(plot), list(plot.series)
        case Waterfall():
            drawing, key = _waterfall(plot), []
        case _:
            assert_never(plot)
    colours = "".join(f'<li><span class="chip c{_colour(at)}"></span>{text(name)}</li>' for at, name in enumerate(key))
    named = f'<ul class="key">{colours}</ul>' if len(key) > 1 else ""
    return f"<figure><figcaption>{text(plot.title)}</figcaption>{drawing}{named}</figure>"


def _distribution(plot: Distribution) -> str:
    every = [value for values in plot.samples.values() for value in values]
    edges = [*every, *([] if plot.limit is None else [plot.limit])]
    # Half a per cent of stragglers must not press all others against the edge.
    far = max(sorted(every)[int(0.995 * (len(every) - 1))] * 1.1, plot.limit or 0.0)
    across = _axis(min(edges), min(max(edges), far), _LEFT, _RIGHT)
    up = Axis(0.0, 100.0, _BOTTOM, _TOP)
    lines = "".join(
        _line(
            [(value, 100 * (place + 1) / len(values)) for place, value in enumerate(values) if value <= across.high],
            (across, up),
            at,
            dots=len(values) <= _FEW,
        )
        for at, values in enumerate(plot.samples.values())
    )
    limit = "" if plot.limit is None else _limit(across.at(plot.limit), upright=True)
    return _svg(plot.title, _frame(across, up, plot.unit, "% at most") + limit + lines)


def _curve(plot: Curve) -> str:
    points = [point for series in plot.series.values() for point in series]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    wide = min(xs) > 0 and max(xs) / min(xs) >= 50
    across = Axis(min(xs), max(xs), _LEFT, _RIGHT, logarithmic=True) if wide else _axis(min(xs), max(xs), _LEFT, _RIGHT)
    up = _axis(min(0.0, *ys), max(*ys, plot.limit or 0.0), _BOTTOM, _TOP)
    lines = "".join(
        _line(series, (across, up), at, dots=len(series) <= _FEW) for at, series in enumerate(plot.series.values())
    )
    limit = "" if plot.limit is None else _limit(up.at(plot.limit), upright=False)
    return _svg(plot.title, _frame(across, up, plot.x, plot.y) + limit + lines)


def _waterfall(plot: Waterfall) -> str:
    left, row = 92, (_BOTTOM - _TOP) / max(1, len(plot.bars))
    across = _axis(0.0, max(end for _, _, end in plot.bars), left, _RIGHT - 36)
    parts = [_ticks(across, plot.unit)]
    for at, (stage, begin, end) in enumerate(plot.bars):
        y, x = _TOP + at * row, across.at(begin)
        width = max(1.0, across.at(end) - x)
        middle = number(y + row / 2 + 4, 1)
        parts.append(
            f'<text x="{left - 8}" y="{middle}" text-anchor="end">{text(stage)}</text>'
            f'<rect class="c{_colour(at)}" x="{number(x, 1)}" y="{number(y + 3, 1)}" width="{number(width, 1)}"'
            f' height="{number(row - 6, 1)}" rx="2"/>'
            f'<text x="{number(x + width + 4, 1)}" y="{middle}">{_short(end - begin)}</text>'
        )
    return _svg(plot.title, "".join(parts))


def _line(points: Points, axes: tuple[Axis, Axis], at: int, *, dots: bool = False) -> str:
    across, up = axes
    places = [(number(across.at(x), 1), number(up.at(y), 1)) for x, y in points]
    path = " ".join(f"{x},{y}" for x, y in places)
    marks = "".join(f'<circle cx="{x}" cy="{y}" r="2.6"/>' for x, y in places) if dots else ""
    return f'<g class="c{_colour(at)}"><polyline points="{path}"/>{marks}</g>'


def _limit(pixel: float, *, upright: bool) -> str:
    at = number(pixel, 1)
    ends = (
        f'x1="{at}" x2="{at}" y1="{_TOP}" y2="{_BOTTOM}"'
        if upright
        else f'x1="{_LEFT}" x2="{_RIGHT}" y1="{at}" y2="{at}"'
    )
    return f'<line class="limit" {ends}><title>what is claimed</title></line>'


def _frame(across: Axis, up: Axis, x: str, y: str) -> str:
    rows = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{number(up.at(tick), 1)}" y2="{number(up.at(tick), 1)}"/>'
        f'<text x="{_LEFT - 6}" y="{number(up.at(tick) + 4, 1)}" text-anchor="end">{label}</text>'
        for tick, label in zip(up.ticks, up.labels, strict=True)
    )
    title = (
        f'<text class="dim" transform="translate(11 {(_TOP + _BOTTOM) / 2}) rotate(-90)" text-anchor="middle">'
        f"{text(y)}</text>"
    )
    return rows + title + _ticks(across, x)


def _ticks(across: Axis, title: str) -> str:
    places = [(number(across.at(tick), 1), label) for tick, label in zip(across.ticks, across.labels, strict=True)]
    ticks = "".join(
        f'<line class="grid" x1="{x}" x2="{x}" y1="{_TOP}" y2="{_BOTTOM}"/>'
        f'<text x="{x}" y="{_BOTTOM + 16}" text-anchor="middle">{words}</text>'
        for x, words in places
    )
    middle = number((across.begin + across.end) / 2, 1)
    return f'{ticks}<text class="dim" x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{text(title)}</text>'


def _svg(title: str, inside: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{text(title)}">{inside}</svg>'


def _axis(low: float, high: float, begin: float, end: float) -> Axis:
    """An axis from a round value to a round value, around both."""
    if high <= low:
        low, high = (low - 0.5 * abs(low), low + 0.5 * abs(low)) if low else (0.0, 1.0)
    if 0 < low < 0.5 * high:
        low = 0.0
    step = _step((high - low) / 5)
    return Axis(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, begin, end)


def _step(about: float) -> float:
    power = 10.0 ** math.floor(math.log10(about))
    return next(step * power for step in _STEPS if step * power >= about * (1 - 1e-9))


def _short(value: float) -> str:
    for size, letter in ((1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{number(value / (1e6 if letter == 'M' else 1e3), 1)}{letter}"
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    return number(value, places)


def _colour(at: int) -> int:
    return at % COLOURS + 1
