"""Agents made of the states of a graph: each has the conversation while its state lasts."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from trialogue.agents._agent import Agent
from trialogue.agents._instructions import joined
from trialogue.agents.session._stays import TaskGivenUp
from trialogue.agents.tools._tool_results import HandOver, ToolError
from trialogue.agents.tools._tools import Tool, ToolFunction, tool
from trialogue.agents.tools._toolset import flattened
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents.session._session import Session
    from trialogue.agents.tasks._states import State, StateGraph, Transition

M = TypeVar("M")


def agent_of(graph: StateGraph[M], memory: M, *, instructions: str = "") -> Agent:
    """The agent with which a conversation along a graph begins: `Session(agent_of(graph, memory), ...)`.

    Each state is an agent of its own, of that name in `AgentChanged`. Its model has a tool `go_to_…` for each
    transition that is told in words, beside the state's tools. What goes on by itself does so when a state is entered,
    when its `does` is over, and after each of its tools.

    Args:
        graph: where it may go.
        memory: what it finds out; one for each conversation.
        instructions: who the agent is and how it speaks, in all states.

    Raises:
        ConfigurationError: it would go round in a circle before anything is said.
    """
    return _agent_at(_Way(graph=graph, memory=memory, instructions=instructions), graph.states[0].name)


@frozen(kw_only=True)
class _Way(Generic[M]):
    """What the agents of one conversation share."""

    graph: StateGraph[M]
    memory: M
    instructions: str


def _agent_at(way: _Way[M], name: str) -> _StateAgent[M]:
    """The agent of the state to which one comes who goes to a state."""
    state = way.graph.settle(name, way.memory)
    kind: type[_StateAgent[M]] = type(state.name, (_StateAgent,), {})  # the name is what events tell
    return kind(way, state)


class _StateAgent(Agent, Generic[M]):
    """Has the conversation in one state."""

    def __init__(self, way: _Way[M], state: State[M]) -> None:
        instructions = joined(way.instructions, state.instructions)
        own = [self._moving_on(each) for each in flattened(state.tools(way.memory))]
        ways = [self._way_out(each) for each in way.graph.ways_from(state.name) if each.when]
        super().__init__(instructions=instructions, tools=[*own, *ways])
        self._way = way
        self._state = state

    async def on_enter(self, session: Session) -> None:
        """Say and do what belongs to the state, and go on where that is due."""
        said = session.say(self._state.says) if self._state.says else None
        given_up = await self._do(session)
        if self._state.final:
            if said is not None:
                await said.wait()
            session.end(f"the conversation has come to {self._state.name}", cause="agent")
        elif (following := self._following()) is not None:
            session.handoff(following)
        elif given_up:
            session.reply(given_up)

    async def _do(self, session: Session) -> str:
        """Do what the state does; why that was given up, or nothing."""
        try:
            if self._state.does is not None:
                await self._state.does(session, self._way.memory)
        except TaskGivenUp as error:
            return str(error)
        return ""

    def _following(self) -> _StateAgent[M] | None:
        """Who follows, where it goes on by itself now."""
        here = self._way.graph.settle(self._state.name, self._way.memory)
        return None if here is self._state else _agent_at(self._way, here.name)

    def _way_out(self, transition: Transition[M]) -> Tool:
        """The tool by which the model takes a transition."""

        @tool(name=f"go_to_{transition.target}", description=f"To be called when {transition.when}.")
        def go() -> HandOver:
            """Go on."""
            if not transition.allows(self._way.memory):
                only_if = transition.label.removeprefix(f"{transition.when}, ")
                raise ToolError(f"not yet: this may be called {only_if}")
            return HandOver(_agent_at(self._way, transition.target))

        return go

    def _moving_on(self, given: Tool) -> Tool:
        """A tool after which it may go on by itself."""
        if given.settings.runs_on != "loop":
            raise ConfigurationError(
                f"the tool {given.name} of a state runs on {given.settings.runs_on!r}; call what it does in one that "
                f"runs on the loop"
            )
        return attrs.evolve(given, function=functools.partial(self._run, given.function))

    async def _run(self, function: ToolFunction, /, **arguments: object) -> object:
        result = function(**arguments)
        value = await result if inspect.isawaitable(result) else result
        following = self._following()
        return value if following is None or isinstance(value, (HandOver, Agent)) else HandOver(following, value)
