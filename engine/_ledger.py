"""The ledger: from samples played to the text that was heard. Pure; it alone says how much that was."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.frames import Sentence, WordTiming

#: How fast a voice speaks, characters per second, for the length of a sentence whose sound is not complete yet.
#: English conversation runs at about 150 words a minute, which is 14 characters a second.
SPEAKING_RATE: Final = 14.0


@define(kw_only=True, eq=False)
class _Entry:
    """One sentence and where its sound lies."""

    sentence: Sentence
    at_sample: int
    samples: int = 0
    complete: bool = False
    words: list[WordTiming] = attrs.Factory(list)


class SpeechLedger:
    """The account of one reply: which samples carry which text.

    A word counts as heard when its last sample was played: with word positions that is where the next word begins,
    without them the text is spread evenly over the sentence's sound and cut back to whole words.

    Args:
        rate_hz: samples per second of the sound.
    """

    __slots__ = ("_entries", "_rate_hz", "_starts")

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._entries: list[_Entry] = []
        self._starts: list[int] = []

    @property
    def samples(self) -> int:
        """Samples entered so far."""
        if not self._entries:
            return 0
        last = self._entries[-1]
        return last.at_sample + last.samples

    def begin(self, sentence: Sentence) -> None:
        """The sound that is entered next belongs to this sentence; that of the one before is complete."""
        self.finish()
        self._starts.append(self.samples)
        self._entries.append(_Entry(sentence=sentence, at_sample=self.samples))

    def add(self, samples: int, words: Iterable[WordTiming] = ()) -> None:
        """Enter some sound of the sentence that was begun last, and the words that it places."""
        entry = self._entries[-1]
        entry.samples += samples
        entry.words.extend(words)

    def finish(self) -> None:
        """The sound of the sentence that was begun last is complete."""
        if self._entries:
            self._entries[-1].complete = True

    def heard(self, played: int) -> int:
        """How much of the model's text was heard after that many samples, in characters from its beginning."""
        index = bisect_left(self._starts, played) - 1  # the last sentence of which at least one sample was played
        if index < 0:
            return 0
        entry = self._entries[index]
        into = played - entry.at_sample
        if entry.complete and into >= entry.samples:
            return entry.sentence.end
        spoken = self._by_words(entry, into) if entry.words else self._by_proportion(entry, into)
        before = self._entries[index - 1].sentence.end if index else 0
        return max(before, entry.sentence.source_end(spoken)) if spoken else before

    @staticmethod
    def _by_words(entry: _Entry, into: int) -> int:
        begun = bisect_right(entry.words, into, key=lambda word: word.at_sample)
        return entry.words[begun - 2].end if begun >= 2 else 0

    def _by_proportion(self, entry: _Entry, into: int) -> int:
        text = entry.sentence.text
        samples = entry.samples
        if not entry.complete:
            samples = max(samples, round(len(text) / SPEAKING_RATE * self._rate_hz))
        chars = len(text) * into // samples if samples else 0
        return max(text.rfind(" ", 0, chars + 1), 0)
