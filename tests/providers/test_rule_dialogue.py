"""Conversations with the rule-driven model, as text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialogue.frames import ChatItem, ChatMessage, ChatRequest, ToolOutput, ToolSchema
from trialogue.providers import RuleScript
from trialogue.providers._rule_dialogue import plan_reply

if TYPE_CHECKING:
    from collections.abc import Callable

RESTAURANT = RuleScript.bundled("restaurant")
BIKE_SHOP = RuleScript.load(Path(__file__).with_name("bike_shop.toml"))


class Call:
    """A caller and the agent, with tools that work at once."""

    def __init__(self, script: RuleScript, **tools: Callable[[dict[str, object]], object]) -> None:
        self.script = script
        self.tools = tools
        self.items: list[ChatItem] = []

    def request(self) -> ChatRequest:
        schemas = tuple(ToolSchema(name=name, description="", parameters="{}") for name in self.tools)
        return ChatRequest(instructions="", items=tuple(self.items), tools=schemas)

    def says(self, text: str) -> str:
        """The agent's answer."""
        self.items.append(ChatMessage(role="user", text=text))
        said = []
        while True:
            plan = plan_reply(self.script, self.request())
            said.append(plan.text)
            self.items.append(ChatMessage(role="agent", text=plan.text))
            if plan.call is None:
                return " ".join(said)
            output = json.dumps(self.tools[plan.call.name](json.loads(plan.call.arguments)))
            self.items += [plan.call, ToolOutput(call_id=plan.call.call_id, name=plan.call.name, output=output)]

    def cuts_in_after(self, heard: str) -> None:
        """The caller heard only the beginning of what the agent said last."""
        last = self.items[-1]
        assert isinstance(last, ChatMessage)
        assert last.text.startswith(heard)
        self.items[-1] = attrs.evolve(last, text=heard, unheard=last.text[len(heard) :], interrupted=True)


def booked(_arguments: dict[str, object]) -> object:
    return {"status": "booked", "reference": "A 17"}


def test_a_table_is_booked_step_by_step() -> None:
    calls: list[dict[str, object]] = []

    def book_table(arguments: dict[str, object]) -> object:
        calls.append(arguments)
        return booked(arguments)

    call = Call(RESTAURANT, book_table=book_table)
    assert call.says("Hi, I'd like to book a table") == "Gladly. For how many people?"
    assert call.says("four people please").endswith("For which day?")
    assert call.says("tomorrow").endswith("At what time?")
    assert call.says("half past seven").endswith("Under what name, please?")
    assert call.says("it's John Smith").endswith(
        "That is a table for four, tomorrow at seven thirty, for John Smith. Is that right?"
    )
    assert "Your table is booked, John Smith. Your reference is A 17." in call.says("yes please")
    assert calls == [{"people": 4, "day": "tomorrow", "time": "19:30", "name": "John Smith"}]
    assert call.says("no thanks") == "Thank you for calling the Blue Lantern. Goodbye!"


def test_all_at_once_leaves_only_the_name_to_ask_for() -> None:
    call = Call(RESTAURANT, book_table=booked)
    assert call.says("a table for two next friday at eight").endswith("Under what name, please?")
    assert "for two, next Friday at eight o'clock, for Mary" in call.says("Mary")


def test_numbers_of_people_and_hours_are_told_apart() -> None:
    call = Call(RESTAURANT, book_table=booked)
    confirm = call.says("can I reserve for six tonight at 8 pm, my name is Ann Lee")
    assert "for six, tonight at eight o'clock, for Ann Lee" in confirm
    assert "booked, Ann Lee" in call.says("yes, that is correct")


@pytest.mark.parametrize(
    ("correction", "expected"),
    [
        ("no, make it three people", "a table for three, tomorrow at seven o'clock"),
        ("no, on sunday", "a table for two, on Sunday at seven o'clock"),
        ("tomorrow is wrong, I want friday", "a table for two, on Friday at seven o'clock"),
        ("for four, no sorry, for five", "a table for five, tomorrow at seven o'clock"),
        ("at eight fifteen please", "a table for two, tomorrow at eight fifteen"),
    ],
)
def test_corrections_are_taken_and_confirmed_again(correction: str, expected: str) -> None:
    call = Call(RESTAURANT, book_table=booked)
    call.says("a table for two tomorrow at seven, my name is Mary")
    assert expected in call.says(correction)
    assert "booked" in call.says("yes")


def test_no_asks_what_to_change_and_the_name_of_a_thing_asks_for_it() -> None:
    call = Call(RESTAURANT, book_table=booked)
    call.says("a table for two tomorrow at seven, my name is Mary")
    assert "change" in call.says("no")
    assert "time" in call.says("the time")
    assert "at nine o'clock" in call.says("nine")


def test_questions_in_between_are_answered_and_the_form_goes_on() -> None:
    call = Call(RESTAURANT, book_table=booked)
    call.says("book a table for two")
    answer = call.says("are you open on monday?")
    assert "every day but Monday" in answer
    assert answer.endswith("On what day would you like to come?")
    assert call.says("on tuesday").endswith("At what time?"), "the Monday of the question was not taken for the booking"


def test_two_questions_get_two_answers() -> None:
    answer = Call(RESTAURANT).says("what are your opening hours and where are you")
    assert answer.index("open") < answer.index("Harbour")


def test_a_full_restaurant_asks_for_another_time() -> None:
    def book_table(arguments: dict[str, object]) -> object:
        return {"status": "full", "other_time": "nine"} if arguments["time"] == "20:00" else booked(arguments)

    call = Call(RESTAURANT, book_table=book_table)
    call.says("a table for two tomorrow at eight, my name is Mary")
    assert "We still have a table at nine." in call.says("yes")
    assert "at nine o'clock" in call.says("at nine")
    assert "booked" in call.says("yes")


def test_a_failed_tool_is_an_apology_and_not_an_end() -> None:
    call = Call(RESTAURANT, book_table=booked)
    call.says("a table for two tomorrow at seven, my name is Mary")
    call.items.append(ChatMessage(role="user", text="yes"))
    tool_call = plan_reply(RESTAURANT, call.request()).call
    assert tool_call is not None
    output = ToolOutput(call_id=tool_call.call_id, name=tool_call.name, output="timeout", is_error=True)
    call.items += [tool_call, output]
    assert "something went wrong" in plan_reply(RESTAURANT, call.request()).text


def test_what_was_said_before_a_tool_answered_may_come_after_its_output() -> None:
    call = Call(RESTAURANT, book_table=booked)
    call.says("a table for two tomorrow at seven, my name is Mary")
    call.items.append(ChatMessage(role="user", text="yes"))
    before = plan_reply(RESTAURANT, call.request())
    assert before.call is not None
    output = ToolOutput(call_id=before.call.call_id, name=before.call.name, output='{"status": "booked"}')
    call.items += [before.call, output, ChatMessage(role="agent", text=before.text)]
    assert plan_reply(RESTAURANT, call.request()).text.startswith("Your table is booked")


def test_a_missing_tool_is_said_honestly() -> None:
    call = Call(RESTAURANT)
    call.says("a table for two tomorrow at seven, my name is Mary")
    assert "cannot do that" in call.says("yes")


def test_yes_to_a_question_that_was_not_heard_books_nothing() -> None:
    call = Call(RESTAURANT, book_table=booked)
    call.says("a table for two tomorrow at seven, my name is Mary")
    call.cuts_in_after("Gladly. That is a table")
    answer = call.says("yes")
    assert "booked" not in answer
    assert answer.endswith("Is that right?")
    assert "booked" in call.says("yes")


def test_a_listening_sound_in_the_middle_makes_the_agent_go_on() -> None:
    call = Call(RESTAURANT)
    said = call.says("what are your opening hours")
    call.cuts_in_after("We are open")
    assert call.says("mhm") == f"As I was saying: {said.removeprefix('We are open ')}"


def test_sorry_repeats_all_of_it() -> None:
    call = Call(RESTAURANT)
    said = call.says("what are your opening hours")
    call.cuts_in_after("We are open")
    assert call.says("sorry, what did you say?") == f"Sure. {said}"


def test_it_remembers_and_says_when_it_does_not() -> None:
    call = Call(RESTAURANT)
    assert "not told me your name" in call.says("do you know my name?")
    assert "Nice to meet you, Peter" in call.says("my name is Peter")
    assert call.says("what's my name") == "You are Peter."


def test_nothing_understood_varies_and_goes_back_to_the_question() -> None:
    call = Call(RESTAURANT)
    call.says("I need a table")
    answers = [call.says("colourless green ideas") for _ in range(3)]
    assert len(set(answers)) == 3
    assert all(answer.endswith("?") for answer in answers)
    assert "did not catch" in call.says("")


def test_senseless_values_are_refused() -> None:
    call = Call(RESTAURANT)
    call.says("I need a table")
    assert call.says("for zero people").startswith("We can seat between one and twenty people.")


def test_never_mind_forgets_the_form() -> None:
    call = Call(RESTAURANT)
    call.says("a table for two tomorrow")
    assert "forget" in call.says("never mind")
    assert call.says("I need a table").endswith("For how many people?")


def test_the_greeting_comes_first_and_silence_is_asked_about() -> None:
    call = Call(RESTAURANT)
    greeting = plan_reply(RESTAURANT, call.request()).text
    assert greeting.startswith("Hello, this is the Blue Lantern")
    call.items.append(ChatMessage(role="agent", text=greeting))
    assert plan_reply(RESTAURANT, call.request()).text == "Are you still there?"


def test_another_subject_takes_only_another_script() -> None:
    notes: list[dict[str, object]] = []

    def add_repair(arguments: dict[str, object]) -> object:
        notes.append(arguments)
        return 12

    call = Call(BIKE_SHOP, add_repair=add_repair, look_up=lambda _: {"ready": False, "days": 2})
    assert "Shall I put you down" in call.says("how much is it")
    assert call.says("yes") == "We will look at it. What kind of bike is it?"
    assert call.says("an electric bike").endswith("What is wrong with it?")
    assert call.says("it makes a strange noise").endswith("When can you bring it?")
    assert "Your number is 12." in call.says("on monday")
    assert notes == [{"bike": "e bike", "note": "e bike: it makes a strange noise", "day": "monday"}]
    assert "it needs 2 more days" in call.says("is my bike ready?")


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "I want to book a table",
                "four",
                "tomorrow",
                "at eight",
                "yes",
                "no",
                "mhm",
                "sorry?",
                "my name is Mary",
                "never mind",
                "where are you",
                "bye",
                "",
            ]
        ),
        st.text(max_size=30),
    ),
    max_size=12,
)


@given(LINES, st.lists(st.integers(0, 40), min_size=12, max_size=12))
def test_it_always_has_an_answer_whatever_is_said_and_wherever_it_is_cut(lines: list[str], cuts: list[int]) -> None:
    call = Call(RESTAURANT, book_table=booked)
    for line, cut in zip(lines, cuts, strict=False):
        answer = call.says(line)
        assert answer.strip()
        assert "{" not in answer
        last = call.items[-1]
        assert isinstance(last, ChatMessage)
        if cut < len(last.text):
            call.cuts_in_after(last.text[:cut])


@given(LINES)
def test_the_same_conversation_gives_the_same_reply(lines: list[str]) -> None:
    call = Call(RESTAURANT, book_table=booked)
    for line in lines:
        call.says(line)
        assert plan_reply(RESTAURANT, call.request()) == plan_reply(RESTAURANT, call.request())
