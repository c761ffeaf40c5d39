"""The harness: every scenario is there and states a claim; one of them, run as users do; the arithmetic of others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benches import __main__ as command
from benches._harness import GROUPS, SCENARIOS, SLOW, claim_of, find
from benches.scenarios.callers import search
from trialogue.cli.bench import read_results

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_a_function_whose_docstring_states_its_claim(name: str) -> None:
    claim = claim_of(find(name))
    assert claim.endswith(".")
    assert len(claim) <= 120


def test_names_of_several_stand_for_scenarios() -> None:
    assert all(set(members) <= set(SCENARIOS) for members in GROUPS.values())
    assert set(SLOW) < set(SCENARIOS)


def test_without_names_all_are_measured_and_in_short_all_but_the_slow_ones() -> None:
    assert command._chosen([]) == (list(SCENARIOS), False)
    assert command._chosen(["quick"]) == ([name for name in SCENARIOS if name not in SLOW], True)
    assert command._chosen(["quick", "s5", "hop"]) == (["import", "start", "hop"], True)


@pytest.mark.integration
def test_a_scenario_is_measured_in_a_process_of_its_own_told_kept_and_drawn(tmp_path: Path) -> None:
    lines, page = tmp_path / "results.jsonl", tmp_path / "page.html"
    asked = [sys.executable, "-m", "benches", "quick", "s3", "--json", str(lines), "--html", str(page)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    (result,) = read_results(lines.read_text(encoding="utf-8").splitlines())
    assert (result.bench, result.made["effort"]) == ("s3", "quick")
    assert {row.case for row in result.findings.rows} >= {
        "fused",
        "unfused",
        "fused, in a burst",
        "unfused, in a burst",
    }
    assert all(row.figures["cpu_us"] > 0 for row in result.findings.rows)
    assert done.returncode == (0 if result.holds else 1)
    assert "s3: A frame to detector and recogniser" in done.stdout
    assert "[1/1] s3" in done.stderr
    assert "<svg" in page.read_text(encoding="utf-8")


def test_a_name_that_is_none_is_told_with_those_that_are() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benches", "s7"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no such scenario: s7; there are hop, " in done.stderr


@given(edge=st.integers(0, 2000), step=st.sampled_from([10, 25, 50]))
def test_the_search_comes_as_close_as_it_says_and_never_too_high(edge: int, step: int) -> None:
    tried: list[int] = []

    def holds(number: int) -> bool:
        tried.append(number)
        return number <= edge

    most = search(holds, low=100, high=1600, step=step)
    assert most <= max(edge, 0)
    assert most == 0 or most in tried
    assert min(edge, 1600) - most < 2 * step or edge >= 1600
    assert len(tried) == len(set(tried)) <= 14
    assert max(tried) <= 1600
