"""The actor that hears keys in the user's sound, and keeps their tones from those who listen for words."""

from __future__ import annotations

import attrs

from trialogue.actors.keypad._detector import KeyDetector
from trialogue.engine import Inbox, Outbox
from trialogue.frames import SPEECH_FORMAT, AudioFrame, KeyPressed


async def keypad(
    audio_in: Inbox[AudioFrame], audio_out: Outbox[AudioFrame], keys_out: Outbox[KeyPressed] | None = None
) -> None:
    """Tell of each key that the user presses, where a telephone sends it as a sound, and pass on the sound without it.

    A frame with a tone in it goes on as silence, without any delay: what is left of a tone is up to 14 ms of its
    beginning, less than a detector of speech takes for speech.

    Args:
        audio_in: the microphone, mono int16 at 16 kHz.
        audio_out: the same without the tones.
        keys_out: the keys; None where somebody else tells of them.
    """
    detector = KeyDetector(SPEECH_FORMAT.rate_hz)
    pushed = 0
    async for frame in audio_in:
        first_sample = frame.at_sample - pushed  # whoever takes over in the middle of a call counts from there
        pushed += frame.samples
        for heard in detector.push(frame.pcm):
            if keys_out is not None:
                at_s = (first_sample + heard.at_sample) / SPEECH_FORMAT.rate_hz
                await keys_out.send(KeyPressed(key=heard.key, at_s=at_s))
        silence = SPEECH_FORMAT.silence(frame.samples)
        await audio_out.send(attrs.evolve(frame, pcm=silence) if detector.sounding else frame)
