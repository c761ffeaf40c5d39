"""The second stage of the text filter: words pass at once, everything else is read as it would be said."""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from typing import Final

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._alternatives import beginnings
from trialogue.actors.text_filter._emoticons import faces
from trialogue.actors.text_filter._figures import Figures, figures_of, last_word
from trialogue.actors.text_filter._language import language_of
from trialogue.actors.text_filter._letters import LETTERS
from trialogue.actors.text_filter._regions import INSIDE, MAX_REGION_CHARS, UNCERTAIN, Regions
from trialogue.actors.text_filter._settings import Rule, TextFilterSettings
from trialogue.actors.text_filter._words import BEGUN_EMAIL, word_rules_of

# A word passes at once; an atom is letters, figures and signs without a blank between them.
WORD: Final = f"{LETTERS}(?:['’]{LETTERS})*"
PLAIN: Final = later(rf"({WORD})[,.;:!?]?[\"”)]?(?:\s|\Z)")
QUICK: Final = later(r"([A-Za-z]+(?:'[A-Za-z]+)?)[,.;:!?]?[\")]? ([A-Za-z]*)\Z")
"""One plain word, and perhaps the beginning of the next."""
PLAIN_PREFIX: Final = later(rf"{WORD}(?:['’]|[,.;:!?]?[\"”)]?)\Z")
ATOM: Final = later(rf"(?:[A-Za-z\d_'’.@/:&+#*=~^\\\[\]%<>-]++|{LETTERS})+")
URL: Final = later(r"(?:https?://|www\.)[^\s<>\"“”«»|]*", re.IGNORECASE)
GOES_ON: Final = later(r"[0-9A-Za-z_.:/@&%-]+")
"""What goes on with a word, a figure or an address in the middle of which the text ended."""
ATOM_TAIL: Final = "'’.@/:&*=~\\-[<>"
URL_TAIL: Final = ".,;:!?'’\"*_~-"

UNSPOKEN: Final = ("http", "www")
"""What begins with these, in either case, may be an address of which they are not said."""
UNSPOKEN_BEGUN: Final = beginnings(UNSPOKEN)

SENTENCE_END: Final = later(r"[.!?…]['’”»)]*\Z")

JOINING: Final = frozenset("_/\\@#=^%*+~<>$€£¥₹")
"""A figure directly behind one of these is part of something else."""
MAX_MARKER_DIGITS: Final = 3
TAIL_CHARS: Final = 24
"""Characters before a figure that show whether it is an operand ("x = 5") or a code ("the code is 1234")."""
LEADING_MARKS: Final = frozenset(".'’")
"""A figure begins with these only where nothing stands before them: ".5", "'90s"."""
POWERS: Final = frozenset(("²", "³"))
BEHIND_POWERS: Final = frozenset(("", *".,;:!?)+-=/*×"))
MAX_ATOM_CHARS: Final = 500
"""Characters. Longer than any word or address; bounds what is held back."""


BEGUN: Final = 2
"""What a verdict is less by where a region has begun: nothing else can be meant by what stands there."""
WITHIN: Final = frozenset((INSIDE, INSIDE - BEGUN))

Reading = tuple[str, int, int]
"""What is said, and where it begins and ends in the stage's input. A bare tuple, since there is one for each word."""


class ReadingStage:
    """Cuts clean text into words and reads what is no word.

    Args:
        settings: the language and which rules apply.
    """

    def __init__(self, settings: TextFilterSettings) -> None:
        self._words = word_rules_of(settings)
        self._settings = settings
        self._regions = regions_of(settings.language) if settings.has(Rule.NUMBERS) else None
        self._called = ""  # the last number for help
        self._starters = self._regions.starters if self._regions else frozenset()
        self._previous = ""
        self._text = ""
        self._waits = 0  # for more of what that begins with: UNCERTAIN or INSIDE, less by BEGUN for a region
        self._tail = deque("\n", maxlen=TAIL_CHARS)  # what was read last; its characters are enough
        self._indent = -1  # where the blanks at the start of a line end
        self._base = 0
        self._readings: list[Reading] = []

    def feed(self, delta: str, *, final: bool = False) -> list[Reading]:
        """Take more text; return what became certain, one reading for each word, mark or construct."""
        text = self._text = self._text + delta
        if not final and len(text) < MAX_REGION_CHARS:
            if text.isalpha() and text.isascii():
                return []  # a word that has not ended
            if self._waits in WITHIN:
                if GOES_ON.fullmatch(delta) and text.isascii():
                    return []
            elif (quick := QUICK.match(text)) and self._waits >= -BEGUN:
                word, size = quick[1], quick.start(2)
                if word not in self._starters and text[0] not in self._words.own.first_chars:
                    # A word, with what stands behind it; another one may have begun. The most frequent case by far.
                    passed, start = text[:size], self._base
                    self._tail.append(passed)
                    self._text, self._base = text[size:], start + size
                    self._previous, self._waits = word, 0
                    return [(passed, start, start + size)]
        return self._read(final)

    def _read(self, final: bool) -> list[Reading]:
        """Work through the text as far as it is certain."""
        text = self._text
        base, starters, words, own = self._base, self._starters, self._words, self._words.own.first_chars
        readings = self._readings = []
        position = end = self._region(0, final) if self._waits < -BEGUN else 0
        while 0 <= position < len(text):
            if (char := text[position]) in words.passing and (char != " " or not self._fresh(position)):
                end = position + 1
                readings.append((char, base + position, base + end))
                position = end
                continue
            match = PLAIN.match(text, position, position + MAX_ATOM_CHARS)
            if match and match[1] not in starters and char not in own and match.end() - position < MAX_ATOM_CHARS:
                end = match.end()
                if end == len(text) and not final and not text[-1].isspace():
                    break
                readings.append((text[position:end], base + position, base + end))
                self._previous = match[1]
                if not final and (rest := text[end:]).isalpha() and rest.isascii() and len(rest) < MAX_ATOM_CHARS:
                    position = end
                    break  # like above
            else:
                end = self._slow(position, final, match)
                if end < 0:
                    break
            position = end
        self._waits = min(end, 0)
        if position > 0:
            self._take(position)
        return readings

    def _take(self, size: int) -> None:
        """Go on behind so many characters; the last of them are kept."""
        text = self._text
        self._tail.append(text[:size])
        self._text = text[size:]
        self._base += size

    def held(self) -> int:
        """How many characters wait for what follows them."""
        return len(self._text)

    def next_char(self) -> str:
        """The character that comes out next, whatever follows what is held back; "" where that is not certain.

        A word that has begun keeps its first letter, unless it may become a key of the user's, the beginning of a date
        or a sum of money, or an address that is spoken without its protocol.
        """
        word = self._text
        if not word.isalpha() or not word.isascii() or word[0] in self._words.own.first_chars:
            return ""
        small = word.lower()
        if small in UNSPOKEN_BEGUN or small.startswith(UNSPOKEN):
            return ""
        return "" if self._regions and self._regions.begins(word) else word[0]

    def rest(self) -> str | None:
        """What is held back, where it is nothing or a plain word, which comes out as it is if a blank follows."""
        text = self._text
        if not text:
            return text
        word = PLAIN.fullmatch(text)
        is_read = word is None or word[1] in self._starters or text[0] in self._words.own.first_chars
        return None if is_read else text

    def ends_sentence(self) -> bool:
        """Whether what is held back ends like a sentence."""
        return SENTENCE_END.search(self._text) is not None

    def _slow(self, at: int, final: bool, plain: re.Match[str] | None) -> int:
        """Read what is not plainly a word; return where it ends, -1 where that is not certain.

        Args:
            at: where it begins.
            final: whether no more text will come.
            plain: a plain word there, which may be more than that.
        """
        text, own = self._text, self._words.own
        char = text[at]
        if char in ":;" and (end := self._mark(at, final)) is not None:
            return end
        if not final and not char.isdecimal() and len(text) - at < MAX_ATOM_CHARS and PLAIN_PREFIX.match(text, at):
            return -1
        if (char in own.first_chars or self._regions) and not self._joined(at):
            if char in own.first_chars and (found := own.find(text, at, final)):
                return found[0] if found[0] < 0 else self._add(at, *found)
            if self._regions and self._leads(at):
                starts = self._regions.start(text, at, final)
                if starts is None:
                    return -1
                if starts:
                    return self._region(at, final)
        if plain and plain.end() - at < MAX_ATOM_CHARS:
            self._previous = plain[1]
            return self._add(at, plain.end(), None)
        return self._atom(at, final)

    def _mark(self, at: int, final: bool) -> int | None:
        """Read a face, or pass a semicolon; like _slow, but None where there is neither."""
        text, before, reads = self._text, self._before(at), self._words.reads
        if self._settings.has(Rule.EMOJI) and (before.isspace() or reads(before)):
            found = faces(text, at, fresh=self._fresh(at), final=final, signs=reads)
            if found:
                return found[0] if found[0] < 0 else self._add(at, *found)
        return self._add(at, at + 1, None) if text[at] == ";" and ";" not in self._words.own.first_chars else None

    def _sign(self, at: int, final: bool) -> int:
        """Read a sign that stands alone."""
        if at + 1 == len(self._text) and not final:
            return -1
        self._previous = self._words.name(self._text[at]).rpartition(" ")[2]
        return self._add(at, at + 1, self._words.sign(self._text[at], self._before(at), self._text[at + 1 : at + 2]))

    def _power(self, base: str, at: int) -> int:
        """Read a raised figure behind an atom, where it is a power and not the number of a footnote.

        Args:
            base: the last two characters that are said before it.
            at: where it stands.
            final: whether no more text will come.
        """
        following = self._text[at + 1 : at + 2]
        free = following.strip() in BEHIND_POWERS or self._words.reads(following)
        raised = base[-1].isalnum() and not base[:-1].isalnum()
        power = self._words.power(self._text[at])
        return self._add(at, at + 1, f" {power}" if power and free and raised else None)

    def _before(self, at: int) -> str:
        return self._text[at - 1] if at else self._tail[-1][-1]

    def _context(self, at: int) -> str:
        """Some characters before a place."""
        return ("".join(self._tail) + self._text[:at])[-TAIL_CHARS:]

    def _joined(self, at: int) -> bool:
        """Whether a word goes on there: what is no figure of its own is not read as one."""
        before = self._before(at)
        goes_on = before.isalnum() or before in JOINING
        return goes_on or (before == "." and BEGUN_EMAIL.search(self._context(at)) is not None)

    def _leads(self, at: int) -> bool:
        """Whether the mark there may be the first of a figure."""
        before = self._before(at)
        return self._text[at] not in LEADING_MARKS or before.isspace() or before in "([" or self._words.reads(before)

    def _figures(self) -> Figures:
        """Reads figures, if there are some to read: to load it takes a while."""
        figures = figures_of(self._settings.language, self._settings.off)
        assert figures is not None, "there are regions in known languages alone"
        return figures

    def _region(self, at: int, final: bool) -> int:
        """Read a row of words with figures in it; where it is not certain, it is gone on with at once next time."""
        assert self._regions is not None
        text = self._text
        end = self._regions.end(text, at, final, self._previous)
        if end < 0:
            return end - BEGUN
        if self._fresh(at) and (marked := self._list_marker(at, end, final)):
            return marked
        previous = self._previous.lower()
        figures = self._figures()
        following = figures.following(text, end, final)
        stop = self._abbreviated(end, final)
        if following is None or stop < 0:
            return UNCERTAIN - BEGUN
        parts, self._called = figures.read(text[at:end], self._context(at), previous, following, self._called)
        done, word = end, ""
        for start, until, said in parts:
            last = at + until == end and said is not None
            done = self._add(at + start, stop if last else at + until, said)
            word = said or word
        self._previous = last_word(word)
        return done

    def _abbreviated(self, end: int, final: bool) -> int:
        """Where a region ends with the dot of the abbreviation at its end, if the sentence goes on: "6 ft. tall"."""
        text = self._text
        if text[end : end + 1] != "." or not text[end - 1].isalpha():
            return end
        rest = text[end + 1 : end + 3]
        if rest.isspace() or not rest:
            return end if final or len(rest) > 1 or "\n" in rest else -1
        return end + 1 if rest[0] == " " and rest[1:].islower() else end

    def _fresh(self, at: int) -> bool:
        """Whether nothing but blanks stands before it on the line."""
        before = self._text[at - 1] if at else self._tail[-1][-1]
        return before == "\n" or self._indent == self._base + at

    def _list_marker(self, at: int, end: int, final: bool) -> int | None:
        """Read "1." at the start of a line with a comma, lest it be a sentence; -1 where that is not certain yet."""
        text = self._text
        if not self._settings.has(Rule.NUMBERED_LISTS) or end - at > MAX_MARKER_DIGITS or not text[at:end].isdecimal():
            return None
        if text[end : end + 1] not in (".", ")"):
            return None
        if end + 1 == len(text):
            return None if final else UNCERTAIN - BEGUN
        if text[end + 1] not in (" ", "\t"):
            return None
        return self._add(at, end + 1, f"{self._figures().number(text[at:end])},")

    def _atom(self, at: int, final: bool) -> int:
        """Read a word joined of letters, figures and signs, or pass a single mark."""
        text, stop = self._text, at + MAX_ATOM_CHARS
        goes_on = self._joined(at) or self._before(at) == "."
        url = None if goes_on else URL.match(text, at, stop)
        match = url or ATOM.match(text, at, stop)
        if self._words.reads(text[at]):
            return self._sign(at, final)
        if match is None:
            if text[at] in (" ", "\t") and self._fresh(at):
                self._indent = self._base + at + 1
            return self._add(at, at + 1, None)
        if match.end() == len(text) < stop and not final:
            return INSIDE
        if url:
            atom = url[0].rstrip(URL_TAIL)
            while atom.endswith(")") and atom.count("(") < atom.count(")"):
                atom = atom[:-1].rstrip(URL_TAIL)
            said = None if match.end() == stop else self._words.url(atom)
        else:
            atom = match[0] if match[0] in self._words.shorthand else match[0].rstrip(ATOM_TAIL) or match[0][0]
            if text[match.end() : match.end() + 1] in POWERS and (unit := self._words.unit(text[at : match.end() + 1])):
                return self._add(at, match.end() + 1, unit)
            said = self._words.read(atom, goes_on or text[at + len(atom) : at + len(atom) + 1] == "/")
        end = at + len(atom)
        if said is not None and self._would_be_read_again(said, end):
            said = None
        if text[end : end + 1] in POWERS and end + 1 == len(text) and not final:
            return -1
        self._previous = atom if said is None else said.rpartition(" ")[2]
        base = (self._context(at)[-1:] + (said or atom))[-2:]
        self._add(at, end, said)
        return self._power(base, end) if text[end : end + 1] in POWERS else end

    def _would_be_read_again(self, said: str, end: int) -> bool:
        """Whether the last of these words would begin something else: "@May 5" is no date, nor "e@a.w/" "with"."""
        word = said.rpartition(" ")[2]
        rest = word + self._text[end : end + 1]
        return word.rstrip("0123456789") in self._starters or rest in self._words.shorthand

    def _add(self, start: int, end: int, said: str | None) -> int:
        text = self._text[start:end] if said is None else said
        self._readings.append((text, self._base + start, self._base + end))
        return end


@lru_cache(maxsize=32)
def regions_of(tag: str) -> Regions | None:
    """The regions of a language; None where there are no words for it."""
    language = language_of(tag)
    return Regions(language) if language else None
