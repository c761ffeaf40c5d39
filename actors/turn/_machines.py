"""All states and transitions of turn-taking, as tables. Pure; the diagram in `docs/turn-taking.md` is drawn from them.

Three machines run side by side: the *user*, the *agent*, and the *turn*, which is what the user has said and nobody has
answered. What moves them are facts that come in and decisions that go out. An event moves each machine that has it in
its table; a machine that has it there, but not in its present state, refuses it before anything has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final, TypeVar

from trialogue.actors.turn._decisions import (
    CommitTurn,
    IgnoreSpeech,
    InterruptReply,
    PauseReply,
    ReportAway,
    ReportBack,
    ResumeReply,
)
from trialogue.actors.turn._facts import (
    MicrophoneMuted,
    MicrophoneUnmuted,
    ReplyEnded,
    ReplyHeard,
    ReplyStarted,
    ToolsFinished,
    ToolsStarted,
    TurnCleared,
    TurnCommitted,
    TurnJudged,
    TurnSettingsChanged,
    UserActed,
)
from trialogue.actors.turn._states import AgentState, TurnState, UserState
from trialogue.engine import PolicyError
from trialogue.frames import (
    FinalTranscript,
    InterimTranscript,
    PlayoutFinished,
    PlayoutStarted,
    SpeechEnded,
    SpeechStarted,
)
from trialogue.frames._attrs import define, frozen

_State = TypeVar("_State", bound=Enum)

_LISTENING, _SPEAKING, _MAYBE, _AWAY = UserState.LISTENING, UserState.SPEAKING, UserState.MAYBE_FINISHED, UserState.AWAY
_EMPTY, _OPEN, _KEPT, _CLOSING = TurnState.EMPTY, TurnState.OPEN, TurnState.KEPT, TurnState.CLOSING


@frozen
class TurnKept:
    """The turn is complete, but waits. No decision: nobody has anything to do."""


def _staying(states: Iterable[_State], *events: type) -> dict[tuple[_State, type], _State]:
    """Events that change nothing in these states."""
    return {(state, event): state for state in states for event in events}


#: What the user does. Words, and what is thought of them, move nobody: they are in any state, and may come late.
USER_TABLE: Final[Mapping[tuple[UserState, type], UserState]] = {
    **_staying(UserState, InterimTranscript, FinalTranscript, TurnJudged, MicrophoneMuted, MicrophoneUnmuted),
    **_staying(UserState, TurnCommitted, TurnCleared, TurnSettingsChanged),
    **_staying((_LISTENING, _SPEAKING, _MAYBE), UserActed),
    (_AWAY, UserActed): _LISTENING,
    (_LISTENING, SpeechStarted): _SPEAKING,
    (_LISTENING, CommitTurn): _LISTENING,  # one that was kept
    (_LISTENING, IgnoreSpeech): _LISTENING,
    (_LISTENING, ReportAway): _AWAY,
    (_SPEAKING, SpeechEnded): _MAYBE,
    (_SPEAKING, MicrophoneMuted): _MAYBE,
    (_SPEAKING, TurnCleared): _LISTENING,
    (_SPEAKING, CommitTurn): _LISTENING,  # it was too long, or committed; what is said on is of the next one
    (_SPEAKING, IgnoreSpeech): _LISTENING,  # what the program has committed before
    (_MAYBE, SpeechStarted): _SPEAKING,
    (_MAYBE, CommitTurn): _LISTENING,
    (_MAYBE, IgnoreSpeech): _LISTENING,
    (_MAYBE, TurnKept): _LISTENING,
    (_MAYBE, TurnCleared): _LISTENING,
    (_AWAY, SpeechStarted): _SPEAKING,
    (_AWAY, ReportBack): _AWAY,  # what says so follows
    (_AWAY, ReportAway): _AWAY,  # still, after the agent has spoken
}

#: What the agent does.
AGENT_TABLE: Final[Mapping[tuple[AgentState, type], AgentState]] = {
    **_staying(AgentState, ReplyHeard, ToolsStarted, ToolsFinished),
    (AgentState.IDLE, ReplyStarted): AgentState.THINKING,
    (AgentState.IDLE, InterruptReply): AgentState.IDLE,  # one that was asked for, and has not begun
    (AgentState.IDLE, CommitTurn): AgentState.IDLE,  # only then: nobody answers over a reply
    (AgentState.THINKING, PlayoutStarted): AgentState.SPEAKING,
    (AgentState.THINKING, PauseReply): AgentState.HELD,
    (AgentState.HELD, ResumeReply): AgentState.THINKING,
    (AgentState.HELD, PlayoutStarted): AgentState.PAUSED,  # it had begun in the same moment
    (AgentState.SPEAKING, PauseReply): AgentState.PAUSED,
    (AgentState.PAUSED, ResumeReply): AgentState.SPEAKING,
    **_staying((AgentState.IDLE, AgentState.SPEAKING, AgentState.PAUSED), PlayoutStarted),
    **{
        (state, event): AgentState.IDLE
        for state in (AgentState.THINKING, AgentState.HELD, AgentState.SPEAKING, AgentState.PAUSED)
        for event in (InterruptReply, PlayoutFinished, ReplyEnded)
    },
    **_staying((AgentState.IDLE,), PlayoutFinished, ReplyEnded),
}

#: What becomes of what the user says.
TURN_TABLE: Final[Mapping[tuple[TurnState, type], TurnState]] = {
    (_EMPTY, SpeechStarted): _OPEN,
    (_OPEN, SpeechStarted): _OPEN,
    (_KEPT, SpeechStarted): _OPEN,
    (_CLOSING, SpeechStarted): _CLOSING,
    (_EMPTY, TurnCommitted): _EMPTY,
    (_OPEN, TurnCommitted): _CLOSING,
    (_KEPT, TurnCommitted): _CLOSING,
    (_CLOSING, TurnCommitted): _CLOSING,
    (_OPEN, TurnKept): _KEPT,
    (_CLOSING, TurnKept): _CLOSING,
    **{(state, TurnCleared): _EMPTY for state in TurnState},
    **{(state, IgnoreSpeech): _EMPTY for state in TurnState},
    **{(state, CommitTurn): _EMPTY for state in TurnState},
}

_USER_EVENTS: Final = frozenset(event for _, event in USER_TABLE)
_AGENT_EVENTS: Final = frozenset(event for _, event in AGENT_TABLE)
_TURN_EVENTS: Final = frozenset(event for _, event in TURN_TABLE)


@define
class Machines:
    """The states of the three, and the only way to change them."""

    user: UserState = UserState.LISTENING
    agent: AgentState = AgentState.IDLE
    turn: TurnState = TurnState.EMPTY

    def check(self, event: type) -> None:
        """See that an event may happen now.

        Raises:
            PolicyError: it may not.
        """
        for table, state, events in (
            (USER_TABLE, self.user, _USER_EVENTS),
            (AGENT_TABLE, self.agent, _AGENT_EVENTS),
            (TURN_TABLE, self.turn, _TURN_EVENTS),
        ):
            if event in events and (state, event) not in table:
                raise PolicyError(
                    f"{event.__name__} cannot happen while the user is {self.user.name}, the agent "
                    f"{self.agent.name} and the turn {self.turn.name}"
                )

    def apply(self, event: type) -> None:
        """Let an event happen.

        Raises:
            PolicyError: the states do not allow it; nothing was changed.
        """
        self.check(event)
        self.user = USER_TABLE.get((self.user, event), self.user)
        self.agent = AGENT_TABLE.get((self.agent, event), self.agent)
        self.turn = TURN_TABLE.get((self.turn, event), self.turn)
