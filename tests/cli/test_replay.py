"""`trialogue replay`: what it prints, and how it exits."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.agents.test_flight_record import recorded
from tests.cli.recordings import SPEECH
from tests.cli.test_talk import talk
from trialogue.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record of a conversation."""
    path = tmp_path / "call.jsonl"
    path.write_text("".join(recorded()))
    return path


def test_the_same_policy_decides_the_same(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(record)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith(f"{record}: ")
    assert "written by trialogue" in printed[0]
    assert printed[-1] == "every decision is as recorded"


def test_a_terminal_need_not_know_every_letter(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record.write_text(record.read_text().replace("a story", "\\u5c0f \\ud83d"))
    terminal = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(terminal, encoding="ascii", write_through=True))
    assert main(["replay", str(record), "--set", "endpointing.min_delay_s=0.35"]) == 3
    assert b"tell me \\u5c0f \\ud83d" in terminal.getvalue()


def test_other_settings_are_told_line_by_line(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["--set", "endpointing.min_delay_s=0.35", "--set", "interruption.mode=vad"]
    assert main(["replay", str(record), *changes]) == 3
    printed = capsys.readouterr().out.splitlines()
    assert "~ CommitTurn: committed_s 2.5 -> 2.35" in printed[1]
    assert printed[1].split()[:3] == ["2.500", "s", "line"]
    assert printed[-1].endswith("- only recorded, + only today, ~ changed, ! refused")


def test_as_json(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(record), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["differences"] == []
    assert told["is_whole"]
    assert main(["replay", str(record), "--json", "--set", "endpointing.min_delay_s=0.35"]) == 3
    first = json.loads(capsys.readouterr().out)["differences"][0]
    assert first["recorded"]["committed_s"] == pytest.approx(2.5)
    assert first["replayed"]["committed_s"] == pytest.approx(2.35)
    assert first["refused"] is None


def test_a_damaged_record_is_told_with_its_line(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = record.read_text()
    record.write_text(text[: len(text) // 2])
    assert main(["replay", str(record)]) == 1
    line = text[: len(text) // 2].count("\n") + 1
    error = capsys.readouterr().err
    assert f"line {line}: it was cut off" in error
    assert "--before-damage" in error
    assert main(["replay", str(record), "--before-damage"]) == 0
    assert "its end is missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "arguments", "complaint"),
    [
        (None, [], "cannot be read"),
        (b"\xff\xfe\x00", [], "no text"),
        (b"hello\n", [], "line 1: it is no JSON"),
        (b"", [], "line 1"),
        (b"{}\n", ["--before-damage"], "no flight record of format 1"),
    ],
)
def test_what_is_no_record_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, arguments: list[str], complaint: str
) -> None:
    path = tmp_path / "what.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert main(["replay", str(path), *arguments]) == 1
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("min_delay_s", "NAME=VALUE"),
        ("min_delay_s=1", "endpointing.min_delay_s"),
        ("endpointing.min_delay_s=-1", "min_delay_s"),
    ],
)
def test_a_setting_that_cannot_be_is_told(
    record: Path, capsys: pytest.CaptureFixture[str], change: str, complaint: str
) -> None:
    assert main(["replay", str(record), "--set", change]) == 1
    assert complaint in capsys.readouterr().err


@pytest.mark.integration
def test_a_call_with_real_models_replays_without_a_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "flight.jsonl"
    talk(SPEECH / "book.flac", tmp_path / "out", "--flight-record", str(record))
    capsys.readouterr()
    assert main(["replay", str(record)]) == 0
    printed = capsys.readouterr().out
    assert f"its sound: {tmp_path / 'out' / 'answer.wav'}" in printed
    assert "every decision is as recorded" in printed
