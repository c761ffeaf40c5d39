"""What a language knows about full stops: its abbreviations, the words that begin sentences, its ordinals."""

from __future__ import annotations

import enum
from bisect import bisect_left
from collections.abc import Container, Iterable, Mapping, Sequence

from trialogue.frames._attrs import frozen


class Abbreviation(enum.Enum):
    """What a full stop behind an abbreviation says about the sentence."""

    TITLE = enum.auto()
    """A name follows ("Dr."): never an end."""

    NUMBERED = enum.auto()
    """A number follows ("p. 55"); before anything else it is a word ("He said no.")."""

    GENERAL = enum.auto()
    """An end only if the next word is one that begins sentences ("at Smith & Co. They")."""

    ENDING = enum.auto()
    """Usually an end if a capital follows ("etc. Then")."""

    CONTINUING = enum.auto()
    """The sentence goes on ("e.g.")."""

    CLOCK = enum.auto()
    """An hour or an era ("6 p.m."): an end if a capital follows, unless it is a day or a time zone."""

    AFTER_NUMBER = enum.auto()
    """A unit of the number before it ("1898 г."): never an end there."""


@frozen(kw_only=True)
class Abbreviations:
    """One language's abbreviations, separated by spaces, without their last full stop; the kinds are those above.

    Args:
        titles, numbered, general, ending, continuing, clock, after_number: see Abbreviation.
        suffixes: abbreviations that end compound words ("Goethestr.").
    """

    titles: str = ""
    numbered: str = ""
    general: str = ""
    ending: str = ""
    continuing: str = ""
    clock: str = ""
    after_number: str = ""
    suffixes: str = ""


@frozen(kw_only=True)
class Vocabulary:
    """One language's words that tell about a full stop, separated by spaces.

    Args:
        abbreviations: the words before it.
        starters: words that begin sentences and are no names.
        months: full names, for dates such as "3. Mai".
        after_clock: words that belong to an hour, such as time zones.
        lettered: nouns that a single letter follows ("vitamin C").
        ordinals: whether "3." may be an ordinal in mid-sentence.
        capitals: whether what an ordinal counts may have a capital ("die 2. Bundesliga").
    """

    abbreviations: Abbreviations
    starters: str = ""
    months: str = ""
    after_clock: str = ""
    lettered: str = ""
    ordinals: bool = False
    capitals: bool = False


@frozen(kw_only=True)
class Words:
    """A set of words, which tells as early as possible that a word is not among them.

    Args:
        words: them.
        dotted: those that are another word before a full stop ("No. 5").
        in_order: the words by the alphabet.
    """

    words: frozenset[str]
    dotted: frozenset[str]
    in_order: tuple[str, ...]

    @classmethod
    def of(cls, words: Iterable[str], *, abbreviations: Container[str] = ()) -> Words:
        """The words; single letters, and those that are abbreviations, are other words before a full stop."""
        words = frozenset(words)
        dotted = frozenset(word for word in words if len(word) == 1 or word.lower() in abbreviations)
        return cls(words=words, dotted=dotted, in_order=tuple(sorted(words)))

    def begins(self, start: str) -> bool:
        """Whether one of the words begins so, or is that."""
        at = bisect_left(self.in_order, start)
        return at < len(self.in_order) and self.in_order[at].startswith(start)


def kind_in(abbreviations: Mapping[str, Abbreviation], word: str) -> Abbreviation | None:
    """What kind of abbreviation the word is by this table; single letters count as they are written."""
    return abbreviations.get(word) or (None if len(word) == 1 else abbreviations.get(word.lower()))


@frozen(kw_only=True)
class Guess:
    """What helps where the language was not told but guessed.

    Args:
        starters: words that begin sentences in any language.
        foreign: the abbreviations of all languages.
        borrowed: those of them that are no words in any language.
        seconds: those of all languages.
        rivals: languages that were as likely.
    """

    starters: Words
    seconds: Mapping[str, Words]
    foreign: frozenset[str]
    borrowed: Mapping[str, Abbreviation]
    rivals: tuple[Language, ...] = ()


@frozen(kw_only=True)
class Language:
    """The rules of one language, ready to look up; the words are those of its Vocabulary.

    Args:
        code: ISO 639-1.
        seconds: what follows the first full stop of an abbreviation that has several ("a. C.").
        arabic_clauses: whether long clauses end in a comma or a colon.
        guess: None if the language was told.
    """

    code: str
    abbreviations: Mapping[str, Abbreviation]
    seconds: Mapping[str, Words]
    suffixes: tuple[str, ...]
    starters: Words
    months: Words
    after_clock: Words
    lettered: frozenset[str]
    ordinals: bool
    capitals: bool
    arabic_clauses: bool
    guess: Guess | None = None

    def abbreviation(self, word: str) -> Abbreviation | None:
        """What kind of abbreviation the word is, written without its last full stop, or None."""
        kind = kind_in(self.abbreviations, word)
        if kind is not None or self.guess is None:
            return kind
        found = (rival.abbreviation(word) for rival in self.guess.rivals)
        kind = next((kind for kind in found if kind is not None), None)
        return kind or kind_in(self.guess.borrowed, word)

    def is_foreign(self, word: str) -> bool:
        """Whether the language was guessed, and the word is an abbreviation in another."""
        return self.guess is not None and (word in self.guess.foreign or word.lower() in self.guess.foreign)

    @property
    def any_starters(self) -> Words:
        """Words that begin sentences in this language, or in any if it was guessed."""
        return self.guess.starters if self.guess else self.starters


_FIELDS = {
    "after_number": Abbreviation.AFTER_NUMBER,
    "clock": Abbreviation.CLOCK,
    "titles": Abbreviation.TITLE,
    "continuing": Abbreviation.CONTINUING,
    "ending": Abbreviation.ENDING,
    "numbered": Abbreviation.NUMBERED,
    "general": Abbreviation.GENERAL,
}


def abbreviations_of(vocabularies: Iterable[Vocabulary]) -> dict[str, Abbreviation]:
    """All abbreviations of some vocabularies; where two know the same one, the first one is right."""
    abbreviations: dict[str, Abbreviation] = {}
    for vocabulary in vocabularies:
        for field, kind in _FIELDS.items():
            for word in getattr(vocabulary.abbreviations, field).split():
                abbreviations.setdefault(word, kind)
    return abbreviations


def compile_language(
    code: str, vocabularies: Sequence[Vocabulary], abbreviations: Mapping[str, Abbreviation], *, arabic_clauses: bool
) -> Language:
    """Put vocabularies, and the abbreviations of all of them, together."""
    own = vocabularies[0]
    months = {m for v in vocabularies for m in v.months.split()}
    return Language(
        code=code,
        abbreviations=abbreviations,
        seconds=second_words(abbreviations),
        starters=Words.of((w for v in vocabularies for w in v.starters.split()), abbreviations=abbreviations),
        months=Words.of(months | {month.capitalize() for month in months}),
        after_clock=Words.of(w for v in vocabularies for w in v.after_clock.split()),
        suffixes=tuple(word for v in vocabularies for word in v.abbreviations.suffixes.split()),
        lettered=frozenset(word for v in vocabularies for word in v.lettered.split()),
        ordinals=own.ordinals,
        capitals=own.capitals,
        arabic_clauses=arabic_clauses,
    )


def second_words(abbreviations: Iterable[str]) -> dict[str, Words]:
    """First letters of abbreviations that have several full stops ("a.C"), to what follows the first one."""
    found: dict[str, set[str]] = {}
    for word in abbreviations:
        parts = word.split(".")
        if len(parts) > 1 and len(parts[0]) == 1:
            found.setdefault(parts[0], set()).add(parts[1])
    return {first: Words.of(seconds) for first, seconds in found.items()}
