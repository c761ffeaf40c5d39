"""What is remembered of a conversation: exactly what was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trialogue.agents.context._chat_context import (
    ChatContext,
    Handoff,
    ReadOnlyContext,
    SettingsChanged,
    Summary,
    SummaryPlan,
)
from trialogue.frames import ChatMessage, ToolCall, ToolOutput

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.agents.context._chat_context import ContextItem
    from trialogue.agents.speech._reply import Reply
    from trialogue.frames import ChatItem, Image


class History:
    """Writes down the conversation so far, oldest first. One writer: the session.

    Args:
        withholds: whether what is said now is to be told to nobody else.
    """

    def __init__(self, withholds: Callable[[], bool] = lambda: False) -> None:
        self._context = ChatContext()
        self._withholds = withholds
        self._withheld: list[ContextItem] = []  # said then, or made of such
        #: What comes before this item is not told to a model any more.
        self.told_since: ContextItem | None = None
        self._shown: tuple[Image, ...] = ()  # by the user, since what they said last

    @property
    def items(self) -> tuple[ChatItem, ...]:
        """All that was said and done, oldest first."""
        others = (Handoff, SettingsChanged, Summary)
        return tuple(item for item in self._context if not isinstance(item, others))

    @property
    def all(self) -> ReadOnlyContext:
        """All items, as they are now; what a model is told no more is among them."""
        return ReadOnlyContext(self._context)

    @property
    def told(self) -> ChatContext:
        """What the agent that speaks now may know."""
        items = self._context.items
        begin = next((at for at, item in enumerate(items) if item is self.told_since), 0)
        return ChatContext(items[begin:])

    def for_model(self) -> tuple[ChatItem, ...]:
        """The items as a model may read them: directly after each run of tool calls, one output for each."""
        return self.told.for_model()

    def add(self, item: ContextItem) -> None:
        """Remember something that is certain: a user's turn, a tool's call or output."""
        self._context.add(item)
        self._note(item)

    def is_withheld(self, item: ContextItem) -> bool:
        """Whether it is told to nobody else."""
        return any(item is each for each in self._withheld)

    def _note(self, item: ContextItem, *made_of: ContextItem) -> None:
        """See whether a new item is withheld, as is what is made of such."""
        if self._withholds() or any(map(self.is_withheld, made_of)):
            self._withheld.append(item)

    @property
    def last_turn(self) -> ChatMessage | None:
        """The last message of the user."""
        said = (item for item in reversed(self._context.items) if isinstance(item, ChatMessage) and item.role == "user")
        return next(said, None)

    def replace(self, item: ContextItem, *new: ContextItem) -> None:
        """Put items in the place of one that is there; none takes it away. Raises PolicyError if it is not."""
        self._context.replace(item, *new)
        for each in new:
            self._note(each, item)

    def finish_summary(self, plan: SummaryPlan, text: str) -> None:
        """Put a summary in the place of what it was made of. Raises PolicyError if that is not there any more."""
        before = self._context.items
        known = set(map(id, before))
        self._context.finish_summary(plan, text)
        for made in self._context:
            if id(made) not in known:
                self._note(made, *plan.items)
                if any(item is self.told_since for item in plan.items):
                    self.told_since = made

    def redact(self, since: ContextItem | None, redact: Callable[[str], str]) -> None:
        """Keep of what the user has said after an item (None: from the beginning on) only what may be written down."""
        items = self._context.items
        begin = next((at for at, item in enumerate(items) if item is since), 0)
        for item in items[begin:]:
            if isinstance(item, ChatMessage) and item.role == "user" and redact(item.text) != item.text:
                self.replace(item, attrs.evolve(item, text=redact(item.text)))

    def recap(self, since: ContextItem, text: str) -> None:
        """Put a summary in the place of what was said and done after an item, but for words not answered yet.

        Args:
            since: the item; where it is not there any more, a summary stands for it already, and nothing happens.
            text: the summary; an empty one changes nothing.
        """
        items = self._context.items
        begin = next((at for at, item in enumerate(items) if item is since), len(items)) + 1
        end = next((at for at in range(len(items), begin, -1) if not _is_of_user(items[at - 1])), begin)
        said = ChatContext(items[begin:end])
        calls = {item.call_id for item in said if isinstance(item, ToolCall)}
        outputs = {item.call_id for item in said if isinstance(item, ToolOutput)}
        whole = calls & outputs
        self.finish_summary(SummaryPlan(tuple(item for item in said if _is_recapped(item, whole))), text)

    def add_turn(self, text: str, earlier: str) -> None:
        """Remember what the user said in a turn.

        Args:
            text: all of it.
            earlier: its beginning, where that is remembered already as a turn whose answer was not heard. If nothing
                has come after it, both become one message; else only what is new is added.
        """
        new = text[len(earlier) :].strip()
        last = self._last
        if earlier and isinstance(last, ChatMessage) and last.role == "user":
            images = (*last.images, *self._take_shown())
            self.replace(last, attrs.evolve(last, text=f"{last.text} {new}".strip(), images=images))
        elif new:
            self.add(ChatMessage(role="user", text=new, images=self._take_shown()))

    def show(self, image: Image, most: int) -> None:
        """The user shows a picture: it belongs to what they say next.

        Args:
            image: the picture.
            most: so many of the newest are kept until then.
        """
        self._shown = (*self._shown, image)[-most:]

    def add_shown(self) -> None:
        """What was shown and belongs to no words is a message of its own, where there is something."""
        if self._shown:
            self.add(ChatMessage(role="user", text="", images=self._take_shown()))

    def _take_shown(self) -> tuple[Image, ...]:
        shown, self._shown = self._shown, ()
        return shown

    def as_if_said(self, text: str) -> History:
        """The history as it will be where the user's turn ends with these words; this one stays as it is."""
        last = self._last
        goes_on = isinstance(last, ChatMessage) and last.role == "user" and text.startswith(last.text)
        imagined = History()
        imagined._context, imagined.told_since = self._context.copy(), self.told_since
        imagined._shown = self._shown
        imagined.add_turn(text, last.text if isinstance(last, ChatMessage) and goes_on else "")
        return imagined

    @property
    def _last(self) -> ContextItem | None:
        return next(reversed(self._context.items), None)

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
            self.add(message)
        else:
            self._context.insert(message, before=before)
            self._note(message)

    def with_own_ids(self, calls: tuple[ToolCall, ...]) -> tuple[ToolCall, ...]:
        """The calls, each with an id that no other call has: models count theirs anew in each reply, or not at all."""
        taken = {item.call_id for item in self._context if isinstance(item, ToolCall)}
        renamed: list[ToolCall] = []
        for call in calls:
            call_id, number = call.call_id, 2
            while call_id in taken:
                call_id, number = f"{call.call_id}-{number}", number + 1
            taken.add(call_id)
            renamed.append(call if call_id == call.call_id else attrs.evolve(call, call_id=call_id))
        return tuple(renamed)


def _is_of_user(item: ContextItem) -> bool:
    return isinstance(item, ChatMessage) and item.role == "user"


def _is_recapped(item: ContextItem, whole_calls: set[str]) -> bool:
    """Whether a summary may stand for it: a call only together with its output."""
    if isinstance(item, (ToolCall, ToolOutput)):
        return item.call_id in whole_calls
    return isinstance(item, (ChatMessage, Summary))
