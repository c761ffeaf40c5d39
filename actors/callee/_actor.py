"""The actor that hears the beep of a mailbox."""

from __future__ import annotations

from trialogue.actors.callee._beep import BeepDetector
from trialogue.actors.callee._policy import BeepHeard
from trialogue.engine import Inbox, Outbox
from trialogue.frames import SPEECH_FORMAT, AudioFrame


async def beeps(audio_in: Inbox[AudioFrame], beeps_out: Outbox[BeepHeard]) -> None:
    """Tell of beeps, until nobody wants to know.

    Args:
        audio_in: the microphone, mono int16 at 16 kHz.
        beeps_out: each when it is over.
    """
    detector = BeepDetector(SPEECH_FORMAT.rate_hz)
    async for frame in audio_in:
        for at_sample in detector.push(frame.pcm):
            await beeps_out.send(BeepHeard(at_s=at_sample / SPEECH_FORMAT.rate_hz))
