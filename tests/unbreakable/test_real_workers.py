"""The voice's worker process killed in a call, and the recogniser in mid-utterance; both are the real ones."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
import trio

from tests.providers.speech import frames, recording
from tests.unbreakable.scenario import Scenario
from trialogue.actors import Hearing, SttSettings, stt
from trialogue.agents import Agent, AgentStoppedSpeaking, ReplyFailed, Session
from trialogue.agents.testing import FakeCall
from trialogue.engine import Channel, Graph, RecognitionStream, RestartPolicy, VirtualTime, run
from trialogue.frames import AudioFrame, FinalTranscript, SpeechEdge, SpeechEnded, SpeechStarted, Transcript
from trialogue.providers import Espeak, PocketSphinx

if TYPE_CHECKING:
    from trialogue.engine import ActorFault, SpeechToText

pytestmark = pytest.mark.integration


def workers() -> list[int]:
    """This process's children that are espeak workers."""
    found: list[int] = []
    for children in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pids = [int(pid) for pid in children.read_text().split()]
            found += [pid for pid in pids if b"_espeak_worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return found


def descriptors() -> int:
    """Open files of this process."""
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("at_s", [0.0, 0.001, 0.05, 0.5, 1.0, 1.9, 3.0])
def test_a_voice_whose_worker_is_killed_speaks_the_next_sentence_with_a_new_one(at_s: float) -> None:
    before, left = descriptors(), workers()

    async def do(session: Session) -> None:
        first = session.say("One sentence is spoken here. Here is another one, and it is longer.")
        await trio.sleep(at_s)
        victims = workers()
        assert len(victims) == 1
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        await first.wait()
        last = session.say("This is spoken by another worker.")
        assert await last.wait() == "completed"
        assert workers() not in ([], victims)

    scenario = Scenario(tts=Espeak(), call=FakeCall(), agent=Agent(instructions=""), do=do).hold()
    scenario.check_nothing_is_left()
    assert scenario.errors == []
    assert scenario.of(AgentStoppedSpeaking)[-1].heard == "This is spoken by another worker."
    assert len(scenario.of(ReplyFailed)) <= 1
    assert workers() == left == []
    assert descriptors() <= before


@attrs.define(eq=False)
class Fragile:
    """A recogniser around another, which breaks when it hears a certain item; then it is well.

    Args:
        inner: the real one.
        at: the number of the item, counted from 1; 0 never breaks.
    """

    inner: SpeechToText
    at: int
    heard: int = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[RecognitionStream, None]:
        """One for the session."""
        async with self.inner.open() as stream:
            yield _FragileStream(self, stream)


class _FragileStream:
    """One session's."""

    def __init__(self, owner: Fragile, stream: RecognitionStream) -> None:
        self._owner = owner
        self._stream = stream
        self.rate_hz = stream.rate_hz
        self.receive = stream.receive

    async def send(self, item: AudioFrame | SpeechEdge) -> None:
        """Hear, or break."""
        self._owner.heard += 1
        if self._owner.heard == self._owner.at:
            raise ConnectionResetError("the recogniser was killed")
        await self._stream.send(item)


def understood(recogniser: Fragile, pcm: bytes) -> tuple[str, list[ActorFault]]:
    """What an utterance was understood as by the actor under supervision, and its faults."""
    faults: list[ActorFault] = []

    async def hear() -> str:
        graph = Graph("ears")
        heard, told = Channel[AudioFrame | SpeechEdge]("heard", capacity=500), Channel[Transcript]("told", capacity=500)
        node = graph.add(stt, heard.inbox, told.outbox, recogniser=recogniser, hearing=Hearing(SttSettings()))
        graph.supervise(node, RestartPolicy(restart="on failure"))
        graph.outside(heard.outbox, told.inbox)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(graph.run, faults.append)
            sound = list(frames(pcm))
            await heard.outbox.send(SpeechStarted(at_sample=0, at_s=0.0, detected_s=0.1))
            for frame in sound:
                await heard.outbox.send(frame)
                await trio.sleep(0.02)
            end = sound[-1].end_sample
            await heard.outbox.send(SpeechEnded(at_sample=end, at_s=end / 16_000, detected_s=end / 16_000))
            async for transcript in told.inbox:
                if isinstance(transcript, FinalTranscript):
                    nursery.cancel_scope.cancel()
                    return transcript.text  # noqa: ASYNC121  # the nursery is cancelled, so it ends at once
        raise AssertionError("it never came to an end")

    return run(hear, virtual=VirtualTime()), faults


def test_the_real_recogniser_killed_in_mid_utterance_understands_the_same() -> None:
    sphinx = PocketSphinx(vocabulary=["yes please", "no thank you goodbye", "go forward ten meters", "turn left"])
    pcm = recording("human-forward")
    whole = Fragile(sphinx, 0)
    assert understood(whole, pcm) == ("go forward ten meters", [])
    for at in range(1, whole.heard + 1, 12):
        text, faults = understood(Fragile(sphinx, at), pcm)
        assert text == "go forward ten meters", f"killed at {at}"
        assert [fault.cause for fault in faults] == ["ConnectionResetError: the recogniser was killed"]
