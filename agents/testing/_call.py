"""What came of a simulated call, and assertions about it that say what happened when they fail."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, NoReturn, TypeVar

import attrs

from trialogue.agents.events._events import AgentStartedSpeaking, AgentStoppedSpeaking, Event, UserTurnEnded
from trialogue.agents.testing._timeline import Entry, draw_text, entries_of
from trialogue.agents.testing._timeline_svg import draw_svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialogue.agents.testing._record import CallRecord, Judged
    from trialogue.agents.testing._voice import Saying
    from trialogue.frames import AudioFrame, ChatItem

E_co = TypeVar("E_co", bound=Event)

#: Decimal places of times in a log: a microsecond.
_PLACES = 6

#: What rounding may do, seconds: a frame's place is a whole sample, and without sound there are 1000 a second.
_ROUNDING_S = 1e-3


class CallFailed(AssertionError):
    """An expectation of a simulated call does not hold; the message ends with the timeline."""


class Call:
    """A simulated call that is over.

    Args:
        record: what was written down.
    """

    def __init__(self, record: CallRecord) -> None:
        self.record = record
        self.agent = AgentSide(self)

    # -- what happened

    @property
    def events(self) -> tuple[Event, ...]:
        """The session's events, in order."""
        return tuple(self.record.events)

    def of(self, kind: type[E_co]) -> list[E_co]:
        """The events of one kind."""
        return [event for event in self.record.events if isinstance(event, kind)]

    @property
    def history(self) -> tuple[ChatItem, ...]:
        """What is remembered."""
        return self.record.history

    @property
    def judged(self) -> tuple[Judged, ...]:
        """What the turn policy was told, and decided."""
        return tuple(self.record.judged)

    @property
    def sayings(self) -> tuple[Saying, ...]:
        """What the caller said."""
        return tuple(self.record.voice.sayings)

    @property
    def sound(self) -> tuple[tuple[float, AudioFrame], ...]:
        """What the caller heard: when, in seconds since the call began, and the frame."""
        return tuple(self.record.telephone.heard)

    @property
    def entries(self) -> list[Entry]:
        """The call as a list of who did what when."""
        return entries_of(self.record.events, self.record.voice.sayings)

    def timeline(self) -> str:
        """The call in words, a line for everything that happened."""
        return draw_text(self.entries)

    def timeline_svg(self) -> str:
        """The call as a picture: an SVG document with a lane for each who takes part."""
        return draw_svg(self.entries, self.record.judged)

    def log(self) -> str:
        """Everything that happened and was decided, as lines of JSON; the same, to the byte, for the same scenario."""
        lines = [*self.record.events, *self.record.judged]
        return "".join(f"{json.dumps(_plain(each), ensure_ascii=False)}\n" for each in lines)

    # -- what should have happened

    def order(self, *parts: str) -> None:
        """See that things happened in an order.

        Args:
            parts: each a part of a line of the timeline without its times, such as "tool book", "agent says Your
                table", "caller says Thanks" or "turn ends".

        Raises:
            CallFailed: one of them did not happen after the one before it.
        """
        lines = [entry.line for entry in self.entries]
        at = 0
        for number, part in enumerate(parts):
            wanted = " ".join(part.split())
            found = next((place for place in range(at, len(lines)) if wanted in lines[place]), None)
            if found is None:
                after = f" after {parts[number - 1]!r}" if number else ""
                self.fail(f"there is no {part!r}{after}")
            at = found + 1

    def interrupted_within(self, limit_s: float) -> None:
        """See that the caller has interrupted the agent, and that it was silent soon after each decision to be so.

        Args:
            limit_s: from the decision to the last sample that could be heard, seconds. A fade and a frame, 0.1 s by
                default, always suffice: a millisecond more is taken for rounding.

        Raises:
            CallFailed: nobody was interrupted, or the agent spoke on.
        """
        cuts = [event for event in self.of(AgentStoppedSpeaking) if event.interrupted and event.played_s]
        if not cuts:
            self.fail("the agent was never interrupted while it could be heard")
        for cut in cuts:
            took_s = self._silent_s(cut) - cut.at_s
            if took_s > limit_s + _ROUNDING_S:
                self.fail(f"interrupted at {cut.at_s:.3f} s, the agent was heard for {took_s:.3f} s more")

    def never_interrupted(self) -> None:
        """See that every reply was spoken to its end."""
        for event in self.of(AgentStoppedSpeaking):
            if event.interrupted:
                self.fail(f"the agent was interrupted at {event.at_s:.3f} s: {event.interrupted}")

    def fail(self, complaint: str) -> NoReturn:
        """Raise CallFailed with a complaint and the timeline."""
        raise CallFailed(f"{complaint}\n\n{self.timeline()}")

    def _silent_s(self, cut: AgentStoppedSpeaking) -> float:
        """When nothing was heard any more of a reply that was cut, seconds."""
        next_s = min((each.at_s for each in self.of(AgentStartedSpeaking) if each.at_s >= cut.at_s), default=1e9)
        silent_s = cut.at_s
        for at_s, frame in self.record.telephone.heard:
            if cut.at_s <= at_s < next_s and any(frame.pcm):
                silent_s = max(silent_s, at_s + frame.duration_s)
        return silent_s


class AgentSide:
    """The agent in a call that is over.

    Args:
        call: the call.
    """

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def text(self) -> str:
        """All that the caller heard of it, with single spaces."""
        heard = (event.heard for event in self._call.of(AgentStoppedSpeaking))
        return " ".join(" ".join(heard).split())

    def said(self, *phrases: str) -> None:
        """See that the caller has heard phrases, in this order. Raises CallFailed."""
        self._hold_in_order(self.text, phrases, "the agent did not say {!r}; it said {!r}")

    def never_said(self, phrase: str) -> None:
        """See that the caller has not heard a phrase. Raises CallFailed."""
        if " ".join(phrase.split()) in self.text:
            self._call.fail(f"the agent said {phrase!r}")

    def heard(self, *phrases: str) -> None:
        """See that the caller's turns, as they were answered, held phrases, in this order. Raises CallFailed."""
        text = " ".join(turn.text for turn in self._call.of(UserTurnEnded))
        self._hold_in_order(" ".join(text.split()), phrases, "the agent has not heard {!r}; it heard {!r}")

    def _hold_in_order(self, text: str, phrases: Sequence[str], complaint: str) -> None:
        at = 0
        for phrase in phrases:
            wanted = " ".join(phrase.split())
            found = text.find(wanted, at)
            if found < 0:
                self._call.fail(complaint.format(phrase, text[at:].strip() or "nothing"))
            at = found + len(wanted)

    @property
    def latencies_s(self) -> list[float]:
        """How long the caller waited for each answer, from the end of speech to the first sound, seconds."""
        began = self._call.of(AgentStartedSpeaking)
        return [event.latency_s for event in began if event.latency_s is not None]

    @property
    def latency(self) -> float:
        """The longest of these, seconds. Raises CallFailed where nothing was answered."""
        if not self.latencies_s:
            self._call.fail("the agent has answered nothing")
        return max(self.latencies_s)

    def answered_within(self, limit_s: float) -> None:
        """See that each answer began so soon after the end of speech, seconds. Raises CallFailed."""
        if self.latency > limit_s:
            self._call.fail(f"an answer took {self.latency:.3f} s, not {limit_s:g} s at most")


def _plain(thing: object) -> object:
    """A frame or event as JSON can write it."""
    kind = type(thing)
    if attrs.has(kind):
        return {"": kind.__name__, **{field.name: _plain(getattr(thing, field.name)) for field in attrs.fields(kind)}}
    if isinstance(thing, float):
        return round(thing, _PLACES)
    if isinstance(thing, Enum):
        return thing.name
    if isinstance(thing, tuple | list):
        return [_plain(each) for each in thing]
    return thing if thing is None or isinstance(thing, str | int | bool) else repr(thing)
