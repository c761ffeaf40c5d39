"""Every law can be broken, and says so: each is shown a call whose record was tampered with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import pytest

from trialogue.actors import ResumeReply
from trialogue.agents import (
    Agent,
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    SessionEnded,
    UserStartedSpeaking,
    UserTurnEnded,
)
from trialogue.agents.testing import Call, CallFailed, Judged, LeaseStatistics, Says, Scenario, check_laws, simulate
from trialogue.frames import ChatMessage

if TYPE_CHECKING:
    from trialogue.agents import Event
    from trialogue.agents.testing._record import CallRecord

SCENARIO = Scenario(
    caller=[Says(at_s=0.5, text="Tell me a story"), Says(at_s=3.6, text="No another one please")],
    answers=["Once upon a time there was a fox. It ran over the hills.", "There was a dog."],
)


def held() -> Call:
    """A call with an interruption, in which every law was kept."""
    call = simulate(Agent(instructions="Be kind."), SCENARIO)
    call.interrupted_within(0.1)
    check_laws(call)
    return call


def without(kind: type[Event]) -> Callable[[CallRecord], None]:
    """Forget the last event of a kind."""

    def tamper(record: CallRecord) -> None:
        record.events.remove(next(event for event in reversed(record.events) if isinstance(event, kind)))

    return tamper


def twice(kind: type[Event]) -> Callable[[CallRecord], None]:
    """Tell the first event of a kind twice."""

    def tamper(record: CallRecord) -> None:
        place = next(place for place, event in enumerate(record.events) if isinstance(event, kind))
        record.events.insert(place, record.events[place])

    return tamper


def history(change: Callable[[ChatMessage], ChatMessage]) -> Callable[[CallRecord], None]:
    """Remember messages otherwise."""

    def tamper(record: CallRecord) -> None:
        record.history = tuple(change(item) for item in record.history if isinstance(item, ChatMessage))

    return tamper


def heard_later(record: CallRecord) -> None:
    """Let the frame after the cut be one from before."""
    cut = next(event for event in record.events if isinstance(event, AgentStoppedSpeaking) and event.interrupted)
    frame = next(frame for at_s, frame in record.telephone.heard if at_s > cut.at_s - 0.5)
    place = next(place for place, (at_s, _) in enumerate(record.telephone.heard) if at_s > cut.at_s + 0.2)
    record.telephone.heard.insert(place, (cut.at_s + 0.2, frame))


def played_more(record: CallRecord) -> None:
    """Let the books tell of more than sounded."""
    record.events[:] = [
        attrs.evolve(event, played_s=event.played_s + 0.5) if isinstance(event, AgentStoppedSpeaking) else event
        for event in record.events
    ]


def not_given_back(record: CallRecord) -> None:
    """Let a model be open still."""
    record.leases = [lambda: LeaseStatistics(opened=1, open_now=1)]


def went_on(record: CallRecord) -> None:
    """Let the policy have the agent go on that does not rest."""
    last = record.judged[-1]
    resumed = ResumeReply(speech_started_s=0.0, decided_s=last.at_s)
    record.judged.append(Judged(at_s=last.at_s, fact=None, decisions=(resumed,), user=last.user, agent=last.agent))


@pytest.mark.parametrize(
    ("tamper", "law"),
    [
        (without(SessionEnded), "A session ends once"),
        (twice(SessionEnded), "A session ends once"),
        (history(lambda item: attrs.evolve(item, text=f"{item.text} x") if item.role == "agent" else item), "What was"),
        (history(lambda item: attrs.evolve(item, text="x") if item.role == "user" else item), "What the caller said"),
        (without(AgentStoppedSpeaking), "What was heard"),
        (without(AgentStartedThinking), "Each reply that is begun"),
        (twice(AgentStartedSpeaking), "Each reply that is begun"),
        (without(UserTurnEnded), "A turn has one answer"),
        (twice(UserStartedSpeaking), "The caller begins"),
        (played_more, "So much of a reply counts"),
        (heard_later, "What is heard belongs to"),
        (not_given_back, "What was lent"),
        (went_on, "The agent goes on only"),
    ],
)
def test_a_broken_law_is_told_with_the_scenario(tamper: Callable[[CallRecord], None], law: str) -> None:
    call = held()
    tamper(call.record)
    with pytest.raises(CallFailed) as info:
        check_laws(call)
    assert str(info.value).startswith(law)
    assert "Scenario(caller=[Says(" in str(info.value)
