"""What the sentence chunker does. Patterns and tables take some 50 ms to load, so it is imported when first used."""

from __future__ import annotations

import re
from typing import Final, final

from trialogue.actors.sentence_chunker import _boundary as boundary
from trialogue.actors.sentence_chunker import _characters as chars
from trialogue.actors.sentence_chunker import _pairs as pairs
from trialogue.actors.sentence_chunker._graphemes import last_cut, may_cut
from trialogue.actors.sentence_chunker._registry import language_for
from trialogue.actors.sentence_chunker._settings import SentenceChunkerSettings
from trialogue.actors.sentence_chunker._verdict import WAIT, Verdict, cut_at, go_on
from trialogue.actors.text._later import later
from trialogue.engine import PolicyError
from trialogue.frames import TextChunk

LOOK_AHEAD: Final = 512
"""Characters. No decision needs to see more behind its place, but for a pair: gaps (3 x 40), a tag (200), a word."""

PIECE: Final = 2048
"""Characters. Longer deltas are taken in pieces, so that what is kept and copied stays small."""

_TAIL: Final = later(rf"[{re.escape(chars.STOPS)};:\u037e][\s\S]{{0,40}}\Z")


@final
class Cutter:
    """The body of the sentence chunker.

    Args:
        settings: what to cut and when.
    """

    def __init__(self, settings: SentenceChunkerSettings) -> None:
        self._settings = settings
        self._language = language_for(self._settings.language)
        self._horizon = self._settings.max_chars + self._settings.pair_chars + LOOK_AHEAD
        self._text = ""
        """What has come and was not released; never begins with white space."""
        self._base = 0
        """Where `_text` begins in the source."""
        self._scan = 0
        """Up to here nothing is to be decided any more."""
        self._wake = chars.CANDIDATE
        """A delta without any of these cannot bring a decision about ..."""
        self._wake_length = self._horizon
        """... unless the text becomes this long."""
        self._held = 0
        """Up to here complete sentences, too short to be released alone."""
        self._first = self._settings.first_chunk_chars is not None
        self._finished = False

    def push(self, delta: str) -> list[TextChunk]:
        """Take more text; return the chunks that became certain by it.

        Raises:
            PolicyError: finish() was called before.
        """
        if self._text:
            text = self._text + delta
            if self._wake.search(delta) is None and len(text) < self._wake_length:
                self._text = text
                return []
            if len(delta) > PIECE:
                return self._push_in_pieces(delta)
            self._text = text
        elif self._finished:
            raise PolicyError("SentenceChunker.push after finish: make a new chunker for the next text")
        elif len(delta) > PIECE:
            return self._push_in_pieces(delta)
        else:
            self._begin(delta)
        cut = self._next_cut(ended=False)
        return self._release_from(cut, ended=False) if cut else []

    def _push_in_pieces(self, delta: str) -> list[TextChunk]:
        return [chunk for n in range(0, len(delta), PIECE) for chunk in self.push(delta[n : n + PIECE])]

    @property
    def waits_for_next(self) -> bool:
        """Whether the next character, whatever it is, may make a chunk certain."""
        return self._wake is chars.ANY and bool(self._text)

    def peek(self, following: str) -> list[TextChunk]:
        """The chunks that are certain if this character follows. It is not taken: it must be pushed later."""
        chunks = self.push(following)
        if self._text:  # else it was white space
            self._text = self._text[: -len(following)]
        return chunks

    def flush(self) -> list[TextChunk]:
        """Release all that was pushed, as if the text ended here; more may be pushed."""
        chunks = self._release_from(self._next_cut(ended=True), ended=True)
        if self._text:
            self._cut(len(self._text), chunks)
        return chunks

    def finish(self) -> list[TextChunk]:
        """Like flush, but the text has ended: nothing more may be pushed."""
        chunks = self.flush()
        self._finished = True
        return chunks

    def on_stall(self) -> list[TextChunk]:
        """The stream has stalled, says the shell: release what is complete.

        A sentence is complete if it would end here if nothing followed: not after "Dr.", not within an open quotation.
        """
        chunks: list[TextChunk] = []
        complete = self._complete()
        if complete:
            self._cut(complete, chunks)
        return chunks

    @property
    def has_complete(self) -> bool:
        """Whether on_stall() would release something: a shell need not set a deadline otherwise."""
        return self._complete() > 0

    def _complete(self) -> int:
        if _TAIL.match(self._text, self._scan):
            cut, _ = self._judge(self._text, self._scan, ended=True)
            if cut and not self._text[cut:].strip() and chars.is_speakable(self._text[:cut]):
                return cut
        return self._held

    def _begin(self, text: str) -> None:
        self._text = text.lstrip()
        self._base += len(text) - len(self._text)
        self._scan = 0
        self._held = 0

    def _release_from(self, cut: int, *, ended: bool) -> list[TextChunk]:
        """The chunk that ends at `cut`, and those that are certain behind it."""
        chunks: list[TextChunk] = []
        while cut:
            self._cut(cut, chunks)
            cut = self._next_cut(ended=ended)
        return chunks

    def _cut(self, cut: int, chunks: list[TextChunk]) -> None:
        text, start = self._text, self._base
        piece = text[:cut].rstrip()
        speakable = chars.is_speakable(piece)
        chunks.append(TextChunk(text=piece, start=start, end=start + len(piece), speakable=speakable))
        self._first = self._first and not speakable
        self._base += cut
        self._begin(text[cut:])

    def _next_cut(self, *, ended: bool) -> int:
        """Where the next chunk ends, or 0 if that is not certain."""
        view = self._text
        full = len(view) >= self._horizon
        if full and len(view) > self._horizon:
            view, ended = view[: self._horizon], False
        candidates = self._wake = chars.CANDIDATE_OR_CLAUSE if self._first else chars.CANDIDATE
        self._wake_length = self._horizon
        at = self._scan
        while match := candidates.search(view, at):
            at = match.start()
            if at > self._settings.max_chars:
                break
            cut, resume = verdict = self._judge(view, at, ended=ended)
            if verdict is WAIT:
                self._wait_at(view, at)
                break
            if cut and self._may_release(view, cut):
                return cut
            at = max(resume or cut, at + 1)
        else:
            at = len(view)
        self._scan = at
        return self._soft_cut(view) if full or (ended and len(view) > self._settings.max_chars) else 0

    def _wait_at(self, view: str, at: int) -> None:
        """Any character may decide, unless one waits for the second half of a pair."""
        self._wake = chars.ANY
        if view[at] in chars.PAIRS and (half := pairs.missing_half(view, at)):
            self._wake = half
            self._wake_length = min(self._horizon, at + self._settings.pair_chars)

    def _may_release(self, view: str, cut: int) -> bool:
        if cut > self._settings.max_chars or (cut < len(view) and not may_cut(view, cut)):
            return False
        piece = view[:cut].rstrip()
        if not chars.is_speakable(piece):
            return view[cut : cut + 1] in chars.NEWLINES and cut < len(view)
        if self._first or chars.spoken_length(piece) >= self._settings.min_chars:
            return True
        self._held = cut
        return False

    def _judge(self, view: str, at: int, *, ended: bool) -> Verdict:
        char = view[at]
        if char in ".?!":
            quick = boundary.judge_at_a_glance(view, at, ended)
            return quick or boundary.judge_in_full(view, at, ended, self._language)
        if char in chars.STOPS:
            return boundary.judge_in_full(view, at, ended, self._language)
        if char in chars.NEWLINES:
            return boundary.judge_newline(view, at, ended)
        if char in chars.PAIRS:
            return pairs.judge_opener(view, at, ended, self._settings.pair_chars)
        return self._judge_rare(view, at, char, ended=ended)

    def _judge_rare(self, view: str, at: int, char: str, *, ended: bool) -> Verdict:
        if char == ")":
            return boundary.judge_bracket(view, at, ended)
        if char == "<":
            return pairs.judge_tag(view, at, ended, self._settings.pair_chars)
        if char in chars.BULLETS:
            return boundary.judge_bullet(view, at)
        if chars.THAI_RUN.match(char):
            return boundary.judge_thai(view, at, ended)
        verdict = boundary.judge_scripted(view, at, ended, self._language) if char in chars.SCRIPTED else go_on(at + 1)
        if self._first and not verdict[0] and verdict is not WAIT:
            return self._judge_clause(view, at, verdict, ended=ended)
        return verdict

    def _judge_clause(self, view: str, at: int, otherwise: Verdict, *, ended: bool) -> Verdict:
        if at + 1 == len(view) and not ended:
            return WAIT
        least = self._settings.first_chunk_chars or 1
        if chars.CLAUSE.match(view, at) and chars.spoken_length(view[: at + 1]) >= least:
            return cut_at(at + 1)
        return otherwise

    def _soft_cut(self, view: str) -> int:
        """The best place for a cut that no sentence's end asks for: sentence, clause, word, grapheme."""
        most = self._settings.max_chars
        if self._held:
            return self._held
        window = view[:most]
        clause = max((m.end() for m in chars.CLAUSE.finditer(window, most // 2)), default=0)
        if clause and may_cut(view, clause):
            return clause
        space = next((n for n in range(len(window) - 1, most // 2, -1) if window[n].isspace()), 0)
        return space or last_cut(view, most)
