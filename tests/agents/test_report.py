"""The report of a call, what it has cost, and who is told when that is too much."""

from __future__ import annotations

import json

import pytest

from tests.agents.conversation import WORD_S, Talk
from trialogue.agents import (
    ChatContext,
    Limits,
    Session,
    SessionReport,
    Usage,
    UsageAlert,
    UsageMeasured,
    UserSaid,
    UserTurnEnded,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, Line, Utterance
from trialogue.frames import TokenUsage

ANSWER = "One two three four."


def call_with_report() -> tuple[Talk, SessionReport]:
    """Two turns, of which the model tells the cost."""
    reports: list[SessionReport] = []

    async def do(session: Session) -> None:
        await session.wait_ended()
        reports.append(session.report())

    answers: list[Answer | str] = [
        Answer([ANSWER, TokenUsage(input_tokens=40, output_tokens=5)]),
        Answer([ANSWER, TokenUsage(input_tokens=60, output_tokens=5)]),
    ]
    talk = Talk(
        call=FakeCall(lines=[Line(at_s=0.0, for_s=0.5), Line(at_s=4.0, for_s=0.8)], hangs_up_s=8),
        stt=FakeStt(utterances=[Utterance(text="one two", word_s=0.1), "three"]),
        llm=FakeLlm(answers=answers),
        do=do,
    ).hold()
    return talk, reports[0]


def test_what_was_used_is_summed_up() -> None:
    talk, report = call_with_report()
    assert report.usage == Usage(
        input_tokens=100,
        output_tokens=10,
        requests=2,
        characters=2 * len(ANSWER),
        played_s=pytest.approx(2 * 4 * WORD_S),  # type: ignore[arg-type]  # compares as a float
        listened_s=pytest.approx(1.3),  # type: ignore[arg-type]  # the same
    )
    assert [event.input_tokens for event in talk.of(UsageMeasured)] == [40, 60]


def test_a_report_is_a_document() -> None:
    talk, report = call_with_report()
    assert list(report.events) == [
        event for event in talk.events if not (isinstance(event, UserSaid) and not event.final)
    ]
    document = json.loads(report.to_json())
    assert [event["type"] for event in document["events"]] == [type(event).__name__ for event in report.events]
    assert ChatContext.from_json(json.dumps(document["context"])).for_model() == talk.history
    assert document["settings"]["conversation"]["apology"].startswith("Sorry")
    assert document["settings"]["conversation"]["context"]["window"]["count"] == "estimate_tokens"
    assert document["usage"]["input_tokens"] == 100
    assert document["dropped_events"] == 0


def test_who_watches_a_limit_is_told_once() -> None:
    told: list[tuple[str, int]] = []
    alert = UsageAlert(
        Limits(input_tokens=50, played_s=600), lambda name, usage: told.append((name, usage.input_tokens))
    )
    for tokens in (40, 10, 10, 10):
        alert(UsageMeasured(at_s=0.0, reply_id="reply 1", input_tokens=tokens, output_tokens=0))
    alert(UserTurnEnded(at_s=0.0, text="", speech_ended_s=0.0))
    assert told == [("input_tokens", 60)]
