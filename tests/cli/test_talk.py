"""`trialogue talk`: recordings of all kinds talk to an agent, the same way each time."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
import soxr

from tests.cli.recordings import SPEECH, Conversation, loudness, read_conversation
from trialogue.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.integration


def talk(recording: Path, folder: Path, *options: str) -> Conversation:
    """Let a recording talk, and read what came of it."""
    out, events = folder / "answer.wav", folder / "answer.jsonl"
    folder.mkdir(exist_ok=True)
    assert main(["talk", str(recording), "--out", str(out), "--events", str(events), *options]) == 0
    return read_conversation(out, events)


def test_two_runs_are_equal_to_the_byte(tmp_path: Path) -> None:
    first = talk(SPEECH / "book.flac", tmp_path / "first")
    talk(SPEECH / "book.flac", tmp_path / "second")
    for name in ("answer.wav", "answer.jsonl"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    assert first.transcript() == "hello i would like to book a table please"
    assert "For how many people?" in [str(event["heard"]) for event in first.of("AgentStoppedSpeaking")][-1]


def as_telephone_stereo(folder: Path) -> Path:
    """8 kHz, both channels alike."""
    sound, rate_hz = soundfile.read(SPEECH / "book.flac", dtype="float32")
    narrow = soxr.resample(sound, rate_hz, 8000)
    soundfile.write(folder / "in.wav", np.stack([narrow, narrow], axis=1), 8000, subtype="PCM_16")
    return folder / "in.wav"


def as_studio(folder: Path) -> Path:
    """48 kHz, 24 bits."""
    sound, rate_hz = soundfile.read(SPEECH / "book.flac", dtype="float32")
    soundfile.write(folder / "in.flac", soxr.resample(sound, rate_hz, 48_000), 48_000, subtype="PCM_24")
    return folder / "in.flac"


def as_mp3(folder: Path) -> Path:
    """What a browser or a phone gives."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("needs ffmpeg to make the file")
    command = [program, "-loglevel", "error", "-i", str(SPEECH / "book.flac"), "-b:a", "64k", str(folder / "in.mp3")]
    subprocess.run(command, check=True)
    return folder / "in.mp3"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (as_telephone_stereo, {"would", "like", "please"}),  # the recogniser was made for twice that bandwidth
        (as_studio, {"book", "table", "please"}),
        (as_mp3, {"book", "table", "please"}),
    ],
)
def test_any_format_is_understood(make: Callable[[Path], Path], words: set[str], tmp_path: Path) -> None:
    call = talk(make(tmp_path), tmp_path / "out")
    assert words <= set(call.transcript().split())
    began_s, ended_s = call.times("UserStartedSpeaking")[0], call.times("UserStoppedSpeaking")[-1]
    assert loudness(call.user, began_s, ended_s) > 300
    assert loudness(call.agent, call.times("AgentStartedSpeaking")[-1], 60.0) > 100


def test_a_person_is_understood_in_part_and_nothing_breaks(tmp_path: Path) -> None:
    call = talk(SPEECH / "human-forward.flac", tmp_path / "out", "--general")
    assert len(call.transcript().split()) >= 2
    assert call.of("ReplyFailed") == []
    assert call.of("ActorFailed") == []
    assert call.of("AgentStoppedSpeaking")[-1]["interrupted"] is None


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.wav", None, "missing.wav"),
        ("text.wav", b"This is no sound.\n" * 100, "text.wav"),
        ("empty.wav", b"", "empty.wav"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(
    name: str, content: bytes | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert main(["talk", str(tmp_path / name), "--out", str(tmp_path / "out.wav")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("trialogue talk: ")
    assert says in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("out", "options", "says"),
    [
        ("out.xyz", [], "out.xyz"),
        ("file/out.wav", [], "file"),
        ("out.wav", ["--script", "nonsense"], "nonsense"),
        ("out.wav", ["--script", "missing.toml"], "missing.toml"),
        ("out.wav", ["--events", "file/events.jsonl"], "file"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    out: str,
    options: list[str],
    says: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way")
    assert main(["talk", str(SPEECH / "yes.flac"), "--out", out, *options]) == 1
    error = capsys.readouterr().err
    assert error.startswith("trialogue talk: ")
    assert says in error
    assert error.count("\n") == 1
