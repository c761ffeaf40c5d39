"""Collectors in a conversation: what the program reads, what the model finds, what is said back, when it ends."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

import pytest

from tests.agents.conversation import texts, use
from trialogue.agents import OFF, Agent, ReplyFailed, TaskGivenUp, UserPressedKey, UserSaid, UserTurnEnded
from trialogue.agents.tasks import (
    Address,
    CollectAddress,
    CollectCard,
    CollectDate,
    CollectDigits,
    CollectEmail,
    CollectName,
    CollectPhone,
    CollectYesNo,
    DateReader,
    DigitsReader,
    Task,
)
from trialogue.agents.testing import Answer, Caller, FakeLlm, Scenario, simulate, text_session
from trialogue.engine import ConfigurationError, VirtualTime, run

if TYPE_CHECKING:
    from trialogue.agents import Session

T = TypeVar("T")

#: Events that tell what was said or typed.
WORDY = (UserSaid, UserTurnEnded, UserPressedKey)


class Form(Agent, Generic[T]):
    """Awaits one task as it enters, and keeps what came of it."""

    def __init__(self, task: Task[T]) -> None:
        super().__init__(instructions="Form.")
        self.task = task
        self.result: T | TaskGivenUp | None = None

    async def on_enter(self, session: Session) -> None:
        """Await the task."""
        try:
            self.result = await self.task.run(session)
        except TaskGivenUp as error:
            self.result = error
        session.say("Thank you.")


def talk(task: Task[T], *said: str, answers: tuple[Answer | str, ...] = ()) -> tuple[object, list[str], FakeLlm]:
    """A conversation in text: what the task found, what the agent said, and what its model was asked."""
    form = Form(task)
    llm = FakeLlm(answers=answers)
    heard: list[str] = []

    async def main() -> None:
        async with text_session(form, llm=llm) as conversation:
            heard.append(conversation.opening.text)
            for text in said:
                heard.append((await conversation.says(text)).text)

    run(main, virtual=VirtualTime())
    return form.result, heard, llm


def test_an_address_is_read_said_back_and_confirmed_without_a_model() -> None:
    found, heard, llm = talk(CollectEmail(), "it's john dot smith at example dot com", "yes that's right")
    assert found == "john.smith@example.com"
    assert heard == [
        "What is your e-mail address?",
        "That is john dot smith at example dot com. Is that right?",
        "Thank you.",
    ]
    assert not llm.records


def test_what_was_said_back_is_corrected_in_the_same_breath() -> None:
    found, heard, _ = talk(CollectEmail(), "jon at example dot com", "no, j o h n at example dot com", "yes")
    assert found == "john@example.com"
    assert heard[2] == "That is john at example dot com. Is that right?"


def test_who_only_says_no_is_asked_once_more_and_not_for_ever() -> None:
    said = ["jon at example dot com", "no"] * 3
    found, heard, _ = talk(CollectEmail(), *said)
    assert heard[2] == "Then once more, please. What is your e-mail address?"
    assert isinstance(found, TaskGivenUp)
    assert "not understood after several tries" in str(found)
    assert heard[-1] == "Thank you."


def test_the_model_finds_the_value_among_other_words_and_is_told_what_is_wrong() -> None:
    found, heard, llm = talk(
        CollectName(),
        "why do you want to know",
        "well if you must everybody calls me Anna Weber from next door",
        "exactly",
        answers=(
            "To put it on the list. What is it?",
            use("note", said="42"),
            use("note", said="Anna Weber"),
        ),
    )
    assert found == "Anna Weber"
    assert heard[1:3] == ["To put it on the list. What is it?", "That is Anna Weber. Is that right?"]
    assert 'output 1: {"error": "\'42\' is no name; ask for the name, and to spell it"}' in texts(
        llm.records[-1].request.items
    )
    assert [each.name for each in llm.records[0].request.tools] == ["give_up", "note", "confirm"]


def test_the_model_confirms_where_the_words_say_neither_yes_nor_no() -> None:
    found, _, _ = talk(
        CollectPhone(country_code="49"),
        "oh one seven one five five five one two",
        "you have got it there",
        answers=(use("confirm", right=True),),
    )
    assert found == "+4917155512"


def test_the_model_cannot_confirm_what_was_not_said_back() -> None:
    _, _, llm = talk(CollectName(), "so it is", answers=(use("confirm", right=True), "What is your name?"))
    assert "call `note` first" in texts(llm.records[-1].request.items)[-1]


def test_the_user_need_not() -> None:
    found, _, _ = talk(CollectEmail(), "I would rather not say", answers=(use("give_up", reason="rather not"),))
    assert isinstance(found, TaskGivenUp)


@pytest.mark.parametrize(
    ("task", "said", "value"),
    [
        (CollectYesNo("Do you smoke?"), "No, I don't.", False),
        (CollectDigits("Your code?", read=DigitsReader(fewest=4, most=4)), "double oh four two", "0042"),
        (CollectDate(DateReader(today=datetime.date(2026, 11, 22))), "on Tuesday please", datetime.date(2026, 11, 24)),
        (CollectEmail(confirm="never"), "ann at example dot com", "ann@example.com"),
    ],
)
def test_what_is_sure_is_not_said_back(task: Task[object], said: str, value: object) -> None:
    found, heard, llm = talk(task, said)
    assert found == value
    assert heard[-1] == "Thank you."
    assert not llm.records


def test_an_address_comes_in_parts() -> None:
    found, heard, llm = talk(
        CollectAddress(),
        "I live at twelve High Street in Oxford",
        "it is o x one",
        "right",
        answers=(
            use("note", street="12 High Street", city=""),
            use("note", street="12 High Street", city="Oxford", postcode="ox1 4aa", country="England"),
        ),
    )
    assert found == Address(street="12 High Street", city="Oxford", postcode="OX1 4AA", country="England")
    assert heard[1] == "That is 12 High Street, OX1 4AA Oxford, England. Is that right?"
    assert "there is no town" in texts(llm.records[1].request.items)[-1]


@pytest.mark.parametrize("postcode", ["00-950", "12345-6789", "10115"])
def test_parts_of_an_address_are_kept_as_they_are_written(postcode: str) -> None:
    given = use("note", street="12 High Street\nFlat 3", city="Oxford", postcode=postcode)
    found, _, _ = talk(CollectAddress(confirm="never"), "twelve High Street", answers=(given,))
    assert found == Address(street="12 High Street Flat 3", city="Oxford", postcode=postcode)


def test_a_card_in_groups_is_seen_by_nobody() -> None:
    task = CollectCard()
    form = Form(task)
    llm = FakeLlm(answers=["It is for the deposit. Your card, please?"])
    remembered: list[str] = []

    async def main() -> None:
        async with text_session(form, llm=llm) as conversation:
            turns = ["what is that for", "four two four two four two", "42 four two four", "two four two", "forty-two"]
            for text in turns:
                remembered.append((await conversation.says(text)).text)
            remembered.extend(texts(conversation.session.history))

    run(main, virtual=VirtualTime())
    assert str(form.result) == "card ending in 4242"
    assert remembered[:5] == ["It is for the deposit. Your card, please?", *["Go on, please."] * 3, "Thank you."]
    assert remembered.count("user: [card number]") == 4
    assert not any(word in line for line in remembered for word in ("four", "42"))


@pytest.mark.parametrize("hangs_up", [False, True])
def test_no_event_tells_of_a_card_that_was_said(hangs_up: bool) -> None:
    form = Form(CollectCard())

    async def says(caller: Caller) -> None:
        await caller.hears("number of your card")
        await caller.says("it's four two four two forty-two 42")
        if not hangs_up:
            await caller.says("4242 four two forty-two okay")
            await caller.hears("Thank you.")

    call = simulate(form, Scenario(caller=says, then="Please go on."))
    assert str(form.result) == ("None" if hangs_up else "card ending in 4242")
    heard = [event.text for event in call.of(UserSaid)] + [event.text for event in call.of(UserTurnEnded)]
    said = " ".join([*heard, *texts(call.history)])
    assert "[card number]" in said
    assert not any(word in said for word in ("four", "forty", "two", "4", "2"))


def test_a_card_that_cannot_be_is_asked_for_again() -> None:
    found, heard, llm = talk(CollectCard(), "4242 4242 4242 4241", "4242 4242 4242 4242")
    assert str(found) == "card ending in 4242"
    assert heard[1] == "Sorry, that cannot be right. Please say or type the number of your card."
    assert not llm.records


def test_a_card_may_be_typed() -> None:
    form = Form(CollectCard())

    async def types(caller: Caller) -> None:
        await caller.hears("number of your card")
        await caller.presses("4242424242424242#")
        await caller.hears("Thank you.")

    call = simulate(form, Scenario(caller=types))
    assert str(form.result) == "card ending in 4242"
    assert not call.of(ReplyFailed)  # the model has no answers
    assert {event.key for event in call.of(UserPressedKey)} == {"[card number]", "#"}
    assert not any(figure in repr(call.of(kind)) for kind in WORDY for figure in ("42", "4'"))


def test_there_are_only_so_many_ways_to_confirm() -> None:
    with pytest.raises(ConfigurationError, match="'when unsure' or 'always' or 'never'"):
        CollectEmail(confirm="sometimes")  # type: ignore[arg-type]  # that is the mistake


def test_where_there_is_no_model_the_program_reads_alone() -> None:
    form = Form(CollectEmail())
    form.llm = OFF
    heard: list[str] = []

    async def main() -> None:
        async with text_session(form, llm=FakeLlm(answers=())) as conversation:
            for text in ("ann at example dot com", "yes"):
                heard.append((await conversation.says(text)).text)

    run(main, virtual=VirtualTime())
    assert form.result == "ann@example.com"
    assert heard == ["That is ann at example dot com. Is that right?", "Thank you."]
