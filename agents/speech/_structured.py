"""Replies that are JSON objects: one text is spoken while it arrives, all of it comes to the program, typed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from trialogue.actors import SpokenField
from trialogue.engine import ConfigurationError, ProviderError
from trialogue.frames import AnswerForm, TextDelta

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from trialogue.agents.speech._reply import Reply
    from trialogue.engine import ModelConnection
    from trialogue.frames import ChatRequest, ModelOutput

T_co = TypeVar("T_co", covariant=True)


class ReplyForm(Generic[T_co]):
    """What a model is to answer: an object of this type, one text of which is spoken while it arrives.

    For `Agent.reply_form` or `session.reply(form=...)`. The model is told the type's JSON schema with its instructions.

    Args:
        type: an attrs class, a dataclass, or a TypedDict.
        spoken: the field that is spoken, of type str. The model is asked to write it first.

    Raises:
        ConfigurationError: the type has no such field, or something that JSON cannot say.
    """

    def __init__(self, type: type[T_co], *, spoken: str = "say") -> None:
        import msgspec

        try:
            schema = msgspec.json.schema(type)
        except TypeError as error:
            raise ConfigurationError(f"{type.__name__} cannot be a form of replies: {error}") from error
        fields = schema.get("$defs", {}).get(type.__name__, {}).get("properties", {})
        if fields.get(spoken, {}).get("type") != "string":
            raise ConfigurationError(
                f"{type.__name__} has no field {spoken!r} of type str that could be spoken; it has "
                f"{', '.join(fields) or 'none'}. Name it: ReplyForm({type.__name__}, spoken=...)"
            )
        self._type = type
        #: The same for the model.
        self.form = AnswerForm(name=type.__name__, schema=json.dumps(schema), spoken=spoken)

    def of(self, reply: Reply) -> T_co:
        """The value that a reply has brought. Raises as `read`; also where it has brought none, or none yet."""
        return self.read(reply.document)

    def read(self, document: str) -> T_co:
        """The value in a document; see DocumentReceived.

        Raises:
            ProviderError: it holds none; the message says what does not fit.
        """
        import msgspec

        problem = problem_of(document)
        if problem:
            raise ProviderError(problem)
        try:
            return msgspec.convert(json.loads(_bare(document)), self._type)
        except msgspec.ValidationError as error:
            raise ProviderError(f"the model has answered with no {self.form.name}: {error}") from error


def problem_of(document: str) -> str:
    """Why a document is no JSON object; empty where it is one."""
    if not document:
        return "the model has not answered with a JSON object, or not yet"
    try:
        value = json.loads(_bare(document))
    except (ValueError, RecursionError) as error:  # some models end in brackets without end
        return f"the model was to answer with a JSON object, but: {error}"
    return (
        "" if isinstance(value, dict) else f"the model was to answer with an object, not with a {type(value).__name__}"
    )


def _bare(document: str) -> str:
    """Without the fence that models like to put round it."""
    return document.strip().removeprefix("```json").removeprefix("```").removesuffix("```")


class StructuredConnection:
    """Has a model answer with a JSON object, and lets only its spoken field through; see ModelConnection.

    A model that writes plain text instead is let through as it is.

    Args:
        connection: the way to the model.
        form: what it is to answer.
        take: given all that it wrote in answer to a request, if it wrote anything.
    """

    def __init__(self, connection: ModelConnection, form: AnswerForm, take: Callable[[str], None]) -> None:
        self._connection = connection
        self._form = form
        self._take = take

    def reply(self, request: ChatRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelOutput]]:
        """As ModelConnection.reply."""
        return self._reply(request)

    @contextlib.asynccontextmanager
    async def _reply(self, request: ChatRequest) -> AsyncGenerator[AsyncIterator[ModelOutput], None]:
        taught = (
            f"When you answer, write one JSON object and nothing else, neither before nor after it. It is a "
            f"{self._form.name} by this JSON schema: {self._form.schema}. Write its field {self._form.spoken!r} first: "
            f"that alone is spoken to the user."
        )
        instructions = "\n\n".join(filter(None, (request.instructions, taught)))
        async with (
            self._connection.reply(attrs.evolve(request, instructions=instructions)) as outputs,
            contextlib.aclosing(self._read(outputs)) as read,
        ):
            yield read

    async def _read(self, outputs: AsyncIterator[ModelOutput]) -> AsyncGenerator[ModelOutput, None]:
        reader = _Reader(self._form.spoken)
        try:
            async for output in outputs:
                if isinstance(output, TextDelta):
                    yield TextDelta(text=reader.push(output.text))  # also where it is empty: a sign of life
                else:
                    yield output
        finally:  # what it wrote counts also where it broke off, or the user did
            if reader.document.strip():
                self._take(reader.document)


class _Reader:
    """What a model writes that was to write an object."""

    def __init__(self, spoken: str) -> None:
        self._field = SpokenField(spoken)
        self._is_text: bool | None = None  # None: nothing but blanks so far
        self.document = ""

    def push(self, delta: str) -> str:
        """What is spoken of some more."""
        self.document += delta
        if self._is_text is None and (begun := self.document.lstrip()):
            self._is_text = begun[0] not in "{`"
            if self._is_text:
                return begun
        return delta if self._is_text else self._field.push(delta)
