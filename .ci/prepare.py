"""Make `.venv` hold exactly what `requirements.lock` says, and this project; do nothing when it already does.

Runs on a bare Python: standard library only, and pip either inside the environment or beside the interpreter.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
OLDEST = (3, 11)
# What pip says of each package on every run; only the others are news.
OLD_NEWS = ("Requirement already satisfied:", "Ignoring ")


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
        interpreter = _output(PYTHON, "-VV")
        changed = [
            _once("packages", [interpreter], ["requirements.lock"], _install_packages),
            _once("project", [interpreter, str(ROOT)], ["pyproject.toml", "setup.py"], _install_project),
        ]
    except subprocess.CalledProcessError as error:
        return _fail(
            f"a step ended with status {error.returncode}: {' '.join(map(str, error.cmd))}",
            "its own message stands above; once that is mended, run make again, it goes on from here",
        )
    if any(changed):
        print(f"Environment ready: {ENVIRONMENT}", flush=True)
    return 0


def _usable() -> bool:
    """Tell whether `.venv` has an interpreter that runs and is new enough, however it was made."""
    return PYTHON.exists() and _succeeds(PYTHON, "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})")


def _create() -> None:
    """Make a fresh environment, with pip in it where this Python can do that."""
    again = ", in place of one whose Python does not run or is too old" if ENVIRONMENT.exists() else ""
    print(f"Creating {ENVIRONMENT} with Python {sys.version.split()[0]}{again}", flush=True)
    # Debian splits ensurepip off into a package of its own; the pip beside this interpreter then does the work.
    without_pip = [] if _succeeds(sys.executable, "-c", "import ensurepip") else ["--without-pip"]
    subprocess.run([sys.executable, "-m", "venv", "--clear", *without_pip, ENVIRONMENT], check=True)


def _once(name: str, facts: list[str], inputs: list[str], step: Callable[[], None]) -> bool:
    """Take a step, unless it was taken before from the same facts and input files.

    Returns:
        Whether it was taken now.
    """
    digest = hashlib.sha256("\0".join(facts).encode())
    for path in inputs:
        digest.update((ROOT / path).read_bytes())
    stamp = ENVIRONMENT / f"trialogue-{name}.stamp"
    if stamp.is_file() and stamp.read_text() == digest.hexdigest():
        return False
    step()
    stamp.write_text(digest.hexdigest())
    return True


def _install_packages() -> None:
    print(
        "Installing what requirements.lock names: about 200 MB to download the first time,"
        " usually one to three minutes; each file is named as it comes",
        flush=True,
    )
    # The lock is complete, so pip resolves nothing: what a package declares beyond it (torch) cannot come in.
    _pip("install", "--no-deps", "--require-hashes", "--requirement", "requirements.lock")


def _install_project() -> None:
    print("Installing trialogue itself, editable", flush=True)
    _pip("install", "-qq", "--no-deps", "--no-build-isolation", "--no-index", "--editable", ".")


def _pip(*arguments: str) -> None:
    inside = _succeeds(PYTHON, "-c", "import pip")
    pip = [str(PYTHON), "-m", "pip"] if inside else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    command = [*pip, *arguments]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.startswith(OLD_NEWS):
                print(line, end="", flush=True)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def _succeeds(*command: str | Path) -> bool:
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return result.returncode == 0


def _output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _fail(what: str, remedy: str) -> int:
    print(f"set-up: {what}.\n        What to do: {remedy}.", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
