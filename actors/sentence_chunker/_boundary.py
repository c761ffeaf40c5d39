"""Whether a sentence ends at a terminator: pure functions of the text so far.

Every function here keeps one invariant: a verdict other than WAIT is the verdict of every longer text as well. The
segmentation of a stream can therefore not depend on how it was cut into deltas (test_laws.py).
"""

from __future__ import annotations

from typing import Final

from trialogue.actors.sentence_chunker import _characters as chars
from trialogue.actors.sentence_chunker._full_stop import judge_full_stop
from trialogue.actors.sentence_chunker._languages import Language
from trialogue.actors.sentence_chunker._lists import judge_item
from trialogue.actors.sentence_chunker._registry import DETECTION_WINDOW, detect, is_known_somewhere
from trialogue.actors.sentence_chunker._site import Site, survey
from trialogue.actors.sentence_chunker._verdict import WAIT, Verdict, cut_at, go_on
from trialogue.actors.text._later import later

_NO_END: Final = ",;:\u060c\u061b\uff0c\uff1b\uff1a\u3001)]}\uff09/|&=+"
"""Characters that no sentence begins with."""

_DASHES: Final = "-\u2013\u2014"
_QUOTATIVE: Final = "\u3068\u3063\u3092\u3001\uff0c,"
"""Japanese particles (and commas) that make a quotation part of the sentence around it."""

THAI_SENTENCE: Final = 24
"""Characters. A Thai or Lao phrase of this length that a space follows is taken for a sentence."""

_THAI_ENDING: Final = later(r"(?:ครับ|ค่ะ|คะ|นะ|จ้ะ|จ้า|แล้ว|ຄັບ|ເດີ້)\Z")
"""Particles that end a Thai or Lao sentence."""

_QUOTES: Final = "\"'\u201c\u201d\u00ab\u2018"
_NEXT_TOKEN: Final = later(r"\s+(\S{1,80})")
_CLAUSE_WORDS: Final = 5
"""Words. Shorter Arabic clauses are adverbials, and belong to what follows."""

_PRONOUN: Final = later(r"I(?![^\W\d_])")
"""The English word that is written with a capital wherever it stands ("Well... I think so")."""


def judge_at_a_glance(text: str, at: int, final: bool) -> Verdict | None:
    """Like judge_in_full, but for `.`, `?` and `!` in the cases that make up nearly all prose, and cheaply; else None.

    Where this gives a verdict, judge_in_full gives the same one (test_boundary.py).
    """
    char = text[at]
    after = text[at + 1 : at + 3]
    if len(after) < 2:
        return WAIT if not final and after in ("", " ") else None
    if after[0] != " ":
        return go_on(at + 1) if char == "." and _is_inner_dot(text, at, after[0]) else None
    if not "A" <= after[1] <= "Z":
        return None
    if char != ".":
        return cut_at(at + 1) if at and text[at - 1].isalpha() else None
    space = text.rfind(" ", 0, at)
    word = text[space + 1 : at]
    whole = len(word) > 1 and word.isalpha() and not word.isupper() and not is_known_somewhere(word)
    return cut_at(at + 1) if whole and (space < 1 or text[space - 1] != ".") else None


def _is_inner_dot(text: str, at: int, after: str) -> bool:
    return after.islower() or (at > 0 and after.isdecimal() and text[at - 1].isdecimal())


def judge_in_full(text: str, at: int, final: bool, language: Language | None) -> Verdict:
    """Decide about the terminator at this place, whatever is around it. The text begins with the sentence."""
    if text[at] in chars.CASELESS_STOPS:
        return _judge_caseless(text, at, final)
    site = survey(text, at, final)
    if site is None:
        return WAIT
    if site.line_end:
        return cut_at(site.closed)
    if _is_omission(site):
        return go_on(site.closed)
    run = site.run
    if len(run) == 1 and run in chars.PERIODS:
        return judge_full_stop(site, language)
    return _judge_mark(site) if any(char in chars.MARKS for char in run) else _judge_ellipsis(site, language)


def judge_scripted(text: str, at: int, final: bool, language: Language | None) -> Verdict:
    """Decide about a character that ends sentences in one script only."""
    before = text[:at].rstrip(".\u2026")[-1:]
    char = text[at]
    if char == ":" and chars.IS_ARMENIAN.match(before):
        return _judge_caseless(text, at, final)
    if char in ";\u037e" and chars.IS_GREEK.match(before):
        site = survey(text, at, final)
        return WAIT if site is None else _judge_mark(site)
    if char in ":\u060c" and chars.IS_ARABIC.match(before):
        return _judge_arabic_clause(text, at, final, language)
    return go_on(at + 1)


def judge_thai(text: str, at: int, final: bool) -> Verdict:
    """Decide about the white space behind the Thai or Lao characters that begin here."""
    run = chars.THAI_RUN.match(text, at)
    end = run.end() if run else at + 1
    gap = chars.GAP.match(text, end)
    after = gap.end() if gap else end
    if after == len(text):
        return go_on(end) if final else WAIT
    if after == end or not chars.THAI_RUN.match(text, after) or chars.NEWLINE.search(text, end, after):
        return go_on(end)
    if _THAI_ENDING.search(text, 0, end) or end >= THAI_SENTENCE:
        return cut_at(end)
    return go_on(after)


def judge_newline(text: str, at: int, final: bool) -> Verdict:
    """A line's end is a sentence's, unless the line was only wrapped: behind a space, before a small letter or "("."""
    if text[at] != "\n" or text[at - 1] != " " or text[at - 2 : at - 1].isspace():
        return cut_at(at)
    if at + 1 == len(text):
        return cut_at(at) if final else WAIT
    return go_on(at + 1) if text[at + 1].islower() or text[at + 1] == "(" else cut_at(at)


def judge_bullet(text: str, at: int) -> Verdict:
    """A bullet behind white space begins a list item."""
    return cut_at(at) if at and text[at - 1].isspace() else go_on(at + 1)


def judge_bracket(text: str, at: int, final: bool) -> Verdict:
    """Decide about a closing bracket: it may belong to the next item of a list ("1) one 2) two")."""
    return judge_item(text, at, final) or go_on(at + 1)


def _judge_caseless(text: str, at: int, final: bool) -> Verdict:
    run = chars.TIGHT_RUN.match(text, at)
    stop = run.end() if run else at + 1
    closers = chars.CLOSERS.match(text, stop)
    closed = closers.end() if closers else stop
    if closed >= len(text):
        return cut_at(closed) if final else WAIT
    if not final and chars.HALF_CLOSER.match(text, closed):
        return WAIT
    if text.startswith("ល។", stop) or (text[stop:] == "ល" and not final):  # Khmer "et cetera"
        return go_on(stop + 2) if text.startswith("ល។", stop) else WAIT
    after = text[closed]
    if after in _NO_END or (closed > stop and (after in _QUOTATIVE or _is_within(text, at, text[closed - 1]))):
        return go_on(closed)
    return cut_at(closed)


def _is_within(text: str, at: int, closer: str) -> bool:
    """Whether the brackets that close behind the terminator are part of a sentence: a title, or words put in."""
    opener = _INNER.get(closer)
    if opener is None:
        return False
    return closer in _TITLE_MARKS or text.rfind(opener, 0, at) > 0


_INNER: Final = {"\uff09": "\uff08", "\u3009": "\u3008", "\u300b": "\u300a"}
_TITLE_MARKS: Final = "\u3009\u300b"


def _judge_mark(site: Site) -> Verdict:
    if site.at_end:
        return cut_at(site.closed)
    if site.glued and site.text[site.lead] != "<":
        return cut_at(site.closed) if _is_glued_end(site) else go_on(site.closed)
    if site.next in _NO_END:
        return go_on(site.closed)
    if site.next in _DASHES:
        return _judge_dash(site)
    if site.small and (
        site.closed > site.stop or site.run[-1] in ".\u2026" or ("!" in site.run and site.text[0].isupper())
    ):
        return go_on(site.closed)  # "This is great!" she said. Leave me! he said. She works at Yahoo! in Rome.
    return cut_at(site.closed)


def _is_glued_end(site: Site) -> bool:
    before, after = site.text[site.at - 1 : site.at], site.text[site.closed]
    if after in "\u00bf\u00a1" or chars.IS_CJK.match(after):
        return True
    if after.isalpha() and not after.islower() and not after.isupper():
        return before.isalpha()
    if not after.isupper() or "/" in site.token:
        return False
    return site.closed > site.stop or site.text[max(0, site.at - 2) : site.at].isalpha()


def _judge_ellipsis(site: Site, language: Language | None) -> Verdict:
    alone = site.text[site.at - 1 : site.at].isspace() or not site.at
    spaced = " " in site.run
    if spaced and site.run.count(".") == 3 and alone:
        return go_on(site.closed)
    if site.at_end:
        return cut_at(site.closed)
    if spaced and site.run.count(".") == 4 and not alone and site.next.isupper():
        return cut_at(site.at + 1)
    if site.glued or site.small or site.next in _NO_END:
        return go_on(site.closed)
    if _PRONOUN.match(site.text, site.sign) and (language or detect(site.text[: site.at])).code == "en":
        return go_on(site.closed) if site.final or site.sign + 1 < len(site.text) else WAIT
    return _judge_dash(site) if site.next in _DASHES else cut_at(site.closed)


def _judge_dash(site: Site) -> Verdict:
    """A dash goes on with the sentence if a small letter follows ("Who? - he said")."""
    place = site.sign
    while place < len(site.text) and (site.text[place] in _DASHES or site.text[place].isspace()):
        place += 1
        if place - site.sign > chars.GAP_LIMIT:
            return cut_at(site.closed)
    if place == len(site.text):
        return cut_at(site.closed) if site.final else WAIT
    return go_on(site.closed) if site.text[place].islower() else cut_at(site.closed)


def _is_omission(site: Site) -> bool:
    """Dots in brackets of their own: "[...]"."""
    before = site.text[site.at - 1 : site.at]
    return before in ("[", "(") and site.text[site.stop : site.stop + 1] in ("]", ")") and "." in site.run


def _judge_arabic_clause(text: str, at: int, final: bool, language: Language | None) -> Verdict:
    """Arabic joins long clauses by commas: one is an end, unless it is in a list of words."""
    following = _NEXT_TOKEN.match(text, at + 1)
    known = following is not None and (following.end() < len(text) or final or len(following[1]) == 80)
    if not known:
        gap = chars.GAP.match(text, at + 1)
        waits = gap is not None and (gap.end() > at + 1 or at + 1 == len(text)) and len(text) - at < DETECTION_WINDOW
        return WAIT if waits and not final else go_on(at + 1)
    assert following is not None
    rules = language or detect(text[: following.end()])
    if not rules.arabic_clauses or following[1].endswith("\u060c") or following[1][0] in _QUOTES:
        return go_on(at + 1)
    enough = text[at] == ":" or text.count(" ", 0, at) + 1 >= _CLAUSE_WORDS
    return cut_at(at + 1) if enough else go_on(at + 1)
