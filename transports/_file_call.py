"""A call that comes from an audio file."""

from __future__ import annotations

import math
from pathlib import Path

import attrs
import trio

from trialogue.engine import Inbox, Outbox
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame
from trialogue.frames._attrs import define
from trialogue.transports._wav import FileMicrophone, microphone_from_file


@define(kw_only=True, eq=False)
class FileCall:
    """A transport whose user is a recording: it plays once, then the line stays open and silent.

    Args:
        path: the recording; any format that soundfile or PyAV reads, mixed down to mono.
        speaker_format: what the agent's voice is to be; nobody hears it, a recorder may keep it.
    """

    path: Path = attrs.field(converter=Path)
    speaker_format: AudioFormat = SPEECH_FORMAT
    file_over: trio.Event = attrs.field(factory=trio.Event, init=False)

    @property
    def speaker_latency_s(self) -> float:
        """Nobody waits for the sound."""
        return 0.0

    @property
    def microphone_format(self) -> AudioFormat:
        """Mono int16 at 16 kHz, whatever the file is."""
        return SPEECH_FORMAT

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """Play the recording, set `file_over`, and stay silent until cancelled.

        Raises:
            AudioError: the file cannot be read.
        """
        await microphone_from_file(
            audio_out, settings=FileMicrophone(path=self.path, tail_s=math.inf), file_over=self.file_over
        )

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        """Let the frames go."""
        async for _ in audio_in:
            pass

    def flush(self) -> None:
        """Nothing lies in a buffer."""
