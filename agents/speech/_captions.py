"""Captions: what is heard of the agent, word by word, while somebody follows it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from trialogue.actors import Rule, TextFilter, TextFilterSettings
from trialogue.agents.events._events import AgentSaid, AgentStoppedSpeaking, Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.agents.events._event_stream import EventListener, EventStream
    from trialogue.agents.speech._page import WayOut
    from trialogue.agents.speech._reply_queue import ReplyQueue
    from trialogue.frames import SpeakablePiece


@functools.cache  # made when the first caption is: it loads the filter's patterns
def _for_the_eye() -> TextFilterSettings:
    """No language, so figures stay as they were written; and the eye likes pictures."""
    return TextFilterSettings(language="auto", off=frozenset({Rule.EMOJI}))


class CaptionText:
    """A reply's text without its markup, as far as it was heard. Pure; the same however the text is cut."""

    def __init__(self) -> None:
        self._filter = TextFilter(_for_the_eye())
        self._taken = 0
        self._pieces: list[SpeakablePiece] = []
        self._shown = ""  # of the pieces that were heard to their end

    def take(self, source: str) -> None:
        """The text has become this; what was taken before is its beginning."""
        if len(source) > self._taken:
            self._pieces += self._filter.push(source[self._taken :])
            self._taken = len(source)

    def finish(self) -> None:
        """That is all of the text: what waited for what might follow is certain."""
        self._pieces += self._filter.finish()

    def heard(self, characters: int) -> str:
        """What so many characters of the text look like; never fewer than before."""
        while self._pieces and self._pieces[0].end <= characters:
            self._shown += self._pieces.pop(0).text
        return (self._shown + _begun(self._pieces[:1], characters)).strip()


def _begun(pieces: list[SpeakablePiece], characters: int) -> str:
    """What was heard of a piece; of one that was rewritten nothing, before its end."""
    for piece in pieces:
        if len(piece.text) == piece.end - piece.start and characters > piece.start:
            return piece.text[: characters - piece.start]
    return ""


class Captions:
    """Tells the listeners of captions what is heard. Without such listeners nothing is done.

    Args:
        stream: reaches them.
        queue: who speaks.
        redacted: an event as it may be told.
    """

    def __init__(self, stream: EventStream, queue: ReplyQueue, redacted: Callable[[Event], Event]) -> None:
        self._redacted = redacted
        self._stream = stream
        self._queue = queue
        self._listeners = 0
        self._track: WayOut | None = None
        self._reply_id = ""
        self._text: CaptionText | None = None
        self._told = ""

    def begin(self, track: WayOut) -> None:
        """The session begins; its replies go this way."""
        self._track = track
        self._follow()

    @contextlib.asynccontextmanager
    async def listen(self, types: tuple[type[Event], ...]) -> AsyncGenerator[EventListener, None]:
        """Follow the events of some types, captions among them where they are named."""
        wanted = AgentSaid in types
        async with self._stream.listen(types) as listener:
            self._count(wanted)
            try:
                yield listener
            finally:
                self._count(-wanted)

    def observe(self, event: Event) -> None:
        """Something happened: a reply that is over has its last caption."""
        if self._listeners and isinstance(event, AgentStoppedSpeaking) and event.heard:
            text = self._text_of(event.reply_id, event.heard + event.unheard)
            text.finish()
            self._tell(event.reply_id, text.heard(len(event.heard)), event.at_s, final=True)
            self._text = None

    def _count(self, more: int) -> None:
        self._listeners += more
        self._follow()

    def _follow(self) -> None:
        if self._track is not None:
            self._track.follow(self._heard if self._listeners else None)

    def _heard(self, reply_id: str, heard: int, at_s: float) -> None:
        reply = self._queue.current
        if reply is not None and reply.reply_id == reply_id and reply.ending is None:
            text = self._text_of(reply_id, reply.source).heard(heard)
            if text != self._told:
                self._tell(reply_id, text, at_s, final=False)

    def _text_of(self, reply_id: str, source: str) -> CaptionText:
        if self._text is None or reply_id != self._reply_id:
            self._reply_id, self._text, self._told = reply_id, CaptionText(), ""
        self._text.take(source)
        return self._text

    def _tell(self, reply_id: str, text: str, at_s: float, *, final: bool) -> None:
        self._told = text
        self._stream.tell(self._redacted(AgentSaid(at_s=at_s, reply_id=reply_id, text=text, final=final)))
