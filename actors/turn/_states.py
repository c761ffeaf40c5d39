"""The states of a conversation's floor. The tables in `_machines.py` say what leads from one to another."""

from __future__ import annotations

from enum import Enum, auto


class UserState(Enum):
    """What the user does."""

    LISTENING = auto()
    SPEAKING = auto()
    #: Silent after speech; goes on, or is done.
    MAYBE_FINISHED = auto()
    #: Has not spoken for long, though nothing kept the user from it.
    AWAY = auto()


class AgentState(Enum):
    """What the agent does."""

    IDLE = auto()
    #: A reply was started; nothing was heard of it yet.
    THINKING = auto()
    #: Thinks on, but must not begin to sound: the user speaks.
    HELD = auto()
    SPEAKING = auto()
    #: Rests in the middle of its speech, until it is known what the user's voice meant.
    PAUSED = auto()


class TurnState(Enum):
    """What becomes of what the user says."""

    #: Nothing was said since the last turn was committed.
    EMPTY = auto()
    #: Something was said, or is being said.
    OPEN = auto()
    #: It is complete, but waits: for the program to commit it, or for speech that must not be interrupted to end.
    KEPT = auto()
    #: The program has committed it; its last words are awaited.
    CLOSING = auto()
