"""A graph composed by hand: no agent, only ears. It tells who says what in a recording, when, and how loudly.

`python examples/graph_by_hand.py [RECORDING]` listens; `trialogue graph examples.graph_by_hand:listening` draws it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np

from trialogue.actors import Hearing, SttSettings, VadSettings, stt, vad
from trialogue.engine import Channel, Graph, Inbox, Outbox, VirtualTime, fan_out, merge, run, to_numpy
from trialogue.frames import AudioFrame, FinalTranscript, SpeechEdge, SpeechEnded, SpeechStarted, Transcript
from trialogue.providers import PocketSphinx, RuleScript, voice_activity_detector
from trialogue.transports import FileMicrophone, microphone_from_file

CALLER = Path(__file__).with_name("caller.flac")


@attrs.frozen(kw_only=True)
class Loudness:
    """How loud a frame was, decibels below full scale."""

    at_s: float
    level_db: float


def measure(frame: AudioFrame) -> Loudness:
    """A stage that never waits is a plain function; it runs inside the task of whoever receives from it."""
    power = float(np.mean(np.square(to_numpy(frame) / 32768.0)))
    return Loudness(at_s=frame.at_sample / frame.rate_hz, level_db=10 * float(np.log10(power + 1e-10)))


async def narrate(facts_in: Inbox[SpeechEdge | Transcript | Loudness], *, tell: Callable[[str], None]) -> None:
    """An actor is an async function; its `Inbox` and `Outbox` parameters are its ports, the others its settings."""
    peak_db = -100.0
    async for fact in facts_in:
        match fact:
            case Loudness():
                peak_db = max(peak_db, fact.level_db)
            case SpeechStarted():
                peak_db = -100.0
                tell(f"{fact.at_s:6.2f} s  somebody speaks")
            case SpeechEnded():
                tell(f"{fact.at_s:6.2f} s  silence; the speech peaked at {peak_db:.0f} dB")
            case FinalTranscript():
                tell(f"          {fact.text!r}")
            case _:
                pass  # interim transcripts


def listening(recording: Path = CALLER, tell: Callable[[str], None] = print) -> Graph:
    """Compose the graph: channels first, each with its bound, then the actors with their ends."""
    for_vad = Channel[AudioFrame]("vad sound", seconds=2.0)
    for_meter = Channel[AudioFrame]("meter sound", seconds=2.0)
    for_stt = Channel[AudioFrame]("speech of the user", seconds=15.0, overflow="drop oldest")
    stt_edges = Channel[SpeechEdge]("stt edges", capacity=16)
    edges = Channel[SpeechEdge]("edges", capacity=16)
    transcripts = Channel[Transcript]("transcripts", capacity=16)

    graph = Graph("ears")
    sound: Outbox[AudioFrame] = fan_out(for_vad.outbox, for_meter.outbox)
    graph.add(microphone_from_file, sound, settings=FileMicrophone(path=recording, tail_s=1.0))
    found: Outbox[SpeechEdge] = fan_out(stt_edges.outbox, edges.outbox)
    graph.add(vad, for_vad.inbox, found, for_stt.outbox, detector=voice_activity_detector(), settings=VadSettings())
    graph.add(
        stt,
        merge(for_stt.inbox, stt_edges.inbox),
        transcripts.outbox,
        recogniser=PocketSphinx(vocabulary=RuleScript.bundled("restaurant").vocabulary()),
        hearing=Hearing(SttSettings()),
    )
    loudness = graph.stage(measure, for_meter.inbox)
    graph.add(narrate, merge(edges.inbox, transcripts.inbox, loudness), tell=tell)
    return graph


if __name__ == "__main__":
    graph = listening(Path(sys.argv[1]) if sys.argv[1:] else CALLER)
    run(graph.run, virtual=VirtualTime())  # as fast as the machine can
