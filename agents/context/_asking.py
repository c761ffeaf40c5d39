"""Asking a language model, beside the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.engine import patiently
from trialogue.frames import ChatMessage, ChatRequest, TextDelta

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.engine import LanguageModel
    from trialogue.frames import ModelOutput


async def ask_model(llm: LanguageModel, instructions: str, text: str, *, name: str) -> str:
    """What a model writes to a text.

    Args:
        llm: the model; it is asked through a connection of its own, since the session's serves one reply at a time.
        instructions: what it is to do with the text.
        text: as if a user had said it.
        name: what it is, for errors: "the model that summarises".

    Raises:
        ProviderError: it cannot be opened, or fails.
    """
    request = ChatRequest(instructions=instructions, items=(ChatMessage(role="user", text=text),))
    return text_of(await answer_of(llm, request, name=name))


async def answer_of(llm: LanguageModel, request: ChatRequest, *, name: str) -> list[ModelOutput]:
    """All that a model writes in answer to a request. Args and Raises as `ask_model`."""
    async with patiently(llm.open(), name=name) as model, model.reply(request) as outputs:
        return [output async for output in outputs]


def text_of(outputs: Iterable[ModelOutput]) -> str:
    """The text in what a model wrote."""
    return "".join(output.text for output in outputs if isinstance(output, TextDelta))
