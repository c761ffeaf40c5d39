"""A recogniser that takes sound at once is told it by the microphone's task, in the same order and as completely."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import AsyncGenerator
from functools import partial
from typing import TYPE_CHECKING

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from trialogue.actors import Hearing, SttSettings, stt
from trialogue.engine import Channel, Graph, ProviderError, QuickRecognitionStream, RestartPolicy, merge
from trialogue.frames import SPEECH_FORMAT, AudioFrame, SpeechEdge, SpeechEnded, SpeechStarted, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable

Heard = AudioFrame | SpeechEdge


def frame(number: int) -> AudioFrame:
    return AudioFrame(pcm=bytes(640), at_sample=number * 320, format=SPEECH_FORMAT)


def edge(kind: Callable[..., SpeechEdge], number: int) -> SpeechEdge:
    return kind(at_sample=number * 320, at_s=number / 50, detected_s=number / 50)


@attrs.define(kw_only=True, eq=False)
class Recogniser:
    """Takes frames at once or leaves them, by turns of a script, and dies of some."""

    takes: deque[bool]
    dies_of: set[int] = attrs.Factory(set)
    told: list[Heard] = attrs.Factory(list)
    tasks: set[str] = attrs.Factory(set)
    rate_hz: int = SPEECH_FORMAT.rate_hz

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[QuickRecognitionStream, None]:
        yield self

    def hear(self, frame: AudioFrame) -> bool:
        if frame.at_sample in self.dies_of:
            self.dies_of.remove(frame.at_sample)
            raise ProviderError("as the script says", retryable=True)
        taken = self.takes.popleft() if self.takes else True
        if taken:
            self.note(frame)
        return taken

    async def send(self, item: Heard) -> None:
        await trio.lowlevel.checkpoint()
        self.note(item)

    async def receive(self) -> Transcript:
        await trio.sleep_forever()
        raise AssertionError

    def note(self, item: Heard) -> None:
        self.told.append(item)
        self.tasks.add(trio.lowlevel.current_task().name)


@attrs.define(eq=False)
class Ear:
    """The actor with a recogniser, and the channels into it."""

    recogniser: Recogniser
    speech: Channel[AudioFrame] = attrs.Factory(lambda: Channel("speech", seconds=15.0, overflow="drop oldest"))
    edges: Channel[SpeechEdge] = attrs.Factory(lambda: Channel("edges", capacity=8))
    words: Channel[Transcript] = attrs.Factory(lambda: Channel("words", capacity=8))

    def graph(self) -> Graph:
        graph = Graph("ear")
        heard = merge(self.speech.inbox, self.edges.inbox)
        hearing = Hearing(SttSettings())
        node = graph.add(stt, heard, self.words.outbox, recogniser=self.recogniser, hearing=hearing)
        graph.supervise(node, RestartPolicy(restart="on failure", backoff_s=0.01))
        graph.outside(self.speech.outbox, self.edges.outbox, self.words.inbox)
        return graph

    def say(self, item: Heard) -> None:
        if isinstance(item, AudioFrame):
            self.speech.outbox.send_nowait(item)
        else:
            self.edges.outbox.send_nowait(item)


SAID: list[Heard] = [
    edge(SpeechStarted, 0),
    *map(frame, range(20)),
    edge(SpeechEnded, 18),
    edge(SpeechStarted, 30),
    *map(frame, range(30, 40)),
    edge(SpeechEnded, 38),
]


async def test_sound_is_taken_in_the_task_that_brings_it(nursery: trio.Nursery) -> None:
    ear = Ear(Recogniser(takes=deque()))
    nursery.start_soon(ear.graph().run)
    await wait_all_tasks_blocked()
    ear.say(SAID[0])
    await wait_all_tasks_blocked()
    ear.recogniser.tasks.clear()
    for item in SAID[1:21]:
        ear.say(item)
        assert ear.recogniser.told[-1] is item
    assert ear.recogniser.tasks == {trio.lowlevel.current_task().name}
    nursery.cancel_scope.cancel()


@hypothesis.given(takes=st.lists(st.booleans(), max_size=30), pauses=st.sets(st.integers(0, 33), max_size=34))
async def test_whatever_it_takes_it_is_told_all_in_order(takes: list[bool], pauses: set[int]) -> None:
    ear = Ear(Recogniser(takes=deque(takes)))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ear.graph().run)
        await wait_all_tasks_blocked()
        for number, item in enumerate(SAID):
            ear.say(item)
            if number in pauses:
                await wait_all_tasks_blocked()
        await wait_all_tasks_blocked()
        assert ear.recogniser.told == SAID
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("dies_of", [0, 7, 19])
async def test_one_that_dies_while_it_hears_is_replaced_and_no_sound_is_lost(
    dies_of: int, autojump_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    ear = Ear(Recogniser(takes=deque(), dies_of={dies_of * 320}))
    nursery.start_soon(partial(ear.graph().run, report=lambda fault: faults.append(fault.decision)))
    faults: list[str] = []
    for item in SAID[:21]:
        await trio.sleep(0.02)
        ear.say(item)  # nothing is raised here
    await trio.sleep(0.1)
    assert faults == ["restart"]
    begun_anew = len(ear.recogniser.told) - 21
    assert ear.recogniser.told[begun_anew:] == SAID[:21]
    nursery.cancel_scope.cancel()
