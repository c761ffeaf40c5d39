"""Traces, metrics and logs of a conversation, by the official packages; nobody is told what was said."""

from __future__ import annotations

import json
import logging
import re
from typing import get_args

import attrs
import pytest
import trio

from tests.agents.conversation import Talk, agent_with
from trialogue.agents import (
    AgentResumed,
    AgentStoppedSpeaking,
    AnswerPrepared,
    Event,
    ReplyFailed,
    TurnMeasured,
    UserTurnEnded,
    tool,
)
from trialogue.agents.events._redaction import CONTENT
from trialogue.agents.telemetry import MEASURES, EventLog, OpenTelemetry, PrometheusMetrics, measurements
from trialogue.agents.telemetry._content import REASONS
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, Line, Utterance
from trialogue.engine import ProviderError
from trialogue.frames import ToolCall

SECRET = "my number is four two"


@tool
async def look_up() -> str:
    """Look something up."""
    await trio.sleep(0.5)
    return SECRET


def talk() -> Talk:
    """A question with a tool, a barge-in, and a model that fails once."""
    answers: list[Answer | str] = [
        Answer(["One moment.", ToolCall(call_id="1", name="look_up", arguments="{}")]),
        "It is there, and there is a lot more to say of it than anybody wants to hear on such a day.",
        Answer("x", dies_at=0, error=ProviderError("the model is gone")),
    ]
    stt = FakeStt(utterances=[SECRET, Utterance(text="stop it right now", word_s=0.1)])
    lines = [Line(at_s=0.5, for_s=0.5), Line(at_s=4.0, for_s=0.8)]
    return Talk(
        call=FakeCall(lines=lines, hangs_up_s=12), stt=stt, llm=FakeLlm(answers=answers), agent=agent_with(look_up)
    )


@pytest.fixture(scope="module")
def held() -> Talk:
    """The conversation, with what happened in it."""
    return talk().hold()


def replayed(held: Talk, observer: object) -> None:
    """Tell an observer what happened."""
    assert callable(observer)
    for event in held.events:
        observer(event)


def test_every_measure_is_measured_with_its_labels(held: Talk) -> None:
    found = [each for event in held.events for each in measurements(event)]
    assert {each.name for each in found} >= {
        "turns",
        "replies",
        "response_latency",
        "stage_latency",
        "speech",
        "tools",
        "failures",
    }
    for each in found:
        assert set(each.labels) == set(MEASURES[each.name].labels)
        assert each.value >= 0
    stages = sum(each.value for each in found if each.name == "stage_latency")
    assert stages == pytest.approx(sum(each.value for each in found if each.name == "response_latency"))


def test_spans_have_the_times_of_the_events_and_their_parents(held: Talk) -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    replayed(held, OpenTelemetry(tracer_provider=provider, attributes={"call": "7"}))
    spans = exporter.get_finished_spans()
    (session,) = [span for span in spans if span.name == "session"]
    assert session.attributes is not None
    assert session.attributes["trialogue.call"] == "7"
    assert session.attributes["trialogue.reason"] == "the user has gone"
    assert [event.name for event in session.events] == ["ReplyFailed"]
    assert session.start_time is not None
    by_id = {span.context.span_id: span for span in spans}
    measured = held.of(TurnMeasured)
    turns = [span for span in spans if span.name == "turn"]
    assert len(turns) == len(measured) >= 1
    for turn, event in zip(turns, measured, strict=True):
        assert turn.start_time is not None
        assert turn.end_time is not None
        assert (turn.start_time - session.start_time) / 1e9 == pytest.approx(event.speech_ended_s, abs=1e-6)
        assert (turn.end_time - turn.start_time) / 1e9 == pytest.approx(event.latency_s, abs=1e-6)
        stages = [span for span in spans if span.parent is not None and by_id[span.parent.span_id] is turn]
        assert [stage.name for stage in stages] == [
            "transcription",
            "endpointing",
            "model",
            "sentence",
            "voice",
            "playout",
        ]
    replies = [span for span in spans if span.name == "reply"]
    assert len(replies) == len(held.of(AgentStoppedSpeaking))
    (used,) = [span for span in spans if span.name == "tool look_up"]
    assert used.end_time is not None
    assert used.start_time is not None
    assert (used.end_time - used.start_time) / 1e9 == pytest.approx(0.5, abs=1e-6)
    told = json.dumps([span.to_json() for span in spans])
    assert SECRET not in told
    assert all(span.end_time is not None for span in spans)


def test_metrics_of_opentelemetry_are_those_of_the_table(held: Talk) -> None:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader

    reader = InMemoryMetricReader()
    replayed(held, OpenTelemetry(meter_provider=MeterProvider(metric_readers=[reader])))
    data = reader.get_metrics_data()
    assert data is not None
    found = {
        metric.name: metric
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    turns = sum(point.value for point in found["trialogue.turns"].data.data_points)  # type: ignore[union-attr, misc]  # a sum
    assert turns == len(held.of(UserTurnEnded))
    assert found["trialogue.response_latency"].unit == "s"


def test_metrics_of_prometheus_are_those_of_the_table(held: Talk) -> None:
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    replayed(held, PrometheusMetrics(registry))
    page = generate_latest(registry).decode()
    assert f'trialogue_turns_total{{cause="silence"}} {float(len(held.of(UserTurnEnded)))}' in page
    assert f'trialogue_failures_total{{decision="apologise",where="reply"}} {float(len(held.of(ReplyFailed)))}' in page
    assert 'trialogue_stage_latency_seconds_bucket{le="0.1",stage="model"}' in page
    assert "trialogue_sessions_total 1.0" in page
    assert SECRET not in page


@pytest.mark.parametrize("content", [False, True])
def test_a_log_tells_what_was_said_only_where_that_is_wanted(
    held: Talk, content: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "trialogue.events"):
        replayed(held, EventLog("call 7", content=content))
    lines = [json.loads(record.getMessage()) for record in caplog.records]
    assert len(lines) == len(held.events)
    assert {line["session"] for line in lines} == {"call 7"}
    assert (SECRET in json.dumps(lines)) is content
    warnings = [
        json.loads(record.getMessage())["event"] for record in caplog.records if record.levelno == logging.WARNING
    ]
    assert warnings == ["ReplyFailed"]


def test_what_early_answers_won_and_wasted_and_needless_rests_are_counted() -> None:
    events: list[Event] = [
        AnswerPrepared(at_s=1.0, text="a table", used=True, reason="", ahead_s=0.4, written=12),
        AnswerPrepared(at_s=2.0, text="a", used=False, reason="the turn went on", ahead_s=0.1, written=0),
        AgentResumed(at_s=3.0, reply_id="reply 1", paused_s=0.8),
    ]
    found = [(each.name, dict(each.labels)) for event in events for each in measurements(event)]
    assert found == [
        ("prepared_answers", {"outcome": "used"}),
        ("prepared_answers", {"outcome": "wasted"}),
        ("rests", {}),
    ]


def test_every_field_of_an_event_that_may_hold_words_is_known() -> None:
    harmless = {
        "reply_id",
        "kind",
        "stage",
        "decision",
        "name",
        "call_id",
        "fault_id",
        "actor",
        "from_agent",
        "to_agent",
        "part",
        "model",
        "outcome",
    }
    for kind in get_args(Event):
        for field in attrs.fields(kind):
            if not re.fullmatch(r"(float|int|bool)( \| None)?", str(field.type)):
                assert field.name in CONTENT | REASONS | harmless, f"{kind.__name__}.{field.name}: is it content?"
