"""The echo guard: what is quieter than a set part of the agent's sound is no speech, while it may come back."""

from __future__ import annotations

import contextlib
import math
from array import array
from collections.abc import AsyncGenerator

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
import trio

from trialogue.actors import EchoGuard, EchoReference, VadSettings
from trialogue.agents.testing import FakeVad
from trialogue.engine import ConfigurationError, SharedSpeechDetector
from trialogue.engine.testing import check_voice_activity_detector
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame

HOP = 320
HOP_S = 0.02


def level(value: int, samples: int = HOP) -> bytes:
    """Sound of one level."""
    return array("h", [value] * samples).tobytes()


def played(value: int, format: AudioFormat = SPEECH_FORMAT) -> AudioFrame:
    """A frame of the agent's."""
    return AudioFrame(pcm=level(value), at_sample=0, format=format)


async def heard(reference: EchoReference, hops: list[int], echo_db: float = -14.0) -> list[float]:
    """What the guarded detector says to sounds of these levels, one after another."""
    async with EchoGuard(FakeVad(), reference, VadSettings(echo_db=echo_db)).open() as ear:
        return [ear.probability(level(value)) for value in hops]


async def test_the_echo_is_no_speech_and_the_user_is() -> None:
    reference = EchoReference()
    assert reference.note(played(10_000)) == played(10_000)
    assert await heard(reference, [1000, 1990, 2000, -1000, -2000]) == [0.0, 0.0, 1.0, 0.0, 1.0]


async def test_an_agent_that_is_silent_hides_nobody() -> None:
    assert await heard(EchoReference(), [1, 1000]) == [1.0, 1.0]


async def test_the_echo_is_expected_for_its_way_and_no_longer() -> None:
    reference = EchoReference(latency_s=0.2)
    reference.note(played(10_000))
    found = await heard(reference, [1000] * 40)
    assert found.index(1.0) * HOP_S == pytest.approx(0.2 + 0.4, abs=1.5 * HOP_S)
    assert set(found[found.index(1.0) :]) == {1.0}


async def test_the_loudest_of_what_may_come_back_counts() -> None:
    reference = EchoReference()
    for value in (10_000, 100, -100, 0):
        reference.note(played(value, AudioFormat(rate_hz=48_000)))
    assert reference.loudest == 10_000
    assert await heard(reference, [1000]) == [0.0]


@pytest.mark.parametrize(("echo_db", "expected"), [(-math.inf, 1.0), (-40.0, 1.0), (0.0, 0.0)])
async def test_it_can_be_set(echo_db: float, expected: float) -> None:
    reference = EchoReference()
    reference.note(played(10_000))
    assert await heard(reference, [1000], echo_db) == [expected]


@attrs.frozen
class Unsure:
    """A detector that gives the same probability to all sound, alone or together with others."""

    always: float
    is_crowded: bool = True
    rate_hz: int = SPEECH_FORMAT.rate_hz
    hop_samples: int = HOP
    cost_s: float = 0.0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Unsure, None]:
        yield self

    def probability(self, hop: bytes) -> float:
        return self.always

    async def probability_together(self, hop: bytes) -> float:
        await trio.lowlevel.checkpoint()
        return self.always

    def reset(self) -> None:
        """Nothing is kept."""


@pytest.mark.parametrize(("probability", "expected"), [(0.2, 0.2), (0.34, 0.34), (0.35, 0.0), (0.9, 0.0)])
async def test_only_what_might_count_as_speech_is_doubted(probability: float, expected: float) -> None:
    reference = EchoReference()
    reference.note(played(10_000))
    async with EchoGuard(Unsure(probability), reference, VadSettings(stop_probability=0.35)).open() as ear:
        assert ear.probability(level(1000)) == expected
        assert isinstance(ear, SharedSpeechDetector)
        assert ear.is_crowded
        assert await ear.probability_together(level(1000)) == expected


def test_louder_than_the_agent_is_no_echo() -> None:
    with pytest.raises(ConfigurationError, match="echo_db of 0 or less, not 3"):
        VadSettings(echo_db=3.0)


async def test_a_guarded_detector_keeps_the_contract() -> None:
    def make() -> EchoGuard:
        return EchoGuard(FakeVad(), EchoReference(), VadSettings())

    await check_voice_activity_detector(make, speech=level(1, 16_000))


@hypothesis.example(sound=[20_000] * HOP, delay=19)  # at the very end of what may be on its way
@hypothesis.given(sound=st.lists(st.integers(-32_768, 32_767), min_size=HOP, max_size=HOP), delay=st.integers(0, 19))
async def test_no_echo_at_20_db_below_is_ever_speech(sound: list[int], delay: int) -> None:
    reference = EchoReference()
    reference.note(AudioFrame(pcm=array("h", sound).tobytes(), at_sample=0, format=SPEECH_FORMAT))
    echo = array("h", [round(sample * 0.1) for sample in sound])
    hops = [bytes(2 * HOP)] * delay + [echo.tobytes()]
    async with EchoGuard(FakeVad(), reference, VadSettings()).open() as ear:
        # A sample of 4 is rounded to 0 and one of 5 is not: so quiet nobody speaks.
        assert [ear.probability(hop) for hop in hops][-1] < 0.5 or max(map(abs, sound)) < 10
