"""Structured replies: a text of the JSON object is spoken while it arrives, the program gets the typed value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypedDict

import attrs
import pytest
import trio

from tests.agents.conversation import WORD_S, Talk, agent_with, texts
from tests.agents.test_captions import hold
from trialogue.agents import (
    Agent,
    AgentStartedSpeaking,
    AnswerPrepared,
    ConversationSettings,
    DocumentReceived,
    ReplyForm,
    SessionSettings,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, Line, Speech
from trialogue.engine import ConfigurationError, ProviderError
from trialogue.frames import ToolCall

if TYPE_CHECKING:
    from trialogue.agents import Session


@attrs.frozen
class Order:
    """What the guest wants."""

    say: str
    mood: Literal["glad", "sad"] = "glad"
    dishes: list[str] = attrs.Factory(list)


class Note(TypedDict):
    """A note."""

    text: str


ORDER = ReplyForm(Order)
GOOD = json.dumps({"say": "Two soups, of course.", "mood": "glad", "dishes": ["soup", "soup"]})


def streamed(document: str, size: int = 4) -> Answer:
    """A document in small pieces, one each 50 ms."""
    return Answer([document[at : at + size] for at in range(0, len(document), size)], token_interval_s=0.05)


def test_its_text_is_spoken_while_the_rest_is_still_written_and_the_value_is_typed() -> None:
    values: list[Order] = []

    async def do(session: Session) -> None:
        reply = session.reply(form=ORDER)
        await reply.started()
        assert reply.document == ""
        await reply.wait()
        values.append(ORDER.of(reply))

    captions, talk = hold(do, llm=FakeLlm(answers=[streamed(GOOD)]))
    assert values == [Order("Two soups, of course.", "glad", ["soup", "soup"])]
    assert texts(talk.history) == ["agent: Two soups, of course."]
    assert captions[-1].text == "Two soups, of course."
    told = talk.the(DocumentReceived)
    assert (told.document, told.error) == (GOOD, "")
    assert ORDER.read(told.document) == values[0]
    assert talk.the(AgentStartedSpeaking).at_s < told.at_s


def test_the_model_is_told_the_schema_and_the_request_carries_it() -> None:
    llm = FakeLlm(answers=[GOOD])
    hold(lambda session: session.reply("Hurry.", form=ORDER).wait(), llm=llm)
    (request,) = [record.request for record in llm.records]
    assert request.form == ORDER.form
    assert ORDER.form.schema in request.instructions
    assert request.instructions.startswith("Be kind.\n\nHurry.\n\n")


def test_an_agent_answers_all_turns_so() -> None:
    class Waiter(Agent):
        """Takes orders."""

        reply_form = ORDER

    call = FakeCall(lines=[Line(at_s=0.5, for_s=1.0)], hangs_up_s=6)
    talk = Talk(
        call=call,
        stt=FakeStt(utterances=["two soups please"]),
        llm=FakeLlm(answers=[GOOD]),
        agent=Waiter(instructions="Take orders."),
    ).hold()
    assert texts(talk.history) == ["user: two soups please", "agent: Two soups, of course."]
    assert ORDER.read(talk.the(DocumentReceived).document).dishes == ["soup", "soup"]


def test_tools_come_first_and_the_object_after_them() -> None:
    @tool
    def look() -> str:
        """Look."""
        return "soup"

    asks = Answer([ToolCall(call_id="1", name="look", arguments="{}")])
    _, talk = hold(
        lambda session: session.reply(form=ORDER).wait(),
        llm=FakeLlm(answers=[asks, GOOD]),
        agent=agent_with(look),
    )
    assert texts(talk.history)[-1] == "agent: Two soups, of course."
    assert talk.the(DocumentReceived).error == ""


@pytest.mark.parametrize(
    ("written", "said", "error"),
    [
        ("Just plain text.", "Just plain text.", "Expecting value"),
        ('{"say": "It broke here", "dishes": ["so', "It broke here", "to answer with a JSON object, but"),
        ('```json\n{"say": "Fenced."}\n```', "Fenced.", ""),
        ('{"mood": "sad"}', "", ""),
        ('["list"]', '["list"]', "not with a list"),
        ('{"dishes": ' * 3_000, "", "to answer with a JSON object, but"),
    ],
)
def test_what_is_broken_is_spoken_and_told_as_far_as_it_came(written: str, said: str, error: str) -> None:
    async def do(session: Session) -> None:
        reply = session.reply(form=ORDER)
        assert await reply.wait() == "completed"
        assert reply.document == written
        if said != "Fenced.":
            with pytest.raises(ProviderError):
                ORDER.of(reply)

    _, talk = hold(do, llm=FakeLlm(answers=[streamed(written)]))
    told = talk.the(DocumentReceived)
    assert told.document == written
    assert error in told.error
    assert bool(error) == bool(told.error)
    assert "".join(texts(talk.history)) == (f"agent: {said}" if said else "")


def test_what_does_not_fit_the_type_says_so() -> None:
    with pytest.raises(ProviderError, match=r"no Order: .*mood"):
        ORDER.read('{"say": "x", "mood": "angry"}')
    with pytest.raises(ProviderError, match="not yet"):
        ORDER.read("")


def test_an_interruption_keeps_what_was_written_by_then() -> None:
    async def do(session: Session) -> None:
        reply = session.reply(form=ORDER)
        await reply.started()
        await trio.sleep(WORD_S * 1.1)
        session.interrupt()
        await trio.sleep(0.01)
        assert reply.heard == "Two"
        assert reply.document
        assert GOOD.startswith(reply.document)

    _, talk = hold(do, llm=FakeLlm(answers=[streamed(GOOD)]))
    assert talk.the(DocumentReceived).error


def test_a_long_rest_is_no_stall_of_the_model() -> None:
    document = json.dumps({"say": "Here.", "dishes": ["soup"] * 60})

    async def do(session: Session) -> None:
        reply = session.reply(form=ORDER)
        assert await reply.wait() == "completed"
        assert len(ORDER.of(reply).dishes) == 60

    _, talk = hold(do, llm=FakeLlm(answers=[streamed(document)]))
    assert talk.the(DocumentReceived).at_s > 5  # LlmSettings.next_output_s is 4
    assert talk.the(AgentStartedSpeaking).at_s < 1.5  # the sentence did not wait for it


def test_a_prepared_answer_tells_of_its_value_when_it_counts() -> None:
    call = FakeCall(lines=[Line(at_s=0.5, for_s=1.0)], hangs_up_s=6)

    class Waiter(Agent):
        """Takes orders."""

        reply_form = ORDER

    talk = Talk(
        call=call,
        stt=FakeStt(utterances=["two soups please"]),
        llm=FakeLlm(answers=[GOOD]),
        agent=Waiter(instructions=""),
    ).hold()
    if talk.of(AnswerPrepared):
        assert talk.the(AnswerPrepared).at_s <= talk.the(DocumentReceived).at_s
    assert len(talk.of(DocumentReceived)) == 1


def test_marks_of_delivery_may_stand_in_it() -> None:
    tts = FakeTts(every=Speech(word_s=WORD_S), understands=frozenset({"emphasis"}))
    settings = SessionSettings(conversation=ConversationSettings(expressive=True))
    document = json.dumps({"say": "It is <emphasis>hot</emphasis>."})
    _, talk = hold(
        lambda session: session.reply(form=ORDER).wait(),
        llm=FakeLlm(answers=[streamed(document)]),
        tts=tts,
        settings=settings,
    )
    assert texts(talk.history) == ["agent: It is hot."]
    assert [mark.delivery for record in tts.records for mark in record.marks] == ["emphasis"]


def test_a_type_without_the_spoken_field_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="spoken="):
        ReplyForm(Note)
    assert ReplyForm(Note, spoken="text").read('{"text": "x"}') == {"text": "x"}
    with pytest.raises(ConfigurationError, match="cannot be a form"):
        ReplyForm(type(object()))
