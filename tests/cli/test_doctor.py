"""`trialogue doctor`, on real parts: all there, some missing, some broken."""

from __future__ import annotations

import re
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from trialogue.cli import main
from trialogue.cli._doctor import Finding, look_at_files, look_at_packages, requirements
from trialogue.cli._measurements import Result, load_sample, wake_up
from trialogue.providers import MODEL_FILES

if TYPE_CHECKING:
    from pathlib import Path


def hide(packages: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put empty packages before the installed ones: what is really in them cannot be found any more."""
    for package in packages:
        (tmp_path / "hidden" / package).mkdir(parents=True)
        (tmp_path / "hidden" / package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path / "hidden")
    monkeypatch.setenv("TRIALOGUE_CACHE", str(tmp_path / "empty"))


def test_packages_are_looked_at_and_what_is_missing_or_old_comes_with_the_command() -> None:
    lines = [
        'pocketsphinx>=5; extra == "stt"',
        'no-such-voice>=1; extra == "espeak"',
        'trialogue[stt]; extra == "all"',
        "trio>=0.32",
        "attrs>=999.1",
        "no-such-package>=2.1",
    ]
    found = list(look_at_packages(lines))
    pocketsphinx = found.pop(3)
    assert (pocketsphinx.name, pocketsphinx.needed) == ("pocketsphinx", False)
    attrs_version, trio_version = metadata.version("attrs"), metadata.version("trio")
    assert found == [
        Finding(name="trio", status="ok", text=trio_version, needed=True),
        Finding(
            name="attrs",
            status="broken",
            text=f"{attrs_version} is too old: pip install --upgrade 'attrs>=999.1'",
            needed=True,
        ),
        Finding(name="no-such-package", status="missing", text="pip install 'no-such-package>=2.1'", needed=True),
        Finding(name="no-such-voice", status="missing", text="pip install 'trialogue[espeak]'"),
    ]


def test_our_own_requirements_are_known() -> None:
    assert {"trio", "attrs"} <= {finding.name for finding in look_at_packages(requirements())}


def test_a_missing_file_is_named_with_the_command_that_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(["silero_vad", "pyrnnoise", "pipecat"], tmp_path, monkeypatch)
    found = {finding.name: finding for finding in look_at_files()}
    assert set(found) == set(MODEL_FILES)
    for name, finding in found.items():
        assert finding.status == "missing"
        assert f"trialogue models fetch {name}" in finding.text


def test_a_file_in_the_cache_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(["silero_vad"], tmp_path, monkeypatch)
    path = tmp_path / "empty" / MODEL_FILES["silero"].filename
    path.parent.mkdir()
    path.write_bytes(b"x" * 200_000)
    silero = next(finding for finding in look_at_files() if finding.name == "silero")
    assert silero == Finding(name="silero", status="ok", text=f"0.2 MB, for voice-activity detection, {path}")


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (Result(text=""), "ok"),
        (Result(text="", slow=True), "slow"),
        (Result(text="", works=False, slow=True), "broken"),
    ],
)
def test_only_what_is_needed_and_does_not_work_is_fatal(result: Result, status: str) -> None:
    assert result.status == status
    for needed in (True, False):
        finding = Finding(name="", status=result.status, text="", needed=needed)
        assert finding.fatal == (needed and not result.works)


async def test_wake_ups_on_a_clock_that_is_never_late(autojump_clock: object) -> None:
    sample = await load_sample()
    assert sample.text.startswith("Hello")
    assert 1 < sample.duration_s < 10
    assert await wake_up(sample) == Result(text="wakes up 0.00 ms (p99 0.00) late")


@pytest.mark.integration
def test_where_everything_is_there_everything_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    for package in ("pocketsphinx", "onnxruntime"):
        pytest.importorskip(package)
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"ok +voice activity +\w+: [\d.]+ ms \(p99 [\d.]+\) for 32 ms of sound", said)
    assert re.search(r"(ok|slow) +speech to text .* understood 'hello i would like to book a table please'", said)
    assert re.search(r"ok +text to speech +espeak-ng: first sound after \d+ ms", said)
    assert "The default conversation can run" in said


@pytest.mark.integration
def test_what_is_missing_or_broken_is_said_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hide(["espeakng_loader", "silero_vad"], tmp_path, monkeypatch)
    model = tmp_path / "empty" / MODEL_FILES["silero"].filename
    model.parent.mkdir()
    model.write_bytes(b"this is no model")
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert re.search(r"broken +voice activity .* does not load .* `trialogue models fetch silero`", said)
    assert re.search(r"broken +text to speech .* pip install 'trialogue\[espeak\]'", said)
    assert re.search(r"ok +language model", said)
    assert "cannot run: mend voice activity, text to speech" in said
