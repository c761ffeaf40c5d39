"""Graphs: actors and the channels between them, checked before they run.

The graph owns both ends of every channel. An actor that returns has its ends closed; an actor that crashes does not,
so a restart finds its ports as they were.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Concatenate, Final, Literal, ParamSpec, Protocol, SupportsIndex, TypeVar, get_origin, overload

import attrs
import trio

from trialogue.engine._channel import Inbox, Outbox
from trialogue.engine._errors import GraphError
from trialogue.engine._graph_checks import check_composition
from trialogue.engine._graph_drawing import to_mermaid
from trialogue.engine._inbox import MappedInbox, StagedInbox, Transform
from trialogue.engine._pipe import ChannelStatistics, Pipe
from trialogue.engine._ports import (
    ActorShape,
    Carried,
    Port,
    PortUse,
    PortUser,
    bind,
    code_of,
    describe,
    hints_of,
    made_by,
    members,
    shape_of,
    unwrap,
    without_containers,
)
from trialogue.engine._supervisor import ActorFault, RestartPolicy, Supervised, supervise
from trialogue.frames._attrs import define, frozen

_NEVER: Final = RestartPolicy()

A = TypeVar("A")
B = TypeVar("B")
B_co = TypeVar("B_co", covariant=True)
P = ParamSpec("P")

AnyInbox = Inbox[Any]
AnyOutbox = Outbox[Any]


class ListOf(Protocol[B_co]):
    """A list as type checkers should see it here: what a stage makes may be narrower than what its consumer takes."""

    def pop(self, index: SupportsIndex = ..., /) -> B_co:
        """As in list, and nothing else that takes from anywhere."""


@frozen(kw_only=True, eq=False)
class Node:
    """An actor, or a stage that runs inside the task of its consumer.

    Args:
        name: unique in the graph; with the name of its sub-graph in front.
        group: the sub-graph it belongs to, or "".
        start: runs the actor; None for a stage.
        inputs, outputs: the ends of channels that it uses. A stage has no outputs: it hands over directly.
        makes: for a stage, what it makes.
    """

    name: str
    group: str
    start: Callable[[], Awaitable[None]] | None
    inputs: tuple[PortUse, ...]
    outputs: tuple[PortUse, ...] = ()
    makes: Carried = frozenset()

    def close_ends(self) -> None:
        """What a normal return means to the neighbours: no more comes, and no more is taken."""
        for use in self.outputs:
            if isinstance(use.end, Outbox):
                use.end.close()
        for use in self.inputs:
            if isinstance(use.end, Inbox):
                use.end.detach()


@define(kw_only=True, eq=False)
class _Parts:
    """What a graph and its sub-graphs share."""

    nodes: dict[str, Node] = attrs.Factory(dict)
    stages: dict[AnyInbox, Node] = attrs.Factory(dict)  # the stage that makes the items of an inbox
    outside: set[Pipe] = attrs.Factory(set)
    policies: dict[Node, RestartPolicy] = attrs.Factory(dict)
    ran: bool = False


class Graph:
    """Actors and what connects them. A graph runs once.

    Add actors with the ends of channels as their ports, and their settings beside them; the type checker sees both.

    Args:
        name: for errors, task names and drawings.
    """

    def __init__(self, name: str = "graph") -> None:
        self.name = name
        self._group = ""
        self._parts = _Parts()

    def add(self, actor: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs) -> Node:
        """Add an actor under the name of its function, with its ports connected and its settings set.

        Raises:
            GraphError: a port is not connected or is in use elsewhere, or the name is taken.
        """
        shape = shape_of(actor)
        return self._add(self._full_name(shape.name), shape, actor, args, kwargs)

    def add_as(self, name: str, actor: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs) -> Node:
        """Like `add`, but under a name of your own."""
        return self._add(self._full_name(name), shape_of(actor), actor, args, kwargs)

    def _add(
        self,
        name: str,
        shape: ActorShape,
        actor: Callable[..., Awaitable[None]],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> Node:
        if not shape.is_async:
            raise GraphError(
                f"actor {name}: {shape.name} is no `async def` function; if it is a plain function that "
                f"never waits, add it with graph.stage(), else make it `async def` without `yield`"
            )
        try:
            arguments = bind(shape, actor, args, kwargs)
        except GraphError as error:
            raise GraphError(f"actor {name}: {error}") from error
        uses: dict[Literal["in", "out"], list[PortUse]] = {"in": [], "out": []}
        for port in shape.ports.values():
            handle = arguments.get(port.name)
            if handle is not None or port.required:
                uses[port.direction].append(self._use(name, port, handle))
        node = Node(
            name=name,
            group=self._group,
            start=lambda: actor(*args, **kwargs),
            inputs=tuple(uses["in"]),
            outputs=tuple(uses["out"]),
        )
        self._refuse_taken(name)
        _claim(node)
        self._parts.nodes[name] = node
        return node

    @overload
    def stage(
        self, function: Callable[Concatenate[A, P], ListOf[B]], source: Inbox[A], *args: P.args, **kwargs: P.kwargs
    ) -> Inbox[B]: ...
    @overload
    def stage(
        self, function: Callable[Concatenate[A, P], B | None], source: Inbox[A], *args: P.args, **kwargs: P.kwargs
    ) -> Inbox[B]: ...
    def stage(self, function: Callable[..., Any], source: AnyInbox, *args: Any, **kwargs: Any) -> AnyInbox:
        """Add a stage that never waits: a plain function of an item, run inside the task of whoever receives.

        It makes one item of each, or None to drop it, or a list to make several.

        Returns:
            The inbox to give to the next stage or actor.

        Raises:
            GraphError: as `add`; or the function is `async def`.
        """
        plain = unwrap(function)
        name = self._full_name(getattr(plain, "__name__", type(plain).__name__))
        if inspect.iscoroutinefunction(code_of(function)) or inspect.isasyncgenfunction(code_of(function)):
            raise GraphError(f"stage {name}: it is `async def`; add it with graph.add(), as an actor with ports")
        hints = hints_of(plain)
        parameter = next(iter(inspect.signature(function).parameters), "")
        call = (lambda item: function(item, *args, **kwargs)) if args or kwargs else function
        several = get_origin(hints.get("return")) is list
        inbox: AnyInbox = StagedInbox(source, call, tuple) if several else MappedInbox(source, call)
        self._add_stage(name, parameter, (source, inbox), members(hints.get(parameter, object)), made_by(function))
        return inbox

    def transform(self, transform: Transform[A, B], source: Inbox[A], *, name: str | None = None) -> Inbox[B]:
        """Like `stage`, for an object with `push(item)` and `finish()` that may hold something back until the end."""
        hints = hints_of(transform.push)
        parameter = next((key for key in hints if key != "return"), "item")
        inbox: Inbox[B] = StagedInbox(source, transform.push, transform.finish)
        takes, makes = members(hints.get(parameter, object)), without_containers(hints.get("return", object))
        self._add_stage(self._full_name(name or type(transform).__name__), parameter, (source, inbox), takes, makes)
        return inbox

    def subgraph(self, name: str) -> Graph:
        """A named part of this graph: what is added to it is checked, run and drawn (in a box) with the whole.

        A reusable sub-graph is a function that takes a graph and inboxes, adds actors to it, and returns inboxes.
        """
        part = Graph(self.name)
        part._group = self._full_name(name)
        part._parts = self._parts
        return part

    def outside(self, *ends: AnyInbox | AnyOutbox) -> None:
        """Say that code outside the graph holds these ends, so that they are not loose."""
        for end in ends:
            self._parts.outside.update(end.pipes)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Actors and stages, in the order in which they were added."""
        return tuple(self._parts.nodes.values())

    @property
    def stages(self) -> Mapping[AnyInbox, Node]:
        """The stages, by the inbox that each one makes."""
        return self._parts.stages

    @property
    def pipes(self) -> tuple[Pipe, ...]:
        """The channels that the actors use."""
        return tuple(
            {pipe: None for node in self.nodes for use in node.outputs + node.inputs for pipe in use.end.pipes}
        )

    def statistics(self) -> tuple[ChannelStatistics, ...]:
        """What each channel has seen so far."""
        return tuple(pipe.statistics() for pipe in self.pipes)

    def check(self) -> None:
        """Find what is wrong with the composition.

        Raises:
            GraphError: the first mistake, with actor, port and remedy.
        """
        check_composition(self, self._parts.outside)

    def to_mermaid(self) -> str:
        """The graph as a Mermaid flowchart."""
        return to_mermaid(self)

    def to_svg(self, *, statistics: Sequence[ChannelStatistics] | None = None) -> str:
        """The graph as an SVG document, readable on light and dark backgrounds.

        Args:
            statistics: what the channels have seen, as `statistics()` tells it, to be shown on them: while the graph
                runs, or after.

        Raises:
            GraphError: the statistics are of another graph.
        """
        from trialogue.engine._graph_svg import to_svg  # here, because who only runs graphs need not load it

        return to_svg(self, statistics)

    def supervise(self, node: Node, policy: RestartPolicy) -> None:
        """Say what becomes of an actor that fails; without a word its failure ends the graph."""
        self._parts.policies[node] = policy

    async def run(self, report: Callable[[ActorFault], None] | None = None) -> None:
        """Check the graph, then run each actor in a task of its own until all have returned.

        An actor that returns has its ends closed; one that fails keeps them, and its supervisor decides. A failure
        that is not handled so ends the other actors and comes out in an exception group. When the graph is over,
        however it ended, all its channels are: who still holds an end outside is told so by the next operation.

        Args:
            report: told of each fault, synchronously.

        Raises:
            GraphError: as `check`; or it has run before.
        """
        if self._parts.ran:
            raise GraphError(
                f"graph {self.name}: it has run already, and its channels are used up; build a new graph for each run"
            )
        self.check()
        self._parts.ran = True
        try:
            async with trio.open_nursery() as nursery:
                for node in self.nodes:
                    if node.start is not None:
                        nursery.start_soon(
                            supervise, self._supervised(node, node.start, report), name=f"{self.name}.{node.name}"
                        )
        finally:
            for node in self.nodes:
                if node.start is not None:  # what a stage makes may still be received, outside
                    node.close_ends()

    def _supervised(
        self, node: Node, start: Callable[[], Awaitable[None]], report: Callable[[ActorFault], None] | None
    ) -> Supervised:
        return Supervised(
            graph=self.name,
            name=node.name,
            start=start,
            policy=self._parts.policies.get(node, _NEVER),
            own_channels=frozenset(pipe.name for use in node.outputs for pipe in use.end.pipes),
            report=report,
            close=node.close_ends,
        )

    def _full_name(self, name: str) -> str:
        return f"{self._group}.{name}" if self._group else name

    def _use(self, user: str, port: Port, handle: object) -> PortUse:
        wanted = Inbox if port.direction == "in" else Outbox
        if not isinstance(handle, wanted):
            raise GraphError(
                f"actor {user}: port {port.name!r} is not connected but got {handle!r}; pass it an {wanted.__name__} "
                f"of {describe(port.carries)}, such as channel.{wanted.__name__.lower()}"
            )
        return PortUse(graph=self.name, user=user, port=port.name, carries=port.carries, end=handle)

    def _add_stage(
        self, name: str, parameter: str, ends: tuple[AnyInbox, AnyInbox], takes: Carried, makes: Carried
    ) -> None:
        source, inbox = ends
        use = PortUse(graph=self.name, user=name, port=parameter, carries=takes, end=source)
        node = Node(name=name, group=self._group, start=None, inputs=(use,), makes=makes)
        self._refuse_taken(name)
        self._parts.nodes[name] = node
        self._parts.stages[inbox] = node

    def _refuse_taken(self, name: str) -> None:
        if name in self._parts.nodes:
            raise GraphError(
                f"graph {self.name}: there is already an actor {name!r}; give the second one a name of its own "
                f"with graph.add_as(NAME, ...), or put it into a subgraph"
            )


def _claim(node: Node) -> None:
    """Note on each channel which actor uses which end.

    Raises:
        GraphError: another actor, of this graph or of another, uses it already.
    """
    claims: dict[tuple[Literal["producer", "consumer"], Pipe], PortUse] = {}
    for use in node.outputs + node.inputs:
        role: Literal["producer", "consumer"] = "producer" if isinstance(use.end, Outbox) else "consumer"
        for pipe in use.end.pipes:
            other = pipe.uses.get(role) or claims.get((role, pipe))
            if other is not None:
                raise _used_twice(role, pipe, use, other)
            claims[role, pipe] = use
    for (role, pipe), use in claims.items():
        pipe.uses[role] = use.user_alone()


def _used_twice(role: Literal["producer", "consumer"], pipe: Pipe, use: PortUse, other: PortUser) -> GraphError:
    where = "" if other.graph == use.graph else f" of graph {other.graph!r}"
    remedy = "fan_out() and a channel for each" if role == "consumer" else "merge() and a channel for each"
    return GraphError(
        f"actor {use.user}: port {use.port!r} cannot be the {role} of channel {pipe.name!r}, because port "
        f"{other.port!r} of actor {other.user}{where} is; a channel has one {role} and belongs to one graph: "
        f"use {remedy}, or build the second graph with channels of its own"
    )
