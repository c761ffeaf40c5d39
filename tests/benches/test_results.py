"""Results: what is claimed, what comes back from a line of JSON, how figures are told."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialogue.cli.bench import (
    Claim,
    Curve,
    Distribution,
    Findings,
    Result,
    Row,
    Waterfall,
    as_text,
    heading,
    in_words,
    percentile,
    read_results,
    shown,
    spread,
    surroundings,
)

FINITE = st.floats(min_value=-1e9, max_value=1e9)


def result(*rows: Row, bench: str = "s1") -> Result:
    """A result with these rows."""
    return Result(
        bench=bench,
        claim="It is fast.",
        findings=Findings(
            rows=rows,
            plots=[
                Distribution(title="Spread", unit="ms", samples={"a": [3.0, 1.0, 2.0]}, limit=2.5),
                Curve(title="Growth", x="callers", y="%", series={"a": [[1, 2.0], [2, 2.5]]}),  # type: ignore[list-item]  # as JSON has it
                Waterfall(title="Stages", unit="ms", bars=[["model", 0.0, 100.0]]),  # type: ignore[list-item]  # as JSON has it
            ],
        ),
        took_s=1.5,
        made=surroundings(),
    )


ROW = Row(
    case="10 callers", figures={"overhead_p99_ms": 4.5, "turns": 300}, claims=(Claim("overhead_p99_ms", "<=", 4.0),)
)


def test_a_result_comes_back_from_its_line_as_it_was() -> None:
    before = result(ROW)
    line = before.to_json()
    assert "\n" not in line
    (after,) = read_results(["progress …", line, '{"bench": "side_by_side", "us": 3}'])
    assert after == attrs.evolve(before, findings=attrs.evolve(before.findings, rows=list(before.findings.rows)))


@pytest.mark.parametrize(
    ("bound", "value", "holds"), [("<=", 4.5, True), ("<=", 4.4, False), (">=", 4.5, True), (">=", 5, False)]
)
def test_a_claim_holds_or_not(bound: str, value: float, holds: bool) -> None:
    claim = Claim("overhead_p99_ms", bound, value)  # type: ignore[arg-type]  # one of both
    assert claim.holds(ROW.figures) is holds
    assert result(attrs.evolve(ROW, claims=(claim,))).holds is holds


def test_a_result_without_claims_holds() -> None:
    assert result(attrs.evolve(ROW, claims=())).holds


def test_a_claim_that_is_broken_is_told_with_what_was_measured() -> None:
    told = as_text(result(ROW))
    assert "NOT MET  10 callers: overhead p99, ms 4.5, claimed at most 4" in told
    assert "s1: It is fast." in told


def test_a_table_that_is_too_wide_is_broken_and_loses_nothing() -> None:
    figures = {f"a_rather_long_name_of_a_figure_{number}_ms": float(number) for number in range(12)}
    told = as_text(result(Row(case="case", figures=figures)))
    assert all(len(line) <= 118 for line in told.splitlines())
    assert all(heading(name) in told for name in figures)


@given(st.lists(FINITE, min_size=1, max_size=50))
def test_a_spread_is_ordered_and_made_of_the_values(values: list[float]) -> None:
    median, p95, p99, most = spread("x", "ms", values, digits=12).values()
    assert median <= p95 <= p99 <= most == pytest.approx(max(values))
    assert percentile(values, 0.5) in values


@given(st.lists(FINITE, min_size=1, max_size=1000))
def test_a_distribution_keeps_its_ends_and_its_order_however_long_it_is(values: list[float]) -> None:
    kept = Distribution(title="", unit="", samples={"a": values}).samples["a"]
    assert list(kept) == sorted(kept)
    assert len(kept) == min(200, len(values))
    assert kept[0] == pytest.approx(min(values), abs=1e-4)
    assert kept[-1] == pytest.approx(max(values), abs=1e-4)


@pytest.mark.parametrize(
    ("figure", "words"),
    [("overhead_p99_ms", "overhead p99, ms"), ("cpu_us", "CPU, µs"), ("turns", "turns"), ("of_few", "of few")],
)
def test_a_figure_is_named_for_people(figure: str, words: str) -> None:
    assert heading(figure) == words


@pytest.mark.parametrize(
    ("value", "told"), [(300.0, "300"), (12_345.6, "12,346"), (-0.0, "0"), (0.12345, "0.123"), (99.96, "100")]
)
def test_a_figure_has_as_many_digits_as_say_something(value: float, told: str) -> None:
    assert shown(value) == told


def test_surroundings_name_day_machine_and_versions() -> None:
    words = in_words(surroundings())
    assert "CPython 3." in words
    assert "Trio 0." in words
    assert "cores" in words
