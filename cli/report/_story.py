"""What happened in a call, put together from its events. Pure. All times are session seconds."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal

import attrs

from trialogue.agents import (
    ActorFailed,
    AgentPaused,
    AgentResumed,
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    Event,
    ReplyFailed,
    SessionEnded,
    SpeechIgnored,
    ToolFinished,
    ToolStarted,
    TurnMeasured,
    UserSaid,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTurnEnded,
    WordsMissing,
)
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.engine import Stall

#: What became of something that the user said: part of a turn, let pass, or (the call being over) nothing.
Fate = Literal["turn", "ignored", "unanswered"]


@define(kw_only=True)
class Speech:
    """The user's voice without a pause; `ended_s` is None while it lasts."""

    started_s: float
    ended_s: float | None = None
    text: str = ""
    fate: Fate = "unanswered"


@frozen(kw_only=True)
class Turn:
    """What the user said in one go, and when it was taken to be complete."""

    started_s: float
    speech_ended_s: float
    committed_s: float
    text: str


@define(kw_only=True)
class Spoken:
    """A reply; `began_s` is None where nothing of it was heard, `latency_s` where it answers nothing.

    `rests` are the stretches in which it was silent in its middle because the user spoke; they last to its end where
    it never went on.
    """

    reply_id: str
    thought_s: float
    began_s: float | None = None
    stopped_s: float | None = None
    heard: str = ""
    unheard: str = ""
    interrupted: str = ""
    latency_s: float | None = None
    rests: list[tuple[float, float]] = attrs.Factory(list)
    rests_since_s: float | None = None


@define(kw_only=True)
class ToolUse:
    """A tool; `ended_s` is None while it runs."""

    call_id: str
    name: str
    arguments: str
    started_s: float
    ended_s: float | None = None
    output: str = ""
    is_error: bool = False


@frozen(kw_only=True)
class Fault:
    """Something that failed, in words."""

    at_s: float
    text: str


@define(kw_only=True)
class Story:
    """A call from its first sample to its end; everything in the order in which it began."""

    speeches: list[Speech] = attrs.Factory(list)
    turns: list[Turn] = attrs.Factory(list)
    replies: list[Spoken] = attrs.Factory(list)
    tools: list[ToolUse] = attrs.Factory(list)
    faults: list[Fault] = attrs.Factory(list)
    stalls: list[Fault] = attrs.Factory(list)
    measured: list[TurnMeasured] = attrs.Factory(list)
    ended_s: float = 0.0
    reason: str = ""

    def turn_of(self, measured: TurnMeasured) -> Turn | None:
        """The turn whose answer was measured: the last whose speech had ended by then."""
        return next((turn for turn in reversed(self.turns) if turn.speech_ended_s == measured.speech_ended_s), None)

    def reply(self, reply_id: str) -> Spoken | None:
        """The reply of that name."""
        return next((reply for reply in reversed(self.replies) if reply.reply_id == reply_id), None)

    @property
    def interruptions(self) -> int:
        """How many replies were cut off while they were heard, other than by the end of the call."""
        return sum(
            bool(reply.interrupted) and reply.began_s is not None and (reply.stopped_s or 0.0) < self.ended_s
            for reply in self.replies
        )


def tell(events: Iterable[Event], stalls: Iterable[tuple[float, Stall]] = ()) -> Story:
    """Put the events of one call together, and when code blocked the loop."""
    story = Story(stalls=list(itertools.starmap(_stall, stalls)))
    for event in events:
        story.ended_s = max(story.ended_s, event.at_s)
        match event:
            case UserStartedSpeaking() | UserStoppedSpeaking() | UserSaid():
                _hear_user(story, event)
            case UserTurnEnded() | SpeechIgnored():
                _judge_speech(story, event)
            case AgentStartedThinking() | AgentStartedSpeaking() | AgentStoppedSpeaking():
                _hear_agent(story, event)
            case AgentPaused() | AgentResumed():
                _rest(story.reply(event.reply_id), event)
            case TurnMeasured():
                story.measured.append(event)
            case ToolStarted() | ToolFinished():
                _follow_tool(story, event)
            case ActorFailed() | ReplyFailed() | WordsMissing():
                story.faults.append(Fault(at_s=event.at_s, text=_fault(event)))
            case SessionEnded():
                story.reason = event.reason
    return story


def _fault(event: ActorFailed | ReplyFailed | WordsMissing) -> str:
    match event:
        case ActorFailed():
            return f"{event.actor}: {event.cause} ({event.decision})"
        case ReplyFailed():
            return f"{event.reply_id}: {event.error}"
        case WordsMissing():
            return f"no words came for what was said until {event.speech_ended_s:.2f} s"


def _stall(at_s: float, stall: Stall) -> Fault:
    """Where it was, without the folder of all packages."""
    return Fault(at_s=at_s, text=f"{stall.blocked_s:.2f} s in {stall.where.rpartition('site-packages/')[2]}")


def _hear_user(story: Story, event: UserStartedSpeaking | UserStoppedSpeaking | UserSaid) -> None:
    match event:
        case UserStartedSpeaking():
            story.speeches.append(Speech(started_s=event.at_s))
        case UserStoppedSpeaking():
            if story.speeches:
                story.speeches[-1].ended_s = event.at_s
        case UserSaid():
            untold = [speech for speech in story.speeches if not speech.text and speech.started_s < event.at_s]
            if untold and event.final:
                untold[-1].text = event.text


def _judge_speech(story: Story, event: UserTurnEnded | SpeechIgnored) -> None:
    """Give what was not judged before to a turn, or let it pass."""
    pending = [speech for speech in story.speeches if speech.fate == "unanswered"]
    if isinstance(event, SpeechIgnored):
        for speech in pending:
            speech.fate = "ignored"
        if pending:
            pending[-1].text = pending[-1].text or event.text
        return
    own = [speech for speech in pending if speech.started_s <= event.speech_ended_s]
    for speech in own:
        speech.fate = "turn"
    if len(own) == 1:
        own[0].text = own[0].text or event.text
    turn = Turn(
        started_s=own[0].started_s if own else event.speech_ended_s,
        speech_ended_s=event.speech_ended_s,
        committed_s=event.at_s,
        text=event.text,
    )
    story.turns.append(turn)


def _rest(reply: Spoken | None, event: AgentPaused | AgentResumed | AgentStoppedSpeaking) -> None:
    if reply is None:
        return
    if isinstance(event, AgentPaused):
        reply.rests_since_s = event.at_s
    elif reply.rests_since_s is not None:
        reply.rests.append((reply.rests_since_s, event.at_s))
        reply.rests_since_s = None


def _hear_agent(story: Story, event: AgentStartedThinking | AgentStartedSpeaking | AgentStoppedSpeaking) -> None:
    if isinstance(event, AgentStartedThinking):
        story.replies.append(Spoken(reply_id=event.reply_id, thought_s=event.at_s))
        return
    reply = story.reply(event.reply_id)
    if reply is None:
        return
    if isinstance(event, AgentStartedSpeaking):
        reply.began_s, reply.latency_s = event.at_s, event.latency_s
        return
    _rest(reply, event)
    reply.stopped_s = event.at_s
    reply.heard, reply.unheard, reply.interrupted = event.heard, event.unheard, event.interrupted or ""


def _follow_tool(story: Story, event: ToolStarted | ToolFinished) -> None:
    if isinstance(event, ToolStarted):
        use = ToolUse(call_id=event.call_id, name=event.name, arguments=event.arguments, started_s=event.at_s)
        story.tools.append(use)
        return
    use_of = {use.call_id: use for use in story.tools}
    if event.call_id in use_of:
        use = use_of[event.call_id]
        use.ended_s, use.output, use.is_error = event.at_s, event.output, event.is_error
