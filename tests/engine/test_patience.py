"""What a program brings piece by piece is taken in time, or is late with a message."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import trio

from trialogue.engine import ProviderError, take_each

LATE = "nothing for {waited_s:g} s"


async def test_each_piece_is_taken_in_order_and_what_brought_them_is_closed(autojump_clock: trio.abc.Clock) -> None:
    taken: list[int] = []
    closed = False

    async def pieces() -> AsyncGenerator[int, None]:
        nonlocal closed
        try:
            for number in range(3):
                await trio.sleep(0.9 if number == 0 else 0.4)
                yield number
        finally:
            closed = True

    async def take(number: int) -> None:
        await trio.sleep(5)  # taking one is not waiting for one
        taken.append(number)

    await take_each(pieces(), take, first_s=1, next_s=0.5, late=LATE)

    assert taken == [0, 1, 2]
    assert closed


@pytest.mark.parametrize(("late_at", "waited"), [(0, "1 s"), (2, "0.5 s")])
async def test_a_piece_that_does_not_come_is_late(late_at: int, waited: str, autojump_clock: trio.abc.Clock) -> None:
    closed_at: list[float] = []
    began = trio.current_time()

    async def pieces() -> AsyncGenerator[int, None]:
        try:
            for number in range(3):
                if number == late_at:
                    await trio.sleep_forever()
                yield number
        finally:
            closed_at.append(trio.current_time() - began)

    async def take(_: int) -> None:
        await trio.lowlevel.checkpoint()

    with pytest.raises(ProviderError, match=f"nothing for {waited}"):
        await take_each(pieces(), take, first_s=1, next_s=0.5, late=LATE)

    assert closed_at == [1 if late_at == 0 else 0.5]


async def test_an_error_of_what_takes_closes_what_brings() -> None:
    closed = False

    async def pieces() -> AsyncGenerator[int, None]:
        nonlocal closed
        try:
            await trio.lowlevel.checkpoint()
            yield 1
        finally:
            closed = True

    async def take(_: int) -> None:
        await trio.lowlevel.checkpoint()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await take_each(pieces(), take, first_s=1, next_s=1, late=LATE)

    assert closed
