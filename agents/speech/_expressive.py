"""A language model that marks how it wants to be spoken."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING

import attrs

from trialogue.actors import DeliveryReader, delivery_instructions
from trialogue.engine import ExpressiveVoice
from trialogue.frames import TextDelta

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from trialogue.agents.speech._reply import Draft
    from trialogue.engine import ModelConnection, Voice
    from trialogue.frames import ChatRequest, ModelOutput


class ExpressiveConnection:
    """Teaches a model to mark its delivery for a voice, and takes the marks out of what it writes; see ModelConnection.

    Args:
        connection: the way to the model.
        voice: who is to speak; None where nobody does.
        draft: of the reply; where the marks are noted.
    """

    def __init__(self, connection: ModelConnection, voice: Voice | None, draft: Draft) -> None:
        self._connection = connection
        self._draft = draft
        self._taught = delivery_instructions(voice.understands if isinstance(voice, ExpressiveVoice) else ())

    def reply(self, request: ChatRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelOutput]]:
        """As ModelConnection.reply."""
        return self._reply(request)

    @contextlib.asynccontextmanager
    async def _reply(self, request: ChatRequest) -> AsyncGenerator[AsyncIterator[ModelOutput], None]:
        instructions = "\n\n".join(filter(None, (request.instructions, self._taught)))
        async with (
            self._connection.reply(attrs.evolve(request, instructions=instructions)) as outputs,
            contextlib.aclosing(self._read(outputs)) as read,
        ):
            yield read

    async def _read(self, outputs: AsyncIterator[ModelOutput]) -> AsyncGenerator[ModelOutput, None]:
        reader = DeliveryReader(self._draft.delivery, len(self._draft.source))
        async for output in outputs:
            if isinstance(output, TextDelta):
                yield TextDelta(text=reader.push(output.text))  # also where it is empty: a sign of life
                continue
            yield TextDelta(text=reader.finish())
            yield output
        rest = reader.finish()
        if rest:
            yield TextDelta(text=rest)
