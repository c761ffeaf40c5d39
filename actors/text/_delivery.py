"""Marks of delivery in what a model writes: taken out of the text as it comes, and kept with their places. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, cast, get_args

import attrs

from trialogue.frames import Delivery, DeliveryMark, Sentence
from trialogue.frames._attrs import define

DELIVERIES: Final[tuple[Delivery, ...]] = get_args(Delivery)
"""All that can be marked."""

_MEANINGS: Final[dict[Delivery, str]] = {
    "pause": "<pause/> is a short silence",
    "emphasis": "<emphasis>word</emphasis> stresses a word",
    "slow": "<slow>…</slow> is said slowly",
    "fast": "<fast>…</fast> is said fast",
    "soft": "<soft>…</soft> is said softly",
    "loud": "<loud>…</loud> is said loudly",
    "cheerful": "<cheerful>…</cheerful> sounds cheerful",
    "sad": "<sad>…</sad> sounds sad",
    "calm": "<calm>…</calm> sounds calm",
    "excited": "<excited>…</excited> sounds excited",
    "serious": "<serious>…</serious> sounds serious",
}

_NAMES: Final = "|".join(DELIVERIES)
_MARK: Final = re.compile(rf"<(?P<closes>/?)\s{{0,4}}(?P<name>{_NAMES})\s{{0,4}}/?>", re.IGNORECASE)

#: What may still become a mark: a bracket, and letters, blanks and slashes that are no more than a mark has.
_BEGUN: Final = re.compile(r"<[/\sa-z]*\Z", re.IGNORECASE)
_LONGEST: Final = len("</    cheerful    /")


def delivery_instructions(understands: Iterable[Delivery]) -> str:
    """A paragraph for a model's instructions: which marks it may write. Empty where there are none.

    Args:
        understands: what the voice understands.
    """
    wanted = frozenset(understands)
    known = [_MEANINGS[each] for each in DELIVERIES if each in wanted]
    if not known:
        return ""
    return (
        "What you write is spoken. Where it helps, and sparingly, mark how: "
        + "; ".join(known)
        + ". The marks are neither spoken nor shown. Close each one within its sentence, and write no other tags."
    )


@define(eq=False)
class MarkedSpan:
    """A part of a text that is marked; `end` is None while it is open.

    Args:
        delivery: how it is to be said.
        start, end: in characters of the text without marks.
        taken: of a pause, whether a sentence has it.
    """

    delivery: Delivery
    start: int
    end: int | None = None
    taken: bool = False


class DeliveryReader:
    """Takes the marks out of a stream of text; the result is the same however that is cut.

    What is no mark stays as it is. A mark that is never closed holds to the end; a closing one that nothing has opened
    says nothing.

    Args:
        spans: where marks are added, in order of their beginnings.
        at: where in the text without marks the stream begins, characters.
    """

    def __init__(self, spans: list[MarkedSpan], at: int = 0) -> None:
        self._spans = spans
        self._at = at
        self._held = ""
        self._last = " "  # the character before
        self._after_mark = False  # a mark between two blanks leaves one of them

    def push(self, delta: str) -> str:
        """The text without marks that became certain."""
        text = self._held + delta
        clean: list[str] = []
        position = 0
        for found in _MARK.finditer(text):
            clean.append(self._take(text[position : found.start()]))
            self._mark(cast("Delivery", found["name"].lower()), closes=bool(found["closes"]))
            position = found.end()
        begun = _BEGUN.search(text, max(position, len(text) - _LONGEST))
        end = len(text) if begun is None else begun.start()
        clean.append(self._take(text[position:end]))
        self._held = text[end:]
        return "".join(clean)

    def finish(self) -> str:
        """What was held back, now that the text is complete."""
        held, self._held = self._held, ""
        return self._take(held)

    def _take(self, text: str) -> str:
        if not text:
            return ""
        if self._after_mark and self._last.isspace() and text[0] == " ":
            text = text[1:]
        self._after_mark = False
        self._at += len(text)
        self._last = text[-1:] or self._last
        return text

    def _mark(self, delivery: Delivery, *, closes: bool) -> None:
        self._after_mark = True
        if delivery == "pause":
            if not closes:
                self._spans.append(MarkedSpan(delivery, self._at, self._at))
            return
        if not closes:
            self._spans.append(MarkedSpan(delivery, self._at))
            return
        for span in reversed(self._spans):
            if span.delivery == delivery and span.end is None:
                span.end = self._at
                return


def _takes_pause(sentence: Sentence, span: MarkedSpan) -> bool:
    """Whether a span is a pause in this sentence, or at its edge and in no other one."""
    if span.delivery != "pause" or span.taken or not sentence.start <= span.start <= sentence.end:
        return False
    span.taken = True
    return True


def with_marks(sentence: Sentence, spans: Sequence[MarkedSpan]) -> Sentence:
    """A sentence with the marks that lie in its part of the text; for one sentence after another."""
    marks: list[DeliveryMark] = []
    for span in spans:
        end = sentence.end if span.end is None else min(span.end, sentence.end)
        start = max(span.start, sentence.start)
        if start < end or _takes_pause(sentence, span):
            marks.append(
                DeliveryMark(
                    delivery=span.delivery, start=sentence.position(start), end=sentence.position(max(start, end))
                )
            )
    return attrs.evolve(sentence, marks=tuple(marks)) if marks else sentence
