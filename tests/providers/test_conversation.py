"""The embedded parts together: recorded callers are heard, understood and answered, and a table is booked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.providers.speech import recognise, recording
from trialogue.frames import ChatItem, ChatMessage, ChatRequest, TextDelta, ToolCall, ToolOutput, ToolSchema
from trialogue.providers import Espeak, PocketSphinx, RuleModel, RuleScript

if TYPE_CHECKING:
    from trialogue.engine import ModelConnection

pytestmark = pytest.mark.integration

SCRIPT = RuleScript.bundled("restaurant")
TOOL = ToolSchema(name="book_table", description="Book a table.", parameters="{}")
CALL = ["book", "four-people", "vegetarian", "tomorrow", "seven-thirty", "name", "six-instead", "yes", "no-thanks"]


async def answer(model: ModelConnection, items: list[ChatItem], booked: list[object]) -> str:
    """The agent's words; its tool call is answered and followed up."""
    text, call = "", None
    async with model.reply(ChatRequest(instructions="", items=tuple(items), tools=(TOOL,))) as reply:
        async for output in reply:
            match output:
                case TextDelta():
                    text += output.text
                case ToolCall():
                    call = output
    items.append(ChatMessage(role="agent", text=text))
    if call is None:
        return text
    booked.append(json.loads(call.arguments))
    items += [
        call,
        ToolOutput(call_id=call.call_id, name=call.name, output='{"status": "booked", "reference": "A 17"}'),
    ]
    return f"{text} {await answer(model, items, booked)}"


async def test_a_recorded_caller_books_a_table() -> None:
    items: list[ChatItem] = []
    booked: list[object] = []
    answers: list[str] = []
    recogniser = PocketSphinx(vocabulary=SCRIPT.vocabulary())
    async with recogniser.open() as ears, RuleModel(script=SCRIPT).open() as model, Espeak().open() as voice:
        for name in CALL:
            heard = (await recognise(ears, recording(name)))[-1].text
            items.append(ChatMessage(role="user", text=heard))
            answers.append(await answer(model, items, booked))
            async with voice.speak(answers[-1]) as speech:
                assert [audio async for audio in speech]
    assert booked == [{"people": 6, "day": "tomorrow", "time": "19:30", "name": "Mary Smith"}], items
    assert "Your table is booked, Mary Smith. Your reference is A 17." in answers[-2]
    assert answers[-1] == "Thank you for calling the Blue Lantern. Goodbye!"
