"""Run the project's checks phase by phase, and hold each against its time budget.

    python .ci/phases.py lint            every linter, even after one has failed
    python .ci/phases.py lint tests      then pytest: unit, property and integration, timed by `tests/conftest.py`

The budgets hold on two cores. A phase over its budget says so; it fails nothing, for a busy machine is not a defect.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINT_BUDGET_S = 60.0
SOURCES = (
    "frames",
    "engine",
    "actors",
    "providers",
    "transports",
    "agents",
    "cli",
    "benches",
    "docs",
    "examples",
    "tests",
)
# mypy sees the folders through this link, as parts of `trialogue`; its reader wants the folders.
LINK = ".typings/trialogue/"


def main(phases: list[str]) -> int:
    """Run the named phases in order.

    Args:
        phases: `lint`, `tests`, or both.

    Returns:
        0 if all passed.
    """
    failed = "lint" in phases and not _lint()
    if "tests" in phases:
        failed = bool(_python("-m", "pytest").wait()) or failed
    return int(failed)


def _linters() -> dict[str, list[str]]:
    return {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "flake8-async": ["-m", "flake8", *_asynchronous()],
        "mypy": ["-m", "mypy"],
        # It has no `__main__`, and its script's first line holds a path that a moved environment breaks.
        "import-linter": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    }


def _asynchronous() -> list[str]:
    """The files that flake8-async has something to say about; it is slow, and most files are synchronous."""
    files = (path for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))
    return [str(path.relative_to(ROOT)) for path in files if re.search(r"\basync (def|with|for)\b", path.read_text())]


def _lint() -> bool:
    started_s = time.monotonic()
    failed = [name for name, command in _linters().items() if not _passes(name, command)]
    took_s = time.monotonic() - started_s
    over = "" if took_s <= LINT_BUDGET_S else "  OVER BUDGET"
    verdict = f"FAILED ({', '.join(failed)})" if failed else "ok"
    print(f"lint: {verdict}, {took_s:.1f} s of {LINT_BUDGET_S:.0f} s{over}", flush=True)
    return not failed


def _passes(name: str, command: list[str]) -> bool:
    started_s = time.monotonic()
    linter = _python(*command, capture=True)
    output = linter.communicate()[0].replace(LINK, "")
    verdict = "FAILED" if linter.returncode else "ok"
    print(f"{output if linter.returncode else ''}lint: {name:<14} {verdict:<6} {time.monotonic() - started_s:5.1f} s")
    return linter.returncode == 0


def _python(*arguments: str, capture: bool = False) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        stderr=subprocess.STDOUT if capture else None,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
