"""How words are pronounced: a small dictionary, cut from the recogniser's big one for one agent's vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: What people say while they listen or think, with sounds where the dictionary of the model has none or only odd ones.
LISTENING_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "mhm": ("M HH M", "AH M HH AH M"),
    "mm": ("M",),
    "mm-hmm": ("M HH M", "AH M HH AH M"),
    "uh-huh": ("AH HH AH",),
    "hmm": ("HH M",),
    "huh": (),
    "uh": (),
    "um": (),
    "er": (),
    "ah": (),
    "oh": (),
    "yeah": ("Y AE", "Y EH AH"),
    "yes": (),
    "yep": (),
    "no": (),
    "nope": (),
    "okay": (),
    "right": (),
    "sure": (),
}

#: How a dictionary file marks a word's further pronunciations.
_ALTERNATIVES: Final = ("", "(2)", "(3)", "(4)", "(5)")


@frozen(kw_only=True)
class Lexicon:
    """The pronunciations of a vocabulary.

    Args:
        lines: lines of a dictionary file: a word, and its sounds; alternatives are `word(2)`, `word(3)`.
        unknown: the words for which there is no pronunciation, sorted.
    """

    lines: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def text(self) -> str:
        """The dictionary file."""
        return "\n".join(self.lines) + "\n"


def cut_lexicon(words: Iterable[str], big_dictionary: str, *, pronunciations: Mapping[str, Iterable[str]]) -> Lexicon:
    """Cut the small dictionary of some words out of a big one.

    Args:
        words: the vocabulary.
        big_dictionary: a dictionary file in the same form as the result's.
        pronunciations: sounds of words that the big dictionary lacks or gets wrong: {"ravi": ["R AA V IY"]}.
    """
    sounds: dict[str, list[str]] = {word: list(pronunciations.get(word, ())) for word in words}
    entries = {
        f"{word}{alternative}": word for word, known in sounds.items() if not known for alternative in _ALTERNATIVES
    }
    # A comprehension, because the big dictionary has 135,000 lines and a session waits for this.
    found = [line for line in big_dictionary.split("\n") if line[: line.find(" ")] in entries]
    for line in found:
        entry, _, phones = line.partition(" ")
        sounds[entries[entry]].append(phones.strip())
    lines = [
        f"{word if index == 1 else f'{word}({index})'} {phones}"
        for word in sorted(sounds)
        for index, phones in enumerate(sounds[word], start=1)
    ]
    return Lexicon(lines=tuple(lines), unknown=tuple(sorted(word for word in sounds if not sounds[word])))
