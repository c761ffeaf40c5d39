"""What the user's news does to the agent, and what everything else of the policy stands on. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trialogue.actors.turn._absence import Absence
from trialogue.actors.turn._decisions import (
    DropPreparedAnswer,
    InterruptReply,
    PauseReply,
    ResumeReply,
    TurnDecision,
)
from trialogue.actors.turn._edges import EdgeSource
from trialogue.actors.turn._endpointing import Endpointing
from trialogue.actors.turn._interruption import Interruption
from trialogue.actors.turn._machines import Machines
from trialogue.actors.turn._preparation import Preparation
from trialogue.actors.turn._states import AgentState, TurnState, UserState
from trialogue.actors.turn._user_turn import UserTurn, Utterance

if TYPE_CHECKING:
    from trialogue.actors.turn._settings import TurnSettings
    from trialogue.frames import SpeechEdge


class Reactions:
    """The state of one conversation's floor, and how the agent is silenced, rests and goes on.

    Args:
        settings: see there.
    """

    def __init__(self, settings: TurnSettings) -> None:
        self._settings = settings
        self._states = Machines()
        self._edges = EdgeSource(by=settings.edges, patience_s=settings.endpointing.transcript_deadline_s)
        self._turn = UserTurn()
        self._endpointing = Endpointing(settings=settings.endpointing, language=settings.language)
        self._interruption = Interruption(settings=settings)
        self._preparation = Preparation(settings=settings.preparation)
        self._absence = Absence(after_s=settings.away_after_s)
        self._decided: list[TurnDecision] = []
        self._told: list[SpeechEdge] = []

    @property
    def user(self) -> UserState:
        """What the user does."""
        return self._states.user

    @property
    def agent(self) -> AgentState:
        """What the agent does."""
        return self._states.agent

    @property
    def turn(self) -> TurnState:
        """What becomes of what the user has said."""
        return self._states.turn

    @property
    def edges(self) -> tuple[SpeechEdge, ...]:
        """Where the user's speech began and ended by the last news, as it counts here; see TurnSettings.edges."""
        return tuple(self._told)

    def _decisions(self) -> list[TurnDecision]:
        decided, self._decided = self._decided, []
        return decided

    def _decide(self, decision: TurnDecision) -> None:
        self._states.apply(type(decision))
        self._decided.append(decision)

    def _note_words(self, now_s: float) -> None:
        if self._preparation.hear(self._turn.text, now_s):
            self._decide(DropPreparedAnswer(decided_s=now_s))

    def _react(self, now_s: float, told: Utterance | None = None) -> None:
        """See what the news does to the agent: it is silenced, rests, or goes on.

        Args:
            now_s: session time, seconds.
            told: the utterance whose words or whose end have come.
        """
        if self._interrupt_due_s(told) <= now_s:
            self._interrupt(now_s)
        if self._pause_due_s() <= now_s:
            self._pause(now_s)
        if self._resume_due_s() <= now_s:
            self._resume(now_s)

    def _interrupt_due_s(self, told: Utterance | None = None) -> float:
        utterance = told or self._turn.last
        if utterance is None or not self._answers() or (told is None and self.user is not UserState.SPEAKING):
            return math.inf
        return self._interruption.interrupt_due_s(self.agent, utterance, told=told is not None)

    def _answers(self) -> bool:
        """Whether there is a reply to be interrupted: one that is on its way counts."""
        return self.agent is not AgentState.IDLE or bool(self._turn.unanswered)

    def _interrupt(self, now_s: float) -> None:
        started_s = self._interruption.rests_for_s
        if started_s is None:
            last = self._turn.last
            started_s = now_s if last is None else last.started_s
        self._endpointing.cut_in(started_s, self._interruption.began_s)
        reason = "barge-in" if self.agent in {AgentState.SPEAKING, AgentState.PAUSED} else "user went on"
        self._interruption.stop(now_s, self.agent)
        self._decide(InterruptReply(reason=reason, speech_started_s=started_s, decided_s=now_s))
        self._turn.take_the_floor()
        self._absence.sounded(now_s)
        self._turn.reopen()
        self._note_words(now_s)

    def _pause_due_s(self) -> float:
        last = self._turn.last
        if last is None or self.user is not UserState.SPEAKING:
            return math.inf
        return self._interruption.pause_due_s(self.agent, last)

    def _pause(self, now_s: float) -> None:
        last = self._turn.last
        assert last is not None
        self._interruption.rests_for_s = last.started_s
        self._decide(PauseReply(speech_started_s=last.started_s, decided_s=now_s))

    def _resume_due_s(self) -> float:
        rests_for_s = self._interruption.rests_for_s
        if rests_for_s is None or self.user is UserState.SPEAKING:
            return math.inf
        if self.user is UserState.LISTENING:  # what was said is dealt with
            return rests_for_s
        return self._interruption.resume_due_s(self.agent, self._turn)

    def _resume(self, now_s: float) -> None:
        started_s = self._interruption.rests_for_s
        assert started_s is not None
        self._interruption.rests_for_s = None
        self._decide(ResumeReply(speech_started_s=started_s, decided_s=now_s))
