"""The rule-driven model as a language model: tokens, latency, cancelling."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import trio

from trialogue.engine import LanguageModel
from trialogue.frames import ChatMessage, ChatRequest, ModelOutput, TextDelta, TokenUsage, ToolCall, ToolSchema
from trialogue.providers import RuleModel, RuleScript

if TYPE_CHECKING:
    from trio.testing import MockClock

SCRIPT = RuleScript.bundled("restaurant")
TOOL = ToolSchema(name="book_table", description="", parameters="{}")


def asks(*texts: str) -> ChatRequest:
    items = tuple(ChatMessage(role="user", text=text) for text in texts)
    return ChatRequest(instructions="be kind", items=items, tools=(TOOL,))


async def outputs(model: LanguageModel, request: ChatRequest) -> list[ModelOutput]:
    async with model.open() as connection, connection.reply(request) as reply:
        return [output async for output in reply]


async def test_tokens_together_are_the_reply() -> None:
    got = await outputs(RuleModel(script=SCRIPT), asks("where are you?"))
    tokens = [output.text for output in got if isinstance(output, TextDelta)]
    assert "".join(tokens) == "We are at twelve Harbour Street, next to the old lighthouse."
    assert tokens[:3] == ["We", " are", " at"]
    assert got[-1] == TokenUsage(input_tokens=5, output_tokens=len(tokens))


async def test_the_tool_call_comes_after_the_words() -> None:
    confirm = "So a table for two, tomorrow at seven o'clock, for Mary. Is that right?"
    request = asks("a table for two tomorrow at seven, my name is Mary")
    model = RuleModel(script=SCRIPT)
    first = "".join(output.text for output in await outputs(model, request) if isinstance(output, TextDelta))
    assert first.endswith(confirm.removeprefix("So"))
    items = (*request.items, ChatMessage(role="agent", text=first), ChatMessage(role="user", text="yes"))
    *words, call, _usage = await outputs(model, ChatRequest(instructions="", items=items, tools=(TOOL,)))
    assert all(isinstance(word, TextDelta) for word in words)
    assert isinstance(call, ToolCall)
    assert json.loads(call.arguments) == {"people": 2, "day": "tomorrow", "time": "19:00", "name": "Mary"}


async def test_latency_is_as_set(autojump_clock: MockClock) -> None:
    model = RuleModel(script=SCRIPT, first_token_s=0.25, token_interval_s=0.0625)
    start_s = trio.current_time()
    arrived: list[float] = []
    async with model.open() as connection, connection.reply(asks("where are you?")) as reply:
        async for output in reply:
            if isinstance(output, TextDelta):
                arrived.append(trio.current_time() - start_s)
    assert arrived == [0.25 + 0.0625 * index for index in range(11)]


async def test_cancelling_ends_it_at_once(autojump_clock: MockClock) -> None:
    model = RuleModel(script=SCRIPT, first_token_s=0.5, token_interval_s=0.5)
    got = []
    start_s = trio.current_time()
    with trio.move_on_after(1.25) as scope:
        async with model.open() as connection, connection.reply(asks("where are you?")) as reply:
            async for output in reply:
                got.append(output)
    assert scope.cancelled_caught
    assert trio.current_time() - start_s == pytest.approx(1.25, abs=0)
    assert got == [TextDelta(text="We"), TextDelta(text=" are")]
