"""Graphs as SVG: well-formed, complete, without overlaps, and always the same."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.test_graph import (
    Edge,
    Sound,
    Word,
    denoise,
    echo,
    gate,
    microphone,
    spell,
    stt,
    turn,
    vad,
    words_sink,
)
from trialogue.engine import Channel, Graph, GraphError, Outbox, fan_out, merge
from trialogue.engine._graph_layout import Box, Layout, Link, Place, lay_out, rank

SVG = "{http://www.w3.org/2000/svg}"


def conversation() -> Graph:
    graph = Graph("call")
    for_stt = Channel[Sound]("for_stt", seconds=0.5)
    for_vad = Channel[Sound]("for_vad", seconds=0.2, overflow="drop oldest")
    words, edges = Channel[Word]("words", capacity=8), Channel[Edge]("edges", capacity=4)
    interim = Channel[Word]("interim", overflow="latest")
    graph.add(microphone, fan_out(for_stt.outbox, for_vad.outbox))
    ears = graph.subgraph("ears")
    ears.add(stt, ears.stage(denoise, for_stt.inbox), words.outbox, interim_out=interim.outbox)
    ears.add(vad, for_vad.inbox, edges.outbox, threshold=0.5)
    graph.add(turn, merge(graph.stage(gate, graph.stage(spell, words.inbox)), edges.inbox), [])
    graph.outside(interim.inbox)
    return graph


def ping_pong() -> Graph:
    """Each has a channel to the other; the way back keeps the latest alone."""
    graph = Graph()
    there, back = Channel[Word]("there", capacity=2), Channel[Word]("back", overflow="latest")
    heard = Channel[Word]("heard", capacity=1)
    graph.add_as("ping", echo, back.inbox, fan_out(there.outbox, heard.outbox))
    graph.add_as("pong", echo, there.inbox, back.outbox)
    graph.add(words_sink, heard.inbox, [])
    return graph


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]


def rectangles(svg: str, *looks: str) -> list[ET.Element]:
    return [each for each in ET.fromstring(svg).iter(f"{SVG}rect") if each.get("class", "").split()[0] in looks]


def test_a_conversation_shows_every_actor_stage_channel_type_and_bound() -> None:
    svg = conversation().to_svg()
    assert sorted(texts(svg)) == sorted(
        [
            *("ears", "microphone", "denoise", "stt", "vad", "spell", "gate", "turn", "outside"),
            *("for_stt", "Sound", "up to 0.5 s", "for_vad", "Sound", "up to 0.2 s, drop oldest"),
            *("words", "Word", "up to 8", "edges", "Edge", "up to 4", "interim", "Word", "up to 1, latest"),
            *("Sound", "LoudWord", "LoudWord"),
        ]
    )
    assert len(rectangles(svg, "actor")) == 4
    assert len(rectangles(svg, "stage")) == 3
    assert len(rectangles(svg, "frame")) == 1
    arrows = [each for each in ET.fromstring(svg).iter(f"{SVG}path") if "arrow" in each.get("class", "").split()]
    assert len(arrows) == 8
    assert sum("fused" in each.get("class", "").split() for each in arrows) == 3


def test_the_frame_of_a_sub_graph_holds_its_actors_and_nobody_else() -> None:
    svg = conversation().to_svg()
    (frame,) = map(place_of, rectangles(svg, "frame"))
    inside = [
        group.find(f"{SVG}text").text  # type: ignore[union-attr]  # each has one
        for group in ET.fromstring(svg).iter(f"{SVG}g")
        for box in group.findall(f"{SVG}rect")
        if box.get("class") in ("actor", "stage") and overlap(place_of(box), frame)
    ]
    assert sorted(inside, key=str) == ["denoise", "stt", "vad"]


def test_the_same_graph_gives_the_same_drawing_and_refers_to_nothing_outside() -> None:
    svg = conversation().to_svg()
    assert svg == conversation().to_svg()
    assert not re.search(r"(href|src|url\()", svg)


def test_in_a_cycle_one_arrow_points_back() -> None:
    svg = ping_pong().to_svg()
    heads = [each.get("d", "") for each in ET.fromstring(svg).iter(f"{SVG}path") if each.get("class") == "head"]
    assert sorted(re.findall(r"l(-?8) -4", " ".join(heads))) == ["-8", "-8", "8"]


def test_names_that_xml_would_trip_over() -> None:
    graph = Graph('a "graph" & <more>')
    graph.add(words_sink, Channel[Word]("<b>bold & bad</b>\x00", capacity=1).inbox, [])
    svg = graph.to_svg()
    assert "<b>bold & bad</b>�" in texts(svg)
    assert ET.fromstring(svg).get("aria-label") == 'Graph a "graph" & <more>'


def test_an_empty_graph_is_an_empty_drawing() -> None:
    assert texts(Graph().to_svg()) == []


async def test_the_statistics_are_shown_and_marked() -> None:
    graph = ping_pong()
    outboxes = {pipe.settings.name: Outbox[Word](pipe) for pipe in graph.pipes}
    for name in ("there", "heard", "back", "back", "back"):
        await outboxes[name].send(Word())
    svg = graph.to_svg(statistics=graph.statistics())
    shown = texts(svg)
    assert "now 1 · most 1 · 2 dropped" in shown
    assert shown.count("now 1 · most 1") == 2
    marked = [each.get("class") for each in rectangles(svg, "label")]
    # Of `there` half is in use, `heard` is full, and `back` is made to drop what is old.
    assert sorted(map(str, marked)) == ["label", "label", "label full"]


async def test_what_was_lost_is_marked() -> None:
    graph = Graph()
    sound = Channel[Sound]("sound", capacity=1, overflow="drop oldest")
    graph.add(microphone, sound.outbox)
    graph.outside(sound.inbox)
    await graph.run()
    svg = graph.to_svg(statistics=graph.statistics())
    assert "now 1 · most 1 · 2 dropped" in texts(svg)
    assert [each.get("class") for each in rectangles(svg, "label")] == ["label lost"]


def test_statistics_of_another_graph_are_refused() -> None:
    with pytest.raises(GraphError, match="graph call: these statistics are not of its channels; pass what its own"):
        conversation().to_svg(statistics=ping_pong().statistics())


# The layout


def place_of(box: ET.Element) -> Place:
    left, top, width, height = (float(box.get(name, "")) for name in ("x", "y", "width", "height"))
    return Place(left=left, top=top, width=width, height=height)


def overlap(one: Place, other: Place) -> bool:
    return (
        one.left < other.left + other.width - 1e-6
        and other.left < one.left + one.width - 1e-6
        and one.top < other.top + other.height - 1e-6
        and other.top < one.top + one.height - 1e-6
    )


KEYS = "abcdefgh"
GROUPS = st.sampled_from(["", "", "one", "two", "one.inner", "three.deep.down"])


@st.composite
def drawings(draw: st.DrawFn) -> tuple[list[Box], list[Link]]:
    keys = KEYS[: draw(st.integers(1, len(KEYS)))]
    sizes = st.integers(10, 90)
    boxes = [Box(key=key, width=draw(sizes), height=draw(sizes), group=draw(GROUPS)) for key in keys]
    ends = draw(st.lists(st.tuples(st.sampled_from(keys), st.sampled_from(keys)), max_size=14))
    links = [
        Link(source=source, target=target, label=Box(key=f"label {number}", width=draw(sizes), height=draw(sizes)))
        for number, (source, target) in enumerate(ends)
    ]
    return boxes, links


@given(drawings())
def test_nothing_overlaps_and_every_arrow_joins_its_boxes(drawing: tuple[list[Box], list[Link]]) -> None:
    boxes, links = drawing
    layout = lay_out(boxes, links)
    for (one, place), (other, there) in itertools.combinations(layout.boxes.items(), 2):
        assert not overlap(place, there), (one, other)
    for place in layout.boxes.values():
        assert 0 <= place.left <= place.left + place.width <= layout.width
        assert 0 <= place.top <= place.top + place.height <= layout.height + 1e-6
    for link, route in zip(links, layout.routes, strict=True):
        assert touches(layout.boxes[link.source], route[0][0])
        assert touches(layout.boxes[link.target], route[-1][1])
        assert any(touches(layout.boxes[link.label.key], point) for curve in route for point in curve)
    check_frames(boxes, layout)


def touches(place: Place, point: tuple[float, float]) -> bool:
    x, y = point
    on_side = min(abs(x - place.left), abs(x - place.left - place.width)) < 1e-6
    return on_side and place.top - 1e-6 <= y <= place.top + place.height + 1e-6


def check_frames(boxes: list[Box], layout: Layout) -> None:
    for group, frame in layout.frames.items():
        for box in boxes:
            belongs = f"{box.group}.".startswith(f"{group}.")
            assert overlap(layout.boxes[box.key], frame) == belongs, (box, group)


def test_a_box_stands_right_of_what_feeds_it_and_a_source_beside_what_it_feeds() -> None:
    arrows = [("a", "b"), ("b", "c"), ("a", "c"), ("s", "c"), ("d", "d")]
    assert rank(list("abcsd"), arrows) == {"a": 0, "b": 1, "c": 2, "s": 1, "d": 0}


def test_a_cycle_is_entered_where_something_feeds_it() -> None:
    assert rank(list("bas"), [("a", "b"), ("b", "a"), ("s", "a")]) == {"s": 0, "a": 1, "b": 2}
