"""Graphs as SVG: what `to_mermaid` draws, without a tool to draw it, and with what the channels hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from trialogue.engine._errors import GraphError
from trialogue.engine._graph_checks import parts_of
from trialogue.engine._graph_drawing import bound_of
from trialogue.engine._graph_layout import Box, Layout, Link, Place, lay_out
from trialogue.engine._ports import describe
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trialogue.engine._channel import Inbox
    from trialogue.engine._graph import Graph, Node
    from trialogue.engine._pipe import ChannelStatistics, Pipe

    Point = tuple[float, float]

Shape = Literal["actor", "stage", "outside"]
State = Literal["", "calm", "full", "lost"]

#: Height of a line of text and of a box without text, and what a box leaves on each side of its text, pixels.
_LINE: Final = 15.0
_PAD: Final = 9.0

#: Sizes of the fonts of names and of the rest; bold letters are wider, which the first makes up for.
_NAME_PX: Final = 13.0
_PLAIN_PX: Final = 11.0

#: A channel that was ever as full as this is marked, as a share of its bound.
_FULL: Final = 0.8

#: Characters of a label's line; the whole is in the tooltip.
_CHARACTERS: Final = 34

#: About how wide letters are in the usual sans-serif fonts, as a share of the font's size; rather too wide.
_WIDTHS: Final = {**dict.fromkeys(" .,:;'|!()[]ijlft", 0.36), **dict.fromkeys("mwMW@", 0.95)}
_CAPITAL, _SMALL = 0.72, 0.59

_STYLE: Final = """\
.tg{--ink:#1d2433;--dim:#5a6478;--line:#7a859b;--actor:#e8edfb;--actor-line:#4a5fc1;--stage:#e4f4ec;--stage-line:#2f8159;\
--label:#ffffff;--label-line:#c3cad8;--frame:#f6f7fa;--frame-line:#aeb6c6;--calm:#2f8159;--full:#b26a00;--lost:#c62f3b}
@media (prefers-color-scheme:dark){.tg{--ink:#e7eaf2;--dim:#a4adbf;--line:#8792a8;--actor:#26305a;--actor-line:#8b9df0;\
--stage:#1c3d30;--stage-line:#62bd93;--label:#1b202c;--label-line:#464f63;--frame:#161a24;--frame-line:#4d566b;\
--calm:#62bd93;--full:#e0a03c;--lost:#f0727b}}
.tg{font-family:system-ui,"Segoe UI","DejaVu Sans",sans-serif;font-size:12px}
.tg text{fill:var(--ink)}.tg text.dim{fill:var(--dim);font-size:11px}
.tg .name{font-weight:600}.tg .actor{fill:var(--actor);stroke:var(--actor-line);stroke-width:1.4}
.tg .stage{fill:var(--stage);stroke:var(--stage-line);stroke-width:1.4}
.tg .outside{fill:none;stroke:var(--line);stroke-dasharray:4 3}
.tg .label{fill:var(--label);stroke:var(--label-line)}.tg .frame{fill:var(--frame);stroke:var(--frame-line)}
.tg .arrow{fill:none;stroke:var(--line);stroke-width:1.4}.tg .fused{stroke-dasharray:2 3}
.tg .head{fill:var(--line);stroke:none}.tg .track{fill:var(--label-line)}
.tg .full{stroke:var(--full);stroke-width:1.8}.tg .lost{stroke:var(--lost);stroke-width:1.8}
.tg .fill-calm{fill:var(--calm)}.tg .fill-full{fill:var(--full)}.tg .fill-lost{fill:var(--lost)}
"""


@frozen(kw_only=True)
class _Label:
    """What stands on an arrow.

    Args:
        lines: the first is the name.
        tooltip: all of it, unabridged.
        state: how the channel fares, where that is known.
        level, peak: how full it is and ever was, as a share of its bound; None where that is not counted in items.
    """

    lines: tuple[str, ...]
    tooltip: str
    state: State = ""
    level: float | None = None
    peak: float | None = None
    fused: bool = False


@frozen(kw_only=True)
class _Vertex:
    """An actor, a stage, or the world outside where it touches one of them."""

    key: str
    text: str
    shape: Shape
    group: str = ""


@frozen(kw_only=True)
class _Arrow:
    source: str
    target: str
    label: _Label


def to_svg(graph: Graph, statistics: Sequence[ChannelStatistics] | None) -> str:
    """The graph as an SVG document: actors as boxes, stages as rounded ones, channels as labelled arrows.

    Raises:
        GraphError: the statistics are not those of this graph's channels, in their order.
    """
    pipes = graph.pipes
    if statistics is not None and [each.name for each in statistics] != [pipe.settings.name for pipe in pipes]:
        raise GraphError(
            f"graph {graph.name}: these statistics are not of its channels; pass what its own statistics() returned"
        )
    seen = dict(zip(pipes, statistics, strict=True)) if statistics is not None else {}
    arrows = list(_arrows(graph, seen))
    vertices = _vertices(graph, arrows)
    labels = [f"label {number}" for number in range(len(arrows))]
    layout = lay_out(
        [
            Box(key=each.key, width=_text_width(each.text, _NAME_PX) + 2 * _PAD, height=34, group=each.group)
            for each in vertices
        ],
        [
            Link(source=arrow.source, target=arrow.target, label=_label_box(key, arrow.label))
            for key, arrow in zip(labels, arrows, strict=True)
        ],
    )
    parts = [_head(graph, layout, vertices, arrows)]
    parts += [_frame(group, place) for group, place in layout.frames.items()]
    parts += [_arrow(arrow, route) for arrow, route in zip(arrows, layout.routes, strict=True)]
    parts += [_label(arrow.label, layout.boxes[key]) for key, arrow in zip(labels, arrows, strict=True)]
    parts += [_vertex(each, layout.boxes[each.key]) for each in vertices]
    return "\n".join([*parts, "</svg>"]) + "\n"


# What there is to draw


def _arrows(graph: Graph, seen: Mapping[Pipe, ChannelStatistics]) -> Iterator[_Arrow]:
    """Every connection; the world outside stands once beside each actor that it touches."""
    received: set[Pipe] = set()
    for node in graph.nodes:
        for use in node.inputs:
            for part in parts_of(use.end):
                yield from _arrows_into(graph, node, part, seen)
                received.update(part.pipes)
    for pipe in graph.pipes:
        if pipe not in received and "producer" in pipe.uses:
            user = pipe.uses["producer"].user
            yield _Arrow(source=user, target=f"outside after {user}", label=_channel_label(pipe, seen.get(pipe)))


def _arrows_into(
    graph: Graph, node: Node, part: Inbox[object], seen: Mapping[Pipe, ChannelStatistics]
) -> Iterator[_Arrow]:
    stage = graph.stages.get(part)
    if stage is not None:
        carries = describe(stage.makes)
        label = _Label(lines=(_short(carries),), tooltip=f"{carries}, handed over inside one task", fused=True)
        yield _Arrow(source=stage.name, target=node.name, label=label)
        return
    for pipe in part.pipes:
        producer = pipe.uses.get("producer")
        source = f"outside before {node.name}" if producer is None else producer.user
        yield _Arrow(source=source, target=node.name, label=_channel_label(pipe, seen.get(pipe)))


def _vertices(graph: Graph, arrows: Sequence[_Arrow]) -> list[_Vertex]:
    vertices = [
        _Vertex(
            key=node.name,
            text=node.name.removeprefix(f"{node.group}."),
            shape="stage" if node.start is None else "actor",
            group=node.group,
        )
        for node in graph.nodes
    ]
    known = {vertex.key for vertex in vertices}
    ends = dict.fromkeys(end for arrow in arrows for end in (arrow.source, arrow.target))
    return vertices + [_Vertex(key=end, text="outside", shape="outside") for end in ends if end not in known]


def _channel_label(pipe: Pipe, seen: ChannelStatistics | None) -> _Label:
    settings = pipe.settings
    # Of what comes from outside only the consumer's port is known, which may take other things from elsewhere too.
    use = pipe.uses.get("producer") or pipe.uses["consumer"]
    carries = describe(use.carries) if "producer" in pipe.uses or len(use.carries) == 1 else ""
    bound = f"up to {bound_of(pipe)}"
    lines = [settings.name, *([_short(carries)] if carries else []), bound]
    tooltip = ", ".join(filter(None, (f"channel {settings.name}", carries, bound)))
    if seen is None:
        return _Label(lines=tuple(lines), tooltip=tooltip)
    lost = f" · {seen.dropped} dropped" if seen.dropped else ""
    lines.append(f"now {seen.depth} · most {seen.high_water}{lost}")
    tooltip += (
        f"; {seen.sent} sent, {seen.depth} waiting now, {seen.high_water} at most, {seen.dropped} dropped, senders "
        f"waited {seen.wait_s:.3f} s, the oldest item lay there {seen.worst_age_s:.3f} s"
    )
    level = peak = None
    if not settings.timed:
        level, peak = (min(1.0, count / settings.bound) for count in (seen.depth, seen.high_water))
    return _Label(lines=tuple(lines), tooltip=tooltip, state=_state(pipe, seen, peak), level=level, peak=peak)


def _state(pipe: Pipe, seen: ChannelStatistics, peak: float | None) -> State:
    """How a channel fares. One that keeps the latest alone is made to be full and to drop."""
    if pipe.settings.overflow == "latest":
        return "calm"
    if seen.dropped:
        return "lost"
    return "full" if peak is not None and peak >= _FULL else "calm"


def _label_box(key: str, label: _Label) -> Box:
    width = max(_text_width(line, _PLAIN_PX if place else _NAME_PX) for place, line in enumerate(label.lines))
    bar = 6 if label.level is not None else 0
    return Box(key=key, width=width + 2 * _PAD, height=_LINE * len(label.lines) + _PAD + bar)


# How it is drawn


def _head(graph: Graph, layout: Layout, vertices: Sequence[_Vertex], arrows: Sequence[_Arrow]) -> str:
    width, height = round(layout.width), round(layout.height)
    names = {vertex.key: vertex.text for vertex in vertices}
    story = "; ".join(f"{names[arrow.source]} to {names[arrow.target]}: {arrow.label.lines[0]}" for arrow in arrows)
    title = f"Graph {graph.name}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" aria-label="{escape(title)}">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(story)}</desc>\n<style>\n{_STYLE}</style>"
    )


def _frame(group: str, place: Place) -> str:
    x, y = _number(place.left + 10), _number(place.top + 16)
    return (
        f'<g><rect class="frame" rx="8" {_rectangle(place)}/>'
        f'<text class="dim name" x="{x}" y="{y}">{escape(group)}</text></g>'
    )


def _vertex(vertex: _Vertex, place: Place) -> str:
    x, y = place.left + place.width / 2, place.top + place.height / 2 + 4
    radius = {"actor": 5.0, "stage": place.height / 2, "outside": place.height / 2}[vertex.shape]
    kind = {"actor": "actor", "stage": "stage, run inside its consumer's task", "outside": "code outside the graph"}
    look = "dim" if vertex.shape == "outside" else "name"
    return (
        f'<g><title>{escape(vertex.text)}: {kind[vertex.shape]}</title><rect class="{vertex.shape}" '
        f'rx="{_number(radius)}" {_rectangle(place)}/><text class="{look}" text-anchor="middle" '
        f'x="{_number(x)}" y="{_number(y)}">{escape(vertex.text)}</text></g>'
    )


def _label(label: _Label, place: Place) -> str:
    parts = [f"<g><title>{escape(label.tooltip)}</title>"]
    marked = label.state if label.state in ("full", "lost") else ""
    parts.append(f'<rect class="{f"label {marked}".strip()}" rx="4" {_rectangle(place)}/>')
    for row, line in enumerate(label.lines):
        look = "dim" if row or label.fused else "name"
        x, y = place.left + place.width / 2, place.top + _PAD / 2 + _LINE * (row + 1) - 4
        parts.append(
            f'<text class="{look}" text-anchor="middle" x="{_number(x)}" y="{_number(y)}">{escape(line)}</text>'
        )
    if label.level is not None and label.peak is not None:
        parts.append(_gauge(label, place))
    return "".join([*parts, "</g>"])


def _gauge(label: _Label, place: Place) -> str:
    """How full a channel is (a bar) and ever was (a mark)."""
    assert label.level is not None
    assert label.peak is not None
    left, top, width = place.left + _PAD, place.top + place.height - 9, place.width - 2 * _PAD
    return (
        f'<rect class="track" x="{_number(left)}" y="{_number(top)}" width="{_number(width)}" height="4" rx="2"/>'
        f'<rect class="fill-{label.state}" x="{_number(left)}" y="{_number(top)}" '
        f'width="{_number(width * label.level)}" height="4" rx="2"/>'
        f'<rect class="fill-{label.state}" x="{_number(left + (width - 2) * label.peak)}" y="{_number(top - 2)}" '
        f'width="2" height="8"/>'
    )


def _arrow(arrow: _Arrow, route: Sequence[tuple[Point, Point]]) -> str:
    curves = " ".join(_curve(start, end) for start, end in route)
    (from_x, _), (x, y) = route[-1]
    back = 8.0 if x < from_x else -8.0
    look = "arrow fused" if arrow.label.fused else "arrow"
    head = f"M{_number(x)} {_number(y)}l{_number(back)} -4v8z"
    return f'<path class="{look}" d="{curves}"/><path class="head" d="{head}"/>'


def _curve(start: Point, end: Point) -> str:
    (x, y), (to_x, to_y) = start, end
    middle = _number((x + to_x) / 2)
    if y == to_y:
        return f"M{_number(x)} {_number(y)}H{_number(to_x)}"
    return f"M{_number(x)} {_number(y)}C{middle} {_number(y)} {middle} {_number(to_y)} {_number(to_x)} {_number(to_y)}"


def _rectangle(place: Place) -> str:
    return " ".join(
        f'{name}="{_number(value)}"'
        for name, value in zip(
            ("x", "y", "width", "height"), (place.left, place.top, place.width, place.height), strict=True
        )
    )


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


def _short(text: str) -> str:
    return text if len(text) <= _CHARACTERS else f"{text[: _CHARACTERS - 1]}…"


def _text_width(text: str, size: float) -> float:
    """About how wide a text is, pixels."""
    return size * sum(_WIDTHS.get(letter, _CAPITAL if letter.isupper() else _SMALL) for letter in text)


def escape(text: str) -> str:
    """A text as XML wants it, in elements and in attributes. What XML has not becomes a mark."""
    plain = "".join(letter if letter >= " " or letter in "\t\n" else "�" for letter in text)
    plain = plain.encode(errors="replace").decode()
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
