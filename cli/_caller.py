"""A caller who listens: recorded lines, spoken when a person would speak them."""

from __future__ import annotations

import math
import tomllib
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Literal

import trio

from trialogue.engine import ConfigurationError, Inbox, Outbox, offload
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame
from trialogue.frames._attrs import frozen
from trialogue.transports import AudioFileSource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

_FRAME_S: Final = 0.02
_FRAME_SAMPLES: Final = SPEECH_FORMAT.samples(_FRAME_S)

#: A pause in the agent's voice that long says that it is the caller's turn, seconds. Pauses between sentences are
#: shorter: the voice plays them on.
_TURN_PAUSE_S: Final = 0.25

#: A caller who hears nothing for so long hangs up, seconds.
_PATIENCE_S: Final = 20.0

When = Literal["after the agent", "during the agent"]


@frozen(kw_only=True)
class Line:
    """Something that the caller says.

    Args:
        name: of its recording.
        text: what is said in it.
        when: once the agent has finished, or while it speaks.
        delay_s: how long after the agent has finished, or has begun, seconds.
        pcm: the sound; mono int16 at 16 kHz.
    """

    name: str
    text: str
    when: When
    delay_s: float
    pcm: bytes

    def __attrs_post_init__(self) -> None:
        if self.when not in ("after the agent", "during the agent") or self.delay_s < 0:
            raise ConfigurationError(
                f'line {self.name!r}: `when` must be "after the agent" or "during the agent" and delay_s not negative'
            )


def read_lines(folder: Traversable) -> list[Line]:
    """The lines of a call: `call.toml` and its recordings.

    Raises:
        ConfigurationError: the file is not as it should be.
        AudioError: a recording cannot be read.
    """
    table = tomllib.loads((folder / "call.toml").read_text(encoding="utf-8"))
    return [
        Line(
            name=entry["name"],
            text=entry["text"],
            when=entry["when"],
            delay_s=entry["delay_s"],
            pcm=_read_pcm(folder / f"{entry['name']}.flac"),
        )
        for entry in table["line"]
    ]


def _read_pcm(path: Traversable) -> bytes:
    from importlib.resources import as_file

    with as_file(path) as file, AudioFileSource(file) as source:
        return b"".join(frame.pcm for frame in source)


class _Ear(Enum):
    """What the caller hears of the agent."""

    NOTHING_YET = auto()
    SPEAKING = auto()
    FINISHED = auto()


class CallerScript:
    """When the caller says what. Pure: it is told what it hears, and the time.

    Args:
        lines: in the order in which they are said.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = list(lines)
        self._ear = _Ear.NOTHING_YET
        self._began_s = 0.0
        self._last_s = -math.inf
        self._free_s = 0.0  # when the caller's own last line was over

    def hear(self, start_s: float, end_s: float) -> None:
        """The agent's voice was heard from one moment to another, session time in seconds."""
        if self._ear is not _Ear.SPEAKING:
            self._ear = _Ear.SPEAKING
            self._began_s = start_s
        self._last_s = end_s

    def next_line(self, now_s: float) -> Line | None:
        """The line to begin now, if any."""
        if self._ear is _Ear.SPEAKING and now_s >= self._last_s + _TURN_PAUSE_S:
            interrupted = self._last_s < self._free_s  # it fell silent while the caller spoke: now it owes an answer
            self._ear = _Ear.NOTHING_YET if interrupted else _Ear.FINISHED
        if not self._lines or now_s < self._free_s or self._due_s() > now_s:
            return None
        line = self._lines.pop(0)
        self._free_s = now_s + len(line.pcm) // 2 / SPEECH_FORMAT.rate_hz
        if line.when == "after the agent":
            self._ear = _Ear.NOTHING_YET
        return line

    def has_gone(self, now_s: float) -> bool:
        """Whether the caller has hung up: all is said and answered, or nobody answers."""
        silent_since_s = max(self._last_s, self._free_s)
        if not self._lines:
            return self._ear is _Ear.FINISHED and now_s >= self._free_s + _TURN_PAUSE_S
        return now_s >= silent_since_s + _PATIENCE_S

    def _due_s(self) -> float:
        line = self._lines[0]
        if line.when == "during the agent":
            return self._began_s + line.delay_s if self._ear is _Ear.SPEAKING else math.inf
        return self._last_s + max(line.delay_s, _TURN_PAUSE_S) if self._ear is _Ear.FINISHED else math.inf


class Caller:
    """The caller as a transport.

    Args:
        lines: what the caller says.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._script = CallerScript(lines)

    @property
    def microphone_format(self) -> AudioFormat:
        """Mono int16 at 16 kHz."""
        return SPEECH_FORMAT

    @property
    def speaker_format(self) -> AudioFormat:
        """Mono int16 at 16 kHz."""
        return SPEECH_FORMAT

    @property
    def speaker_latency_s(self) -> float:
        """The caller hears at once."""
        return 0.0

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """Send a frame every 20 ms, of a line or of silence, until the caller hangs up."""
        epoch_s = trio.current_time()
        number, line = 0, b""
        silence = SPEECH_FORMAT.silence(_FRAME_SAMPLES)
        while not self._script.has_gone(number * _FRAME_S):
            if not line:
                begun = self._script.next_line(number * _FRAME_S)
                line = b"" if begun is None else begun.pcm
            pcm, line = line[: len(silence)].ljust(len(silence), b"\0"), line[len(silence) :]
            frame = AudioFrame(pcm=pcm or silence, at_sample=number * _FRAME_SAMPLES, format=SPEECH_FORMAT)
            number += 1
            await trio.sleep_until(epoch_s + number * _FRAME_S)
            await audio_out.send(frame)

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        """Listen to the agent."""
        async for frame in audio_in:
            self._script.hear(frame.at_sample / frame.rate_hz, frame.end_sample / frame.rate_hz)

    def flush(self) -> None:
        """Nothing lies in a buffer."""


async def load_caller(folder: Traversable) -> Caller:
    """The caller whose lines lie in a folder. Raises as `read_lines`."""
    return Caller(await offload(read_lines, folder))
