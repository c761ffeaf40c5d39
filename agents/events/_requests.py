"""Requests to models, each with what it took: measured at the protocols, so that no stage need know of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from typing import TYPE_CHECKING, Generic, Literal, Self, TypeVar

import attrs

from trialogue.agents.events._events import Part, RequestMeasured
from trialogue.engine import ExpressiveVoice
from trialogue.frames import SPEECH_FORMAT, AudioFormat, ChatRequest, SpeechAudio, TokenUsage
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractAsyncContextManager

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
        self._measure = _Request(part="llm", model=model, reply_id=reply_id, books=books)

    @contextlib.asynccontextmanager
    async def reply(self, request: ChatRequest) -> AsyncGenerator[AsyncIterator[ModelOutput], None]:
        """As the model does."""
        with self._measure.copy().told() as measured:
            async with self._connection.reply(request) as outputs:
                yield _Watched(outputs, measured, measured.count_tokens)


class MeasuredVoice:
    """Like MeasuredModel, but a voice; each sentence is a request."""

    def __init__(self, voice: Voice, model: str, reply_id: str, books: Books) -> None:
        self._voice = voice
        self._measure = _Request(part="tts", model=model, reply_id=reply_id, books=books)

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
        return self._speak(text, self._voice.speak(text))

    def speak_marked(
        self, text: str, marks: Sequence[DeliveryMark]
    ) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """As the voice does; only what it understands is marked."""
        assert isinstance(self._voice, ExpressiveVoice)
        return self._speak(text, self._voice.speak_marked(text, marks))

    @contextlib.asynccontextmanager
    async def _speak(
        self, text: str, speech: AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]
    ) -> AsyncGenerator[AsyncIterator[SpeechAudio], None]:
        with self._measure.copy(characters=len(text)).told() as measured:
            async with speech as sound:
                yield _Watched(sound, measured, measured.count_sound)


@define(kw_only=True, eq=False)
class _Request:
    """One request, as it goes."""

    part: Part
    model: str
    reply_id: str
    books: Books
    characters: int = 0
    usage: TokenUsage | None = None
    audio_s: float = 0.0
    began_s: float = 0.0
    first_s: float | None = None
    outcome: Literal["completed", "failed", "cancelled"] = "cancelled"

    def copy(self, *, characters: int = 0) -> _Request:
        """A new one of the same kind, which begins now."""
        return attrs.evolve(self, characters=characters, began_s=self.books.time.now_s)

    def note_first(self) -> None:
        """The first output has come."""
        self.first_s = self.books.time.now_s - self.began_s

    def count_tokens(self, output: ModelOutput) -> None:
        """The model has written this."""
        if isinstance(output, TokenUsage):
            self.usage = output

    def count_sound(self, audio: SpeechAudio) -> None:
        """The voice has given this."""
        self.audio_s += len(audio.pcm) / audio.format.bytes_per_sample / audio.format.rate_hz

    @contextlib.contextmanager
    def told(self) -> Generator[Self, None, None]:
        """Tell the listeners when it is over, however it ends."""
        try:
            yield self
        except Exception:  # noted, and raised again: whoever asked decides what to do
            self.outcome = "failed"
            raise
        finally:
            now_s = self.books.time.now_s
            self.books.emit(
                RequestMeasured(
                    at_s=now_s,
                    part=self.part,
                    model=self.model,
                    reply_id=self.reply_id,
                    first_s=self.first_s,
                    took_s=now_s - self.began_s,
                    outcome=self.outcome,
                    input_tokens=None if self.usage is None else self.usage.input_tokens,
                    output_tokens=None if self.usage is None else self.usage.output_tokens,
                    characters=self.characters,
                    audio_s=self.audio_s,
                )
            )


class _Watched(Generic[T]):
    """What comes of a request, passed on as it comes."""

    def __init__(self, outputs: AsyncIterator[T], request: _Request, count: Callable[[T], None]) -> None:
        self._outputs = outputs
        self._request = request
        self._count = count

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            output = await self._outputs.__anext__()
        except StopAsyncIteration:
            self._request.outcome = "completed"
            raise
        if self._request.first_s is None:
            self._request.note_first()
        self._count(output)
        return output
