"""What is remembered of a conversation: exactly what was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from trialogue.frames import ChatItem, ChatMessage, ToolCall, ToolOutput

if TYPE_CHECKING:
    from trialogue.agents._reply import Reply

#: What a model is told of a tool that has not finished when it is asked something else.
_STILL_RUNNING: Final = '"still running"'


class History:
    """The conversation so far, oldest first. One writer: the session."""

    def __init__(self) -> None:
        self._items: list[ChatItem] = []

    @property
    def items(self) -> tuple[ChatItem, ...]:
        """All items, oldest first."""
        return tuple(self._items)

    def for_model(self) -> tuple[ChatItem, ...]:
        """The items as a model may read them: directly after each run of tool calls, one output for each."""
        outputs = {item.call_id: item for item in self._items if isinstance(item, ToolOutput)}
        ready: list[ChatItem] = []
        waiting: list[ToolCall] = []
        for item in (*self._items, None):
            if isinstance(item, ToolCall):
                waiting.append(item)
                ready.append(item)
            elif not isinstance(item, ToolOutput):
                ready += [outputs.get(call.call_id) or _still_running(call) for call in waiting]
                waiting.clear()
                if item is not None:
                    ready.append(item)
        return tuple(ready)

    def add(self, item: ChatItem) -> None:
        """Remember something that is certain: a user's turn, a tool's call or output."""
        self._items.append(item)

    def add_turn(self, text: str, earlier: str) -> None:
        """Remember what the user said in a turn.

        Args:
            text: all of it.
            earlier: its beginning, where that is remembered already as a turn whose answer was not heard. If nothing
                has come after it, both become one message; else only what is new is added.
        """
        new = text[len(earlier) :].strip()
        if earlier and self._items and isinstance(last := self._items[-1], ChatMessage) and last.role == "user":
            self._items.pop()
            new = f"{last.text} {new}".strip()
        if new:
            self._items.append(ChatMessage(role="user", text=new))

    def as_if_said(self, text: str) -> History:
        """The history as it will be where the user's turn ends with these words; this one stays as it is."""
        last = self._items[-1] if self._items else None
        goes_on = isinstance(last, ChatMessage) and last.role == "user" and text.startswith(last.text)
        imagined = History()
        imagined._items = list(self._items)
        imagined.add_turn(text, last.text if isinstance(last, ChatMessage) and goes_on else "")
        return imagined

    def commit(self, reply: Reply, heard: int, *, interrupted: bool) -> None:
        """Remember what was heard of a reply, each part before the tool calls that followed it.

        Args:
            reply: the reply.
            heard: how much of its text, in characters.
            interrupted: whether it was cut off.
        """
        source = reply.source
        start = 0
        for end, call in (*reply.draft.tool_breaks, (len(source), None)):
            part, unheard = source[start : min(end, max(heard, start))], source[max(heard, start) : end]
            cut = interrupted and bool(unheard.strip())
            if part.strip():
                message = ChatMessage(
                    role="agent", text=part.strip(), unheard=unheard.strip() if cut else "", interrupted=cut
                )
                self._insert(message, call)
            start = end

    def _insert(self, message: ChatMessage, before: ToolCall | None) -> None:
        if before is None:
            self._items.append(message)
        else:
            self._items.insert(self._items.index(before), message)

    def with_own_ids(self, calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
        """The calls, each with an id that no other call has: models count theirs anew in each reply, or not at all."""
        taken = {item.call_id for item in self._items if isinstance(item, ToolCall)}
        renamed: list[ToolCall] = []
        for call in calls:
            call_id, number = call.call_id, 2
            while call_id in taken:
                call_id, number = f"{call.call_id}-{number}", number + 1
            taken.add(call_id)
            renamed.append(call if call_id == call.call_id else attrs.evolve(call, call_id=call_id))
        return tuple(renamed)


def _still_running(call: ToolCall) -> ToolOutput:
    return ToolOutput(call_id=call.call_id, name=call.name, output=_STILL_RUNNING)
