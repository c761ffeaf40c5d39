"""Calls that are made together: nobody waits long or gets what is another's; who goes away takes nothing along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from trialogue.engine import ProviderError
from trialogue.providers._together import Together

if TYPE_CHECKING:
    from collections.abc import Sequence

WITHIN_S = 0.005


class Doubles:
    """A model that doubles numbers, and notes when it ran for which."""

    def __init__(self, callers: int) -> None:
        self.runs: list[tuple[float, list[int]]] = []
        self.together = Together(self._double, within_s=WITHIN_S, worth=2)
        for caller in range(callers):
            self.together.join(caller)

    def _double(self, numbers: Sequence[int]) -> list[int]:
        self.runs.append((trio.current_time(), list(numbers)))
        if 13 in numbers:
            raise ValueError("13 brings bad luck")
        return [2 * number for number in numbers]


async def all_of(doubles: Doubles, calls: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """What calls at these moments gave, and when."""
    began_s, given = trio.current_time(), [(0.0, 0)] * len(calls)

    async def call(number: int, at_s: float, argument: int) -> None:
        await trio.sleep_until(began_s + at_s)
        result = await doubles.together.call(argument)
        given[number] = (trio.current_time() - began_s, result)

    async with trio.open_nursery() as nursery:
        for number, (at_s, argument) in enumerate(calls):
            nursery.start_soon(call, number, at_s, argument)
    return given


async def test_one_alone_does_not_wait(autojump_clock: MockClock) -> None:
    doubles = Doubles(callers=1)
    assert not doubles.together.is_worth_it
    assert await all_of(doubles, [(0.0, 1), (1.0, 2)]) == [(0.0, 2), (1.0, 4)]


async def test_all_who_call_at_one_moment_have_one_run_and_do_not_wait(autojump_clock: MockClock) -> None:
    doubles = Doubles(callers=5)
    assert doubles.together.is_worth_it
    assert await all_of(doubles, [(0.0, number) for number in range(5)]) == [(0.0, 2 * each) for each in range(5)]
    assert [sorted(numbers) for _, numbers in doubles.runs] == [[0, 1, 2, 3, 4]]


async def test_the_first_waits_for_others_and_not_for_long(autojump_clock: MockClock) -> None:
    doubles = Doubles(callers=3)
    given = await all_of(doubles, [(0.0, 1), (0.004, 2), (0.006, 3)])
    assert [result for _, result in given] == [2, 4, 6]
    assert [at_s for at_s, _ in given] == pytest.approx([0.005, 0.005, 0.011])


async def test_who_left_is_not_waited_for(autojump_clock: MockClock) -> None:
    doubles = Doubles(callers=3)
    doubles.together.leave(2)
    assert await all_of(doubles, [(0.0, 1), (0.0, 2)]) == [(0.0, 2), (0.0, 4)]


@pytest.mark.parametrize("leaver", [0, 1])
async def test_who_is_cancelled_leaves_the_others_their_results(autojump_clock: MockClock, leaver: int) -> None:
    doubles = Doubles(callers=4)
    scopes = [trio.CancelScope() for _ in range(3)]
    given: dict[int, int] = {}

    async def call(number: int) -> None:
        with scopes[number]:
            given[number] = await doubles.together.call(number)

    async with trio.open_nursery() as nursery:
        for number in range(3):
            nursery.start_soon(call, number)
            await wait_all_tasks_blocked()
        scopes[leaver].cancel()
    assert given == {number: 2 * number for number in range(3) if number != leaver}
    assert len(doubles.runs) == 1
    ((at_s, result),) = await all_of(doubles, [(0.0, 7)])
    assert at_s == pytest.approx(WITHIN_S)
    assert result == 14


async def test_a_failure_is_told_to_all_it_concerns_and_to_no_others(autojump_clock: MockClock) -> None:
    doubles = Doubles(callers=3)
    failed: list[ProviderError] = []

    async def call(number: int) -> None:
        with pytest.raises(ProviderError, match="ran for 3 sessions at once: 13 brings bad luck") as caught:
            await doubles.together.call(number)
        failed.append(caught.value)

    async with trio.open_nursery() as nursery:
        for number in (12, 13, 14):
            nursery.start_soon(call, number)
    assert len(set(failed)) == 3
    assert all(isinstance(error.__cause__, ValueError) for error in failed)
    assert await all_of(doubles, [(0.0, each) for each in (1, 2, 3)]) == [(0.0, 2), (0.0, 4), (0.0, 6)]


@hypothesis.given(
    callers=st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=6), min_size=1, max_size=8),
    open_too=st.integers(0, 3),
)
def test_everybody_gets_what_is_theirs_in_order_and_in_time(callers: list[list[int]], open_too: int) -> None:
    trio.run(call_and_compare, callers, open_too, clock=MockClock(autojump_threshold=0))


async def call_and_compare(callers: list[list[int]], open_too: int) -> None:
    """Each caller makes calls, with these pauses in ms before them, while some others are silent."""
    doubles = Doubles(callers=len(callers) + open_too)
    given: dict[int, list[int]] = {caller: [] for caller in range(len(callers))}

    async def calls(caller: int, pauses_ms: list[int]) -> None:
        for number, pause_ms in enumerate(pauses_ms):
            await trio.sleep(pause_ms / 1000)
            asked_s = trio.current_time()
            given[caller].append(await doubles.together.call(100 * caller + number + 20))
            assert trio.current_time() - asked_s <= WITHIN_S + 1e-9

    async with trio.open_nursery() as nursery:
        for caller, pauses_ms in enumerate(callers):
            nursery.start_soon(calls, caller, pauses_ms)
    for caller, pauses_ms in enumerate(callers):
        assert given[caller] == [2 * (100 * caller + number + 20) for number in range(len(pauses_ms))]
    asked = [number for _, numbers in doubles.runs for number in numbers]
    assert len(asked) == len(set(asked)) == sum(map(len, callers))
    assert all(len(numbers) <= len(callers) for _, numbers in doubles.runs)
