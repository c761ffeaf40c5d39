"""The language model's actor: one reply, with the tools that it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import attrs
import trio

from trialogue.engine import ConfigurationError, ModelConnection, Outbox, Patience, ProviderError, keep_to
from trialogue.frames import (
    ChatItem,
    ChatMessage,
    ChatRequest,
    ModelOutput,
    TextDelta,
    TokenUsage,
    ToolCall,
    ToolOutput,
    ToolSchema,
)
from trialogue.frames._attrs import frozen

#: A model that writes more slowly than this for long makes no conversation, characters per second.
_SLOWEST_CPS: Final = 5.0


@frozen(kw_only=True)
class LlmSettings:
    """How far a reply may go.

    Args:
        max_tool_steps: how often the model may ask for tools before it must answer with what it has.
        first_output_s: how long it may take until its first output, over all tries, seconds.
        next_output_s: how long it may pause between two outputs, seconds; and how far all pauses together may exceed
            what the text is worth at 5 characters a second (a third of the pace of speech).
        retries: how often a request that failed before its first output, and may succeed in time, is made again.
    """

    max_tool_steps: int = 5
    first_output_s: float = 8.0
    next_output_s: float = 4.0
    retries: int = 1

    def __attrs_post_init__(self) -> None:
        if self.max_tool_steps < 0 or self.retries < 0:
            raise ConfigurationError(
                f"max_tool_steps and retries must not be negative, not {self.max_tool_steps} and {self.retries}"
            )
        if self.first_output_s <= 0 or self.next_output_s <= 0:
            raise ConfigurationError(
                f"first_output_s and next_output_s must be positive, not {self.first_output_s} and "
                f"{self.next_output_s} s"
            )


class ReplyNotes(Protocol):
    """Where a reply is written down while it comes about; the conversation keeps it."""

    def wrote(self, text: str) -> None:
        """The model wrote this next."""

    def used(self, usage: TokenUsage) -> None:
        """The model says what it cost."""

    def out_of_steps(self, steps: int) -> None:
        """The model has asked for tools so often that it must answer now with what it has."""

    def tools_after(self, offered: tuple[ToolSchema, ...]) -> tuple[ToolSchema, ...]:
        """What the model is offered after it has run tools; those may have found others.

        Args:
            offered: what it was offered before.
        """

    async def run_tools(
        self, calls: tuple[ToolCall, ...], say: Callable[[str], Awaitable[None]]
    ) -> tuple[ToolOutput, ...]:
        """Run tools, exactly one output for each call, in the order of the calls; it raises only Cancelled.

        Args:
            calls: what the model asks for.
            say: says something in the reply while they run.
        """


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
        writing = _Writing(text_out, notes)
        await _ask(writing, connection, attrs.evolve(_of_step(request, step, settings), items=items), settings)
        if not writing.calls:
            return
        calls, text = tuple(writing.calls), writing.text
        if text:
            await writing.end_line()
        outputs = await notes.run_tools(calls, writing.say_meanwhile)
        if not any(output.wants_reply for output in outputs):
            return
        if step + 1 == settings.max_tool_steps:
            notes.out_of_steps(settings.max_tool_steps)
        request = attrs.evolve(request, tools=notes.tools_after(request.tools))
        items = (*items, *_said(text), *calls, *outputs, *_said(writing.meanwhile))


def _of_step(request: ChatRequest, step: int, settings: LlmSettings) -> ChatRequest:
    """The request of the first, second … time: a choice of tools is for the first, and none are left at the end."""
    if step == settings.max_tool_steps:
        return attrs.evolve(request, tools=(), tool_choice="auto")
    forced = step > 0 and request.tool_choice != "none"
    return attrs.evolve(request, tool_choice="auto") if forced else request


def _said(text: str) -> tuple[ChatMessage, ...]:
    return (ChatMessage(role="agent", text=text),) if text else ()


class _Writing:
    """What one request has given so far."""

    def __init__(self, text_out: Outbox[TextDelta], notes: ReplyNotes) -> None:
        self._text_out = text_out
        self._notes = notes
        self.text = ""
        self.meanwhile = ""
        self.calls: list[ToolCall] = []
        self.begun = False

    @property
    def must_wait(self) -> bool:
        """Whether passing text on will take a while: the voice has enough for now."""
        return self._text_out.is_full

    async def end_line(self) -> None:
        """Let what was written be spoken now: what comes next is another sentence."""
        self._notes.wrote("\n")
        await self._text_out.send(TextDelta(text="\n"))

    async def say_meanwhile(self, text: str) -> None:
        """Say something that is not the model's, while tools run."""
        self.meanwhile = f"{self.meanwhile} {text}".strip()
        self._notes.wrote(text)
        await self._text_out.send(TextDelta(text=text))
        await self.end_line()

    async def take(self, output: ModelOutput) -> None:
        """Pass an output on."""
        self.begun = True
        match output:
            case TextDelta():
                self.text += output.text
                if output.text:  # else only a sign of life
                    self._notes.wrote(output.text)
                    await self._text_out.send(output)
            case ToolCall():
                self.calls.append(output)
            case TokenUsage():
                self._notes.used(output)
            case _:
                raise ProviderError(
                    f"a {type(output).__name__} is no output of a language model; it gives TextDelta, ToolCall and "
                    "TokenUsage"
                )


async def _ask(writing: _Writing, connection: ModelConnection, request: ChatRequest, settings: LlmSettings) -> None:
    """One request; made again where it fails before anything came of it."""
    first_deadline_s = trio.current_time() + settings.first_output_s
    for tries_left in range(settings.retries, -1, -1):
        try:
            await _ask_once(
                writing, connection, request, Patience(next_s=settings.next_output_s, first_deadline_s=first_deadline_s)
            )
        except ProviderError as error:
            pause_s = error.retry_after_s or 0.0
            in_time = trio.current_time() + pause_s < first_deadline_s
            if writing.begun or not error.retryable or not tries_left or not in_time:
                raise
            await trio.sleep(pause_s)
        else:
            return


def _worth_s(output: ModelOutput, sign_of_life_s: float) -> float:
    """How long an output may have taken to write, seconds; how much else it stands for, nobody knows."""
    return len(output.text) / _SLOWEST_CPS if isinstance(output, TextDelta) and output.text else sign_of_life_s


async def _ask_once(writing: _Writing, connection: ModelConnection, request: ChatRequest, patience: Patience) -> None:
    began_s = trio.current_time()
    with trio.move_on_at(patience.deadline_s) as waiting:
        async with connection.reply(request) as outputs:
            async for output in outputs:
                began_s = trio.current_time()
                worth_s = _worth_s(output, patience.next_s)
                if writing.must_wait:
                    patience.came(began_s)
                    waiting.deadline = patience.deadline_s  # what waits below is the voice, not the model
                    await writing.take(output)
                    began_s = trio.current_time()
                    patience.ask(began_s, worth_s)
                else:
                    await writing.take(output)
                    patience.passed_on(began_s, worth_s)
                keep_to(waiting, patience)
    if waiting.cancelled_caught:
        raise ProviderError(
            f"the language model has given nothing for {trio.current_time() - began_s:g} s; look at its server, or "
            f"raise LlmSettings.{'next_output_s' if writing.begun else 'first_output_s'}",
            retryable=True,
        )
