"""Conversational graphs: states with transitions, checked before they run and drawn. Pure."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import attrs

from trialogue.engine import ConfigurationError, GraphError, flowchart
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents.session._session import Session
    from trialogue.agents.tools._toolset import AnyTool

M = TypeVar("M")


#: Vendors take names of tools with 64 characters at most, and with "go_to_" before it a state's is one.
_LONGEST_NAME: Final = 58


def _no_tools(_: object) -> Iterable[AnyTool]:
    return ()


@frozen(kw_only=True)
class State(Generic[M]):
    """A state of a conversation.

    Args:
        name: unique in its graph, and a part of the names of tools: letters from a to z, figures, underscores.
        says: what is said when it is entered; empty leaves that to the model.
        instructions: what the model has to do in it, beside the graph's own instructions.
        tools: what it can do in it, given the memory.
        does: runs when it is entered: tasks, say, whose results it puts into the memory. Where it lets pass that one
            was given up, the model is told why, and answers.
        final: whether the call ends in it, after what is said.
    """

    name: str
    says: str = ""
    instructions: str = ""
    tools: Callable[[M], Iterable[AnyTool]] = _no_tools
    does: Callable[[Session, M], Awaitable[None]] | None = None
    final: bool = False


@frozen
class Transition(Generic[M]):
    """A way from one state to another.

    Args:
        source, target: the names of the states.
        when: when the model is to take it, in words; empty where it is taken by itself.
        only_if: whether it may be taken, given the memory; without words in `when`, it is as soon as it may.
    """

    source: str
    target: str
    when: str = attrs.field(default="", kw_only=True)
    only_if: Callable[[M], bool] | None = attrs.field(default=None, kw_only=True)

    @property
    def label(self) -> str:
        """In words."""
        condition = "" if self.only_if is None else f"only if {_name_of(self.only_if)}"
        return ", ".join(filter(None, (self.when, condition)))

    def allows(self, memory: M) -> bool:
        """Whether it may be taken."""
        return self.only_if is None or self.only_if(memory)


@frozen
class StateGraph(Generic[M]):
    """States and the ways between them; it is checked when it is made. The first state is where a conversation begins.

    Args:
        states: all of them.
        transitions: all of them; of several that are taken by themselves, the first one counts.

    Raises:
        GraphError: there is no state, a name is there twice or not at all, a way leads nowhere or out of a final state,
            or has no condition; a state cannot be reached, or the conversation cannot come to an end from it.
    """

    states: Sequence[State[M]]
    transitions: Sequence[Transition[M]]

    def __attrs_post_init__(self) -> None:
        faults = (*_faults_of_states(self), *_faults_of_ways(self))
        faults = faults or (*_unreachable(self), *_without_end(self))
        if faults:
            raise GraphError("; ".join(faults))

    def state(self, name: str) -> State[M]:
        """The state of that name; there must be one."""
        return next(state for state in self.states if state.name == name)

    def ways_from(self, name: str) -> tuple[Transition[M], ...]:
        """The transitions that lead out of a state."""
        return tuple(way for way in self.transitions if way.source == name)

    def settle(self, name: str, memory: M) -> State[M]:
        """The state in which a conversation is that comes to one, when it has gone on by itself as far as it can.

        Raises:
            ConfigurationError: it would go round in a circle.
        """
        passed = [name]
        while (way := self._due(passed[-1], memory)) is not None:
            if way.target in passed:
                raise ConfigurationError(f"a conversation would go round by itself for ever: {', '.join(passed)}")
            passed.append(way.target)
        return self.state(passed[-1])

    def to_mermaid(self) -> str:
        """The graph as a Mermaid flowchart: states as boxes, transitions as arrows with their conditions."""
        arrows = ((way.source, way.label, way.target) for way in self.transitions)
        return flowchart((state.name for state in self.states), arrows)

    def _due(self, name: str, memory: M) -> Transition[M] | None:
        ways = (way for way in self.ways_from(name) if not way.when and way.allows(memory))
        return next(ways, None)


def _faults_of_states(graph: StateGraph[M]) -> Iterable[str]:
    if not graph.states:
        yield "there is no state"
    for name, count in Counter(state.name for state in graph.states).items():
        if count > 1:
            yield f"the state {name!r} is there {count} times; rename one"
        if not (name.isidentifier() and name.isascii() and len(name) <= _LONGEST_NAME):
            yield (
                f"{name!r} cannot be a part of a tool's name; use letters from a to z, figures and underscores, "
                f"{_LONGEST_NAME} at most"
            )


def _faults_of_ways(graph: StateGraph[M]) -> Iterable[str]:
    names = {state.name for state in graph.states}
    final = {state.name for state in graph.states if state.final}
    for way in graph.transitions:
        for name in {way.source, way.target} - names:
            yield f"the way from {way.source!r} to {way.target!r} leads past the states: there is no {name!r}"
        if way.source in final:
            yield f"{way.source!r} is final, but a way leads from it to {way.target!r}"
        if not way.when and way.only_if is None:
            yield f"the way from {way.source!r} to {way.target!r} needs a condition: `when`, `only_if`, or both"
    ways = Counter((way.source, way.target) for way in graph.transitions if way.when)
    for (source, target), count in ways.items():
        if count > 1:
            yield f"{count} ways lead from {source!r} to {target!r} in words; make them one"


def _unreachable(graph: StateGraph[M]) -> Iterable[str]:
    reached = _reach([graph.states[0].name], {(way.source, way.target) for way in graph.transitions})
    for state in graph.states:
        if state.name not in reached:
            yield f"{state.name!r} is never reached from {graph.states[0].name!r}; add a way to it, or leave it out"


def _without_end(graph: StateGraph[M]) -> Iterable[str]:
    ends = [state.name for state in graph.states if state.final]
    reached = _reach(ends, {(way.target, way.source) for way in graph.transitions})
    for state in graph.states:
        if state.name not in reached:
            yield f"{state.name!r} is a dead end: no final state can be reached from it; add a way, or make it final"


def _reach(begin: Iterable[str], ways: set[tuple[str, str]]) -> set[str]:
    """What can be reached."""
    reached = set(begin)
    waiting = deque(reached)
    while waiting:
        here = waiting.popleft()
        for source, target in ways:
            if source == here and target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _name_of(condition: Callable[[M], bool]) -> str:
    """A condition in words: the first line of its docstring, or its name."""
    documentation = (condition.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return documentation or str(getattr(condition, "__name__", "a condition")).replace("<lambda>", "the memory says so")
