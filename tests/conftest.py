"""What every test shares: hypothesis profiles, and the three phases with their time budgets."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

# Seconds on two cores; with lint's minute the whole stays under ten.
BUDGETS_S = {"unit": 130.0, "property": 140.0, "integration": 210.0}
SPENT_S = pytest.StashKey[defaultdict[str, float]]()

# `default` is the same on every run, so a red build is a defect and not bad luck; `thorough` goes looking.
hypothesis.settings.register_profile(
    "default",
    derandomize=True,
    max_examples=60,
    # A loaded machine is no defect: the phase budget and the per-test timeout bound the time instead.
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("thorough", derandomize=False, max_examples=2000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def phase_of(item: pytest.Item) -> str:
    """Name the phase that a test belongs to."""
    return next((name for name in ("integration", "property") if item.get_closest_marker(name)), "unit")


def pytest_configure(config: pytest.Config) -> None:
    """Start with no time spent."""
    config.stash[SPENT_S] = defaultdict(float)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what hypothesis drives as `property`, and run the phases one after another."""
    for item in items:
        if hypothesis.is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.property)
    items.sort(key=lambda item: list(BUDGETS_S).index(phase_of(item)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Add the test's time, fixtures included, to its phase."""
    started_s = time.monotonic()
    try:
        return (yield)
    finally:
        item.config.stash[SPENT_S][phase_of(item)] += time.monotonic() - started_s


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print each phase's time against its budget."""
    terminalreporter.section("phases")
    for phase, budget_s in BUDGETS_S.items():
        spent_s = config.stash[SPENT_S][phase]
        over = "" if spent_s <= budget_s else "  OVER BUDGET"
        terminalreporter.write_line(f"{phase:<12} {spent_s:6.1f} s of {budget_s:.0f} s{over}")
