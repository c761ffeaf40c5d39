"""What each fault of a user's code or of a transport leads to: one event, and what policy says."""

from __future__ import annotations

import json
import math
import threading
from array import array
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import attrs
import pytest
import trio

from tests.unbreakable.scenario import Helper, Scenario, two_turns
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentStoppedSpeaking,
    Event,
    Session,
    SessionEnded,
    SessionSettings,
    ToolFinished,
    UserCameBack,
    UserTurnEnded,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, Line
from trialogue.engine import AudioError, Outbox, TransportBroken
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, ToolCall

if TYPE_CHECKING:
    from trialogue.engine import Inbox


def fault_of(scenario: Scenario, actor: str, decision: str) -> ActorFailed:
    """The one fault, which is this actor's."""
    (fault,) = scenario.faults
    assert isinstance(fault, ActorFailed)
    assert (fault.actor, fault.decision) == (actor, decision)
    return fault


# -- hooks and observers


class Clumsy(Agent):
    """Fails when it enters."""

    async def on_enter(self, session: Session) -> None:
        """Fail, after a word."""
        session.say("Hi.")
        await trio.sleep(0.01)
        raise KeyError("greeting")


def test_a_call_goes_on_without_on_enter() -> None:
    scenario = Scenario(agent=Clumsy(instructions="")).hold()
    scenario.check_nothing_is_left()
    assert fault_of(scenario, "on_enter", "go on without it").cause == "KeyError: 'greeting'"
    assert len(scenario.of(UserTurnEnded)) == 2
    assert scenario.of(SessionEnded)[0].reason == "the user has gone"


@pytest.mark.parametrize("at", [*range(1, 25), None])
def test_a_call_goes_on_without_an_observer_that_raises(at: int | None) -> None:
    seen: list[Event] = []

    def clumsy(event: Event) -> None:
        seen.append(event)
        if len(seen) == at or (at is None and isinstance(event, SessionEnded)):
            raise IndexError("in a dashboard")

    scenario = Scenario(observers=(clumsy,)).hold()
    scenario.check_nothing_is_left()
    if at is None:
        assert scenario.faults == []  # there is nobody to tell any more but the log
        return
    assert len(seen) == at
    fault = fault_of(scenario, f"observer {clumsy.__qualname__}", "go on without it")
    assert fault.cause == "IndexError: in a dashboard"
    assert len(scenario.of(UserTurnEnded)) == 2


def test_a_listener_that_is_too_slow_misses_the_oldest_and_is_told_how_many() -> None:
    counted: list[int] = []

    async def do(session: Session) -> None:
        async with session.events() as stream:
            async for _ in stream:
                for number in range(1500):
                    session._emit(UserCameBack(at_s=float(number)))
                session.end("enough")
                break
            missed = stream.statistics()
            counted.extend([missed.dropped, missed.depth])
            assert [event async for event in stream][-1] == SessionEnded(at_s=session.now_s, reason="enough")

    scenario = Scenario(do=do).hold()
    dropped, waiting = counted
    assert waiting == 1024
    assert dropped > 400
    assert scenario.errors == []


# -- tools


async def _never() -> None:
    await trio.sleep_forever()


async def _raises() -> None:
    await trio.lowlevel.checkpoint()
    raise LookupError("no such table")


async def _circular() -> object:
    await trio.lowlevel.checkpoint()
    around: list[object] = []
    around.append(around)
    return around


async def _odd_keys() -> object:
    await trio.lowlevel.checkpoint()
    return {(1, 2): "a tuple as key"}


async def _group() -> None:
    async with trio.open_nursery() as nursery:  # noqa: ASYNC112  # its exception group is the point
        nursery.start_soon(_raises)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (_never, "the tool has given no answer for 5 s and was stopped"),
        (_raises, "the tool failed: LookupError: no such table"),
        (_circular, "the tool failed: ValueError: Circular reference detected"),
        (_odd_keys, "the tool failed: TypeError: keys must be str"),
        (_group, "the tool failed: ExceptionGroup"),
    ],
)
def test_a_tool_that_fails_is_told_to_the_model_and_the_call_goes_on(
    function: Callable[[], Awaitable[object]], says: str
) -> None:
    async def book() -> object:
        """Book a table."""
        return await function()

    asked = ToolCall(call_id="1", name="book", arguments="{}")
    scenario = Scenario(
        agent=Helper(instructions="", tools=[tool(book)]),
        llm=FakeLlm(answers=[Answer([asked]), "That did not work.", "Well."]),
        settings=SessionSettings(tool_s=5.0),
        call=FakeCall(lines=[Line(at_s=0.1, for_s=0.3), Line(at_s=9.0, for_s=0.3)], hangs_up_s=12.0),
    ).hold()
    scenario.check_nothing_is_left()
    (finished,) = scenario.of(ToolFinished)
    assert finished.is_error
    assert json.loads(finished.output)["error"].startswith(says)
    assert [event.heard for event in scenario.of(AgentStoppedSpeaking)] == ["Hi.", "That did not work.", "Well."]
    assert scenario.faults == []


def test_the_user_is_answered_while_a_tool_never_returns() -> None:
    @tool
    async def book() -> None:
        """Book a table."""
        await _never()

    asked = ToolCall(call_id="1", name="book", arguments="{}")
    scenario = Scenario(
        agent=Helper(instructions="", tools=[book]), llm=FakeLlm(answers=[Answer([asked]), "Still at it."])
    ).hold()
    scenario.check_nothing_is_left()
    assert scenario.of(AgentStoppedSpeaking)[-1].heard == "Still at it."


# -- transports


@attrs.define(kw_only=True, eq=False)
class OddCall(FakeCall):
    """A transport whose frames are changed on their way.

    Args:
        change: what is sent for the frame with this number.
        speaker_ends_s: when the speaker returns or, with `speaker_error`, raises.
    """

    change: Callable[[int, AudioFrame], list[AudioFrame]] = lambda _, frame: [frame]
    speaker_ends_s: float = math.inf
    speaker_error: Exception | None = None

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """As the script says, changed."""
        await super().microphone(_Changing(audio_out, self.change))

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        """As the script says, until it ends."""
        with trio.move_on_after(self.speaker_ends_s):
            await super().speaker(audio_in)
        if self.speaker_error is not None:
            raise self.speaker_error


class _Changing(Outbox[AudioFrame]):
    """An outbox that changes what goes through it."""

    __slots__ = ("_change", "_inner", "_number")

    def __init__(self, inner: Outbox[AudioFrame], change: Callable[[int, AudioFrame], list[AudioFrame]]) -> None:
        super().__init__(*inner.pipes)
        self._inner, self._change, self._number = inner, change, 0

    async def send(self, item: AudioFrame) -> None:
        """Change it, and send it."""
        self._number += 1
        for frame in self._change(self._number, item):
            await self._inner.send(frame)


def odd_call(change: Callable[[int, AudioFrame], list[AudioFrame]], format: AudioFormat = SPEECH_FORMAT) -> OddCall:
    """The usual two turns over it."""
    usual = two_turns()
    return OddCall(lines=usual.lines, hangs_up_s=usual.hangs_up_s, change=change, microphone_format=format)


def test_empty_frames_change_nothing() -> None:
    def change(number: int, frame: AudioFrame) -> list[AudioFrame]:
        del number
        return [
            attrs.evolve(frame, pcm=b""),
            frame,
            AudioFrame(pcm=b"", at_sample=frame.end_sample, format=frame.format),
        ]

    scenario = Scenario(call=odd_call(change)).hold()
    scenario.check_nothing_is_left()
    assert scenario.faults == []
    assert len(scenario.of(UserTurnEnded)) == 2


@pytest.mark.parametrize("at", [10, 30, 110, 150])
def test_a_frame_that_overlaps_is_one_fault_and_the_call_goes_on(at: int) -> None:
    def change(number: int, frame: AudioFrame) -> list[AudioFrame]:
        return [attrs.evolve(frame, at_sample=frame.at_sample - 160)] if number == at else [frame]

    scenario = Scenario(call=odd_call(change)).hold()
    scenario.check_nothing_is_left()
    assert "lies before sample" in fault_of(scenario, "vad", "restart").cause
    assert len(scenario.of(UserTurnEnded)) == 2


def test_a_transport_that_lies_about_its_rate_ends_the_call_with_both_formats_in_the_message() -> None:
    def change(number: int, frame: AudioFrame) -> list[AudioFrame]:
        del number
        return [attrs.evolve(frame, format=AudioFormat(rate_hz=8_000))]

    scenario = Scenario(call=odd_call(change)).hold()
    scenario.check_nothing_is_left()
    (error,) = scenario.errors
    assert isinstance(error, AudioError)
    assert "rate_hz=8000" in str(error)
    assert "rate_hz=16000" in str(error)
    assert scenario.of(SessionEnded)[0].at_s <= 5.0


FLOATS = AudioFormat(rate_hz=16_000, dtype="float32")


def as_floats(frame: AudioFrame, first: float | None = None) -> AudioFrame:
    """The frame as a float transport gives it."""
    samples = array("f", [value / 32768 for value in array("h", frame.pcm)])
    if first is not None:
        samples[0] = first
    return AudioFrame(pcm=samples.tobytes(), at_sample=frame.at_sample, format=FLOATS)


class FloatCall(OddCall):
    """A transport whose microphone gives floats."""

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """As the script says, changed into floats."""
        spoken = FakeCall(lines=self.lines, hangs_up_s=self.hangs_up_s)
        await spoken.microphone(_Changing(audio_out, self.change))


@pytest.mark.parametrize("odd", [math.nan, math.inf, 1e9])
@pytest.mark.parametrize("at", [1, 12, 150])
def test_a_frame_that_is_no_sound_is_one_fault_and_the_call_goes_on(odd: float, at: int) -> None:
    usual = two_turns()

    call = FloatCall(
        lines=usual.lines,
        hangs_up_s=usual.hangs_up_s,
        change=lambda number, frame: [as_floats(frame, odd if number == at else None)],
        microphone_format=FLOATS,
    )
    scenario = Scenario(call=call).hold()
    scenario.check_nothing_is_left()
    fault_of(scenario, "convert", "restart")
    assert len(scenario.of(UserTurnEnded)) == 2


@pytest.mark.parametrize("at_s", [0.0, 0.3, 1.2, 2.3, 3.2])
def test_a_wire_that_breaks_ends_the_call_and_comes_out(at_s: float) -> None:
    usual = two_turns()
    scenario = Scenario(call=FakeCall(lines=usual.lines, breaks_s=at_s)).hold()
    scenario.check_nothing_is_left()
    assert [type(error) for error in scenario.errors] == [TransportBroken]
    fault_of(scenario, "microphone", "escalate")
    assert scenario.of(SessionEnded)[0].at_s == pytest.approx(at_s)


@pytest.mark.parametrize("error", [None, TransportBroken("the other end is gone"), OSError("the sound card is gone")])
@pytest.mark.parametrize("at_s", [0.0, 0.1, 1.3, 3.2])
def test_a_speaker_that_ends_is_the_end_of_the_call(error: Exception | None, at_s: float) -> None:
    usual = two_turns()
    call = OddCall(lines=usual.lines, hangs_up_s=60, speaker_ends_s=at_s, speaker_error=error)
    scenario = Scenario(call=call).hold()
    scenario.check_nothing_is_left()
    assert scenario.errors == ([] if error is None else [error])
    assert scenario.of(SessionEnded)[0].at_s == pytest.approx(at_s)
    assert scenario.of(SessionEnded)[0].reason.startswith("the user has gone" if error is None else "the actor speaker")


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    Scenario(call=two_turns()).hold()
    assert threading.active_count() <= before
