"""Reading yes and no out of what was said. English. Pure."""

from __future__ import annotations

import re
from typing import Final

from trialogue.agents.tasks._reading import Reading, Unreadable

_WORD: Final = re.compile(r"[a-z']+")

_YES: Final = frozenset(
    "yes yeah yep yup aye sure ok okay right correct exactly absolutely definitely certainly perfect indeed fine "
    "affirmative".split()
)
_NO: Final = frozenset("no nope nah not wrong incorrect never negative don't doesn't isn't wasn't neither".split())

#: What says the one though a word of the other is in it.
_PHRASES: Final = {"no problem": True, "not bad": True, "why not": True, "not right": False, "not correct": False} | {
    "not sure": None,
    "don't know": None,
    "no idea": None,
    "of course": True,
    "uh huh": True,
    "uh uh": False,
    "go ahead": True,
    "i do": True,
    "please do": True,
    "that's it": True,
}


def yes_or_no(said: str) -> bool | None:
    """Whether somebody said yes or no; None where neither, or both. What comes first counts: "no, that is fine"."""
    words = _WORD.findall(said.casefold().replace("’", "'"))
    text = " ".join(words)
    for phrase, meaning in _PHRASES.items():
        if re.search(rf"\b{phrase}\b", text):
            return meaning
    if words and words[0] in _NO:
        return False
    signs = {word in _YES for word in words if word in _YES or word in _NO}
    return signs.pop() if len(signs) == 1 else None


def read_yes_no(said: str) -> Reading[bool]:
    """Yes or no; it is always sure. Raises Unreadable where it is neither, or both."""
    meaning = yes_or_no(said)
    if meaning is None:
        raise Unreadable(f"{said!r} is neither a yes nor a no; ask the question again")
    return Reading(value=meaning, spoken="yes" if meaning else "no", sure=True)
