"""The pages that are made from measured numbers: they are what the committed results say, and their sums are right."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from benches._harness import SCENARIOS
from docs import make_numbers, make_scale
from tests.benches.test_results import ROW, result
from trialogue.cli.bench import Result, read_results

DOCS = Path(__file__).resolve().parents[2] / "docs"
AGAIN = "run `python docs/make_numbers.py < /dev/null`"


def committed() -> list[Result]:
    """The results of ours that the pages are made from."""
    return read_results((DOCS / "numbers.jsonl").read_text(encoding="utf-8").splitlines())


def test_every_scenario_was_measured_in_full_and_says_when_and_where() -> None:
    results = {each.bench: each for each in committed()}
    assert set(results) == set(SCENARIOS), "measure what is missing: `python -m benches NAME --json results.jsonl`"
    assert {each.made["effort"] for each in results.values()} == {"full"}
    assert all(each.made["date"] and each.made["machine"] for each in results.values())


def test_the_page_shows_what_was_measured() -> None:
    page = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    again = make_numbers.with_table(page, make_numbers.ours(), make_numbers.BEGIN_OURS, make_numbers.END_OURS)
    assert again == page, AGAIN


def test_the_note_on_scale_is_made_of_what_was_measured() -> None:
    assert make_scale.make_page(committed()) == (DOCS / "scale.md").read_text(encoding="utf-8"), AGAIN


def test_every_row_of_the_readme_names_a_figure_that_was_measured() -> None:
    lines = make_numbers.figures_of(make_numbers.read_lines((DOCS / "numbers.jsonl").read_text("utf-8").splitlines()))
    for row in tomllib.loads((DOCS / "numbers.toml").read_text(encoding="utf-8"))["row"]:
        assert make_numbers._ours(row, lines), row["what"]


def test_what_was_measured_in_short_is_not_published() -> None:
    line = json.loads(result(ROW).to_json())
    line["made"]["effort"] = "quick"
    with pytest.raises(SystemExit, match="measured in short"):
        make_numbers.main([json.dumps(line)])


def test_cases_of_a_scenario_are_lines_with_figures() -> None:
    lines = make_numbers.figures_of(make_numbers.read_lines([result(ROW).to_json(), '{"bench": "other", "us": 1}']))
    assert lines == [
        {"bench": "s1", "case": "10 callers", "overhead_p99_ms": 4.5, "turns": 300},
        {"bench": "other", "us": 1},
    ]


def test_a_claim_that_does_not_hold_says_so_on_the_page() -> None:
    assert "| 10 callers | 4.5 (**not** ≤ 4) | 300 |" in make_numbers._one_of_ours(result(ROW))


def test_sound_that_is_too_long_for_a_packet_goes_in_two() -> None:
    assert make_scale.on_the_wire(640) == (50, 8 * 50 * (640 + 78))
    assert make_scale.on_the_wire(1460) == (50, 8 * 50 * (1460 + 78))
    assert make_scale.on_the_wire(1461) == (100, 8 * 50 * (1461 + 2 * 78))


def test_a_machine_bears_what_its_scarcest_resource_bears() -> None:
    found = make_scale.Measured(
        callers_per_core=100,
        core_percent=0.5,
        idle_percent=0.1,
        session_kb=500.0,
        process_mb=40.0,
        files=0.0,
        threads=1,
        made="now",
    )
    machine = make_scale.Machine(
        cores=10, memory_gb=4, network_gbit_s=1, packets_s=150_000, files=8_000, in_rack=4, used=0.5
    )
    borne = {name: callers for name, (_, callers) in make_scale.limits(found, machine).items()}
    assert borne["CPU"] == 1000
    assert borne["memory"] == pytest.approx((4 - 0.4) / 0.0005)
    assert borne["packets in and out"] == 750
    assert borne["open files"] == 2000
    assert borne["network, PCM at 16 kHz"] == pytest.approx(1e9 / (2 * 287_200))
