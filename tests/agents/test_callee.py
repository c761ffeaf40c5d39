"""Who answers an outbound call: told, acted upon, and nothing said before."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.actors import CalleeSettings
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentStartedSpeaking,
    CallAnswered,
    ConversationSettings,
    OutboundSettings,
    Session,
    SessionEnded,
    SessionSettings,
    TelephoneSettings,
    UserTurnEnded,
)
from trialogue.agents.testing import (
    Action,
    Answer,
    Beeps,
    Call,
    Coughs,
    FakeLlm,
    HangsUp,
    Says,
    Scenario,
    check_laws,
    simulate,
)
from trialogue.frames import ChatMessage

HELLO = Says(at_s=1.0, text="Anna Weber")
MENU = Says(at_s=1.0, text="For sales press one")


class Seller(Agent):
    """Says what it wants at once."""

    async def on_enter(self, session: Session) -> None:
        """Say it."""
        session.say("Good morning, I call about your order.")


def dialled(*does: Action, answers: tuple[str, ...] = (), outbound: OutboundSettings | None = None) -> Call:
    """A call that somebody answers who does this."""
    telephone = TelephoneSettings(outbound=outbound or OutboundSettings())
    settings = SessionSettings(conversation=ConversationSettings(telephone=telephone))
    call = simulate(Seller(instructions="Be kind."), Scenario(caller=does, answers=answers, settings=settings))
    check_laws(call)
    return call


def began_s(call: Call) -> float:
    """When the agent was first heard."""
    return call.of(AgentStartedSpeaking)[0].at_s


def test_the_first_words_were_ready_and_begin_in_the_moment_of_the_decision() -> None:
    call = dialled(HELLO)
    (answered,) = call.of(CallAnswered)
    assert (answered.kind, answered.text) == ("person", "Anna Weber")
    assert began_s(call) == pytest.approx(answered.at_s)
    assert answered.at_s == pytest.approx(1.6 + 0.5)


def test_what_a_person_said_at_first_is_remembered_but_is_no_turn() -> None:
    call = dialled(HELLO, Says(at_s=6.5, text="Which order"), answers=("The blue one.",))
    said = [(item.role, item.text) for item in call.history if isinstance(item, ChatMessage)]
    assert said == [
        ("user", "Anna Weber"),
        ("agent", "Good morning, I call about your order."),
        ("user", "Which order"),
        ("agent", "The blue one."),
    ]
    assert [turn.text for turn in call.of(UserTurnEnded)] == ["Which order"]


def test_nothing_is_held_for_longer_than_the_settings_say() -> None:
    outbound = OutboundSettings(callee=CalleeSettings(no_speech_s=3.0, most_s=4.0))
    assert began_s(dialled(Says(at_s=1.0, text="", for_s=30.0), outbound=outbound)) == pytest.approx(4.0)
    assert began_s(dialled(Says(at_s=20.0, text="hello"), answers=("Hi.",), outbound=outbound)) == pytest.approx(3.0)


def test_a_mailbox_that_gets_no_message_ends_the_call_at_once() -> None:
    call = dialled(Says(at_s=1.0, text="Please leave a message"))
    assert call.of(SessionEnded)[0].reason == "a mailbox has answered"
    assert not call.of(AgentStartedSpeaking)


def test_a_menu_is_a_user_where_that_is_wanted() -> None:
    call = dialled(MENU, answers=("One.",), outbound=OutboundSettings(answer_menus=True))
    assert [turn.text for turn in call.of(UserTurnEnded)] == ["For sales press one"]
    call.agent.said("One.")
    call.agent.never_said("Good morning")


def test_a_menu_ends_the_call_otherwise() -> None:
    assert dialled(MENU).of(SessionEnded)[0].reason == "a menu has answered"


def test_the_reason_of_the_end_holds_no_words_that_could_not_be_redacted() -> None:
    call = dialled(Says(at_s=1.0, text="The number you have dialed is not in service"))
    assert call.of(CallAnswered)[0].text == "The number you have dialed is not in service"
    assert call.of(SessionEnded)[0].reason == "nobody can be reached"


def judged_by(answer: Answer | str) -> Call:
    """A short greeting that the timing takes for a person's, and what becomes of it with a model."""
    outbound = OutboundSettings(judge=FakeLlm(answers=[answer]), judge_s=1.0)
    return dialled(HELLO, outbound=outbound)


def test_a_model_may_know_better_by_the_words() -> None:
    (answered,) = judged_by("Mailbox.").of(CallAnswered)
    assert (answered.kind, answered.reason) == ("mailbox", "a model, by the words")
    (answered,) = judged_by("person").of(CallAnswered)
    assert (answered.kind, answered.reason) == ("person", "a short greeting, then silence")


@pytest.mark.parametrize(
    "answer",
    [
        "yes, it could be",
        Answer(["person"], first_token_s=30.0),
        Answer(["person"], dies_at=0),
    ],
    ids=["babbles", "late", "fails"],
)
def test_a_model_that_does_not_judge_holds_nobody_up(answer: Answer | str) -> None:
    call = judged_by(answer)
    (answered,) = call.of(CallAnswered)
    assert answered.kind == "person"
    assert began_s(call) <= 2.1 + 1.0 + 1e-6
    failed = [event.actor for event in call.of(ActorFailed)]
    assert failed == ([] if isinstance(answer, str) else ["judge of the callee"])


SAYINGS = st.sampled_from(
    [
        "hello",
        "",
        "please leave a message after the tone",
        "for sales press one",
        "the number you have dialed is not in service",
    ]
)


@hypothesis.settings(max_examples=25)
@hypothesis.given(
    st.lists(
        st.one_of(
            st.builds(Says, at_s=st.floats(0.1, 12.0), text=SAYINGS, for_s=st.floats(0.1, 6.0)),
            st.builds(Beeps, at_s=st.floats(0.1, 12.0)),
            st.builds(Coughs, at_s=st.floats(0.1, 12.0)),
            st.builds(HangsUp, at_s=st.floats(0.5, 25.0)),
        ),
        max_size=5,
    ),
    st.booleans(),
    st.sampled_from(["", "Please call back."]),
)
def test_whoever_answers_nothing_is_heard_before_it_is_known_who(
    does: list[Action], answer_menus: bool, message: str
) -> None:
    outbound = OutboundSettings(answer_menus=answer_menus, message=message)
    call = dialled(*does, HangsUp(at_s=40.0), answers=("Yes.",) * 9, outbound=outbound)
    answered = call.of(CallAnswered)
    assert len(answered) <= 1
    assert all(answered and event.at_s >= answered[0].at_s - 1e-6 for event in call.of(AgentStartedSpeaking))
    if call.of(SessionEnded)[0].at_s > 21.0:
        assert answered
