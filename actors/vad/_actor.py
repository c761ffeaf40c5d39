"""The voice-activity actor: a detector's probabilities, judged by the gate."""

from __future__ import annotations

import math
from typing import Final

from trialogue.actors.vad._policy import SpeechGate, VadSettings
from trialogue.engine import (
    Inbox,
    Outbox,
    ProviderError,
    Rechunker,
    SpeechDetector,
    VoiceActivityDetector,
    offload,
    patiently,
)
from trialogue.frames import AudioFormat, AudioFrame, SpeechEdge

#: A call that costs more runs off the loop, seconds of CPU.
_INLINE_COST_S: Final = 0.001


async def vad(
    audio_in: Inbox[AudioFrame],
    edges_out: Outbox[SpeechEdge],
    *,
    detector: VoiceActivityDetector,
    settings: VadSettings,
    gate: SpeechGate | None = None,
) -> None:
    """Say where the user's speech begins and ends.

    Started again after a failure, with the same gate, it goes on in the middle of speech: no edge is told twice or
    missed.

    Args:
        audio_in: the microphone, in the detector's format.
        edges_out: the edges.
        detector: where probabilities come from.
        settings: how sure it must be.
        gate: what judges, where it is to outlive this attempt; it belongs to the session then.

    Raises:
        ProviderError: the detector cannot be opened, or gives what is no probability.
        AudioError: the sound has another format, or goes back in time.
    """
    async with patiently(detector.open(), name="the voice-activity detector") as ear:
        format = AudioFormat(rate_hz=ear.rate_hz)
        hops = Rechunker(ear.hop_samples, format)
        gate = gate or SpeechGate(ear.rate_hz, settings)
        end_sample = 0
        async for frame in audio_in:
            for hop in hops.push(frame):
                end_sample = hop.end_sample
                edge = gate.push(await _probability(ear, hop.pcm), hop.at_sample, end_sample)
                if edge is not None:
                    await edges_out.send(edge)
        last = gate.finish(end_sample)
        if last is not None:
            await edges_out.send(last)


async def _probability(ear: SpeechDetector, pcm: bytes) -> float:
    probability = await offload(ear.probability, pcm) if ear.cost_s > _INLINE_COST_S else ear.probability(pcm)
    if math.isnan(probability):  # every comparison with it is false: speech would never begin
        raise ProviderError("the voice-activity detector gave NaN for the probability of speech", retryable=True)
    return probability
