"""What the turn policy is told: facts of the conversation beside what the ears and the playout tell."""

from __future__ import annotations

from trialogue.actors.turn._settings import TurnSettings
from trialogue.frames import (
    FinalTranscript,
    InterimTranscript,
    PlayoutFinished,
    PlayoutStarted,
    SpeechEnded,
    SpeechStarted,
)
from trialogue.frames._attrs import frozen


@frozen(kw_only=True)
class ReplyStarted:
    """The conversation has started a reply, or other speech.

    Args:
        reply_id: unique in its session.
        protected: the user's speech does not stop it.
    """

    reply_id: str
    protected: bool = False


@frozen(kw_only=True)
class ReplyHeard:
    """How much of a reply was heard by now, told when the user begins to speak over it.

    Args:
        reply_id: which one.
        heard: what was heard of it; after a question, the user's "yes" is no sign of listening.
    """

    reply_id: str
    heard: str


@frozen(kw_only=True)
class ReplyEnded:
    """A reply is over: played, failed, or without anything to say.

    Args:
        reply_id: which one.
        heard: what was heard of it; where that ends with a question, the next turn is taken as its answer.
    """

    reply_id: str
    heard: str = ""


@frozen(kw_only=True)
class TurnJudged:
    """A detector that listens has judged the silence after an utterance.

    Args:
        speech_ended_s: where the utterance ended, as its SpeechEnded says, session time, seconds.
        probability: that the turn is over, 0 to 1.
    """

    speech_ended_s: float
    probability: float


@frozen(kw_only=True)
class TurnCommitted:
    """The program says that the user's turn is over now, whatever the silence (push to talk)."""

    at_s: float


@frozen(kw_only=True)
class TurnCleared:
    """The program says that what the user has said since the last turn does not count."""

    at_s: float


@frozen(kw_only=True)
class MicrophoneMuted:
    """From now on, what the user says does not count; an utterance that was under way neither."""

    at_s: float


@frozen(kw_only=True)
class MicrophoneUnmuted:
    """From now on, what the user says counts again."""

    at_s: float


@frozen(kw_only=True)
class UserActed:
    """The user has done something other than speak, such as press a key: whoever does that is there."""

    at_s: float


@frozen(kw_only=True)
class ToolsStarted:
    """The agent's tools run: the user waits, and is not away."""

    at_s: float


@frozen(kw_only=True)
class ToolsFinished:
    """No tool runs any more."""

    at_s: float


@frozen(kw_only=True)
class TurnSettingsChanged:
    """The program says that the turns are taken by other settings from now on.

    Args:
        at_s: when.
        settings: all of them.
    """

    at_s: float
    settings: TurnSettings


TurnInput = (
    SpeechStarted
    | SpeechEnded
    | InterimTranscript
    | FinalTranscript
    | PlayoutStarted
    | PlayoutFinished
    | ReplyStarted
    | ReplyHeard
    | ReplyEnded
    | TurnJudged
    | TurnCommitted
    | TurnCleared
    | MicrophoneMuted
    | MicrophoneUnmuted
    | UserActed
    | ToolsStarted
    | ToolsFinished
    | TurnSettingsChanged
)
