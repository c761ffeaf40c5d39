"""The language model's actor: one reply, with the tools that it takes."""

from __future__ import annotations

from typing import Protocol

import attrs
import trio

from trialogue.engine import ConfigurationError, ModelConnection, Outbox
from trialogue.frames import ChatItem, ChatMessage, ChatRequest, TextDelta, TokenUsage, ToolCall, ToolOutput


@attrs.frozen(kw_only=True)
class LlmSettings:
    """How far a reply may go.

    Args:
        max_tool_steps: how often the model may ask for tools before it must answer with what it has.
    """

    max_tool_steps: int = 5

    def __attrs_post_init__(self) -> None:
        if self.max_tool_steps < 0:
            raise ConfigurationError(f"max_tool_steps must not be negative, not {self.max_tool_steps}")


class ReplyNotes(Protocol):
    """Where a reply is written down while it comes about; the conversation keeps it."""

    def wrote(self, text: str) -> None:
        """The model wrote this next."""

    def used(self, usage: TokenUsage) -> None:
        """The model says what it cost."""

    async def run_tools(self, calls: tuple[ToolCall, ...]) -> tuple[ToolOutput, ...]:
        """Run tools, exactly one output for each call, in the order of the calls; it raises only Cancelled."""


async def llm(
    text_out: Outbox[TextDelta],
    *,
    connection: ModelConnection,
    request: ChatRequest,
    notes: ReplyNotes,
    settings: LlmSettings,
) -> None:
    """Write one reply: ask the model, run the tools it asks for, ask again, until it has answered.

    Args:
        text_out: what the model writes, as it comes.
        connection: the way to the model.
        request: instructions, conversation and tools.
        notes: where text, usage and tool calls are written down.
        settings: how far it may go.

    Raises:
        ProviderError: the model failed.
    """
    items: tuple[ChatItem, ...] = request.items
    for step in range(settings.max_tool_steps + 1):
        tools = request.tools if step < settings.max_tool_steps else ()
        text, calls = await _ask(text_out, connection, attrs.evolve(request, items=items, tools=tools), notes)
        if not calls:
            return
        outputs = await notes.run_tools(calls)
        if text and not text[-1].isspace():  # what was said before the tools and what comes after are two sentences
            notes.wrote(" ")
            await text_out.send(TextDelta(text=" "))
        said = (ChatMessage(role="agent", text=text),) if text else ()
        items = (*items, *said, *calls, *outputs)


async def _ask(
    text_out: Outbox[TextDelta], connection: ModelConnection, request: ChatRequest, notes: ReplyNotes
) -> tuple[str, tuple[ToolCall, ...]]:
    """One request: the text that it gave, and the tools that it asks for."""
    text: list[str] = []
    calls: list[ToolCall] = []
    async with connection.reply(request) as outputs:
        async for output in outputs:
            match output:
                case TextDelta():
                    text.append(output.text)
                    notes.wrote(output.text)
                    await text_out.send(output)
                case ToolCall():
                    calls.append(output)
                case TokenUsage():
                    notes.used(output)
    await trio.lowlevel.checkpoint()
    return "".join(text), tuple(calls)
