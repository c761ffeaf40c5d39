"""Reads the labelled turns, and counts how well something tells them apart."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.actors.turn._words import AgentActivity, SpeechClaim

HERE: Final = Path(__file__).parent

Half = Literal["development", "reporting"]

#: The halves for reporting, as they were committed before the rules were written.
FROZEN: Final = {
    "floor-reporting.tsv": "e247c33695e4cc2c4ded67b4b6f28275b1fa3cac08387e5657c2f791f81adcc4",
    "ends-reporting.tsv": "31e9ba21e5e669f273583067d41cf4a74428b17af4a1dcf84a8c65f3b1548577",
}


@attrs.frozen(kw_only=True)
class FloorItem:
    """Somebody says `text`; see README.md."""

    language: str
    agent: AgentActivity
    label: SpeechClaim
    text: str


@attrs.frozen(kw_only=True)
class EndItem:
    """Somebody has said `text` and is silent; see README.md."""

    language: str
    asked: str
    finished: bool
    text: str


@attrs.frozen(kw_only=True)
class Score:
    """How well one label was found."""

    right: int
    found: int
    labelled: int

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 1 if nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of what was to be found that was; 1 if there was nothing."""
        return self.right / self.labelled if self.labelled else 1.0


def checksum(name: str) -> str:
    """The sha256 of a file, whatever line ends it was checked out with."""
    return hashlib.sha256((HERE / name).read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def floor_items(half: Half) -> list[FloorItem]:
    """Who has the floor."""
    return [
        FloorItem(language=language, agent=cast("AgentActivity", agent), label=cast("SpeechClaim", label), text=text)
        for language, agent, label, text in _rows(f"floor-{half}.tsv")
    ]


def end_items(half: Half) -> list[EndItem]:
    """Whether a turn is over."""
    return [
        EndItem(language=language, asked=asked, finished=label == "finished", text=text)
        for language, asked, label, text in _rows(f"ends-{half}.tsv")
    ]


def scores(pairs: Iterable[tuple[str, str]]) -> dict[str, Score]:
    """From pairs of label and finding, the score of each label."""
    counts = Counter(pairs)
    labels = sorted({label for label, _ in counts})
    return {
        label: Score(
            right=counts[label, label],
            found=sum(count for (_, found), count in counts.items() if found == label),
            labelled=sum(count for (labelled, _), count in counts.items() if labelled == label),
        )
        for label in labels
    }


def _rows(name: str) -> list[list[str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]
