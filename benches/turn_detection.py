"""How well turn detectors judge, on the labelled set's half for reporting, and what a judgement costs.

    python -m benches.turn_detection            lines of JSON
    python -m benches.turn_detection --write    and the tables of docs/turn-detection.md

Fails if precision or recall of any label in any language is below 0.9.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from benches.channel_hop import machine
from tests.data.turns.labelled import EndItem, FloorItem, Score, end_items, floor_items, scores
from trialogue.actors.turn._detector import FINISHED, finished_probability
from trialogue.actors.turn._words import FLOOR_WORDS, claim_of
from trialogue.engine import TurnSoFar

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "turn-detection.md"
LANGUAGES: Final = tuple(FLOOR_WORDS)
CLAIM: Final = 0.9
ROUNDS: Final = 20

Pair = tuple[str, str]


def claim_pair(item: FloorItem) -> Pair:
    """Label and finding: whose floor it is."""
    return item.label, claim_of(item.text, item.agent, item.language)


def end_pair(item: EndItem) -> Pair:
    """Label and finding: whether the thought is finished."""
    return named(finished=item.finished), named(finished=probability(item) >= FINISHED)


def probability(item: EndItem) -> float:
    """What the text detector says."""
    return finished_probability(TurnSoFar(text=item.text, language=item.language, asked=item.asked))


def named(*, finished: bool) -> str:
    """The label."""
    return "finished" if finished else "unfinished"


def held_back(language: str) -> tuple[int, int]:
    """Of finished thoughts cut after each of their words, how many are given more time, and how many there are.

    A hard measure: many of these beginnings could stand alone.
    """
    cut = [
        EndItem(language=language, asked=item.asked, finished=False, text=" ".join(words[:length]))
        for item in end_items("reporting")
        if item.language == language and item.finished and not item.asked
        for words in [item.text.split()]
        for length in range(1, len(words))
    ]
    return sum(probability(item) < FINISHED for item in cut), len(cut)


def table(pairs: dict[str, list[Pair]]) -> tuple[list[str], bool]:
    """Rows of Markdown, and whether the claim holds."""
    rows = ["| language | label | items | precision | recall |", "|---|---|---:|---:|---:|"]
    holds = True
    for language, found in pairs.items():
        for label, score in scores(found).items():
            rows.append(_row(language, label, score))
            holds = holds and min(score.precision, score.recall) >= CLAIM
    return rows, holds


def _row(language: str, label: str, score: Score) -> str:
    return f"| {language} | {label} | {score.labelled} | {score.precision:.3f} | {score.recall:.3f} |"


def failures() -> list[str]:
    """Every item of the half for reporting that is judged wrongly, as rows of Markdown."""
    rows = ["| language | said | context | label | judged |", "|---|---|---|---|---|"]
    wrong = [
        (item.language, item.text, f"agent {item.agent}", *claim_pair(item))
        for item in floor_items("reporting")
        if len(set(claim_pair(item))) > 1
    ]
    wrong += [
        (item.language, item.text, item.asked or "no question", *end_pair(item))
        for item in end_items("reporting")
        if len(set(end_pair(item))) > 1
    ]
    return [*rows, *(f"| {' | '.join(each)} |" for each in wrong)]


def microseconds(judge: Callable[[], object], items: int) -> float:
    """The best CPU time of a judgement."""
    best_ns = 2**63
    for _ in range(ROUNDS):
        began_ns = time.process_time_ns()
        judge()
        best_ns = min(best_ns, time.process_time_ns() - began_ns)
    return best_ns / items / 1e3


def main(arguments: list[str]) -> int:
    """Measure; write the page if asked to.

    Returns:
        0 if the claim holds.
    """
    floors, ends = floor_items("reporting"), end_items("reporting")
    by_claim = {each: [claim_pair(item) for item in floors if item.language == each] for each in LANGUAGES}
    by_end = {each: [end_pair(item) for item in ends if item.language == each] for each in LANGUAGES}
    (claim_rows, claims_hold), (end_rows, ends_hold) = table(by_claim), table(by_end)
    cut = {language: held_back(language) for language in LANGUAGES}
    cut_rows = ["| language | beginnings | given more time |", "|---|---:|---:|"]
    cut_rows += [f"| {language} | {all_of} | {held / all_of:.0%} |" for language, (held, all_of) in cut.items()]
    for name, found in (("floor", by_claim), ("ends", by_end)):
        pairs = [pair for each in found.values() for pair in each]
        right = sum(label == judged for label, judged in pairs) / len(pairs)
        us = microseconds(partial(_judge_all, name), len(pairs))
        line = {
            "bench": "turn_detection",
            "claim": name,
            "items": len(pairs),
            "right": round(right, 4),
            "us": round(us, 1),
        }
        print(json.dumps({**line, **machine()}))
    if "--write" in arguments:
        parts = {"floor": claim_rows, "ends": end_rows, "cut": cut_rows, "failures": failures()}
        PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
    return 0 if claims_hold and ends_hold else 1


def _judge_all(name: str) -> None:
    if name == "floor":
        for item in floor_items("reporting"):
            claim_pair(item)
    else:
        for each in end_items("reporting"):
            end_pair(each)


def with_tables(page: str, parts: dict[str, list[str]]) -> str:
    """The page with other tables between its markers."""
    for name, rows in parts.items():
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, rest = page.split(begin)
        page = "".join([before, begin, "\n".join(rows), "\n", end, rest.split(end)[1]])
    return page


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
