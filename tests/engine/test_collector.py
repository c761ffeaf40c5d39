"""No garbage is collected while a call goes on, all of it between calls."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from trialogue.engine import CollectBetweenCalls, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Box(list[object]):
    """A list that can be looked for."""


def leave_cycle() -> weakref.ref[Box]:
    """Leave what only the collector can free."""
    box = Box()
    box.append(box)
    return weakref.ref(box)


@pytest.fixture(autouse=True)
def _collector_as_before() -> Iterator[None]:
    enabled = gc.isenabled()
    yield
    (gc.enable if enabled else gc.disable)()


def test_garbage_of_a_call_is_collected_when_nobody_is_on_the_line_any_more() -> None:
    collector = CollectBetweenCalls()
    gc.enable()
    with collector.call():
        assert not gc.isenabled()
        with collector.call():
            left = leave_cycle()
        assert left() is not None
        assert not gc.isenabled()
    assert left() is None
    assert gc.isenabled()


def test_where_somebody_always_is_it_is_collected_after_so_many_calls() -> None:
    collector = CollectBetweenCalls(most_calls=3)
    with collector.call():
        left = leave_cycle()
        for _ in range(2):
            with collector.call():
                pass
            assert left() is not None
        with collector.call():
            pass
        assert left() is None
        assert not gc.isenabled()


def test_a_call_that_fails_ends_as_well_and_who_has_switched_it_off_finds_it_so() -> None:
    collector = CollectBetweenCalls()
    gc.disable()
    with pytest.raises(ValueError, match="broke"), collector.call():
        raise ValueError("broke")
    assert not gc.isenabled()


def test_after_no_call_at_all_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="not 0"):
        CollectBetweenCalls(most_calls=0)
