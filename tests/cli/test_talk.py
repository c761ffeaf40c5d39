"""`trialogue talk`: recordings of all kinds talk to an agent, the same way each time."""

from __future__ import annotations

import shutil
import subprocess
import sys
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


def run_as_user(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, where nobody takes the log away from standard error."""
    command = [sys.executable, "-c", "import sys; from trialogue.cli import main; sys.exit(main())", "talk", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_user_sees_the_sentence_alone_and_no_file_is_touched(tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    out.write_text("from yesterday")
    done = run_as_user(str(tmp_path / "missing.wav"), "--out", str(out))
    assert done.returncode == 1
    assert done.stderr.startswith("trialogue talk: ")
    assert done.stderr.count("\n") == 1
    assert out.read_text() == "from yesterday"


def test_damage_in_the_middle_of_a_recording_shows_no_traceback(tmp_path: Path) -> None:
    cut = tmp_path / "cut.flac"
    cut.write_bytes((SPEECH / "book.flac").read_bytes()[:20_000])
    done = run_as_user(str(cut), "--out", str(tmp_path / "out.wav"))
    assert done.returncode == 1
    assert "cut.flac is damaged" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "victim"),
    [
        ("--out", "in.flac"),
        ("--events", "in.flac"),
        ("--report", "in.flac"),
        ("--flight-record", "in.flac"),
        ("--events", "o.wav"),
    ],
)
def test_no_file_is_written_over_another_of_the_call(
    option: str, victim: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "in.flac"
    shutil.copy(SPEECH / "yes.flac", recording)
    (tmp_path / "link").symlink_to(tmp_path)
    assert (
        main(["talk", str(recording), "--out", str(tmp_path / "o.wav"), option, str(tmp_path / "link" / victim)]) == 1
    )
    assert "are the same file" in capsys.readouterr().err
    assert recording.read_bytes() == (SPEECH / "yes.flac").read_bytes()


def test_neither_demo_nor_mcp_write_over_a_file_of_the_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = tmp_path / "in.flac"
    shutil.copy(SPEECH / "yes.flac", recording)
    assert main(["mcp", str(recording), "--out", str(recording)]) == 1
    assert main(["demo", "--fast", "--out", str(tmp_path / "o.wav"), "--report", str(tmp_path / "o.jsonl")]) == 1
    assert capsys.readouterr().err.count("are the same file") == 2
    assert recording.read_bytes() == (SPEECH / "yes.flac").read_bytes()


def test_nobody_need_read_to_the_end() -> None:
    command = [sys.executable, "-c", "import sys; from trialogue.cli import main; sys.exit(main(['graph']))"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


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
