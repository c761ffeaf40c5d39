"""A turn of a conversation in text: what the agent said and did in answer, with assertions that say what happened."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn, TypeVar

import attrs

from trialogue.agents.context._chat_context import ContextItem, Handoff, SettingsChanged, Summary
from trialogue.frames import ChatMessage, ToolCall, ToolOutput
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable

I_co = TypeVar("I_co", bound=ContextItem)


class TurnFailed(AssertionError):
    """An expectation of a turn does not hold; the message ends with what happened in the turn."""


@define(kw_only=True, eq=False)
class Turn:
    """What the agent said and did after the user had said something.

    `says`, `calls`, `gives`, `hands_over` and `next` go through the turn in order, each to the next item; outputs of
    tools that nobody asks for are passed over. `contains` and `contains_call` look anywhere.

    Args:
        said: by the user; empty for what the agent did of itself when the conversation began.
        items: messages of the agent, tool calls, their outputs, hand-offs, in order.
        errors: what failed meanwhile, in words.
    """

    said: str
    items: tuple[ContextItem, ...]
    errors: tuple[str, ...] = ()
    _at: int = attrs.field(default=0, init=False)

    # -- what happened

    @property
    def text(self) -> str:
        """All that the agent said, with single spaces."""
        return _plain(" ".join(message.text for message in self._all(ChatMessage)))

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        """What the agent said."""
        return self._all(ChatMessage)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """What the model asked tools for."""
        return self._all(ToolCall)

    @property
    def outputs(self) -> tuple[ToolOutput, ...]:
        """What the tools gave."""
        return self._all(ToolOutput)

    @property
    def handoffs(self) -> tuple[Handoff, ...]:
        """Which agents took over."""
        return self._all(Handoff)

    def __str__(self) -> str:
        return self._told(mark=None)

    # -- what should have happened

    def says(self, *phrases: str) -> ChatMessage:
        """See that a message of the agent comes next, and that it holds phrases: whole words, in any case of letters.

        Raises:
            TurnFailed: something else comes next, or it says something else.
        """
        message = self._next(ChatMessage, f"the agent says {_listed(phrases) or 'something'}")
        for phrase in phrases:
            if not holds(message.text, phrase):
                self._fail(f"the agent does not say {phrase!r}; it says {_plain(message.text)!r}", self._at - 1)
        return message

    def calls(self, name: str, /, **arguments: object) -> ToolCall:
        """See that a tool call comes next.

        Args:
            name: the tool's.
            arguments: those that matter, as JSON has them; others may be there.

        Raises:
            TurnFailed: something else comes next, or the arguments differ.
        """
        wanted = f"the tool {name} is called"
        call = self._next(ToolCall, wanted)
        if call.name != name:
            self._fail(f"expected that {wanted}, but it is {call.name}", self._at - 1)
        given = arguments_of(call)
        for key, value in arguments.items():
            if key not in given or not _same(given[key], value):
                there = repr(given[key]) if key in given else "not there"
                self._fail(f"the tool {name} is called, but its {key} is {there}, not {value!r}", self._at - 1)
        return call

    def gives(self, value: object, *, is_error: bool = False) -> ToolOutput:
        """See that the output of a tool comes next.

        Args:
            value: as JSON has it; of an error, a phrase of its message.
            is_error: whether the tool fails.

        Raises:
            TurnFailed: something else comes next, or another value.
        """
        output = self._next(ToolOutput, f"a tool gives {value!r}")
        if output.is_error is not is_error:
            self._fail(f"the tool {output.name} {'fails' if output.is_error else 'does not fail'}", self._at - 1)
        fits = holds(output.output, str(value)) if is_error else _same(_parsed(output.output), value)
        if not fits:
            self._fail(f"the tool {output.name} gives {output.output}, not {value!r}", self._at - 1)
        return output

    def hands_over(self, to: str) -> Handoff:
        """See that another agent takes over next, named by its class. Raises TurnFailed."""
        handoff = self._next(Handoff, f"{to} takes over")
        if handoff.to_agent != to:
            self._fail(f"expected that {to} takes over, but it is {handoff.to_agent}", self._at - 1)
        return handoff

    def next(self, kind: type[I_co], /) -> I_co:
        """See that an item of a kind comes next, and return it. Raises TurnFailed."""
        return self._next(kind, f"{kind.__name__} comes next")

    def no_more(self) -> None:
        """See that nothing more happens, but for outputs of tools. Raises TurnFailed."""
        rest = [place for place in range(self._at, len(self.items)) if not isinstance(self.items[place], ToolOutput)]
        if rest:
            self._fail("expected nothing more", rest[0])

    def contains(self, *phrases: str) -> None:
        """See that the agent says phrases somewhere in the turn; looked for as by `says`. Raises TurnFailed."""
        for phrase in phrases:
            if not any(holds(message.text, phrase) for message in self.messages):
                self._fail(f"the agent does not say {phrase!r}")

    def contains_call(self, name: str, /, **arguments: object) -> ToolCall:
        """See that a tool is called somewhere in the turn, with these arguments among others. Raises TurnFailed."""
        for call in self.tool_calls:
            given = arguments_of(call)
            if call.name == name and all(key in given and _same(given[key], arguments[key]) for key in arguments):
                return call
        with_these = f" with {arguments}" if arguments else ""
        self._fail(f"the tool {name} is not called{with_these}")

    # -- the insides

    def _all(self, kind: type[I_co]) -> tuple[I_co, ...]:
        return tuple(item for item in self.items if isinstance(item, kind))

    def _next(self, kind: type[I_co], wanted: str) -> I_co:
        at = self._at
        if kind is not ToolOutput:
            while at < len(self.items) and isinstance(self.items[at], ToolOutput):
                at += 1
        if at == len(self.items):
            self._fail(f"expected that {wanted}, but nothing more happens")
        item = self.items[at]
        if not isinstance(item, kind):
            self._fail(f"expected that {wanted}, but it is this: {told(item)}", at)
        self._at = at + 1
        return item

    def _fail(self, complaint: str, at: int | None = None) -> NoReturn:
        raise TurnFailed(f"{complaint}\n\n{self._told(mark=at)}")

    def _told(self, mark: int | None) -> str:
        lines = [f"   user says     {_plain(self.said)}"] if self.said else ["   the conversation begins"]
        lines += [f"{'>> ' if at == mark else '   '}{told(item)}" for at, item in enumerate(self.items)]
        lines += [f"   failed        {_plain(error)}" for error in self.errors]
        return "\n".join(lines if self.items or self.errors else [*lines, "   nothing happens"])


def told(item: ContextItem) -> str:
    """An item in a line."""
    match item:
        case ChatMessage():
            return f"{item.role} says".ljust(14) + _plain(item.text) + (" [cut off]" if item.interrupted else "")
        case ToolCall():
            return f"tool called   {item.name} {item.arguments}"
        case ToolOutput():
            return f"tool {'failed' if item.is_error else 'gave'}".ljust(14) + f"{item.name} {item.output}"
        case Handoff():
            return f"hand-off      {item.from_agent} to {item.to_agent}"
        case SettingsChanged():
            return "settings changed"
        case Summary():
            return f"summary       {_plain(item.text)}"


def transcript(items: Iterable[ContextItem]) -> str:
    """A conversation, a line for each item."""
    return "\n".join(map(told, items))


def holds(text: str, phrase: str) -> bool:
    """Whether a text holds a phrase as whole words: "yes" is not in "yesterday"."""
    words = r"\s+".join(map(re.escape, phrase.split()))
    return re.search(rf"(?<!\w){words}(?!\w)" if words else "", text, re.IGNORECASE) is not None


def arguments_of(call: ToolCall) -> dict[str, object]:
    """The arguments of a call; none where the model wrote something that is no JSON object."""
    given = _parsed(call.arguments)
    return given if isinstance(given, dict) else {}


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _same(one: object, other: object) -> bool:
    """Equality as JSON has it: true is not 1, and a tuple is a list."""
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(other, sort_keys=True, default=str)


def _listed(phrases: tuple[str, ...]) -> str:
    return " and ".join(map(repr, phrases))


def _plain(text: str) -> str:
    return " ".join(text.split())
