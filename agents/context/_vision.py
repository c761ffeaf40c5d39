"""Pictures for models that see: taken from a stream at a rate that depends on who speaks, made small, encoded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

import attrs

from trialogue.actors import TurnPolicy, UserState
from trialogue.engine import (
    Channel,
    ConfigurationError,
    Graph,
    Inbox,
    Outbox,
    RestartPolicy,
    offload,
    sees_pictures,
)
from trialogue.frames import ChatMessage, Image, VideoFrame
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from trialogue.agents.context._history import History
    from trialogue.engine import LanguageModel, Transport
    from trialogue.frames import ChatItem, ChatRequest

#: A conversation can do without pictures.
_GO_ON: Final = RestartPolicy(then="go on without it")


@frozen(kw_only=True)
class VisionSettings:
    """Which pictures a model gets.

    Args:
        speaking_hz: so many a second while the user speaks: that is when they show what they speak of.
        silent_hz: and so many else.
        most_pixels: the longer side of a picture has no more; larger ones are made smaller.
        quality: of the JPEG, 1 to 31; lower is better, as in FFmpeg's mjpeg.
        per_turn: so many of the newest go with what the user says next. How many of earlier turns the model is told
            again, `WindowPolicy.max_images` says.
    """

    speaking_hz: float = 1.0
    silent_hz: float = 0.3
    most_pixels: int = 512
    quality: int = 4
    per_turn: int = 3

    def __attrs_post_init__(self) -> None:
        possible = min(self.speaking_hz, self.silent_hz) > 0 and self.most_pixels >= 16 and self.per_turn >= 1
        if not possible or not 1 <= self.quality <= 31:
            raise ConfigurationError(
                f"vision needs rates above 0, most_pixels >= 16, 1 <= quality <= 31 and per_turn >= 1, not "
                f"{self.speaking_hz}, {self.silent_hz}, {self.most_pixels}, {self.quality} and {self.per_turn}"
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


@runtime_checkable
class VideoTransport(Protocol):
    """A transport that brings pictures of its user, beside the sound: a camera, a screen."""

    async def video(self, frames_out: Outbox[VideoFrame]) -> None:
        """Send each picture when it is seen, with times as the microphone's positions count them.

        Of those that come faster than they are wanted, the newest is taken. It returns when no more can come.
        """


class Sight:
    """Has pictures encoded, and lets the history know of them.

    Args:
        history: where they are written down, with what the user says next.
        settings: which pictures.
        model: who is to see them now; None while there is nobody.
    """

    def __init__(self, history: History, settings: VisionSettings, model: Callable[[], LanguageModel | None]) -> None:
        self._history = history
        self._settings = settings
        self._model = model
        self._sampler = FrameSampler(settings)

    @property
    def is_seen(self) -> bool:
        """Whether whoever is asked now sees pictures."""
        model = self._model()
        return model is not None and sees_pictures(model)

    async def show(self, picture: Image | VideoFrame) -> None:
        """Let the model see a picture with what the user says next.

        Raises:
            ConfigurationError: it cannot see, or that is no picture.
        """
        if not self.is_seen:
            model = self._model()
            why = "no language model is there" if model is None else f"{type(model).__name__} cannot see pictures"
            raise ConfigurationError(f"{why}; give the session, or the agent, a model that can see them")
        await self._take(picture)

    async def watch(self, frame: VideoFrame, *, user_speaks: bool) -> None:
        """Look at a frame of a stream: take it if one is wanted by now, and anybody can see it."""
        if self.is_seen and self._sampler.wants(frame.at_s, user_speaks=user_speaks):
            await self._take(frame)

    async def _take(self, picture: Image | VideoFrame) -> None:
        image = picture if isinstance(picture, Image) else await offload(_encode_frame, picture, self._settings)
        self._history.show(image, self._settings.per_turn)


def add_video(graph: Graph, transport: Transport, sight: Sight, policy: TurnPolicy) -> None:
    """Let somebody look at the pictures that a transport brings, if it does.

    Args:
        graph: the session's.
        transport: where the user is.
        sight: takes them.
        policy: knows whether the user speaks.
    """
    if isinstance(transport, VideoTransport):
        frames = Channel[VideoFrame]("video", overflow="latest")
        graph.supervise(graph.add(camera, frames.outbox, transport=transport), _GO_ON)
        graph.supervise(graph.add(watching, frames.inbox, sight=sight, policy=policy), _GO_ON)


async def camera(frames_out: Outbox[VideoFrame], *, transport: VideoTransport) -> None:
    """The pictures that a transport brings."""
    await transport.video(frames_out)


async def watching(frames_in: Inbox[VideoFrame], *, sight: Sight, policy: TurnPolicy) -> None:
    """Look at pictures; while one is encoded, only the newest of the others waits."""
    async for frame in frames_in:
        await sight.watch(frame, user_speaks=policy.user is UserState.SPEAKING)


def without_pictures(request: ChatRequest) -> ChatRequest:
    """A request for a model that cannot see. What was shown without words is left out."""
    items: list[ChatItem] = []
    for item in request.items:
        if not isinstance(item, ChatMessage) or not item.images:
            items.append(item)
        elif item.text:
            items.append(attrs.evolve(item, images=()))
    return attrs.evolve(request, items=tuple(items))


def _encode_frame(frame: VideoFrame, settings: VisionSettings) -> Image:
    import numpy as np

    if len(frame.rgb) != frame.width * frame.height * 3:
        raise ConfigurationError(
            f"a picture of {frame.width} x {frame.height} pixels has {frame.width * frame.height * 3} bytes, not "
            f"{len(frame.rgb)}: three for each pixel, red, green and blue"
        )
    return encode_picture(np.frombuffer(frame.rgb, dtype=np.uint8).reshape(frame.height, frame.width, 3), settings)


def encode_picture(rgb: npt.NDArray[np.uint8], settings: VisionSettings | None = None) -> Image:
    """A frame as a JPEG for a model; it takes milliseconds, so call it by `offload`.

    Args:
        rgb: shape (height, width, 3).
        settings: size and quality.

    Raises:
        ConfigurationError: it is no such picture.
    """
    from fractions import Fraction

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
