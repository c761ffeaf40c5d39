"""The rule sets of pySBD, run whole; the pass table beside other splitters is in docs/text/chunker.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from trialogue.actors import SentenceChunker, SentenceChunkerSettings, split_sentences

HERE = Path(__file__).parent
"""`golden` holds the rule sets of pySBD (MIT, see its LICENSE), `own` ours: languages that have none, and speech."""


class Case(NamedTuple):
    """A text and its sentences, from the set (`golden` or `more`) of a language."""

    language: str
    text: str
    sentences: list[str]


def cases(*kinds: str) -> list[Case]:
    return [
        Case(file.stem, case["text"], [sentence.strip() for sentence in case["sentences"]])
        for file in sorted(HERE.glob("*/*.json"))
        for kind, found in json.loads(file.read_text(encoding="utf-8")).items()
        for case in found
        if kind in kinds
    ]


@pytest.mark.parametrize("case", cases("golden", "more", "own"), ids=lambda case: f"{case.language}-{case.text[:30]}")
def test_golden_rule(case: Case) -> None:
    """Every case, the language told."""
    assert split_sentences(case.text, language=case.language) == case.sentences


@pytest.mark.parametrize("case", cases("golden", "own"), ids=lambda case: f"{case.language}-{case.text[:30]}")
def test_golden_rule_character_by_character(case: Case) -> None:
    """The same from a stream: no sentence of a rule depends on how it came."""
    chunker = SentenceChunker(SentenceChunkerSettings(language=case.language))
    chunks = [chunk for char in case.text for chunk in chunker.push(char)] + chunker.finish()
    assert [chunk.text for chunk in chunks] == case.sentences


@pytest.mark.xfail(strict=True, reason="what a reader expects and the chunker does not do: listed in the docs")
@pytest.mark.parametrize("case", cases("open"), ids=lambda case: f"{case.language}-{case.text[:30]}")
def test_open_case(case: Case) -> None:
    """A case that begins to hold moves from `open` to `own`."""
    assert split_sentences(case.text, language=case.language) == case.sentences


def passed(found: list[Case], language: str | None = None) -> float:
    """The share of rules that hold, where white space inside of a sentence does not count."""
    right = 0
    for case in found:
        sentences = split_sentences(case.text, language=language or case.language)
        right += [s.split() for s in sentences] == [s.split() for s in case.sentences]
    return right / len(found)


def test_language_detected() -> None:
    """Without being told the language, nearly all rules hold as well."""
    assert passed(cases("golden", "more", "own"), language="auto") >= 0.98


def test_cleaned_texts() -> None:
    """The sets that pySBD runs behind its cleaner: where ours differ, it is by line breaks and long quotations."""
    assert passed(cases("clean")) >= 0.9
