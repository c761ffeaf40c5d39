"""What stands around a terminator: closers, the gap, and the character that decides."""

from __future__ import annotations

from typing import Final, NamedTuple

from trialogue.actors.sentence_chunker import _characters as chars
from trialogue.actors.sentence_chunker._languages import Words
from trialogue.actors.text._later import later


class Site(NamedTuple):
    """A terminator and its surroundings; the numbers are positions in the text.

    Args:
        text: what has come of the sentence, beginning with it, and of what follows it.
        at: the terminator.
        stop: the end of the run of terminators.
        closed: the end of what closes behind it.
        lead: the first character behind the gap.
        sign: the first character behind opening marks: the one whose case counts.
        next: that character, empty at the end.
        line_end: whether a line ends there.
        final: whether no more will come.
    """

    text: str
    at: int
    stop: int
    closed: int
    lead: int
    sign: int
    next: str
    line_end: bool
    final: bool

    @property
    def at_end(self) -> bool:
        """Whether nothing follows, and nothing will."""
        return not self.next

    @property
    def glued(self) -> bool:
        """Whether the next sentence would begin without a space."""
        return self.lead == self.closed

    @property
    def small(self) -> bool:
        """Whether the next word begins with a small letter, and is no name such as iPhone."""
        return self.next.islower() and not self.text[self.sign + 1 : self.sign + 2].isupper()

    @property
    def run(self) -> str:
        """The terminators, with the spaces between them."""
        return self.text[self.at : self.stop]

    @property
    def token(self) -> str:
        """What stands before the terminator, back to white space; one space before it is as none ("Mr . Smith")."""
        before = self.text[max(0, self.at - TOKEN_LIMIT) : self.at]
        if before[-1:] == " ":
            before = before[:-1]
        if not before or before[-1].isspace():
            return ""
        token = before.rsplit(None, 1)[-1]
        return token if token.isascii() else chars.UNSEEN.sub("", token)

    def token_before(self, word: str) -> str:
        """What stands before the word at the terminator, back to white space."""
        before = self.text[max(0, self.at - TOKEN_LIMIT) : max(0, self.at - len(word))].rsplit(None, 1)
        return before[-1].rstrip() if before else ""

    def next_is_among(self, words: Words) -> bool | None:
        """Whether the next word is one of these; None if that is not known yet."""
        match = chars.WORD.match(self.text, self.sign)
        if match is None:
            return False
        word = match.group()
        if match.end() < len(self.text) or self.final:
            dotted = word in words.dotted and self.text[match.end() : match.end() + 1] in _DOTS  # "No. 5", "A. Smith"
            return word in words.words and not dotted
        return None if words.begins(word) else False


_DOTS: Final = frozenset(".:")

TOKEN_LIMIT: Final = 80
"""Characters. Longer tokens are addresses: their beginning does not matter."""

_APOSTROPHES: Final = "'\u2019"
_PROCLITIC: Final = later(r"[stnk]\s")
"""Dutch words that have lost their first letters: the next one has the capital ("'s Avonds")."""

_LATE: Final = 3
"""Times that white space and a closer may follow each other."""


def survey(text: str, at: int, final: bool) -> Site | None:
    """Look at what follows the terminator; None if more has to come before that can be said."""
    if text[at + 1 : at + 2] == " " and _is_plain(text, at + 2, final):
        return Site(text, at, at + 1, at + 1, at + 2, at + 2, text[at + 2], False, final)
    run = chars.RUN.match(text, at)
    stop = run.end() if run else at + 1
    closed = _close(text, stop)
    for _ in range(_LATE):
        if not final and (closed >= len(text) or chars.HALF_CLOSER.match(text, closed)):
            return None
        lead = _gap_end(text, closed)
        if chars.NEWLINE.search(text, closed, lead) or lead - closed >= chars.GAP_LIMIT:
            return Site(text, at, stop, closed, lead, lead, text[lead : lead + 1], True, final)
        if lead >= len(text):
            return Site(text, at, stop, closed, lead, lead, text[lead : lead + 1], False, final) if final else None
        late = chars.LATE_CLOSER.match(text, lead) if lead > closed else None
        if late is None:
            if not final and chars.HALF_CLOSER.match(text, lead):
                return None
            break
        if late.end() == len(text) and not final:
            return None
        closed = _close(text, late.end())
    return _with_sign(text, at, stop, closed, final)


def _is_plain(text: str, place: int, final: bool) -> bool:
    """Whether a word begins here of which the first letter is enough to know: the common case, and a short cut."""
    first = text[place : place + 1]
    return first.isupper() or first.isdecimal() or (first.isalpha() and (final or place + 1 < len(text)))


def _with_sign(text: str, at: int, stop: int, closed: int, final: bool) -> Site | None:
    lead = _gap_end(text, closed)
    leaders = chars.LEADERS.match(text, lead)
    sign = leaders.end() if leaders else lead
    if lead == closed and text[lead : lead + 1] in ("\u00bf", "\u00a1"):  # they open a sentence, whatever follows
        sign = lead
    if not final and (sign >= len(text) or chars.HALF_LEADER.match(text, sign)):
        return None
    if not final and sign + 1 == len(text) and text[sign].islower():
        return None
    if sign > lead and text[sign - 1] in _APOSTROPHES and _PROCLITIC.match(text, sign):
        sign += 2
        if sign == len(text):
            return None if not final else Site(text, at, stop, closed, lead, sign, text[sign : sign + 1], False, final)
    return Site(text, at, stop, closed, lead, sign, text[sign : sign + 1], False, final)


def _close(text: str, stop: int) -> int:
    closers = chars.CLOSERS.match(text, stop)
    return closers.end() if closers else stop


def _gap_end(text: str, closed: int) -> int:
    gap = chars.GAP.match(text, closed)
    return gap.end() if gap else closed
