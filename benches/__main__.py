"""Run benches by name, or all of them: `python -m benches [quick] [NAME ...]`; `--list` names them.

`quick` takes less of everything, and leaves the density out but for one number of callers.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

#: Taken in this order: what is quick and says most comes first. Others follow by name.
FIRST: Final = (
    "channel_hop",
    "frame_path",
    "start",
    "reply",
    "turns",
    "interruption",
    "virtual_time",
    "text_chunker",
    "text_filter",
)

#: What takes longer than a quick look allows.
SLOW: Final = frozenset({"audio", "chat_client", "providers"})


def names() -> list[str]:
    """All benches: every module of this package without an underscore."""
    found = {path.stem for path in Path(__file__).parent.glob("[a-z]*.py")}
    return [*(name for name in FIRST if name in found), *sorted(found - set(FIRST))]


def main(arguments: list[str]) -> int:
    """Run what was asked for.

    Returns:
        0 if every claim holds.
    """
    if "--list" in arguments:
        print("\n".join(names()))
        return 0
    quick = "quick" in arguments
    wanted = [name for name in arguments if name != "quick"] or [n for n in names() if not (quick and n in SLOW)]
    status = 0
    for name in wanted:
        print(f"== {name}", flush=True)
        began_s = time.monotonic()
        command = [sys.executable, "-m", f"benches.{name}", *(["quick"] if quick else [])]
        status |= subprocess.run(command, check=False).returncode != 0  # a fresh process: no bench warms another's heap
        print(f"   {name} took {time.monotonic() - began_s:.1f} s", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
