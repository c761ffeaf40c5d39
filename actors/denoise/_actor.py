"""The denoising actor."""

from __future__ import annotations

from typing import Final

from trialogue.engine import ConfigurationError, Denoiser, Inbox, Outbox, offload
from trialogue.frames import SAMPLE_BYTES, AudioFrame

_SAMPLE_BYTES: Final = SAMPLE_BYTES["int16"]


async def denoise(audio_in: Inbox[AudioFrame], audio_out: Outbox[AudioFrame], *, denoiser: Denoiser) -> None:
    """Pass the microphone on without its noise, at the positions where the sound was.

    Args:
        audio_in: the microphone, in the denoiser's format.
        audio_out: the same sound, later by the denoiser's delay; positions are corrected for it, so what was said
            at a moment stays at that moment.
        denoiser: what takes out the noise. It runs off the loop: good ones cost a millisecond a frame.

    Raises:
        ProviderError: the denoiser cannot be opened.
        ConfigurationError: it wants another rate than the microphone's.
    """
    async with denoiser.open() as reducer:
        first_sample: int | None = None
        next_sample = end_sample = 0
        async for frame in audio_in:
            if first_sample is None:
                _check_rate(reducer.rate_hz, frame.rate_hz)
                first_sample = end_sample = frame.at_sample
                next_sample = first_sample - reducer.delay_samples
            next_sample += frame.at_sample - end_sample  # what was lost on the way leaves a gap
            end_sample = frame.end_sample
            pcm = await offload(reducer.process, frame.pcm)
            start_up = min(max(0, first_sample - next_sample), len(pcm) // _SAMPLE_BYTES)  # not the user's sound
            next_sample += start_up
            pcm = pcm[start_up * _SAMPLE_BYTES :]
            if pcm:
                await audio_out.send(AudioFrame(pcm=pcm, at_sample=next_sample, format=frame.format))
            next_sample += len(pcm) // _SAMPLE_BYTES


def _check_rate(wanted_hz: int, rate_hz: int) -> None:
    if wanted_hz != rate_hz:  # it would take the sound for another one, and make noise of it
        raise ConfigurationError(
            f"the denoiser wants sound at {wanted_hz} Hz, and gets it at {rate_hz}; make it for that, as in "
            f"RNNoise(rate_hz={rate_hz})"
        )
