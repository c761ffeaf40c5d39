"""Sessions of which parts are left out: what is there says what they do, and what is asked in vain is refused."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

import attrs
import pytest
import trio

from trialogue.agents import (
    Agent,
    AgentStartedSpeaking,
    AgentStoppedSpeaking,
    AgentWrote,
    ConversationSettings,
    DropTurn,
    Event,
    HeardTurn,
    Models,
    OutboundSettings,
    PartMissingError,
    Session,
    SessionSettings,
    SpeechIgnored,
    TelephoneSettings,
    UserSaid,
    UserStartedSpeaking,
    UserTurnEnded,
    UserWentAway,
)
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech, Utterance
from trialogue.engine import ConfigurationError, VirtualTime, run
from trialogue.frames import AudioFormat
from trialogue.transports import AudioFileSink

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

E_co = TypeVar("E_co", bound=Event)

PARTS = ("vad", "stt", "llm", "tts")
SPOKEN, WRITTEN = "hello how are you", "One moment."


@attrs.define(kw_only=True)
class Parts:
    """A session of some parts, and what came of it."""

    names: frozenset[str]
    transport: FakeCall | None = attrs.Factory(lambda: FakeCall(lines=[Line(at_s=3.0, for_s=1.0)], hangs_up_s=12.0))
    agent: Agent = attrs.Factory(lambda: Agent(instructions=""))
    settings: SessionSettings | None = None
    vad: FakeVad = attrs.Factory(FakeVad)
    stt: FakeStt = attrs.Factory(lambda: FakeStt(finds_edges=True))
    llm: FakeLlm = attrs.Factory(lambda: FakeLlm(answers=["Fine."] * 5))
    tts: FakeTts = attrs.Factory(lambda: FakeTts(every=Speech(word_s=0.1)))
    events: list[Event] = attrs.field(factory=list, init=False)

    def session(self) -> Session:
        """The session."""

        return Session(
            self.agent,
            models=Models(
                vad=self.vad if "vad" in self.names else None,
                stt=self.stt if "stt" in self.names else None,
                llm=self.llm if "llm" in self.names else None,
                tts=self.tts if "tts" in self.names else None,
            ),
            transport=self.transport,
            settings=self.settings,
            observers=[self.events.append],
        )

    def hold(self, do: Callable[[Session], Awaitable[object]] = Session.wait_ended) -> Parts:
        """Hold the conversation in virtual time; nothing that was opened stays open."""

        async def hold() -> None:
            with trio.fail_after(3600):
                async with self.session() as session:
                    await do(session)

        run(hold, virtual=VirtualTime())
        assert all(part.statistics().open_now == 0 for part in (self.vad, self.stt, self.llm, self.tts))
        return self

    def of(self, kind: type[E_co]) -> list[E_co]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


SUBSETS = [frozenset(some) for size in range(1, 5) for some in itertools.combinations(PARTS, size)]


@pytest.mark.parametrize("names", SUBSETS, ids=lambda names: "+".join(sorted(names)))
def test_what_is_there_says_what_a_session_does(names: frozenset[str]) -> None:
    missing: dict[str, str] = {}
    nodes: set[str] = set()

    async def do(session: Session) -> None:
        nodes.update(node.name for node in session.graph.nodes)
        assert await session.say(WRITTEN).wait() == "completed"  # it is spoken, or written
        for name, ask in {
            "type": lambda: session.type("hello"),
            "reply": session.reply,
            "commit": session.commit_turn,
            "clear": session.clear_turn,
        }.items():
            try:
                ask()
            except PartMissingError as error:
                missing[name] = error.part
        await session.wait_ended()

    parts = Parts(names=names).hold(do)
    ears, answers, hears = names & {"vad", "stt"}, "llm" in names, "stt" in names
    echo = {"note"} if "vad" in names else set()
    assert nodes == {"microphone", "speaker", "turn"} | ears | echo
    no_llm, no_ears = {"type": "llm", "reply": "llm"}, {"commit": "ears", "clear": "ears"}
    assert missing == {**({} if answers else no_llm), **({} if ears else no_ears)}

    assert [event.text for event in parts.of(UserSaid) if event.final] == [SPOKEN] * hears
    assert bool(parts.of(UserStartedSpeaking)) is bool(ears)
    turns = [(event.text, event.cause) for event in parts.of(UserTurnEnded)]
    assert turns == [("hello", "typed")] * answers + [(SPOKEN, "silence")] * hears
    assert [event.reason for event in parts.of(SpeechIgnored)] == ["no words"] * (ears == {"vad"})

    told = [event.heard for event in parts.of(AgentStoppedSpeaking)]
    assert told == [WRITTEN] + ["Fine."] * (2 + hears) * answers  # to what was typed, to `reply`, to what was said
    assert [event.interrupted for event in parts.of(AgentStoppedSpeaking)] == [None] * len(told)
    written = "".join(event.text for event in parts.of(AgentWrote))
    assert written == ("" if "tts" in names else "".join(told))
    assert parts.transport is not None
    assert bool(parts.transport.sound()) is ("tts" in names)


def test_of_nothing_no_session_is_made() -> None:
    with pytest.raises(ConfigurationError, match="at least one of"):
        Parts(names=frozenset()).session()


@pytest.mark.parametrize("name", ["vad", "stt", "tts"])
def test_sound_needs_a_transport(name: str) -> None:
    with pytest.raises(PartMissingError, match=f"Models.{name} needs a transport") as caught:
        Parts(names=frozenset({name, "llm"}), transport=None).session()
    assert caught.value.part == "transport"


def test_a_recording_that_has_no_room_for_both_is_refused(tmp_path: Path) -> None:
    models = Models(tts=FakeTts())
    with AudioFileSink(tmp_path / "call.wav", AudioFormat(rate_hz=16_000)) as mono:
        with pytest.raises(ConfigurationError, match="open it with channels=2"):
            Session(Agent(instructions=""), models=models, transport=FakeCall(), recording=mono)


def test_who_dials_needs_a_transport() -> None:
    dials = ConversationSettings(telephone=TelephoneSettings(outbound=OutboundSettings()))
    with pytest.raises(PartMissingError, match=r"TelephoneSettings\.outbound needs a transport"):
        Parts(names=frozenset({"llm"}), transport=None, settings=SessionSettings(conversation=dials)).session()


def test_a_recogniser_that_must_be_told_where_speech_is_needs_a_detector() -> None:
    with pytest.raises(PartMissingError, match="FakeStt, which does not find out itself") as caught:
        Parts(names=frozenset({"stt"}), stt=FakeStt()).session()
    assert caught.value.part == "vad"


def test_a_conversation_in_text_needs_no_transport_and_no_time() -> None:
    latencies: list[float | None] = []

    async def do(session: Session) -> None:
        assert {node.name for node in session.graph.nodes} == {"turn"}
        assert await session.type("Are you there?").wait() == "completed"
        assert await session.type("And now?").wait() == "completed"
        latencies.extend(event.latency_s for event in parts.of(AgentStartedSpeaking))
        assert [getattr(item, "text", "") for item in session.history] == [
            "Are you there?",
            "Fine.",
            "And now?",
            "Fine.",
        ]

    parts = Parts(names=frozenset({"llm"}), transport=None)
    parts.hold(do)
    assert latencies == pytest.approx([0.1, 0.1])  # the model's first token


def test_what_is_written_is_told_after_its_beginning_and_before_its_end() -> None:
    async def do(session: Session) -> None:
        await session.say("One. Two.").wait()

    parts = Parts(names=frozenset({"llm"}), transport=None).hold(do)
    kinds = [type(event).__name__ for event in parts.events]
    assert kinds == [
        "AgentStartedThinking",
        "AgentStartedSpeaking",
        "AgentWrote",
        "AgentStoppedSpeaking",
        "SessionEnded",
    ]


LONG = " ".join(["word"] * 200)


def test_who_types_cuts_what_is_written_and_only_what_was_shown_is_remembered() -> None:
    async def do(session: Session) -> None:
        first = session.type("Tell me all.")
        waits = session.say("And another thing.")
        await first.started()
        await trio.sleep(0.1)
        second = session.type("Stop.")
        assert (await first.wait(), await waits.wait()) == ("interrupted", "dropped")
        assert await second.wait() == "completed"
        told = "".join(event.text for event in parts.of(AgentWrote) if event.reply_id == first.reply_id)
        assert first.heard == told
        assert 0 < len(first.heard) < len(LONG)

    parts = Parts(names=frozenset({"llm"}), transport=None, llm=FakeLlm(answers=[LONG, "Fine."]))
    parts.hold(do)
    assert [event.interrupted for event in parts.of(AgentStoppedSpeaking)] == ["the user has typed", None]


def test_who_types_cuts_what_is_spoken_but_not_what_is_protected() -> None:
    async def do(session: Session) -> None:
        protected = session.say("This must be heard.", protected=True)
        assert await protected.started()
        answer = session.type("Well?")
        assert not protected.outcome
        assert await protected.wait() == "completed"
        assert await answer.started()
        again = session.type("Go on.")
        assert await answer.wait() == "interrupted"
        assert await again.wait() == "completed"

    Parts(names=frozenset({"llm", "tts"})).hold(do)


def test_a_pause_holds_what_is_written() -> None:
    async def do(session: Session) -> None:
        reply = session.type("Tell me all.")
        await reply.started()
        await trio.sleep(0.1)
        session.pause()
        shown = reply.heard
        await trio.sleep(5)
        assert reply.heard == shown
        session.resume()
        assert await reply.wait() == "completed"
        assert reply.heard == LONG
        session.pause()
        waits = session.say("Later.")
        await trio.sleep(5)
        assert not waits.heard
        session.resume()
        assert await waits.wait() == "completed"

    Parts(names=frozenset({"llm"}), transport=None, llm=FakeLlm(answers=[LONG])).hold(do)


def test_a_voice_interrupts_what_is_written() -> None:
    call = FakeCall(lines=[Line(at_s=0.0, for_s=1.0), Line(at_s=1.8, for_s=1.0)], hangs_up_s=12.0)
    llm, stt = FakeLlm(answers=[LONG, "Fine."]), FakeStt(utterances=[SPOKEN, Utterance(text="stop it now", word_s=0.2)])
    parts = Parts(names=frozenset({"vad", "stt", "llm"}), transport=call, llm=llm, stt=stt).hold()
    first, second = parts.of(AgentStoppedSpeaking)
    assert first.interrupted == "barge-in"
    assert 0 < len(first.heard) < len(LONG)
    assert second.heard == "Fine."


class Notes(Agent):
    """Writes turns down, drops some, and answers some itself."""

    def __init__(self) -> None:
        super().__init__(instructions="")
        self.seen: list[tuple[str, bool]] = []

    async def on_user_turn(self, session: Session, turn: HeardTurn) -> DropTurn | None:
        """Take note."""
        self.seen.append((turn.text, turn.typed))
        if turn.text == "drop":
            return DropTurn()
        if not turn.typed:
            session.say("Noted.")
        turn.text = turn.text.upper()
        return None


def test_without_a_model_the_agent_takes_note_of_turns_and_may_say_something() -> None:
    call = FakeCall(lines=[Line(at_s=0.0, for_s=1.0), Line(at_s=4.0, for_s=1.0)], hangs_up_s=9.0)
    agent = Notes()
    history: list[str] = []

    async def do(session: Session) -> None:
        await session.wait_ended()
        history.extend(getattr(item, "text", "") for item in session.history)

    stt = FakeStt(utterances=["keep", "drop"])
    parts = Parts(names=frozenset({"vad", "stt"}), transport=call, agent=agent, stt=stt).hold(do)
    assert agent.seen == [("keep", False), ("drop", False)]
    assert history == ["KEEP", "Noted."]
    assert [event.text for event in parts.of(AgentWrote)] == ["Noted."]


def test_what_is_typed_goes_through_the_hook() -> None:
    agent = Notes()

    async def do(session: Session) -> None:
        assert await session.type("hello").wait() == "completed"
        assert await session.type("drop").wait() == "dropped"
        assert [getattr(item, "text", "") for item in session.history] == ["HELLO", "Fine."]

    Parts(names=frozenset({"llm"}), transport=None, agent=agent).hold(do)
    assert agent.seen == [("hello", True), ("drop", True)]


async def test_nothing_can_be_typed_that_has_no_words_or_no_session() -> None:
    session = Parts(names=frozenset({"llm"}), transport=None).session()
    with pytest.raises(ConfigurationError, match="not running"):
        session.type("hello")
    async with session:
        with pytest.raises(ConfigurationError, match="needs words"):
            session.type(" ")


def test_nobody_is_away_who_cannot_be_there() -> None:
    assert not Parts(names=frozenset({"tts"}), transport=FakeCall(hangs_up_s=60)).hold().of(UserWentAway)
    assert Parts(names=frozenset({"vad"}), transport=FakeCall(hangs_up_s=60)).hold().of(UserWentAway)


def test_a_voice_alone_stops_the_agent_where_nobody_understands() -> None:
    async def do(session: Session) -> None:
        reply = session.say(LONG)
        assert await reply.wait() == "interrupted"
        assert session.now_s == pytest.approx(3.0 + 0.4 + 0.3, abs=0.1)

    parts = Parts(names=frozenset({"vad", "tts"}))
    parts.hold(do)
    assert [event.reason for event in parts.of(SpeechIgnored)] in ([], ["no words"])


def test_without_a_detector_the_words_part_the_turns() -> None:
    call = FakeCall(lines=[Line(at_s=1.0, for_s=1.0), Line(at_s=6.0, for_s=1.0)], hangs_up_s=12.0)
    stt = FakeStt(utterances=[Utterance(text=SPOKEN, word_s=0.2), "again"], finds_edges=True)
    parts = Parts(names=frozenset({"stt", "llm", "tts"}), transport=call, stt=stt).hold()
    assert [event.text for event in parts.of(UserTurnEnded)] == [SPOKEN, "again"]
    assert parts.of(UserTurnEnded)[0].speech_ended_s == pytest.approx(2.0, abs=0.3)
    assert stt.frames == 600  # all sound reaches the recogniser, silence too


def test_who_types_while_an_answer_is_thought_has_one_answer_to_both() -> None:
    remembered: list[str] = []

    async def do(session: Session) -> None:
        async with session.events(UserTurnEnded) as turns:
            await anext(turns)
        assert await session.type("and in writing").wait() == "completed"
        await session.wait_idle(2.0)
        remembered.extend(getattr(item, "text", "") for item in session.history)

    parts = Parts(names=frozenset(PARTS))
    parts.hold(do)
    assert remembered == [SPOKEN, "and in writing", "Fine."]
    assert [event.heard for event in parts.of(AgentStoppedSpeaking)] == ["Fine."]


def test_who_speaks_after_typing_goes_on_in_a_turn_of_its_own() -> None:
    call = FakeCall(lines=[Line(at_s=1.05, for_s=1.0)], hangs_up_s=9.0)

    async def do(session: Session) -> None:
        await trio.sleep(1.0)
        session.type("first")
        await session.wait_ended()

    parts = Parts(names=frozenset(PARTS), transport=call).hold(do)
    assert [(event.text, event.cause) for event in parts.of(UserTurnEnded)] == [("first", "typed"), (SPOKEN, "silence")]
    assert parts.of(AgentStoppedSpeaking)[-1].heard == "Fine."
