"""The recogniser's actor: feeds it what the user says, and passes on what it understands."""

from __future__ import annotations

import contextlib

import trio

from trialogue.actors.stt._policy import Heard, Hearing
from trialogue.engine import (
    ChannelEnded,
    Inbox,
    Outbox,
    ProviderError,
    QuickRecognitionStream,
    RecognitionStream,
    SpeechToText,
    patiently,
)
from trialogue.frames import AudioFrame, SpeechEdge, SpeechEnded, Transcript


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
        heard_in: the edges of speech and its sound, merged; no sound outside of them.
        transcripts_out: interim and final transcripts.
        recogniser: what understands.
        hearing: what it was told; it belongs to the session, not to this attempt.

    Raises:
        ProviderError: the recogniser cannot be opened, fails, or says nothing of what it heard.
    """
    async with patiently(recogniser.open(), name="the recogniser") as stream, trio.open_nursery() as nursery:
        nursery.start_soon(_forward, stream, transcripts_out, hearing, name="stt transcripts")
        for item in hearing.replay():
            await _tell(item, stream, hearing, nursery)
        if isinstance(stream, QuickRecognitionStream):
            listener = _QuickListener(stream, hearing)
            with contextlib.suppress(ChannelEnded):
                while True:
                    await _tell(await heard_in.receive_unless(listener.hear), stream, hearing, nursery)
        else:
            async for heard in heard_in:
                hearing.tell(heard)
                await _tell(heard, stream, hearing, nursery)
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


async def _tell(item: Heard, stream: RecognitionStream, hearing: Hearing, nursery: trio.Nursery) -> None:
    await stream.send(item)
    if isinstance(item, SpeechEnded):
        nursery.start_soon(_expect_words, item, hearing, name="stt patience")


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
        hearing.transcribed(transcript)
        await transcripts_out.send(transcript)
