"""A real voice and a real detector: how soon the agent is silent, however long the detector waits for an end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs
import numpy as np
import pytest
import trio

from tests.agents.conversation import Talk
from tests.providers.speech import recording
from trialogue.actors import InterruptionSettings, TurnSettings, VadSettings
from trialogue.agents import AgentPaused, AgentStoppedSpeaking, Session, SessionSettings, UserStartedSpeaking
from trialogue.agents.testing import FakeCall, FakeStt, Utterance
from trialogue.frames import SPEECH_FORMAT, AudioFrame
from trialogue.providers import Silero, find_model

if TYPE_CHECKING:
    from trialogue.engine import Outbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(find_model("silero") is None, reason="needs `trialogue models fetch silero`"),
]

#: When the recording begins, seconds; what is quieter than this in it is taken for silence.
BEGINS_S = 2.0
QUIET = 500
HANGS_UP_S = 9.0


@attrs.define(kw_only=True, eq=False)
class RealVoice(FakeCall):
    """A caller who says what was recorded.

    Args:
        pcm: all that the microphone hears.
    """

    pcm: bytes

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """Bring it, frame by frame."""
        epoch_s = self._begin()
        size = 2 * 320
        for number in range(len(self.pcm) // size):
            await trio.sleep_until(epoch_s + (number + 1) * 0.02)
            pcm = self.pcm[number * size : (number + 1) * size]
            await audio_out.send(AudioFrame(pcm=pcm, at_sample=number * 320, format=SPEECH_FORMAT))


@pytest.mark.parametrize("min_silence_s", [0.2, 0.5])
@pytest.mark.parametrize("echo_db", [-14.0, -math.inf])
@pytest.mark.parametrize(("mode", "least_s"), [("vad", 0.1), ("vad", 0.4), ("hybrid", 0.4)])
def test_the_agent_is_silent_a_fade_after_speech_is_long_enough(
    mode: str, least_s: float, echo_db: float, min_silence_s: float
) -> None:
    silence = SPEECH_FORMAT.silence(round(BEGINS_S * SPEECH_FORMAT.rate_hz))
    pcm = silence + recording("book") + SPEECH_FORMAT.silence(round(HANGS_UP_S * SPEECH_FORMAT.rate_hz))
    loud = np.flatnonzero(np.abs(np.frombuffer(pcm, dtype=np.int16).astype(int)) > QUIET)
    began_s = int(loud[0]) / SPEECH_FORMAT.rate_hz
    call = RealVoice(pcm=pcm[: round(HANGS_UP_S * 32_000)])
    words = Utterance(text="I would like to book a table", word_s=0.1)
    talk = Talk(call=call, vad=Silero(), stt=FakeStt(utterances=[words]))  # type: ignore[arg-type]  # hears, too
    interruption = InterruptionSettings(mode=mode, min_speech_s=least_s)  # type: ignore[arg-type]  # by name
    talk.settings = SessionSettings(
        turn=TurnSettings(interruption=interruption), vad=VadSettings(min_silence_s=min_silence_s, echo_db=echo_db)
    )

    async def speak(session: Session) -> None:
        session.say(" ".join(["All work and no play makes Jack a dull boy."] * 6))
        await session.wait_ended()

    talk.do = speak
    talk.hold()
    heard_s = talk.of(UserStartedSpeaking)[0].at_s
    assert heard_s == pytest.approx(began_s, abs=0.1)
    decided_s = next(event.at_s for event in talk.events if isinstance(event, AgentPaused | AgentStoppedSpeaking))
    assert decided_s == pytest.approx(heard_s + least_s, abs=0.03)
    sound = talk.sound()
    assert sound[round((decided_s - 0.02) * 16_000)] != 0
    assert not sound[round((decided_s + 0.1) * 16_000) : round((decided_s + 0.5) * 16_000)].any()
    (cut, *_) = talk.of(AgentStoppedSpeaking)
    assert cut.interrupted == "barge-in"
