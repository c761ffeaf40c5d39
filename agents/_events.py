"""What happens in a conversation, as facts that anybody may follow. All times are session seconds."""

from __future__ import annotations

from typing import Literal

import attrs

ReplyKind = Literal["answer", "say"]


@attrs.frozen(kw_only=True)
class UserStartedSpeaking:
    """The user's voice began; `detected_s` is when that was certain."""

    at_s: float
    detected_s: float


@attrs.frozen(kw_only=True)
class UserStoppedSpeaking:
    """The user's voice ended; `detected_s` is when that was certain."""

    at_s: float
    detected_s: float


@attrs.frozen(kw_only=True)
class UserSaid:
    """What was understood of an utterance so far, or (final) of the whole of it."""

    at_s: float
    text: str
    final: bool


@attrs.frozen(kw_only=True)
class UserTurnEnded:
    """The user has finished a turn; an answer begins.

    Args:
        text: all that was said in it.
        speech_ended_s: the acoustic end of the speech.
    """

    at_s: float
    text: str
    speech_ended_s: float


@attrs.frozen(kw_only=True)
class SpeechIgnored:
    """The user spoke without taking a turn: a sign of listening, or no words that were understood."""

    at_s: float
    text: str
    started_s: float


@attrs.frozen(kw_only=True)
class AgentStartedThinking:
    """A reply was begun; nothing is heard of it yet."""

    at_s: float
    reply_id: str
    kind: ReplyKind


@attrs.frozen(kw_only=True)
class AgentStartedSpeaking:
    """The first sample of a reply was played.

    Args:
        latency_s: since the end of the speech that it answers; None where it answers none.
    """

    at_s: float
    reply_id: str
    latency_s: float | None


@attrs.frozen(kw_only=True)
class AgentStoppedSpeaking:
    """A reply is over.

    Args:
        heard: what of it was heard; that, and no more, is remembered.
        unheard: what was written but not heard.
        interrupted: whether it was cut off, and why.
        played_s: how much sound was played.
    """

    at_s: float
    reply_id: str
    heard: str
    unheard: str
    interrupted: str | None
    played_s: float


@attrs.frozen(kw_only=True)
class ReplyFailed:
    """A reply came to nothing more because a provider or a tool's surroundings failed; the session goes on."""

    at_s: float
    reply_id: str
    error: str


@attrs.frozen(kw_only=True)
class ToolStarted:
    """A tool runs; `arguments` is a JSON object as text."""

    at_s: float
    call_id: str
    name: str
    arguments: str


@attrs.frozen(kw_only=True)
class ToolFinished:
    """A tool gave its one output."""

    at_s: float
    call_id: str
    name: str
    output: str
    is_error: bool


@attrs.frozen(kw_only=True)
class SessionEnded:
    """The conversation is over."""

    at_s: float
    reason: str


Event = (
    UserStartedSpeaking
    | UserStoppedSpeaking
    | UserSaid
    | UserTurnEnded
    | SpeechIgnored
    | AgentStartedThinking
    | AgentStartedSpeaking
    | AgentStoppedSpeaking
    | ReplyFailed
    | ToolStarted
    | ToolFinished
    | SessionEnded
)
