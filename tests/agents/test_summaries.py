"""Summaries that a model writes beside the conversation: nothing waits for them, and nothing is lost."""

from __future__ import annotations

import pytest

from tests.agents.conversation import Talk, after, texts
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentStartedSpeaking,
    ContextItem,
    ContextSettings,
    ConversationSettings,
    Session,
    SessionSettings,
    Summary,
    SummarySettings,
    UserTurnEnded,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, Line
from trialogue.engine import ConfigurationError, ProviderError
from trialogue.frames import ChatMessage

NUMBERS = ["one", "two", "three", "four", "five"]


def hold(writer: FakeLlm, *, within_s: float = 30.0, at_three: object = None) -> tuple[Talk, list[ContextItem]]:
    """Five turns, of which the older ones are summarised when there are three."""
    items: list[ContextItem] = []

    async def do(session: Session) -> None:
        await after(*([(8.5, at_three)] if callable(at_three) else []))(session)
        items.extend(session.context)

    summary = SummarySettings(after_turns=3, keep_turns=1, llm=writer, within_s=within_s)
    lines = [Line(at_s=3.0 * number, for_s=0.5) for number in range(5)]
    talk = Talk(
        call=FakeCall(lines=lines, hangs_up_s=16),
        stt=FakeStt(utterances=NUMBERS),
        llm=FakeLlm(answers=[f"{number.capitalize()}." for number in NUMBERS]),
        settings=SessionSettings(conversation=ConversationSettings(context=ContextSettings(summary=summary))),
        do=do,
    ).hold()
    return talk, items


def test_the_older_part_becomes_a_summary_that_the_model_is_told() -> None:
    writer = FakeLlm(answers=["They count to two.", "They count to four."])
    talk, items = hold(writer)
    assert writer.records[0].request.items[0].text == "user: one\nagent: One.\nuser: two\nagent: Two."  # type: ignore[union-attr]  # a message
    requests = [record.request for record in talk.llm.records]
    assert texts(requests[2].items) == ["user: one", "agent: One.", "user: two", "agent: Two.", "user: three"]
    assert requests[3].instructions == "Be kind.\n\nEarlier in this conversation:\nThey count to two."
    assert texts(requests[3].items) == ["user: three", "agent: Three.", "user: four"]
    assert items[0] == Summary(text="They count to four.", turns=4)
    assert writer.records[1].request.items[0].text.startswith("earlier: They count to two.\nuser: three")  # type: ignore[union-attr]  # a message
    assert writer.statistics().open_now == 0


def test_nobody_waits_for_a_slow_writer_and_what_comes_meanwhile_stays() -> None:
    quick, _ = hold(FakeLlm(answers=["Short."]))
    slow, items = hold(FakeLlm(answers=[Answer(["Short."], first_token_s=5.0)]))
    began = [[event.at_s for event in talk.of(AgentStartedSpeaking)] for talk in (quick, slow)]
    assert began[0] == began[1]
    assert len(slow.of(UserTurnEnded)) == 5
    assert items[0] == Summary(text="Short.", turns=2)
    assert [item.text for item in items[1:] if isinstance(item, ChatMessage) and item.role == "user"] == NUMBERS[2:]


@pytest.mark.parametrize(
    ("writer", "cause"),
    [
        (FakeLlm(error=ProviderError("no model")), "ProviderError: no model"),
        (FakeLlm(answers=[Answer(["Late."], first_token_s=60.0)] * 9), "TimeoutError"),
    ],
)
def test_a_summary_that_fails_changes_nothing_and_is_told(writer: FakeLlm, cause: str) -> None:
    talk, items = hold(writer, within_s=1.0)
    assert not [item for item in items if isinstance(item, Summary)]
    assert len(talk.history) == 10
    assert {(fault.actor, fault.cause.split(" has")[0].split(":")[0]) for fault in talk.of(ActorFailed)} == {
        ("summary", cause.split(":")[0])
    }
    assert len(talk.of(ActorFailed)) == 3  # tried again after each reply


def test_what_an_agent_was_not_told_does_not_come_back_with_a_summary() -> None:
    def leave(session: Session) -> None:
        session.handoff(Agent(instructions="Second."), keep_context=False)

    talk, _ = hold(FakeLlm(answers=["Short."]), at_three=leave)
    last = talk.llm.records[-1].request
    assert not {"user: one", "user: two", "user: three"} & set(texts(last.items))


def test_a_summary_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="nothing to summarise"):
        SummarySettings(after_turns=4, keep_turns=4)
