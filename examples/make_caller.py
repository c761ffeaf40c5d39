"""Make `caller.flac` again: a caller who books a table, with the pauses in which an agent answers.

Needs flite (Debian: `apt install flite`). The result is committed, so that nobody else needs flite.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Final

from trialogue.frames import SPEECH_FORMAT, AudioFrame
from trialogue.transports import AudioFileSink, AudioFileSource

#: What is said, and how many seconds of silence come before it.
_LINES: Final = (
    (5.0, "I would like a table for two on Friday at eight o'clock please."),
    (5.0, "The name is Smith."),
    (9.0, "Yes please."),
    (12.0, "No, thank you. Goodbye."),
    (3.0, ""),
)


def main() -> None:
    """Write the recording beside this file."""
    with AudioFileSink(Path(__file__).with_name("caller.flac"), SPEECH_FORMAT) as sink:
        for pause_s, text in _LINES:
            _append(sink, SPEECH_FORMAT.silence(SPEECH_FORMAT.samples(pause_s)))
            if text:
                _append(sink, _speak(text))


def _append(sink: AudioFileSink, pcm: bytes) -> None:
    sink.write(AudioFrame(pcm=pcm, at_sample=sink.end_sample, format=SPEECH_FORMAT))


def _speak(text: str) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "line.wav"
        subprocess.run(["flite", "-voice", "slt", "-t", text, "-o", str(path)], check=True)
        with AudioFileSource(path) as source:
            return b"".join(frame.pcm for frame in source)


if __name__ == "__main__":
    main()
