"""A recogniser that tells exactly which frames it has heard: a lost or doubled one is a wrong word."""

from __future__ import annotations

import contextlib
import math
from collections import deque
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import attrs
import trio

from trialogue.agents.testing import LeaseStatistics
from trialogue.engine import RecognitionStream
from trialogue.frames import AudioFrame, FinalTranscript, InterimTranscript, SpeechEdge, SpeechEnded, SpeechStarted

if TYPE_CHECKING:
    from trialogue.frames import Transcript

#: An interim transcript comes after so many frames.
_INTERIM: int = 5


@attrs.define(kw_only=True, eq=False)
class FrameStt:
    """Understands of each utterance the numbers of its frames, as words: `w12 w13 w14`.

    Args:
        fails_at: numbers of frames and edges, counted over all sessions, instead of which `error` comes.
        fails_to_tell: numbers of transcripts instead of which it comes.
        deaf_until: transcripts with lower numbers than this are never told.
        error: what then comes.
    """

    fails_at: frozenset[int] = frozenset()
    fails_to_tell: frozenset[int] = frozenset()
    deaf_until: float = -math.inf
    error: Exception = attrs.Factory(lambda: RuntimeError("the recogniser broke"))
    told: int = attrs.field(default=0, init=False)
    transcripts: int = attrs.field(default=0, init=False)
    opened: int = attrs.field(default=0, init=False)
    open_now: int = attrs.field(default=0, init=False)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[RecognitionStream, None]:
        """A recogniser for one session."""
        self.opened += 1
        self.open_now += 1
        try:
            yield _FrameStream(self)
        finally:
            self.open_now -= 1

    def statistics(self) -> LeaseStatistics:
        """How often it was opened, and is now."""
        return LeaseStatistics(opened=self.opened, open_now=self.open_now)


class _FrameStream:
    """One session's recogniser."""

    rate_hz = 16_000

    def __init__(self, owner: FrameStt) -> None:
        self._owner = owner
        self._started: SpeechStarted | None = None
        self._words: list[str] = []
        self._due: deque[Transcript] = deque()
        self._news = trio.Event()

    async def send(self, item: AudioFrame | SpeechEdge) -> None:
        """Hear, or fail."""
        owner = self._owner
        owner.told += 1
        await trio.lowlevel.checkpoint()
        if owner.told in owner.fails_at:
            raise owner.error
        match item:
            case SpeechStarted():
                self._started, self._words = item, []
            case AudioFrame():
                self._words.append(f"w{item.at_sample // 320}")
                if len(self._words) % _INTERIM == 0 and self._started is not None:
                    self._tell(
                        InterimTranscript(
                            text=" ".join(self._words),
                            start_sample=self._started.at_sample,
                            end_sample=max(item.end_sample, self._started.at_sample),
                        )
                    )
            case SpeechEnded() if self._started is not None:
                start = self._started.at_sample
                self._tell(FinalTranscript(text=" ".join(self._words), start_sample=start, end_sample=item.at_sample))
                self._started = None

    async def receive(self) -> Transcript:
        """The next transcript."""
        await trio.lowlevel.checkpoint()
        while not self._due:
            await self._news.wait()
        self._owner.transcripts += 1
        if self._owner.transcripts in self._owner.fails_to_tell:
            raise self._owner.error
        return self._due.popleft()

    def _tell(self, transcript: Transcript) -> None:
        if self._owner.told < self._owner.deaf_until:
            return
        self._due.append(transcript)
        self._news.set()
        self._news = trio.Event()
