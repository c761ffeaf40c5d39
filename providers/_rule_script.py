"""What a rule-driven agent knows: a script, read from TOML and checked word by word.

A script says what callers may mean (topics with patterns), what there is to find out (slots), and what the agent says.
What is common to all scripts in English (yes, no, "sorry?", thanks, goodbye) lies in `scripts/english.toml` and may be
overridden. `scripts/restaurant.toml` is an example. The keys of a table are the fields of its class below.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import frozen
from trialogue.providers._rule_patterns import Pattern
from trialogue.providers._rule_reader import ScriptTable
from trialogue.providers._rule_types import ChoiceKind, DayKind, NameKind, NumberKind, SlotKind, TextKind, TimeKind
from trialogue.providers._rule_words import contracted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SCRIPTS: Final = Path(__file__).with_name("scripts")

#: How many phrases one pattern may give to a recogniser's vocabulary.
_PHRASES_PER_PATTERN: Final = 200

_PLACEHOLDER: Final = re.compile(r"\{([\w.]+)\}")


@frozen(kw_only=True)
class Slot:
    """Something to be found out.

    Args:
        name: in patterns and texts, in braces.
        kind: number, time, day, name, text or choice.
        patterns: ways to mention it at any time.
        when_asked: further ways that count only as an answer to `prompt`.
        phrases: fixed phrases and the value that they mean, such as "just me" = "1".
        prompt: questions for it.
        refused: what is said when the words make no sense for it, such as a table for zero.
        noted: what is said when it is mentioned outside a form.
        called: words for it, as in "change the time".
        always: whether to note it even in a question about something else.
    """

    name: str
    kind: SlotKind
    patterns: tuple[Pattern, ...]
    when_asked: tuple[Pattern, ...]
    phrases: tuple[tuple[Pattern, str | int], ...]
    prompt: tuple[str, ...]
    refused: tuple[str, ...]
    noted: tuple[str, ...]
    called: tuple[Pattern, ...]
    always: bool


@frozen(kw_only=True)
class Outcome:
    """What is said after a tool has answered.

    Args:
        when: it applies if the tool's output has these values; the first outcome that applies is taken.
        say: the texts; `{output.key}` stands for a value of the output.
        clear: slots to forget, so that they are asked for again.
    """

    when: Mapping[str, str | int | float | bool]
    say: tuple[str, ...]
    clear: tuple[str, ...]


@frozen(kw_only=True)
class ToolUse:
    """A tool that a topic calls: of a form when all is known, else before answering.

    Args:
        name: the tool.
        arguments: of the call: a text with `{slot}` in it; the text `{slot}` alone keeps its type.
        outcomes: what is said after it has answered.
    """

    name: str
    arguments: Mapping[str, str]
    outcomes: tuple[Outcome, ...]


@frozen(kw_only=True)
class Topic:
    """Something that a caller may want.

    Args:
        name: unique.
        patterns: how callers say it.
        say: answers, taken in turn; one whose slots are not all known is passed over.
        otherwise: answers where no text of `say` can be used.
        aside: whether it counts only when nothing else was said, such as a greeting.
        offers: a topic that is offered after the answer, to be accepted with "yes", with the text `offer`.
        slots: makes it a form: what must be known, in the order of asking.
        begin: what is said when the form begins, before the first question.
        confirm: the question when all is known; none goes ahead without asking.
        tool: what it does, in the keys `tool`, `arguments` and `outcomes`.
    """

    name: str
    patterns: tuple[Pattern, ...]
    say: tuple[str, ...]
    otherwise: tuple[str, ...]
    aside: bool
    offers: str
    offer: tuple[str, ...]
    slots: tuple[str, ...]
    begin: tuple[str, ...]
    confirm: tuple[str, ...]
    tool: ToolUse | None


#: What a script must be able to understand, and must have words for; both are in `english.toml`.
#: True where the pattern must match all that was said.
UNDERSTANDS: Final = {
    "yes": False,
    "no": False,
    "cancel": False,
    "goodbye": False,
    "repeat": True,
    "resume": True,
    "wait": True,
}
SAYS: Final = (
    "greeting",
    "anything_else",
    "go_ahead",
    "goodbye",
    "acknowledged",
    "changed",
    "change_what",
    "cancelled",
    "waiting",
    "resumed",
    "repeated",
    "not_heard",
    "not_understood",
    "still_there",
    "one_moment",
    "no_tool",
    "failed",
)


@frozen(kw_only=True)
class RuleScript:
    """A script, checked: every slot, topic and placeholder that it names exists.

    Args:
        understands: patterns of each of UNDERSTANDS.
        says: texts of each of SAYS, taken in turn.
        examples: whole sentences of callers, with `{slot}` in them, for the recogniser's vocabulary.
    """

    name: str
    slots: Mapping[str, Slot]
    topics: Mapping[str, Topic]
    understands: Mapping[str, tuple[Pattern, ...]]
    says: Mapping[str, tuple[str, ...]]
    examples: tuple[Pattern, ...]

    @classmethod
    def load(cls, path: str | Path) -> RuleScript:
        """Read a script.

        Raises:
            ConfigurationError: it cannot be read or has mistakes; the message names the file, the key and the remedy.
        """
        base = _read(_SCRIPTS / "english.toml")
        own = _read(Path(path))
        return _build(own, base)

    @classmethod
    def bundled(cls, name: str) -> RuleScript:
        """A script that comes with us, such as "restaurant".

        Raises:
            ConfigurationError: there is none of that name.
        """
        path = _SCRIPTS / f"{name}.toml"
        names = sorted(script.stem for script in _SCRIPTS.glob("*.toml") if script.stem != "english")
        if name not in names:
            raise ConfigurationError(f"there is no bundled script {name!r}; there are: {', '.join(names)}")
        return cls.load(path)

    def vocabulary(self) -> tuple[str, ...]:
        """Phrases that callers of this agent may say, for a recogniser's language model."""
        spoken = {name: slot.kind.examples() for name, slot in self.slots.items()}
        found: dict[str, None] = {}
        for pattern in self._patterns():
            for phrase in pattern.phrases(spoken, _PHRASES_PER_PATTERN):
                found[phrase] = None
                found[contracted(phrase)] = None
        return tuple(found)

    def _patterns(self) -> Iterator[Pattern]:
        for slot in self.slots.values():
            yield from slot.patterns
            yield from slot.when_asked
            yield from (pattern for pattern, _ in slot.phrases)
        for topic in self.topics.values():
            yield from topic.patterns
        for patterns in self.understands.values():
            yield from patterns
        yield from self.examples


def _read(path: Path) -> ScriptTable:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"the script {path} cannot be read: {error.strerror}; correct its path") from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"the script {path} is not TOML: {error}") from error
    return ScriptTable(f"the script {path.name}", content)


def _build(own: ScriptTable, base: ScriptTable) -> RuleScript:
    slots = {name: _slot(name, table) for name, table in own.tables("slots")}
    kinds = {name: slot.kind for name, slot in slots.items()}
    topics: dict[str, Topic] = {}
    for source in (base, own):
        for name, table in source.tables("topics"):
            topics[name] = _topic(name, table, kinds)
    own_understands, own_says = own.table("understands"), own.table("says")
    base_understands, base_says = base.table("understands"), base.table("says")
    script = RuleScript(
        name=own.text("name"),
        slots=slots,
        topics=topics,
        understands={
            key: base_understands.patterns(key, kinds, whole=whole) + own_understands.patterns(key, kinds, whole=whole)
            for key, whole in UNDERSTANDS.items()
        },
        says={key: _either(own_says.texts(key), base_says.texts(key)) for key in SAYS},
        examples=own.patterns("examples", kinds),
    )
    for table in (own_understands, own_says, base_understands, base_says, own, base):
        table.finish()
    _check_references(script, own)
    return script


def _either(own: tuple[str, ...], base: tuple[str, ...]) -> tuple[str, ...]:
    return own or base


_KINDS: Final[Mapping[str, Callable[[ScriptTable], SlotKind]]] = {
    "number": lambda table: NumberKind(minimum=table.number("minimum", 0), maximum=table.number("maximum", 999)),
    "time": lambda table: TimeKind(earliest_hour=table.number("earliest_hour", 8)),
    "day": lambda _table: DayKind(),
    "name": lambda table: NameKind(known=table.texts("known"), surnames=table.texts("surnames")),
    "text": lambda table: TextKind(known=table.texts("known")),
    "choice": lambda table: ChoiceKind(choices=table.choices("choices")),
}


def _slot(name: str, table: ScriptTable) -> Slot:
    kind_name = table.text("kind")
    if kind_name not in _KINDS:
        raise table.error("kind", f"there is no kind {kind_name!r}; there are: {', '.join(_KINDS)}")
    kind = _KINDS[kind_name](table)
    own = {name: kind}
    bare = (table.pattern("when_asked", f"{{{name}}}", own, whole=not kind.distinctive),)
    phrases = table.table("phrases")
    slot = Slot(
        name=name,
        kind=kind,
        patterns=table.patterns("patterns", own),
        when_asked=table.patterns("when_asked", own, whole=not kind.distinctive) + bare,
        phrases=tuple((phrases.pattern(key, key, own), phrases.value(key)) for key in phrases.keys()),
        prompt=table.texts("prompt"),
        refused=table.texts("refused"),
        noted=table.texts("noted"),
        called=table.patterns("called", {}),
        always=table.flag("always"),
    )
    phrases.finish()
    table.finish()
    return slot


def _topic(name: str, table: ScriptTable, kinds: Mapping[str, SlotKind]) -> Topic:
    topic = Topic(
        name=name,
        patterns=table.patterns("patterns", kinds),
        say=table.texts("say"),
        otherwise=table.texts("otherwise"),
        aside=table.flag("aside"),
        offers=table.text("offers", ""),
        offer=table.texts("offer"),
        slots=table.texts("slots"),
        begin=table.texts("begin"),
        confirm=table.texts("confirm"),
        tool=_tool_use(table),
    )
    table.finish()
    return topic


def _tool_use(table: ScriptTable) -> ToolUse | None:
    name = table.text("tool", "")
    arguments = table.table("arguments")
    outcomes = table.list_of_tables("outcomes")
    if not name:
        return None
    if not outcomes:
        raise table.error("outcomes", f"is missing; give what is said when the tool {name!r} has answered")
    return ToolUse(
        name=name,
        arguments={key: arguments.text(key) for key in arguments.keys()},
        outcomes=tuple(_outcome(outcome) for outcome in outcomes),
    )


def _outcome(table: ScriptTable) -> Outcome:
    when = table.table("when")
    outcome = Outcome(
        when={key: when.scalar(key) for key in when.keys()},
        say=table.texts("say"),
        clear=table.texts("clear"),
    )
    if not outcome.say:
        raise table.error("say", "is missing; give what is said when the tool has answered so")
    table.finish()
    return outcome


def _check_references(script: RuleScript, own: ScriptTable) -> None:
    """Every slot, topic and placeholder that is named must exist.

    Raises:
        ConfigurationError: one does not.
    """
    for key in SAYS:
        if not script.says[key]:
            raise own.error(f"says.{key}", "is missing; give at least one text")
    for name, topic in script.topics.items():
        table = own.named("topics", name)
        for slot in topic.slots:
            _check_name(table, "slots", slot, script.slots)
            if not script.slots[slot].prompt:
                raise own.named("slots", slot).error("prompt", f"is missing; the topic {name!r} must ask for it")
        for outcome in _outcomes(topic):
            for slot in outcome.clear:
                _check_name(table, "outcomes.clear", slot, script.slots)
        if topic.offers:
            _check_name(table, "offers", topic.offers, script.topics)
        _check_placeholders(script, table, topic)
        if not (topic.say or topic.otherwise or topic.slots or topic.tool):
            raise table.error("say", "is missing; a topic needs an answer, or slots that make it a form")


def _outcomes(topic: Topic) -> tuple[Outcome, ...]:
    return topic.tool.outcomes if topic.tool is not None else ()


def _check_placeholders(script: RuleScript, table: ScriptTable, topic: Topic) -> None:
    said = [*topic.say, *topic.otherwise, *topic.offer, *topic.begin, *topic.confirm]
    said += [text for outcome in _outcomes(topic) for text in outcome.say]
    said += topic.tool.arguments.values() if topic.tool is not None else ()
    for text in said:
        for name in _PLACEHOLDER.findall(text):
            if not name.startswith("output"):
                _check_name(table, f"the text {text!r}", name, script.slots)


def _check_name(table: ScriptTable, key: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        raise table.error(key, f"there is no {name!r}; there are: {', '.join(known) or 'none'}")
