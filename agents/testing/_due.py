"""What is due at its moment: the transcripts of recognisers that are made up."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

import trio

from trialogue.engine import AudioError, ProviderError
from trialogue.frames import SPEECH_FORMAT, InterimTranscript, Transcript

if TYPE_CHECKING:
    from trialogue.frames import AudioFrame


class DueTranscripts:
    """Transcripts, and errors in their place, on their way to whoever receives them. Times on Trio's clock."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Transcript | ProviderError]] = []  # a heap
        self._made = 0
        self._news = trio.Event()
        self._dead: ProviderError | None = None
        self._not_before_s = -math.inf

    def schedule(self, at_s: float, item: Transcript | ProviderError) -> None:
        """Let something come at a moment, but after what comes in order. Synchronous."""
        self._made += 1  # keeps what is due together in order
        heapq.heappush(self._due, (max(at_s, self._not_before_s), self._made, item))
        self._news.set()
        self._news = trio.Event()

    def keep_order(self, at_s: float) -> None:
        """What is scheduled from now on does not come before a moment: that of the words before it."""
        self._not_before_s = max(self._not_before_s, at_s)

    def drop_guesses(self, from_s: float) -> None:
        """Forget guesses that would come from a moment on: the words will be certain by then."""
        kept = [each for each in self._due if each[0] < from_s or not isinstance(each[2], InterimTranscript)]
        self._due = kept
        heapq.heapify(self._due)

    def raise_if_dead(self) -> None:
        """As `check_alive`, but synchronous."""
        if self._dead is not None:
            raise self._dead

    async def check_alive(self) -> None:
        """Raises the error that came before."""
        if self._dead is not None:
            await trio.lowlevel.checkpoint()
            raise self._dead

    async def receive(self) -> Transcript:
        """The next transcript, at its moment. Raises the error that is due in its place."""
        await trio.lowlevel.checkpoint()
        while not self._due or self._due[0][0] > trio.current_time():
            with trio.move_on_at(self._due[0][0] if self._due else math.inf):
                await self._news.wait()
        _, _, item = heapq.heappop(self._due)
        if isinstance(item, ProviderError):
            self._dead = item
            raise item
        return item


def check_speech_format(frame: AudioFrame) -> None:
    """Raises AudioError where a frame is not what recognisers expect."""
    if frame.format is not SPEECH_FORMAT and frame.format != SPEECH_FORMAT:
        raise AudioError(f"a fake recogniser wants {SPEECH_FORMAT}, not {frame.format}")
