"""Graphs as pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trialogue.engine._graph_checks import parts_of
from trialogue.engine._ports import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialogue.engine._channel import Inbox, Pipe
    from trialogue.engine._graph import Graph, Node


def to_mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart: actors as boxes, stages as rounded ones, channels as labelled arrows."""
    lines = ["flowchart LR"]
    for group in dict.fromkeys(node.group for node in graph.nodes):
        boxes = [_box(node) for node in graph.nodes if node.group == group]
        if group:
            lines += [f"    subgraph {_identifier(group)}[{group}]", *(f"        {box}" for box in boxes), "    end"]
        else:
            lines += [f"    {box}" for box in boxes]
    for source, label, target in edges(graph):
        lines.append(f'    {_identifier(source)} -->|"{label}"| {_identifier(target)}')
    return "\n".join(lines) + "\n"


def edges(graph: Graph) -> Iterator[tuple[str, str, str]]:
    """From, label and to of every connection; the outside world is called "outside"."""
    received: set[Pipe] = set()
    for node in graph.nodes:
        for use in node.inputs:
            for part in parts_of(use.end):
                yield from _edges_into(graph, node.name, part)
                received.update(part.pipes)
    for pipe in graph.pipes:
        if pipe not in received and pipe.producer is not None:
            yield pipe.producer.user, label_of(pipe), "outside"


def _edges_into(graph: Graph, name: str, part: Inbox[object]) -> Iterator[tuple[str, str, str]]:
    stage = graph.stages.get(part)
    if stage is not None:
        yield stage.name, describe(stage.makes), name
        return
    for pipe in part.pipes:
        source = "outside" if pipe.producer is None else pipe.producer.user
        yield source, label_of(pipe), name


def label_of(pipe: Pipe) -> str:
    """A channel in words: what it carries, its bound and what it does when full."""
    carries = "" if pipe.producer is None else describe(pipe.producer.carries)
    bound = f"{pipe.bound:g} s" if pipe.timed else f"{pipe.bound:g}"
    rule = "" if pipe.overflow == "block" else f", {pipe.overflow}"
    return f"{pipe.name}: {carries} ({bound}{rule})" if carries else f"{pipe.name} ({bound}{rule})"


def _box(node: Node) -> str:
    short = node.name.removeprefix(f"{node.group}.")
    return f'{_identifier(node.name)}["{short}"]' if node.start is not None else f'{_identifier(node.name)}("{short}")'


def _identifier(name: str) -> str:
    return re.sub(r"\W", "_", name)
