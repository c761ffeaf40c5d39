"""Two streams of sound on one time line, as stereo: the user left, the agent right. Sans-I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import attrs

from trialogue.engine import AudioError, ConfigurationError, Resampler, rescale_position, to_numpy
from trialogue.frames import AudioFormat, AudioFrame
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.int16] | npt.NDArray[np.float32]

RecordingSide = Literal["user", "agent"]

#: Which channel of the recording each side is.
CHANNEL: Final[dict[RecordingSide, int]] = {"user": 0, "agent": 1}


@frozen(kw_only=True)
class AlignerStatistics:
    """What an aligner had to leave out, at one moment."""

    #: Samples that came after their place had been given out.
    late_samples: int
    #: Samples whose place their own side had taken already.
    overlapping_samples: int


class StereoAligner:
    """Joins two mono streams into one stereo stream, to the sample, whatever order their frames come in.

    A stretch is given out as soon as both sides are known there, or when it lies further back than the window, or
    when `advance_to` says that nothing more will come for it. A side that is unknown there is silent. Where both are
    silent for longer than the window, the blocks' positions may leave a gap.

    What comes too late, or twice, is left out and counted: a recording does not end because of one bad frame. The
    first to take a place keeps it.

    Args:
        format: of the frames that come in; mono. The blocks have the same but stereo.
        window_s: how far apart in time the frames of one moment may come, seconds. All that is kept in memory.

    Raises:
        ConfigurationError: the format is not mono, or the window shorter than a sample.
    """

    def __init__(self, format: AudioFormat, *, window_s: float) -> None:
        if format.channels != 1:
            raise ConfigurationError(f"format has {format.channels} channels; each side of a recording is mono")
        if format.samples(window_s) < 1:
            raise ConfigurationError(f"window_s is {window_s}; it must hold at least one sample")
        import numpy as np

        self._format = format
        self._stereo = attrs.evolve(format, channels=2)
        self._window = format.samples(window_s)
        # Rings of the window's length: what is known of each side from `_given_to` on, and where it is known.
        shape = (2, self._window)
        self._samples: Samples = (
            np.zeros(shape, dtype=np.int16) if format.dtype == "int16" else np.zeros(shape, dtype=np.float32)
        )
        self._known = np.zeros(shape, dtype=np.bool_)
        self._given_to = 0
        self._newest = 0
        self._late_samples = 0
        self._overlapping_samples = 0

    @property
    def given_to(self) -> int:
        """Position up to which all was given out."""
        return self._given_to

    def statistics(self) -> AlignerStatistics:
        """What had to be left out so far."""
        return AlignerStatistics(late_samples=self._late_samples, overlapping_samples=self._overlapping_samples)

    def push(self, side: RecordingSide, frame: AudioFrame) -> list[AudioFrame]:
        """Take a frame of one side; gives the stereo blocks that are complete with it, in order.

        Raises:
            AudioError: the frame has another format. Nothing of it was taken.
        """
        if frame.format != self._format:
            raise AudioError(
                f"a frame at sample {frame.at_sample} is {frame.format}, but the recording is of {self._format};"
                " convert it first with a Resampler"
            )
        samples, at_sample = to_numpy(frame)[:, 0], frame.at_sample
        late = min(max(self._given_to - at_sample, 0), len(samples))
        self._late_samples += late
        samples, at_sample = samples[late:], at_sample + late
        blocks: list[AudioFrame] = []
        while len(samples):
            part, samples = samples[: self._window], samples[self._window :]
            end_sample = at_sample + len(part)
            blocks += self._give_to(end_sample - self._window)
            for start, stop, offset in self._spans(at_sample, end_sample):
                self._overlapping_samples += self._keep(CHANNEL[side], start, part[offset : offset + stop - start])
            self._newest = max(self._newest, end_sample)
            at_sample = end_sample
        return blocks + self._give_to(self._known_to())

    def advance_to(self, sample: int) -> list[AudioFrame]:
        """Give out all before a position, because nothing more will come for it."""
        self._newest = max(self._newest, sample)
        return self._give_to(sample)

    def finish(self) -> list[AudioFrame]:
        """Give out all that is known."""
        return self._give_to(self._newest)

    def _keep(self, channel: int, start: int, piece: Samples) -> int:
        """Put samples where their side has none yet; gives how many found their place taken."""
        ring = self._samples[channel, start : start + len(piece)]
        known = self._known[channel, start : start + len(piece)]
        taken = int(known.sum())
        if taken:
            free = ~known
            ring[free] = piece[free]
        else:
            ring[:] = piece
        known[:] = True
        return taken

    def _known_to(self) -> int:
        """The position up to which both sides are known."""
        known_to = min(self._newest, self._given_to + self._window)
        for known in self._known[::-1]:  # the agent first: it is silent most of the time
            for start, stop, offset in self._spans(self._given_to, known_to):
                first_unknown = int(known[start:stop].argmin())
                if not known[start + first_unknown]:
                    known_to = self._given_to + offset + first_unknown
                    break
        return known_to

    def _give_to(self, sample: int) -> list[AudioFrame]:
        blocks = []
        if sample > self._given_to:
            blocks.append(self._block(min(sample, self._given_to + self._window)))
        if sample > self._given_to:  # beyond the window nothing is known: silence, and of that the last window only
            self._given_to = max(self._given_to, sample - self._window)
            blocks.append(self._block(sample))
        return blocks

    def _block(self, end_sample: int) -> AudioFrame:
        """Take what lies before a position out of the rings."""
        import numpy as np

        at_sample = self._given_to
        stereo = np.empty((end_sample - at_sample, 2), dtype=self._samples.dtype)
        for start, stop, offset in self._spans(at_sample, end_sample):
            stereo[offset : offset + stop - start] = self._samples[:, start:stop].T
            self._samples[:, start:stop] = 0
            self._known[:, start:stop] = False
        self._given_to = end_sample
        return AudioFrame(pcm=stereo.tobytes(), at_sample=at_sample, format=self._stereo)

    def _spans(self, at_sample: int, end_sample: int) -> Iterator[tuple[int, int, int]]:
        """Where a stretch of at most a window lies in the rings: (start, stop, offset into the stretch)."""
        start, length = at_sample % self._window, end_sample - at_sample
        first = min(length, self._window - start)
        if first:
            yield start, start + first, 0
        if length > first:
            yield 0, length - first, first


@define
class _Input:
    """One side of a recording, on its way to the recording's format."""

    converter: Resampler | None = None
    #: Position just after the last frame, on its own sample count and on the recording's.
    end_in: int = 0
    end_out: int = 0


class StereoRecording:
    """Like StereoAligner, but takes frames of any format, each side's with positions on its own rate.

    Args:
        format: of the stereo blocks that come out.
        window_s: how far apart in time the frames of one moment may come, seconds. Resampling takes up to 0.12 of it.

    Raises:
        ConfigurationError: the format is not stereo, or the window shorter than a sample.
    """

    def __init__(self, format: AudioFormat, *, window_s: float) -> None:
        if format.channels != 2:
            raise ConfigurationError(
                f"a recording has two channels, user left and agent right, but its sink takes {format}; open the sink"
                " with channels=2"
            )
        self._mono = attrs.evolve(format, channels=1)
        self._aligner = StereoAligner(self._mono, window_s=window_s)
        # A resampler holds back the end of what it was given. Once the other side is this far ahead, there is a
        # pause here, and the end is wanted before the window has passed.
        self._pause = format.samples(window_s) // 2
        self._inputs: dict[RecordingSide, _Input] = {"user": _Input(), "agent": _Input()}

    def statistics(self) -> AlignerStatistics:
        """What had to be left out so far."""
        return self._aligner.statistics()

    def push(self, side: RecordingSide, frame: AudioFrame) -> list[AudioFrame]:
        """Take a frame of one side; gives the stereo blocks that are complete with it, in order.

        Raises:
            AudioError: the frame is no whole number of samples.
        """
        own = self._inputs[side]
        blocks: list[AudioFrame] = []
        if own.converter is None or own.converter.source != frame.format:
            blocks += self._flush(side)
            own.converter = Resampler(frame.format, self._mono, "HQ", not_finite="silence")  # nobody waits
        elif frame.at_sample < own.end_in:  # repeated or late: the aligner knows what to do with it
            blocks += self._flush(side)
        own.end_in = frame.end_sample
        own.end_out = rescale_position(frame.end_sample, frame.rate_hz, self._mono.rate_hz)
        other: RecordingSide = "agent" if side == "user" else "user"
        if self._inputs[other].end_out < own.end_out - self._pause:
            blocks += self._flush(other)
        converted = own.converter.push(frame)
        return blocks + self._aligner.push(side, converted) if converted else blocks

    def advance_to(self, sample: int) -> list[AudioFrame]:
        """Give out all before a position of the recording, because nothing more will come for it."""
        return self._flush("user") + self._flush("agent") + self._aligner.advance_to(sample)

    def finish(self) -> list[AudioFrame]:
        """Give out all that is known."""
        return self._flush("user") + self._flush("agent") + self._aligner.finish()

    def _flush(self, side: RecordingSide) -> list[AudioFrame]:
        converter = self._inputs[side].converter
        rest = converter.finish() if converter is not None else None
        return self._aligner.push(side, rest) if rest else []
