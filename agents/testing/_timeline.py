"""A simulated call as a list of what happened, for people: who did what, when, until when. Pure."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal

import attrs

from trialogue.agents.events._call_events import AgentPressedKeys, UserPressedKey
from trialogue.agents.events._events import (
    AgentPaused,
    AgentResumed,
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    Event,
    RequestMeasured,
    SpeechIgnored,
    ToolFinished,
    ToolStarted,
    TurnMeasured,
    UserSaid,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTurnEnded,
)
from trialogue.agents.testing._markup import name_in_words
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trialogue.agents.testing._voice import Saying

Who = Literal["caller", "agent", "turn", "tool", "session"]


@frozen(kw_only=True)
class Entry:
    """Something that happened.

    Args:
        at_s: when, session time in seconds.
        until_s: how long it lasted; None for a moment.
        who: the caller, the agent, the turn-taking, a tool, or the session.
        what: a verb, or a tool's name.
        text: the words, or what else there is to say.
    """

    at_s: float
    until_s: float | None = None
    who: Who
    what: str
    text: str = ""

    @property
    def line(self) -> str:
        """The entry in one line, without its times: what `Call.order` looks in."""
        return " ".join(f"{self.who} {self.what} {self.text}".split())

    def __str__(self) -> str:
        until = "" if self.until_s is None else f"  (until {self.until_s:.3f})"
        return f"{self.at_s:9.3f}  {self.who:<7}  {self.what:<14}  {' '.join(self.text.split())}{until}".rstrip()


def entries_of(events: Sequence[Event], sayings: Iterable[Saying]) -> list[Entry]:
    """A call in the order of its beginnings."""
    entries = [_saying(saying) for saying in sayings]
    ends = {event.reply_id: event for event in events if isinstance(event, AgentStoppedSpeaking)}
    for event in events:
        entries += _entries_of(event, ends)
    return sorted(entries, key=lambda entry: entry.at_s)


def draw_text(entries: Iterable[Entry]) -> str:
    """The timeline as text."""
    head = f"{'second':>9}  {'who':<7}  what"
    return "\n".join(itertools.chain([head], map(str, entries)))


def _saying(saying: Saying) -> Entry:
    what = "says" if saying.text else "makes a sound"
    understood = saying.understood.text
    text = saying.text if understood == saying.text else f"{saying.text} [understood as {understood!r}]"
    return Entry(at_s=saying.start_s, until_s=saying.end_s, who="caller", what=what, text=text)


def _entries_of(event: Event, ends: dict[str, AgentStoppedSpeaking]) -> list[Entry]:
    match event:
        case UserPressedKey():
            return [Entry(at_s=event.at_s, who="caller", what="presses", text=event.key)]
        case AgentPressedKeys():
            return [Entry(at_s=event.at_s, who="agent", what="pressed", text=event.keys)]
        case UserStartedSpeaking() | UserStoppedSpeaking() | TurnMeasured() | RequestMeasured():
            return []  # what the caller says tells it
        case AgentStartedSpeaking():
            return [_speech(event, ends.get(event.reply_id))]
        case AgentStartedThinking() | AgentPaused() | AgentResumed() | AgentStoppedSpeaking():
            return _of_agent(event)
        case UserSaid():
            return [Entry(at_s=event.at_s, who="turn", what="understands", text=event.text)] if event.final else []
        case UserTurnEnded():
            return [Entry(at_s=event.at_s, who="turn", what="ends", text=event.text)]
        case SpeechIgnored():
            return [Entry(at_s=event.at_s, who="turn", what="lets pass", text=event.text or "no words")]
        case _:
            return [_other(event)]


def _of_agent(event: AgentStartedThinking | AgentPaused | AgentResumed | AgentStoppedSpeaking) -> list[Entry]:
    match event:
        case AgentStartedThinking():
            return [Entry(at_s=event.at_s, who="agent", what="thinks", text=f"{event.reply_id} ({event.kind})")]
        case AgentPaused():
            return [Entry(at_s=event.at_s, who="agent", what="rests")]
        case AgentResumed():
            return [Entry(at_s=event.at_s, who="agent", what="goes on", text=f"after {event.paused_s:.3f} s")]
        case AgentStoppedSpeaking():
            return _end_of_speech(event)


def _speech(began: AgentStartedSpeaking, ended: AgentStoppedSpeaking | None) -> Entry:
    heard, until_s = ("", None) if ended is None else (ended.heard, ended.at_s)
    return Entry(at_s=began.at_s, until_s=until_s, who="agent", what="says", text=heard)


def _end_of_speech(event: AgentStoppedSpeaking) -> list[Entry]:
    if not event.interrupted:
        return []
    unheard = " ".join(event.unheard.split())
    text = f"{event.interrupted}; not heard: {unheard}" if unheard else event.interrupted
    return [Entry(at_s=event.at_s, who="agent", what="is cut off", text=text)]


def _other(event: Event) -> Entry:
    """An event that has no words of its own here: its kind, and what it holds."""
    fields = attrs.asdict(event)
    at_s = fields.pop("at_s")
    told = ", ".join(f"{key} {_short(value)}" for key, value in fields.items() if value not in {None, ""})
    match event:
        case ToolStarted():
            return Entry(at_s=at_s, who="tool", what=event.name, text=event.arguments)
        case ToolFinished():
            return Entry(at_s=at_s, who="tool", what=f"{event.name} gave", text=event.output)
        case _:
            return Entry(at_s=at_s, who="session", what=name_in_words(type(event)), text=told)


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
