"""What is published: the wheel and the sdist hold the right tree, and the wheel works away from this folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("frames", "engine", "actors", "providers", "transports", "agents", "cli")
UNPUBLISHED = shutil.ignore_patterns(
    ".git", ".venv", ".typings", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info", "build", "dist", "out"
)

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("distributions")
    source = folder / "source"  # a copy, for building leaves traces
    shutil.copytree(ROOT, source, ignore=UNPUBLISHED)
    # Without isolation: the environment has the pinned build backend, and needs no network for it.
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(source)]
    result = subprocess.run(build, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def published(distributions: Path, *, python: bool) -> set[str]:
    """The Python modules of the published folders, or everything beside them, relative to the root."""
    source = distributions / "source"
    files = (path for layer in LAYERS for path in (source / layer).rglob("*") if path.is_file())
    return {str(path.relative_to(source)) for path in files if (path.suffix == ".py") is python}


def test_the_wheel_holds_every_module_under_our_name_and_nothing_beside_it(distributions: Path) -> None:
    [wheel] = distributions.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert all(name.startswith("trialogue/") for name in names)
    modules = {name for name in names if name.endswith(".py")}
    # A folder without an `__init__.py` is no package, and stays behind.
    assert {f"trialogue/{name}" for name in published(distributions, python=True)} == modules
    assert {f"trialogue/{layer}/py.typed" for layer in LAYERS} <= names


def test_the_wheel_holds_the_data_files_beside_the_modules(distributions: Path) -> None:
    [wheel] = distributions.glob("*.whl")
    data = {f"trialogue/{name}" for name in published(distributions, python=False)}
    left_behind = data - set(zipfile.ZipFile(wheel).namelist())
    assert not left_behind, "name their suffixes in tool.setuptools.package-data"


def test_the_sdist_holds_what_is_needed_to_test_and_to_set_up(distributions: Path) -> None:
    [sdist] = distributions.glob("*.tar.gz")
    names = {name.partition("/")[2] for name in tarfile.open(sdist).getnames()}
    assert published(distributions, python=True) <= names
    assert {"LICENSE", "Makefile", "requirements.lock", ".ci/prepare.py", "tests/conftest.py"} <= names


def test_the_wheel_imports_where_nothing_else_of_the_project_is(distributions: Path, tmp_path: Path) -> None:
    [wheel] = distributions.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path)
    modules = ", ".join(f"trialogue.{layer}" for layer in LAYERS)
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {modules}; print(trialogue.agents.__file__)"
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(result.stdout.strip()).is_relative_to(tmp_path)
