"""The recorder: a call on disk as it was heard, the user left and the agent right."""

from __future__ import annotations

import logging
from collections import deque

import attrs
import trio

from trialogue.actors.recorder._policy import RecordingSide, StereoRecording
from trialogue.actors.recorder._switch import RecordingSwitch
from trialogue.engine import AudioSink, Inbox, offload
from trialogue.engine._checks import at_least
from trialogue.frames import AudioFrame
from trialogue.frames._attrs import frozen

_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class RecorderSettings:
    """The settings of `recorder`.

    Args:
        window_s: how far apart in time what belongs to one moment may come from the two sides, seconds; at least
            0.25, since resampling takes up to 0.12 of it.
        write_every_s: how much is written to the sink at once, seconds. Both together are all that is ever in memory.
    """

    window_s: float = attrs.field(default=1.0, validator=at_least(0.25))
    write_every_s: float = attrs.field(default=0.5, validator=at_least(0))


async def recorder(
    user_in: Inbox[AudioFrame],
    agent_in: Inbox[AudioFrame],
    *,
    sink: AudioSink,
    settings: RecorderSettings = RecorderSettings(),  # noqa: B008  # frozen
    switch: RecordingSwitch | None = None,
) -> None:
    """Write both sides of a call into a stereo sink, aligned to the sample, until both inboxes have ended.

    The positions of both sides' frames must count from the same moment; rates and sample types may differ. Where a
    side sends nothing, or the recording is switched off, it is silent. The sink is closed in the end, also when
    cancelled, with all that had come.

    Raises:
        ConfigurationError: the sink is not stereo.
        AudioError: the sink cannot keep what it is given.
    """
    recording = StereoRecording(sink.format, window_s=settings.window_s)
    tape = _Tape(recording, sink, sink.format.samples(settings.write_every_s), switch or RecordingSwitch())
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(tape.follow, "user", user_in, name="recorder user")
            nursery.start_soon(tape.follow, "agent", agent_in, name="recorder agent")
    finally:
        # Bounded by the disk: a window of sound at most has to be written, and a thread cannot be cancelled anyway.
        with trio.CancelScope(shield=True):
            await offload(tape.finish)
    left_out = recording.statistics()
    if left_out.late_samples or left_out.overlapping_samples:
        _log.warning(
            "recording: %d samples came too late and %d overlapped; raise window_s, or look at the senders' positions",
            left_out.late_samples,
            left_out.overlapping_samples,
        )


class _Tape:
    """Between the recording and the sink: gathers blocks on the loop, writes them off it."""

    def __init__(self, recording: StereoRecording, sink: AudioSink, write_every: int, switch: RecordingSwitch) -> None:
        self._switch = switch
        self._recording = recording
        self._sink = sink
        self._write_every = write_every
        self._gathered: deque[AudioFrame] = deque()
        #: Belongs to the worker thread while it runs, and to the holder of the lock else.
        self._writing: deque[AudioFrame] = deque()
        self._lock = trio.Lock()

    async def follow(self, side: RecordingSide, inbox: Inbox[AudioFrame]) -> None:
        """Record one side to its end."""
        gathered = self._gathered
        async for frame in inbox:
            if not self._switch.lets_through(frame):
                continue
            gathered.extend(self._recording.push(side, frame))
            if gathered and gathered[-1].end_sample - gathered[0].at_sample >= self._write_every:
                async with self._lock:
                    self._writing.extend(gathered)
                    gathered.clear()
                    await offload(self._write)

    def _write(self) -> None:
        # A block leaves only when it is the sink's, so none is lost where a cancel comes before the thread begins.
        while self._writing:
            self._sink.write(self._writing[0])
            self._writing.popleft()

    def finish(self) -> None:
        """Write the rest and close the sink."""
        try:
            self._writing.extend(self._gathered)
            self._writing.extend(self._recording.finish())
            self._write()
        finally:
            self._sink.close()
