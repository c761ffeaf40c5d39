"""Sessions that come and go, and streams that are cancelled, leave nothing behind.

`python -m benches.endurance` does a thousand and ten thousand, and looks at the memory of the whole process.
"""

from __future__ import annotations

import sys

import pytest

from benches.endurance import Left, cancels, sessions

pytestmark = pytest.mark.integration

#: So many blocks of memory more in use, each time, would be a leak: some kB. Tables that are filled as they are needed
#: take about ten each time at first, and none in the end.
MOST_BLOCKS = 50.0


def check(left: Left) -> None:
    """Nothing is left, and the number of Python's blocks, which are counted exactly, does not grow."""
    assert left.after == left.before
    assert left.slope < MOST_BLOCKS, left


def test_session_after_session_leaves_nothing_behind() -> None:
    check(sessions(20, sys.getallocatedblocks))


def test_cancelled_streams_leave_nothing_behind() -> None:
    check(cancels(300, 50, sys.getallocatedblocks))
