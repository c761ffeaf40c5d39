"""Run the project's checks phase by phase, and hold each against its time budget.

    python .ci/phases.py lint            every linter, even after one has failed
    python .ci/phases.py lint tests      then pytest: unit, property and integration, timed by `tests/conftest.py`

The budgets hold on two cores. A phase over its budget says so; it fails nothing, for a busy machine is not a defect.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINT_BUDGET_S = 60.0
LINTERS: dict[str, list[str]] = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "flake8-async": ["flake8"],
    "mypy": ["mypy"],
    "import-linter": ["importlinter.cli"],
}


def main(phases: list[str]) -> int:
    """Run the named phases in order.

    Args:
        phases: `lint`, `tests`, or both.

    Returns:
        0 if all passed.
    """
    failed = "lint" in phases and not _lint()
    if "tests" in phases:
        failed = bool(_run(["pytest"]).returncode) or failed
    return int(failed)


def _lint() -> bool:
    started_s = time.monotonic()
    passed = True
    for name, command in LINTERS.items():
        linter_started_s = time.monotonic()
        result = _run(command)
        passed = passed and result.returncode == 0
        verdict = "ok" if result.returncode == 0 else "FAILED"
        print(f"lint: {name:<14} {verdict:<6} {time.monotonic() - linter_started_s:6.1f} s", flush=True)
    took_s = time.monotonic() - started_s
    over = "" if took_s <= LINT_BUDGET_S else "  OVER BUDGET"
    print(f"lint: {'ok' if passed else 'FAILED'}, {took_s:.1f} s of {LINT_BUDGET_S:.0f} s{over}", flush=True)
    return passed


def _run(module: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", *module], cwd=ROOT, stdin=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
