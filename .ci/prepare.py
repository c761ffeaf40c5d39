"""Make `.venv` hold exactly what `requirements.lock` says, and this project; do nothing when it already does.

Runs on a bare Python: standard library only, and pip either inside the environment or beside the interpreter.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "trialogue.stamp"
OLDEST = (3, 11)
# What decides the environment's content: any change of these makes the next run install again.
INPUTS = ("requirements.lock", "pyproject.toml", "setup.py")


def main() -> int:
    """Bring the environment up to date.

    Returns:
        The process's exit status.
    """
    if sys.version_info < OLDEST:
        return _fail(f"Python {sys.version.split()[0]} is too old", "run `make PYTHON=/path/to/python3.11` or newer")
    try:
        if not _usable():
            _create()
        if STAMP.is_file() and STAMP.read_text() == _wanted():
            return 0
        _install()
    except subprocess.CalledProcessError as error:
        return _fail(
            f"a step of the set-up ended with status {error.returncode}: {' '.join(map(str, error.cmd))}",
            "its own message stands above; once that is mended, run make again: it goes on from here",
        )
    STAMP.write_text(_wanted())
    print(f"Environment ready: {ENVIRONMENT}", flush=True)
    return 0


def _usable() -> bool:
    """Tell whether `.venv` has an interpreter that runs and is new enough, however it was made."""
    if not PYTHON.exists():
        return False
    check = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    return subprocess.run([PYTHON, "-c", check], stderr=subprocess.DEVNULL, check=False).returncode == 0


def _create() -> None:
    """Make a fresh environment, with pip in it where this Python can do that."""
    print(f"Creating {ENVIRONMENT} with Python {sys.version.split()[0]}", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
    # Debian splits ensurepip off into a package of its own; the pip beside this interpreter then does the work.
    if subprocess.run([sys.executable, "-c", "import ensurepip"], stderr=subprocess.DEVNULL, check=False).returncode:
        command.insert(-1, "--without-pip")
    subprocess.run(command, check=True)


def _install() -> None:
    print(
        "Installing what requirements.lock names: about 200 MB the first time, usually one to three minutes;"
        " pip names each file as it comes",
        flush=True,
    )
    # The lock is complete, so pip resolves nothing: what a package declares beyond it (torch) cannot come in.
    _pip("install", "--no-deps", "--require-hashes", "--requirement", ROOT / "requirements.lock")
    print("Installing trialogue itself, editable", flush=True)
    _pip("install", "-qq", "--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT)


def _pip(*arguments: str | Path) -> None:
    own_pip = subprocess.run([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    pip = [str(PYTHON), "-m", "pip"] if own_pip else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    settings = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    subprocess.run([*pip, *arguments], check=True, stdin=subprocess.DEVNULL, env={**os.environ, **settings})


def _wanted() -> str:
    """Name the state that the environment should be in: interpreter, place and inputs."""
    version = subprocess.run([PYTHON, "-VV"], check=True, capture_output=True, text=True).stdout
    digest = hashlib.sha256(version.encode() + str(ROOT).encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _fail(what: str, remedy: str) -> int:
    print(f"set-up: {what}.\n        What to do: {remedy}.", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
