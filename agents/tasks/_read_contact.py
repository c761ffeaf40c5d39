"""Reading names, addresses of e-mail and numbers of telephones out of what was said. English. Pure."""

from __future__ import annotations

import difflib
import re
from typing import Final

from trialogue.agents.tasks._reading import Reading, Unreadable
from trialogue.agents.tasks._spoken import digits_of, one_by_one, spelled, tokens_of, without_lead

#: Words that lead up to a value, in one order or another: "sure, you can reach me at …".
_LEAD: Final = frozenset(
    "my the is it's its it that's that this i'm i am yes yeah sure okay ok so well um uh er please you can could reach "
    "call me write to send try would be and here goes of course name full first last called mail e-mail email address "
    "number phone telephone mobile cell on a right alright".split()
)

#: Words after which nothing of a value follows.
_TRAIL: Final = frozenset("please thanks thank you that's it okay ok right all is".split())

#: Signs as they are said within an address.
_SIGNS: Final = {
    "dot": ".",
    "period": ".",
    "point": ".",
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
    "underscore": "_",
    "plus": "+",
    "at": "@",
}
_SIGN_NAMES: Final = {".": " dot ", "-": " dash ", "_": " underscore ", "+": " plus ", "@": " at "}

#: What is common enough to be known by its sound.
_DOMAINS: Final = {
    "g mail": "gmail",
    "gee mail": "gmail",
    "hot mail": "hotmail",
    "out look": "outlook",
    "i cloud": "icloud",
}

#: RFC 5321 4.5.3.1: at most 64 before the sign and 254 in all. Quoted local parts exist, but not at telephones.
_LOCAL: Final = re.compile(r"[a-z0-9_%+\-]+(?:\.[a-z0-9_%+\-]+)*")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_WRITTEN: Final = re.compile(r"[\w.%+\-]+@[\w\-]+(?:\.[\w\-]+)+")

#: ITU-T E.164: at most 15 figures; what is shorter than 5 is no number of a person.
_FEWEST_FIGURES: Final = 5
_MOST_FIGURES: Final = 15

#: What may stand between the parts of a name, and is none; and a hyphen within one, which is kept as a full stop.
_NO_NAMES: Final = frozenset("@ _ + # / - that's it's that is it spelled spelt with and".split())
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_]{2})-(?=[^\W\d_]{2})")

#: So alike is a spelled name to the one that was said before it, where it is the same name.
_ALIKE: Final = 0.5


def read_email(said: str) -> Reading[str]:
    """An address of e-mail, in lower case: "john dot smith at example dot com".

    It is never sure: nothing proves it. Raises Unreadable.
    """
    written = _WRITTEN.search(said.casefold())
    if written is not None:
        return _email(written[0].strip("."))
    text = " ".join(without_lead(tokens_of(said), _LEAD, _SIGNS))
    for sound, domain in _DOMAINS.items():
        text = re.sub(rf"\b{sound}\b", domain, text)
    tokens = text.split()
    while tokens and tokens[-1] in _TRAIL:
        tokens.pop()
    parts = [_SIGNS.get(token, token) for token in tokens]
    if parts.count("@") > 1:  # "you can reach me at john at example dot com"
        first = parts.index("@")
        parts = parts[first + 1 :]
    return _email(_joined(parts))


def _joined(parts: list[str]) -> str:
    """Words and signs as one text; what is spelled and counted is put together."""
    pieces: list[str] = []
    words: list[str] = []
    for part in (*parts, ""):
        if part in _SIGN_NAMES or not part:
            for word, was_spelled in spelled(_digits_first(words)):
                pieces.append(word if was_spelled else digits_of([word]) or word)
            pieces.append(part)
            words = []
        else:
            words.append(part)
    return "".join(pieces)


def _digits_first(words: list[str]) -> list[str]:
    """Words, with runs of them that say figures as figures: "smith nineteen eighty" is smith1980."""
    found: list[str] = []
    at = 0
    while at < len(words):
        length = next((size for size in range(len(words) - at, 0, -1) if _says_figures(words[at : at + size])), 0)
        if length:
            found.append(digits_of(words[at : at + length]))
            at += length
        else:
            found.append(words[at])
            at += 1
    return found


def _says_figures(words: list[str]) -> bool:
    """Whether words say figures; "o" by itself is a letter."""
    return not {"o", "double", "triple"}.issuperset(words) and bool(digits_of(words))


def _email(text: str) -> Reading[str]:
    local, at, domain = text.partition("@")
    labels = domain.split(".")
    if not at:
        raise Unreadable(f"{text!r} is no e-mail address: there is no 'at' in it; ask for all of it, with the 'at'")
    if len(labels) < 2 or not domain.strip("."):
        raise Unreadable(f"{text!r} is no e-mail address: after the 'at' there is no dot; ask for what comes after it")
    if _LOCAL.fullmatch(local) is None or len(local) > 64 or len(text) > 254:
        raise Unreadable(f"{local!r} cannot come before the 'at' of an e-mail address; ask for it letter by letter")
    if any(_LABEL.fullmatch(label) is None for label in labels) or not re.fullmatch(r"[a-z]{2,63}", labels[-1]):
        raise Unreadable(f"{domain!r} is no domain; ask for what comes after the 'at', letter by letter")
    spoken = "".join(_SIGN_NAMES.get(sign, sign) for sign in text)
    return Reading(value=text, spoken=" ".join(spoken.split()))


def read_phone(said: str, country_code: str = "") -> Reading[str]:
    """A telephone number, as figures with a "+" before a country's code: "oh one seven one, double five …".

    Args:
        said: what was said.
        country_code: put in place of the zero before a national number, "49" say; none leaves numbers as they are said.

    Raises:
        Unreadable: there are words that are no figures, too few figures, or too many.
    """
    tokens = [token for token in without_lead(tokens_of(said), _LEAD) if token not in ("#", "at")]
    while tokens and tokens[-1] in _TRAIL:
        tokens.pop()
    international = bool(tokens) and tokens[0] in ("plus", "+")
    digits = digits_of(tokens[1:] if international else tokens)
    if not digits:
        raise Unreadable(f"{said!r} is no telephone number; ask for it figure by figure")
    if digits.startswith("00") and not international:
        digits, international = digits[2:], True
    if country_code and digits.startswith("0") and not international:
        digits, international = country_code + digits[1:], True
    if not _FEWEST_FIGURES <= len(digits) <= _MOST_FIGURES:
        raise Unreadable(
            f"a telephone number has {_FEWEST_FIGURES} to {_MOST_FIGURES} figures, and {one_by_one(digits, 3)} are "
            f"{len(digits)}; ask for all of it again"
        )
    spoken = one_by_one(digits, 3)
    return Reading(
        value=f"+{digits}" if international else digits, spoken=f"plus {spoken}" if international else spoken
    )


def read_name(said: str) -> Reading[str]:
    """A person's name, with capitals: "Anna Weber, W E B E R". What is spelled corrects what was said before it.

    It is sure where its last part was spelled. Raises Unreadable.
    """
    tokens = [token for token in tokens_of(_HYPHEN.sub(".", said)) if token not in _NO_NAMES]
    parts: list[str] = []
    was_spelled = False
    for part, was_spelled in spelled(without_lead(tokens, _LEAD)):
        if was_spelled and parts and difflib.SequenceMatcher(None, parts[-1], part).ratio() >= _ALIKE:
            parts[-1] = part
        else:
            parts.append(part)
    while parts and parts[-1] in _TRAIL:
        parts.pop()
    name = " ".join(map(_capital, parts))
    if not parts or any(each.isdecimal() for part in parts for each in part):
        raise Unreadable(f"{said!r} is no name; ask for the name, and to spell it")
    return Reading(value=name, spoken=name, sure=was_spelled)


def _capital(word: str) -> str:
    """A part of a name: "o'brien" is O'Brien, and "jean-luc" both."""
    return re.sub(r"(^|['-])(\w)", lambda match: match[1] + match[2].upper(), word.replace(".", "-"))
