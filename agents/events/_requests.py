"""Requests to models, each with what it took: measured at the protocols, so that no stage need know of it."""

from __future__ import annotations

import functools
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Generic, Literal, Self, TypeVar

from trialogue.agents.events._events import Part, RequestMeasured
from trialogue.engine import ConfigurationError, ExpressiveVoice
from trialogue.frames import SPEECH_FORMAT, AudioFormat, ChatRequest, SpeechAudio, TokenUsage
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from types import TracebackType

    from trialogue.agents.context._books import Books
    from trialogue.engine import ModelConnection, Voice
    from trialogue.frames import Delivery, DeliveryMark, FinalTranscript, ModelOutput

T = TypeVar("T")


def model_name(provider: object) -> str:
    """What a provider calls its model, in an attribute `model`; else the name of the provider's class."""
    name = getattr(provider, "model", None)
    return name if isinstance(name, str) and name else type(provider).__name__


def measure_utterance(final: FinalTranscript, now_s: float, model: str) -> RequestMeasured:
    """What the recogniser took for an utterance: from its end to its words."""
    spoken_s = (final.end_sample - final.start_sample) / SPEECH_FORMAT.rate_hz
    late_s = max(0.0, now_s - final.end_sample / SPEECH_FORMAT.rate_hz)
    return RequestMeasured(
        at_s=now_s, part="stt", model=model, first_s=late_s, took_s=late_s, outcome="completed", audio_s=spoken_s
    )


@frozen(kw_only=True)
class _Asker:
    """Who asks, and of whom.

    Args:
        part: what is asked.
        model: its name.
        reply_id: what the requests are for.
        books: tell of each.
    """

    part: Part
    model: str
    reply_id: str
    books: Books


class MeasuredModel:
    """A language model whose requests are told to the listeners.

    Args:
        connection: the model.
        model: its name.
        reply_id: what the requests are for.
        books: tell.
    """

    def __init__(self, connection: ModelConnection, model: str, reply_id: str, books: Books) -> None:
        self._connection = connection
        self._asker = _Asker(part="llm", model=model, reply_id=reply_id, books=books)

    def reply(self, request: ChatRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelOutput]]:
        """As the model does."""
        return _Measured(self._asker, functools.partial(self._connection.reply, request))


class MeasuredVoice:
    """Like MeasuredModel, but a voice; each sentence is a request."""

    def __init__(self, voice: Voice, model: str, reply_id: str, books: Books) -> None:
        self._voice = voice
        self._asker = _Asker(part="tts", model=model, reply_id=reply_id, books=books)

    @property
    def format(self) -> AudioFormat:
        """As the voice has it."""
        return self._voice.format

    @property
    def understands(self) -> frozenset[Delivery]:
        """As the voice does."""
        return self._voice.understands if isinstance(self._voice, ExpressiveVoice) else frozenset()

    def speak(self, text: str) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """As the voice does."""
        return _Measured(self._asker, functools.partial(self._voice.speak, text), len(text))

    def speak_marked(
        self, text: str, marks: Sequence[DeliveryMark]
    ) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """As the voice does; only what it understands is marked."""
        assert isinstance(self._voice, ExpressiveVoice)
        return _Measured(self._asker, functools.partial(self._voice.speak_marked, text, marks), len(text))


class _Measured(Generic[T]):
    """One request: what comes of it is passed on as it comes, and the listeners are told when it is over.

    Args:
        asker: who asks.
        ask: asks the model.
        characters: how many a voice is given.
    """

    __slots__ = (
        "_ask",
        "_asker",
        "_audio_s",
        "_began_s",
        "_characters",
        "_first_s",
        "_outcome",
        "_outputs",
        "_request",
        "_usage",
    )

    def __init__(
        self, asker: _Asker, ask: Callable[[], AbstractAsyncContextManager[AsyncIterator[T]]], characters: int = 0
    ) -> None:
        self._asker = asker
        self._ask = ask
        self._characters = characters
        self._usage: TokenUsage | None = None
        self._audio_s = 0.0
        self._first_s: float | None = None
        self._outcome: Literal["completed", "failed", "cancelled"] = "cancelled"

    async def __aenter__(self) -> Self:
        self._began_s = self._asker.books.time.now_s
        try:
            self._request = self._ask()
            if not isinstance(self._request, AbstractAsyncContextManager):
                raise ConfigurationError(
                    f"the {self._asker.part} {self._asker.model!r} answers a request with an object of type "
                    f"{type(self._request).__name__}; it must be an asynchronous context manager: put "
                    f"@contextlib.asynccontextmanager over the method, which yields the iterator"
                )
            self._outputs = await self._request.__aenter__()
        except BaseException as error:  # noted, and raised again
            self._tell(error)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        try:
            suppressed = await self._request.__aexit__(kind, error, traceback)  # noqa: ASYNC102  # as the model has it
        except BaseException as another:  # noted, and raised again
            self._tell(another)
            raise
        self._tell(None if suppressed else error)
        return suppressed

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            output = await self._outputs.__anext__()
        except StopAsyncIteration:
            self._outcome = "completed"
            raise
        if self._first_s is None:
            self._first_s = self._asker.books.time.now_s - self._began_s
        if isinstance(output, SpeechAudio):
            self._audio_s += len(output.pcm) / output.format.bytes_per_sample / output.format.rate_hz
        elif isinstance(output, TokenUsage):
            self._usage = output
        return output

    def _tell(self, error: BaseException | None) -> None:
        """It is over, however it ended; whoever asked decides what to do about an error."""
        asker, now_s, usage = self._asker, self._asker.books.time.now_s, self._usage
        asker.books.emit(
            RequestMeasured(
                at_s=now_s,
                part=asker.part,
                model=asker.model,
                reply_id=asker.reply_id,
                first_s=self._first_s,
                took_s=now_s - self._began_s,
                outcome="failed" if isinstance(error, Exception) else self._outcome,
                input_tokens=None if usage is None else usage.input_tokens,
                output_tokens=None if usage is None else usage.output_tokens,
                characters=self._characters,
                audio_s=self._audio_s,
            )
        )
