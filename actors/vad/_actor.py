"""The voice-activity actor: a detector's probabilities, judged by the gate; speech goes on to who understands it."""

from __future__ import annotations

import math
from typing import Final

from trialogue.actors.vad._policy import SpeechGate, VadSettings
from trialogue.engine import Inbox, Outbox, ProviderError, Rechunker, VoiceActivityDetector, offload, patiently
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, SpeechEdge

#: A call that costs more runs off the loop, seconds of CPU.
_INLINE_COST_S: Final = 0.001


async def vad(  # noqa: PLR0913  # three ports out, of which only one must be connected
    audio_in: Inbox[AudioFrame],
    edges_out: Outbox[SpeechEdge],
    speech_out: Outbox[AudioFrame] | None = None,
    *,
    detector: VoiceActivityDetector,
    settings: VadSettings,
    gate: SpeechGate | None = None,
    heard_out: Outbox[float] | None = None,
) -> None:
    """Say where the user's speech begins and ends, and pass its sound on.

    Silence goes no further: a recogniser's task sleeps while nobody speaks.

    Started again after a failure, with the same gate, it goes on in the middle of speech: no edge is told twice or
    missed.

    Args:
        audio_in: the microphone, in the detector's format.
        edges_out: the edges.
        speech_out: the sound between them, from the pre-roll on. Its channel must drop, or hold all that may come
            while its reader stalls: the ear never waits for a slow recogniser, or nobody could interrupt.
        detector: where probabilities come from.
        settings: how sure it must be.
        gate: what judges, where it is to outlive this attempt; it belongs to the session then.
        heard_out: up to when all sound was judged, seconds on the sound's own count; after the edges before that. Its
            channel must keep the latest.

    Raises:
        ProviderError: the detector cannot be opened, or gives what is no probability.
        AudioError: the sound has another format, or goes back in time.
    """
    async with patiently(detector.open(), name="the voice-activity detector") as ear:
        format = SPEECH_FORMAT if ear.rate_hz == SPEECH_FORMAT.rate_hz else AudioFormat(rate_hz=ear.rate_hz)
        hops = Rechunker(ear.hop_samples, format)
        gate = gate or SpeechGate(ear.rate_hz, settings)
        end_sample = 0
        off_the_loop = ear.cost_s > _INLINE_COST_S
        async for frame in audio_in:
            gate.sound.keep(frame)
            for hop in hops.push(frame):
                end_sample = hop.end_sample
                sure = await offload(ear.probability, hop.pcm) if off_the_loop else ear.probability(hop.pcm)
                edge = gate.push(_checked(sure), hop.at_sample, end_sample)
                if edge is not None:
                    await edges_out.send(edge)
            if heard_out is not None:
                heard_out.send_nowait(end_sample / ear.rate_hz)
            if gate.speaking and speech_out is not None:
                for sound in gate.sound.take():
                    await speech_out.send(sound)
        last = gate.finish(end_sample)
        if last is not None:
            await edges_out.send(last)


def _checked(probability: float) -> float:
    if math.isnan(probability):  # every comparison with it is false: speech would never begin
        raise ProviderError("the voice-activity detector gave NaN for the probability of speech", retryable=True)
    return probability
