"""The actor of a turn detector that listens."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import attrs
import pytest

from trialogue.actors import TurnJudged, turn_detector
from trialogue.engine import Channel, Graph, ProviderError, TurnJudge, TurnSoFar, VirtualTime, run
from trialogue.frames import SPEECH_FORMAT, AudioFrame, SpeechEnded, SpeechStarted

if TYPE_CHECKING:
    from collections.abc import Iterable

Heard = AudioFrame | SpeechStarted | SpeechEnded


@attrs.define(kw_only=True)
class Listener:
    """Says what it was told to say, and keeps what it heard."""

    says: float
    wants_audio_s: float = 8.0
    cost_s: float = 0.05
    heard: list[TurnSoFar] = attrs.Factory(list)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[TurnJudge, None]:
        """One session's judge: itself."""
        yield self

    def probability(self, turn: TurnSoFar) -> float:
        """As told."""
        self.heard.append(turn)
        return self.says


def sound(at_s: float, value: int) -> AudioFrame:
    """A second of sound."""
    return AudioFrame(pcm=bytes([value]) * 32_000, at_sample=round(at_s * 16_000), format=SPEECH_FORMAT)


def ended(at_s: float) -> SpeechEnded:
    """The user falls silent."""
    return SpeechEnded(at_sample=round(at_s * 16_000), at_s=at_s, detected_s=at_s + 0.3)


def judged(listener: Listener, heard: Iterable[Heard]) -> list[TurnJudged]:
    """What comes out, in virtual time."""

    async def listen() -> list[TurnJudged]:
        inbox = Channel[Heard]("heard", capacity=50)
        out = Channel[TurnJudged]("judgements", capacity=50)
        graph = Graph("test")
        graph.add(turn_detector, inbox.inbox, out.outbox, detector=listener, language="de")
        graph.outside(inbox.outbox, out.inbox)
        for item in heard:
            inbox.outbox.send_nowait(item)
        inbox.outbox.close()
        await graph.run()
        return [item async for item in out.inbox]

    return run(listen, virtual=VirtualTime(seed=1))


@pytest.mark.parametrize("cost_s", [0.0, 0.05])
def test_each_end_of_speech_is_judged_by_the_last_sound(cost_s: float) -> None:
    listener = Listener(says=0.25, wants_audio_s=2.0, cost_s=cost_s)
    begun = SpeechStarted(at_sample=0, at_s=0.0, detected_s=0.1)
    told = judged(listener, [begun, sound(0, 1), sound(1, 2), sound(2, 3), ended(2.5), sound(3, 4), ended(3.5)])
    assert told == [
        TurnJudged(speech_ended_s=2.5, probability=0.25),
        TurnJudged(speech_ended_s=3.5, probability=0.25),
    ]
    assert [(turn.language, turn.pcm[0], turn.pcm[-1], len(turn.pcm)) for turn in listener.heard] == [
        ("de", 2, 3, 64_000),
        ("de", 3, 4, 64_000),
    ]


def test_one_that_wants_no_sound_gets_none() -> None:
    listener = Listener(says=1.0, wants_audio_s=0.0)
    assert judged(listener, [sound(0, 1), ended(0.5)]) == [TurnJudged(speech_ended_s=0.5, probability=1.0)]
    assert listener.heard == [TurnSoFar(text="", language="de")]


@pytest.mark.parametrize("says", [math.nan, -0.1, 1.1])
def test_what_is_no_probability_is_refused(says: float) -> None:
    with pytest.RaisesGroup(
        pytest.RaisesExc(ProviderError, match="for a probability"), allow_unwrapped=True, flatten_subgroups=True
    ):
        judged(Listener(says=says), [ended(0.5)])
