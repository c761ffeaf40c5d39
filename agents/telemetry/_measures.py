"""What is measured of conversations: one table, for every system of metrics. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import attrs

from trialogue.agents.events._events import (
    STAGES,
    ActorFailed,
    AgentResumed,
    AgentStartedSpeaking,
    AgentStoppedSpeaking,
    AnswerPrepared,
    Event,
    ReplyFailed,
    RequestMeasured,
    SpeechIgnored,
    ToolFinished,
    TurnMeasured,
    UserTurnEnded,
)
from trialogue.frames._attrs import frozen


@frozen(kw_only=True)
class Measure:
    """Something that is measured.

    Args:
        kind: a count, or values of which the distribution matters.
        unit: of the values, as UCUM has it; "1" for a count.
        meaning: in words.
        labels: by what it is told apart.
    """

    kind: Literal["counter", "histogram"]
    unit: str
    meaning: str
    labels: tuple[str, ...] = ()


@frozen(kw_only=True)
class Measurement:
    """One value.

    Args:
        name: of the measure, in MEASURES.
        value: in its unit.
        labels: the values of its labels.
    """

    name: str
    value: float
    labels: Mapping[str, str] = attrs.Factory(dict)


MEASURES: Final[Mapping[str, Measure]] = {
    "turns": Measure(kind="counter", unit="1", meaning="Turns of users.", labels=("cause",)),
    "ignored_utterances": Measure(
        kind="counter", unit="1", meaning="Utterances of users that took no turn.", labels=("reason",)
    ),
    "replies": Measure(kind="counter", unit="1", meaning="Replies that are over.", labels=("outcome",)),
    "prepared_answers": Measure(
        kind="counter", unit="1", meaning="Answers that were begun before the turn was over.", labels=("outcome",)
    ),
    "rests": Measure(kind="counter", unit="1", meaning="Rests of agents that turned out to be no interruption."),
    "response_latency": Measure(
        kind="histogram", unit="s", meaning="From the end of a user's speech to the first sound of the answer."
    ),
    "stage_latency": Measure(
        kind="histogram", unit="s", meaning="The part of the response latency that a stage takes.", labels=("stage",)
    ),
    "speech": Measure(kind="counter", unit="s", meaning="Speech of agents that was played."),
    "requests": Measure(
        kind="counter", unit="1", meaning="Requests to models that are over.", labels=("part", "model", "outcome")
    ),
    "request_latency": Measure(
        kind="histogram",
        unit="s",
        meaning="From a request to a model, or the end of an utterance, to its first output.",
        labels=("part", "model"),
    ),
    "tokens": Measure(kind="counter", unit="1", meaning="Tokens of language models.", labels=("model", "direction")),
    "tool_latency": Measure(kind="histogram", unit="s", meaning="From a tool's call to its output.", labels=("tool",)),
    "tools": Measure(kind="counter", unit="1", meaning="Calls of tools.", labels=("tool", "outcome")),
    "failures": Measure(
        kind="counter", unit="1", meaning="Faults of actors and replies.", labels=("where", "decision")
    ),
}


def measurements(event: Event) -> list[Measurement]:
    """What an event adds to the measures."""
    match event:
        case UserTurnEnded():
            return [Measurement(name="turns", value=1, labels={"cause": event.cause})]
        case SpeechIgnored():
            return [Measurement(name="ignored_utterances", value=1, labels={"reason": event.reason})]
        case AnswerPrepared() | AgentResumed():
            return [_of_turn_taking(event)]
        case AgentStartedSpeaking(latency_s=float(latency_s)):
            return [Measurement(name="response_latency", value=latency_s)]
        case TurnMeasured():
            return [
                Measurement(name="stage_latency", value=getattr(event, f"{stage}_s"), labels={"stage": stage})
                for stage in STAGES
            ]
        case AgentStoppedSpeaking():
            outcome = "interrupted" if event.interrupted else "completed"
            return [
                Measurement(name="replies", value=1, labels={"outcome": outcome}),
                Measurement(name="speech", value=event.played_s),
            ]
        case ToolFinished():
            outcome = "failed" if event.is_error else "completed"
            return [
                Measurement(name="tools", value=1, labels={"tool": event.name, "outcome": outcome}),
                Measurement(name="tool_latency", value=event.took_s, labels={"tool": event.name}),
            ]
        case RequestMeasured():
            return _of_request(event)
        case ActorFailed() | ReplyFailed():
            return [_of_failure(event)]
        case _:
            return []


def _of_turn_taking(event: AnswerPrepared | AgentResumed) -> Measurement:
    if isinstance(event, AgentResumed):
        return Measurement(name="rests", value=1)
    return Measurement(name="prepared_answers", value=1, labels={"outcome": "used" if event.used else "wasted"})


def _of_request(event: RequestMeasured) -> list[Measurement]:
    of_model = {"part": event.part, "model": event.model}
    found = [Measurement(name="requests", value=1, labels={**of_model, "outcome": event.outcome})]
    if event.first_s is not None:
        found.append(Measurement(name="request_latency", value=event.first_s, labels=of_model))
    for direction, tokens in (("input", event.input_tokens), ("output", event.output_tokens)):
        if tokens is not None:
            labels = {"model": event.model, "direction": direction}
            found.append(Measurement(name="tokens", value=tokens, labels=labels))
    return found


def _of_failure(event: ActorFailed | ReplyFailed) -> Measurement:
    where, decision = (event.actor, event.decision) if isinstance(event, ActorFailed) else ("reply", "apologise")
    return Measurement(name="failures", value=1, labels={"where": where, "decision": decision})
