"""Asking a language model for one text, beside the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.engine import patiently
from trialogue.frames import ChatMessage, ChatRequest, TextDelta

if TYPE_CHECKING:
    from trialogue.engine import LanguageModel


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
    written = ""
    async with patiently(llm.open(), name=name) as model, model.reply(request) as outputs:
        async for output in outputs:
            if isinstance(output, TextDelta):
                written += output.text
    return written
