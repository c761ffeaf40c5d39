"""Audio files as a microphone and as a recorder's shelf: any format in, WAV and FLAC out, in constant memory."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import trio

from trialogue.engine import (
    AudioError,
    Outbox,
    Rechunker,
    Resampler,
    ResamplingQuality,
    TransportClosed,
    from_numpy,
    offload,
)
from trialogue.engine._checks import above, at_least
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, SampleType
from trialogue.frames._attrs import frozen
from trialogue.transports._decoding import open_decoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    import numpy as np
    import numpy.typing as npt

#: Length of a frame, seconds: what telephone lines and browsers use.
_FRAME_S: Final = 0.02

#: libsndfile's names of container and encoding for what a file's name and samples say.
_ENCODINGS: Final[dict[tuple[str, SampleType], tuple[str, str]]] = {
    (".wav", "int16"): ("WAV", "PCM_16"),
    (".wav", "float32"): ("WAV", "FLOAT"),
    (".flac", "int16"): ("FLAC", "PCM_16"),
    (".flac", "float32"): ("FLAC", "PCM_24"),
}

#: What a WAV file can hold: its lengths are 32-bit, and the header needs some of it.
_WAV_BYTES: Final = 2**32 - 2**12

#: How much silence is written in one go, samples per channel.
_SILENCE_SAMPLES: Final = 16_384


class AudioFileSource:
    """A file's sound as frames of even length, the last one filled up with silence. A context manager, and iterable.

    Reads whatever soundfile or PyAV reads, hours of it in constant memory. Synchronous: on the loop, call
    `read_frames` through `offload`.

    Args:
        path: the file.
        format: what the frames are to be; the file's own rate, channels and sample type are converted.
        frame_s: length of each frame, seconds.
        quality: of the resampling, if any. Files have no latency to save, so the best is the default.

    Raises:
        AudioError: there is no such file, it holds no audio, or none that can be converted.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        format: AudioFormat = SPEECH_FORMAT,
        frame_s: float = _FRAME_S,
        quality: ResamplingQuality = "HQ",
    ) -> None:
        self._path = Path(path)
        self._rechunker = Rechunker(format.samples(frame_s), format)
        self._decoder = open_decoder(self._path)
        try:
            self._resampler = Resampler(self._decoder.format, format, quality)
            self._next: npt.NDArray[np.float32] | None = self._decoder.read()
            if not len(self._next):
                raise AudioError(f"audio file {path} is empty: it holds no sample; record it again")
        except BaseException:
            self._decoder.close()
            raise
        self._decoded = 0

    @property
    def file_format(self) -> AudioFormat:
        """What the file itself holds, decoded to float32."""
        return self._decoder.format

    def read_frames(self) -> list[AudioFrame]:
        """The frames of the next half second or so; none at the end, nor after closing.

        Raises:
            AudioError: the file is damaged, or holds what is no sound (NaN).
        """
        frames: list[AudioFrame] = []
        while not frames and self._next is not None:
            frames = self._convert(self._next)
            self._next = self._decoder.read() if len(self._next) else None
        return frames

    def __iter__(self) -> Iterator[AudioFrame]:
        while frames := self.read_frames():
            yield from frames

    def close(self) -> None:
        """Give the file back; may be repeated."""
        self._next = None
        self._decoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _convert(self, block: npt.NDArray[np.float32]) -> list[AudioFrame]:
        """The frames that a decoded block completes; an empty block is the end."""
        if not len(block):
            rest = self._resampler.finish()
            return (self._rechunker.push(rest) if rest else []) + self._rechunker.finish(pad=True)
        self._check_finite(block)
        frame = from_numpy(block, at_sample=self._decoded, rate_hz=self._decoder.format.rate_hz)
        self._decoded = frame.end_sample
        try:
            converted = self._resampler.push(frame)
        except AudioError as error:
            raise AudioError(f"audio file {self._path}: {error}") from error
        return self._rechunker.push(converted) if converted else []

    def _check_finite(self, block: npt.NDArray[np.float32]) -> None:
        """Also where nothing is converted: no NaN may get in by way of a file."""
        import numpy as np

        if np.isfinite(block).all():
            return
        at_s = (self._decoded + int(np.argwhere(~np.isfinite(block))[0][0])) / self._decoder.format.rate_hz
        raise AudioError(
            f"audio file {self._path} holds NaN or infinity at {at_s:.3f} s, which is no sound; mend what wrote it, or"
            " convert the file to 16-bit"
        )


@frozen(kw_only=True)
class FileMicrophone:
    """The settings of `microphone_from_file`.

    Args:
        path: the audio file; any format that soundfile or PyAV reads.
        format: what the frames are to be.
        frame_s: length of each frame, seconds.
        tail_s: silence after the file's end, seconds; `math.inf` goes on until cancelled, as a microphone does.
    """

    path: Path = attrs.field(converter=Path)
    format: AudioFormat = SPEECH_FORMAT
    frame_s: float = attrs.field(default=_FRAME_S, validator=above(0))
    tail_s: float = attrs.field(default=0.0, validator=at_least(0))

    def open(self) -> AudioFileSource:
        """The file, ready to be read."""
        return AudioFileSource(self.path, format=self.format, frame_s=self.frame_s)


async def microphone_from_file(
    audio_out: Outbox[AudioFrame], *, settings: FileMicrophone, file_over: trio.Event | None = None
) -> None:
    """Send a file's sound at the pace of a microphone, then silence as long as the settings say.

    Each frame leaves when its last sample would have been heard, counted from the start: no drift, and what was late
    because the receiver was busy is caught up.

    Args:
        audio_out: where the frames go.
        settings: which file, and what comes after it.
        file_over: set when all of the file was sent.

    Raises:
        AudioError: the file cannot be read.
    """
    source = await offload(settings.open)
    with source:
        start_s, end_sample = trio.current_time(), 0
        while frames := await offload(source.read_frames):
            for frame in frames:
                await _send_when_heard(audio_out, frame, start_s)
            end_sample = frames[-1].end_sample
    if file_over is not None:
        file_over.set()
    for frame in _silence(settings, end_sample):
        await _send_when_heard(audio_out, frame, start_s)


async def _send_when_heard(audio_out: Outbox[AudioFrame], frame: AudioFrame, start_s: float) -> None:
    await trio.sleep_until(start_s + frame.end_sample / frame.rate_hz)
    await audio_out.send(frame)


def _silence(settings: FileMicrophone, at_sample: int) -> Iterator[AudioFrame]:
    """Frames of silence from a position on, as many as the tail needs."""
    samples = settings.format.samples(settings.frame_s)
    pcm = settings.format.silence(samples)
    endless = math.isinf(settings.tail_s)
    needed = itertools.count() if endless else range(math.ceil(settings.format.samples(settings.tail_s) / samples))
    for number in needed:
        yield AudioFrame(pcm=pcm, at_sample=at_sample + number * samples, format=settings.format)


class AudioFileSink:
    """Writes frames into a WAV or FLAC file, each at its own position, with silence between. A context manager.

    If the process dies, all that was written into a WAV can be read, and of a FLAC all but the last block. `close`
    waits for the disk: on the loop, call it through `offload`.

    Args:
        path: the file; its suffix, `.wav` or `.flac`, says how it is encoded. An existing file is replaced.
        format: what the frames are. int16 is kept bit by bit; float32 as float in WAV, as 24-bit integers in FLAC.
        start_sample: the position that becomes the first sample of the file.

    Raises:
        AudioError: the suffix is another one, or the file cannot be created.
    """

    def __init__(self, path: Path | str, format: AudioFormat, *, start_sample: int = 0) -> None:
        import soundfile

        self._path = Path(path)
        self._format = format
        self._start_sample = self._end_sample = start_sample
        encoding = _ENCODINGS.get((self._path.suffix.lower(), format.dtype))
        if encoding is None:
            raise AudioError(f"audio file {path} cannot be written: its suffix must be .wav or .flac")
        container, subtype = encoding
        self._capacity_bytes = _WAV_BYTES if container == "WAV" else math.inf
        try:
            self._file = soundfile.SoundFile(
                self._path, "w", format.rate_hz, format.channels, subtype=subtype, format=container
            )
        except (soundfile.LibsndfileError, OSError) as error:
            raise AudioError(
                f"audio file {path} cannot be created ({error}); check that its folder exists and may be written to,"
                f" and that {container} can hold {format}"
            ) from error

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def format(self) -> AudioFormat:
        """What frames it takes."""
        return self._format

    @property
    def end_sample(self) -> int:
        """Position just after the last sample written."""
        return self._end_sample

    def write(self, frame: AudioFrame) -> None:
        """Write a frame at its position; what lies between it and the frame before becomes silence.

        Raises:
            AudioError: it has another format, overlaps what was written, does not fit, or the disk refuses it.
            TransportClosed: the sink was closed.
        """
        self._check(frame)
        gap = frame.at_sample - self._end_sample
        while gap:
            samples = min(gap, _SILENCE_SAMPLES)
            self._append(self._format.silence(samples), samples)
            gap -= samples
        self._append(frame.pcm, frame.samples)

    def close(self) -> None:
        """Finish the file; may be repeated."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check(self, frame: AudioFrame) -> None:
        if self._file.closed:
            raise TransportClosed(f"audio file {self._path} was closed; open a new sink to write more")
        if frame.format != self._format:
            raise AudioError(
                f"a frame at sample {frame.at_sample} is {frame.format}, but {self._path} was opened for"
                f" {self._format}; convert it first with a Resampler"
            )
        if len(frame.pcm) % self._format.bytes_per_sample:
            raise AudioError(
                f"a frame at sample {frame.at_sample} holds {len(frame.pcm)} bytes, which is no whole number of samples"
                f" of {self._format.bytes_per_sample} bytes; cut streams of bytes at sample borders"
            )
        if frame.at_sample < self._end_sample:
            raise AudioError(
                f"a frame at sample {frame.at_sample} overlaps what was written to {self._path}, which ends at sample"
                f" {self._end_sample}; write frames in order, each sample once"
            )
        size = (frame.end_sample - self._start_sample) * self._format.bytes_per_sample
        if size > self._capacity_bytes:
            raise AudioError(
                f"a frame at sample {frame.at_sample} does not fit: {self._path} would grow to {size} bytes, and WAV"
                " holds 4 GiB; check the position, or write .flac"
            )

    def _append(self, pcm: bytes, samples: int) -> None:
        import soundfile

        try:
            self._file.buffer_write(pcm, dtype=self._format.dtype)
        except (soundfile.LibsndfileError, OSError) as error:
            raise AudioError(
                f"audio file {self._path} cannot be written at sample {self._end_sample} ({error}); check the disk"
            ) from error
        self._end_sample += samples
