"""What is written down of a simulated call while it is held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs

from trialogue.actors import AgentState, TurnDecision, TurnInput, TurnPolicy, UserState
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from trialogue.agents.events._events import Event
    from trialogue.agents.speech._reply import Reply
    from trialogue.agents.testing._fake_tts import SpeechRecord
    from trialogue.agents.testing._leases import LeaseStatistics
    from trialogue.agents.testing._scenario import Scenario
    from trialogue.agents.testing._telephone import Telephone
    from trialogue.agents.testing._voice import CallerVoice
    from trialogue.engine._pipe import Pipe
    from trialogue.frames import ChatItem, SpeechEdge


@frozen(kw_only=True)
class Judged:
    """Something that the turn policy was told, and what it made of it.

    Args:
        at_s: when, as it was told, session time in seconds.
        fact: what; None where it was told the time alone.
        decisions: what it decided.
        user, agent: their states afterwards.
    """

    at_s: float
    fact: TurnInput | None
    decisions: tuple[TurnDecision, ...]
    user: UserState
    agent: AgentState


class WatchedPolicy:
    """A session's turn policy, every judgement of which is written down.

    Args:
        policy: judges.
        judged: where it is written.
    """

    def __init__(self, policy: TurnPolicy, judged: list[Judged]) -> None:
        self._policy = policy
        self._judged = judged

    @property
    def edges(self) -> tuple[SpeechEdge, ...]:
        """As TurnPolicy.edges."""
        return self._policy.edges

    @property
    def deadline(self) -> float | None:
        """As TurnPolicy.deadline."""
        return self._policy.deadline

    def on_frame(self, frame: TurnInput, now_s: float) -> list[TurnDecision]:
        """As TurnPolicy.on_frame."""
        return self._note(now_s, frame, self._policy.on_frame(frame, now_s))

    def on_time(self, now_s: float) -> list[TurnDecision]:
        """As TurnPolicy.on_time."""
        return self._note(now_s, None, self._policy.on_time(now_s))

    def _note(self, now_s: float, fact: TurnInput | None, decisions: list[TurnDecision]) -> list[TurnDecision]:
        user, agent = self._policy.user, self._policy.agent
        self._judged.append(Judged(at_s=now_s, fact=fact, decisions=tuple(decisions), user=user, agent=agent))
        return decisions


@define(kw_only=True, eq=False)
class CallRecord:
    """All that is known of a call.

    Args:
        scenario: what was to happen.
        voice: what the caller said.
        telephone: what the caller heard.
    """

    scenario: Scenario
    voice: CallerVoice
    telephone: Telephone
    events: list[Event] = attrs.Factory(list)
    judged: list[Judged] = attrs.Factory(list)
    history: tuple[ChatItem, ...] = ()
    #: Replies that the program asked for.
    asked_for: Sequence[Reply] = ()
    #: What the fakes have lent; empty where the models were real.
    leases: Sequence[Callable[[], LeaseStatistics]] = ()
    #: What the fake voice has spoken.
    spoken: Sequence[SpeechRecord] = ()
    pipes: tuple[Pipe, ...] = ()
    #: What else: when the session was left, session time in seconds; and how its wire broke.
    left_s: float = 0.0
    broken: ExceptionGroup[Exception] | None = None
