"""Where the boxes and arrows of a drawing go: left to right, in columns, without overlaps. Pure, and always the same.

The method of Sugiyama, with two liberties. Each arrow's label is a box of its own, in a column between those of the
actors, so no label can cover anything. And each sub-graph has a horizontal band to itself, so that a frame can be drawn
round it with no stranger inside.
"""

from __future__ import annotations

import bisect
import graphlib
import itertools
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Point = tuple[float, float]

#: Between columns, where the curves are, and between boxes of one column, pixels.
_COLUMN_GAP: Final = 40.0
_ROW_GAP: Final = 14.0

#: Round a sub-graph, and above its first row for its title, pixels.
_FRAME_PAD: Final = 14.0
_FRAME_TITLE: Final = 22.0

#: Room that an arrow takes where it passes a column, and between two that leave one side of a box, pixels.
_LANE: Final = 8.0
_PORT_STEP: Final = 12.0

#: Passes over the columns; the crossings and bends of graphs of a hundred boxes do not change after half of them.
_PASSES: Final = 12


@frozen(kw_only=True)
class Box:
    """Something to be placed.

    Args:
        key: unique in the drawing, and not empty.
        width, height: the room that it needs, pixels.
        group: the sub-graph that it belongs to; parts of sub-graphs have dots.
    """

    key: str
    width: float
    height: float
    group: str = ""


@frozen(kw_only=True)
class Link:
    """An arrow between two boxes, and its label: a box that stands between them."""

    source: str
    target: str
    label: Box


@frozen(kw_only=True)
class Place:
    """A rectangle, pixels from the top left."""

    left: float
    top: float
    width: float
    height: float


@frozen(kw_only=True)
class Layout:
    """Where everything goes.

    Args:
        width, height: of the whole, pixels.
        boxes: by key, those of labels included.
        frames: round the sub-graphs, by group, outer ones first.
        routes: of each link, in the order in which they were given: the curves' ends, in pairs, from source to target.
    """

    width: float
    height: float
    boxes: Mapping[str, Place]
    frames: Mapping[str, Place]
    routes: tuple[tuple[tuple[Point, Point], ...], ...]


@define(eq=False)
class _Cell:
    """A box in its column, or the place where an arrow passes one."""

    box: Box | None
    group: str
    column: int
    height: float
    y: float = 0.0
    left: list[_Cell] = attrs.Factory(list)
    right: list[_Cell] = attrs.Factory(list)


@define(eq=False)
class _Chain:
    """An arrow as cells from left to right; `backward` where it points to the left."""

    cells: list[_Cell]
    backward: bool


def lay_out(boxes: Sequence[Box], links: Sequence[Link]) -> Layout:
    """Place boxes and arrows.

    Args:
        boxes: in the order in which those of one column should stand if nothing speaks against it.
        links: between them; cycles, parallel links and links from a box to itself are fine.
    """
    ranks = rank([box.key for box in boxes], [(link.source, link.target) for link in links])
    cells = {box.key: _Cell(box, box.group, 2 * ranks[box.key], box.height) for box in boxes}
    chains = [_chain(cells, link) for link in links]
    for cell in cells.values():
        cell.height = max(cell.height, _PORT_STEP * max(len(cell.left), len(cell.right)))
    columns = _columns(itertools.chain(cells.values(), *(chain.cells for chain in chains)))
    bands = _band_order([cell.group for column in columns for cell in column])
    _order(columns, bands)
    frames, height = _place_rows(columns, bands)
    lefts, widths = _place_columns(columns)
    places = {
        cell.box.key: Place(
            left=lefts[cell.column], top=cell.y - cell.height / 2, width=widths[cell.column], height=cell.height
        )
        for column in columns
        for cell in column
        if cell.box is not None
    }
    return Layout(
        width=lefts[-1] + widths[-1] + _FRAME_PAD if columns else 2 * _FRAME_PAD,
        height=height,
        boxes=places,
        frames=_frame_places(frames, columns, lefts, widths),
        routes=_routes(chains, lefts, widths),
    )


# Columns


def rank(keys: Sequence[str], arrows: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The column of each box: right of all that feed it, but for the arrows that close a cycle."""
    feeders: dict[str, list[str]] = {key: [] for key in keys}
    fed: dict[str, list[str]] = {key: [] for key in keys}
    for source, target in _without_cycles(keys, arrows):
        feeders[target].append(source)
        fed[source].append(target)
    ranks: dict[str, int] = {}
    for key in graphlib.TopologicalSorter(feeders).static_order():
        ranks[key] = max((ranks[feeder] + 1 for feeder in feeders[key]), default=0)
    for key in keys:  # a source stands beside what it feeds, not at the far left
        if not feeders[key] and fed[key]:
            ranks[key] = min(ranks[target] for target in fed[key]) - 1
    return ranks


def _without_cycles(keys: Sequence[str], arrows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arrows but for those that lead back to where a walk along them came from."""
    fed: dict[str, list[str]] = {key: [] for key in keys}
    for source, target in arrows:
        fed[source].append(target)
    kept: list[tuple[str, str]] = []
    seen: set[str] = set()
    entered = {target for source, target in arrows if source != target}
    for start in sorted(keys, key=lambda key: key in entered):  # sources first
        if start in seen:
            continue
        seen.add(start)
        walk = {start: iter(fed[start])}
        while walk:
            here = next(reversed(walk))
            target = next(walk[here], "")
            if not target:
                del walk[here]
            elif target not in walk:
                kept.append((here, target))
                if target not in seen:
                    seen.add(target)
                    walk[target] = iter(fed[target])
    return kept


def _chain(cells: Mapping[str, _Cell], link: Link) -> _Chain:
    """The cells along a link: its ends, its label next to its source, and one in each column that it passes."""
    source, target = cells[link.source], cells[link.target]
    group = _common(source.group, target.group)
    label = _Cell(link.label, group, source.column + 1, link.label.height)
    backward = target.column < source.column
    if backward:
        label.column = source.column - 1
    first, last = (target, source) if backward else (source, target)
    between = [
        label if column == label.column else _Cell(None, group, column, _LANE)
        for column in range(first.column + 1, max(last.column, first.column + 2))
    ]
    chain = [first, *between, last]
    for here, there in itertools.pairwise(chain if first is not last else chain[:-1]):
        here.right.append(there)
        there.left.append(here)
    return _Chain(chain, backward)


def _common(one: str, other: str) -> str:
    """The sub-graph that two have in common."""
    parts = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one.split("."), other.split("."), strict=False))
    return ".".join(part for part, _ in parts)


def _columns(cells: Iterable[_Cell]) -> list[list[_Cell]]:
    found = dict.fromkeys(cells)
    columns: list[list[_Cell]] = [[] for _ in range(max((cell.column for cell in found), default=-1) + 1)]
    for cell in found:
        columns[cell.column].append(cell)
    return columns


def _place_columns(columns: Sequence[Sequence[_Cell]]) -> tuple[list[float], list[float]]:
    """Left edge and width of each column."""
    widths = [max((cell.box.width for cell in column if cell.box), default=0.0) for column in columns]
    lefts = list(itertools.accumulate((width + _COLUMN_GAP for width in widths), initial=2 * _FRAME_PAD))
    return lefts[:-1], widths


# Rows


def _band_order(groups: Iterable[str]) -> dict[str, int]:
    """The sub-graphs from top to bottom, each followed by its own parts."""
    seen = {group: place for place, group in enumerate(dict.fromkeys(groups))}

    def path(group: str) -> tuple[int, ...]:
        parts = group.split(".") if group else []
        names = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
        return tuple(
            min(place for other, place in seen.items() if f"{other}.".startswith(f"{name}.")) for name in names
        )

    return {group: place for place, group in enumerate(sorted(seen, key=path))}


def _order(columns: list[list[_Cell]], bands: Mapping[str, int]) -> None:
    """Sort each column so that few arrows cross: by the mean place of the neighbours, to and fro; the best is kept."""
    for column in columns:
        column.sort(key=lambda cell: bands[cell.group])
    best, fewest = [list(column) for column in columns], crossings(columns)
    for step in range(_PASSES):
        for column in columns if step % 2 == 0 else reversed(columns):
            _sort_column(column, bands, by_left=step % 2 == 0)
        crossed = crossings(columns)
        if crossed < fewest:
            best, fewest = [list(column) for column in columns], crossed
    columns[:] = best


def _sort_column(column: list[_Cell], bands: Mapping[str, int], *, by_left: bool) -> None:
    """Sort by band, then by the mean place of the neighbours on one side; a cell without any keeps its place."""
    keys: dict[_Cell, tuple[int, float]] = {}
    for place, cell in enumerate(column):
        near = cell.left if by_left else cell.right
        mean = sum(other.y for other in near) / len(near) if near else float(place)
        keys[cell] = bands[cell.group], mean
    column.sort(key=keys.__getitem__)
    for place, cell in enumerate(column):
        cell.y = float(place)


def crossings(columns: Sequence[Sequence[_Cell]]) -> int:
    """How many pairs of arrows cross."""
    total = 0
    for column, following in itertools.pairwise(columns):
        places = {cell: place for place, cell in enumerate(following)}
        ends: list[int] = []
        for cell in column:
            own = sorted(places[other] for other in cell.right)
            total += sum(len(ends) - bisect.bisect_right(ends, end) for end in own)
            for end in own:
                bisect.insort(ends, end)
    return total


def _place_rows(columns: Sequence[Sequence[_Cell]], bands: Mapping[str, int]) -> tuple[dict[str, list[float]], float]:
    """Give each cell its y; return the top and bottom of each sub-graph's frame, and the height of the whole."""
    frames: dict[str, list[float]] = {}
    opened: list[str] = []
    y = _FRAME_PAD
    for group in sorted(bands, key=lambda group: bands[group]):
        while opened and not f"{group}.".startswith(f"{opened[-1]}."):
            y = frames[opened.pop()][1] = y + _FRAME_PAD
            y += _ROW_GAP
        for depth in range(len(opened), group.count(".") + 1 if group else 0):
            opened.append(".".join(group.split(".")[: depth + 1]))
            frames[opened[-1]] = [y, y]
            y += _FRAME_TITLE + _FRAME_PAD / 2
        y = _place_band([[cell for cell in column if cell.group == group] for column in columns], y) + _ROW_GAP
    while opened:
        y = frames[opened.pop()][1] = y + _FRAME_PAD / 2
    return frames, y + _FRAME_PAD


def _place_band(columns: Sequence[Sequence[_Cell]], top: float) -> float:
    """Give the cells of a band their y below `top`, near their neighbours; return the band's bottom."""
    cells = set(itertools.chain.from_iterable(columns))
    for column in columns:
        _spread(column, [0.0] * len(column))
    for step in range(_PASSES):
        for column in columns if step % 2 == 0 else reversed(columns):
            _spread(column, [_wish(cell, cells, step) for cell in column])
    _close_up(columns)
    highest = min((cell.y - cell.height / 2 for cell in cells), default=0.0)
    for cell in cells:
        cell.y += top - highest
    return max((cell.y + cell.height / 2 for cell in cells), default=top)


def _close_up(columns: Sequence[Sequence[_Cell]]) -> None:
    """Move up, as far as they can, the parts of a band that no arrow joins to what is above them."""
    above = {cell: before for column in columns for before, cell in itertools.pairwise(column)}
    parts = sorted(_joined(columns), key=lambda part: min(cell.y for cell in part))
    for part in parts[1:]:
        gaps = [
            cell.y - cell.height / 2 - (above[cell].y + above[cell].height / 2) - _ROW_GAP
            for cell in part
            if cell in above and above[cell] not in part
        ]
        for cell in part:
            cell.y -= min(gaps, default=0.0)


def _joined(columns: Sequence[Sequence[_Cell]]) -> list[set[_Cell]]:
    """The cells of a band in sets that arrows inside it join."""
    left = dict.fromkeys(itertools.chain.from_iterable(columns))
    parts: list[set[_Cell]] = []
    while left:
        part: set[_Cell] = set()
        ahead = [next(iter(left))]
        while ahead:
            cell = ahead.pop()
            if cell in left:
                del left[cell]
                part.add(cell)
                ahead += cell.left + cell.right
        parts.append(part)
    return parts


def _wish(cell: _Cell, band: set[_Cell], step: int) -> float:
    """Where a cell would like to be: level with its neighbours, in the end with those of both sides."""
    sides = cell.left + cell.right if step >= _PASSES - 2 else cell.left if step % 2 == 0 else cell.right
    near = [other.y for other in sides if other in band]
    return sum(near) / len(near) if near else cell.y


def _spread(column: Sequence[_Cell], wishes: Sequence[float]) -> None:
    """Place a column's cells as near to their wishes as their heights allow, in the sense of least squares.

    Taking the heights off first leaves the condition that places must not fall: an isotonic regression.
    """
    offsets: list[float] = []
    bottom = 0.0
    for cell in column:
        offsets.append(bottom + cell.height / 2)
        bottom += cell.height + _ROW_GAP
    blocks: list[tuple[float, int]] = []  # mean wish and size of cells that touch each other
    for wish, offset in zip(wishes, offsets, strict=True):
        mean, size = wish - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean, size = (mean * size + other * more) / (size + more), size + more
        blocks.append((mean, size))
    starts = itertools.chain.from_iterable([mean] * size for mean, size in blocks)
    for cell, start, offset in zip(column, starts, offsets, strict=True):
        cell.y = start + offset


# Frames and arrows


def _frame_places(
    frames: Mapping[str, Sequence[float]],
    columns: Sequence[Sequence[_Cell]],
    lefts: Sequence[float],
    widths: Sequence[float],
) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for group, (top, bottom) in frames.items():
        inside = [
            cell.column
            for column in columns
            for cell in column
            if cell.box is not None and f"{cell.group}.".startswith(f"{group}.")
        ]
        left = lefts[min(inside)] - _FRAME_PAD
        right = lefts[max(inside)] + widths[max(inside)] + _FRAME_PAD
        places[group] = Place(left=left, top=top, width=right - left, height=bottom - top)
    return places


def _routes(
    chains: Sequence[_Chain], lefts: Sequence[float], widths: Sequence[float]
) -> tuple[tuple[tuple[Point, Point], ...], ...]:
    """The curves of each chain, between the columns, from the source to the target."""
    steps = [
        (number, here, there) for number, chain in enumerate(chains) for here, there in itertools.pairwise(chain.cells)
    ]
    leaving = _port_places((here, number, there.y) for number, here, there in steps)
    entering = _port_places((there, number, here.y) for number, here, there in steps if there.column != here.column - 1)
    routes: list[tuple[tuple[Point, Point], ...]] = []
    for number, chain in enumerate(chains):
        curves: list[tuple[Point, Point]] = []
        for here, there in itertools.pairwise(chain.cells):
            start = (lefts[here.column] + widths[here.column], leaving[here, number])
            if there.column < here.column:  # from the label of a link to itself, back to its box
                start = (lefts[here.column], here.y)
                end = (lefts[there.column] + widths[there.column], there.y + there.height / 3)
            else:
                end = (lefts[there.column], entering[there, number])
            if here.box is None:  # the arrow passes a column
                curves.append(((lefts[here.column], here.y), start))
            curves.append((start, end))
        routes.append(tuple((end, start) for start, end in reversed(curves)) if chain.backward else tuple(curves))
    return tuple(routes)


def _port_places(arrows: Iterable[tuple[_Cell, int, float]]) -> dict[tuple[_Cell, int], float]:
    """Where on one side of a cell each arrow ends: apart, in the order of where they go."""
    at: dict[_Cell, list[tuple[float, int]]] = {}
    for cell, number, other_y in arrows:
        at.setdefault(cell, []).append((other_y, number))
    places: dict[tuple[_Cell, int], float] = {}
    for cell, ends in at.items():
        for place, (_, number) in enumerate(sorted(ends)):
            places[cell, number] = cell.y + (place - (len(ends) - 1) / 2) * _PORT_STEP
    return places
