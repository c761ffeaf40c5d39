"""Flight records: written while a conversation is held, read back, and replayed."""

from __future__ import annotations

import io
import json
import math
from typing import TYPE_CHECKING, Literal, TextIO, get_args, get_origin

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.actors import (
    CommitTurn,
    EndpointingSettings,
    InterruptReply,
    ReplyStarted,
    TextTurnDetector,
    TurnDecision,
    TurnInput,
    TurnPolicy,
    TurnSettings,
    TurnSettingsChanged,
    UserState,
)
from trialogue.agents import (
    ActorFailed,
    Agent,
    FlightRecord,
    FlightRecordDamaged,
    Models,
    Session,
    SessionSettings,
    read_flight,
    replay,
    settings_with,
)
from trialogue.agents.flight._flight_record import DECISIONS, FACTS, SETTINGS, RecordedPolicy
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech, Utterance
from trialogue.engine import ConfigurationError, PolicyError, TurnSoFar, VirtualTime, run
from trialogue.frames import FinalTranscript, PlayoutStarted, SpeechEnded, SpeechStarted

if TYPE_CHECKING:
    from pathlib import Path

    from trialogue.agents import Event

STORY = Answer("Once there was a king. He had three sons. They all went away.")


def conversation(record: FlightRecord, *, settings: TurnSettings | None = None, seed: int = 0) -> list[Event]:
    """Four utterances: a turn, a sign of listening, an interruption, and one in two parts."""
    lines = [Line(at_s=1.0, for_s=1.0), Line(at_s=3.5, for_s=0.5), Line(at_s=5.0, for_s=1.2)]
    lines += [Line(at_s=9.0, for_s=0.6), Line(at_s=9.9, for_s=0.8)]
    interrupts = Utterance(text="wait a moment please", word_s=0.2)
    said: list[Utterance | str] = ["tell me a story", "mhm", interrupts, "my number is", "five two"]
    models = Models(
        vad=FakeVad(),
        stt=FakeStt(utterances=said),
        llm=FakeLlm(answers=[STORY, "Of course.", "Fine."]),
        tts=FakeTts(every=Speech(word_s=0.25)),
    )
    events: list[Event] = []

    async def hold() -> None:
        session = Session(
            Agent(instructions="Tell stories."),
            models=models,
            transport=FakeCall(lines=lines, hangs_up_s=20.0),
            settings=SessionSettings(turn=settings or TurnSettings()),
            observers=[events.append],
            flight_record=record,
        )
        async with session:
            await session.wait_ended()

    run(hold, virtual=VirtualTime(seed=seed))
    return events


def recorded(settings: TurnSettings | None = None, *, max_bytes: int = 1_000_000, seed: int = 0) -> list[str]:
    """Its lines."""
    file = io.StringIO()
    conversation(FlightRecord(to=file, max_bytes=max_bytes), settings=settings, seed=seed)
    return file.getvalue().splitlines(keepends=True)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """A record of a conversation with the settings that everybody has."""
    return recorded()


# -- there and back

NUMBERS = st.floats(-1e9, 1e9)
BY_TYPE = {
    "float": NUMBERS,
    "int": st.integers(-(2**53), 2**53),
    "str": st.text(),
    "bool": st.booleans(),
    "float | None": st.none() | NUMBERS,
    "TurnSettings": st.builds(
        TurnSettings,
        language=st.text(),
        edges=st.sampled_from(["vad", "stt", "both"]),
        endpointing=st.builds(EndpointingSettings, max_turn_s=st.just(math.inf) | st.floats(1, 100)),
        away_after_s=st.just(math.inf) | st.floats(1, 100),
    ),
}


def any_of(kind: type) -> st.SearchStrategy[object]:
    """Any record of a type."""
    resolved = attrs.resolve_types(kind)
    fields: dict[str, st.SearchStrategy[object]] = {}
    for field in attrs.fields(resolved):
        choices = get_args(field.type) if get_origin(field.type) is Literal else ()
        fields[field.name] = st.sampled_from(choices) if choices else BY_TYPE[name_of(field.type)]
    return st.builds(kind, **fields)


def name_of(kind: object) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


@pytest.mark.parametrize("kind", get_args(TurnInput))
@hypothesis.settings(max_examples=25)
@hypothesis.given(data=st.data())
def test_every_fact_comes_back_as_it_was(kind: type, data: st.DataObject) -> None:
    fact = data.draw(any_of(kind))
    assert FACTS.loads(FACTS.dumps(fact)) == fact  # type: ignore[arg-type]  # it is one of them


@pytest.mark.parametrize("kind", get_args(TurnDecision))
@hypothesis.settings(max_examples=25)
@hypothesis.given(data=st.data())
def test_every_decision_comes_back_as_it_was(kind: type, data: st.DataObject) -> None:
    decision = data.draw(any_of(kind))
    assert DECISIONS.loads(DECISIONS.dumps(decision)) == decision  # type: ignore[arg-type]  # it is one of them


def test_a_record_says_what_the_policy_was_made_with(lines: list[str]) -> None:
    header = json.loads(lines[0])
    assert header["flight_record"] == 1
    assert header["python"].count(".") == 2
    assert "Infinity" not in lines[0], "it is JSON for everybody"
    assert read_flight(lines).settings == TurnSettings()
    other = settings_with(TurnSettings(), {"interruption.min_words": 4, "away_after_s": 7})
    assert read_flight(recorded(other)).settings == other


def test_a_record_holds_every_fact_and_decision_in_order(lines: list[str]) -> None:
    flight = read_flight(lines)
    assert flight.is_whole
    assert flight.left_out == 0
    assert [entry.line for entry in flight.entries] == list(range(2, len(lines)))
    decisions = [decision for entry in flight.entries for decision in entry.decisions]
    turns = [decision.text for decision in decisions if isinstance(decision, CommitTurn)]
    assert turns == ["tell me a story", "wait a moment please", "my number is five two"]
    assert any(isinstance(decision, InterruptReply) for decision in decisions)
    assert sum(isinstance(entry.fact, SpeechStarted) for entry in flight.entries) == 5


# -- replaying


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"endpointing.mode": "adaptive"},
        {"interruption.mode": "vad", "interruption.pause_after_s": 0.1},
        {"preparation.enabled": True},
        {"edges": "both", "away_after_s": 2.0},
    ],
)
def test_a_record_replays_without_a_difference(changes: dict[str, object], seed: int) -> None:
    flight = read_flight(recorded(settings_with(TurnSettings(), changes), seed=seed))
    assert flight.decisions >= 4
    assert replay(flight) == ()


def test_other_settings_show_what_they_would_have_changed(lines: list[str]) -> None:
    flight = read_flight(lines)
    sooner = replay(flight, settings_with(flight.settings, {"endpointing.min_delay_s": 0.35}))
    first = sooner[0]
    assert isinstance(first.recorded, CommitTurn)
    assert isinstance(first.replayed, CommitTurn)
    assert first.recorded.committed_s == pytest.approx(2.5)
    assert first.replayed.committed_s == pytest.approx(2.35)
    assert attrs.evolve(first.recorded, committed_s=0.0) == attrs.evolve(first.replayed, committed_s=0.0)


def test_a_decision_that_only_one_of_them_takes_is_told(lines: list[str]) -> None:
    flight = read_flight(lines)
    differences = replay(flight, settings_with(flight.settings, {"interruption.mode": "off"}))
    missing = [each.recorded for each in differences if each.replayed is None and each.refused is None]
    assert any(isinstance(decision, InterruptReply) for decision in missing)


def test_a_policy_that_changed_is_found_out(lines: list[str]) -> None:
    tampered = [line.replace('"barge-in"', '"another reason"') for line in lines]
    (difference,) = replay(read_flight(tampered))
    assert isinstance(difference.recorded, InterruptReply)
    assert isinstance(difference.replayed, InterruptReply)
    assert (difference.recorded.reason, difference.replayed.reason) == ("another reason", "barge-in")
    assert difference.line == next(number for number, line in enumerate(tampered, 1) if "another reason" in line)


class Doubtful(TextTurnDetector):
    """A judge who never believes that anybody has finished."""

    def probability(self, so_far: TurnSoFar) -> float:
        """Never."""
        return 0.0


def test_another_judge_is_asked_for_and_used(lines: list[str]) -> None:
    flight = attrs.evolve(read_flight(lines), judge="Doubtful")
    with pytest.raises(ConfigurationError, match="a Doubtful judged"):
        replay(flight)
    assert replay(flight, judge=Doubtful())


def test_a_fact_that_cannot_follow_is_told(lines: list[str]) -> None:
    twice = [*lines[:2], *lines[1:]]  # speech that begins while it goes on
    assert any(difference.refused for difference in replay(read_flight(twice)))


def test_a_refused_fact_is_recorded_with_its_reason_and_replays() -> None:
    file = io.StringIO()
    policy = RecordedPolicy(TurnSettings(), FlightRecord(to=file))
    started = SpeechStarted(at_sample=0, at_s=0.0, detected_s=0.1)
    with policy.recording(lambda error: None):
        policy.on_frame(started, 0.1)
        with pytest.raises(PolicyError):
            policy.on_frame(started, 0.2)
    flight = read_flight(file.getvalue().splitlines(keepends=True))
    assert flight.entries[1].error
    assert replay(flight) == ()


FACTS_OF_SPEECH = st.lists(
    st.tuples(st.sampled_from(["started", "ended", "final", "reply", "playout"]), st.floats(0.0, 2.0)), max_size=25
)


@hypothesis.settings(max_examples=100)
@hypothesis.given(steps=FACTS_OF_SPEECH, lateness_s=st.sampled_from([0.0, 0.013]))
def test_any_order_of_facts_replays_as_it_was(steps: list[tuple[str, float]], lateness_s: float) -> None:
    """With a shell that is late, too: what it did is what counts."""
    file = io.StringIO()
    policy = RecordedPolicy(TurnSettings(), FlightRecord(to=file))
    now_s = 0.0
    with policy.recording(lambda error: None):
        for kind, after_s in steps:
            due_s = now_s + after_s
            while policy.deadline is not None and policy.deadline + lateness_s <= due_s:
                now_s = max(now_s, policy.deadline + lateness_s)
                before = policy.deadline
                policy.on_time(now_s)
                if policy.deadline == before:
                    break
            now_s = max(now_s, due_s)
            at = round(now_s * 16_000)
            facts: dict[str, TurnInput] = {
                "started": SpeechStarted(at_sample=at, at_s=now_s, detected_s=now_s),
                "ended": SpeechEnded(at_sample=at, at_s=now_s, detected_s=now_s),
                "final": FinalTranscript(text="what is this", start_sample=max(0, at - 8_000), end_sample=at),
                "reply": ReplyStarted(reply_id="r"),
                "playout": PlayoutStarted(
                    reply_id="r", at_s=now_s, at_sample=at, first_sentence_s=now_s, first_sound_s=now_s
                ),
            }
            try:
                policy.on_frame(facts[kind], now_s)
            except PolicyError:
                continue
    flight = read_flight(file.getvalue().splitlines(keepends=True))
    assert len(flight.entries) >= len(steps)
    assert replay(flight) == ()


# -- bounds and faults


def test_a_record_stays_within_its_bound_and_its_beginning_replays() -> None:
    kept = recorded(max_bytes=4_000)
    assert sum(len(line.encode()) for line in kept) <= 4_000
    whole = recorded()
    flight = read_flight(kept)
    assert flight.is_whole
    assert flight.left_out == len(whole) - len(kept) > 0
    assert kept[:-1] == whole[: len(kept) - 1]
    assert replay(flight) == ()


def test_half_a_character_is_recorded() -> None:
    file = io.StringIO()
    policy = RecordedPolicy(TurnSettings(), FlightRecord(to=file))
    said = FinalTranscript(text="fine \ud83d", start_sample=0, end_sample=8_000)
    with policy.recording(lambda error: None):
        policy.on_frame(said, 0.5)
    assert file.getvalue().isascii()
    assert read_flight(file.getvalue().splitlines(keepends=True)).entries[0].fact == said


def test_every_line_is_json_for_everybody() -> None:
    file = io.StringIO()
    policy = RecordedPolicy(TurnSettings(away_after_s=math.inf), FlightRecord(to=file))
    facts: list[TurnInput] = [
        FinalTranscript(text='to "Infinity" and beyond', start_sample=0, end_sample=8_000),
        TurnSettingsChanged(settings=TurnSettings(away_after_s=math.inf), at_s=0.6),
    ]
    with policy.recording(lambda error: None):
        for fact in facts:
            policy.on_frame(fact, 0.6)
    lines = file.getvalue().splitlines(keepends=True)
    for line in lines:
        json.loads(line, parse_constant=pytest.fail)
    assert [entry.fact for entry in read_flight(lines).entries] == facts


def test_a_file_that_is_closed_meanwhile_is_gone_on_without() -> None:
    file, faults = io.StringIO(), list[Exception]()
    policy = RecordedPolicy(TurnSettings(), FlightRecord(to=file))
    with policy.recording(faults.append):
        file.close()
        for at_s in (0.1, 0.2):
            policy.on_time(at_s)
    assert len(faults) == 1
    with pytest.raises(ConfigurationError, match="cannot be written: I/O operation on closed file"):
        policy.recording(faults.append).__enter__()


def test_a_bound_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="max_bytes"):
        FlightRecord(to="x", max_bytes=100)


def test_a_file_is_made_anew_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    path.write_text("old\n" * 1000)
    conversation(FlightRecord(to=path, recording="call.wav"))
    flight = read_flight(path.read_text().splitlines(keepends=True))
    assert flight.recording == "call.wav"
    assert flight.is_whole


def test_a_file_that_cannot_be_made_is_told_before_the_call(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"the flight record .*call.jsonl cannot be written: No such file"):
        conversation(FlightRecord(to=tmp_path / "nowhere" / "call.jsonl"))


class FullDisk(io.StringIO):
    """Takes some lines."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.left = lines

    def write(self, text: str, /) -> int:
        """One less."""
        self.left -= 1
        if self.left < 0:
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_a_full_disk_ends_the_record_and_not_the_call() -> None:
    disk: TextIO = FullDisk(8)
    events = conversation(FlightRecord(to=disk))
    (failed,) = [event for event in events if isinstance(event, ActorFailed)]
    assert (failed.actor, failed.decision) == ("flight record", "go on without it")
    assert "No space left" in failed.cause
    assert sum(type(event).__name__ == "UserTurnEnded" for event in events) == 3
    with pytest.raises(ConfigurationError, match="No space left"):
        conversation(FlightRecord(to=FullDisk(0)))


def test_a_record_without_its_end_replays_and_says_so(lines: list[str]) -> None:
    flight = read_flight(lines[:-1])
    assert not flight.is_whole
    assert replay(flight) == ()


@pytest.mark.parametrize(
    ("line", "damage", "complaint"),
    [
        (1, '{"some": "json"}\n', "no flight record of format 1"),
        (1, "", "it was cut off"),
        (3, "{'python': 1}\n", "it is no JSON"),
        (4, '{"at_s": 1.0, "deadl', "it was cut off"),
        (5, '["a list"]\n', "a JSON object was expected"),
        (6, '{"at_s": 1.0, "fact": null, "decisions": []}\n', "deadline_s is missing"),
        (6, '{"at_s": "soon", "deadline_s": null, "fact": null, "decisions": []}\n', "a time in seconds"),
        (7, '{"at_s": 1, "deadline_s": 2, "fact": {"type": "Sneeze"}, "decisions": []}\n', "Sneeze"),
        (7, '{"at_s": 1, "deadline_s": 2, "fact": {"type": "ReplyStarted"}, "decisions": []}\n', "reply_id"),
        (8, '{"at_s": 1, "deadline_s": 2, "fact": null, "decisions": 3}\n', "decisions are no list"),
        (9, '{"end": true}\n', "how much was left out"),
        (9, '{"end": true, "left_out": 0}\n', "line 10: the record is over before it"),
    ],
)
def test_damage_is_told_with_its_line(lines: list[str], line: int, damage: str, complaint: str) -> None:
    damaged = [*lines[: line - 1], damage, *lines[line:]]
    with pytest.raises(FlightRecordDamaged, match=complaint) as raised:
        read_flight(damaged)
    assert raised.value.line == (10 if "line 10" in complaint else line)
    if line == 1:
        with pytest.raises(FlightRecordDamaged):
            read_flight(damaged, before_damage=True)
        return
    flight = read_flight(damaged, before_damage=True)
    assert len(flight.entries) == line - 2
    assert replay(flight) == ()


def test_a_cut_anywhere_is_told_or_harmless(lines: list[str]) -> None:
    text = "".join(lines)
    for size in range(0, len(text), 97):
        cut = text[:size].splitlines(keepends=True)
        if cut and (cut[-1].endswith("\n") or is_json(cut[-1])):
            assert not read_flight(cut).is_whole
            continue
        with pytest.raises(FlightRecordDamaged) as raised:
            read_flight(cut)
        assert raised.value.line == max(1, len(cut))


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"endpointing.min_delay": 1}, r"no setting endpointing.min_delay of turn-taking; .*endpointing.min_delay_s"),
        ({"endpointing": 1}, "no setting endpointing"),
        ({"type": "x"}, "no setting type"),
        ({"language.x": 1}, r"no setting language.x"),
        ({"interruption.mode": "loud"}, "loud"),
        ({"endpointing.min_delay_s": -1}, "min_delay_s"),
        ({"endpointing.min_delay_s": "soon"}, "TurnSettings"),
    ],
)
def test_settings_that_do_not_exist_or_fit_are_refused(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        settings_with(TurnSettings(), changes)


def test_a_session_without_a_record_has_a_policy_of_its_own_kind() -> None:
    session = Session(
        Agent(instructions=""),
        models=Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=FakeTts()),
        transport=FakeCall(),
    )
    assert type(session._policy) is TurnPolicy
    assert session._policy.user is UserState.LISTENING
    assert SETTINGS.loads(SETTINGS.dumps(TurnSettings())) == TurnSettings()
