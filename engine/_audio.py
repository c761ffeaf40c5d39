"""Audio conversion: rate, channels and sample type, exact to the sample; and cutting into even pieces.

All of it is sans-I/O and synchronous. numpy and soxr are imported when the first converter that needs them is made, so
that a program without audio does not pay for them, and no call pays for them in the middle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol

from trialogue.engine._errors import AudioError, ConfigurationError
from trialogue.engine._polyphase import MOST_PHASES, PolyphaseStream, reduced
from trialogue.frames import AudioFormat, AudioFrame, SampleType

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.int16] | npt.NDArray[np.float32]

#: How rates are changed. `live` holds back 2 ms (4 ms where 8 kHz takes part) and passes speech up to 0.42 of the lower
#: rate, at some 20 µs for 20 ms of it. soxr's `LQ` (up to 0.33), `MQ` and `HQ` (0.45) cost half of that, but hold
#: back 20 to 40 ms, and 60 to 120 ms between 8 and 16 kHz: they are for files.
ResamplingQuality = Literal["live", "LQ", "MQ", "HQ"]

#: What becomes of float samples that are NaN, infinite or absurdly loud.
NotFinite = Literal["raise", "silence"]

#: int16 steps in a float of 1.0. A power of two, so int16 to float32 and back is exact; +1.0 itself clips to 32767.
_INT16_SCALE: Final = 32_768.0

#: Float samples louder than this are refused: nothing records 60 dB over full scale, but int16 values that
#: somebody called float32 look so, and would play as a deafening square wave.
_LOUDEST_FLOAT: Final = 1_000.0


class AudioSink(Protocol):
    """Where audio goes to be kept. Synchronous; call it through `offload` where it may wait for a disk."""

    @property
    def format(self) -> AudioFormat:
        """What frames it takes."""

    def write(self, frame: AudioFrame) -> None:
        """Keep a frame at its position; what lies between it and the frame before becomes silence."""

    def close(self) -> None:
        """Keep what was written so that it can be read; does nothing the second time."""


def to_numpy(frame: AudioFrame) -> Samples:
    """A frame's samples, read-only and without a copy, shaped (samples, channels), in the frame's own sample type.

    Raises:
        AudioError: the frame's bytes are not a whole number of samples.
    """
    import numpy as np

    if len(frame.pcm) % frame.format.bytes_per_sample:
        raise AudioError(
            f"a frame at sample {frame.at_sample} holds {len(frame.pcm)} bytes, which is no whole number of samples of"
            f" {frame.format.bytes_per_sample} bytes; cut streams of bytes at sample borders"
        )
    flat: Samples
    if frame.format.dtype == "int16":
        flat = np.frombuffer(frame.pcm, dtype=np.dtype("<i2"))
    else:
        flat = np.frombuffer(frame.pcm, dtype=np.dtype("<f4"))
    return flat.reshape(-1, frame.format.channels)


def from_numpy(samples: Samples, *, at_sample: int, rate_hz: int) -> AudioFrame:
    """Samples as a frame; the reverse of `to_numpy`.

    Args:
        samples: int16, or float32 of full scale 1.0; shaped (samples, channels), or (samples,) for mono.
        at_sample: position of the first one on its stream's sample count.
        rate_hz: samples per second and channel.

    Raises:
        AudioError: another sample type.
    """
    dtype: SampleType
    match samples.dtype.name:
        case "int16":
            dtype = "int16"
        case "float32":
            dtype = "float32"
        case other:
            raise AudioError(f"samples are {other}; make them int16, or float32 of full scale 1.0")
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    return AudioFrame(
        pcm=samples.tobytes(),
        at_sample=at_sample,
        format=AudioFormat(rate_hz=rate_hz, channels=channels, dtype=dtype),
    )


def rescale_position(at_sample: int, from_hz: int, to_hz: int) -> int:
    """Where a position lies on a sample count of another rate: `round(at_sample * to_hz / from_hz)`, exactly."""
    whole, rest = divmod(at_sample * to_hz, from_hz)
    return whole + (2 * rest > from_hz or (2 * rest == from_hz and whole % 2 == 1))


class Resampler:
    """Turns a stream of frames into another format: rate, channels, sample type.

    Exact: the output depends on the samples alone, not on how they were cut into frames. It starts at
    `rescale_position` of the first input sample, has no overlap and no hole, and after `finish` ends at
    `rescale_position` of the end of the input. So a stream that starts at 0 gives `round(samples * ratio)` samples.

    A gap in the input's positions is a gap of the same length in the output's: what comes before it is flushed, what
    comes after it starts afresh. Positions that go back are an error. With equal rates nothing is held back,
    each frame is converted by itself, and equal formats hand the very same frame through.

    Several channels become mono by their mean, mono becomes several by copying. Float samples become int16 by
    rounding and clipping; 1.0 is 32768 steps.

    Args:
        source: the format of what is pushed.
        target: the format of what comes out.
        quality: how the rate is changed: `live` holds back 2 to 4 ms, the others up to 120 and are for files. Between
            odd rates, whose ratio in lowest terms has more than 640 output samples, `live` is soxr's `LQ`.
        not_finite: whether float samples that are NaN, infinite or over 1000 times full scale raise, or become
            silence. Not looked for between equal formats.

    Raises:
        ConfigurationError: neither side is mono and the numbers of channels differ.
    """

    def __init__(
        self,
        source: AudioFormat,
        target: AudioFormat,
        quality: ResamplingQuality = "live",
        *,
        not_finite: NotFinite = "raise",
    ) -> None:
        if source.channels != target.channels and 1 not in (source.channels, target.channels):
            raise ConfigurationError(
                f"cannot turn {source.channels} channels into {target.channels}: only equal numbers of channels, or"
                " mono on one side, are converted; go through mono"
            )
        self._source = source
        self._target = target
        self._quality: ResamplingQuality = quality
        self._not_finite: NotFinite = not_finite
        self._segment: _Segment | None = None
        #: Output of the present segment that had to wait because the push that made it returned the end of another.
        self._waiting: list[npt.NDArray[np.float32]] = []
        if source.rate_hz != target.rate_hz:
            _open_stream(source.rate_hz, target.rate_hz, 1, quality)  # imports and tables now, not in mid-call

    @property
    def source(self) -> AudioFormat:
        """The format of what is pushed."""
        return self._source

    @property
    def target(self) -> AudioFormat:
        """The format of what comes out."""
        return self._target

    def push(self, frame: AudioFrame) -> AudioFrame | None:
        """Convert a frame; gives what is ready, or None if all of it is held back until more comes.

        Raises:
            AudioError: the frame has another format, its position lies before the end of the frame before, or it
                holds samples that are no sound. Nothing of the frame was taken.
        """
        if frame.format != self._source:
            raise AudioError(
                f"a frame at sample {frame.at_sample} is {frame.format}, but this resampler was made for"
                f" {self._source}; make one for each format"
            )
        if self._source == self._target:
            return frame
        samples = self._as_float(frame)
        if self._source.rate_hz == self._target.rate_hz:
            return self._as_frame(samples, frame.at_sample)
        return self._resample(samples, frame.at_sample) if len(samples) else None

    def finish(self) -> AudioFrame | None:
        """Give what is still held back. A frame pushed after it begins a new segment, as after a gap."""
        segment, self._segment = self._segment, None
        return None if segment is None else self._take(segment, segment.flush())

    def _resample(self, samples: npt.NDArray[np.float32], at_sample: int) -> AudioFrame | None:
        segment, ended = self._segment, None
        if segment is not None and at_sample != segment.end_in:
            if at_sample < segment.end_in:
                raise AudioError(
                    f"a frame at sample {at_sample} lies before sample {segment.end_in}, where the frame before it"
                    " ended; push frames in order, and make a new resampler for a new stream"
                )
            segment, ended = None, self.finish()
        if segment is None:
            segment = self._segment = _Segment(self._source, self._target, self._quality, at_sample)
        ready = segment.push(samples)
        if ended is None:
            return self._take(segment, ready)
        self._waiting.append(ready)
        return ended

    def _take(self, segment: _Segment, ready: npt.NDArray[np.float32]) -> AudioFrame | None:
        if self._waiting:
            import numpy as np

            ready = np.concatenate([*self._waiting, ready])
            self._waiting.clear()
        if not len(ready):
            return None
        at_sample = segment.next_out
        segment.next_out += len(ready)
        return self._as_frame(ready, at_sample)

    def _as_float(self, frame: AudioFrame) -> npt.NDArray[np.float32]:
        """The frame as float32 in the scale of its own sample type, mixed down if the target is mono."""
        import numpy as np

        samples = to_numpy(frame)
        floats = samples.astype(np.float32, copy=False)
        if self._source.dtype == "float32":
            floats = self._checked(floats, frame.at_sample)
        if self._target.channels != 1 or self._source.channels == 1:
            return floats
        mixed = floats[:, 0].copy()
        for channel in range(1, self._source.channels):
            mixed += floats[:, channel]
        mixed /= np.float32(self._source.channels)
        return mixed[:, np.newaxis]

    def _checked(self, floats: npt.NDArray[np.float32], at_sample: int) -> npt.NDArray[np.float32]:
        import numpy as np

        if not len(floats) or np.abs(floats).max() <= _LOUDEST_FLOAT:  # false as well where any sample is NaN
            return floats
        sound = np.abs(floats) <= _LOUDEST_FLOAT
        if self._not_finite == "silence":
            return np.where(sound, floats, np.float32(0))
        where, channel = np.argwhere(~sound)[0]
        raise AudioError(
            f"sample {at_sample + int(where)} is {floats[where, channel]}, which is no sound: float samples are finite"
            ' and of full scale 1.0; mend their source (divide int16 values by 32768), or pass not_finite="silence"'
        )

    def _as_frame(self, floats: npt.NDArray[np.float32], at_sample: int) -> AudioFrame:
        samples = _in_type(floats, self._source.dtype, self._target.dtype)
        if self._target.channels > samples.shape[1]:
            samples = samples.repeat(self._target.channels, axis=1)
        return AudioFrame(pcm=samples.tobytes(), at_sample=at_sample, format=self._target)


def _in_type(floats: npt.NDArray[np.float32], source: SampleType, target: SampleType) -> Samples:
    """Float samples in the scale of one sample type, as samples of another."""
    import numpy as np

    if target == "float32":
        return floats if source == "float32" else floats * np.float32(1 / _INT16_SCALE)
    if source == "float32":
        floats = floats * np.float32(_INT16_SCALE)
    return np.clip(np.rint(floats), -_INT16_SCALE, _INT16_SCALE - 1).astype(np.int16)


class _RateStream(Protocol):
    def resample_chunk(self, samples: npt.NDArray[np.float32], last: bool = ...) -> npt.NDArray[np.float32]:
        """Take (samples, channels) and give those that are ready; with `last`, all."""


def _open_stream(source_hz: int, target_hz: int, channels: int, quality: ResamplingQuality) -> _RateStream:
    if quality == "live":
        if reduced(source_hz, target_hz)[0] <= MOST_PHASES:
            return PolyphaseStream(source_hz, target_hz, channels)
        quality = "LQ"
    import soxr

    stream: _RateStream = soxr.ResampleStream(source_hz, target_hz, channels, dtype="float32", quality=quality)
    return stream


class _Segment:
    """A stretch of input without a gap, on its way to another rate."""

    def __init__(self, source: AudioFormat, target: AudioFormat, quality: ResamplingQuality, first_in: int) -> None:
        source_hz, target_hz = source.rate_hz, target.rate_hz
        self._source_hz = source_hz
        self._target_hz = target_hz
        #: Mixed down before, copied after, so that no channel is resampled in vain.
        self._channels = min(source.channels, target.channels)
        self._stream = _open_stream(source_hz, target_hz, self._channels, quality)
        #: Position just after the last input sample.
        self.end_in = first_in
        #: Position of the next output sample that leaves the resampler.
        self.next_out = rescale_position(first_in, source_hz, target_hz)
        self._made_to = self.next_out

    def push(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        made = self._stream.resample_chunk(samples)
        self.end_in += len(samples)
        self._made_to += len(made)
        return made

    def flush(self) -> npt.NDArray[np.float32]:
        """The rest, to the sample. Streams round the length by themselves, so they get silence enough to cut from."""
        import numpy as np

        silence = np.zeros((self._source_hz // self._target_hz + 2, self._channels), dtype=np.float32)
        made = self._stream.resample_chunk(silence, last=True)
        return made[: rescale_position(self.end_in, self._source_hz, self._target_hz) - self._made_to]


class Rechunker:
    """Cuts a stream of frames into frames of one length. No sample is lost, and a frame that fits is handed through.

    A gap in the positions is silence: it completes the piece begun before it as far as it reaches, and the next piece
    starts at its own position. So every sample keeps its position, and a long gap costs nothing.

    Args:
        samples: length of each piece, samples per channel.
        format: the format of what is pushed and comes out.

    Raises:
        ConfigurationError: a length below 1.
    """

    __slots__ = ("_bytes", "_end_sample", "_format", "_held_bytes", "_parts", "_samples")

    def __init__(self, samples: int, format: AudioFormat) -> None:
        if samples < 1:
            raise ConfigurationError(f"samples is {samples}; a piece holds at least 1")
        self._bytes = samples * format.bytes_per_sample
        self._samples = samples
        self._format = format
        self._parts: list[bytes | memoryview] = []
        self._held_bytes = 0
        self._end_sample: int | None = None

    @property
    def held_samples(self) -> int:
        """Samples per channel that wait for their piece to fill."""
        return self._held_bytes // self._format.bytes_per_sample

    def push(self, frame: AudioFrame) -> list[AudioFrame]:
        """Take a frame and give the pieces that it completes.

        Raises:
            AudioError: the frame has another format, its position lies before the end of the frame before, or it
                is no whole number of samples. Nothing of the frame was taken.
        """
        if frame.format is self._format and len(frame.pcm) == self._bytes and not self._held_bytes:
            end_sample = self._end_sample
            if end_sample is None or frame.at_sample >= end_sample:  # it fits, as most do
                self._end_sample = frame.at_sample + self._samples
                return [frame]
        self._check(frame)
        pieces = self._close_gap(frame.at_sample)
        self._end_sample = frame.end_sample
        if not self._held_bytes and len(frame.pcm) == self._bytes:
            return [*pieces, frame]
        view = memoryview(frame.pcm)
        at_byte = 0
        while at_byte < len(view):
            part = view[at_byte : at_byte + self._bytes - self._held_bytes]
            at_byte += len(part)
            self._hold(part)
            if self._held_bytes == self._bytes:
                pieces.append(self._piece(frame.at_sample + at_byte // self._format.bytes_per_sample))
        return pieces

    def finish(self, *, pad: bool = False) -> list[AudioFrame]:
        """Give what is left, one piece or none; a frame pushed after it begins a new stream.

        Args:
            pad: whether to fill the last piece with silence; else it is shorter.
        """
        end_sample, self._end_sample = self._end_sample, None
        if not self._held_bytes or end_sample is None:
            return []
        if pad:
            missing = self._samples - self.held_samples
            self._hold(self._format.silence(missing))
            end_sample += missing
        return [self._piece(end_sample)]

    def _check(self, frame: AudioFrame) -> None:
        if frame.format is not self._format and frame.format != self._format:  # equality costs; most are the same
            raise AudioError(
                f"a frame at sample {frame.at_sample} is {frame.format}, but this rechunker was made for"
                f" {self._format}; convert it first with a Resampler"
            )
        if len(frame.pcm) % self._format.bytes_per_sample:
            raise AudioError(
                f"a frame at sample {frame.at_sample} holds {len(frame.pcm)} bytes, which is no whole number of"
                f" samples of {self._format.bytes_per_sample} bytes; cut streams of bytes at sample borders"
            )
        if self._end_sample is not None and frame.at_sample < self._end_sample:
            raise AudioError(
                f"a frame at sample {frame.at_sample} lies before sample {self._end_sample}, where the frame before"
                " it ended; push frames in order, and call finish() before a new stream"
            )

    def _close_gap(self, at_sample: int) -> list[AudioFrame]:
        if self._end_sample is None or at_sample == self._end_sample or not self._held_bytes:
            return []
        silence = min(at_sample - self._end_sample, self._samples - self.held_samples)
        self._hold(self._format.silence(silence))
        return [self._piece(self._end_sample + silence)] if self._held_bytes == self._bytes else []

    def _hold(self, part: bytes | memoryview) -> None:
        self._parts.append(part)
        self._held_bytes += len(part)

    def _piece(self, end_sample: int) -> AudioFrame:
        at_sample = end_sample - self.held_samples
        pcm = b"".join(self._parts)
        self._parts.clear()
        self._held_bytes = 0
        return AudioFrame(pcm=pcm, at_sample=at_sample, format=self._format)
