"""The recordings of `tests/data/speech`, and what tests do with them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile

from trialogue.frames import SPEECH_FORMAT, AudioFrame, FinalTranscript, SpeechEnded, SpeechStarted, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trialogue.engine import RecognitionStream

_FOLDER: Final = Path(__file__).parents[1] / "data" / "speech"
_SILENCE: Final = SPEECH_FORMAT.silence(SPEECH_FORMAT.samples(0.25))

#: Samples of a frame: 20 ms.
FRAME_SAMPLES: Final = 320


def recordings() -> dict[str, tuple[str, str]]:
    """The voice and the words of each recording, by name."""
    index = tomllib.loads((_FOLDER / "index.toml").read_text(encoding="utf-8"))
    return {name: (clip["voice"], clip["text"]) for name, clip in index.items()}


def recording(name: str) -> bytes:
    """A recording with a quarter of a second of silence round it: 16 kHz, mono, int16."""
    samples, rate_hz = soundfile.read(_FOLDER / f"{name}.flac", dtype="int16")
    assert rate_hz == SPEECH_FORMAT.rate_hz
    return bytes(_SILENCE + np.asarray(samples, dtype="<i2").tobytes() + _SILENCE)


def frames(pcm: bytes, *, at_sample: int = 0) -> Iterator[AudioFrame]:
    """Audio as a microphone gives it: in frames of 20 ms, with positions."""
    size = FRAME_SAMPLES * SPEECH_FORMAT.bytes_per_sample
    for start in range(0, len(pcm), size):
        position = at_sample + start // SPEECH_FORMAT.bytes_per_sample
        yield AudioFrame(pcm=pcm[start : start + size], at_sample=position, format=SPEECH_FORMAT)


async def recognise(recogniser: RecognitionStream, pcm: bytes, *, at_sample: int = 0) -> list[Transcript]:
    """Let a recogniser hear one utterance; give back the transcripts up to the final one."""
    await recogniser.send(SpeechStarted(at_sample=at_sample, at_s=0.0, detected_s=0.0))
    for frame in frames(pcm, at_sample=at_sample):
        await recogniser.send(frame)
    end = at_sample + len(pcm) // SPEECH_FORMAT.bytes_per_sample
    await recogniser.send(SpeechEnded(at_sample=end, at_s=0.0, detected_s=0.0))
    transcripts: list[Transcript] = []
    while not transcripts or not isinstance(transcripts[-1], FinalTranscript):
        transcripts.append(await recogniser.receive())
    return transcripts


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The least number of words put in, left out or exchanged."""
    distances = list(range(len(heard) + 1))
    for row, word in enumerate(said, start=1):
        diagonal, distances[0] = distances[0], row
        for column, other in enumerate(heard, start=1):
            best = min(distances[column] + 1, distances[column - 1] + 1, diagonal + (word != other))
            diagonal, distances[column] = distances[column], best
    return distances[-1]
