"""What a frame of audio costs on its way to the ears, S3: `python -m benches.frame_path`.

20,000 frames of silence, 20 ms each, go from a transport to a voice-activity detector and a recogniser that count them.
In lockstep the next frame is pushed when both have seen the last; in a burst without waiting. The cost is CPU time of
the process per frame, and includes making the frame.
"""

from __future__ import annotations

import asyncio
import json
import platform
import statistics
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import attrs
import trio
from trio.testing import wait_all_tasks_blocked

from trialogue.engine import Channel, Graph, Inbox, Outbox, fan_out, run
from trialogue.frames import SPEECH_FORMAT, AudioFrame, SpeechEdge

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMES = 20_000
ROUNDS = 7
SAMPLES = 320
SILENCE = bytes(2 * SAMPLES)


@attrs.define
class Ears:
    """Counts what each has seen, and wakes the driver when both have seen all that was pushed."""

    pushed: int = 0
    vad: int = 0
    stt: int = 0
    driver: trio.lowlevel.Task | None = None

    @property
    def have_seen_all(self) -> bool:
        return self.vad == self.stt == self.pushed

    def note(self) -> None:
        if self.vad == self.stt == self.pushed and self.driver is not None:
            trio.lowlevel.reschedule(self.driver)
            self.driver = None


def abort(_: object) -> trio.lowlevel.Abort:
    """The driver may be cancelled."""
    return trio.lowlevel.Abort.SUCCEEDED


def detect(frame: AudioFrame, ears: Ears) -> AudioFrame:
    """A detector as a stage: it never waits, so it runs inside its consumer's task."""
    ears.vad += 1
    return frame


def hand_on(frame: AudioFrame) -> AudioFrame:
    """A stage that does nothing."""
    return frame


async def vad(audio_in: Inbox[AudioFrame], edges_out: Outbox[SpeechEdge], *, ears: Ears) -> None:
    async for _ in audio_in:
        ears.vad += 1
        ears.note()


async def stt(audio_in: Inbox[AudioFrame], *, ears: Ears) -> None:
    async for _ in audio_in:
        ears.stt += 1
        ears.note()


async def vad_in_place(audio_in: Inbox[AudioFrame], edges_out: Outbox[SpeechEdge], *, ears: Ears) -> None:
    """As `vad`, but its function runs where the frame is sent, as the session's detector does."""

    def heard(_: AudioFrame) -> bool:
        ears.vad += 1
        ears.note()
        return True

    await audio_in.receive_unless(heard)


async def stt_in_place(audio_in: Inbox[AudioFrame], *, ears: Ears) -> None:
    """As `stt`, but in place."""

    def heard(_: AudioFrame) -> bool:
        ears.stt += 1
        ears.note()
        return True

    await audio_in.receive_unless(heard)


async def pass_on(audio_in: Inbox[AudioFrame], audio_out: Outbox[AudioFrame]) -> None:
    async for frame in audio_in:
        await audio_out.send(frame)


def fused(ears: Ears) -> tuple[Graph, Outbox[AudioFrame]]:
    """The detector is a stage of the recogniser's task: one channel, one change of task."""
    graph, audio = Graph(), Channel[AudioFrame]("audio", capacity=8)
    graph.add(stt, graph.stage(detect, audio.inbox, ears), ears=ears)
    graph.outside(audio.outbox)
    return graph, audio.outbox


def unfused(ears: Ears) -> tuple[Graph, Outbox[AudioFrame]]:
    """Both are actors, behind one outbox with two channels."""
    graph = Graph()
    for_vad, for_stt = Channel[AudioFrame]("for_vad", capacity=8), Channel[AudioFrame]("for_stt", capacity=8)
    edges = Channel[SpeechEdge]("edges", capacity=8)
    graph.add(vad, for_vad.inbox, edges.outbox, ears=ears)
    graph.add(stt, for_stt.inbox, ears=ears)
    graph.outside(for_vad.outbox, for_stt.outbox, edges.inbox)
    return graph, fan_out(for_vad.outbox, for_stt.outbox)


def in_place(ears: Ears) -> tuple[Graph, Outbox[AudioFrame]]:
    """Both are actors, as in `unfused`, whose functions run in the task that sends: no change of task."""
    graph = Graph()
    for_vad, for_stt = Channel[AudioFrame]("for_vad", capacity=8), Channel[AudioFrame]("for_stt", capacity=8)
    edges = Channel[SpeechEdge]("edges", capacity=8)
    graph.add(vad_in_place, for_vad.inbox, edges.outbox, ears=ears)
    graph.add(stt_in_place, for_stt.inbox, ears=ears)
    graph.outside(for_vad.outbox, for_stt.outbox, edges.inbox)
    return graph, fan_out(for_vad.outbox, for_stt.outbox)


def with_stages(number: int) -> Callable[[Ears], tuple[Graph, Outbox[AudioFrame]]]:
    """Like `fused`, with so many more stages that do nothing."""

    def build(ears: Ears) -> tuple[Graph, Outbox[AudioFrame]]:
        graph, audio = Graph(), Channel[AudioFrame]("audio", capacity=8)
        inbox = graph.stage(detect, audio.inbox, ears)
        for stage in range(number):
            inbox = graph.subgraph(f"stage {stage}").stage(hand_on, inbox)
        graph.add(stt, inbox, ears=ears)
        graph.outside(audio.outbox)
        return graph, audio.outbox

    return build


def with_actors(number: int) -> Callable[[Ears], tuple[Graph, Outbox[AudioFrame]]]:
    """Like `fused`, with so many actors before it that only pass frames on."""

    def build(ears: Ears) -> tuple[Graph, Outbox[AudioFrame]]:
        graph, audio = Graph(), Channel[AudioFrame]("audio", capacity=8)
        inbox = audio.inbox
        for actor in range(number):
            passed = Channel[AudioFrame](f"passed {actor}", capacity=8)
            graph.add_as(f"actor {actor}", pass_on, inbox, passed.outbox)
            inbox = passed.inbox
        graph.add(stt, graph.stage(detect, inbox, ears), ears=ears)
        graph.outside(audio.outbox)
        return graph, audio.outbox

    return build


async def drive(build: Callable[[Ears], tuple[Graph, Outbox[AudioFrame]]], *, lockstep: bool) -> float:
    """Push all frames through a graph.

    Returns:
        CPU time, µs per frame.
    """
    ears = Ears()
    graph, outbox = build(ears)
    driver = trio.lowlevel.current_task()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(graph.run)
        await wait_all_tasks_blocked()
        began_s = time.process_time()
        for number in range(FRAMES):
            frame = AudioFrame(pcm=SILENCE, at_sample=number * SAMPLES, format=SPEECH_FORMAT)
            ears.pushed = number + 1 if lockstep else FRAMES
            await outbox.send(frame)
            if (lockstep or number == FRAMES - 1) and not ears.have_seen_all:
                ears.driver = driver
                await trio.lowlevel.wait_task_rescheduled(abort)
        took_s = time.process_time() - began_s
        assert ears.vad == ears.stt == FRAMES
        nursery.cancel_scope.cancel()
    return took_s / FRAMES * 1e6


def lockstep_fused() -> bool:
    """At most 10 µs per frame where the detector is a stage of the recogniser's task."""
    return measure("lockstep, fused", 10.0, fused, lockstep=True)


def lockstep_unfused() -> bool:
    """At most 12 µs per frame where detector and recogniser are actors."""
    return measure("lockstep, unfused", 12.0, unfused, lockstep=True)


def lockstep_in_place() -> bool:
    """At most 12 µs per frame where detector and recogniser are actors that are shown each frame by its sender."""
    return measure("lockstep, actors in place", 12.0, in_place, lockstep=True)


def on_asyncio() -> bool:
    """The shape of `unfused` on two asyncio queues, for comparison; no claim."""
    median_us = statistics.median(asyncio.run(drive_queues()) for _ in range(ROUNDS))
    print(f"{'lockstep, asyncio, unfused':<28} {median_us:6.2f} µs a frame")
    print(json.dumps({"bench": "frame_path", "claim": "lockstep, asyncio", "us": median_us, **machine()}))
    return True


async def drive_queues() -> float:
    """CPU time, µs per frame."""
    queues = [asyncio.Queue[AudioFrame](8) for _ in range(2)]
    seen, pushed = [0, 0], 0
    heard: asyncio.Future[None] | None = None

    async def listen(number: int) -> None:
        while True:
            await queues[number].get()
            seen[number] += 1
            if heard is not None and seen[0] == seen[1] == pushed:
                heard.set_result(None)

    async with asyncio.TaskGroup() as group:
        listeners = [group.create_task(listen(number)) for number in range(2)]
        began_s = time.process_time()
        for number in range(FRAMES):
            frame = AudioFrame(pcm=SILENCE, at_sample=number * SAMPLES, format=SPEECH_FORMAT)
            pushed = number + 1
            for queue in queues:
                await queue.put(frame)
            heard = asyncio.get_running_loop().create_future()
            await heard
        took_s = time.process_time() - began_s
        for listener in listeners:
            listener.cancel()
    return took_s / FRAMES * 1e6


def burst() -> bool:
    """Without waiting; no claim."""
    return measure("burst, fused", None, fused, lockstep=False) & measure(
        "burst, unfused", None, unfused, lockstep=False
    )


def slopes() -> bool:
    """What 1, 5, 10 and 20 more stages or actors cost; no claim."""
    for number in (1, 5, 10, 20):
        measure(f"lockstep, {number} more stages", None, with_stages(number), lockstep=True, rounds=3)
        measure(f"lockstep, {number} more actors", None, with_actors(number), lockstep=True, rounds=3)
    return True


def measure(
    claim: str,
    most_us: float | None,
    build: Callable[[Ears], tuple[Graph, Outbox[AudioFrame]]],
    *,
    lockstep: bool,
    rounds: int = ROUNDS,
) -> bool:
    """Print the median of several runs, and whether it is within the claim.

    Args:
        claim: what is measured.
        most_us: the claim, µs per frame, if there is one.
        build: makes the graph.
        lockstep: whether each frame waits until the last was seen.
        rounds: how many runs.
    """
    runs_us = [run(partial(drive, build, lockstep=lockstep)) for _ in range(rounds)]
    median_us = statistics.median(runs_us)
    holds = most_us is None or median_us <= most_us
    verdict = "" if most_us is None else f" of {most_us:4.1f}  {'ok' if holds else 'NOT MET'}"
    print(f"{claim:<28} {median_us:6.2f} µs a frame{verdict}")
    print(json.dumps({"bench": "frame_path", "claim": claim, "us": median_us, "runs_us": runs_us, **machine()}))
    return holds


def machine() -> dict[str, str]:
    """What the numbers depend on."""
    return {"machine": platform.machine(), "python": platform.python_version(), "trio": trio.__version__}


def main() -> int:
    """All claims.

    Returns:
        0 if each holds.
    """
    claims = [lockstep_fused, lockstep_unfused, lockstep_in_place, on_asyncio, burst, slopes]
    return 0 if all([claim() for claim in claims]) else 1


if __name__ == "__main__":
    sys.exit(main())
