"""Graphs as pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from trialogue.engine._graph_checks import parts_of
from trialogue.engine._ports import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trialogue.engine._channel import Inbox
    from trialogue.engine._graph import Graph, Node
    from trialogue.engine._pipe import Pipe


def to_mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart: actors as boxes, stages as rounded ones, channels as labelled arrows."""
    lines = ["flowchart LR"]
    for group in dict.fromkeys(node.group for node in graph.nodes):
        boxes = [_box(node) for node in graph.nodes if node.group == group]
        if group:
            title = f'    subgraph group_{_identifier(group)}["{_quoted(group)}"]'
            lines += [title, *(f"        {box}" for box in boxes), "    end"]
        else:
            lines += [f"    {box}" for box in boxes]
    lines += map(_arrow, edges(graph))
    return "\n".join(lines) + "\n"


def flowchart(boxes: Iterable[str], arrows: Iterable[tuple[str, str, str]]) -> str:
    """A Mermaid flowchart of anything that is drawn as graphs are.

    Args:
        boxes: their names.
        arrows: from which box, with which label, to which one.
    """
    lines = [f'    {_identifier(name)}["{_quoted(name)}"]' for name in boxes]
    return "\n".join(("flowchart LR", *lines, *map(_arrow, arrows))) + "\n"


def _arrow(arrow: tuple[str, str, str]) -> str:
    source, label, target = arrow
    return f'    {_identifier(source)} -->|"{_quoted(label)}"| {_identifier(target)}'


def edges(graph: Graph) -> Iterator[tuple[str, str, str]]:
    """From, label and to of every connection; the outside world is called "outside"."""
    received: set[Pipe] = set()
    for node in graph.nodes:
        for use in node.inputs:
            for part in parts_of(use.end):
                yield from _edges_into(graph, node.name, part)
                received.update(part.pipes)
    for pipe in graph.pipes:
        if pipe not in received and "producer" in pipe.uses:
            yield pipe.uses["producer"].user, label_of(pipe), "outside"


def _edges_into(graph: Graph, name: str, part: Inbox[object]) -> Iterator[tuple[str, str, str]]:
    stage = graph.stages.get(part)
    if stage is not None:
        yield stage.name, describe(stage.makes), name
        return
    for pipe in part.pipes:
        producer = pipe.uses.get("producer")
        yield "outside" if producer is None else producer.user, label_of(pipe), name


def label_of(pipe: Pipe) -> str:
    """A channel in words: what it carries, its bound and what it does when full."""
    settings = pipe.settings
    carries = f": {describe(pipe.uses['producer'].carries)}" if "producer" in pipe.uses else ""
    return f"{settings.name}{carries} ({bound_of(pipe)})"


def bound_of(pipe: Pipe) -> str:
    """A channel's bound and what it does when full, in words."""
    settings = pipe.settings
    bound = f"{settings.bound:g} s" if settings.timed else f"{settings.bound:g}"
    return bound if settings.overflow == "block" else f"{bound}, {settings.overflow}"


def _box(node: Node) -> str:
    short = _quoted(node.name.removeprefix(f"{node.group}."))
    return f'{_identifier(node.name)}["{short}"]' if node.start is not None else f'{_identifier(node.name)}("{short}")'


#: Words that Mermaid would not take as the name of a box.
_RESERVED: Final = {
    "class",
    "classDef",
    "click",
    "default",
    "end",
    "graph",
    "flowchart",
    "linkStyle",
    "style",
    "subgraph",
}


def _identifier(name: str) -> str:
    plain = re.sub(r"\W", "_", name.replace(".", "__"))
    return f"{plain}_" if plain in _RESERVED else plain


def _quoted(text: str) -> str:
    return text.replace('"', "#quot;")
