"""The report of a call, what it has cost, and who is told when that is too much."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import pytest
import trio

from tests.agents.conversation import WORD_S, Talk
from trialogue.agents import (
    AgentStartedSpeaking,
    CallTagged,
    ChatContext,
    ContextSettings,
    ConversationSettings,
    LatencyAlert,
    LatencyLimits,
    Limits,
    ModelUsage,
    RequestMeasured,
    Session,
    SessionReport,
    SessionSettings,
    SummarySettings,
    ToolFinished,
    Usage,
    UsageAlert,
    UserSaid,
    UserTurnEnded,
)
from trialogue.agents.events._requests import model_name
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, Line, Utterance
from trialogue.frames import AudioFormat, TokenUsage
from trialogue.providers import OpenAIChat
from trialogue.transports import AudioFileSink

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = "One two three four."

REQUEST = RequestMeasured(at_s=0.0, part="llm", model="tiny", first_s=0.2, took_s=1.0, outcome="completed")


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
    assert [event.input_tokens for event in talk.of(RequestMeasured) if event.part == "llm"] == [40, 60]


def test_what_was_used_is_told_of_each_model() -> None:
    _, report = call_with_report()
    models = {each.part: each for each in report.models}
    assert models == {
        "stt": ModelUsage(part="stt", model="FakeStt", requests=2, audio_s=pytest.approx(1.3)),  # type: ignore[arg-type]  # compares as a float
        "llm": ModelUsage(part="llm", model="FakeLlm", requests=2, input_tokens=100, output_tokens=10),
        "tts": ModelUsage(
            part="tts",
            model="FakeTts",
            requests=2,
            characters=2 * len(ANSWER),
            audio_s=pytest.approx(2 * 4 * WORD_S),  # type: ignore[arg-type]  # the same
        ),
    }


def test_a_model_has_the_name_that_its_provider_tells() -> None:
    assert model_name(OpenAIChat(base_url="http://127.0.0.1:1/v1", model="tiny")) == "tiny"
    assert model_name(FakeLlm()) == "FakeLlm"


def test_the_report_says_where_the_sound_is(tmp_path: Path) -> None:
    reports: list[SessionReport] = []

    async def do(session: Session) -> None:
        await session.wait_ended()
        reports.append(session.report())

    with AudioFileSink(tmp_path / "both.wav", AudioFormat(rate_hz=16_000, channels=2)) as sink:
        Talk(call=FakeCall(hangs_up_s=1), recording=sink, do=do).hold()
    assert reports[0].recording == str(tmp_path / "both.wav")
    assert json.loads(reports[0].to_json())["recording"] == str(tmp_path / "both.wav")
    assert call_with_report()[1].recording is None


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


def test_a_report_holds_no_key_of_a_model_in_the_settings() -> None:
    reports: list[SessionReport] = []

    async def do(session: Session) -> None:
        reports.append(session.report())
        await session.wait_ended()

    writes = OpenAIChat(base_url="http://localhost/v1", model="tiny", api_key="secret-key")
    summary = SummarySettings(llm=writes)
    settings = SessionSettings(conversation=ConversationSettings(context=ContextSettings(summary=summary)))
    Talk(call=FakeCall(hangs_up_s=1.0), settings=settings, do=do).hold()
    told = reports[0].to_json()
    assert json.loads(told)["settings"]["conversation"]["context"]["summary"]["llm"] == "tiny"
    assert "secret-key" not in told


def test_who_watches_a_limit_is_told_once() -> None:
    told: list[tuple[str, int]] = []
    alert = UsageAlert(
        Limits(input_tokens=50, played_s=600), lambda name, usage: told.append((name, usage.input_tokens))
    )
    for tokens in (40, 10, 10, 10):
        alert(attrs.evolve(REQUEST, input_tokens=tokens, output_tokens=0))
    alert(UserTurnEnded(at_s=0.0, text="", speech_ended_s=0.0))
    assert told == [("input_tokens", 60)]


def test_who_waits_too_long_is_told_of_each_time() -> None:
    told: list[tuple[str, float]] = []
    limits = LatencyLimits(llm_s=0.5, response_s=1.0, tool_s=2.0)
    alert = LatencyAlert(limits, lambda name, took_s, _: told.append((name, took_s)))
    finished = ToolFinished(at_s=9.0, call_id="1", name="look", output="", is_error=False, took_s=2.5)
    for event in (
        REQUEST,
        attrs.evolve(REQUEST, first_s=0.6),
        attrs.evolve(REQUEST, first_s=None, took_s=8.0, outcome="failed"),
        attrs.evolve(REQUEST, part="tts", first_s=7.0),
        AgentStartedSpeaking(at_s=9.0, reply_id="reply 1", latency_s=1.5),
        AgentStartedSpeaking(at_s=9.0, reply_id="reply 2", latency_s=None),
        finished,
        attrs.evolve(finished, took_s=1.5),
    ):
        alert(event)
    assert told == [("llm_s", 0.6), ("llm_s", 8.0), ("response_s", 1.5), ("tool_s", 2.5)]


def test_a_call_is_tagged_with_what_became_of_it() -> None:
    reports: list[SessionReport] = []

    async def do(session: Session) -> None:
        session.tag("new guest")
        await trio.sleep(1)
        session.tag("table booked", outcome="failure", note="no table was free")
        await session.wait_ended()
        reports.append(session.report())

    talk = Talk(call=FakeCall(lines=[], hangs_up_s=2), do=do).hold()
    assert reports[0].tags == tuple(talk.of(CallTagged))
    new, booked = reports[0].tags
    assert (new.name, new.outcome) == ("new guest", None)
    assert (booked.name, booked.outcome, booked.note) == ("table booked", "failure", "no table was free")
    assert booked.at_s - new.at_s == pytest.approx(1)
    assert '"table booked"' in reports[0].to_json()
