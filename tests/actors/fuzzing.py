"""What the fuzz runs share: laws are tried on texts, what breaks one is made small, and a command line shows it."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final, Generic, NamedTuple, TypeVar

C = TypeVar("C")

REPORTED: Final = 1000
"""Texts between two lines of progress."""


class Case(NamedTuple, Generic[C]):
    """A text, and how it is to be taken.

    Args:
        text: it.
        places: where it is cut into deltas.
        chosen: settings, or a language.
    """

    text: str
    places: tuple[int, ...]
    chosen: C


class Failure(NamedTuple, Generic[C]):
    """A text that breaks a law, as small as it was found."""

    law: str
    case: Case[C]


Law = Callable[[str, tuple[int, ...], C], None]
"""Raises where it does not hold."""


def breaks(law: Law[C], case: Case[C]) -> bool:
    """Whether the text breaks the law; whatever else goes wrong breaks it too."""
    try:
        law(*case)
    except Exception:  # noqa: BLE001  # any error of the code under test is a finding
        return True
    return False


def smallest(law: Law[C], case: Case[C]) -> Case[C]:
    """The text without all that it can do without and still break the law."""
    size = max(len(case.text) // 2, 1)
    while size:
        at = 0
        while at < len(case.text):
            shorter = case._replace(text=case.text[:at] + case.text[at + size :])
            if breaks(law, shorter):
                case = shorter
            else:
                at += size
        size //= 2
    return case


def fuzz(laws: Mapping[str, Law[C]], cases: Iterator[Case[C]], count: int) -> Iterator[Failure[C] | None]:
    """For each of so many cases: the first law that it breaks, or None."""
    for case in islice(cases, count):
        broken = next((name for name, law in laws.items() if breaks(law, case)), None)
        yield None if broken is None else Failure(broken, smallest(laws[broken], case))


def main(
    description: str | None, laws: Mapping[str, Law[C]], cases: Callable[[random.Random], Iterator[Case[C]]]
) -> int:
    """Run as a script; the exit code is 1 if a law was broken."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000, help="how many texts")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same texts")
    parser.add_argument("--progress", action="store_true", help="tell how far it is")
    chosen = parser.parse_args()
    began_s = time.perf_counter()
    failures = 0
    for done, failure in enumerate(fuzz(laws, cases(random.Random(chosen.seed)), chosen.cases), start=1):
        if failure is not None:
            failures += 1
            text, places, settings = failure.case
            print(f"{failure.law}: {text!r}, cut at {sorted(places)}, {settings}", flush=True)
        if chosen.progress and done % REPORTED == 0:
            print(f"{done} cases, {failures} failures", file=sys.stderr, flush=True)
    rate = chosen.cases / (time.perf_counter() - began_s)
    print(f"{chosen.cases} cases, {len(laws)} laws, {failures} failures, {rate:.0f} cases/s")
    return 1 if failures else 0
