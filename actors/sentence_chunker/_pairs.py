"""Brackets, quotation marks and tags: nothing is cut between the two halves of a pair.

A pair that does not close within a line and so many characters is no pair: its first half is a character like any
other, and the sentences behind it are cut as if it were not there.
"""

from __future__ import annotations

import re
from typing import Final

from trialogue.actors.sentence_chunker import _characters as chars
from trialogue.actors.sentence_chunker._verdict import WAIT, Verdict, cut_at, go_on
from trialogue.actors.text._later import later

TAG_LIMIT: Final = 200
"""Characters between a tag's angle brackets: the longest that SSML's documentation shows is shorter."""

SURELY_OPEN: Final = 9
"""Characters behind an opening mark after which it is clear that it is none of the elisions below."""

DEEPEST: Final = 6
"""Nested brackets. More are noise, and each would be looked at again from every bracket inside."""

_ELISION: Final = later(
    r"'(?:\d|(?:tis|twas|twere|em|til|till|cause|bout|round|n|neath|kay|sup|s|t|d|ll|re|ve)\b)", re.I
)
_HALF_ELISION: Final = later(r"'[a-z]{1,6}\Z", re.IGNORECASE)
_EMOTICON: Final = ":;=8"
_ATOMIC: Final = frozenset("spell say-as phoneme sub w number emphasis prosody lang voice audio mark".split())
_TAG_NAME: Final = later(r"<([a-zA-Z][\w:.-]*)")
_HALF_TAG: Final = later(rf"<(?:/?[a-zA-Z][^<>\n]{{0,{TAG_LIMIT}}}|/)?\Z")
_SENTENCE_INSIDE: Final = later(r"[.!?\u2026]\s")
_BROKEN_OFF: Final = later(r"(?:--|\u2014)\Z")
_SPACES: Final = " \u00a0\u202f"
_SINGLE: Final = "'\u2018"
_LOOSE: Final = "\u201e\u00ab"
"""Opening marks whose closing ones may stand before a letter."""


def _half_pattern(opener: str, closers: str) -> re.Pattern[str]:
    """What ends the search for the second half: it, one more first half, a line's end.

    A mark that may be an apostrophe is no second half before a letter, nor, if it is a single one, behind a space.
    """
    doubtful = "".join(c for c in closers if c in chars.TWO_FACED or c == "\u2019")
    plain = re.escape("".join(c for c in closers + opener if c not in doubtful)) + chars.NEWLINES
    if not doubtful:
        return later(f"[{plain}]")
    behind = "(?<!\\s)" if opener in _SINGLE else ""
    before = "" if opener in _LOOSE else f"(?![^\\W_{chars.HAN}])"
    return later(f"[{plain}]|{behind}[{re.escape(doubtful)}]{before}")


_HALVES: Final = {opener: _half_pattern(opener, closers) for opener, closers in chars.PAIRS.items()}


def judge_opener(text: str, at: int, final: bool, longest: int) -> Verdict:
    """Jump over the pair that opens here to the terminator before its end, or go on behind a lone half.

    Args:
        text, at, final: what has come of the sentence, the place of the opener, and whether the text ends there.
        longest: characters that a pair may enclose.
    """
    if not _may_open(text, at):
        return go_on(at + 1)
    if not final and (at + 1 == len(text) or (text[at] == "'" and _HALF_ELISION.match(text, at))):
        return WAIT
    if not _opens(text, at):
        return go_on(at + 1)
    close = _find_close(text, at, at + longest, final)
    if close is None:
        return WAIT
    if close < 0:
        return go_on(at + 1)
    if _BROKEN_OFF.search(text, at, close):
        return _judge_broken_off(text, close, final)
    return go_on(_last_terminator(text, at, close))


def _judge_broken_off(text: str, close: int, final: bool) -> Verdict:
    """Speech that breaks off ("If you please, sir--") ends a sentence if a capital follows."""
    gap = chars.GAP.match(text, close + 1)
    after = gap.end() if gap else close + 1
    if after == len(text):
        return go_on(close + 1) if final else WAIT
    return cut_at(close + 1) if after > close + 1 and text[after].isupper() else go_on(close + 1)


def missing_half(text: str, at: int) -> re.Pattern[str] | None:
    """What the pair that opens here waits for; None if it is for any character."""
    halves = _HALVES[text[at]]
    return None if len(text) - at < SURELY_OPEN or halves.search(text, at + 1) else halves


def judge_tag(text: str, at: int, final: bool, longest: int) -> Verdict:
    """Like judge_opener, but jump over a tag, and over what an atomic element (`<say-as>`) contains."""
    tag = chars.TAG.match(text, at)
    if tag is None:
        return WAIT if not final and _HALF_TAG.match(text, at) else go_on(at + 1)
    name = _TAG_NAME.match(text, at)
    if name is None or name[1].lower() not in _ATOMIC or text[tag.end() - 2] == "/":
        return go_on(tag.end())
    end_tag = f"</{name[1]}>"
    end = text.find(end_tag, tag.end(), at + longest)
    if end >= 0:
        return go_on(end + len(end_tag))
    return go_on(tag.end()) if final or len(text) >= at + longest else WAIT


def _may_open(text: str, at: int) -> bool:
    """As far as what stands before it tells: behind a letter, a quotation mark is an apostrophe or closes."""
    char, before = text[at], text[at - 1] if at else " "
    if char not in chars.TWO_FACED:
        return not (char == "(" and before in _EMOTICON)
    if chars.IS_HAN.match(before):
        return True
    return not (before.isalnum() or before in chars.STOPS or before in ")]}%")


def _opens(text: str, at: int) -> bool:
    """As far as what stands behind it tells."""
    char = text[at]
    if char not in chars.TWO_FACED:
        return True
    if char == "'" and _ELISION.match(text, at):
        return False
    return char == "\u00ab" or not text[at + 1 : at + 2].isspace()


def _find_close(text: str, at: int, limit: int, final: bool) -> int | None:
    """Where the pair closes; -1 if it never does, None if that is not known yet."""
    opener = text[at]
    closers = chars.PAIRS[opener]
    depth = 0
    for half in _HALVES[opener].finditer(text, at + 1, limit):
        place, char = half.start(), half.group()
        if char in chars.NEWLINES:
            return -1
        if char not in closers:
            depth += 1
            if depth > DEEPEST:
                return -1
        elif char in chars.TWO_FACED or char == "\u2019":
            if place + 1 == len(text) and not final:
                return None
            return place if _is_pair(text, at, place) else -1
        elif depth == 0:
            return place
        else:
            depth -= 1
    return None if len(text) < limit and not final else -1


def _is_pair(text: str, at: int, close: int) -> bool:
    """Typewriter quotation marks round several sentences close behind punctuation, else they are apostrophes."""
    if text[at] != "'" or text[close - 1] in ".,!?\u2026":
        return True
    return _SENTENCE_INSIDE.search(text, at, close) is None


def _last_terminator(text: str, at: int, close: int) -> int:
    """Where to look on: at the terminator that stands right before the end of the pair, or behind the pair."""
    place = close
    first = close + 1
    while place - 1 > at and (text[place - 1] in chars.STOPS + _SPACES or chars.CLOSERS.fullmatch(text[place - 1])):
        place -= 1
        if text[place] in chars.STOPS:
            first = place
    return first
