"""Traces and metrics for OpenTelemetry, by its official API.

The spans of a session: the session, in it what the user says, each turn with its stages, each reply, each tool. Their
times are those of the events, to the sample, whenever they are told.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from trialogue.agents.events._events import (
    ActorFailed,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    Event,
    ReplyFailed,
    RequestMeasured,
    SessionEnded,
    ToolFinished,
    ToolStarted,
    TurnMeasured,
    UserStartedSpeaking,
    UserStoppedSpeaking,
)
from trialogue.agents.telemetry._content import fields_of
from trialogue.agents.telemetry._measures import MEASURES, measurements
from trialogue.engine import ProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.metrics import Counter, Histogram, MeterProvider
    from opentelemetry.trace import Span, TracerProvider

_NS_PER_S: Final = 1_000_000_000


class OpenTelemetry:
    """An observer of one session.

    Args:
        tracer_provider: where spans go; the process's own by default.
        meter_provider: where metrics go; the process's own by default.
        attributes: of the session's span, such as an id of the call.
        content: whether what was said is told.

    Raises:
        ProviderError: the package `opentelemetry-api` is not installed.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        attributes: Mapping[str, str] | None = None,
        content: bool = False,
    ) -> None:
        try:
            from opentelemetry import metrics, trace
        except ImportError as error:
            raise ProviderError("OpenTelemetry needs its package: pip install 'trialogue[opentelemetry]'") from error
        self._trace = trace
        self._tracer = trace.get_tracer("trialogue", tracer_provider=tracer_provider)
        meter = metrics.get_meter("trialogue", meter_provider=meter_provider)
        self._instruments: dict[str, Counter | Histogram] = {
            name: (meter.create_counter if measure.kind == "counter" else meter.create_histogram)(
                f"trialogue.{name}", unit=measure.unit, description=measure.meaning
            )
            for name, measure in MEASURES.items()
        }
        self._attributes = attributes or {}
        self._content = content
        self._began_ns: int | None = None
        self._open: dict[str, Span] = {}

    def __call__(self, event: Event) -> None:
        """Tell of an event."""
        if self._began_ns is None:
            # Where the session's time is on the calendar; all durations are differences of session times.
            self._began_ns = time.time_ns() - round(event.at_s * _NS_PER_S)
            self._begin("session", 0.0, self._attributes)
        for each in measurements(event):
            instrument = self._instruments[each.name]
            if hasattr(instrument, "add"):
                instrument.add(each.value, dict(each.labels))
            else:
                instrument.record(each.value, dict(each.labels))
        self._trace_event(event)

    def _trace_event(self, event: Event) -> None:
        match event:
            case UserStartedSpeaking():
                self._begin("user speaking", event.at_s)
            case UserStoppedSpeaking():
                self._end("user speaking", event.at_s)
            case AgentStartedThinking():
                self._begin(event.reply_id, event.at_s, {"kind": event.kind}, name="reply")
            case AgentStoppedSpeaking():
                self._end(event.reply_id, event.at_s, fields_of(event, content=self._content))
            case TurnMeasured():
                self._turn(event)
            case ToolStarted():
                fields = fields_of(event, content=self._content)
                self._begin(f"tool {event.call_id}", event.at_s, fields, name=f"tool {event.name}")
            case ToolFinished():
                fields = fields_of(event, content=self._content)
                self._end(f"tool {event.call_id}", event.at_s, fields, failed=event.is_error)
            case RequestMeasured():
                self._request(event)
            case _:
                self._note(event)

    def _request(self, event: RequestMeasured) -> None:
        """A request, in the reply that it was for where that is told of already."""
        parent = event.reply_id if event.reply_id in self._open else "session"
        fields = fields_of(event, content=self._content)
        self._begin("request", event.at_s - event.took_s, fields, name=f"{event.part} {event.model}", parent=parent)
        self._end("request", event.at_s, failed=event.outcome == "failed")

    def _note(self, event: Event) -> None:
        """What has no span of its own: faults are told in the session's, and that ends with the session."""
        if isinstance(event, (ActorFailed, ReplyFailed)):
            fields = fields_of(event, content=self._content)
            self._open["session"].add_event(type(event).__name__, _plain(fields), self._ns(event.at_s))
        elif isinstance(event, SessionEnded):
            why = {"reason": fields_of(event, content=self._content)["reason"]}
            for key in [*self._open][::-1]:
                self._end(key, event.at_s, why if key == "session" else None)

    def _turn(self, event: TurnMeasured) -> None:
        """The whole way from the user's last word to the answer's first sound, and its parts."""
        self._begin("turn", event.speech_ended_s, {"reply_id": event.reply_id, "latency_s": event.latency_s})
        for span in event.spans:
            self._begin(span.stage, span.start_s, parent="turn")
            self._end(span.stage, span.end_s)
        self._end("turn", event.at_s)

    def _begin(
        self,
        key: str,
        at_s: float,
        attributes: Mapping[str, object] | None = None,
        *,
        name: str = "",
        parent: str = "session",
    ) -> None:
        context = self._trace.set_span_in_context(self._open[parent]) if key != "session" else None
        self._open[key] = self._tracer.start_span(
            name or key, context, start_time=self._ns(at_s), attributes=_plain(attributes or {})
        )

    def _end(
        self, key: str, at_s: float, attributes: Mapping[str, object] | None = None, *, failed: bool = False
    ) -> None:
        span = self._open.pop(key, None)
        if span is None:
            return
        span.set_attributes(_plain(attributes or {}))
        if failed:
            span.set_status(self._trace.StatusCode.ERROR)
        span.end(self._ns(at_s))

    def _ns(self, at_s: float) -> int:
        assert self._began_ns is not None
        return self._began_ns + round(at_s * _NS_PER_S)


def _plain(attributes: Mapping[str, object]) -> dict[str, str | bool | int | float]:
    """Attributes as OpenTelemetry takes them, in a namespace of their own."""
    return {
        f"trialogue.{name}": value if isinstance(value, (str, bool, int, float)) else str(value)
        for name, value in attributes.items()
    }
