"""A caller at a fake telephone: says things at set times, and keeps all that is heard with its time."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Final

import attrs
import trio

from trialogue.engine import Inbox, Outbox, TransportBroken
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The value of the user's samples, as the shared scenarios have it.
_LEVEL: Final = 1000


@frozen(kw_only=True)
class Line:
    """The user says something.

    Args:
        at_s: from when, seconds since the call began.
        for_s: how long, seconds.
    """

    at_s: float
    for_s: float


@define(kw_only=True, eq=False)
class FakeCall:
    """A transport whose user follows a script. One call each.

    Args:
        lines: when the user speaks, in order and apart.
        hangs_up_s: when the user goes; seconds since the call began.
        breaks_s: when the wire breaks instead.
        stalls: when the speaker takes no frames: from, to; in order.
        microphone_format: mono int16.
        speaker_format: mono int16.
        frame_s: length of the microphone's frames, seconds; each is sent when it is over.
        speaker_latency_s: what the transport says of itself.
    """

    lines: Sequence[Line] = ()
    hangs_up_s: float = math.inf
    breaks_s: float = math.inf
    stalls: Sequence[tuple[float, float]] = ()
    microphone_format: AudioFormat = SPEECH_FORMAT
    speaker_format: AudioFormat = SPEECH_FORMAT
    frame_s: float = 0.02
    speaker_latency_s: float = 0.0
    #: How often what is on its way was thrown away.
    flushes: int = attrs.field(default=0, init=False)
    #: What the user heard: when, in seconds since the call began, and the frame.
    heard: list[tuple[float, AudioFrame]] = attrs.field(factory=list, init=False)
    #: When the call began, on Trio's clock.
    epoch_s: float | None = attrs.field(default=None, init=False)

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """Send a frame for each `frame_s`, on an absolute schedule, until the user hangs up.

        Raises:
            TransportBroken: the script says so.
        """
        epoch_s = self._begin()
        format, samples = self.microphone_format, self.microphone_format.samples(self.frame_s)
        user = _User(self.lines, format, samples)
        number, end_s = 0, min(self.hangs_up_s, self.breaks_s)
        while (number + 1) * self.frame_s <= end_s:
            frame = AudioFrame(pcm=user.frame(number), at_sample=number * samples, format=format)
            number += 1
            await trio.sleep_until(epoch_s + number * self.frame_s)
            await audio_out.send(frame)
        await trio.sleep_until(epoch_s + end_s)
        if self.breaks_s <= self.hangs_up_s:
            raise TransportBroken(f"the fake wire broke after {self.breaks_s} s, as its script says")

    def flush(self) -> None:
        """Count it: frames are heard as they come."""
        self.flushes += 1

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        """Hear the agent, frame by frame as they come, but for the stalls."""
        epoch_s = self._begin()
        stalls = list(self.stalls)
        heard = self.heard
        async for frame in audio_in:
            now_s = trio.current_time() - epoch_s
            heard.append((now_s, frame))
            if stalls and now_s >= stalls[0][0]:
                await trio.sleep_until(epoch_s + stalls.pop(0)[1])

    def sound(self) -> bytes:
        """What was heard, from the beginning of the call on, each frame at its position; silence in between."""
        sound = bytearray()
        for _, frame in self.heard:
            at = frame.at_sample * frame.format.bytes_per_sample
            sound.extend(bytes(max(0, at - len(sound))))
            sound[at : at + len(frame.pcm)] = frame.pcm
        return bytes(sound)

    def _begin(self) -> float:
        if self.epoch_s is None:
            self.epoch_s = trio.current_time()
        return self.epoch_s


class _User:
    """The user's side, frame by frame; whole frames of speech and of silence are made once."""

    def __init__(self, lines: Sequence[Line], format: AudioFormat, samples: int) -> None:
        self._spans = [(format.samples(line.at_s), format.samples(line.at_s + line.for_s)) for line in lines]
        self._samples = samples
        self._silence = format.silence(samples)
        self._speech = array("h", [_LEVEL]).tobytes() * samples

    def frame(self, number: int) -> bytes:
        """The samples of the frame with this number."""
        start, end = number * self._samples, (number + 1) * self._samples
        while self._spans and self._spans[0][1] <= start:
            self._spans.pop(0)
        if not self._spans or self._spans[0][0] >= end:
            return self._silence
        pcm = bytearray(self._silence)
        for first, last in self._spans:
            low, high = max(first, start), min(last, end)
            if low == start and high == end:
                return self._speech
            if low < high:
                pcm[(low - start) * 2 : (high - start) * 2] = self._speech[: (high - low) * 2]
        return bytes(pcm)
