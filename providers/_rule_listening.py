"""What a caller's words mean, by a script. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trialogue.frames._attrs import frozen
from trialogue.providers._rule_words import plain_words

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping

    from trialogue.providers._rule_patterns import Pattern
    from trialogue.providers._rule_script import RuleScript, Slot, Topic
    from trialogue.providers._rule_types import Value


@frozen(kw_only=True)
class Heard:
    """What was understood.

    Args:
        silent: nothing was said at all.
        values: what was mentioned, by slot.
        refused: slots that were mentioned with a value that makes no sense.
        topics: what is wanted, in the order of mention.
        signs: which of UNDERSTANDS was said.
        called: slots that were called by name.
    """

    silent: bool
    values: Mapping[str, Value]
    refused: tuple[str, ...]
    topics: tuple[Topic, ...]
    signs: frozenset[str]
    called: tuple[str, ...]


class _Mention(NamedTuple):
    """Words that may mention a slot; `bare` if only because it was asked for."""

    start: int
    end: int
    slot: str
    value: Value | None
    bare: bool = False


def listen(script: RuleScript, text: str, asked: str) -> Heard:
    """Understand what a caller said.

    Args:
        script: what the agent knows.
        text: the caller's words.
        asked: the slot that the agent has just asked for, or nothing.
    """
    words = plain_words(text)
    topics = _topics(script, words)
    signs = frozenset(sign for sign, patterns in script.understands.items() if _first(patterns, words))
    plain = not topics and not signs
    mentions: list[_Mention] = []
    for slot in script.slots.values():
        mentions += _mentions(slot, words, asked=slot.name == asked, plain=plain)
    mentions.sort(key=lambda mention: (mention.start - mention.end, mention.slot != asked))
    chosen = _one_of_each(_without_overlap(mentions))
    return Heard(
        silent=not words,
        values={mention.slot: mention.value for mention in chosen if mention.value is not None},
        refused=tuple(mention.slot for mention in chosen if mention.value is None),
        topics=topics,
        signs=signs,
        called=tuple(slot.name for slot in script.slots.values() if _first(slot.called, words)),
    )


def _topics(script: RuleScript, words: str) -> tuple[Topic, ...]:
    found = [(match.start(), topic) for topic in script.topics.values() if (match := _first(topic.patterns, words))]
    return tuple(topic for _, topic in sorted(found, key=lambda pair: pair[0]))


def _mentions(slot: Slot, words: str, *, asked: bool, plain: bool) -> Iterator[_Mention]:
    """Everything that may be a mention of a slot."""
    for pattern, value in slot.phrases:
        for match in pattern.regex.finditer(words):
            yield _Mention(match.start(), match.end(), slot.name, value)
    alone = f"{{{slot.name}}}"
    patterns = [(pattern, False) for pattern in slot.patterns]
    patterns += [(pattern, pattern.source == alone) for pattern in slot.when_asked if asked]
    for pattern, bare in patterns:
        if bare and not (slot.kind.distinctive or plain):
            continue  # a name alone may be any words, so it must be all that was said, and mean nothing else
        for match in pattern.regex.finditer(words):
            yield _Mention(match.start(), match.end(), slot.name, slot.kind.parse(match[slot.name]), bare)


def _without_overlap(mentions: Iterable[_Mention]) -> list[_Mention]:
    """Mentions none of which uses the words of another; those that come first win."""
    chosen: list[_Mention] = []
    for mention in mentions:
        if all(mention.end <= other.start or other.end <= mention.start for other in chosen):
            chosen.append(mention)
    return chosen


def _one_of_each(mentions: Iterable[_Mention]) -> list[_Mention]:
    """One mention of each slot: the last, for people correct themselves; of those that are bare, the first."""
    chosen: dict[str, _Mention] = {}
    for mention in sorted(mentions, key=lambda mention: mention.start):
        if mention.slot not in chosen or not mention.bare:
            chosen[mention.slot] = mention
    return list(chosen.values())


def _first(patterns: Iterable[Pattern], words: str) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := pattern.regex.search(words))), None)
