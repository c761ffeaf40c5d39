"""What a model is told of a conversation: items, and what may be done with them. Pure.

A call of a tool and its output are never parted: whatever drops one, drops both. What the model has not been given an
output for yet stays, since its output will come.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Self

import attrs

from trialogue.agents.context._typed_json import TypedJson
from trialogue.engine import ConfigurationError, PolicyError
from trialogue.frames import ChatItem, ChatMessage, ToolCall, ToolOutput
from trialogue.frames._attrs import frozen

#: What a model reads of a call that has no output yet.
_STILL_RUNNING: Final = '"still running"'

#: Tokens that an item costs beside its text; what vendors document for messages, and a picture at low detail.
_ITEM_TOKENS: Final = 4
_IMAGE_TOKENS: Final = 300

#: Of the format in which a context is written.
_VERSION: Final = 1


@frozen(kw_only=True)
class Handoff:
    """Another agent took over. Not told to a model.

    Args:
        from_agent, to_agent: their names.
    """

    from_agent: str
    to_agent: str


@frozen(kw_only=True)
class SettingsChanged:
    """The agent was changed while it spoke. Not told to a model, which gets the new settings themselves.

    Args:
        instructions: the new ones; None where they stayed.
        tools: the names of the new ones; None where they stayed.
        models: which of the models are others now.
        settings: which stages have other settings now.
    """

    instructions: str | None = None
    tools: tuple[str, ...] | None = None
    models: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


@frozen(kw_only=True)
class Summary:
    """What stands for earlier items.

    Args:
        text: what they said, in short.
        turns: how many turns of the user it stands for.
    """

    text: str
    turns: int


ContextItem = ChatItem | Handoff | SettingsChanged | Summary

_JSON: Final = TypedJson[ContextItem]([ChatMessage, ToolCall, ToolOutput, Handoff, SettingsChanged, Summary])

CountTokens = Callable[[str], int]


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has.

    A quarter of a letter each in Latin script, where a token is about four; one for every other character, which is
    what tokenizers make of Chinese or Devanagari at worst.
    """
    if text.isascii():  # nearly always; what was said is counted again for each answer
        return math.ceil(len(text) / 4)
    narrow = sum(map(str.isascii, text))
    return math.ceil(narrow / 4) + len(text) - narrow


@frozen(kw_only=True)
class WindowPolicy:
    """How much of a conversation a model is told: the newest part that keeps to all of these.

    Args:
        max_tokens: as counted by `count`.
        max_turns: turns of the user.
        max_tool_items: calls and outputs of tools.
        max_images: pictures; older ones are left out of their messages, which stay.
        count: counts the tokens of a text.
    """

    max_tokens: float = math.inf
    max_turns: float = math.inf
    max_tool_items: float = math.inf
    max_images: float = 6
    count: CountTokens = estimate_tokens

    @property
    def holds_all(self) -> bool:
        """Whether there is nothing that it leaves out but pictures."""
        return self.max_tokens == self.max_turns == self.max_tool_items == math.inf

    def __attrs_post_init__(self) -> None:
        if min(self.max_tokens, self.max_turns) < 1 or min(self.max_tool_items, self.max_images) < 0:
            raise ConfigurationError(
                f"a window needs max_tokens >= 1, max_turns >= 1, max_tool_items >= 0 and max_images >= 0, not "
                f"{self.max_tokens}, {self.max_turns}, {self.max_tool_items} and {self.max_images}"
            )


@frozen(eq=False)
class SummaryPlan:
    """What is being summarised; made by `ChatContext.plan_summary`.

    Args:
        items: the items that the summary will stand for.
    """

    items: tuple[ContextItem, ...]

    @property
    def turns(self) -> int:
        """How many turns of the user they hold, those of earlier summaries included."""
        return sum(_turns_of(item) for item in self.items)


class ReadOnlyContext:
    """A conversation that can be looked at, but not changed."""

    def __init__(self, items: Iterable[ContextItem] = ()) -> None:
        self._items = list(items)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[ContextItem]:
        return iter(tuple(self._items))

    @property
    def items(self) -> tuple[ContextItem, ...]:
        """All items, oldest first."""
        return tuple(self._items)

    @property
    def turns(self) -> int:
        """How many turns of the user it holds; those that are summarised are not counted."""
        return sum(_is_turn(item) for item in self._items)

    def tokens(self, count: CountTokens = estimate_tokens) -> int:
        """About what a model has to read.

        Args:
            count: counts the tokens of a text.
        """
        return sum(_tokens_of(item, count) for item in self._items)

    def copy(self) -> ChatContext:
        """The same items, to be changed on their own; items never change."""
        return ChatContext(self._items)

    def filter(self, keep: Callable[[ContextItem], bool]) -> ChatContext:
        """The items that are to be kept; of a tool's use, all or nothing.

        Args:
            keep: says of an item whether it is wanted.
        """
        unwanted = {_call_id(item) for item in self._items if not keep(item)} - {None}
        return ChatContext(item for item in self._items if keep(item) and _call_id(item) not in unwanted)

    def window(self, policy: WindowPolicy) -> ChatContext:
        """The newest part of it that keeps to a policy, and every summary.

        It begins with a turn of the user, and always holds the last one, even if that is too much by itself.

        Args:
            policy: how much.
        """
        items = _with_newest_images(self._items, policy.max_images)
        if policy.holds_all:
            return ChatContext(items)
        groups = _turns(items)
        kept: list[list[ContextItem]] = []
        tokens, turns, tools = 0, 0, 0
        for group in reversed(groups):
            tokens += sum(_tokens_of(item, policy.count) for item in group)
            turns += sum(map(_is_turn, group))
            tools += sum(_call_id(item) is not None for item in group)
            over = tokens > policy.max_tokens or turns > policy.max_turns or tools > policy.max_tool_items
            if over and any(_is_turn(item) for later in kept for item in later):
                break
            kept.append(group)
        whole = {id(item) for group in kept for item in group}
        return ChatContext(item for item in _together(items, whole))

    def for_model(self) -> tuple[ChatItem, ...]:
        """The items as a model may read them: directly after each run of tool calls, one output for each.

        What is no item of a chat (summaries, hand-offs) is left out; see `summary`.
        """
        outputs = {item.call_id: item for item in reversed(self._items) if isinstance(item, ToolOutput)}
        ready: list[ChatItem] = []
        waiting: list[ToolCall] = []
        for item in (*self._items, None):
            if isinstance(item, ToolCall):
                waiting.append(item)
                ready.append(item)
            elif not isinstance(item, (ToolOutput, Handoff, SettingsChanged, Summary)):
                ready += [outputs.get(call.call_id) or still_running(call) for call in waiting]
                waiting.clear()
                if item is not None:
                    ready.append(item)
        return tuple(ready)

    @property
    def summary(self) -> str:
        """What the summaries say, for the model's instructions; empty if there are none."""
        return "\n".join(item.text for item in self._items if isinstance(item, Summary))

    def plan_summary(self, keep_turns: int = 3) -> SummaryPlan | None:
        """What may be summarised: all but the last turns; None if that is nothing new.

        Earlier summaries are part of it, so that they do not pile up; calls whose output is still to come are not.

        Args:
            keep_turns: how many of the user's turns stay as they are, 1 or more.
        """
        if keep_turns < 1:
            raise ConfigurationError(f"a summary keeps at least 1 turn as it is, not {keep_turns}")
        groups = [group for group in _turns(self._items) if not all(isinstance(item, Summary) for item in group)]
        turns = [group for group in groups if any(map(_is_turn, group))]
        if len(turns) <= keep_turns:
            return None
        kept = {id(item) for group in turns[-keep_turns:] for item in group}
        answered = {item.call_id for item in self._items if isinstance(item, ToolOutput) and id(item) not in kept}
        old = tuple(
            item
            for item in itertools.takewhile(lambda item: id(item) not in kept, self._items)
            if not isinstance(item, ToolCall) or item.call_id in answered
        )
        return SummaryPlan(old)

    def to_json(self) -> str:
        """All of it as a JSON document; `ChatContext.from_json` gives back the same."""
        return json.dumps(
            {"version": _VERSION, "items": [_JSON.encode(item) for item in self._items]}, ensure_ascii=False
        )


class ChatContext(ReadOnlyContext):
    """A conversation as a list of items, oldest first. It has one writer.

    Args:
        items: what it begins with.
    """

    _forked_at = 0

    @classmethod
    def from_json(cls, document: str) -> Self:
        """The context that was written.

        Raises:
            ConfigurationError: the document is none of `to_json`.
        """
        try:
            value = json.loads(document)
            version, items = value["version"], value["items"]
        except (ValueError, TypeError, KeyError) as error:
            raise ConfigurationError(f"no conversation as `to_json` writes it: {error!r}") from error
        if version != _VERSION or not isinstance(items, list):
            raise ConfigurationError(f"a conversation of version {_VERSION} was expected, not of {version!r}")
        return cls(map(_JSON.decode, items))

    def add(self, item: ContextItem) -> None:
        """Put an item at the end."""
        self._items.append(item)

    def replace(self, old: ContextItem, *new: ContextItem) -> None:
        """Put items in the place of one that is there (that very object); none takes it away.

        Raises:
            PolicyError: it is not there.
        """
        at = self._index(old)
        self._items[at : at + 1] = new

    def insert(self, item: ContextItem, *, before: ContextItem) -> None:
        """Put an item before one that is there (that very object). Raises PolicyError if it is not."""
        self._items.insert(self._index(before), item)

    def fork(self) -> ChatContext:
        """A copy whose own items can be merged back."""
        fork = self.copy()
        fork._forked_at = len(fork)  # of the same class
        return fork

    def merge(self, fork: ChatContext, keep: Callable[[ContextItem], bool] = lambda _: True) -> None:
        """Add what was added to a fork since it was made, and is wanted; of a tool's use, all or nothing.

        Args:
            fork: made by `fork`; it may be merged once.
            keep: says of an item whether it is wanted.
        """
        added = ChatContext(fork._items[fork._forked_at :])  # of the same class
        self._items += added.filter(keep)
        fork._forked_at = len(fork)  # of the same class

    def truncate(self, policy: WindowPolicy) -> None:
        """Forget what is not in the window."""
        self._items[:] = self.window(policy).items

    def finish_summary(self, plan: SummaryPlan, text: str) -> None:
        """Put a summary in the place of what it was made of; what has come meanwhile stays.

        Args:
            plan: what was summarised.
            text: the summary; an empty one changes nothing.

        Raises:
            PolicyError: the planned items are not there any more.
        """
        if not text.strip() or not plan.items:
            return
        planned = set(map(id, plan.items))
        if not planned <= set(map(id, self._items)):
            raise PolicyError("what was summarised is not in the context any more; plan the summary again")
        first = next(at for at, item in enumerate(self._items) if id(item) in planned)
        left = [item for item in self._items if id(item) not in planned]
        left.insert(first, Summary(text=text.strip(), turns=plan.turns))
        self._items[:] = left

    def _index(self, wanted: ContextItem) -> int:
        for at, item in enumerate(self._items):
            if item is wanted:
                return at
        raise PolicyError(f"{wanted!r} is not in the context")


def _turns(items: Sequence[ContextItem]) -> list[list[ContextItem]]:
    """The items in groups, each of which begins with a turn of the user."""
    groups: list[list[ContextItem]] = []
    for item in items:
        if not groups or _is_turn(item):
            groups.append([])
        groups[-1].append(item)
    return groups


def _together(items: Sequence[ContextItem], kept: set[int]) -> Iterator[ContextItem]:
    """The kept items, all summaries, and calls whose output is still to come; no call or output without its half."""
    halves = {_call_id(item) for item in items if _call_id(item) is not None and id(item) not in kept}
    answered = {item.call_id for item in items if isinstance(item, ToolOutput)}
    for item in items:
        pending = isinstance(item, ToolCall) and item.call_id not in answered
        if isinstance(item, Summary) or pending or (id(item) in kept and _call_id(item) not in halves):
            yield item


def _with_newest_images(items: Sequence[ContextItem], most: float) -> list[ContextItem]:
    """The items, with no more pictures than so many in all of them."""
    left, kept = most, list(items)
    for at in range(len(kept) - 1, -1, -1):
        item = kept[at]
        if not isinstance(item, ChatMessage) or not item.images:
            continue
        room = max(0, int(min(left, len(item.images))))
        if room < len(item.images):
            kept[at] = attrs.evolve(item, images=item.images[len(item.images) - room :])
        left -= room
    return kept


def _is_turn(item: ContextItem) -> bool:
    return isinstance(item, ChatMessage) and item.role == "user"


def _turns_of(item: ContextItem) -> int:
    return item.turns if isinstance(item, Summary) else int(_is_turn(item))


def _call_id(item: ContextItem) -> str | None:
    return item.call_id if isinstance(item, (ToolCall, ToolOutput)) else None


def _tokens_of(item: ContextItem, count: CountTokens) -> int:
    match item:
        case ChatMessage():
            return _ITEM_TOKENS + count(item.text) + _IMAGE_TOKENS * len(item.images)
        case ToolCall():
            return _ITEM_TOKENS + count(item.name) + count(item.arguments)
        case ToolOutput():
            return _ITEM_TOKENS + count(item.output)
        case Summary():
            return count(item.text)
        case Handoff() | SettingsChanged():
            return 0  # never sent


def still_running(call: ToolCall) -> ToolOutput:
    """What a model reads of a call that has no output yet."""
    return ToolOutput(call_id=call.call_id, name=call.name, output=_STILL_RUNNING)
