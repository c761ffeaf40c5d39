"""The reminder call: who answers, what they are told, and what came of it."""

from __future__ import annotations

import pytest

from examples.reminder_call import MAILBOX, PERSON, TOMORROW, Reminder
from tests.examples.programs import run_offline
from trialogue.agents import AgentStartedSpeaking, SessionEnded
from trialogue.agents.testing import Action, Answer, Call, HangsUp, Says, Scenario, check_laws, simulate
from trialogue.frames import ToolCall

COMES = Answer([ToolCall(call_id="1", name="confirm", arguments="{}")])
CANNOT = Answer([ToolCall(call_id="1", name="cancel", arguments='{"reason": "ill"}')])


def call(*does: Action, answers: tuple[Answer | str, ...] = ()) -> tuple[Reminder, Call]:
    agent = Reminder(TOMORROW)
    held = simulate(agent, Scenario(caller=does, answers=answers))
    check_laws(held)
    return agent, held


def test_a_person_is_asked_soon_after_their_greeting_and_comes() -> None:
    agent, held = call(*PERSON, answers=(COMES,))
    assert agent.outcome == "confirmed"
    held.agent.said("Will you be able to come?", "We look forward to seeing you.")
    began = held.of(AgentStartedSpeaking)[0].at_s
    assert began == pytest.approx(2.75)  # half a second after "Hello?", and what the voice takes
    assert held.of(SessionEnded)[0].reason == "confirmed"


def test_the_greeting_is_no_turn_that_the_model_answers() -> None:
    _, held = call(*PERSON, answers=(COMES,))
    held.order("caller says Hello", "agent says Good morning", "turn ends Yes I will be there", "tool confirm")


def test_a_person_may_say_it_before_the_question_is_over() -> None:
    early = Says(at_s=8.0, text="Sorry I am ill I cannot come")
    agent, held = call(PERSON[0], early, answers=(CANNOT,))
    assert agent.outcome == "cancelled"
    held.order("caller says Sorry I am ill", "agent is cut off", "tool cancel")
    held.agent.never_said("Will you be able to come?")
    assert held.of(SessionEnded)[0].reason == "cancelled: ill"


def test_a_mailbox_is_heard_out_and_gets_a_message_that_tells_nothing_private() -> None:
    agent, held = call(*MAILBOX)
    assert agent.outcome == "message left"
    assert held.of(AgentStartedSpeaking)[0].at_s > 7.1 + 1.5  # its last word, and a machine's silence
    held.agent.said("Please call us back. Thank you.")
    held.agent.never_said("tomorrow at ten")


def test_a_beep_does_not_stop_the_message() -> None:
    agent, held = call(*MAILBOX, Says(at_s=9.5, text="mailbox full of words"), answers=())
    assert agent.outcome == "message left"
    held.never_interrupted()


@pytest.mark.parametrize(
    "says", ["The number you have dialed is not in service", "For opening hours press one, for the doctor press two"]
)
def test_where_nobody_can_be_reached_nothing_is_said(says: str) -> None:
    agent, held = call(Says(at_s=1.0, text=says))
    assert agent.outcome == "not reached"
    assert not held.of(AgentStartedSpeaking)


def test_who_says_nothing_is_asked_all_the_same() -> None:
    agent, held = call(Says(at_s=20.0, text="Yes I will be there"), answers=(COMES,))
    held.agent.said("Will you be able to come?")
    assert held.of(AgentStartedSpeaking)[0].at_s == pytest.approx(10.05)
    assert agent.outcome == "confirmed"


def test_who_hangs_up_at_once_was_told_nothing() -> None:
    _, held = call(Says(at_s=1.0, text="Hello?"), HangsUp(at_s=1.4))
    assert not held.of(AgentStartedSpeaking)


@pytest.mark.integration
def test_it_runs_as_a_program() -> None:
    printed = run_offline("examples/reminder_call.py")
    assert "a person answers, confirmed" in printed
    assert "a mailbox answers, message left" in printed
