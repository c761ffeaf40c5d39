"""What is measured of turns and requests, held against the recording and against the delays that were set."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
import trio

from tests.agents.conversation import WORD_S, Talk, after, agent_with
from trialogue.actors import SentencesSettings
from trialogue.agents import (
    ActorFailed,
    Agent,
    Reply,
    ReplyFailed,
    RequestMeasured,
    Session,
    SessionSettings,
    ToolFinished,
    TurnMeasured,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, Line, Speech, Utterance
from trialogue.engine import ModelConnection, ProviderError
from trialogue.frames import AudioFormat, ChatRequest, ModelOutput, TextDelta, TokenUsage, ToolCall
from trialogue.transports import AudioFileSink

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

#: How exact the sum of a turn's parts is, against the sound, seconds: a frame.
EXACT_S = 0.02


def near(value_s: float) -> float:
    """A time, to the nanosecond."""
    result: float = pytest.approx(value_s, abs=1e-9)  # type: ignore[assignment]  # compares as a float
    return result


@pytest.mark.parametrize("speaker_latency_s", [0.0, 0.15])
@pytest.mark.parametrize("microphone_hz", [8_000, 16_000, 48_000])
@pytest.mark.parametrize("speaker_hz", [8_000, 24_000])
def test_the_parts_of_a_turn_sum_to_what_the_recording_shows(
    tmp_path: Path, microphone_hz: int, speaker_hz: int, speaker_latency_s: float
) -> None:
    """Whatever the formats and the latency of the line, and with odd delays of everybody."""
    path = tmp_path / "both.wav"
    call = FakeCall(
        lines=[Line(at_s=0.5, for_s=0.707), Line(at_s=4.0, for_s=1.013)],
        hangs_up_s=9,
        microphone_format=AudioFormat(rate_hz=microphone_hz),
        speaker_format=AudioFormat(rate_hz=speaker_hz),
        speaker_latency_s=speaker_latency_s,
    )
    with AudioFileSink(path, AudioFormat(rate_hz=16_000, channels=2)) as sink:
        talk = Talk(
            call=call,
            stt=FakeStt(then=Utterance(text="one two", word_s=0.1, final_delay_s=0.637)),
            llm=FakeLlm(answers=[Answer("Three four.", first_token_s=0.211)] * 2),
            tts=FakeTts(every=Speech(word_s=WORD_S, first_audio_s=0.093)),
            recording=sink,
        ).hold()
    sound, rate_hz = soundfile.read(path, dtype="int16")
    for measured in talk.of(TurnMeasured):
        begins = _first_sound_s(sound[:, 1], rate_hz, measured.speech_ended_s)
        ends = _last_sound_s(sound[:, 0], rate_hz, begins)
        parts_s = sum(span.end_s - span.start_s for span in measured.spans)
        assert parts_s == pytest.approx(begins - ends, abs=EXACT_S)
        assert measured.latency_s == pytest.approx(parts_s, abs=1e-9)
    assert len(talk.of(TurnMeasured)) == 2


def _first_sound_s(side: npt.NDArray[np.int16], rate_hz: int, from_s: float) -> float:
    begin = round(from_s * rate_hz)
    return float(begin + np.flatnonzero(np.abs(side[begin:].astype(int)) > 50)[0]) / rate_hz


def _last_sound_s(side: npt.NDArray[np.int16], rate_hz: int, until_s: float) -> float:
    return float(np.flatnonzero(np.abs(side[: round(until_s * rate_hz)].astype(int)) > 50)[-1] + 1) / rate_hz


@tool
async def look() -> str:
    """Look for soup."""
    await trio.sleep(0.7)
    return "leek"


def test_each_request_is_told_with_what_it_took() -> None:
    asks = Answer(
        [
            "One moment. ",
            ToolCall(call_id="1", name="look", arguments="{}"),
            TokenUsage(input_tokens=9, output_tokens=3),
        ]
    )
    talk = Talk(
        call=FakeCall(lines=[Line(at_s=0.0, for_s=0.5)], hangs_up_s=9),
        stt=FakeStt(then=Utterance(text="soup", final_delay_s=0.2)),
        llm=FakeLlm(answers=[asks, Answer("Leek.", first_token_s=0.3)]),
        agent=agent_with(look),
    ).hold()
    (heard,) = (event for event in talk.of(RequestMeasured) if event.part == "stt")
    assert (heard.model, heard.first_s, heard.audio_s) == (
        "FakeStt",
        near(0.3 + 0.2),
        near(0.5),
    )  # silence is certain after 0.3 s
    first, second = (event for event in talk.of(RequestMeasured) if event.part == "llm")
    assert (first.first_s, first.input_tokens, first.output_tokens) == (near(0.1), 9, 3)
    assert (second.first_s, second.input_tokens) == (near(0.3), None)
    assert second.at_s - second.took_s == pytest.approx(talk.the(ToolFinished).at_s)
    spoken = [event for event in talk.of(RequestMeasured) if event.part == "tts"]
    assert [(event.characters, event.first_s, event.outcome) for event in spoken] == [
        (len("One moment."), near(0.05), "completed"),
        (len("Leek."), near(0.05), "completed"),
    ]
    assert {event.reply_id for event in (first, second, *spoken)} == {"reply 1"}
    assert talk.the(ToolFinished).took_s == pytest.approx(0.7)


def test_one_that_fails_and_one_that_nobody_waits_for_are_told_as_such() -> None:
    fails = Answer("x", dies_at=0, error=ProviderError("gone"))
    talk = Talk(
        call=FakeCall(lines=[Line(at_s=0.0, for_s=0.5), Line(at_s=5.0, for_s=0.5)], hangs_up_s=9),
        llm=FakeLlm(answers=[fails, Answer("Never heard.", first_token_s=5.0)]),
        do=after((6.5, Session.interrupt)),
    ).hold()
    asked = [event for event in talk.of(RequestMeasured) if event.part == "llm"]
    assert [(event.outcome, event.first_s) for event in asked] == [("failed", None), ("cancelled", None)]


class BareStream(FakeLlm):
    """A model whose author has forgotten a decorator."""

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[ModelConnection, None]:
        """The model is its own connection."""
        await trio.lowlevel.checkpoint()
        yield self  # type: ignore[misc]  # that is the mistake

    async def reply(self, request: ChatRequest) -> AsyncGenerator[ModelOutput, None]:
        """What should have been a context manager."""
        await trio.lowlevel.checkpoint()
        yield TextDelta(text=f"I see {len(request.items)}.")


def test_a_model_that_is_written_wrongly_is_told_how() -> None:
    talk = Talk(call=FakeCall(lines=[Line(at_s=0.0, for_s=0.5)], hangs_up_s=3), llm=BareStream()).hold()
    assert [event.outcome for event in talk.of(RequestMeasured) if event.part == "llm"] == ["failed"]
    assert "must be an asynchronous context manager: put @contextlib" in talk.of(ReplyFailed)[0].error


def test_a_guess_that_was_wrong_is_told_as_a_request_and_in_no_other_way() -> None:
    """What is heard, told and remembered is the same without it, but for when."""

    def hold(ask_early: bool) -> Talk:
        return Talk(
            call=FakeCall(lines=[Line(at_s=0.0, for_s=0.5)], hangs_up_s=9),
            llm=FakeLlm(answers=[Answer(["Use", " node", ".", "js", ".", " It", " is", " small."])]),
            settings=SessionSettings(sentences=SentencesSettings(ask_early=ask_early)),
        ).hold()

    early, late = hold(True), hold(False)
    assert early.kinds() == late.kinds()
    assert early.history == late.history
    assert early.sound().tolist() == late.sound().tolist()
    spoken = [event for event in early.of(RequestMeasured) if event.part == "tts"]
    assert [(event.outcome, event.characters, event.audio_s > 0) for event in spoken] == [
        ("cancelled", len("Use node."), False),
        ("completed", len("Use node.js."), True),
        ("completed", len("It is small."), True),
    ]


def test_hooks_that_fail_again_have_faults_of_their_own() -> None:
    class Fails(Agent):
        async def on_reply(self, session: Session, reply: Reply) -> None:
            """Fail."""
            raise ValueError(reply.reply_id)

    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=6.0, for_s=0.5)]
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=15), agent=Fails(instructions="")).hold()
    assert [fault.fault_id for fault in talk.of(ActorFailed)] == ["session/on_reply/1", "session/on_reply/2"]
