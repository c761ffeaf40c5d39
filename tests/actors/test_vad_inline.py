"""A detector that costs little is run by the microphone's task; the actor wakes only for what has to wait."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import AsyncGenerator
from functools import partial
from typing import TYPE_CHECKING

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from trialogue.actors import VadSettings, vad
from trialogue.agents.testing import FakeVad
from trialogue.engine import Channel, ProviderError, SharedSpeechDetector, SpeechDetector
from trialogue.frames import SPEECH_FORMAT, AudioFrame, SpeechEdge, SpeechEnded, SpeechStarted

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTINGS = VadSettings(min_speech_s=0.0, min_silence_s=0.0, pre_roll_s=0.0)


class Steps(trio.abc.Instrument):
    """Counts the steps of each task."""

    def __init__(self) -> None:
        self.by_name: Counter[str] = Counter()

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self.by_name[task.name] += 1


def frames(loud: Sequence[bool], start: int = 0) -> list[AudioFrame]:
    return [
        AudioFrame(pcm=(b"\1\0" if is_loud else bytes(2)) * 320, at_sample=number * 320, format=SPEECH_FORMAT)
        for number, is_loud in enumerate(loud, start)
    ]


async def test_silence_and_speech_wake_only_who_understands(nursery: trio.Nursery) -> None:
    sound = Channel[AudioFrame]("sound", seconds=2.0, overflow="drop oldest")
    speech = Channel[AudioFrame]("speech", seconds=2.0, overflow="drop oldest")
    edges = Channel[SpeechEdge]("edges", capacity=8)
    heard = Channel[float]("heard", overflow="latest")
    detector = FakeVad()
    nursery.start_soon(
        partial(
            vad,
            sound.inbox,
            edges.outbox,
            speech.outbox,
            detector=detector,
            settings=SETTINGS,
            heard_out=heard.outbox,
        ),
        name="ear",
    )
    await wait_all_tasks_blocked()
    steps = Steps()
    trio.lowlevel.add_instrument(steps)
    said = frames([False] * 40 + [True] * 40 + [False] * 40)
    for frame in said:
        sound.outbox.send_nowait(frame)
    assert detector.hops == 120
    await wait_all_tasks_blocked()
    trio.lowlevel.remove_instrument(steps)
    assert steps.by_name["ear"] == 0
    assert [type(edges.inbox.receive_nowait()) for _ in range(2)] == [SpeechStarted, SpeechEnded]
    assert [speech.inbox.receive_nowait() for _ in range(speech.statistics().depth)] == said[40:80]
    assert heard.inbox.receive_nowait() == pytest.approx(2.4)
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("cost_s", [0.0, 0.01])
async def test_where_there_is_no_room_for_news_it_waits_and_loses_none(nursery: trio.Nursery, cost_s: float) -> None:
    sound = Channel[AudioFrame]("sound", capacity=100)
    speech = Channel[AudioFrame]("speech", capacity=1)
    edges = Channel[SpeechEdge]("edges", capacity=1)
    said = frames([number % 4 == 1 for number in range(60)])
    nursery.start_soon(
        partial(
            vad, sound.inbox, edges.outbox, speech.outbox, detector=FakeVad(cost_s=cost_s, hop_samples=80),
            settings=SETTINGS,
        )
    )  # fmt: skip
    await wait_all_tasks_blocked()
    for frame in said:
        await sound.outbox.send(frame)
    sound.outbox.close()
    found: list[SpeechEdge] = []
    understood: list[AudioFrame] = []
    async with trio.open_nursery() as readers:

        async def read_edges() -> None:
            while len(found) < 30:
                found.append(await edges.inbox.receive())

        async def read_speech() -> None:
            while len(understood) < 15:
                understood.append(await speech.inbox.receive())

        readers.start_soon(read_edges)
        readers.start_soon(read_speech)
    assert [edge.at_sample // 320 for edge in found] == [
        at for number in range(15) for at in (4 * number + 1, 4 * number + 2)
    ]
    assert understood == said[1::4]
    nursery.cancel_scope.cancel()


async def test_only_the_newest_sound_waits_for_that_of_others(nursery: trio.Nursery) -> None:
    sound, edges = Channel[AudioFrame]("sound", capacity=100), Channel[SpeechEdge]("edges", capacity=8)
    ear = InCompany()
    nursery.start_soon(partial(vad, sound.inbox, edges.outbox, detector=ear, settings=SETTINGS))
    await wait_all_tasks_blocked()
    sound.outbox.send_nowait(AudioFrame(pcm=bytes(2 * 3 * 320), at_sample=0, format=SPEECH_FORMAT))
    await wait_all_tasks_blocked()
    ear.is_crowded = False
    sound.outbox.send_nowait(AudioFrame(pcm=bytes(2 * 320), at_sample=3 * 320, format=SPEECH_FORMAT))
    assert ear.asked == ["alone", "alone", "together", "alone"]
    nursery.cancel_scope.cancel()


class InCompany:
    """Notes how it is asked."""

    rate_hz, hop_samples, cost_s = 16_000, 320, 0.0

    def __init__(self) -> None:
        self.is_crowded = True
        self.asked: list[str] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SharedSpeechDetector, None]:
        yield self

    def probability(self, hop: bytes) -> float:
        self.asked.append("alone")
        return 0.0

    async def probability_together(self, hop: bytes) -> float:
        await trio.lowlevel.checkpoint()
        self.asked.append("together")
        return 0.0

    def reset(self) -> None:
        pass


async def test_what_breaks_in_the_detector_breaks_the_ear_and_not_the_microphone() -> None:
    sound, edges = Channel[AudioFrame]("sound", capacity=100), Channel[SpeechEdge]("edges", capacity=8)
    failed = trio.Event()

    async def listen() -> None:
        with pytest.raises(ProviderError, match="NaN"):
            await vad(sound.inbox, edges.outbox, detector=Unsure(), settings=SETTINGS)
        failed.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)
        await wait_all_tasks_blocked()
        for frame in frames([True] * 3):
            sound.outbox.send_nowait(frame)
        await failed.wait()
    assert sound.statistics().depth == 2  # for the next attempt


class Unsure:
    """Gives no probability."""

    rate_hz, hop_samples, cost_s = 16_000, 320, 0.0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SpeechDetector, None]:
        yield self

    def probability(self, hop: bytes) -> float:
        del hop
        return math.nan

    def reset(self) -> None:
        pass
