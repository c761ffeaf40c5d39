"""The recogniser's actor: feeds it what the user says, and passes on what it understands."""

from __future__ import annotations

import contextlib
import logging

import trio

from trialogue.actors.stt._policy import Heard, Hearing
from trialogue.engine import (
    ChannelEnded,
    Inbox,
    KeytermStream,
    Outbox,
    ProviderError,
    QuickRecognitionStream,
    RecognitionStream,
    SpeechToText,
    patiently,
)
from trialogue.frames import AudioFrame, SpeechEdge, SpeechEnded, SpeechStarted, Transcript

_log = logging.getLogger(__name__)


async def stt(
    heard_in: Inbox[AudioFrame | SpeechEdge],
    transcripts_out: Outbox[Transcript],
    *,
    recogniser: SpeechToText,
    hearing: Hearing,
) -> None:
    """Understand the user's words.

    Started again after a failure, with the same `hearing`, it tells the new recogniser what the old one did not finish:
    no word is lost.

    Args:
        heard_in: the edges of speech and its sound, merged; no sound outside of them. Or all sound, and no edges, for a
            recogniser that finds them itself.
        transcripts_out: interim and final transcripts.
        recogniser: what understands.
        hearing: what it was told; it belongs to the session, not to this attempt.

    Raises:
        ProviderError: the recogniser cannot be opened, fails, or says nothing of what it heard.
    """
    async with patiently(recogniser.open(), name="the recogniser") as stream, trio.open_nursery() as nursery:
        nursery.start_soon(_forward, stream, transcripts_out, hearing, name="stt transcripts")
        told = _Told(stream, hearing, nursery)
        await told.keyterms()
        for item in hearing.replay():
            await told.tell(item)
        if isinstance(stream, QuickRecognitionStream):
            listener = _QuickListener(stream, hearing)
            with contextlib.suppress(ChannelEnded):
                while True:
                    await told.tell(await heard_in.receive_unless(listener.hear))
        else:
            async for heard in heard_in:
                hearing.tell(heard)
                await told.tell(heard)
        nursery.cancel_scope.cancel(reason="the microphone has ended")


class _QuickListener:
    """Lets a recogniser hear what it takes at once, in the task that brings it; the actor sleeps meanwhile."""

    __slots__ = ("_hear", "_note")

    def __init__(self, stream: QuickRecognitionStream, hearing: Hearing) -> None:
        self._hear = stream.hear
        self._note = hearing.tell

    def hear(self, heard: Heard) -> bool:
        """Note what was heard; false where the recogniser must still be told, which may take a while."""
        self._note(heard)
        return isinstance(heard, AudioFrame) and self._hear(heard)


class _Told:
    """Tells one recogniser what it is to know."""

    __slots__ = ("_hearing", "_keyterms", "_nursery", "_stream")

    def __init__(self, stream: RecognitionStream, hearing: Hearing, nursery: trio.Nursery) -> None:
        self._stream = stream
        self._hearing = hearing
        self._nursery = nursery
        self._keyterms: tuple[str, ...] = ()

    async def tell(self, item: Heard) -> None:
        """What was heard, and before an utterance the terms to expect in it, where these have changed."""
        if isinstance(item, SpeechStarted):
            await self.keyterms()
        await self._stream.send(item)
        if isinstance(item, SpeechEnded):
            self._nursery.start_soon(_expect_words, item, self._hearing, name="stt patience")

    async def keyterms(self) -> None:
        """The terms to expect, where these are others than before."""
        terms = self._hearing.keyterms
        if terms == self._keyterms:
            return
        if isinstance(self._stream, KeytermStream):
            await self._stream.expect(terms)
        elif not self._keyterms:  # once
            name = type(self._stream).__name__
            _log.warning("%s cannot be told which terms to expect: %s keyterms are of no use to it", name, len(terms))
        self._keyterms = terms


async def _expect_words(end: SpeechEnded, hearing: Hearing) -> None:
    """See that something comes of an utterance that is over."""
    silence_s = hearing.settings.silence_s
    await trio.sleep(silence_s)
    if hearing.is_deaf(end):
        raise ProviderError(
            f"the recogniser has said nothing for {silence_s:g} s after the end of an utterance; look at its server, "
            f"or raise SttSettings.silence_s",
            retryable=True,
        )


async def _forward(stream: RecognitionStream, transcripts_out: Outbox[Transcript], hearing: Hearing) -> None:
    while True:
        transcript = await stream.receive()
        await transcripts_out.send(hearing.taken_for(transcript))
        hearing.transcribed(transcript)  # only now: whoever is replaced while it waits for room has said nothing yet
