"""Half a second in which nothing moves: what was said meanwhile is judged by when it was said.

A stall is simulated by a microphone whose frames come late, in a burst; and made for real, by code that blocks.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import attrs
import pytest
import trio

from tests.unbreakable.scenario import Scenario
from trialogue.actors import VadSettings
from trialogue.agents import (
    Agent,
    AgentStartedSpeaking,
    AgentStoppedSpeaking,
    Models,
    Session,
    SessionSettings,
    SpeechIgnored,
    UserStartedSpeaking,
    UserTurnEnded,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech, Utterance
from trialogue.engine import Outbox, Stall, watch_for_stalls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialogue.agents import Event
    from trialogue.frames import AudioFrame

#: How long nothing moves, seconds.
STALL_S = 0.5


@attrs.define(kw_only=True, eq=False)
class LateCall(FakeCall):
    """A call whose microphone's frames of a stretch come at its end, all at once.

    Args:
        late_from_s: where the stretch begins, seconds; infinite for none.
        late_for_s: how long it is, seconds.
    """

    late_from_s: float = math.inf
    late_for_s: float = STALL_S

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """As the script says, but for the stretch."""
        await super().microphone(_Late(audio_out, self))


class _Late(Outbox["AudioFrame"]):
    """An outbox that holds back what is sent in a stretch of time."""

    __slots__ = ("_call", "_held", "_inner")

    def __init__(self, inner: Outbox[AudioFrame], call: LateCall) -> None:
        super().__init__(*inner.pipes)
        self._inner, self._call = inner, call
        self._held: list[AudioFrame] = []

    async def send(self, item: AudioFrame) -> None:
        """Hold it back, or send all that was held back before it, with a checkpoint after each as from a socket."""
        epoch_s = self._call.epoch_s
        assert epoch_s is not None
        now_s, from_s = trio.current_time() - epoch_s, self._call.late_from_s
        self._held.append(item)
        if from_s <= now_s < from_s + self._call.late_for_s - 1e-9:
            return
        while self._held:
            await self._inner.send(self._held.pop(0))
            await trio.lowlevel.checkpoint()


ANSWER = "One two three four five six seven eight nine ten one two three four five six seven eight nine ten."


#: The end of speech is known 0.2 s after it, so that no decision falls within the tenth of a second by which the ears
#: may always be late.
SETTINGS = SessionSettings(vad=VadSettings(min_silence_s=0.2))


def talk(lines: Sequence[Line], utterances: Sequence[Utterance], late_from_s: float = math.inf) -> Scenario:
    """A conversation with a stall in it, or none."""
    return Scenario(
        call=LateCall(lines=lines, hangs_up_s=8.0, late_from_s=late_from_s),
        stt=FakeStt(utterances=utterances),
        llm=FakeLlm(answers=lambda _: Answer(ANSWER)),
        tts=FakeTts(every=Speech(word_s=0.1)),
        agent=Agent(instructions=""),
        settings=SETTINGS,
    ).hold()


def judged(scenario: Scenario) -> list[object]:
    """What was made of the user's speech."""
    said: list[object] = []
    for event in scenario.events:
        match event:
            case UserStartedSpeaking():
                said.append(("speech", event.at_s))
            case UserTurnEnded():
                said.append(("turn", event.text, event.speech_ended_s))
            case SpeechIgnored():
                said.append(("ignored", event.started_s))
            case AgentStoppedSpeaking():
                said.append(("reply", event.interrupted))
            case _:
                pass
    return said


PLEASE = Utterance(text="tell me please")
BARGE_IN = Utterance(text="no stop it now", word_s=0.1)
STALLS = [2.0 + 0.1 * step for step in range(16)]


@pytest.mark.parametrize("late_from_s", STALLS)
def test_a_barge_in_is_one_whether_or_not_it_falls_into_a_stall(late_from_s: float) -> None:
    lines = [Line(at_s=0.2, for_s=0.4), Line(at_s=2.5, for_s=1.0)]
    meant, stalled = (talk(lines, [PLEASE, BARGE_IN], late_s) for late_s in (math.inf, late_from_s))
    assert judged(stalled) == judged(meant)
    assert ("reply", "barge-in") in judged(meant)
    stalled.check_nothing_is_left()
    cut, late = (scenario.of(AgentStoppedSpeaking)[0].at_s for scenario in (meant, stalled))
    assert cut - 1e-6 <= late <= cut + STALL_S + 0.05


@pytest.mark.parametrize("late_from_s", STALLS)
def test_a_short_noise_is_no_barge_in_because_its_end_comes_late(late_from_s: float) -> None:
    noise = Utterance(text="what is that", word_s=0.02, finals=((0.0, ""),))
    lines = [Line(at_s=0.2, for_s=0.4), Line(at_s=2.5, for_s=0.08)]
    meant, stalled = (talk(lines, [PLEASE, noise], late_s) for late_s in (math.inf, late_from_s))
    assert sorted(map(repr, judged(stalled))) == sorted(map(repr, judged(meant)))  # the answer may end before its news
    assert ("ignored", 2.5) in judged(meant)
    assert stalled.of(AgentStoppedSpeaking)[0].interrupted is None


@pytest.mark.parametrize("late_from_s", [0.5 + 0.1 * step for step in range(16)])
def test_a_pause_is_as_long_as_it_was_and_not_as_long_as_its_news_took(late_from_s: float) -> None:
    lines = [Line(at_s=0.5, for_s=0.5), Line(at_s=1.40, for_s=0.6)]
    said = [Utterance(text="tell me please"), Utterance(text="about the weather today")]
    meant, stalled = (talk(lines, said, late_s) for late_s in (math.inf, late_from_s))
    assert [turn.text for turn in meant.of(UserTurnEnded)] == ["tell me please about the weather today"]
    assert judged(stalled) == judged(meant)
    (turn,), (late,) = meant.of(UserTurnEnded), stalled.of(UserTurnEnded)
    assert turn.at_s - 1e-6 <= late.at_s <= turn.at_s + STALL_S + 0.05


def test_a_microphone_that_falls_silent_after_speech_does_not_hold_up_the_turn_for_long() -> None:
    lines = [Line(at_s=0.5, for_s=0.5)]
    call = LateCall(lines=lines, hangs_up_s=8.0, late_from_s=1.34, late_for_s=math.inf)
    scenario = Scenario(
        call=call,
        stt=FakeStt(utterances=[PLEASE]),
        llm=FakeLlm(answers=["Fine."]),
        tts=FakeTts(every=Speech(word_s=0.1)),
        agent=Agent(instructions=""),
    ).hold()
    (turn,) = scenario.of(UserTurnEnded)
    assert turn.at_s <= turn.speech_ended_s + 0.5 + 0.5 + 1e-6


@pytest.mark.integration
def test_code_that_blocks_for_half_a_second_is_named_and_the_call_goes_on() -> None:
    stalls: list[Stall] = []
    events: list[Event] = []

    def slow(event: Event) -> None:
        events.append(event)
        if isinstance(event, UserTurnEnded):
            block()

    def block() -> None:
        time.sleep(STALL_S)  # a mistake that users make

    async def hold() -> None:
        call = FakeCall(lines=[Line(at_s=0.1, for_s=0.3)], hangs_up_s=2.6)
        models = Models(
            vad=FakeVad(),
            stt=FakeStt(utterances=[PLEASE]),
            llm=FakeLlm(answers=["Fine."]),
            tts=FakeTts(every=Speech(word_s=0.1)),
        )
        async with (
            watch_for_stalls(stalls.append),
            Session(Agent(instructions=""), models=models, transport=call, observers=[slow]) as session,
        ):
            await session.wait_ended()

    trio.run(hold)
    worst = max(stalls, key=lambda stall: stall.blocked_s)
    assert worst.blocked_s >= STALL_S
    assert "test_stalls.py:" in worst.where
    assert "in test_code_that_blocks_for_half_a_second_is_named_and_the_call_goes_on.<locals>.block" in worst.where
    spoke = [event for event in events if isinstance(event, AgentStartedSpeaking)]
    assert len(spoke) == 1
