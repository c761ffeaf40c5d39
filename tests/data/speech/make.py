"""Make the synthetic callers' recordings of this folder again: `python tests/data/speech/make.py`.

Needs flite (Debian: `apt install flite`) and soundfile. The result is committed, so tests need neither flite nor time.
espeak-ng is not used here: recognisers do not understand it. Two recordings are of people and are not made here: see
README.md.
"""

from __future__ import annotations

import subprocess
import tempfile
import tomllib
from pathlib import Path

import soundfile

FOLDER = Path(__file__).parent


def make(name: str, voice: str, text: str) -> None:
    """Let flite say a text into a FLAC file of 16 kHz, mono, 16 bits."""
    with tempfile.TemporaryDirectory() as scratch:
        wav = Path(scratch) / "speech.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(wav)], check=True)
        samples, rate_hz = soundfile.read(wav, dtype="int16")
    assert rate_hz == 16_000
    soundfile.write(FOLDER / f"{name}.flac", samples, rate_hz, subtype="PCM_16")


def main() -> None:
    """Make every recording that has a voice."""
    for name, clip in tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8")).items():
        if clip["voice"] != "human":
            make(name, clip["voice"], clip["text"])


if __name__ == "__main__":
    main()
