"""What can be wrong with a graph, found before it runs. Each error names actor, port and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.engine._channel import Inbox
from trialogue.engine._errors import GraphError
from trialogue.engine._inbox import MergedInbox
from trialogue.engine._ports import Carried, accepts, describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialogue.engine._channel import Pipe, PortUse
    from trialogue.engine._graph import Graph


def check_composition(graph: Graph, outside: set[Pipe]) -> None:
    """Raise GraphError for the first mistake."""
    for pipe in graph.pipes:
        if pipe not in outside:
            _check_loose_end(pipe)
    _check_unused_stages(graph)
    for node in graph.nodes:
        for use in node.inputs:
            _check_types(graph, use)
    _check_cycles(graph)


def _check_loose_end(pipe: Pipe) -> None:
    producer, consumer = pipe.producer, pipe.consumer
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


def _check_unused_stages(graph: Graph) -> None:
    used = {part for node in graph.nodes for use in node.inputs for part in parts_of(use.end)}
    for inbox, stage in graph.stages.items():
        if inbox not in used and not any(pipe.consumer for pipe in inbox.pipes):
            raise GraphError(
                f"stage {stage.name}: nobody receives what it makes ({describe(stage.makes)}); give the inbox that "
                f"graph.stage() returned to an actor"
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
            producer = pipe.producer
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


def _check_cycles(graph: Graph) -> None:
    """A cycle in which every channel blocks can come to stand: each waits for room in the next."""
    actors = [node for node in graph.nodes if node.start is not None]
    after: dict[str, list[tuple[str, Pipe]]] = {node.name: [] for node in actors}
    for node in actors:
        for pipe in (pipe for use in node.outputs for pipe in use.end.pipes):
            if pipe.consumer is not None and pipe.overflow == "block":
                after[node.name].append((pipe.consumer.user, pipe))
    done: set[str] = set()
    for start in actors:
        cycle = _find_cycle(start.name, after, [], done)
        if cycle:
            names = " -> ".join(f"{user} ({pipe.name})" for user, pipe in cycle)
            first = cycle[0]
            raise GraphError(
                f"actor {first[0]}: its port on channel {first[1].name!r} closes an unbounded cycle, {names}, in which "
                f"each channel blocks when it is full, so all can wait for each other; make one of them "
                f'overflow="latest" or "drop oldest"'
            )


def _find_cycle(
    name: str, after: dict[str, list[tuple[str, Pipe]]], path: list[tuple[str, Pipe]], done: set[str]
) -> list[tuple[str, Pipe]] | None:
    if name in done:
        return None
    on_path = [user for user, _ in path]
    if name in on_path:
        return path[on_path.index(name) :]
    for follower, pipe in after.get(name, ()):
        cycle = _find_cycle(follower, after, [*path, (name, pipe)], done)
        if cycle:
            return cycle
    done.add(name)
    return None
