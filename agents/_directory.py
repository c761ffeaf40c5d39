"""Agents that ask each other, in one process: who there is, what they can do, and a question with a deadline."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Generator

import trio

from trialogue.agents.tools._tool_results import ToolError
from trialogue.agents.tools._tools import Tool, tool
from trialogue.engine import ConfigurationError, ProviderError
from trialogue.frames._attrs import frozen

#: Answers a question of another agent: who asks, and what.
Answerer = Callable[[str, str], Awaitable[str]]


@frozen(kw_only=True)
class AgentCard:
    """What others may know of an agent.

    Args:
        name: unique in its directory.
        description: what it is for.
        skills: what it can do, in words by which it is found.
    """

    name: str
    description: str
    skills: tuple[str, ...] = ()


class AgentDirectory:
    """The agents of a process that can be asked. Passed by hand to those who ask."""

    def __init__(self) -> None:
        self._agents: dict[str, tuple[AgentCard, Answerer]] = {}

    @property
    def cards(self) -> tuple[AgentCard, ...]:
        """All that are there now, in the order of their coming."""
        return tuple(card for card, _ in self._agents.values())

    @contextlib.contextmanager
    def joined(self, card: AgentCard, answer: Answerer) -> Generator[None, None, None]:
        """Be there, for as long as the context lasts.

        Args:
            card: what others may know.
            answer: called for each question, in the task of who asks; it may run several times at once.

        Raises:
            ConfigurationError: the name is taken.
        """
        if card.name in self._agents:
            raise ConfigurationError(f"there is an agent {card.name!r} already; give this one another name")
        self._agents[card.name] = card, answer
        try:
            yield
        finally:
            del self._agents[card.name]

    def find(self, words: str) -> tuple[AgentCard, ...]:
        """Those whose card has one of these words, those with the most first."""
        wanted = set(words.casefold().split())

        def fit(card: AgentCard) -> int:
            known = " ".join((card.name, card.description, *card.skills)).casefold().split()
            return len(wanted.intersection(known))

        return tuple(sorted(filter(fit, self.cards), key=fit, reverse=True))

    async def ask(self, name: str, question: str, *, asker: str = "", within_s: float = 10.0) -> str:
        """Ask an agent, and wait for its answer.

        Args:
            name: whom.
            question: what.
            asker: who asks; told to the one that answers.
            within_s: so long the answer may take, seconds; then the one that answers is cancelled.

        Raises:
            ConfigurationError: there is no such agent.
            ProviderError: it has failed, or not answered in time.
        """
        if name not in self._agents:
            raise ConfigurationError(f"there is no agent {name!r}; there are: {', '.join(self._agents) or 'none'}")
        _, answer = self._agents[name]
        try:
            with trio.fail_after(within_s):
                return await answer(asker, question)
        except trio.TooSlowError as error:
            raise ProviderError(f"the agent {name!r} has not answered within {within_s:g} s", retryable=True) from error
        except Exception as error:
            raise ProviderError(f"the agent {name!r} has failed: {type(error).__name__}: {error}") from error

    def as_tool(self, *, asker: str = "", within_s: float = 10.0) -> Tool:
        """A tool by which a model asks; it is told who there is when it is made.

        Args:
            asker: whose model.
            within_s: see `ask`.
        """
        known = "; ".join(f"{card.name}: {card.description}" for card in self.cards)

        @tool(name="ask_agent", description=f"Ask a colleague, and tell the user what it says. There are: {known}")
        async def ask_agent(name: str, question: str) -> str:
            """Ask.

            Args:
                name: the colleague's name.
                question: all that it must know to answer.
            """
            try:
                return await self.ask(name, question, asker=asker, within_s=within_s)
            except (ConfigurationError, ProviderError) as error:
                raise ToolError(str(error)) from error

        return ask_agent
