"""The mixing actor: one frame after another, with the voice where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trialogue.engine import ChannelEnded, Inbox, Outbox
from trialogue.frames import AudioFormat, AudioFrame

if TYPE_CHECKING:
    from trialogue.actors.mixer._mixer import Mixer


async def mixing(
    voice_in: Inbox[AudioFrame],
    sound_out: Outbox[AudioFrame],
    *,
    mixer: Mixer,
    format: AudioFormat,
    epoch_s: float,
    frame_s: float = 0.02,
) -> None:
    """Put the background under the voice.

    It has a clock of its own, so that the background goes on while the agent is silent; the voice waits for its next
    tick, half a frame on average. Where both are silent nothing is sent.

    Args:
        voice_in: the agent's voice, in frames of `frame_s`.
        sound_out: what is heard.
        mixer: what plays.
        format: of all of it; mono int16.
        epoch_s: the session's beginning on Trio's clock, seconds.
        frame_s: length of a frame, seconds.
    """
    count = format.samples(frame_s)
    number = 0
    while True:
        number += 1
        await trio.sleep_until(epoch_s + number * frame_s)
        try:
            voice = voice_in.receive_nowait().pcm
        except trio.WouldBlock:
            voice = None
        except ChannelEnded:
            return
        pcm = mixer.frame(voice, count)
        if pcm is not None:
            await sound_out.send(AudioFrame(pcm=pcm, at_sample=number * count, format=format))
