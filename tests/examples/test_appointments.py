"""Appointments: two agents, one calendar, and callers who cut in anywhere."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.appointments import ANSWERS, Calendar, Reception, changes_her_mind, wants
from tests.examples.programs import run_offline
from trialogue.agents import AgentChanged, SessionEnded, ToolFinished
from trialogue.agents.testing import Answer, Call, Caller, Says, Scenario, check_laws, simulate
from trialogue.frames import ChatRequest, ToolOutput

CALL = Scenario(caller=changes_her_mind, answers=ANSWERS)


def calendar() -> Calendar:
    return Calendar({"monday": ["09:00", "11:00"], "tuesday": ["15:00"]})


def hold(scenario: Scenario, book: Calendar) -> Call:
    call = simulate(Reception(book), scenario)
    check_laws(call)
    return call


def test_who_changes_her_mind_has_one_appointment_the_second() -> None:
    book = calendar()
    call = hold(CALL, book)
    assert book.booked == {("monday", "11:00"): "Weber"}
    assert book.free["monday"] == ["09:00"]
    call.agent.said("Which would you like?", "Then you come on Monday at nine", "Monday at eleven it is.")
    call.agent.never_said("insurance card")
    call.order("caller says No wait", "agent is cut off", "tool book")


def test_the_call_goes_to_the_one_who_books_and_back() -> None:
    call = hold(CALL, calendar())
    assert [(each.from_agent, each.to_agent) for each in call.of(AgentChanged)] == [
        ("Reception", "Booking"),
        ("Booking", "Reception"),
    ]
    call.agent.said("good morning!", "Is there anything else?")


def test_each_agent_has_its_own_tools() -> None:
    asked: list[ChatRequest] = []
    given = iter(ANSWERS)

    def model(request: ChatRequest) -> Answer | str:
        asked.append(request)
        return next(given)

    hold(attrs.evolve(CALL, answers=model), calendar())
    tools = [{each.name for each in request.tools} for request in asked]
    assert tools[0] == {"make_appointment", "goodbye"}
    assert all(each == {"free_hours", "book", "done"} for each in tools[1:])
    assert "answer the telephone" in asked[0].instructions
    assert "book appointments" in asked[1].instructions


def test_an_hour_that_somebody_else_took_is_told_to_the_model() -> None:
    book = calendar()

    async def two_at_once(caller: Caller) -> None:
        await caller.hears("good morning!")
        await caller.says("I would like an appointment please")
        await caller.hears("what is your name?")
        await caller.says("On Monday my name is Weber")
        await caller.hears("Which would you like?")
        assert await book.book("Monday", "09:00", "Meier")  # another call, which was quicker
        await caller.says("Nine please")
        await caller.hears("Somebody was quicker")

    call = hold(Scenario(caller=two_at_once, answers=[*ANSWERS[:4], "Somebody was quicker."]), book)
    assert book.booked == {("monday", "09:00"): "Meier"}
    failed = [each for each in call.of(ToolFinished) if each.is_error]
    assert len(failed) == 1
    assert "offer another one" in failed[0].output


def test_goodbye_ends_the_call_after_it_was_heard() -> None:
    wrong_number = Says(at_s=2.0, text="Sorry I have the wrong number")
    call = hold(Scenario(caller=[wrong_number], answers=[wants("goodbye", 1)]), calendar())
    call.agent.said("Goodbye, and get well soon!")
    assert call.of(SessionEnded)[0].reason == "all is done"


@given(
    cuts=st.lists(
        st.tuples(st.floats(min_value=0, max_value=3), st.sampled_from(["wait a moment", "no the other one", ""])),
        max_size=8,
    )
)
@settings(max_examples=60)
def test_whoever_cuts_in_wherever_each_call_of_a_tool_has_one_output_and_nothing_is_booked_twice(
    cuts: list[tuple[float, str]],
) -> None:
    async def cuts_in(caller: Caller) -> None:
        for after_s, words in cuts:
            await caller.waits(round(after_s, 3))
            await (caller.says(words) if words else caller.coughs())

    book = calendar()
    call = hold(Scenario(caller=cuts_in, answers=ANSWERS, then="Is that all?"), book)
    outputs = [item.call_id for item in call.history if isinstance(item, ToolOutput)]
    assert len(outputs) == len(set(outputs)) == len(call.of(ToolFinished))
    assert len(book.booked) <= 1
    assert len(book.booked) + sum(map(len, book.free.values())) == 3


@pytest.mark.integration
def test_it_runs_as_a_program() -> None:
    assert "booked: {('monday', '11:00'): 'Weber'}" in run_offline("examples/appointments.py")
