"""The same barge-in on every engine, to listen to: `python -m benches.hear_it --peers all`.

Each engine answers with the same recorded voice, and is interrupted 1.2 s into the answer; what its speaker plays is
kept. Writes a page that needs nothing else, by default `docs/hear-it.html`.
"""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from benches.hear_it._page import Recording, page_of, silence_ms
from benches.peers.scenario import FRAME_SAMPLES, RATE_HZ, at_rate
from benches.side_by_side import ENGINES, PINS, ROOT, Engine, Rig, add_cache, circumstances, install
from trialogue.engine import run
from trialogue.providers import Espeak

#: What the agent says and what the user says, and by which voices.
ANSWER: Final = "Certainly. Your table for four people is booked for tomorrow evening at half past seven."
WORDS: Final = "Wait, no, stop please."

#: Frames without louder samples are rests.
QUIET: Final = 1000


def main() -> None:
    """Record, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benches.hear_it", description="Record a barge-in on each engine.")
    parser.add_argument("--peers", default="", help=f"{','.join(PINS)}, or all (none: ours alone)")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "hear-it.html", help="the page")
    parser.add_argument("--wav", type=Path, help="a folder for the recordings, too")
    add_cache(parser)
    asked = parser.parse_args()
    peers = list(PINS) if asked.peers == "all" else [peer for peer in asked.peers.split(",") if peer]
    pythons = {"": sys.executable, **{peer: install(peer, asked.cache.resolve()) for peer in peers}}
    answer, words = run(_spoken, ANSWER), run(_spoken, WORDS)
    with tempfile.TemporaryDirectory() as folder:
        voices = (Path(folder) / "answer.pcm", Path(folder) / "words.pcm")
        for file, pcm in zip(voices, (answer, words), strict=True):
            file.write_bytes(pcm)
        engines = [engine for engine in ENGINES if engine.peer in pythons and "hear" in engine.does]
        runs = Rig(pythons=pythons, scenario="hear", voices=voices).at_once(engines)
    recordings = [_recording(engine, runs[engine.name][0], words) for engine in engines]
    for each in recordings:
        print(f"{each.engine:<22} silent after {silence_ms(each):4.0f} ms")
        if asked.wav is not None:
            each.write_wav(asked.wav)
    asked.to.write_text(page_of(recordings, circumstances()), encoding="utf-8")
    print(f"{asked.to}: {asked.to.stat().st_size / 1e6:.1f} MB")


def _recording(engine: Engine, figures: dict[str, object], words: bytes) -> Recording:
    return Recording(
        engine=engine.name,
        version=str(figures["version"]),
        agent=base64.b64decode(str(figures["agent"])),
        words=words,
        interrupted_s=float(str(figures["interrupted_s"])),
    )


async def _spoken(text: str) -> bytes:
    """A text as espeak-ng says it, mono int16 at the scenarios' rate, without rests: no engine waits for them."""
    pcm = bytearray()
    async with Espeak().open() as voice, voice.speak(text) as sound:
        rate_hz = voice.format.rate_hz
        async for piece in sound:
            pcm += piece.pcm
    samples = np.frombuffer(at_rate(bytes(pcm), RATE_HZ, rate_hz), dtype="<i2")
    frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return bytes(frames[np.abs(frames.astype(np.int32)).max(axis=1) > QUIET].tobytes())


if __name__ == "__main__":
    main()
