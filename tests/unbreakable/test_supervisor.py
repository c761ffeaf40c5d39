"""Restarts: how many, how soon, and what is told; ports that outlive the actor that uses them."""

from __future__ import annotations

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from trialogue.engine import (
    ActorFault,
    Channel,
    ConfigurationError,
    Graph,
    Inbox,
    Outbox,
    ProviderError,
    RestartPolicy,
    fan_out,
)
from trialogue.engine._supervisor import RestartBudget

policies = st.builds(
    lambda restart, most, within_s, backoff_s, more_s, then: RestartPolicy(
        restart=restart,
        max_restarts=most,
        within_s=within_s,
        backoff_s=backoff_s,
        max_backoff_s=backoff_s + more_s,
        then=then,
    ),
    st.sampled_from(["never", "on failure", "always"]),
    st.integers(0, 6),
    st.floats(0.1, 60),
    st.floats(0, 2),
    st.floats(0, 5),
    st.sampled_from(["escalate", "go on without it"]),
)

#: How long an actor runs before it ends, seconds, and whether it has raised then.
ends = st.lists(st.tuples(st.floats(0, 40), st.booleans()), max_size=30)


@given(policies, ends)
def test_never_more_restarts_than_the_budget_in_any_window(
    policy: RestartPolicy, runs: list[tuple[float, bool]]
) -> None:
    budget, now_s, restarts_s = RestartBudget(policy), 0.0, list[float]()
    for ran_s, failed in runs:
        now_s += ran_s
        decision, delay_s = budget.decide(now_s, failed=failed)
        if decision == "restart":
            restarts_s.append(now_s)
            now_s += delay_s
        else:
            assert (decision, delay_s) == (policy.then, 0.0)
    for first_s in restarts_s:
        within = [at_s for at_s in restarts_s if first_s <= at_s < first_s + policy.within_s]
        assert len(within) <= policy.max_restarts


@given(policies, ends)
def test_an_actor_is_started_again_whenever_policy_and_budget_allow(
    policy: RestartPolicy, runs: list[tuple[float, bool]]
) -> None:
    budget, now_s, restarts_s = RestartBudget(policy), 0.0, list[float]()
    for ran_s, failed in runs:
        now_s += ran_s
        recent = [at_s for at_s in restarts_s if at_s > now_s - policy.within_s]
        wanted = policy.restart == "always" or (policy.restart == "on failure" and failed)
        decision, delay_s = budget.decide(now_s, failed=failed)
        assert (decision == "restart") == (wanted and len(recent) < policy.max_restarts)
        if decision == "restart":
            assert delay_s == min(policy.backoff_s * 2 ** len(recent), policy.max_backoff_s)
            restarts_s.append(now_s)


@given(policies, st.floats(0, 100))
def test_what_is_hopeless_is_never_tried_again(policy: RestartPolicy, now_s: float) -> None:
    assert RestartBudget(policy).decide(now_s, failed=True, hopeless=True) == (policy.then, 0.0)


@pytest.mark.parametrize(
    "settings", [{"max_restarts": -1}, {"within_s": 0.0}, {"backoff_s": -0.1}, {"backoff_s": 2.0, "max_backoff_s": 1.0}]
)
def test_a_policy_that_makes_no_sense_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match="restart policy needs"):
        RestartPolicy(**settings)  # type: ignore[arg-type]  # odd on purpose


async def count(numbers_out: Outbox[int], *, to: int) -> None:
    """Send numbers, one each second."""
    for number in range(to):
        await trio.sleep(1.0)
        await numbers_out.send(number)


class Consumer:
    """Takes numbers, and raises at some of them."""

    def __init__(self, *fails_at: int, error: Exception | None = None) -> None:
        self.got: list[int] = []
        self.attempts = 0
        self._fails_at = set(fails_at)
        self._error = error or RuntimeError("no more")

    async def take(self, numbers_in: Inbox[int]) -> None:
        """Take them."""
        self.attempts += 1
        async for number in numbers_in:
            self.got.append(number)
            if number in self._fails_at:
                raise self._error


def composed(consumer: Consumer, policy: RestartPolicy) -> Graph:
    """A producer, and a consumer under the policy."""
    graph, numbers = Graph("g"), Channel[int]("numbers", capacity=100)
    graph.add(count, numbers.outbox, to=20)
    graph.supervise(graph.add_as("take", consumer.take, numbers.inbox), policy)
    return graph


async def test_a_restarted_actor_gets_what_was_sent_meanwhile(autojump_clock: trio.testing.MockClock) -> None:
    consumer, faults = Consumer(3, 4, 11), list[ActorFault]()
    began_s = trio.current_time()
    await composed(consumer, RestartPolicy(restart="on failure", backoff_s=2.5)).run(faults.append)
    assert consumer.got == list(range(20))
    assert [fault.fault_id for fault in faults] == ["g/take/1", "g/take/2", "g/take/3"]
    assert [(fault.decision, fault.delay_s) for fault in faults] == [
        ("restart", 2.5),
        ("restart", 5.0),
        ("restart", 5.0),
    ]
    assert [fault.at_s - began_s for fault in faults] == pytest.approx([4.0, 6.5, 12.0])
    assert {fault.cause for fault in faults} == {"RuntimeError: no more"}


async def test_escalation_comes_out_in_a_group_with_its_cause(autojump_clock: trio.testing.MockClock) -> None:
    consumer, faults = Consumer(1, 2, 3), list[ActorFault]()
    graph = composed(consumer, RestartPolicy(restart="on failure", max_restarts=2))
    with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match="no more")):
        await graph.run(faults.append)
    assert [fault.decision for fault in faults] == ["restart", "restart", "escalate"]
    assert consumer.got == [0, 1, 2, 3]


async def test_who_is_gone_on_without_leaves_the_others_at_work(autojump_clock: trio.testing.MockClock) -> None:
    consumer, other, faults = Consumer(5), Consumer(), list[ActorFault]()
    graph, numbers, copies = Graph("g"), Channel[int]("numbers", capacity=1), Channel[int]("copies", capacity=1)
    graph.add(count, fan_out(numbers.outbox, copies.outbox), to=20)
    node = graph.add_as("take", consumer.take, numbers.inbox)
    graph.supervise(node, RestartPolicy(then="go on without it"))
    graph.add_as("other", other.take, copies.inbox)
    await graph.run(faults.append)
    assert consumer.got == list(range(6))
    assert other.got == list(range(20))
    assert [fault.decision for fault in faults] == ["go on without it"]


@pytest.mark.parametrize(("policy", "escapes"), [(RestartPolicy(restart="on failure"), 0), (RestartPolicy(), 1)])
async def test_who_fails_in_the_instant_of_being_cancelled_is_judged_as_ever(
    policy: RestartPolicy, escapes: int, autojump_clock: trio.testing.MockClock
) -> None:
    """What would have been tried again does not come out of the end of a call."""
    faults, failed = list[ActorFault](), list[BaseException]()

    async def fails_at_its_end(numbers_in: Inbox[int]) -> None:
        async def waits_in_vain() -> None:
            try:
                await trio.sleep_forever()
            finally:
                raise ProviderError("dead", retryable=True)  # as its stream breaks

        async with trio.open_nursery() as nursery:
            nursery.start_soon(waits_in_vain)
            await trio.sleep_forever()

    graph, numbers = Graph("g"), Channel[int]("numbers", capacity=100)
    graph.add(count, numbers.outbox, to=20)
    graph.supervise(graph.add_as("take", fails_at_its_end, numbers.inbox), policy)
    with trio.move_on_after(1.0) as scope:
        try:
            await graph.run(faults.append)
        except* ProviderError as group:
            failed += group.exceptions
    assert len(failed) == escapes
    assert len(faults) == 1
    assert scope.cancelled_caught or escapes


async def test_a_policy_of_never_escalates_at_once(autojump_clock: trio.testing.MockClock) -> None:
    consumer = Consumer(0)
    with pytest.RaisesGroup(RuntimeError):
        await composed(consumer, RestartPolicy()).run()
    assert consumer.attempts == 1


async def test_a_policy_of_always_starts_again_what_has_returned(autojump_clock: trio.testing.MockClock) -> None:
    starts: list[float] = []

    async def short(numbers_in: Inbox[int]) -> None:
        starts.append(trio.current_time())
        await numbers_in.receive()

    graph, numbers = Graph("g"), Channel[int]("numbers", capacity=100)
    graph.add(count, numbers.outbox, to=3)
    policy = RestartPolicy(restart="always", max_restarts=3, backoff_s=0.0)
    graph.supervise(graph.add(short, numbers.inbox), policy)
    with pytest.RaisesGroup(trio.EndOfChannel):
        await graph.run()
    assert len(starts) == 4


@pytest.mark.parametrize("error", [ProviderError("no model"), ConfigurationError("rate_hz is -1")])
async def test_what_cannot_be_helped_is_not_tried_again(
    error: Exception, autojump_clock: trio.testing.MockClock
) -> None:
    consumer = Consumer(0, error=error)
    with pytest.RaisesGroup(type(error)):
        await composed(consumer, RestartPolicy(restart="on failure")).run()
    assert consumer.attempts == 1
