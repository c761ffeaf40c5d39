"""The set-up script behind every make target: it acts when something changed, and only then."""

from __future__ import annotations

import importlib.util
import subprocess
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = Path(__file__).resolve().parent.parent / ".ci" / "prepare.py"


@pytest.fixture
def prepare(tmp_path: Path) -> ModuleType:
    """The script, for a project in a folder of its own."""
    spec = importlib.util.spec_from_file_location("prepare", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    environment = tmp_path / ".venv"
    environment.mkdir()
    vars(module).update(ROOT=tmp_path, ENVIRONMENT=environment, PYTHON=environment / "bin" / "python")
    (tmp_path / "input").write_text("one")
    return module


def test_a_step_is_taken_once_for_the_same_facts_and_inputs(prepare: ModuleType) -> None:
    taken: list[str] = []
    assert prepare._once("step", ["3.12"], ["input"], lambda: taken.append("first"))
    assert not prepare._once("step", ["3.12"], ["input"], lambda: taken.append("same"))
    (prepare.ROOT / "input").write_text("two")
    assert prepare._once("step", ["3.12"], ["input"], lambda: taken.append("input"))
    assert prepare._once("step", ["3.13"], ["input"], lambda: taken.append("fact"))
    assert taken == ["first", "input", "fact"]


def test_a_step_that_failed_is_taken_again(prepare: ModuleType) -> None:
    def fail() -> None:
        raise subprocess.CalledProcessError(1, ["pip"])

    with pytest.raises(subprocess.CalledProcessError):
        prepare._once("step", [], ["input"], fail)
    assert prepare._once("step", [], ["input"], lambda: None)


def test_an_environment_without_a_running_python_is_not_used(prepare: ModuleType) -> None:
    assert not prepare._usable()
    prepare.PYTHON.parent.mkdir()
    prepare.PYTHON.symlink_to(prepare.ROOT / "gone")
    assert not prepare._usable()


def test_an_environment_that_somebody_else_made_is_used(prepare: ModuleType) -> None:
    venv.create(prepare.ENVIRONMENT, with_pip=False, symlinks=True)
    assert prepare._usable()


def test_a_lasting_failure_says_which_step_and_what_to_do(
    prepare: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    venv.create(prepare.ENVIRONMENT, with_pip=False, symlinks=True)
    (prepare.ROOT / "requirements.lock").write_text("no-such-requirement\n")  # without a hash, so pip refuses at once
    assert prepare.main() == 1
    message = capsys.readouterr().err
    assert "requirements.lock" in message
    assert "What to do:" in message
