"""Make the callers' recordings again: `python cli/calls/make.py`.

Needs flite (Debian: `apt install flite`) and soundfile. The result is committed, so that nobody else needs flite.
"""

from __future__ import annotations

import subprocess
import tempfile
import tomllib
from pathlib import Path

import soundfile


def make(path: Path, voice: str, how: list[str]) -> None:
    """Let flite say something into a FLAC file of 16 kHz, mono, 16 bits."""
    with tempfile.TemporaryDirectory() as scratch:
        wav = Path(scratch) / "speech.wav"
        subprocess.run(["flite", "-voice", voice, *how, "-o", str(wav)], check=True)
        samples, rate_hz = soundfile.read(wav, dtype="int16")
    assert rate_hz == 16_000
    soundfile.write(path, samples, rate_hz, subtype="PCM_16")


def main() -> None:
    """Make the recordings of every call."""
    for script in Path(__file__).parent.glob("*/call.toml"):
        call = tomllib.loads(script.read_text(encoding="utf-8"))
        for line in call["line"]:
            how = ["-p", line["phones"]] if "phones" in line else ["-t", line["text"]]
            make(script.parent / f"{line['name']}.flac", call["voice"], how)


if __name__ == "__main__":
    main()
