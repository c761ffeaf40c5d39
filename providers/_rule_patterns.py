"""Patterns of words: how a script writes what callers may say.

    (book|reserve) [a|the] table * for {party_size}

`(a|b)` is one of several, `[a]` may be left out, `{slot}` is something mentioned, `*` is up to six words of any kind.
A pattern may match anywhere in what was said. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from trialogue.frames._attrs import frozen
from trialogue.providers._rule_words import plain_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trialogue.providers._rule_types import SlotKind

_TOKEN: Final = re.compile(r"[()\[\]|*]|\{\w+\}|[^()\[\]|*{}\s]+")

#: How many words `*` may stand for.
_GAP_WORDS: Final = 6


class PatternSyntaxError(ValueError):
    """A pattern is written wrongly; the message says how."""


@frozen
class _Words:
    text: str


@frozen
class _Slot:
    name: str


@frozen
class _Gap:
    pass


@frozen
class _Choice:
    options: tuple[_Sequence, ...]
    optional: bool


@frozen
class _Sequence:
    parts: tuple[_Words | _Slot | _Gap | _Choice, ...]


@frozen(kw_only=True)
class Pattern:
    """A compiled pattern.

    Args:
        source: as it was written.
        regex: what it matches in plain words.
    """

    source: str
    regex: re.Pattern[str]
    _tree: _Sequence

    def slots(self) -> frozenset[str]:
        """The names of the slots in it."""
        return frozenset(re.findall(r"\{(\w+)\}", self.source))

    def phrases(self, examples: Mapping[str, Sequence[str]], most: int) -> tuple[str, ...]:
        """Phrases that it matches, at most so many: together they use every alternative and every slot's examples.

        Args:
            examples: of each slot, ways in which it is said.
            most: how many phrases at most.
        """
        count = min(most, _variety(self._tree, examples))
        found = [" ".join(_expand(self._tree, turn, examples).split()) for turn in range(count)]
        return tuple(dict.fromkeys(phrase for phrase in found if phrase))


def compile_pattern(source: str, kinds: Mapping[str, SlotKind], *, whole: bool = False) -> Pattern:
    """Compile a pattern.

    Args:
        source: see the module's description.
        kinds: of each slot that it may name.
        whole: whether it must match all that was said.

    Raises:
        PatternSyntaxError: it is written wrongly or names an unknown slot.
    """
    tokens = _TOKEN.findall(source)
    if "".join(tokens) != re.sub(r"\s", "", source):
        raise PatternSyntaxError("it has a brace without its partner")
    tree, rest = _parse(tokens)
    if rest:
        raise PatternSyntaxError(f"{rest[0]!r} closes nothing")
    regex = _regex(tree, kinds)
    try:
        compiled = re.compile(rf"^{regex}$" if whole else rf"{regex}(?= |$)")
    except re.error as error:
        raise PatternSyntaxError(f"a slot may stand in it only once ({error})") from error
    if compiled.search("") is not None:
        raise PatternSyntaxError("it matches even when nothing was said")
    return Pattern(source=source, regex=compiled, tree=tree)


def _parse(tokens: list[str]) -> tuple[_Sequence, list[str]]:
    """Read a sequence up to the token that ends it; give back what follows."""
    parts: list[_Words | _Slot | _Gap | _Choice] = []
    words: list[str] = []

    def end_words() -> None:
        if words:
            parts.append(_Words(" ".join(words)))
            words.clear()

    while tokens and tokens[0] not in {")", "]", "|"}:
        token, *tokens = tokens
        if token in {"(", "["}:
            end_words()
            choice, tokens = _parse_choice(tokens, closing=")" if token == "(" else "]")
            parts.append(choice)
        elif token == "*":
            end_words()
            parts.append(_Gap())
        elif token.startswith("{"):
            end_words()
            parts.append(_Slot(token[1:-1]))
        else:
            words.append(token)
    end_words()
    return _Sequence(tuple(parts)), tokens


def _parse_choice(tokens: list[str], *, closing: str) -> tuple[_Choice, list[str]]:
    options: list[_Sequence] = []
    while True:
        option, tokens = _parse(tokens)
        options.append(option)
        if not tokens or tokens[0] not in {"|", closing}:
            raise PatternSyntaxError(f"{closing!r} is missing")
        end, *tokens = tokens
        if end == closing:
            return _Choice(tuple(options), optional=closing == "]"), tokens


def _regex(node: _Sequence | _Words | _Slot | _Gap | _Choice, kinds: Mapping[str, SlotKind]) -> str:
    match node:
        case _Words(text):
            return re.escape(plain_words(text)).replace(r"\ ", " ")
        case _Slot(name):
            if name not in kinds:
                raise PatternSyntaxError(f"there is no slot {name!r}; there are: {', '.join(kinds) or 'none'}")
            return rf" (?P<{name}>{kinds[name].regex})(?= |$)"
        case _Gap():
            return rf"(?: \S+){{0,{_GAP_WORDS}}}?"
        case _Choice(options, optional):
            return f"(?:{'|'.join(_regex(option, kinds) for option in options)}){'?' if optional else ''}"
        case _Sequence(parts):
            return "".join(f"{_regex(part, kinds)}(?= |$)" for part in parts)


def _variety(node: _Sequence | _Words | _Slot | _Gap | _Choice, examples: Mapping[str, Sequence[str]]) -> int:
    """How many phrases it takes to use everything once."""
    match node:
        case _Slot(name):
            return max(1, len(examples.get(name, ())))
        case _Choice(options, optional):
            return max(len(options) + optional, *(_variety(option, examples) for option in options))
        case _Sequence(parts):
            return max((_variety(part, examples) for part in parts), default=1)
        case _:
            return 1


def _expand(node: _Sequence | _Words | _Slot | _Gap | _Choice, turn: int, examples: Mapping[str, Sequence[str]]) -> str:
    """The phrase of that turn: each choice takes its alternatives in turn."""
    match node:
        case _Words(text):
            return text
        case _Slot(name):
            ways = examples.get(name, ())
            return ways[turn % len(ways)] if ways else ""
        case _Gap():
            return ""
        case _Choice(options, optional):
            index = turn % (len(options) + optional)
            return _expand(options[index], turn, examples) if index < len(options) else ""
        case _Sequence(parts):
            return " ".join(_expand(part, turn, examples) for part in parts)
