"""Models that fail in mid-speech are replaced, and nobody hears or reads a difference but for the one event.

A recogniser fails at every third frame; with HYPOTHESIS_PROFILE=thorough at every one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unbreakable.frame_stt import FrameStt
from tests.unbreakable.scenario import MemorySink, Scenario
from trialogue.agents import ActorFailed, SessionEnded, SpeechIgnored, UserSaid, UserTurnEnded
from trialogue.agents.testing import FakeCall, FakeVad, Line
from trialogue.engine import ProviderError

if TYPE_CHECKING:
    from trialogue.engine import SpeechDetector
    from trialogue.frames import AudioFrame

pytestmark = pytest.mark.integration

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"

RETRYABLE = ProviderError("the vendor closed the stream", retryable=True)


def final_words(scenario: Scenario) -> list[str]:
    """What was understood in the end, each utterance once."""
    return list(dict.fromkeys(event.text for event in scenario.of(UserSaid) if event.final))


@pytest.fixture(scope="module")
def meant() -> Scenario:
    """The unbroken conversation."""
    return Scenario().hold()


def test_a_recogniser_that_fails_at_any_frame_is_replaced_by_one_that_hears_all_of_it(meant: Scenario) -> None:
    stt = meant.stt
    assert isinstance(stt, FrameStt)
    numbers = range(1, stt.told + 1, 1 if THOROUGH else 3)
    for number in numbers:
        error = RETRYABLE if number % 2 else RuntimeError("not one of ours")
        broken = Scenario(stt=FrameStt(fails_at=frozenset([number]), error=error)).hold()
        broken.check_nothing_is_left()
        assert final_words(broken) == final_words(meant), f"failed at {number}"
        assert broken.remembered_of_user() == meant.remembered_of_user()
        (fault,) = broken.faults
        assert isinstance(fault, ActorFailed)
        assert (fault.actor, fault.decision, fault.delay_s) == ("stt", "restart", 0.1)
    print(f"\nrecognisers killed: {len(numbers)} of {stt.told}")


def test_a_recogniser_that_fails_instead_of_telling_is_replaced_and_says_it_again(meant: Scenario) -> None:
    stt = meant.stt
    assert isinstance(stt, FrameStt)
    for number in range(1, stt.transcripts + 1):
        broken = Scenario(stt=FrameStt(fails_to_tell=frozenset([number]))).hold()
        broken.check_nothing_is_left()
        assert final_words(broken) == final_words(meant), f"failed to tell {number}"
        assert broken.remembered_of_user() == meant.remembered_of_user()
        assert len(broken.faults) == 1


@settings(max_examples=20)  # whole conversations
@given(st.frozensets(st.integers(1, 90), max_size=4), st.frozensets(st.integers(1, 20), max_size=2))
def test_failing_again_and_again_ends_neither_words_nor_the_call_within_the_budget(
    meant: Scenario, frames: frozenset[int], transcripts: frozenset[int]
) -> None:
    broken = Scenario(stt=FrameStt(fails_at=frames, fails_to_tell=transcripts)).hold()
    broken.check_nothing_is_left()
    ended = broken.of(SessionEnded)[0].reason
    if len(broken.faults) > 5:  # the budget of restarts
        assert "the actor stt failed" in ended
        return
    assert set(final_words(broken)) >= set(final_words(meant)[:1])
    assert [fault.decision for fault in broken.faults if isinstance(fault, ActorFailed)] == ["restart"] * len(
        broken.faults
    )
    assert ended == "the user has gone"


def test_a_recogniser_that_cannot_be_replaced_ends_the_call_and_says_why() -> None:
    scenario = Scenario(stt=FrameStt(fails_at=frozenset(range(1, 1000)))).hold()
    scenario.check_nothing_is_left()
    assert [fault.decision for fault in scenario.faults if isinstance(fault, ActorFailed)] == [
        *["restart"] * 5,
        "escalate",
    ]
    assert [fault.delay_s for fault in scenario.faults if isinstance(fault, ActorFailed)] == [
        pytest.approx(delay_s) for delay_s in (0.1, 0.2, 0.4, 0.8, 1.6, 0.0)
    ]
    assert scenario.of(SessionEnded)[0].reason == "the actor stt failed: RuntimeError: the recogniser broke"
    assert [str(error) for error in scenario.errors] == ["the recogniser broke"]


def test_what_cannot_be_helped_by_trying_again_is_not_tried_again() -> None:
    missing = ProviderError("the model is not installed: pip install it")
    scenario = Scenario(stt=FrameStt(fails_at=frozenset([1]), error=missing)).hold()
    (fault,) = scenario.faults
    assert isinstance(fault, ActorFailed)
    assert fault.decision == "escalate"
    assert scenario.errors == [missing]


def test_a_recogniser_that_has_gone_deaf_is_replaced_in_time_for_the_answer(meant: Scenario) -> None:
    stt = meant.stt
    assert isinstance(stt, FrameStt)
    first_utterance = 1 + 34 + 1  # its edges, and its frames with those until the detector was sure
    call = FakeCall(lines=[Line(at_s=0.1, for_s=0.3), Line(at_s=5.0, for_s=0.4)], hangs_up_s=8.0)
    scenario = Scenario(stt=FrameStt(deaf_until=first_utterance + 1), call=call).hold()
    scenario.check_nothing_is_left()
    (fault,) = scenario.faults
    assert isinstance(fault, ActorFailed)
    assert "said nothing for 2 s after the end of an utterance" in fault.cause
    first, second = scenario.of(UserTurnEnded)
    assert first.text == meant.of(UserTurnEnded)[0].text
    assert first.at_s <= first.speech_ended_s + 3.0
    assert second.at_s == pytest.approx(second.speech_ended_s + 0.5)


def test_a_recogniser_that_says_nothing_of_noise_is_replaced_once_and_the_call_goes_on() -> None:
    lines = [Line(at_s=4.0 * number, for_s=0.3) for number in range(10)]
    scenario = Scenario(stt=FrameStt(deaf_until=10_000), call=FakeCall(lines=lines, hangs_up_s=40)).hold()
    scenario.check_nothing_is_left()
    assert len(scenario.faults) == 1
    assert len(scenario.of(SpeechIgnored)) == 10
    assert scenario.of(SessionEnded)[0].reason == "the user has gone"


@attrs.define(kw_only=True, eq=False)
class BrokenDetector:
    """Fails at some looks, or says that they are no number."""

    fails_at: frozenset[int]
    nan: bool
    looks: int = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SpeechDetector, None]:
        """One for a session."""
        async with FakeVad().open() as inner:
            yield _Looks(self, inner)


class _Looks:
    """A detector around another."""

    def __init__(self, owner: BrokenDetector, inner: SpeechDetector) -> None:
        self._owner, self._inner = owner, inner
        self.rate_hz, self.hop_samples, self.cost_s = inner.rate_hz, inner.hop_samples, inner.cost_s

    def probability(self, hop: bytes) -> float:
        """As the inner one says, but for the broken looks."""
        self._owner.looks += 1
        if self._owner.looks in self._owner.fails_at:
            if self._owner.nan:
                return float("nan")
            raise ZeroDivisionError("the detector broke")
        return self._inner.probability(hop)

    def reset(self) -> None:
        """Pass it on."""
        self._inner.reset()


@pytest.mark.parametrize("nan", [False, True])
def test_a_detector_that_fails_at_any_frame_is_replaced_in_mid_speech(nan: bool) -> None:
    for look in range(1, 220, 7 if nan else 5):
        broken = Scenario(vad=BrokenDetector(fails_at=frozenset([look]), nan=nan)).hold()
        broken.check_nothing_is_left()
        first, second = ([int(word[1:]) for word in turn.text.split()] for turn in broken.of(UserTurnEnded))
        for heard, speech in (first, range(5, 20)), (second, range(100, 120)):
            assert heard == list(range(heard[0], heard[-1] + 1)), f"a gap, or something twice; failed at {look}"
            assert set(heard) >= set(speech), f"failed at {look}"
        (fault,) = broken.faults
        assert ("NaN" if nan else "ZeroDivisionError") in fault_cause(fault)


def fault_cause(fault: object) -> str:
    """Why."""
    assert isinstance(fault, ActorFailed)
    return fault.cause


@attrs.define
class FullDisk(MemorySink):
    """A sink that takes so many frames and no more."""

    room: int = 0

    def write(self, frame: AudioFrame) -> None:
        """Keep it, if there is room."""
        if len(self.frames) >= self.room:
            raise OSError(28, "No space left on device")
        self.frames.append(frame)


@pytest.mark.parametrize("room", [0, 1, 2, 5])
def test_a_full_disk_ends_the_recording_and_not_the_call(meant: Scenario, room: int) -> None:
    sink = FullDisk(room=room)
    scenario = Scenario(recording=sink).hold()
    scenario.check_nothing_is_left()
    (fault,) = scenario.faults
    assert isinstance(fault, ActorFailed)
    assert (fault.actor, fault.decision) == ("recorder", "go on without it")
    assert "No space left on device" in fault.cause
    assert scenario.history == meant.history
    assert sink.closed == 1
