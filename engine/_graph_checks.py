"""What can be wrong with a graph, found before it runs. Each error names actor, port and remedy."""

from __future__ import annotations

import graphlib
import itertools
from typing import TYPE_CHECKING

from trialogue.engine._channel import Inbox
from trialogue.engine._errors import GraphError
from trialogue.engine._inbox import MergedInbox
from trialogue.engine._ports import Carried, accepts, describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialogue.engine._graph import Graph, Node
    from trialogue.engine._pipe import Pipe
    from trialogue.engine._ports import PortUse


def check_composition(graph: Graph, outside: set[Pipe]) -> None:
    """Raise GraphError for the first mistake."""
    _check_unused_stages(graph, outside)
    nodes, pipes = graph.nodes, graph.pipes
    for pipe in pipes:
        if pipe not in outside:
            _check_loose_end(pipe)
    for node in nodes:
        for use in node.inputs:
            _check_types(graph, use)
    _check_cycles(nodes, pipes)


def _check_loose_end(pipe: Pipe) -> None:
    producer, consumer = pipe.uses.get("producer"), pipe.uses.get("consumer")
    if producer is None and consumer is not None:
        raise GraphError(
            f"actor {consumer.user}: port {consumer.port!r} receives from channel {pipe.name!r}, which nobody sends "
            f"into; connect {pipe.name}.outbox to an actor, or tell graph.outside({pipe.name}.outbox)"
        )
    if consumer is None and producer is not None:
        raise GraphError(
            f"actor {producer.user}: port {producer.port!r} sends into channel {pipe.name!r}, from which nobody "
            f"receives; connect {pipe.name}.inbox to an actor, or tell graph.outside({pipe.name}.inbox)"
        )


def _check_unused_stages(graph: Graph, outside: set[Pipe]) -> None:
    if not graph.stages:
        return
    used = {part for node in graph.nodes for use in node.inputs for part in parts_of(use.end)}
    for inbox, stage in graph.stages.items():
        if inbox not in used and not outside.issuperset(inbox.pipes):
            raise GraphError(
                f"stage {stage.name}: nobody receives what it makes ({describe(stage.makes)}); give the inbox that "
                f"graph.stage() returned to an actor, or tell graph.outside(INBOX)"
            )


def parts_of(end: object) -> Iterator[Inbox[object]]:
    """The inboxes that an inbox merges, or itself."""
    if isinstance(end, MergedInbox):
        yield from end.parts
    elif isinstance(end, Inbox):
        yield end


def feeders(graph: Graph, end: object) -> Iterator[tuple[str, Carried]]:
    """Who puts items into an inbox, in words, and which types."""
    for part in parts_of(end):
        stage = graph.stages.get(part)
        if stage is not None:
            yield f"stage {stage.name}", stage.makes
            continue
        for pipe in part.pipes:
            producer = pipe.uses.get("producer")
            if producer is not None:
                yield f"port {producer.port!r} of actor {producer.user}", producer.carries


def _check_types(graph: Graph, use: PortUse) -> None:
    for feeder, carries in feeders(graph, use.end):
        if not accepts(use.carries, carries):
            surplus = frozenset(sent for sent in carries if not accepts(use.carries, frozenset([sent])))
            raise GraphError(
                f"actor {use.user}: port {use.port!r} takes {describe(use.carries)}, but {feeder} sends "
                f"{describe(surplus)} into it; connect another channel, put a stage between them, or widen the port"
            )


def _check_cycles(nodes: tuple[Node, ...], pipes: tuple[Pipe, ...]) -> None:
    """A cycle in which every channel blocks can come to stand: each waits for room in the next."""
    channels: dict[tuple[str, str], Pipe] = {}  # from actor, to actor
    for pipe in pipes:
        producer, consumer = pipe.uses.get("producer"), pipe.uses.get("consumer")
        if producer is not None and consumer is not None and pipe.settings.overflow == "block":
            channels[producer.user, consumer.user] = pipe
    place = {node.name: number for number, node in enumerate(nodes)}
    if all(place.get(giver, 0) < place.get(taker, 0) for giver, taker in channels):
        return  # added in the order in which things flow, as most graphs are
    sorter: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter()
    for giver, taker in channels:
        sorter.add(taker, giver)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        cycle: list[str] = error.args[1]
        steps = [channels[step] for step in itertools.pairwise(cycle)]
        names = " -> ".join(f"{user} ({pipe.name})" for user, pipe in zip(cycle, steps, strict=False))
        first = steps[0].uses["producer"]
        raise GraphError(
            f"actor {first.user}: port {first.port!r}, on channel {steps[0].name!r}, closes an unbounded cycle, "
            f"{names} -> {cycle[-1]}, in which each channel blocks when it is full, so all can wait for each other; "
            f'make one of them overflow="latest" or "drop oldest"'
        ) from None
