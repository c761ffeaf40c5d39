"""Reports: all of a call is in them, with the numbers of its events, and nothing from outside."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialogue.agents import (
    ActorFailed,
    AgentPaused,
    AgentResumed,
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    Event,
    ReplyFailed,
    SessionEnded,
    SpeechIgnored,
    ToolFinished,
    ToolStarted,
    TurnMeasured,
    UserSaid,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTurnEnded,
    WordsMissing,
)
from trialogue.cli.report import CallLog, Circumstances, circumstances, write_report
from trialogue.cli.report._page import render
from trialogue.cli.report._sound import EMBEDDED_BYTES, EMBEDDED_S, read_envelope
from trialogue.cli.report._story import Fault, Speech, Spoken, ToolUse, Turn, tell
from trialogue.cli.report._waits import PARTS, parts_of
from trialogue.engine import AudioError, ConfigurationError, Stall
from trialogue.frames import AudioFormat, AudioFrame
from trialogue.transports import AudioFileSink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy.typing as npt

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
STEREO = AudioFormat(rate_hz=16_000, channels=2)

#: Lone surrogates, which no UTF-8 can hold, among them.
ANY_LETTER = st.characters() | st.characters(categories=["Cs"])

LENGTHS_S = (0.31, 0.17, 0.12, 0.02, 0.015, 0.005)

MEASURED = TurnMeasured(
    at_s=2.64,
    reply_id="reply 1",
    speech_ended_s=2.0,
    speech_end_sample=32_000,
    playout_sample=42_240,
    transcription_s=LENGTHS_S[0],
    endpointing_s=LENGTHS_S[1],
    model_s=LENGTHS_S[2],
    sentence_s=LENGTHS_S[3],
    voice_s=LENGTHS_S[4],
    playout_s=LENGTHS_S[5],
    latency_s=0.64,
)

#: One of everything: two utterances that are one turn, an answer that is cut off, an mhm, a tool, faults.
CALL: tuple[Event, ...] = (
    UserStartedSpeaking(at_s=0.5, detected_s=0.6),
    UserStoppedSpeaking(at_s=0.9, detected_s=1.1),
    UserSaid(at_s=0.8, text="hel", final=False),
    UserSaid(at_s=1.1, text="hello", final=True),
    UserStartedSpeaking(at_s=1.2, detected_s=1.3),
    UserStoppedSpeaking(at_s=2.0, detected_s=2.3),
    UserSaid(at_s=2.31, text="a <table> & chairs", final=True),
    UserTurnEnded(at_s=2.48, text="hello a <table> & chairs", speech_ended_s=2.0),
    AgentStartedThinking(at_s=2.48, reply_id="reply 1", kind="answer"),
    AgentStartedSpeaking(at_s=2.64, reply_id="reply 1", latency_s=0.64),
    MEASURED,
    UserStartedSpeaking(at_s=3.0, detected_s=3.1),
    UserStoppedSpeaking(at_s=3.2, detected_s=3.5),
    SpeechIgnored(at_s=3.6, text="mhm", started_s=3.0),
    ToolStarted(at_s=3.7, call_id="call 1", name="book", arguments='{"people": 4}'),
    ToolFinished(at_s=4.1, call_id="call 1", name="book", output='"no & <never>"', is_error=True),
    UserStartedSpeaking(at_s=4.5, detected_s=4.6),
    AgentStoppedSpeaking(
        at_s=4.7,
        reply_id="reply 1",
        heard="All right. ",
        unheard='For how many "people"?',
        interrupted="barge-in",
        played_s=2.0,
    ),
    AgentStartedThinking(at_s=5.0, reply_id="reply 2", kind="say"),
    ReplyFailed(at_s=5.2, reply_id="reply 2", error="the server said 500"),
    ActorFailed(at_s=5.3, fault_id="fault 1", actor="stt", cause="it stalled", decision="restart", delay_s=0.1),
    SessionEnded(at_s=6.0, reason="the user has gone"),
)

ABOUT = Circumstances(
    title='A call & a "report"',
    started_at=datetime(2031, 5, 17, 9, 30, 5, tzinfo=UTC),
    virtual=False,
    machine="Linux, 64 CPUs",
    versions={"Python": "3.99", "trialogue": "1.2.3"},
)


def logged(events: Iterable[Event]) -> CallLog:
    log = CallLog()
    for event in events:
        log(event)
    return log


def page_of(events: Iterable[Event] = CALL, *, recording: Path | None = None, virtual: bool = False) -> ET.Element:
    about = Circumstances(
        title=ABOUT.title,
        started_at=ABOUT.started_at,
        virtual=virtual,
        machine=ABOUT.machine,
        versions=ABOUT.versions,
    )
    return ET.fromstring(render(logged(events), recording=recording, about=about, reply_graph=None))


def words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def with_class(page: ET.Element, name: str, tag: str = "") -> Iterator[ET.Element]:
    return (each for each in page.iter(tag or None) if name in (each.get("class") or "").split())


def write_recording(path: Path, samples: npt.NDArray[np.int16]) -> Path:
    sink = AudioFileSink(path, STEREO)
    sink.write(AudioFrame(pcm=samples.astype("<i2").tobytes(), at_sample=0, format=STEREO))
    sink.close()
    return path


# The story


def test_the_events_of_a_call_become_its_story() -> None:
    story = tell(logged(CALL).events)
    assert story.speeches == [
        Speech(started_s=0.5, ended_s=0.9, text="hello", fate="turn"),
        Speech(started_s=1.2, ended_s=2.0, text="a <table> & chairs", fate="turn"),
        Speech(started_s=3.0, ended_s=3.2, text="mhm", fate="ignored"),
        Speech(started_s=4.5),
    ]
    assert story.turns == [Turn(started_s=0.5, speech_ended_s=2.0, committed_s=2.48, text="hello a <table> & chairs")]
    assert story.replies == [
        Spoken(
            reply_id="reply 1",
            thought_s=2.48,
            began_s=2.64,
            stopped_s=4.7,
            heard="All right. ",
            unheard='For how many "people"?',
            interrupted="barge-in",
            latency_s=0.64,
        ),
        Spoken(reply_id="reply 2", thought_s=5.0),
    ]
    assert story.tools == [
        ToolUse(
            call_id="call 1",
            name="book",
            arguments='{"people": 4}',
            started_s=3.7,
            ended_s=4.1,
            output='"no & <never>"',
            is_error=True,
        )
    ]
    assert story.faults == [
        Fault(at_s=5.2, text="reply 2: the server said 500"),
        Fault(at_s=5.3, text="stt: it stalled (restart)"),
    ]
    assert (story.interruptions, story.ended_s, story.reason) == (1, 6.0, "the user has gone")


def test_being_cut_off_by_the_end_of_the_call_is_no_interruption() -> None:
    events = (
        AgentStartedThinking(at_s=0.0, reply_id="reply 1", kind="say"),
        AgentStartedSpeaking(at_s=0.1, reply_id="reply 1", latency_s=None),
        AgentStoppedSpeaking(
            at_s=2.0, reply_id="reply 1", heard="Good", unheard="bye", interrupted="the end", played_s=1.9
        ),
        SessionEnded(at_s=2.0, reason="the user has gone"),
    )
    assert tell(events).interruptions == 0


#: The agent rests twice: once for a sound, and then until it is cut off.
RESTS = (
    AgentStartedThinking(at_s=0.0, reply_id="reply 1", kind="say"),
    AgentStartedSpeaking(at_s=0.1, reply_id="reply 1", latency_s=None),
    AgentPaused(at_s=1.0, reply_id="reply 1", speech_started_s=0.6),
    AgentResumed(at_s=1.75, reply_id="reply 1", paused_s=0.75),
    AgentPaused(at_s=2.0, reply_id="reply 1", speech_started_s=1.6),
    AgentStoppedSpeaking(
        at_s=2.5, reply_id="reply 1", heard="Good", unheard="bye", interrupted="barge-in", played_s=1.3
    ),
    WordsMissing(at_s=5.5, speech_ended_s=2.5),
    SessionEnded(at_s=6.0, reason="the user has gone"),
)


def test_where_the_agent_rested_is_told_and_shown() -> None:
    story = tell(RESTS)
    assert story.replies[0].rests == [(1.0, 1.75), (2.0, 2.5)]
    assert story.faults == [Fault(at_s=5.5, text="no words came for what was said until 2.50 s")]
    page = page_of(RESTS)
    assert len(list(with_class(page, "rest"))) == 2
    assert "rested for 0.75 s" in words(page)


def test_code_that_blocked_the_loop_is_named() -> None:
    log = logged(CALL)
    log.note_stall(Stall(blocked_s=0.163, where="/usr/lib/site-packages/parser/tables.py:9 in load", stack=()))
    assert tell(log.events, log.stalls).stalls == [Fault(at_s=0.0, text="0.16 s in parser/tables.py:9 in load")]
    page = ET.fromstring(render(log, recording=None, about=ABOUT, reply_graph=None))
    first = words(next(with_class(page, "line")))
    assert first == "0:00.00stallthe event loop was blocked for 0.16 s in parser/tables.py:9 in load"
    assert "Faults and stalls3" in words(page)


def test_guesses_at_words_are_not_kept() -> None:
    assert len(logged(CALL).events) == len(CALL) - 1


# The page


def test_the_page_says_when_with_what_and_on_which_clock() -> None:
    real, virtual = words(page_of()), words(page_of(virtual=True))
    assert 'A call & a "report"' in real
    assert "2031-05-17 09:30:05 UTC" in real
    assert "trialogue1.2.3" in real
    assert "Real clock: delays were measured" in real
    assert "modelled" not in words(next(with_class(page_of(), "clock")))
    assert "Virtual clock: delays are modelled." in virtual


def test_the_transcript_tells_heard_from_unheard() -> None:
    lines = [words(line) for line in with_class(page_of(), "line")]
    assert lines == [
        "0:00.50callerhello a <table> & chairs",
        '0:02.64agentAll right. For how many "people"? cut off: barge-in 0.64 s',
        "0:03.00callermhm let pass; the agent went on",
        '0:03.70toolbook {"people": 4} → "no & <never>" failed',
        "0:04.50callera sound not answered",
        "0:05.00agentnothing of this reply was heard",
        "0:05.20faultreply 2: the server said 500",
        "0:05.30faultstt: it stalled (restart)",
    ]
    (agent,) = (line for line in with_class(page_of(), "line") if "agent" in line.get("class", "").split())
    assert [each.text for each in agent.iter(f"{HTML}del")] == ['For how many "people"?']


def test_the_parts_of_a_wait_are_the_stages_of_a_turn() -> None:
    assert [part.name for part in PARTS] == [span.stage for span in MEASURED.spans]
    assert parts_of(MEASURED) == LENGTHS_S


def test_each_wait_has_its_row_with_the_numbers_of_its_event() -> None:
    (table,) = with_class(page_of(), "waits")
    (row,) = table.findall(f"{HTML}tbody/{HTML}tr")
    assert row.get("data-reply") == "reply 1"
    numbers = [words(cell) for cell in row if "n" in (cell.get("class") or "").split()]
    assert numbers == ["640", "310", "170", "120", "20", "15", "5"]
    assert "hello a <table> & chairs" in words(row)
    widths = [percent(each, "width") for each in row.iter(f"{SVG}rect")]
    assert widths == pytest.approx([100 * part / MEASURED.latency_s for part in LENGTHS_S], abs=0.01)
    starts = [percent(each, "x") for each in row.iter(f"{SVG}rect")]
    assert starts == pytest.approx([sum(widths[:place]) for place in range(len(widths))], abs=0.01)


def test_the_timeline_shows_everybody_where_they_spoke() -> None:
    spans = {
        name: [(percent(each, "x") * 0.06, percent(each, "width") * 0.06) for each in spans_of(name)]
        for name in ("speech", "turn", "reply", "tool", "part")
    }
    assert spans["speech"] == [near(0.5, 0.4), near(1.2, 0.8), near(3.0, 0.2), near(4.5, 1.5)]
    assert spans["turn"] == [near(0.5, 1.98)]
    assert spans["reply"] == [near(2.64, 2.06)]
    assert sum(width for _, width in spans["part"]) == pytest.approx(MEASURED.latency_s, abs=1e-3)
    assert [each.get("x1") for each in with_class(page_of(), "cut-line")] == ["78.3333%"]
    tooltips = [words(each) for each in page_of().iter(f"{SVG}title")]
    assert "The caller spoke from 0:03.00 to 0:03.20 (let pass): mhm" in tooltips
    assert any("Tool book" in tooltip and "after 0.40 s" in tooltip for tooltip in tooltips)


def test_it_refers_to_nothing_outside_itself(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "call.wav", np.zeros((1600, 2), np.int16))
    page = page_of(recording=recording)
    for element in page.iter():
        for name in ("src", "href"):
            assert (element.get(name) or "#").startswith(("#", "data:"))
    assert not re.search(r"@import|url\((?!#)", ET.tostring(page, encoding="unicode"))
    (policy,) = (each for each in page.iter(f"{HTML}meta") if each.get("http-equiv"))
    assert (policy.get("content") or "").startswith("default-src 'none'")


def test_a_call_in_which_nothing_happened() -> None:
    page = words(page_of(()))
    assert "Nobody said anything." in page
    assert "nothing to measure" in page
    assert "This call was not recorded." in page


@given(st.text(ANY_LETTER), st.text(ANY_LETTER))
def test_whatever_was_said_the_page_is_well_formed(said: str, heard: str) -> None:
    events = (
        UserStartedSpeaking(at_s=0.1, detected_s=0.2),
        UserTurnEnded(at_s=1.0, text=said, speech_ended_s=0.5),
        AgentStartedThinking(at_s=1.0, reply_id=heard, kind="answer"),
        AgentStartedSpeaking(at_s=1.1, reply_id=heard, latency_s=None),
        AgentStoppedSpeaking(at_s=2.0, reply_id=heard, heard=heard, unheard=said, interrupted=said, played_s=1.0),
        SessionEnded(at_s=2.0, reason=heard),
    )
    page = page_of(events)
    ET.tostring(page, encoding="utf-8")
    assert len(list(with_class(page, "line"))) == 2
    if said.isprintable():
        assert " ".join(said.split()) in words(next(with_class(page, "what")))


def spans_of(name: str) -> list[ET.Element]:
    return [each for each in with_class(page_of(), "span") if name in (each.get("class") or "").split()]


def percent(element: ET.Element, name: str) -> float:
    return float((element.get(name) or "").removesuffix("%"))


def near(*values: float) -> object:
    return pytest.approx(values, abs=1e-3)


# The sound


def envelope_of(path: str) -> tuple[list[int], list[int]]:
    """Highs and lows from an envelope's path, on its scale of 100."""
    start, moves = path.removeprefix("M0 ").removesuffix("z").split("l")
    y, ys = int(start), [int(start)]
    for step in re.findall(r"(?:-?1|0)([+-]\d+)", moves):
        y += int(step)
        ys.append(y)
    middle = len(ys) // 2
    return [-y for y in ys[:middle]], [-y for y in ys[: middle - 1 : -1]]


def test_the_envelope_holds_the_highest_and_lowest_sample_of_each_step(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    samples = rng.integers(-10_000, 10_000, (16_000, 2), dtype=np.int16)
    samples[4_000:8_000] //= 10
    samples[12_345, 0] = 20_000
    samples[801, 1] = -15_000
    envelope = read_envelope(write_recording(tmp_path / "call.wav", samples), expected_s=1.0)
    assert envelope.duration_s == pytest.approx(1.0, abs=0.64)
    steps = samples.reshape(-1, 160, 2)
    for side, path in enumerate((envelope.user, envelope.agent)):
        highs, lows = envelope_of(path)
        assert len(highs) == len(lows) == envelope.steps >= 100
        assert highs[:100] == pytest.approx(steps.max(axis=1)[:, side] / 200, abs=0.51)
        assert lows[:100] == pytest.approx(steps.min(axis=1)[:, side] / 200, abs=0.51)
        assert not any(highs[100:]) and not any(lows[100:])  # noqa: PT018 - one thing: what follows is silence


def test_the_envelope_of_a_long_call_has_no_more_steps_than_can_be_drawn(tmp_path: Path) -> None:
    samples = np.zeros((160_000, 2), np.int16)
    samples[::2] = 1_000
    path = write_recording(tmp_path / "call.flac", samples)
    hours = 4 * 3600.0
    envelope = read_envelope(path, expected_s=hours)
    assert envelope.steps <= 12_000 * 10 / hours + 64
    assert len(envelope.user) < 1_000


def test_a_short_recording_is_part_of_the_page(tmp_path: Path) -> None:
    samples = np.full((1_600, 2), 77, np.int16)
    for name in ("call.wav", "call.flac"):
        page = page_of(recording=write_recording(tmp_path / name, samples))
        (audio,) = page.iter(f"{HTML}audio")
        assert (audio.get("src") or "").startswith("data:audio/flac;base64,ZkxhQ")  # "fLaC"


def test_a_long_recording_can_be_chosen_by_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    sink = AudioFileSink(path, STEREO)
    sink.write(AudioFrame(pcm=bytes(4), at_sample=STEREO.samples(EMBEDDED_S + 1), format=STEREO))
    sink.close()
    page = page_of([SessionEnded(at_s=EMBEDDED_S + 1, reason="it was long")], recording=path)
    (audio,) = page.iter(f"{HTML}audio")
    assert audio.get("src") is None
    assert [each.get("type") for each in page.iter(f"{HTML}input")] == ["file"]


def test_noise_that_cannot_be_packed_small_is_chosen_by_the_reader_too(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(-32_768, 32_767, (16_000, 2), dtype=np.int16)
    path = tmp_path / "call.wav"
    with AudioFileSink(path, STEREO) as sink:
        for second in range(EMBEDDED_BYTES // 64_000 + 2):
            sink.write(AudioFrame(pcm=noise.tobytes(), at_sample=16_000 * second, format=STEREO))
    (audio,) = page_of(recording=path).iter(f"{HTML}audio")
    assert audio.get("src") is None


def test_a_recording_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AudioError):
        page_of(recording=tmp_path / "missing.wav")


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_report(tmp_path, logged(CALL), recording=None, about=ABOUT)


def test_the_circumstances_are_those_of_here_and_now() -> None:
    about = circumstances("a call", virtual=True, remark="mind the gap")
    assert about.started_at.tzinfo is not None
    assert {"Python", "trio"} <= set(about.versions)
    assert about.virtual
    assert "mind the gap" in render(logged(CALL), recording=None, about=about, reply_graph=None)
