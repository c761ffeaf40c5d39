"""What is remembered of a conversation: exactly what was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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

    def take_back(self, message: ChatMessage) -> bool:
        """Forget a user's turn whose answer was never heard, because the turn went on; only if it is the last item."""
        if self._items and self._items[-1] is message:
            self._items.pop()
            return True
        return False

    def commit(self, reply: Reply, heard: int, *, interrupted: bool) -> None:
        """Remember what was heard of a reply, each part before the tool calls that followed it.

        Args:
            reply: the reply.
            heard: how much of its text, in characters.
            interrupted: whether it was cut off.
        """
        source = reply.source
        start = 0
        for end, call in (*reply.tool_breaks, (len(source), None)):
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


def _still_running(call: ToolCall) -> ToolOutput:
    return ToolOutput(call_id=call.call_id, name=call.name, output=_STILL_RUNNING)
