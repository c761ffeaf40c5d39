"""The first stage of the text filter: what is there for the eye goes, what is there for the ear stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from trialogue.actors.text_filter import _blocks as blocks
from trialogue.actors.text_filter import _inline as inline
from trialogue.actors.text_filter._directions import stage_direction
from trialogue.actors.text_filter._letters import INVISIBLES, PICTOGRAPHS
from trialogue.actors.text_filter._math import formula
from trialogue.actors.text_filter._scan import (
    BLANKS,
    HOLD,
    MAX_RUN_CHARS,
    WAKE_OVERLAP,
    Blocks,
    Scan,
    UnclosedBlock,
    Verdict,
)
from trialogue.actors.text_filter._settings import Rule, TextFilterSettings
from trialogue.actors.text_filter._sources import SourceMap

MarkupRule = Callable[[Scan, int], Verdict | None]

INLINE_RULES: Final[tuple[tuple[str, Rule, MarkupRule], ...]] = (
    # which first characters, the switch, what to do; the first rule that answers decides
    ("*_([", Rule.STAGE_DIRECTIONS, stage_direction),
    ("*_~=", Rule.EMPHASIS, inline.delimiter_run),
    ("$\\", Rule.MATH, formula),
    ("`", Rule.FENCES, blocks.late_fence),
    ("#", Rule.HEADINGS, inline.closing_hashes),
    ("`", Rule.CODE, inline.code_mark),
    ("<", Rule.HTML, blocks.angle),
    ("<", Rule.THINKING, blocks.angle),
    ("!", Rule.LINKS, inline.image),
    ("[【", Rule.CITATIONS, inline.citation),
    ("[", Rule.LINKS, inline.opening_bracket),
    ("]", Rule.LINKS, inline.closing_bracket),
    ("|", Rule.TABLES, inline.pipe),
    ("\\", Rule.ESCAPES, inline.escape),
    ("&", Rule.ENTITIES, inline.entity),
)
CLASS_RULES: Final[tuple[tuple[str, Rule, MarkupRule], ...]] = (
    # like INLINE_RULES, but for ranges of characters
    (PICTOGRAPHS, Rule.EMOJI, inline.picture),
    (INVISIBLES, Rule.INVISIBLE, inline.invisible),
)


FOLLOWED: Final = {
    "(": r"(?=[^\W\d_]|\Z)",  # a stage direction begins with a letter
    "!": r"(?=\[|\Z)",
    "$": r"(?!\d+[^\da-zA-Z^\\])",  # a sum of money
}
"""What follows some marks if any rule is to answer; where it does not, they are text."""


def _followed_so(marks: Iterable[str]) -> str:
    """What stands behind a pattern for marks, so that those that no rule would answer are passed over."""
    followed = {mark: FOLLOWED[mark] for mark in marks if mark in FOLLOWED}
    others = f"(?<![{re.escape(''.join(followed))}])" if followed else ""
    return f"(?:{'|'.join([others, *(f'(?<={re.escape(mark)}){follows}' for mark, follows in followed.items())])})"


class _Marks(NamedTuple):
    """What may be markup, where some rules are off.

    Args:
        rules: by the first character.
        classes: rules for ranges of characters.
        special: finds the next place where one of them may answer.
    """

    rules: Mapping[str, list[MarkupRule]]
    classes: tuple[tuple[re.Pattern[str], MarkupRule], ...]
    special: re.Pattern[str]


@lru_cache(maxsize=32)
def _marks_without(off: frozenset[Rule]) -> _Marks:
    rules: dict[str, list[MarkupRule]] = {}
    for chars, switch, rule in INLINE_RULES:
        for char in chars if switch not in off else "":
            applied = rules.setdefault(char, [])
            if rule not in applied:
                applied.append(rule)
    ranges = [(chars, rule) for chars, switch, rule in CLASS_RULES if switch not in off]
    special = "".join(map(re.escape, rules)) + "".join(chars for chars, _ in ranges)
    found = re.compile(f"[\\n{special}]{_followed_so(rules)}")
    classes = tuple((re.compile(f"[{chars}]"), rule) for chars, rule in ranges)
    return _Marks({**rules, "\n": []}, classes, found)


class MarkupStage:
    """Takes the markup out of a stream of text.

    Args:
        settings: which rules apply.
        sources: is told the clean text, and where it came from.
    """

    def __init__(self, settings: TextFilterSettings, sources: SourceMap) -> None:
        self._scan = Scan(settings, sources)
        self._rules, self._classes, self._special = _marks_without(settings.off)
        self._parts: list[str] = []  # what waits for a block to close
        self._end = ""  # the end of that
        self._waiting = 0  # characters of that

    def plain(self, delta: str) -> str | None:
        """Like feed, but only for text without any mark, where it saves most of the work; None if feed is needed."""
        scan = self._scan
        held = scan.text
        if scan.blank or (held and held != " ") or self._special.search(delta):
            return None
        clean = held + delta
        last = clean[-1:]
        if last in BLANKS:
            if last != " " or (last := clean[-2:-1]) in BLANKS:
                return None
            clean, scan.text = clean[:-1], " "
        elif held:
            scan.text = ""
        scan.last = last
        start, sources = scan.base, scan.sources
        scan.base = end = start + len(clean)
        if sources.until != start:
            sources.begin(start)
        sources.until = end
        return clean

    def feed(self, delta: str, *, final: bool = False) -> str:
        """Take more text; return the output that became certain, of which `sources` tells where it came from."""
        scan = self._scan
        if scan.blocks.wake is not None:
            self._parts.append(delta)
            if not (final or self._wakes(scan.blocks, scan.blocks.wake, delta)):
                return ""
            delta = "".join(self._parts)
            self._parts.clear()
            self._waiting, scan.blocks.wake = 0, None
        text = scan.text = scan.text + delta
        scan.final = final
        if position := self._run():
            scan.text = text[position:]
            scan.base += position
        if wake := self._scan.blocks.wake:  # set meanwhile
            self._end = wake.split(scan.text[-WAKE_OVERLAP:])[-1]  # what is there already closes nothing
        return scan.sources.take()

    def _wakes(self, held: Blocks, wake: re.Pattern[str], delta: str) -> bool:
        """Whether what is open may close with this, or is given up."""
        self._waiting += len(delta)
        self._end += delta
        if wake.search(self._end) or len(self._scan.text) + self._waiting >= held.wake_chars:
            return True
        self._end = self._end[-WAKE_OVERLAP:]
        return False

    def held(self) -> int:
        """How many characters wait for what follows them."""
        return len(self._scan.text) + self._waiting

    def taken(self) -> int:
        """Up to where in the source all is done."""
        return self._scan.base

    def events(self) -> list[UnclosedBlock]:
        """What went wrong since the last call: blocks that never closed."""
        told, self._scan.blocks.events = self._scan.blocks.events, []
        return told

    def _run(self) -> int:
        """Work through the text as far as it is certain; return how far that is."""
        scan, text, position = self._scan, self._scan.text, 0
        while position < len(text):
            if scan.blank and (judged_up_to := self._line_start(position)) is not None:
                position, certain = judged_up_to
            elif match := self._special.search(text, position):
                position, certain = self._special_at(position, match.start())
            else:
                return self._copy(position, len(text) if scan.final else _start_of_blanks(text, len(text), position))
            if not certain:
                return position
        return position

    def _line_start(self, position: int) -> tuple[int, bool] | None:
        """Judge the mark at the start of a line; like _special_at, but None where there is none."""
        scan, text = self._scan, self._scan.text
        lead = _end_of_blanks(text, position)
        if lead == len(text) and not scan.final:
            return self._copy(position, max(position, lead - MAX_RUN_CHARS)), False
        if lead - position > MAX_RUN_CHARS:
            return self._copy(position, lead - MAX_RUN_CHARS), True
        if lead == len(text) or text[lead] not in blocks.MARKERS:
            return None
        scan.before = scan.last if lead == position else " "
        verdict = blocks.line_start(scan, lead)
        if verdict is None:
            return None
        return (position, False) if verdict is HOLD else (verdict[0], True)

    def _copy(self, start: int, end: int) -> int:
        if start < end:
            self._scan.write(self._scan.text[start:end], start, end)
        return end

    def _special_at(self, position: int, at: int) -> tuple[int, bool]:
        """Judge the special character there; return up to where all is done, and whether to go on."""
        scan, text = self._scan, self._scan.text
        gap, char = at, text[at]
        if at > position:
            gap = _start_of_blanks(text, at, position) if text[at - 1] in BLANKS else at
            if position < gap:
                scan.write(text[position:gap], position, gap)
        scan.before = text[at - 1] if gap < at else scan.last
        end, output, eats_space = at + 1, char, False
        rules = self._rules.get(char)
        for rule in self._rules_of_class(char) if rules is None else rules:
            if verdict := rule(scan, at):
                if verdict is HOLD:
                    return gap, False
                end, said, eats_space = verdict
                output = text[at:end] if said is None else said
                break
        if gap < at and not eats_space:
            scan.write(text[gap:at], gap, at)
        if output:
            scan.write(output, at, end)
        return end, True

    def _rules_of_class(self, char: str) -> list[MarkupRule]:
        return [rule for pattern, rule in self._classes if pattern.match(char)]


def _end_of_blanks(text: str, at: int) -> int:
    end = len(text)
    while at < end and text[at] in BLANKS:
        at += 1
    return at


def _start_of_blanks(text: str, at: int, stop: int) -> int:
    """Where the blanks before `at` begin, as far as they are held back."""
    stop = max(stop, at - MAX_RUN_CHARS)
    while at > stop and text[at - 1] in BLANKS:
        at -= 1
    return at
