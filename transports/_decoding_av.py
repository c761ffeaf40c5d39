"""M4A, WebM, MP4, Matroska, WMA, AMR and whatever else FFmpeg reads. Imports PyAV."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import av
import numpy as np

from trialogue.engine import AudioError
from trialogue.frames import AudioFormat
from trialogue.transports._decoding import BLOCK_S, NotDecodable, damaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trialogue.transports._decoding import Floats


class AvDecoder:
    """Satisfies `Decoder` by PyAV; of several audio tracks it reads the first.

    Raises:
        NotDecodable: FFmpeg does not know this kind of file either.
        AudioError: the file holds no audio track, or an empty one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._container = av.open(str(path))
        except av.FFmpegError as error:
            raise NotDecodable(str(error)) from error
        try:
            first, frames = self._begin()
        except BaseException:
            self._container.close()
            raise
        # The decoded frame is asked, not the container: HE-AAC has twice the rate that its header says.
        self._format = AudioFormat(rate_hz=first.sample_rate, channels=first.layout.nb_channels, dtype="float32")
        self._frames = itertools.chain([first], frames)
        self._to_float = av.AudioResampler(format="flt", layout=first.layout, rate=first.sample_rate)
        self._drained = False

    @property
    def format(self) -> AudioFormat:
        return self._format

    def read(self) -> Floats:
        parts: list[Floats] = []
        samples, wanted = 0, BLOCK_S * self._format.rate_hz
        try:
            while samples < wanted and not self._drained:
                frame = next(self._frames, None)
                self._drained = frame is None
                for packed in self._to_float.resample(frame):
                    parts.append(packed.to_ndarray().astype(np.float32, copy=False).reshape(-1, self._format.channels))
                    samples += len(parts[-1])
        except av.FFmpegError as error:
            raise damaged(self._path, error) from error
        return np.concatenate(parts) if parts else np.zeros((0, self._format.channels), dtype=np.float32)

    def close(self) -> None:
        self._container.close()

    def _begin(self) -> tuple[av.AudioFrame, Iterator[av.AudioFrame]]:
        if not self._container.streams.audio:
            raise AudioError(f"audio file {self._path} has no audio track; give a file that has one")
        frames = self._container.decode(self._container.streams.audio[0])
        try:
            first = next(frames, None)
        except av.FFmpegError as error:
            raise NotDecodable(str(error)) from error
        if first is None:
            raise AudioError(f"audio file {self._path} is empty: its audio track holds no sample; record it again")
        return first, frames
