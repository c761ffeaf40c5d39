"""Reading yes and no out of what was said. English. Pure."""

from __future__ import annotations

import re
from typing import Final

from trialogue.agents.tasks._reading import Reading, Unreadable

_WORD: Final = re.compile(r"[a-z']+")

_YES: Final = (
    "yes yeah yep yup aye sure ok okay right correct exactly absolutely definitely certainly perfect indeed fine "
    "affirmative"
).split()
_NO: Final = "no nope nah not wrong incorrect never negative don't doesn't isn't wasn't neither".split()

#: What words and phrases mean, where no "not" follows; a phrase counts in the place of the words in it.
_MEANINGS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(_YES, True),
    **dict.fromkeys(_NO, False),
    **dict.fromkeys(("no problem", "not a problem", "not bad", "not wrong", "why not", "of course", "uh huh"), True),
    **dict.fromkeys(("go ahead", "please do", "that's it", "i do"), True),
    **dict.fromkeys(("not right", "not correct", "uh uh"), False),
    **dict.fromkeys(("not sure", "don't know", "no idea", "not quite", "but", "almost", "nearly", "maybe"), None),
}
_SIGNS: Final = "|".join(sorted(_MEANINGS.keys() - {"i do"}, key=len, reverse=True))
_SIGN: Final = re.compile(rf"(?:\b(?:{_SIGNS})|^i do(?= please| thank|$))\b(?! not\b)")  # no "what should I do"


def yes_or_no(said: str) -> bool | None:
    """Whether somebody said yes or no; None where neither, or both. What comes first counts: "no, that is fine"."""
    text = " ".join(_WORD.findall(said.casefold().replace("’", "'")))
    signs = list(_SIGN.finditer(text))
    meanings = {_MEANINGS[sign[0]] for sign in signs}
    if not signs or None in meanings:
        return None
    first = signs[0]
    if said.rstrip().endswith("?") and first.start() > 0:
        return None  # "did you say right?" asks back
    if first.start() == 0 and _MEANINGS[first[0]] is False:
        return False
    return meanings.pop() if len(meanings) == 1 else None


def read_yes_no(said: str) -> Reading[bool]:
    """Yes or no; it is always sure. Raises Unreadable where it is neither, or both."""
    meaning = yes_or_no(said)
    if meaning is None:
        raise Unreadable(f"{said!r} is neither a yes nor a no; ask the question again")
    return Reading(value=meaning, spoken="yes" if meaning else "no", sure=True)
