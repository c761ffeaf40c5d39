"""The recogniser's actor: feeds it utterances with their pre-roll, and passes on what it understands."""

from __future__ import annotations

import trio

from trialogue.actors.stt._policy import Hearing
from trialogue.engine import Inbox, Outbox, RecognitionStream, SpeechToText
from trialogue.frames import AudioFrame, FinalTranscript, SpeechEdge, Transcript


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
        heard_in: the microphone and the edges of speech, merged.
        transcripts_out: interim and final transcripts.
        recogniser: what understands.
        hearing: what there is to understand; it belongs to the session, not to this attempt.

    Raises:
        ProviderError: the recogniser cannot be opened, or fails.
    """
    async with recogniser.open() as stream, trio.open_nursery() as nursery:
        nursery.start_soon(_forward, stream, transcripts_out, hearing, name="stt transcripts")
        for item in hearing.replay():
            await stream.send(item)
        async for heard in heard_in:
            for item in hearing.take(heard):
                await stream.send(item)
        nursery.cancel_scope.cancel(reason="the microphone has ended")


async def _forward(stream: RecognitionStream, transcripts_out: Outbox[Transcript], hearing: Hearing) -> None:
    while True:
        transcript = await stream.receive()
        if isinstance(transcript, FinalTranscript):
            hearing.understood()
        await transcripts_out.send(transcript)
