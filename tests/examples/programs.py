"""Running a program of the project as its user would: in a fresh process, and without a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

#: Ends the program if it looks for a host or calls one, and then becomes the program.
_OFFLINE: Final = """
import runpy, sys

def refuse(event, arguments):
    if event in ("socket.getaddrinfo", "socket.connect", "socket.sendto"):
        raise RuntimeError(f"an offline program wanted {event} {arguments}")

sys.addaudithook(refuse)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run_offline(*arguments: str, timeout_s: float = 60) -> str:
    """What a program of the project prints, run from the project's folder.

    Args:
        arguments: the program's path, seen from there, and its arguments.
        timeout_s: when to give up, seconds.
    """
    command = [sys.executable, "-W", "error", "-c", _OFFLINE, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
