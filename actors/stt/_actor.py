"""The recogniser's actor: feeds it utterances with their pre-roll, and passes on what it understands."""

from __future__ import annotations

import attrs
import trio

from trialogue.actors.stt._ring import ReplayRing
from trialogue.engine import ConfigurationError, Inbox, Outbox, RecognitionStream, SpeechToText
from trialogue.frames import AudioFrame, SpeechEdge, SpeechEnded, SpeechStarted, Transcript


@attrs.frozen(kw_only=True)
class SttSettings:
    """What the recogniser gets to hear.

    Args:
        pre_roll_s: how much audio from before the onset of speech, seconds; the first sound of a word is often
            quieter than the detector's threshold.
    """

    pre_roll_s: float = 0.4

    def __attrs_post_init__(self) -> None:
        if self.pre_roll_s < 0:
            raise ConfigurationError(f"speech to text: pre_roll_s must not be negative, not {self.pre_roll_s} s")


#: How much audio the ring holds beyond the pre-roll, seconds: the delay of the speech detector.
_DETECTION_S = 1.0


async def stt(
    heard_in: Inbox[AudioFrame | SpeechEdge],
    transcripts_out: Outbox[Transcript],
    *,
    recogniser: SpeechToText,
    settings: SttSettings,
) -> None:
    """Understand the user's words.

    Args:
        heard_in: the microphone and the edges of speech, merged.
        transcripts_out: interim and final transcripts.
        recogniser: what understands.
        settings: what it gets to hear.

    Raises:
        ProviderError: the recogniser cannot be opened, or fails.
    """
    async with recogniser.open() as stream, trio.open_nursery() as nursery:
        nursery.start_soon(_forward, stream, transcripts_out, name="stt transcripts")
        await _feed(heard_in, stream, ReplayRing(settings.pre_roll_s + _DETECTION_S), settings)
        nursery.cancel_scope.cancel(reason="the microphone has ended")


async def _feed(
    heard_in: Inbox[AudioFrame | SpeechEdge], stream: RecognitionStream, ring: ReplayRing, settings: SttSettings
) -> None:
    speaking = False
    async for item in heard_in:
        match item:
            case AudioFrame():
                ring.push(item)
                if speaking:
                    await stream.send(item)
            case SpeechStarted():
                speaking = True
                await stream.send(item)
                pre_roll = round(settings.pre_roll_s * stream.rate_hz)
                for frame in ring.since(item.at_sample - pre_roll):
                    await stream.send(frame)
            case SpeechEnded():
                speaking = False
                await stream.send(item)


async def _forward(stream: RecognitionStream, transcripts_out: Outbox[Transcript]) -> None:
    while True:
        await transcripts_out.send(await stream.receive())
