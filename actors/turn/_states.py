"""The states of a conversation's floor."""

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
