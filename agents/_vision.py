"""Pictures for models that see: taken from a stream at a rate that depends on who speaks, made small, encoded."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from trialogue.engine import ConfigurationError
from trialogue.frames import Image

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@attrs.frozen(kw_only=True)
class VisionSettings:
    """Which pictures a model gets.

    Args:
        speaking_hz: so many a second while the user speaks: that is when they show what they speak of.
        silent_hz: and so many else.
        most_pixels: the longer side of a picture has no more; larger ones are made smaller.
        quality: of the JPEG, 1 to 31; lower is better, as in FFmpeg's mjpeg.
    """

    speaking_hz: float = 1.0
    silent_hz: float = 0.3
    most_pixels: int = 512
    quality: int = 4

    def __attrs_post_init__(self) -> None:
        if min(self.speaking_hz, self.silent_hz) <= 0 or self.most_pixels < 16 or not 1 <= self.quality <= 31:
            raise ConfigurationError(
                f"vision needs rates above 0, most_pixels >= 16 and 1 <= quality <= 31, not {self.speaking_hz}, "
                f"{self.silent_hz}, {self.most_pixels} and {self.quality}"
            )


class FrameSampler:
    """Says which frames of a video are worth taking. Pure.

    Args:
        settings: how often.
    """

    def __init__(self, settings: VisionSettings | None = None) -> None:
        self._settings = settings or VisionSettings()
        self._taken_s: float | None = None

    def wants(self, at_s: float, *, user_speaks: bool) -> bool:
        """Whether to take the frame of this moment; then it counts as taken.

        Args:
            at_s: when it was seen, seconds on a clock that never goes back.
            user_speaks: whether the user speaks then.
        """
        rate_hz = self._settings.speaking_hz if user_speaks else self._settings.silent_hz
        if self._taken_s is not None and at_s < self._taken_s + 1 / rate_hz:
            return False
        self._taken_s = at_s
        return True


def encode_picture(rgb: npt.NDArray[np.uint8], settings: VisionSettings | None = None) -> Image:
    """A frame as a JPEG for a model; it takes milliseconds, so call it by `offload`.

    Args:
        rgb: shape (height, width, 3).
        settings: size and quality.

    Raises:
        ConfigurationError: it is no such picture.
    """
    import av

    settings = settings or VisionSettings()
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != "uint8" or 0 in rgb.shape:
        raise ConfigurationError(
            f"a picture is an array of shape (height, width, 3) and uint8, not {rgb.shape} and {rgb.dtype}"
        )
    height, width = rgb.shape[:2]
    scale = min(1.0, settings.most_pixels / max(height, width))
    small = (_even(width * scale), _even(height * scale))
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(width=small[0], height=small[1], format="yuvj420p")
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = small
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qmin": str(settings.quality), "qmax": str(settings.quality)}
    data = io.BytesIO()
    for packet in (*encoder.encode(frame), *encoder.encode(None)):
        data.write(bytes(packet))
    return Image(data=data.getvalue(), media_type="image/jpeg")


def _even(pixels: float) -> int:
    """The nearest even number of pixels: colours are kept for pairs of them."""
    return max(2, round(pixels / 2) * 2)
