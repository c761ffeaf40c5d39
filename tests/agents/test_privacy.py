"""What is kept of a call: off the record, redacted, or all of it."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import trio

from tests.agents.conversation import agent_with, texts
from tests.agents.test_background import Tape, level
from trialogue.actors import RecordingSwitch
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentSaid,
    AgentStoppedSpeaking,
    ContextSettings,
    ConversationSettings,
    Event,
    FlightRecord,
    Models,
    Session,
    SessionReport,
    SessionSettings,
    Summary,
    SummarySettings,
    ToolFinished,
    ToolStarted,
    UserSaid,
    UserTurnEnded,
    mask_numbers,
    tool,
)
from trialogue.agents.telemetry import EventLog
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line
from trialogue.engine import VirtualTime, run
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, ToolCall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CARD = "4111 1111 1111 1111"


class Call:
    """A call, what observers were told, and its report."""

    def __init__(self, **models: object) -> None:
        self.told: list[Event] = []
        self.log = logging.getLogger("test.privacy")
        self.llm = models.pop("llm", FakeLlm())
        self.stt = models.pop("stt", FakeStt())
        self.agent = models.pop("agent", Agent(instructions="Be kind."))
        self.call = models.pop("call", FakeCall())
        self.recording = models.pop("recording", None)
        self.settings = models.pop("settings", None)
        self.report: SessionReport
        self.history: list[str] = []

    def hold(self, do: Callable[[Session], Awaitable[object]]) -> Call:
        """Hold it; the program does this."""
        run(self._hold, do, virtual=VirtualTime())
        return self

    async def _hold(self, do: Callable[[Session], Awaitable[object]]) -> None:
        session = Session(
            self.agent,  # type: ignore[arg-type]  # as given
            models=Models(vad=FakeVad(), stt=self.stt, llm=self.llm, tts=FakeTts()),  # type: ignore[arg-type]  # as given
            transport=self.call,  # type: ignore[arg-type]  # as given
            recording=self.recording,  # type: ignore[arg-type]  # as given
            settings=self.settings,  # type: ignore[arg-type]  # as given
            observers=[self.told.append, EventLog("call", logger=self.log, content=True)],
        )
        with trio.fail_after(3600):
            async with session:
                await do(session)
                session.end("that was all")
        self.report = session.report()
        self.history = texts(session.history)

    def everything_told(self) -> str:
        """All that observers and the report hold."""
        return f"{self.told} {self.report.to_json()}"


# -- the recording


def test_what_is_off_the_record_is_silence_and_all_else_stays_in_its_place() -> None:
    tape = Tape()

    async def do(session: Session) -> None:
        session.say("on", audio=level(500, 3.0), protected=True)
        await trio.sleep(1.0)
        with session.off_the_record():
            await trio.sleep(1.0)
        await trio.sleep(1.5)

    call = Call(recording=tape, call=FakeCall(lines=[Line(at_s=0.0, for_s=4.0)])).hold(do)
    heard = np.frombuffer(call.call.sound(), dtype=np.int16)  # type: ignore[attr-defined]  # a FakeCall
    assert np.all(heard[: 3 * 16_000] == 500)  # the caller hears all of it
    for side in (0, 1):
        sound = tape.sound[: 3 * 16_000, side]
        assert np.all(sound[: round(0.98 * 16_000)] != 0)
        assert not sound[16_000 : 2 * 16_000].any()
        assert np.all(sound[round(2.02 * 16_000) :] != 0)


def test_a_call_may_begin_off_the_record() -> None:
    tape = Tape()

    async def hold() -> None:
        models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=FakeTts())
        session = Session(Agent(instructions=""), models=models, transport=FakeCall(), recording=tape)
        with session.off_the_record():
            await session.__aenter__()
            session.say("May I record this?", audio=level(500, 1.0))
            await trio.sleep(1.0)
        session.say("Thank you.", audio=level(500, 1.0))
        await trio.sleep(1.5)
        session.end()
        await session.__aexit__(None, None, None)

    run(hold, virtual=VirtualTime())
    assert not tape.sound[:16_000].any()
    assert np.all(tape.sound[round(1.02 * 16_000) : round(1.98 * 16_000), 1] == 500)


@hypothesis.given(
    spans=st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)).map(sorted), max_size=4), at=st.integers(0, 250)
)
def test_a_frame_passes_if_and_only_if_it_touches_no_time_that_is_off(spans: list[list[float]], at: int) -> None:
    switch = RecordingSwitch()
    changes = sorted([(from_s, 0) for from_s, _ in spans] + [(to_s, 1) for _, to_s in spans])
    for at_s, change in changes:
        if change:
            switch.on(at_s)
        else:
            switch.off(at_s)
    frame = AudioFrame(pcm=bytes(640), at_sample=at * 320, format=SPEECH_FORMAT)
    begin_s, end_s = at * 0.02, (at + 1) * 0.02
    touched = any(from_s < end_s and begin_s < to_s for from_s, to_s in spans)
    assert switch.lets_through(frame) is not touched
    assert not switch.is_off


# -- words


def test_words_that_are_off_the_record_are_told_to_nobody_else() -> None:
    captions: list[str] = []

    @tool
    def charge(card: str) -> str:
        """Charge a card."""
        return f"charged {card}"

    pays = Answer([ToolCall(call_id="1", name="charge", arguments=json.dumps({"card": CARD}))])
    llm = FakeLlm(answers=[pays, f"I have charged {CARD}.", "Bye."])

    async def do(session: Session) -> None:
        async with session.events(AgentSaid, UserTurnEnded) as stream:
            with session.off_the_record():
                await trio.sleep(8.0)
            assert CARD in str(session.history)
            session.end("done")
            async for event in stream:
                captions.append(event.text)  # type: ignore[union-attr]  # both have one

    call = Call(
        llm=llm,
        agent=agent_with(charge),
        stt=FakeStt(utterances=[f"my card is {CARD}"]),
        call=FakeCall(lines=[Line(at_s=1.0, for_s=1.0)]),
    ).hold(do)
    assert CARD in " ".join(captions)  # the program itself is told
    assert "4111" not in call.everything_told()
    kinds = {type(event) for event in call.told}
    assert {UserSaid, UserTurnEnded, ToolStarted, ToolFinished, AgentStoppedSpeaking} <= kinds
    assert any(CARD in line for line in call.history)
    assert any(CARD in str(record.request) for record in llm.records)  # its model has to know


def test_what_comes_after_is_told_again() -> None:
    async def do(session: Session) -> None:
        with session.off_the_record():
            await session.say("Secret.").wait()
        await session.say("Open.").wait()

    call = Call().hold(do)
    assert [event.heard for event in call.told if isinstance(event, AgentStoppedSpeaking)] == ["[withheld]", "Open."]
    assert [item.text for item in call.report.context.items] == ["[withheld]", "Open."]  # type: ignore[union-attr]  # messages


class Careful(Agent):
    """Lets no number out."""

    def redact(self, text: str) -> str:
        """What may be written down."""
        return mask_numbers(text)


def test_off_the_record_is_what_is_made_of_it_too_and_in_a_report_meanwhile() -> None:
    reports: list[str] = []

    async def do(session: Session) -> None:
        with session.off_the_record():
            await session.type("My name is Bob 4711.").wait()
            reports.append(session.report().to_json())
        session.handoff(Agent(instructions="Be brief."))  # the agent that leaves has its words redacted
        await session.type("Two.").wait()
        reports.append(session.report().to_json())
        await session.type("Three.").wait()
        await trio.sleep(5.0)
        assert any(isinstance(item, Summary) for item in session.context)

    summary = SummarySettings(after_turns=2, keep_turns=1, llm=FakeLlm(answers=["He is Bob."]))
    settings = SessionSettings(conversation=ConversationSettings(context=ContextSettings(summary=summary)))
    call = Call(agent=Careful(instructions="Be kind."), settings=settings).hold(do)
    assert "Bob" not in f"{reports} {call.everything_told()}"
    assert "Three." in call.report.to_json()


def test_a_summary_is_redacted_in_the_report() -> None:
    async def do(session: Session) -> None:
        for words in ("One.", "Two.", "Three."):
            await session.type(words).wait()
        await trio.sleep(5.0)

    summary = SummarySettings(after_turns=2, keep_turns=1, llm=FakeLlm(answers=[f"The card is {CARD}."]))
    settings = SessionSettings(conversation=ConversationSettings(context=ContextSettings(summary=summary)))
    call = Call(agent=Careful(instructions="Be kind."), settings=settings).hold(do)
    assert "The card is [number]." in call.report.to_json()
    assert CARD not in call.everything_told()


class Mistaken(Agent):
    """Fails to say what may be written down."""

    def redact(self, text: str) -> str:
        """Fail, and repeat what is not to be told."""
        raise KeyError(text)


def test_where_the_redaction_fails_nothing_is_told() -> None:
    async def do(session: Session) -> None:
        await session.type("My name is Bob.").wait()

    call = Call(agent=Mistaken(instructions="Be kind.")).hold(do)
    assert "Bob" not in call.everything_told()
    assert call.history[0] == "user: [withheld]"  # what is remembered is redacted when the agent leaves
    faults = [event for event in call.told if isinstance(event, ActorFailed)]
    assert {(fault.actor, fault.cause) for fault in faults} == {
        ("redact", "ConfigurationError: Agent.redact raised KeyError")
    }


def test_numbers_are_masked_in_events_captions_logs_and_report(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    listened: list[str] = []

    async def do(session: Session) -> None:
        async with session.events(UserTurnEnded, AgentSaid) as stream:
            await trio.sleep(6.0)
            session.end("done")
            async for event in stream:
                listened.append(event.text)  # type: ignore[union-attr]  # both have one

    llm = FakeLlm(answers=[f"You said {CARD}."])
    call = Call(
        llm=llm,
        agent=Careful(instructions="Be kind."),
        stt=FakeStt(utterances=[f"it is {CARD} I think"]),
        call=FakeCall(lines=[Line(at_s=1.0, for_s=1.0)]),
    ).hold(do)
    assert listened[0] == "it is [number] I think"
    assert listened[-1] == "You said [number]."
    assert CARD not in call.everything_told()
    assert CARD not in caplog.text
    assert "it is [number] I think" in caplog.text
    assert "[number]" in call.report.to_json()
    assert CARD in str(llm.records[0].request.items)  # who answers has to know


def test_a_flight_record_holds_only_the_shape_of_words_that_are_off_the_record() -> None:
    written = io.StringIO()

    async def hold() -> None:
        call = FakeCall(lines=[Line(at_s=1.0, for_s=1.0), Line(at_s=5.0, for_s=1.0)])
        stt = FakeStt(utterances=[f"my card is {CARD}", "thank you very much"])
        models = Models(vad=FakeVad(), stt=stt, llm=FakeLlm(answers=[f"I heard {CARD}.", "Bye."]), tts=FakeTts())
        record = FlightRecord(to=written)
        async with Session(Agent(instructions=""), models=models, transport=call, flight_record=record) as session:
            with session.off_the_record():
                await trio.sleep(4.5)
            await trio.sleep(4.5)

    run(hold, virtual=VirtualTime())
    assert "4111" not in written.getvalue()
    assert "xx xxxx xx xxxx xxxx xxxx xxxx" in written.getvalue()
    assert "thank you very much" in written.getvalue()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"My card is {CARD}, thanks", "My card is [number], thanks"),
        ("4111-1111-1111-1111", "[number]"),
        ("four one one one, one one one one", "[number]"),
        ("call 030 / 123456", "call [number]"),
        ("in 2026 it cost $12.50, at 10:30", "in 2026 it cost $12.50, at 10:30"),
        ("one or two of them", "one or two of them"),
        ("someone", "someone"),
        ("", ""),
    ],
)
def test_long_numbers_are_masked_and_short_ones_stay(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked
    assert mask_numbers(masked) == masked


def test_the_switch_goes_by_any_rate() -> None:
    switch = RecordingSwitch()
    switch.off(1.0)
    frame = AudioFrame(pcm=bytes(320), at_sample=8_000, format=AudioFormat(rate_hz=8_000))
    assert not switch.lets_through(frame)
    switch.on(2.0)
    later = AudioFrame(pcm=bytes(320), at_sample=16_000, format=AudioFormat(rate_hz=8_000))
    assert switch.lets_through(later)
