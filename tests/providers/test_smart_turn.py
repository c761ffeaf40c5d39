"""Smart Turn: its features and its judgement, against those of a reference computation."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from trialogue.engine import ProviderError, TurnDetector, TurnSoFar
from trialogue.providers import SmartTurn, find_model
from trialogue.providers._smart_turn import log_mel

VECTORS = Path(__file__).parent.parent / "data" / "turns" / "smart_turn_v3.npz"
SIGNALS = ["tone_2s", "chirp_3s", "steps_1s"]

needs_model = pytest.mark.skipif(find_model("smart-turn") is None, reason="needs `trialogue models fetch smart-turn`")


def signal(name: str) -> npt.NDArray[np.int16]:
    """Its samples at 16 kHz."""
    with np.load(VECTORS) as vectors:
        return np.asarray(vectors[f"{name}_pcm"], dtype=np.int16)


def expected(name: str, part: str) -> npt.NDArray[np.float32]:
    """What the reference made of it."""
    with np.load(VECTORS) as vectors:
        return np.asarray(vectors[f"{name}_{part}"], dtype=np.float32)


@pytest.mark.parametrize("name", SIGNALS)
def test_features_are_those_of_the_reference(name: str) -> None:
    reference = expected(name, "logmel")
    features = log_mel(signal(name).tobytes())
    assert features.shape == (80, 800)
    assert features.dtype == np.float32
    assert np.abs(features - reference).max() <= np.spacing(np.float16(np.abs(reference).max()))


@pytest.mark.parametrize("name", SIGNALS)
def test_only_the_last_eight_seconds_are_heard(name: str) -> None:
    pcm = np.resize(signal(name), 128_000)
    earlier = np.full(50_001, 7, dtype=np.int16)
    assert np.array_equal(log_mel(np.concatenate([earlier, pcm]).tobytes()), log_mel(pcm.tobytes()))


@hypothesis.settings(max_examples=20, deadline=None)
@hypothesis.given(seed=st.integers(0, 2**32 - 1), samples=st.integers(0, 150_000), loud=st.integers(0, 32_767))
def test_features_of_any_sound_are_finite_and_span_two(seed: int, samples: int, loud: int) -> None:
    """Eight powers of ten, divided by four."""
    pcm = np.random.default_rng(seed).integers(-loud, loud + 1, samples).astype("<i2").tobytes()
    features = log_mel(pcm)
    assert np.isfinite(features).all()
    assert features.max() - features.min() <= 2.0 + 1e-5


@needs_model
@pytest.mark.integration
@pytest.mark.parametrize("name", SIGNALS)
async def test_its_probability_is_that_of_the_reference(name: str) -> None:
    detector: TurnDetector = SmartTurn()
    async with detector.open() as judge:
        assert judge.wants_audio_s == pytest.approx(8.0)
        heard = judge.probability(TurnSoFar(text="", pcm=signal(name).tobytes()))
    assert heard == pytest.approx(float(expected(name, "prob")[0]), abs=1e-4)


@needs_model
@pytest.mark.integration
async def test_silence_has_a_probability_too() -> None:
    async with SmartTurn().open() as judge:
        assert 0.0 <= judge.probability(TurnSoFar(text="")) <= 1.0


async def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"no\.onnx.*correct the path"):
        async with SmartTurn(path=tmp_path / "no.onnx").open():
            pass


async def test_a_broken_file_says_what_to_do(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"this is no model")
    with pytest.raises(ProviderError, match=r"broken\.onnx.*models fetch smart-turn"):
        async with SmartTurn(path=broken).open():
            pass
