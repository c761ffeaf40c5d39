"""Our own side, run as the peers are: a process of its own, one line of JSON.

Variants: "fused" and "unfused" are the graphs of `benches.frame_path`, both ears counting; "session" is a whole idle
session, where silence goes no further than to the detector.
"""

from __future__ import annotations

import contextlib
import json
import platform
import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from importlib.metadata import version
from typing import Final

import attrs
import trio

from benches import frame_path, turns
from benches.peers import scenario
from trialogue.agents import Agent, Session
from trialogue.engine import Inbox, Outbox, SpeechDetector, run
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame


@attrs.define(eq=False)
class CountingDetector:
    """Hears nothing, and says when it has looked at a frame."""

    driver: trio.lowlevel.Task
    rate_hz: int = SPEECH_FORMAT.rate_hz
    hop_samples: int = scenario.FRAME_SAMPLES
    cost_s: float = 0.0
    seen: int = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SpeechDetector, None]:
        yield self

    def probability(self, hop: bytes) -> float:
        """0, and the next frame may come."""
        self.seen += 1
        trio.lowlevel.reschedule(self.driver)
        return 0.0

    def reset(self) -> None:
        """Nothing is kept."""


@attrs.define(eq=False)
class QuietCall:
    """A caller who lends the microphone's outbox to the driver."""

    microphone_format: AudioFormat = SPEECH_FORMAT
    speaker_format: AudioFormat = SPEECH_FORMAT
    speaker_latency_s: float = 0.0
    line: Outbox[AudioFrame] | None = None
    over: trio.Event = attrs.Factory(trio.Event)

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        self.line = audio_out
        await self.over.wait()

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        async for _ in audio_in:
            pass

    def flush(self) -> None:
        """Nothing lies in a buffer."""


async def idle_session() -> float:
    """A whole session that nobody speaks to. CPU time, µs per frame."""
    call, detector = QuietCall(), CountingDetector(trio.lowlevel.current_task())
    models = attrs.evolve(turns.fake_models(), vad=detector)
    async with Session(Agent(instructions="Answer."), models=models, transport=call):
        await trio.sleep(0.2)  # what starts in the background has started
        assert call.line is not None
        await push_each(call.line, 0, scenario.WARM_UP_FRAMES)
        began_s = time.process_time()
        await push_each(call.line, scenario.WARM_UP_FRAMES, scenario.FRAMES)
        took_s = time.process_time() - began_s
        call.over.set()
    assert detector.seen == scenario.WARM_UP_FRAMES + scenario.FRAMES
    return took_s / scenario.FRAMES * 1e6


async def push_each(line: Outbox[AudioFrame], begin: int, frames: int) -> None:
    """Each frame when the detector has seen the last."""
    for number in range(begin, begin + frames):
        at_sample = number * scenario.FRAME_SAMPLES
        await line.send(AudioFrame(pcm=scenario.SILENCE, at_sample=at_sample, format=SPEECH_FORMAT))
        await trio.lowlevel.wait_task_rescheduled(frame_path.abort)


async def fused() -> float:
    """The detector is a stage of the recogniser's task."""
    return await frame_path.drive(frame_path.fused, lockstep=True)


async def unfused() -> float:
    """Detector and recogniser are actors."""
    return await frame_path.drive(frame_path.unfused, lockstep=True)


async def answers() -> list[float]:
    """S1 in a whole session, milliseconds. The collector of garbage is left as it is, as it is for the peers."""
    call = turns.BenchCall(cycles=scenario.WARM_UP_TURNS + scenario.TURNS, phase=0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(turns.drive, [call])
        await turns.one_call(call, turns.fake_models(), None)
        nursery.cancel_scope.cancel()
    return scenario.as_ms(call.overheads_s)


FRAME_PATHS: Final[dict[str, Callable[[], Coroutine[object, object, float]]]] = {
    "fused": fused,
    "unfused": unfused,
    "session": idle_session,
}


def main() -> None:
    """Do what the command line says, `SCENARIO VARIANT`."""
    asked, variant = sys.argv[1:]
    figures: dict[str, object] = {"us": run(FRAME_PATHS[variant])} if asked == "s3" else {"overheads_ms": run(answers)}
    print(json.dumps({**figures, "version": version("trialogue"), "python": platform.python_version()}))


if __name__ == "__main__":
    main()
