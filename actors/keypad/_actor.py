"""The actor that hears keys in the user's sound."""

from __future__ import annotations

from trialogue.actors.keypad._detector import KeyDetector
from trialogue.engine import Inbox, Outbox
from trialogue.frames import SPEECH_FORMAT, AudioFrame, KeyPressed


async def keypad(audio_in: Inbox[AudioFrame], keys_out: Outbox[KeyPressed]) -> None:
    """Tell of each key that the user presses, where a telephone sends it as a sound.

    Args:
        audio_in: the microphone, mono int16 at 16 kHz.
        keys_out: the keys.
    """
    detector = KeyDetector(SPEECH_FORMAT.rate_hz)
    async for frame in audio_in:
        for heard in detector.push(frame.pcm):
            await keys_out.send(KeyPressed(key=heard.key, at_s=heard.at_sample / SPEECH_FORMAT.rate_hz))
