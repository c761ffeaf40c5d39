"""The stall detector names the line that blocks the loop."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
import trio

from trialogue.engine import ConfigurationError, Stall, watch_for_stalls

_STALL_S = 0.02


def _block_until(deadline_s: float) -> None:
    while time.perf_counter() < deadline_s:
        pass


async def test_blocking_code_is_named_by_file_and_line() -> None:
    stalls: list[Stall] = []
    reported = trio.Event()

    def report(stall: Stall) -> None:
        stalls.append(stall)
        reported.set()

    async with watch_for_stalls(report, stall_s=_STALL_S):
        _block_until(time.perf_counter() + 5 * _STALL_S)
        await reported.wait()
    assert stalls[0].blocked_s >= 5 * _STALL_S
    assert Path(__file__).name in stalls[0].where
    assert "_block_until" in stalls[0].where
    assert any("test_blocking_code_is_named_by_file_and_line" in line for line in stalls[0].stack)


async def test_nothing_is_left_of_the_watch() -> None:
    before = threading.active_count()
    async with watch_for_stalls(lambda stall: None, stall_s=_STALL_S):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


async def test_a_stall_of_no_length_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="stall_s must be positive"):
        async with watch_for_stalls(lambda stall: None, stall_s=0):
            pass
