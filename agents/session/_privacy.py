"""Times of a call that are off the record: no sound of them is recorded, and no word told to anybody else."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.actors import RecordingSwitch
from trialogue.agents.context._chat_context import ReadOnlyContext, Summary
from trialogue.agents.events._redaction import redacted
from trialogue.engine import ConfigurationError
from trialogue.frames import ChatMessage, ToolCall, ToolOutput

if TYPE_CHECKING:
    from trialogue.agents.context._chat_context import ContextItem
    from trialogue.agents.context._history import History
    from trialogue.agents.events._events import Event
    from trialogue.agents.session._time import SessionTime

#: What stands for words that are not to be told.
WITHHELD: Final = "[withheld]"

#: Digits as people say them; "oh" for a nought.
_DIGIT_WORDS: Final = "zero|oh|one|two|three|four|five|six|seven|eight|nine"
_DIGIT: Final = rf"(?:\d|\b(?:{_DIGIT_WORDS})\b)"
_LONG_NUMBER: Final = re.compile(rf"{_DIGIT}(?:[\s,.\-/]*{_DIGIT}){{5,}}", re.IGNORECASE)


def mask_numbers(text: str) -> str:
    """Put "[number]" in the place of every number of six digits or more, as those of cards, accounts, telephones are.

    In digits or in English words, in groups or not. Of a number that is said in several turns each part counts alone.
    For `Agent.redact`.
    """
    return _LONG_NUMBER.sub("[number]", text)


class Privacy:
    """Knows what of a session is off the record."""

    def __init__(self) -> None:
        #: Of the recording.
        self.switch = RecordingSwitch()

    @contextlib.contextmanager
    def off_the_record(self, time: SessionTime) -> Generator[None, None, None]:
        """While the block lasts nothing is recorded, and words are withheld; see Session.off_the_record."""
        self.switch.off(_now_s(time))
        try:
            yield
        finally:
            self.switch.on(_now_s(time))

    def withholds(self) -> bool:
        """Whether words are off the record now."""
        return self.switch.is_off

    def event(self, event: Event) -> Event:
        """An event as others may be told it."""
        return redacted(event, _withhold) if self.withholds() else event

    def context(self, history: History, redact: Callable[[str], str]) -> ReadOnlyContext:
        """A conversation as others may be told it.

        Args:
            history: the conversation.
            redact: says what may be told of words that are not off the record.
        """
        return ReadOnlyContext(_told(item, _withhold if history.is_withheld(item) else redact) for item in history.all)


def _told(item: ContextItem, redact: Callable[[str], str]) -> ContextItem:
    match item:
        case ChatMessage():
            images = () if redact is _withhold else item.images
            return attrs.evolve(item, text=redact(item.text), unheard=redact(item.unheard), images=images)
        case ToolCall():
            return attrs.evolve(item, arguments=redact(item.arguments))
        case ToolOutput():
            return attrs.evolve(item, output=redact(item.output))
        case Summary():
            return attrs.evolve(item, text=redact(item.text))
        case _:
            return item


def _withhold(text: str) -> str:
    return WITHHELD if text else ""


def _now_s(time: SessionTime) -> float:
    try:
        return time.now_s
    except ConfigurationError:
        return 0.0  # before the session has begun
