"""Who has the conversation, on top of whom: whatever is asked for and whenever, all who wait are told, once."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from trialogue.agents import Agent, TaskEnded
from trialogue.agents.session._stays import Errand, Found, Stay, Stays, Takeover
from trialogue.engine import ConfigurationError


class StaysMachine(RuleBasedStateMachine):
    """Asks for changes in any order, and carries them out as a seat does."""

    def __init__(self) -> None:
        super().__init__()
        self.rung = 0
        self.agents = [Agent(instructions="0")]
        self.stays = Stays(self.agents[0], self._ring)
        self.errands: list[Errand] = []

    def _ring(self) -> None:
        self.rung += 1

    def _new(self) -> Agent:
        agent = Agent(instructions=str(len(self.agents)))
        self.agents.append(agent)
        return agent

    @rule(who=st.integers(0, 5))
    def await_a_task(self, who: int) -> None:
        """An agent that is or was there awaits a task."""
        rung, parent = self.rung, self.agents[-1 - who % len(self.agents)]
        errand = self.stays.errand(self._new(), parent, keep_context=True)
        try:
            self.stays.ask(errand)
        except ConfigurationError:
            errand.end_unfinished("too many")
            errand.returned.set()
        self.errands.append(errand)
        assert self.rung > rung

    @rule()
    def take_over(self) -> None:
        """Another agent is to take over."""
        try:
            self.stays.ask(Takeover(agent=self._new()))
        except ConfigurationError:
            self.agents.pop()

    @precondition(lambda self: self.errands)
    @rule(which=st.integers(0, 20), found=st.booleans())
    def end_a_task(self, which: int, found: bool) -> None:
        """A task is over, or nobody waits for it any more."""
        errand = self.errands[which % len(self.errands)]
        before = errand.outcome
        errand.end(Found(value=which, recap="")) if found else errand.end_unfinished("so")
        assert errand.outcome is (before or errand.outcome)

    @rule()
    def carry_out(self) -> None:
        """Do what is due next."""
        self._carry_out()

    def _carry_out(self) -> bool:
        match self.stays.due:
            case None:
                return False
            case Takeover() as takeover:
                if not self.stays.end_tasks("another agent takes over"):
                    assert self.stays.replace(takeover).agent is takeover.agent
            case Errand() as errand:
                here = self.stays.top.agent
                stay = self.stays.begin(errand)
                assert (stay is None) == errand.returned.is_set()
                assert self.stays.top.agent is (here if stay is None else errand.task)
            case Stay(errand=Errand() as errand) as stay:
                errand.end_unfinished("the task below it is over")
                assert self.stays.leave() is stay
                errand.returned.set()
                assert self.stays.top.agent is errand.parent
        return True

    @rule()
    def come_to_rest(self) -> None:
        """All that is due is done, in so many steps as there are agents at most; then only who must wait waits."""
        steps = 0
        while self._carry_out():
            steps += 1
            assert steps <= 4 * len(self.agents)
        here = [stay.agent for stay in self.stays.innermost_first]
        for errand in self.errands:
            if not errand.returned.is_set():
                assert errand.outcome is None
                assert errand.task in here or errand.parent in here[1:]

    @rule()
    def close(self) -> None:
        """The session is over: nobody waits any more."""
        self.stays.close("the session is over")
        assert all(errand.returned.is_set() and errand.outcome is not None for errand in self.errands)

    @invariant()
    def each_on_top_of_who_awaits_it(self) -> None:
        """What is on top of an agent is a task that this one awaits; who has returned knows why."""
        stays = tuple(reversed(self.stays.innermost_first))
        assert stays[0].errand is None
        for below, above in itertools.pairwise(stays):
            assert above.errand is not None
            assert above.errand.parent is below.agent
        for errand in self.errands:
            assert not errand.returned.is_set() or errand.outcome is not None


TestStays = StaysMachine.TestCase


def test_a_task_that_has_ended_otherwise_raises_that() -> None:
    stays = Stays(Agent(instructions=""), lambda: None)
    errand = stays.errand(Agent(instructions=""), stays.top.agent, keep_context=True)
    errand.end_unfinished("so it is")
    errand.end(Found(value=1, recap=""))
    with pytest.raises(TaskEnded, match="Agent has ended without a value: so it is"):
        errand.result()
