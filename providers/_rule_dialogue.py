"""What a rule-driven agent says next: a pure function of the script and the conversation so far.

Nothing is remembered between replies. What was found out is found out again from the conversation, so a reply that is
tried twice, or from a fork of the conversation, is the same, and only what the caller really heard counts as asked.
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal, assert_never

import attrs

from trialogue.frames import ChatItem, ChatMessage, ChatRequest, ToolCall, ToolOutput
from trialogue.frames._attrs import frozen
from trialogue.providers._rule_listening import Heard, listen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trialogue.providers._rule_script import RuleScript, Topic
    from trialogue.providers._rule_types import Value

_PLACEHOLDER: Final = re.compile(r"\{([\w.]+)\}")

#: How many questions of one utterance are answered.
_ANSWERS: Final = 2

#: How many words at its beginning tell a text from others.
_TELLING_WORDS: Final = 3


@frozen(kw_only=True)
class Question:
    """What the caller was asked: for a slot, to confirm or accept a topic, or whether there is anything else."""

    kind: Literal["nothing", "slot", "confirm", "offer", "change", "anything_else"] = "nothing"
    name: str = ""


_NO_QUESTION: Final = Question()


@frozen(kw_only=True)
class Plan:
    """A reply.

    Args:
        text: what to say; empty is nothing.
        question: what the text asks.
        call: a tool to call after the text.
        answers_tool: whether it tells what a tool gave back.
    """

    text: str
    question: Question = _NO_QUESTION
    call: ToolCall | None = None
    answers_tool: bool = False


Hear = Callable[[str, str], Heard]


def plan_reply(script: RuleScript, request: ChatRequest, hear: Hear | None = None) -> Plan:
    """The next reply in a conversation.

    Args:
        script: what the agent knows.
        request: the conversation.
        hear: like `listen` with this script; a caller may give one that has heard the earlier messages before.
    """
    tools = frozenset(tool.name for tool in request.tools)
    dialogue = _Dialogue(script, tools, hear or functools.partial(listen, script))
    for item in request.items:
        dialogue.follow(item)
    return dialogue.reply()


class _Dialogue:
    """A conversation, followed from its beginning."""

    def __init__(self, script: RuleScript, tools: frozenset[str], hear: Hear) -> None:
        self._script = script
        self._tools = tools
        self._listen = hear
        self._values: dict[str, Value] = {}
        self._form = ""
        self._finished: set[str] = set()
        self._question = _NO_QUESTION
        self._unheard_question = _NO_QUESTION
        self._plan: Plan | None = None
        self._last: ChatMessage | None = None
        self._calls: dict[str, str] = {}
        self._used: Counter[str] = Counter()

    def follow(self, item: ChatItem) -> None:
        """Take in the next item of the conversation."""
        match item:
            case ChatMessage(role="user"):
                self._plan = self._respond(self._hear(item.text))
            case ChatMessage():
                self._told(item)
            case ToolCall():
                self._calls[item.call_id] = self._topic_of(item.name)
                self._question = self._unheard_question = _NO_QUESTION
            case ToolOutput():
                self._plan = attrs.evolve(self._answered(item), answers_tool=True)
            case _:
                assert_never(item)

    def reply(self) -> Plan:
        """What to say now."""
        if self._plan is not None:
            return self._plan
        if self._last is None:
            return Plan(text=self._say("greeting"))
        return self._ask_again(self._say("still_there"))

    # What happened.

    def _hear(self, text: str) -> Heard:
        asked = self._question if self._question.kind != "nothing" else self._unheard_question
        if asked.kind == "slot":
            return self._listen(text, asked.name)
        return self._listen(text, self._missing() if asked.kind == "nothing" else "")

    def _told(self, message: ChatMessage) -> None:
        """Only a question that was heard to its end may be answered with yes or no."""
        self._last = message
        planned = self._plan is not None and _says(message, self._plan.text)
        if self._plan is not None and self._plan.answers_tool and not planned:
            return  # it is what was said before the tool had answered
        asked = self._plan.question if self._plan is not None and planned else _NO_QUESTION
        cut = message.interrupted and bool(message.unheard.strip())
        self._question, self._unheard_question = (_NO_QUESTION, asked) if cut else (asked, _NO_QUESTION)
        self._plan = None

    def _answered(self, output: ToolOutput) -> Plan:
        topic = self._script.topics.get(self._calls.get(output.call_id, ""))
        if topic is None or topic.tool is None:
            return self._ask_again("")
        values = _output_values(output)
        outcomes = topic.tool.outcomes
        outcome = next(
            (
                outcome
                for outcome in outcomes
                if all(values.get(f"output.{key}") == value for key, value in outcome.when.items())
            ),
            None,
        )
        if output.is_error or outcome is None:
            self._form = ""
            return Plan(text=self._say("failed"), question=Question(kind="anything_else"))
        text = self._pick(f"{topic.name}.{outcomes.index(outcome)}", outcome.say, values)
        for slot in outcome.clear:
            self._values.pop(slot, None)
        if outcome.clear and topic.slots:
            self._form = topic.name
            return self._continue_form(text)
        return self._finish(topic, text)

    # What to do about what was heard: the first rule that has an answer gives it.

    def _respond(self, heard: Heard) -> Plan:
        for rule in (
            self._to_silence,
            self._to_sign,
            self._to_decision,
            self._to_backchannel,
            self._to_cancel,
            self._to_wish,
            self._to_goodbye,
            self._to_aside,
        ):
            plan = rule(heard)
            if plan is not None:
                self._used.pop("not_understood", None)
                self._used.pop("not_heard", None)
                return plan
        return self._ask_again(self._say("not_heard" if heard.silent else "not_understood"))

    def _to_silence(self, heard: Heard) -> Plan | None:
        return self._ask_again(self._say("not_heard")) if heard.silent else None

    def _to_sign(self, heard: Heard) -> Plan | None:
        if "wait" in heard.signs:
            return Plan(text=self._say("waiting"), question=self._question)
        if "repeat" in heard.signs and self._last is not None:
            whole = " ".join(f"{self._last.text} {self._last.unheard}".split())
            question = self._question if self._question.kind != "nothing" else self._unheard_question
            return Plan(text=_joined(self._say("repeated"), whole), question=question)
        return None

    def _to_decision(self, heard: Heard) -> Plan | None:
        """Yes or no to a question that was heard, with nothing else said that changes it."""
        yes, no = "yes" in heard.signs, "no" in heard.signs
        if self._news(heard) or any(not topic.aside for topic in heard.topics):
            return None
        match self._question.kind:
            case "confirm" | "change" if heard.called:
                return self._change(heard.called)
            case "confirm" if no:
                return Plan(text=self._say("change_what"), question=Question(kind="change"))
            case "confirm" if yes:
                return self._call(self._script.topics[self._question.name])
            case "change" if no:
                return self._continue_form(self._say("acknowledged"))
            case "offer" if no:
                return Plan(text=self._say("anything_else"), question=Question(kind="anything_else"))
            case "offer" if yes:
                return self._begin(self._script.topics[self._question.name])
            case "anything_else" if no:
                return Plan(text=self._say("goodbye"))
            case "anything_else" if yes:
                return Plan(text=self._say("go_ahead"))
        return None

    def _to_backchannel(self, heard: Heard) -> Plan | None:
        """Go on where the caller broke in without meaning to."""
        if "resume" not in heard.signs:
            return None
        if self._last is not None and self._last.interrupted and self._last.unheard.strip():
            text = _joined(self._say("resumed"), self._last.unheard.strip())
            return Plan(text=text, question=self._unheard_question)
        if self._question.kind in {"nothing", "anything_else"}:
            return self._ask_again("") if self._form else Plan(text=self._say("go_ahead"))
        return None

    def _to_cancel(self, heard: Heard) -> Plan | None:
        if "cancel" not in heard.signs or not self._form:
            return None
        self._forget(self._script.topics[self._form])
        self._form = ""
        return Plan(text=self._say("cancelled"), question=Question(kind="anything_else"))

    def _to_wish(self, heard: Heard) -> Plan | None:
        """Answer what was asked, take in what was mentioned, and go on with the form."""
        forms = [topic for topic in heard.topics if topic.slots]
        questions = [topic for topic in heard.topics if not topic.slots and not topic.aside][:_ANSWERS]
        started = forms[0] if forms and forms[0].name != self._form else None
        if started is not None:
            self._start(started)
        news = self._take_in(heard, everything=bool(forms) or not questions)
        if started is None and not self._form and news:
            started = self._form_of(news)
        answers = [self._answer(topic) for topic in questions]
        call = next((answer.call for answer in answers if answer.call is not None), None)
        text = _joined(*(answer.text for answer in answers))
        if call is not None:
            return Plan(text=text, call=call)
        if started is not None:
            return self._continue_form(_joined(text, self._begin_text(started)), heard.refused)
        if self._form and (answers or news or forms or heard.refused):
            return self._continue_form(text or self._acknowledge(news), heard.refused)
        if answers:
            return Plan(text=text, question=answers[-1].question)
        return self._note(news) if news else None

    def _to_goodbye(self, heard: Heard) -> Plan | None:
        return Plan(text=self._say("goodbye")) if "goodbye" in heard.signs else None

    def _to_aside(self, heard: Heard) -> Plan | None:
        aside = next((topic for topic in heard.topics if topic.aside), None)
        if aside is None:
            return None
        answer = self._answer(aside)
        return self._continue_form(answer.text) if self._form else answer

    # What was found out.

    def _news(self, heard: Heard) -> dict[str, Value]:
        return {name: value for name, value in heard.values.items() if self._values.get(name) != value}

    def _take_in(self, heard: Heard, *, everything: bool) -> dict[str, tuple[Value | None, Value]]:
        """Remember what was mentioned; give back what is new, with what was known before."""
        news: dict[str, tuple[Value | None, Value]] = {}
        for name, value in self._news(heard).items():
            if everything or self._script.slots[name].always:
                news[name] = (self._values.get(name), value)
                self._values[name] = value
        return news

    def _forget(self, topic: Topic) -> None:
        for name in topic.slots:
            if not self._script.slots[name].always:
                self._values.pop(name, None)

    def _topic_of(self, tool: str) -> str:
        """The topic that calls a tool: the form in progress, or the first that names it."""
        topics = [
            name for name, topic in self._script.topics.items() if topic.tool is not None and topic.tool.name == tool
        ]
        return self._form if self._form in topics else next(iter(topics), "")

    def _form_of(self, news: Mapping[str, object]) -> Topic | None:
        """Start the form that something belongs to which was mentioned out of the blue."""
        for topic in self._script.topics.values():
            if any(name in news and not self._script.slots[name].always for name in topic.slots):
                self._start(topic, forget=False)
                return topic
        return None

    # Forms.

    def _start(self, topic: Topic, *, forget: bool = True) -> None:
        if forget and topic.name in self._finished:
            self._forget(topic)
        self._finished.discard(topic.name)
        self._form = topic.name

    def _begin(self, topic: Topic) -> Plan:
        if not topic.slots:
            return self._answer(topic)
        self._start(topic)
        return self._continue_form(self._begin_text(topic))

    def _begin_text(self, topic: Topic) -> str:
        return self._pick(f"{topic.name}.begin", topic.begin)

    def _continue_form(self, text: str, refused: Sequence[str] = ()) -> Plan:
        """Ask for what is missing, or to confirm when nothing is."""
        topic = self._script.topics.get(self._form)
        if topic is None:
            return Plan(text=text)
        for name in refused:
            slot = self._script.slots[name]
            if name in topic.slots and slot.refused:
                text = self._pick(f"{name}.refused", slot.refused)
        missing = self._missing()
        if missing:
            prompt = self._pick(f"{missing}.prompt", self._script.slots[missing].prompt)
            return Plan(text=_joined(text, prompt), question=Question(kind="slot", name=missing))
        if topic.confirm:
            confirm = self._pick(f"{topic.name}.confirm", topic.confirm)
            return Plan(text=_joined(text, confirm), question=Question(kind="confirm", name=topic.name))
        return self._call(topic, text)

    def _missing(self) -> str:
        """The next slot that the form needs, or nothing."""
        topic = self._script.topics.get(self._form)
        return next((name for name in topic.slots if name not in self._values), "") if topic is not None else ""

    def _change(self, names: Sequence[str]) -> Plan:
        for name in names:
            self._values.pop(name, None)
        return self._continue_form(self._say("acknowledged"))

    def _acknowledge(self, news: Mapping[str, tuple[Value | None, Value]]) -> str:
        changed = [self._spoken(name) for name, (before, _) in news.items() if before is not None]
        if changed:
            return self._pick("says.changed", self._script.says["changed"], {"value": " and ".join(changed)})
        return self._say("acknowledged") if news else ""

    def _note(self, news: Mapping[str, object]) -> Plan | None:
        texts = [self._pick(f"{name}.noted", self._script.slots[name].noted) for name in news]
        text = _joined(*texts)
        return Plan(text=text, question=Question(kind="anything_else")) if text else None

    def _call(self, topic: Topic, text: str = "") -> Plan:
        tool = topic.tool
        if tool is None:
            return self._finish(topic, _joined(text, self._pick(f"{topic.name}.say", topic.say)))
        if tool.name not in self._tools:
            self._form = ""
            return Plan(text=_joined(text, self._say("no_tool")), question=Question(kind="anything_else"))
        arguments = {name: self._argument(value) for name, value in tool.arguments.items()}
        call = ToolCall(
            call_id=f"call-{len(self._calls) + 1}", name=tool.name, arguments=json.dumps(arguments, ensure_ascii=False)
        )
        return Plan(text=_joined(text, self._say("one_moment")), call=call)

    def _finish(self, topic: Topic, text: str) -> Plan:
        if topic.slots:
            self._finished.add(topic.name)
            self._form = ""
        if self._form:
            return self._continue_form(text)
        return self._offer(topic, text)

    # What to say.

    def _answer(self, topic: Topic) -> Plan:
        if topic.tool is not None:
            return self._call(topic)
        text = self._pick(f"{topic.name}.say", topic.say) or self._pick(f"{topic.name}.otherwise", topic.otherwise)
        return self._offer(topic, text)

    def _offer(self, topic: Topic, text: str) -> Plan:
        if topic.offers and self._form != topic.offers and topic.offers not in self._finished:
            offer = self._pick(f"{topic.name}.offer", topic.offer)
            return Plan(text=_joined(text, offer), question=Question(kind="offer", name=topic.offers))
        if topic.slots:
            return Plan(text=_joined(text, self._say("anything_else")), question=Question(kind="anything_else"))
        return Plan(text=text)

    def _ask_again(self, text: str) -> Plan:
        if self._form:
            return self._continue_form(text)
        return Plan(text=text, question=self._question)

    def _say(self, key: str) -> str:
        return self._pick(key, self._script.says[key])

    def _pick(self, key: str, texts: Sequence[str], more: Mapping[str, str | int | float] | None = None) -> str:
        """The next of some texts whose placeholders can all be filled; they take turns, so that they vary."""
        known = {**{name: self._spoken(name) for name in self._values}, **(more or {})}
        usable = [text for text in texts if all(name in known for name in _PLACEHOLDER.findall(text))]
        if not usable:
            return ""
        text = usable[self._used[key] % len(usable)]
        self._used[key] += 1
        return _PLACEHOLDER.sub(lambda found: str(known[found[1]]), text)

    def _spoken(self, name: str) -> str:
        return self._script.slots[name].kind.say(self._values[name])

    def _argument(self, template: str) -> Value:
        found = _PLACEHOLDER.fullmatch(template)
        if found is not None:
            return self._values.get(found[1], "")
        return _PLACEHOLDER.sub(lambda match: str(self._values.get(match[1], "")), template)


def _output_values(output: ToolOutput) -> dict[str, str | int | float]:
    """What a tool gave back, as placeholders: `output` for a plain value, `output.key` for an object."""
    try:
        content = json.loads(output.output)
    except (ValueError, RecursionError):
        content = output.output
    if isinstance(content, dict):
        return {f"output.{key}": value for key, value in content.items() if isinstance(value, str | int | float)}
    return {"output": content if isinstance(content, str | int | float) else output.output}


def _says(message: ChatMessage, text: str) -> bool:
    """Whether a message is that text, or what was heard of it; it may have been joined with others."""
    beginning = text.split(maxsplit=_TELLING_WORDS)[:_TELLING_WORDS]
    return " ".join(beginning) in " ".join(f"{message.text} {message.unheard}".split())


def _joined(*texts: str) -> str:
    return " ".join(text for text in texts if text)
