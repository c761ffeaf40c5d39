"""What mypy --strict says of a composition: nothing of a good one, and where a bad one is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]

ACTORS = """
from trialogue.engine import Channel, Graph, Inbox, Outbox, fan_out, merge
from trialogue.frames import AudioFrame, SpeechEdge, SpeechEnded, SpeechStarted

async def microphone(audio_out: Outbox[AudioFrame], *, seconds: float = 1.0) -> None: ...
async def vad(audio_in: Inbox[AudioFrame], edges_out: Outbox[SpeechEdge], *, threshold: float) -> None: ...
async def onsets(starts_out: Outbox[SpeechStarted]) -> None: ...
async def turn(inbox: Inbox[SpeechEdge]) -> None: ...
async def everything(inbox: Inbox[SpeechEdge | AudioFrame]) -> None: ...
async def ends(inbox: Inbox[SpeechEnded]) -> None: ...
def denoise(frame: AudioFrame, *, strength: float = 1.0) -> AudioFrame: return frame
def end_only(edge: SpeechEdge) -> SpeechEnded | None: return edge if isinstance(edge, SpeechEnded) else None
def split(frame: AudioFrame) -> list[AudioFrame]: return [frame, frame]
async def slow(frame: AudioFrame) -> AudioFrame: return frame

class Cutter:
    def push(self, frame: AudioFrame) -> list[AudioFrame]: return [frame]
    def finish(self) -> list[AudioFrame]: return []

graph = Graph()
audio = Channel[AudioFrame]("audio", seconds=0.2)
more = Channel[AudioFrame]("more", seconds=0.2)
edges = Channel[SpeechEdge]("edges", capacity=4)
starts = Channel[SpeechStarted]("starts", capacity=4)
"""

GOOD = """
graph.add(microphone, fan_out(audio.outbox, more.outbox), seconds=2)
graph.add(vad, graph.stage(denoise, audio.inbox, strength=0.5), edges.outbox, threshold=0.5)
graph.add_as("second", vad, audio_in=graph.transform(Cutter(), audio.inbox), edges_out=edges.outbox, threshold=1)
graph.add(everything, merge(graph.stage(end_only, edges.inbox), graph.stage(split, more.inbox)))
graph.add(turn, merge(starts.inbox, edges.inbox))
graph.add(everything, edges.inbox)
graph.add(onsets, edges.outbox)
reveal_type(graph.stage(split, more.inbox))
reveal_type(graph.stage(end_only, edges.inbox))
reveal_type(merge(starts.inbox, audio.inbox))
"""

#: Each line, and a part of what mypy must say of it.
BAD = {
    "graph.add(microphone, edges.outbox)": 'incompatible type "Outbox[SpeechStarted | SpeechEnded]"',
    "graph.add(microphone, audio.inbox)": 'expected "Outbox[AudioFrame]"',
    "graph.add(turn, audio.inbox)": 'expected "Inbox[SpeechStarted | SpeechEnded]"',
    "graph.add(ends, edges.inbox)": 'expected "Inbox[SpeechEnded]"',
    "graph.add(vad, audio.inbox, edges.outbox)": 'Missing named argument "threshold" for "add" of "Graph"',
    "graph.add(vad, audio.inbox, threshold=0.5)": 'Missing positional argument "edges_out" in call to "add" of "Graph"',
    'graph.add(vad, audio.inbox, edges.outbox, threshold="high")': 'expected "float"',
    "graph.add(microphone, audio.outbox, second=1)": 'Unexpected keyword argument "second" for "add" of "Graph"',
    "graph.add(denoise, audio.inbox)": 'expected "AudioFrame"',
    "graph.stage(denoise, edges.inbox)": 'No overload variant of "stage" of "Graph" matches',
    'graph.stage(denoise, audio.inbox, strength="much")': 'No overload variant of "stage" of "Graph" matches',
    "graph.add(turn, graph.stage(slow, audio.inbox))": 'No overload variant of "stage" of "Graph" matches',
    "graph.transform(Cutter(), edges.inbox)": 'type parameter "A" of "transform" of "Graph"',
    "graph.add(onsets, fan_out(starts.outbox, audio.outbox))": 'expected "Outbox[SpeechStarted]"',
    "graph.add(turn, merge(edges.inbox, audio.inbox))": 'expected "Inbox[SpeechStarted | SpeechEnded]"',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all, so that mypy reads the project once."""
    return tmp_path_factory.mktemp("composition")


def mypy(source: str, folder: Path) -> list[str]:
    """What mypy says, with the project's settings."""
    path = folder / "composition.py"
    path.write_text(source)
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
    options = [
        "--hide-error-context",
        "--no-error-summary",
        "--cache-dir",
        str(folder / "cache"),
    ]
    done = subprocess.run([*command, *options, str(path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith(str(path))]


def test_a_good_composition_has_no_errors_and_the_types_are_exact(folder: Path) -> None:
    said = mypy(ACTORS + GOOD, folder)
    assert [line.split("Revealed type is ")[-1] for line in said] == [
        '"trialogue.engine._channel.Inbox[trialogue.frames._audio.AudioFrame]"',
        '"trialogue.engine._channel.Inbox[trialogue.frames._audio.SpeechEnded]"',
        '"trialogue.engine._channel.Inbox[trialogue.frames._audio.SpeechStarted | trialogue.frames._audio.AudioFrame]"',
    ]


def test_every_bad_line_is_an_error_that_says_what_was_expected(folder: Path) -> None:
    said = mypy(ACTORS + "\n".join(BAD), folder)
    first = ACTORS.count("\n") + 1
    for number, (line, message) in enumerate(BAD.items(), first):
        errors = [each for each in said if f"composition.py:{number}: error" in each]
        assert any(message in error for error in errors), (line, errors)
