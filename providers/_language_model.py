"""A statistical language model of what callers may say, made from example phrases, in the ARPA format.

Trigrams with Witten-Bell smoothing: what follows a history often in many different ways is expected to go on in new
ways too. Every word of the vocabulary may follow every other, only less likely, so phrases need not be complete.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: The marks of the beginning and the end of an utterance.
BEGIN: Final = "<s>"
END: Final = "</s>"

_ORDER: Final = 3

#: log10 of "never", as ARPA files write it.
_NEVER: Final = -99.0

#: Counts that every word gets beforehand, so that one heard in no phrase but listed alone stays possible.
_UNIGRAM_PRIOR: Final = 0.5

_WORD: Final = re.compile(r"[a-z]+(?:['-][a-z]+)*'?|\d+")

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS: Final = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def spoken_words(phrase: str) -> list[str]:
    """The words of a phrase as a recogniser writes them: lower case, no punctuation, numbers in words.

    >>> spoken_words("A table for 25, please!")
    ['a', 'table', 'for', 'twenty', 'five', 'please']
    """
    words: list[str] = []
    for word in _WORD.findall(phrase.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")):
        words.extend(number_words(int(word)) if word.isdigit() else [word])
    return words


def number_words(number: int) -> list[str]:
    """A whole number below a million in words; a longer one digit by digit."""
    if number < 20:
        return [_SMALL[number]]
    if number < 100:
        tens, ones = divmod(number, 10)
        return [_TENS[tens], *([_SMALL[ones]] if ones else [])]
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if size <= number < 1_000_000:
            many, rest = divmod(number, size)
            return [*number_words(many), name, *(number_words(rest) if rest else [])]
    return [_SMALL[int(digit)] for digit in str(number)]


@frozen(kw_only=True)
class LanguageModelText:
    """A language model, and the words that it knows.

    Args:
        arpa: the model in the ARPA format.
        words: its vocabulary, sorted, without the marks of beginning and end.
    """

    arpa: str
    words: tuple[str, ...]


History = tuple[str, ...]


class Trigrams:
    """Witten-Bell estimates of an n-gram model of phrases."""

    def __init__(self, phrases: Iterable[Sequence[str]]) -> None:
        self._following: dict[History, Counter[str]] = defaultdict(Counter)
        for phrase in phrases:
            self._count([BEGIN, *phrase, END])
        alone = self._following[()]
        self._words = sorted(set(alone) - {END})
        self._unigram_total = sum(alone.values()) + _UNIGRAM_PRIOR * len(alone)

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary, sorted, without the marks of beginning and end."""
        return tuple(self._words)

    def histories(self, length: int) -> list[History]:
        """Every history of that many words that something has followed, sorted."""
        return sorted(history for history in self._following if len(history) == length)

    def following(self, history: History) -> list[str]:
        """What was seen after a history, sorted."""
        return sorted(self._following[history]) if history in self._following else []

    def probability(self, word: str, history: History) -> float:
        """The probability that `word` (or END) comes next after a history of up to two words."""
        if not history:
            return (self._following[()][word] + _UNIGRAM_PRIOR) / self._unigram_total
        shorter = self.probability(word, history[1:])
        if history not in self._following:
            return shorter
        seen = self._following[history]
        return (seen[word] + len(seen) * shorter) / (seen.total() + len(seen))

    def backoff(self, history: History) -> float:
        """The weight of the shorter history for words that were never seen after this one."""
        if history not in self._following:
            return 1.0
        seen = self._following[history]
        return len(seen) / (seen.total() + len(seen))

    def _count(self, words: Sequence[str]) -> None:
        for index in range(1, len(words)):
            for length in range(_ORDER):
                if length <= index:
                    self._following[tuple(words[index - length : index])][words[index]] += 1


def build_language_model(phrases: Iterable[str], *, words_alone: Iterable[str] = ()) -> LanguageModelText:
    """Make a language model of phrases.

    Args:
        phrases: what callers may say, as text; the same phrase twice counts twice.
        words_alone: words that are also said alone, such as "yeah".
    """
    spoken = [spoken_words(phrase) for phrase in phrases]
    spoken += [[word] for word in words_alone]
    model = Trigrams(words for words in spoken if words)
    sections = [_unigrams(model)] + [_longer(model, length) for length in range(1, _ORDER)]
    counts = [f"ngram {order}={len(lines)}" for order, lines in enumerate(sections, start=1)]
    parts = ["\\data\\", *counts]
    for order, lines in enumerate(sections, start=1):
        parts += ["", f"\\{order}-grams:", *lines]
    parts += ["", "\\end\\", ""]
    return LanguageModelText(arpa="\n".join(parts), words=model.words)


def _unigrams(model: Trigrams) -> list[str]:
    lines = [f"{_NEVER:.4f} {BEGIN} {_log(model.backoff((BEGIN,)))}"]
    lines += [f"{_log(model.probability(word, ()))} {word} {_log(model.backoff((word,)))}" for word in model.words]
    lines.append(f"{_log(model.probability(END, ()))} {END} {0.0:.4f}")
    return lines


def _longer(model: Trigrams, length: int) -> list[str]:
    """The lines of the n-grams with a history of that length."""
    lines: list[str] = []
    for history in model.histories(length):
        for word in model.following(history):
            line = f"{_log(model.probability(word, history))} {' '.join((*history, word))}"
            last = length == _ORDER - 1
            lines.append(line if last else f"{line} {_log(model.backoff((*history, word)))}")
    return lines


def _log(probability: float) -> str:
    return f"{math.log10(probability):.4f}"
