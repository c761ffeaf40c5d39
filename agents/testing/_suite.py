"""Suites: many conversations with an agent, played, checked and judged; for people, for programs, and for a build."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TextIO

import attrs
import trio

from trialogue.agents.testing._judge import Judge, Verdict
from trialogue.agents.testing._markup import write_text
from trialogue.agents.testing._suite_case import Case, CaseResult, play_case
from trialogue.agents.testing._suite_page import render_page
from trialogue.agents.testing._suite_worker import play_in_processes
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from pathlib import Path

#: How wide a progress bar is, characters.
_BAR: Final = 30


@frozen(kw_only=True)
class SuiteResult:
    """What came of a suite.

    Args:
        name: the suite's.
        cases: in its order.
    """

    name: str
    cases: tuple[CaseResult, ...]

    @property
    def counts(self) -> Counter[str]:
        """How many cases came to pass, fail and maybe."""
        return Counter(case.outcome for case in self.cases)

    @property
    def exit_status(self) -> int:
        """For `sys.exit`: 0 if all have passed, 1 if one has failed, 2 if none has but one is in doubt."""
        return 1 if self.counts["fail"] else 2 if self.counts["maybe"] else 0

    def __str__(self) -> str:
        lines = [f"{self.name}: {_summary(self.counts)}"]
        for case in self.cases:
            lines.append(f"  {case.outcome:<5}  {case.name}" + (f": {case.complaint}" if case.complaint else ""))
            doubts = [verdict for verdict in case.verdicts if verdict.outcome != "pass"]
            lines += [f"         {verdict.name}: {verdict.outcome}, {verdict.reason}" for verdict in doubts]
        return "\n".join(lines)

    def to_json(self) -> str:
        """All of it for programs."""
        told = {
            "suite": self.name,
            "exit_status": self.exit_status,
            "counts": {outcome: self.counts[outcome] for outcome in ("pass", "maybe", "fail")},
            "cases": [_case_as_json(case) for case in self.cases],
        }
        return json.dumps(told, ensure_ascii=False, indent=1)

    def write_json(self, path: Path) -> None:
        """Write `to_json()`. Raises ConfigurationError if the file cannot be written."""
        write_text(path, self.to_json())

    def write_html(self, path: Path) -> None:
        """Write a page for people that refers to nothing outside it. Raises ConfigurationError as `write_json`."""
        write_text(path, render_page(self.name, self.cases, _summary(self.counts)))


def run_suite(
    cases: Sequence[Case],
    *,
    name: str = "Suite",
    judge: Judge | None = None,
    workers: int = 1,
    progress: TextIO | None = None,
) -> SuiteResult:
    """Play all cases, then have those judged in which nothing has failed. Not from inside an async function.

    Args:
        cases: with different names.
        name: what stands above the report.
        judge: asked for the cases' criteria, on the real clock.
        workers: how many cases are played at the same time; more than one are played in a process each, so what
            they are made of must be found by import: no lambdas, nothing from the main script.
        progress: where a bar is drawn, such as `sys.stderr`; by default there if that is a terminal.

    Returns:
        What came of them, in their order. The same cases and seeds give the same conversations, however many workers.

    Raises:
        ConfigurationError: two cases have one name, a case wants a judge and there is none, or a case cannot be played
            in a process of its own.
    """
    _check(cases, judge, workers)
    bar = _Bar(len(cases), progress or (sys.stderr if sys.stderr.isatty() else None))
    if workers == 1:
        results = [bar.advance(play_case(case)) for case in cases]
    else:
        results = trio.run(play_in_processes, cases, workers, bar.advance)
    if judge is not None:
        results = trio.run(_judged, cases, results, judge)
    bar.end()
    return SuiteResult(name=name, cases=tuple(results))


async def _judged(cases: Sequence[Case], results: Sequence[CaseResult], judge: Judge) -> list[CaseResult]:
    """The results with their verdicts; the judge's bound holds for all cases together."""
    limit, verdicts = trio.CapacityLimiter(judge.at_once), dict[tuple[int, str], Verdict]()

    async def judge_one(number: int, criterion: str, name: str) -> None:
        async with limit:
            verdicts[number, name] = await judge.judge(results[number].items, criterion, name=name)

    async with trio.open_nursery() as nursery:
        for number, (case, result) in enumerate(zip(cases, results, strict=True)):
            for criterion_name, criterion in case.criteria.items() if result.outcome != "fail" else ():
                nursery.start_soon(judge_one, number, criterion, criterion_name, name=f"judge of {case.name}")
    return [
        attrs.evolve(result, verdicts=tuple(verdicts[number, name] for name in case.criteria))
        if result.outcome != "fail"
        else result
        for number, (case, result) in enumerate(zip(cases, results, strict=True))
    ]


def _check(cases: Sequence[Case], judge: Judge | None, workers: int) -> None:
    if workers < 1:
        raise ConfigurationError(f"a suite needs at least one worker, not {workers}")
    twice = [name for name, count in Counter(case.name for case in cases).items() if count > 1]
    if twice:
        raise ConfigurationError(f"two cases are called {twice[0]!r}; rename one of them")
    unjudged = [case.name for case in cases if case.criteria]
    if unjudged and judge is None:
        raise ConfigurationError(f"case {unjudged[0]} has criteria, but the suite has no judge; give it `Judge(llm)`")


@define
class _Bar:
    """How far a suite is, in one line that is drawn over and over."""

    total: int
    out: TextIO | None
    done: Counter[str] = attrs.Factory(Counter)

    def advance(self, result: CaseResult) -> CaseResult:
        """One more is over."""
        self.done[result.outcome] += 1
        if self.out is not None:
            count = self.done.total()
            filled = _BAR * count // self.total
            line = f"\r[{'#' * filled}{'.' * (_BAR - filled)}] {count}/{self.total}  {_summary(self.done)}"
            print(line, end="", file=self.out, flush=True)
        return result

    def end(self) -> None:
        """All are over."""
        if self.out is not None and self.total:
            print(file=self.out, flush=True)


def _summary(counts: Counter[str]) -> str:
    words = {"pass": "passed", "maybe": "in doubt", "fail": "failed"}
    return ", ".join(f"{counts[outcome]} {word}" for outcome, word in words.items() if counts[outcome]) or "no cases"


def _case_as_json(case: CaseResult) -> dict[str, object]:
    ending = case.played
    return {
        "name": case.name,
        "seed": case.seed,
        "outcome": case.outcome,
        "score": round(case.score, 6),
        "complaint": case.complaint,
        "detail": case.detail,
        "lasted_s": round(case.lasted_s, 6),
        "user": ending and {"reached": ending.reached, "reason": ending.reason, "ended by": ending.ended_by},
        "verdicts": [attrs.asdict(verdict) | {"score": verdict.score} for verdict in case.verdicts],
        "items": [attrs.asdict(item, value_serializer=_plain) | {"": type(item).__name__} for item in case.items],
    }


def _plain(_: object, __: object, value: object) -> object:
    return f"{len(value)} bytes" if isinstance(value, bytes) else value
