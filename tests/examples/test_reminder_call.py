"""The reminder call: who answers, what they are told, and what came of it."""

from __future__ import annotations

from typing import Literal

import pytest

from examples.reminder_call import MAILBOX, PERSON, TOMORROW, Reminder, outbound
from tests.examples.programs import run_offline
from trialogue.agents import AgentStartedSpeaking, CallAnswered, SessionEnded
from trialogue.agents.testing import Action, Answer, Beeps, Call, HangsUp, Says, Scenario, check_laws, simulate
from trialogue.frames import ToolCall

COMES = Answer([ToolCall(call_id="1", name="confirm", arguments="{}")])
CANNOT = Answer([ToolCall(call_id="1", name="cancel", arguments='{"reason": "ill"}')])


def call(*does: Action, answers: tuple[Answer | str, ...] = (), level: Literal["text", "sound"] = "text") -> Call:
    scenario = Scenario(caller=does, answers=answers, settings=outbound(TOMORROW), level=level)
    held = simulate(Reminder(TOMORROW), scenario)
    check_laws(held)
    return held


def ended(held: Call) -> str:
    """Why the call is over."""
    return held.of(SessionEnded)[0].reason


def test_a_person_is_asked_soon_after_their_greeting_and_comes() -> None:
    held = call(*PERSON, answers=(COMES,))
    held.agent.said("Will you be able to come?", "We look forward to seeing you.")
    began = held.of(AgentStartedSpeaking)[0].at_s
    assert began == pytest.approx(1.0 + 4 * 0.3 + 0.5)  # half a second after "Hello?"; the voice was ready
    assert ended(held) == "confirmed"


def test_the_greeting_is_no_turn_that_the_model_answers() -> None:
    held = call(*PERSON, answers=(COMES,))
    held.order(
        "caller says Hello", "call answered kind person", "agent says Good morning", "turn ends Yes I will be there"
    )


def test_a_person_may_say_it_before_the_question_is_over() -> None:
    held = call(PERSON[0], Says(at_s=8.0, text="Sorry I am ill I cannot come"), answers=(CANNOT,))
    held.order("caller says Sorry I am ill", "agent is cut off", "tool cancel")
    held.agent.never_said("Will you be able to come?")
    assert ended(held) == "cancelled: ill"


@pytest.mark.parametrize("level", ["text", "sound"])
def test_a_mailbox_is_heard_out_and_gets_a_message_that_tells_nothing_private(level: Literal["text", "sound"]) -> None:
    held = call(*MAILBOX, level=level)
    assert held.of(AgentStartedSpeaking)[0].at_s > 7.1 + 1.5  # its last word, and a machine's silence
    held.agent.said("Please call us back. Thank you.")
    held.agent.never_said("tomorrow at ten")
    assert ended(held) == "a message was left"


def test_the_message_begins_with_the_end_of_the_beep() -> None:
    held = call(*MAILBOX, Beeps(at_s=8.0, for_s=0.5), level="sound")
    assert held.of(CallAnswered)[0].reason == "a beep"
    assert held.of(AgentStartedSpeaking)[0].at_s == pytest.approx(8.5, abs=0.15)
    assert ended(held) == "a message was left"


def test_what_is_heard_on_the_way_does_not_stop_the_message() -> None:
    held = call(*MAILBOX, Says(at_s=9.5, text="mailbox full of words"))
    assert ended(held) == "a message was left"
    assert [event.at_s for event in held.of(AgentStartedSpeaking)]
    held.agent.said("This is the practice of Doctor Lind", "Thank you.")


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("The number you have dialed is not in service", "nobody can be reached"),
        ("For opening hours press one, for the doctor press two", "a menu has answered"),
    ],
)
def test_where_nobody_can_be_reached_nothing_is_said(says: str, reason: str) -> None:
    held = call(Says(at_s=1.0, text=says))
    assert not held.of(AgentStartedSpeaking)
    assert ended(held).startswith(reason)


def test_who_says_nothing_is_asked_all_the_same() -> None:
    held = call(Says(at_s=20.0, text="Yes I will be there"), answers=(COMES,))
    held.agent.said("Will you be able to come?")
    assert held.of(AgentStartedSpeaking)[0].at_s == pytest.approx(10.0)
    assert ended(held) == "confirmed"


def test_who_hangs_up_at_once_was_told_nothing() -> None:
    held = call(Says(at_s=1.0, text="Hello?"), HangsUp(at_s=1.4))
    assert not held.of(AgentStartedSpeaking)


@pytest.mark.integration
def test_it_runs_as_a_program() -> None:
    printed = run_offline("examples/reminder_call.py")
    assert "a person answers, confirmed" in printed
    assert "a mailbox answers, a message was left" in printed
