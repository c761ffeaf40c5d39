"""Video: pictures as a camera or a screen gives them."""

from __future__ import annotations

import attrs

from trialogue.frames._attrs import frozen


@frozen(kw_only=True)
class VideoFrame:
    """A picture.

    Args:
        rgb: read-only bytes, row by row from the top, red, green and blue of each pixel.
        width, height: in pixels.
        at_s: when it was seen, session time, seconds.
    """

    rgb: bytes = attrs.field(repr=lambda rgb: f"<{len(rgb)} bytes>")
    width: int
    height: int
    at_s: float = 0.0
