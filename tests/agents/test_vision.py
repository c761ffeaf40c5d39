"""Pictures for models that see."""

from __future__ import annotations

import io

import av
import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from trialogue.agents import FrameSampler, VisionSettings, encode_picture
from trialogue.engine import ConfigurationError


def decoded(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The picture in a JPEG."""
    with av.open(io.BytesIO(data), "r", format="image2pipe") as container:
        frame = next(container.decode(video=0))
        return np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)


def test_a_picture_is_made_small_and_keeps_its_look() -> None:
    rgb = np.zeros((480, 1280, 3), dtype=np.uint8)
    rgb[:, :640] = (250, 10, 10)
    rgb[:, 640:] = (10, 10, 250)
    image = encode_picture(rgb, VisionSettings(most_pixels=320))
    assert image.media_type == "image/jpeg"
    seen = decoded(image.data)
    assert seen.shape == (120, 320, 3)
    assert seen[60, 40] == pytest.approx([250, 10, 10], abs=25)
    assert seen[60, 280] == pytest.approx([10, 10, 250], abs=25)
    assert len(image.data) < 5000


@hypothesis.settings(max_examples=15)
@hypothesis.given(st.integers(1, 700), st.integers(1, 700))
def test_pictures_of_every_shape_are_encoded(height: int, width: int) -> None:
    image = encode_picture(np.full((height, width, 3), 128, dtype=np.uint8))
    seen = decoded(image.data)
    assert max(seen.shape) <= 512
    assert np.abs(seen.astype(int) - 128).max() <= 4


def test_what_is_no_picture_is_refused() -> None:
    for wrong in (np.zeros((2, 2), dtype=np.uint8), np.zeros((2, 2, 3)), np.zeros((0, 2, 3), dtype=np.uint8)):
        with pytest.raises(ConfigurationError, match="a picture is an array of shape"):
            encode_picture(wrong)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(ConfigurationError, match="vision needs"):
        VisionSettings(silent_hz=0)


def test_more_is_seen_while_the_user_speaks() -> None:
    sampler = FrameSampler()
    silent = [number for number in range(100) if sampler.wants(number * 0.1, user_speaks=False)]
    assert silent == [0, 34, 68]
    speaking = [number for number in range(100, 131) if sampler.wants(number * 0.1, user_speaks=True)]
    assert speaking == [100, 110, 120, 130]
