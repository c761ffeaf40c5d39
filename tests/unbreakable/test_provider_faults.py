"""What each fault of a model or voice leads to: something is heard or told in time, and the next turn is answered."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

import pytest

from tests.unbreakable.scenario import Scenario
from tests.unbreakable.scripted import Opening, ScriptedLlm, ScriptedTts, Step, sound
from trialogue.agents import (
    Agent,
    AgentStartedSpeaking,
    AgentStoppedSpeaking,
    ReplyFailed,
    SessionEnded,
    UserTurnEnded,
)
from trialogue.agents.testing import FakeCall, FakeTts, FakeVad, Line, Speech
from trialogue.engine import CLOSE_S, OPEN_S, ProviderError, SpeechDetector
from trialogue.frames import AudioFormat, SpeechAudio, TextDelta

if TYPE_CHECKING:
    from collections.abc import Sequence

APOLOGY: Final = "Sorry, something went wrong."

#: When the second turn begins, seconds: after every deadline.
SECOND_S: Final = 25.0

#: From the first turn's end until something is heard or told at the latest, seconds: LlmSettings.first_output_s,
#: TtsSettings.first_sound_s, and what a voice may have given before it falls silent.
LLM_S, TTS_S = 8.0, 5.0

DOWN: Final = ProviderError("the vendor is down", retryable=False)
ODD: Final = RuntimeError("not one of ours")
OTHER_RATE: Final = AudioFormat(rate_hz=8_000)


def word(text: str) -> TextDelta:
    """A token."""
    return TextDelta(text=text)


def talk(llm: ScriptedLlm | None = None, tts: ScriptedTts | None = None) -> Scenario:
    """Two turns, the first of which meets the fault."""
    call = FakeCall(lines=[Line(at_s=0.1, for_s=0.3), Line(at_s=SECOND_S, for_s=0.3)], hangs_up_s=SECOND_S + 6)
    return Scenario(
        call=call, llm=llm or ScriptedLlm(), tts=tts or ScriptedTts(), agent=Agent(instructions="Be kind.")
    ).hold()


def check_alive(scenario: Scenario) -> None:
    """The second turn is answered as if nothing had been, and the session ends well."""
    scenario.check_nothing_is_left()
    assert scenario.errors == []
    first, second = scenario.of(UserTurnEnded)
    answered = [event for event in scenario.of(AgentStartedSpeaking) if event.at_s > second.at_s]
    assert answered[0].latency_s is not None
    assert answered[0].latency_s < 1.0
    assert scenario.of(AgentStoppedSpeaking)[-1].heard == "All is well. Go on."
    assert scenario.of(SessionEnded)[0].reason == "the user has gone"
    assert first.at_s < second.at_s


def told_after_s(scenario: Scenario) -> float:
    """How long after the first turn's end the fault was told."""
    (failed,) = scenario.of(ReplyFailed)
    return failed.at_s - scenario.of(UserTurnEnded)[0].at_s


HALF: Final = [word("Once "), word("upon "), word("a "), word("time. "), word("There "), word("was.")]

MODEL_FAULTS: Final[dict[str, tuple[Sequence[Sequence[Step]], float]]] = {
    "silent": ([[math.inf]], LLM_S),
    "dribbles": ([[step for _ in range(50) for step in (3.9, word("so "))]], 12.0),
    "trickles": ([[step for _ in range(500) for step in (1.0, word("a "))]], 10.0),
    "falls silent": ([[*HALF[:3], math.inf]], 6.0),
    "no outputs of ours": ([["a plain string"]], 0.1),
    "raises what is not ours": ([[ODD]], 0.1),
    "asks to wait for a minute": ([[ProviderError("busy", retryable=True, retry_after_s=60.0)]], 0.1),
    "fails twice": ([[ProviderError("busy", retryable=True)]] * 2, 0.1),
    **{f"dies at {at}": ([[*HALF[:at], DOWN]], 0.2) for at in range(len(HALF) + 1)},
    **{f"dies oddly at {at}": ([[*HALF[:at], ODD]], 0.2) for at in range(len(HALF) + 1)},
}


@pytest.mark.parametrize("fault", MODEL_FAULTS)
def test_a_model_that_fails_is_told_of_in_time_and_apologised_for(fault: str) -> None:
    scripts, within_s = MODEL_FAULTS[fault]
    scenario = talk(llm=ScriptedLlm(scripts=scripts))
    assert told_after_s(scenario) <= within_s
    assert APOLOGY in scenario.heard_of_agent()
    check_alive(scenario)


@pytest.mark.parametrize("scripts", [[[]], [[HALF[0]]], [[word("")]], [[word(" \n")]]])
def test_a_model_that_ends_early_or_at_once_has_answered(scripts: list[list[Step]]) -> None:
    scenario = talk(llm=ScriptedLlm(scripts=scripts))
    assert scenario.faults == []
    assert scenario.of(AgentStoppedSpeaking)[0].interrupted is None
    check_alive(scenario)


def test_a_request_that_fails_once_is_made_again_and_nobody_notices() -> None:
    scenario = talk(llm=ScriptedLlm(scripts=[[ProviderError("busy", retryable=True, retry_after_s=0.5)]]))
    assert scenario.faults == []
    check_alive(scenario)


PIECE: Final = sound(0.1)

VOICE_FAULTS: Final[dict[str, tuple[Sequence[Sequence[Step]], float]]] = {
    "silent": ([[math.inf]] * 2, TTS_S),
    "no sound": ([[], []], 0.1),
    "no sound but words": ([[SpeechAudio(pcm=b"", format=PIECE.format)]] * 2, 0.1),
    "dribbles": ([[step for _ in range(50) for step in (2.0, PIECE)]], 6.0),
    "falls silent": ([[PIECE, PIECE, math.inf]], 3.5),
    "another rate": ([[sound(0.1, OTHER_RATE)]], 0.1),
    "half a sample": ([[SpeechAudio(pcm=b"\0\0\0", format=PIECE.format)]], 0.1),
    "floats, NaN": ([[SpeechAudio(pcm=b"\xff" * 640, format=AudioFormat(rate_hz=16_000, dtype="float32"))]], 0.1),
    "raises what is not ours": ([[ODD]], 0.1),
    "not sound at all": ([["a plain string"]], 0.1),
    "fails twice": ([[ProviderError("busy", retryable=True)]] * 2, 0.1),
    **{f"dies at {at}": ([[*[PIECE] * at, DOWN]], 0.2) for at in range(6)},
    **{f"dies oddly at {at}": ([[*[PIECE] * at, ODD]], 0.2) for at in range(6)},
}


@pytest.mark.parametrize("fault", VOICE_FAULTS)
def test_a_voice_that_fails_is_told_of_in_time_and_apologises_when_it_can(fault: str) -> None:
    scripts, within_s = VOICE_FAULTS[fault]
    scenario = talk(tts=ScriptedTts(scripts=scripts))
    assert told_after_s(scenario) <= within_s + 0.2
    assert APOLOGY in scenario.heard_of_agent()
    check_alive(scenario)


@pytest.mark.parametrize("error", [ProviderError("busy", retryable=True), None])
def test_a_sentence_that_failed_once_is_spoken_at_the_second_try(error: ProviderError | None) -> None:
    scenario = talk(tts=ScriptedTts(scripts=[[math.inf if error is None else error]]))
    assert scenario.faults == []
    assert scenario.of(AgentStoppedSpeaking)[0].heard == "All is well. Go on."
    check_alive(scenario)


def test_a_voice_that_never_speaks_again_leaves_the_call_alive_and_each_failure_is_told() -> None:
    scenario = talk(tts=ScriptedTts(scripts=[[ODD]] * 50))
    scenario.check_nothing_is_left()
    assert [event.reply_id for event in scenario.of(ReplyFailed)] == ["reply 1", "reply 2", "reply 3", "reply 4"]
    assert scenario.remembered_of_agent() == ""
    assert len(scenario.of(UserTurnEnded)) == 2


@pytest.mark.parametrize("who", ["llm", "tts"])
@pytest.mark.parametrize("takes_s", [0.0, math.inf])
def test_what_cannot_be_opened_is_an_error_at_the_door(who: str, takes_s: float) -> None:
    opening = Opening(takes_s=takes_s, error=DOWN)
    scenario = talk(
        llm=ScriptedLlm(opening=opening) if who == "llm" else None,
        tts=ScriptedTts(opening=opening) if who == "tts" else None,
    )
    (error,) = scenario.errors
    assert isinstance(error, ProviderError)
    assert str(error) == "the vendor is down" if not takes_s else "could not be opened within 10 s" in str(error)
    assert scenario.left_s - scenario.began_s <= (OPEN_S if takes_s else 0.0)
    (ended,) = scenario.events
    assert isinstance(ended, SessionEnded)
    assert ended.reason == "it could not begin"


def test_providers_that_never_close_hold_nobody_up() -> None:
    llm, tts = (
        ScriptedLlm(opening=Opening(close_takes_s=math.inf)),
        ScriptedTts(opening=Opening(close_takes_s=math.inf)),
    )
    scenario = talk(llm=llm, tts=tts)
    check_alive(scenario)
    assert scenario.left_s - scenario.began_s - scenario.of(SessionEnded)[0].at_s <= 2 * CLOSE_S + 1e-6
    assert llm.opening.open_now == tts.opening.open_now == 0


class ClosedDoor:
    """A detector that never opens."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SpeechDetector, None]:
        """Try."""
        async with self._opening.hold(), FakeVad().open() as detector:
            yield detector


@pytest.mark.parametrize("takes_s", [0.0, math.inf])
def test_a_detector_that_cannot_be_opened_ends_the_call_and_says_why(takes_s: float) -> None:
    opening = Opening(takes_s=takes_s, error=DOWN)
    scenario = Scenario(vad=ClosedDoor(opening), call=FakeCall(), tts=FakeTts(every=Speech(word_s=0.1))).hold()
    scenario.check_nothing_is_left()
    reason = scenario.of(SessionEnded)[0].reason
    assert reason.startswith("the actor vad failed: ProviderError: ")
    assert ("the vendor is down" if not takes_s else "could not be opened within 10 s") in reason
