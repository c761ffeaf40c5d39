"""RNNoise on noisy speech."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soxr

from tests.providers.speech import recording
from trialogue.engine import AudioError, ProviderError
from trialogue.providers import RNNoise, find_model

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

pytestmark = pytest.mark.integration
needs_rnnoise = pytest.mark.skipif(find_model("rnnoise") is None, reason="needs `trialogue models fetch rnnoise`")


def clean_speech(rate_hz: int) -> npt.NDArray[np.int16]:
    speech = np.frombuffer(recording("all-at-once"), dtype="<i2")
    return np.asarray(soxr.resample(speech, 16_000, rate_hz), dtype="<i2")


async def denoised(samples: npt.NDArray[np.int16], rate_hz: int, chunk: int) -> tuple[npt.NDArray[np.int16], int]:
    """What comes out, and the delay that is stated."""
    pcm = samples.astype("<i2").tobytes()
    async with RNNoise(rate_hz=rate_hz).open() as reducer:
        out = b"".join(reducer.process(pcm[start : start + 2 * chunk]) for start in range(0, len(pcm), 2 * chunk))
        return np.frombuffer(out, dtype="<i2"), reducer.delay_samples


def lag(out: npt.NDArray[np.int16], reference: npt.NDArray[np.int16]) -> int:
    """By how many samples one signal lags another, by cross-correlation."""
    size = 2 * len(reference)
    spectrum = np.fft.rfft(out, size) * np.conj(np.fft.rfft(reference, size))
    return int(np.argmax(np.fft.irfft(spectrum)))


@needs_rnnoise
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
async def test_the_delay_is_as_stated_and_nothing_is_lost(rate_hz: int) -> None:
    speech = clean_speech(rate_hz)
    out, delay_samples = await denoised(speech, rate_hz, chunk=rate_hz // 50)
    assert abs(lag(out, speech) - delay_samples) <= rate_hz / 10_000
    assert 0 <= len(speech) - len(out) < rate_hz * 0.08


@needs_rnnoise
async def test_noise_goes_and_speech_stays() -> None:
    speech = clean_speech(16_000).astype(float)
    noise = np.random.default_rng(seed=1).normal(scale=400.0, size=len(speech))
    noisy = np.clip(speech + noise, -32_768, 32_767).astype(np.int16)
    out, delay_samples = await denoised(noisy, 16_000, chunk=320)
    aligned = out[delay_samples:].astype(float)
    silence, voice = slice(800, 3_000), slice(4_000, len(aligned) - 4_000)
    assert np.std(aligned[silence]) < 0.1 * np.std(noise), "20 dB less noise before the speech"
    assert np.corrcoef(aligned[voice], speech[voice])[0, 1] > 0.95


@needs_rnnoise
async def test_the_result_does_not_depend_on_the_size_of_the_pieces() -> None:
    speech = clean_speech(48_000)[:96_000]
    one, _ = await denoised(speech, 48_000, chunk=960)
    other, _ = await denoised(speech, 48_000, chunk=1_111)
    assert np.array_equal(one, other)


async def test_a_missing_or_broken_library_says_what_to_do(tmp_path: Path) -> None:
    broken = tmp_path / "librnnoise.so"
    for path in [tmp_path / "none.so", broken]:
        with pytest.raises(ProviderError) as caught:
            async with RNNoise(path=path).open():
                pytest.fail("it opened")
        assert str(path) in str(caught.value)
        broken.write_bytes(b"no library")


@needs_rnnoise
async def test_half_a_sample_is_refused_in_our_words() -> None:
    async with RNNoise().open() as reducer:
        with pytest.raises(AudioError, match="3 bytes are no whole number"):
            reducer.process(bytes(3))
