"""Who answers: judged by how long they speak at first, and by what they say. Pure.

A person who answers says little and waits; a machine speaks on. So a short greeting with a silence after it is a
person, at once, unless its words are a machine's. A long one is a machine: which one, its words say; with a mailbox it
is worth to wait for its end, or its beep, since only then a message is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from trialogue.actors.callee._phrases import CalleeKind, kind_of
from trialogue.engine import ConfigurationError, PolicyError
from trialogue.frames import (
    SPEECH_FORMAT,
    FinalTranscript,
    InterimTranscript,
    SpeechEnded,
    SpeechStarted,
    Transcript,
)
from trialogue.frames._attrs import frozen


@frozen(kw_only=True)
class CalleeSettings:
    """When it is certain who answers. All times in seconds.

    Args:
        language: of the callee, for their words.
        person_speech_s: a greeting of a person is not longer.
        person_silence_s: and after it they wait so long.
        machine_silence_s: so long a machine has fallen silent when it is done.
        no_speech_s: so long after the answer somebody must speak; else it is uncertain.
        most_s: so long it may take in all.
    """

    language: str = "en"
    person_speech_s: float = 2.5
    person_silence_s: float = 0.5
    machine_silence_s: float = 1.5
    no_speech_s: float = 10.0
    most_s: float = 20.0

    def __attrs_post_init__(self) -> None:
        times_s = (self.person_speech_s, self.person_silence_s, self.machine_silence_s, self.no_speech_s, self.most_s)
        if min(times_s) <= 0 or max(times_s) > self.most_s:
            raise ConfigurationError(f"judging a callee needs times above 0 and not above most_s, not {times_s}")


class CalleeState(Enum):
    """What the callee does."""

    #: Has answered; nothing was heard yet.
    WAITING = auto()
    SPEAKING = auto()
    SILENT = auto()
    JUDGED = auto()


@frozen(kw_only=True)
class CalleeJudged:
    """It is certain who answers, or certain that it will not be.

    Args:
        kind: a person; a mailbox, which records from now on; a menu, which waits for a key; a message that nobody can
            be reached; or uncertain.
        text: what was understood.
        reason: by what it was judged.
        at_s: when, seconds.
    """

    kind: CalleeKind
    text: str
    reason: str
    at_s: float


@frozen(kw_only=True)
class BeepHeard:
    """A single steady tone has ended, as after the greeting of a mailbox."""

    at_s: float


CalleeInput = SpeechStarted | SpeechEnded | InterimTranscript | FinalTranscript | BeepHeard


class CalleePolicy:
    """Judges one call. Use: `on_frame` for what the ears tell, `on_time` when `deadline` has come.

    Args:
        answered_s: when the call was answered, session time, seconds.
        settings: when it is certain.
    """

    def __init__(self, answered_s: float, settings: CalleeSettings | None = None) -> None:
        self._settings = settings or CalleeSettings()
        self._answered_s = answered_s
        self._speech_began_s = 0.0
        self._silent_since_s = answered_s
        self._spoken_s = 0.0  # in the utterances before this one
        self._finals: list[str] = []
        self._interim = ""
        self.state = CalleeState.WAITING

    @property
    def text(self) -> str:
        """What was understood so far."""
        return " ".join(filter(None, (*self._finals, self._interim)))

    @property
    def deadline(self) -> float | None:
        """When to call `on_time`, session time in seconds; None once it is judged."""
        settings = self._settings
        last_s = self._answered_s + settings.most_s
        match self.state:
            case CalleeState.WAITING:
                return min(last_s, self._answered_s + settings.no_speech_s)
            case CalleeState.SPEAKING:
                return last_s
            case CalleeState.SILENT:
                return min(last_s, self._silent_since_s + self._silence_s)
            case CalleeState.JUDGED:
                return None

    def on_frame(self, frame: CalleeInput, now_s: float) -> CalleeJudged | None:
        """Take in a fact; gives the judgement once.

        Raises:
            PolicyError: the state does not allow it; nothing was changed.
        """
        handler = TABLE.get((self.state, type(frame)))
        if handler is None:
            raise PolicyError(f"{type(frame).__name__} cannot happen while the callee is {self.state.name}")
        return handler(self, frame, now_s)

    def on_time(self, now_s: float) -> CalleeJudged | None:
        """Tell the time; does what is due."""
        deadline = self.deadline
        if deadline is None or now_s < deadline:
            return None
        kind = kind_of(self.text, self._settings.language)
        if self.state is CalleeState.WAITING:
            return self._judge("uncertain", "nobody has spoken", now_s)
        if self.state is CalleeState.SILENT and now_s < self._answered_s + self._settings.most_s:
            if kind is not None:
                return self._judge(kind, "its words", now_s)
            if self._is_short:
                return self._judge("person", "a short greeting, then silence", now_s)
            return self._judge("mailbox", "a long greeting, then silence", now_s)
        return self._judge(kind or "uncertain", "it took too long", now_s)

    @property
    def _is_short(self) -> bool:
        return self._spoken_s <= self._settings.person_speech_s

    @property
    def _silence_s(self) -> float:
        """How much silence makes it certain: a machine may pause between two sentences, and a menu wants its key."""
        kind = kind_of(self.text, self._settings.language)
        machine = kind != "menu" and (kind is not None or not self._is_short)
        return self._settings.machine_silence_s if machine else self._settings.person_silence_s

    def _begin(self, frame: SpeechStarted, now_s: float) -> None:
        del now_s
        self.state = CalleeState.SPEAKING
        self._speech_began_s = frame.at_s

    def _end(self, frame: SpeechEnded, now_s: float) -> None:
        del now_s
        self.state = CalleeState.SILENT
        self._silent_since_s = frame.at_s
        self._spoken_s += frame.at_s - self._speech_began_s

    def _hear(self, frame: Transcript, now_s: float) -> CalleeJudged | None:
        if isinstance(frame, FinalTranscript):
            self._finals.append(frame.text)
            self._interim = ""
            self._note_speech(frame)
        else:
            self._interim = frame.text
        if kind_of(self.text, self._settings.language) == "unavailable":  # there is nothing to wait for
            return self._judge("unavailable", "its words", now_s)
        return None

    def _note_speech(self, frame: FinalTranscript) -> None:
        """Where nobody tells of the edges of speech, its words do; where they are told, this is known already."""
        start_s, end_s = (sample / SPEECH_FORMAT.rate_hz for sample in (frame.start_sample, frame.end_sample))
        if self.state is CalleeState.SPEAKING or end_s <= self._silent_since_s:
            return
        self._spoken_s += end_s - max(start_s, self._silent_since_s)
        self._silent_since_s = end_s
        self.state = CalleeState.SILENT

    def _hear_beep(self, frame: BeepHeard, now_s: float) -> CalleeJudged:
        del frame
        return self._judge("mailbox", "a beep", now_s)

    def _nothing(self, frame: object, now_s: float) -> None:
        """It changes nothing."""
        del frame, now_s

    def _judge(self, kind: CalleeKind, reason: str, now_s: float) -> CalleeJudged:
        self.state = CalleeState.JUDGED
        return CalleeJudged(kind=kind, text=self.text, reason=reason, at_s=now_s)


_Handler = Callable[..., CalleeJudged | None]  # type: ignore[explicit-any]  # each takes its own kind

#: What each input does, by the state; any other pair is a bug.
TABLE: Final[dict[tuple[CalleeState, type], _Handler]] = {
    (CalleeState.WAITING, SpeechStarted): CalleePolicy._begin,
    (CalleeState.WAITING, InterimTranscript): CalleePolicy._hear,
    (CalleeState.WAITING, FinalTranscript): CalleePolicy._hear,
    (CalleeState.WAITING, BeepHeard): CalleePolicy._nothing,  # of the line: nobody has greeted yet
    (CalleeState.SPEAKING, SpeechEnded): CalleePolicy._end,
    (CalleeState.SPEAKING, InterimTranscript): CalleePolicy._hear,
    (CalleeState.SPEAKING, FinalTranscript): CalleePolicy._hear,
    (CalleeState.SPEAKING, BeepHeard): CalleePolicy._hear_beep,
    (CalleeState.SILENT, SpeechStarted): CalleePolicy._begin,
    (CalleeState.SILENT, InterimTranscript): CalleePolicy._hear,
    (CalleeState.SILENT, FinalTranscript): CalleePolicy._hear,
    (CalleeState.SILENT, BeepHeard): CalleePolicy._hear_beep,
    **{(CalleeState.JUDGED, kind): CalleePolicy._nothing for kind in CalleeInput.__args__},
}
