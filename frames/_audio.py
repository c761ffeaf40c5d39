"""Audio: what the microphone gives and the speaker takes."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from trialogue.frames._attrs import frozen

SampleType = Literal["int16", "float32"]

#: Bytes of one sample of each sample type.
SAMPLE_BYTES: Final[dict[SampleType, int]] = {"int16": 2, "float32": 4}


@frozen(kw_only=True)
class AudioFormat:
    """How the bytes of a frame are to be read: interleaved, little-endian.

    Args:
        rate_hz: samples per second and channel.
        channels: 1 is mono, 2 is stereo with left first.
        dtype: `int16` (full scale 32767) or `float32` (full scale 1.0).
    """

    rate_hz: int = attrs.field(validator=attrs.validators.ge(1))
    channels: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    dtype: SampleType = attrs.field(default="int16", validator=attrs.validators.in_(SAMPLE_BYTES))
    #: Bytes of one sample of all channels. Kept, because every frame's length is asked for many times.
    bytes_per_sample: int = attrs.field(init=False, eq=False, repr=False)

    @bytes_per_sample.default
    def _bytes_per_sample(self) -> int:
        return SAMPLE_BYTES.get(self.dtype, 0) * self.channels  # a dtype that is none is refused by the validator

    def samples(self, duration_s: float) -> int:
        """The number of samples per channel nearest to a duration."""
        return round(duration_s * self.rate_hz)

    def silence(self, samples: int) -> bytes:
        """The bytes of that many samples of silence."""
        return bytes(samples * self.bytes_per_sample)


#: What recognisers and voice-activity detectors expect: 16 kHz, mono, int16.
SPEECH_FORMAT: Final = AudioFormat(rate_hz=16_000)


@frozen(kw_only=True)
class AudioFrame:
    """A stretch of sound, with its place on its stream's own sample count.

    The position makes time exact: a frame starts `at_sample / rate_hz` seconds after the stream began, however
    late it arrives.

    Args:
        pcm: read-only interleaved samples in `format`.
        at_sample: position of the first sample, counted per channel from the start of the stream.
        format: rate, channels and sample type.
    """

    pcm: bytes = attrs.field(repr=lambda pcm: f"<{len(pcm)} bytes>")
    at_sample: int
    format: AudioFormat

    @property
    def samples(self) -> int:
        """Samples per channel."""
        return len(self.pcm) // self.format.bytes_per_sample

    @property
    def end_sample(self) -> int:
        """Position just after the last sample."""
        return self.at_sample + self.samples

    @property
    def rate_hz(self) -> int:
        """Samples per second and channel."""
        return self.format.rate_hz

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.samples / self.format.rate_hz


@frozen(kw_only=True)
class SpeechStarted:
    """The user began to speak.

    Args:
        at_sample: the onset on the microphone's sample count; it lies before the moment of detection.
        at_s: the onset in session time, seconds.
        detected_s: when the detector was sure, session time, seconds.
    """

    at_sample: int
    at_s: float
    detected_s: float


@frozen(kw_only=True)
class SpeechEnded:
    """The user fell silent.

    Args:
        at_sample: the first sample after the speech, on the microphone's sample count.
        at_s: the end in session time, seconds; it lies before the moment of detection by the detector's hangover.
        detected_s: when the detector was sure, session time, seconds.
    """

    at_sample: int
    at_s: float
    detected_s: float


SpeechEdge = SpeechStarted | SpeechEnded
