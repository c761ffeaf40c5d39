"""A call on a subject that no engine, actor or provider was written for: only its script and its lines are its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from trialogue.cli import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

Events = list[dict[str, object]]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Events:
    """The event log of one call to the library."""
    folder: Path = tmp_path_factory.mktemp("library")
    assert main(["demo", "library", "--fast", "--out", str(folder / "call.wav")]) == 0
    return [json.loads(line) for line in (folder / "call.jsonl").read_text(encoding="utf-8").splitlines()]


def _of(events: Events, kind: str) -> Events:
    return [event for event in events if event["event"] == kind]


def test_the_reader_is_understood(events: Events) -> None:
    assert [event["text"] for event in _of(events, "UserTurnEnded")] == [
        "good morning i would like to reserve a book please",
        "treasure island",
        "when are you open on saturdays",
        "at the riverside branch",
        "my name is peter walker",
        "no wait make it jane eyre",
        "yes that is right",
        "how long can i keep it",
        "thank you goodbye",
    ]


def test_the_book_that_the_reader_changed_to_is_reserved(events: Events) -> None:
    (called,) = _of(events, "ToolStarted")
    assert called["name"] == "reserve_book"
    assert json.loads(str(called["arguments"])) == {"title": "Jane Eyre", "branch": "Riverside", "name": "Peter Walker"}
    (answered,) = _of(events, "ToolFinished")
    assert not answered["is_error"]


def test_one_interruption_stops_the_agent(events: Events) -> None:
    (cut,) = [event for event in _of(events, "AgentStoppedSpeaking") if event["interrupted"]]
    assert str(cut["heard"]).endswith("Treasure Island for")
    assert "Is that right?" in str(cut["unheard"])


def test_one_mhm_does_not_stop_the_agent(events: Events) -> None:
    (ignored,) = _of(events, "SpeechIgnored")
    index = events.index(ignored)
    (spoken,) = [event for event in _of(events[index:], "AgentStoppedSpeaking")][:1]
    assert spoken["interrupted"] is None
    assert "Sundays the reading room" in str(spoken["heard"])


def test_nothing_fails_and_the_reader_hangs_up(events: Events) -> None:
    assert not _of(events, "ReplyFailed")
    assert events[-1]["event"] == "SessionEnded"
    assert events[-1]["reason"] == "the user has gone"
