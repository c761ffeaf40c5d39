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
    pushed = 0
    async for frame in audio_in:
        first_sample = frame.at_sample - pushed  # whoever takes over in the middle of a call counts from there
        pushed += frame.samples
        for at_sample in detector.push(frame.pcm):
            await beeps_out.send(BeepHeard(at_s=(first_sample + at_sample) / SPEECH_FORMAT.rate_hz))
