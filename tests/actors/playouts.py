"""What the tests of the audio-out track share: sound that tells where it belongs, and playouts of it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from trialogue.actors import AudioOutSettings, Playout
from trialogue.frames import AudioFormat, Sentence, SpeechAudio

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from trialogue.frames import SpeechItem, WordTiming

FORMAT = AudioFormat(rate_hz=8_000)
SETTINGS = AudioOutSettings()
FRAME, FADE, FADE_IN = 160, 640, 80
SENTENCE = Sentence(text="one two three four", start=0, end=18)


def samples(pcm: bytes) -> npt.NDArray[np.int16]:
    """A frame's samples."""
    return np.frombuffer(pcm, dtype=np.int16)


def numbered(first: int, count: int) -> npt.NDArray[np.int16]:
    """Samples that tell their number: a slow ramp again and again, which begins in silence and then is never near it.

    Its own greatest step is 1999, less than what counts as a click at 8 kHz.
    """
    number = np.arange(first, first + count)
    return (np.minimum(8_000, 10 * number) + number % 2_000).astype(np.int16)


def speech(count: int, *, first: int = 0, words: Sequence[WordTiming] = ()) -> SpeechAudio:
    """Some numbered sound."""
    return SpeechAudio(pcm=numbered(first, count).tobytes(), format=FORMAT, words=tuple(words))


def playout_of(
    *items: SpeechItem,
    settings: AudioOutSettings = SETTINGS,
    complete: bool = True,
    format: AudioFormat = FORMAT,
    latency_s: float = 0.0,
) -> Playout:
    """A playout that is given these items."""
    waiting = deque(items)

    def pull() -> SpeechItem | None:
        if waiting:
            return waiting.popleft()
        if complete:
            playout.complete()
        return None

    playout = Playout(pull, format, settings, latency_s)
    return playout


def frames(playout: Playout, count: int = 10_000) -> npt.NDArray[np.int16]:
    """What it plays next, until it has nothing."""
    played = bytearray()
    for _ in range(count):
        pcm = playout.frame()
        if pcm is None:
            break
        played += pcm
    return samples(bytes(played))


def fade_out(count: int, of: int) -> npt.NDArray[np.float64]:
    """The first so many gains of a raised cosine of a length."""
    return 0.5 + 0.5 * np.cos(np.pi * np.arange(1, count + 1) / (of + 1))
