"""Every transport of ours keeps the contract of transports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trialogue.engine.testing import check_transport
from trialogue.transports import FileCall

if TYPE_CHECKING:
    from trio.testing import MockClock

RECORDING = Path(__file__).parents[1] / "data" / "speech" / "book.flac"


async def test_a_call_from_a_file_keeps_the_contract(autojump_clock: MockClock) -> None:
    await check_transport(lambda: FileCall(path=RECORDING))
