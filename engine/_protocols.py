"""What a provider must satisfy. Providers import no actor; actors import no provider.

All follow one pattern. A provider object is cheap to make, holds settings, and may serve many sessions. `open()` gives
what one session owns (a recogniser, a connection, a worker process) as a context manager, so that it is always given
back. What one reply needs is opened inside that, and ended by cancelling.

Providers report facts; they take no decisions about turns.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from trialogue.engine._channel import Inbox, Outbox
    from trialogue.frames import (
        AudioFormat,
        AudioFrame,
        ChatRequest,
        Delivery,
        DeliveryMark,
        ModelOutput,
        SpeechAudio,
        SpeechEdge,
        Transcript,
    )


class SpeechDetector(Protocol):
    """One session's ear for speech: synchronous, with state."""

    @property
    def rate_hz(self) -> int:
        """Samples per second that it wants; mono int16."""

    @property
    def hop_samples(self) -> int:
        """Samples that one call takes, exactly."""

    @property
    def cost_s(self) -> float:
        """About what one call costs, CPU seconds; above a millisecond the actor moves it off the loop."""

    def probability(self, hop: bytes) -> float:
        """The probability (0 to 1) that there is speech in these `hop_samples` samples of int16."""

    def reset(self) -> None:
        """Forget all audio heard so far."""


@runtime_checkable
class SharedSpeechDetector(SpeechDetector, Protocol):
    """A speech detector whose model can hear for several sessions in one go, for less than one after another."""

    @property
    def is_crowded(self) -> bool:
        """Whether so many listen now that they should hear together."""

    async def probability_together(self, hop: bytes) -> float:
        """As `probability`, but waits some milliseconds for the sound of other sessions.

        Raises:
            ProviderError: the model failed for all of them.
        """


class VoiceActivityDetector(Protocol):
    """Says how likely it is that somebody speaks."""

    def open(self) -> AbstractAsyncContextManager[SpeechDetector]:
        """A detector for one session.

        Raises:
            ProviderError: its model or library is missing or does not load; the message says how to get it.
        """


@frozen(kw_only=True)
class TurnSoFar:
    """What is known of a turn whose speaker has fallen silent.

    Args:
        text: its words so far, as the recogniser wrote them.
        language: its code, such as "en" or "de-AT".
        asked: the question that it answers, as the agent said it; empty if there was none, or nobody knows.
        pcm: the last sound before the silence, mono int16 at 16 kHz, at most as long as the judge wants it.
    """

    text: str
    language: str = "en"
    asked: str = ""
    pcm: bytes = b""


class TurnJudge(Protocol):
    """One session's judge of whether a speaker who has fallen silent is done: synchronous."""

    @property
    def wants_audio_s(self) -> float:
        """How much of the last sound it wants to hear, seconds; 0 for one that goes by the words."""

    @property
    def cost_s(self) -> float:
        """About what one call costs, CPU seconds; above a millisecond the caller moves it off the loop."""

    def probability(self, turn: TurnSoFar) -> float:
        """The probability (0 to 1) that the turn is over."""


class TurnDetector(Protocol):
    """Says how likely it is that a turn is over, and not only interrupted by a pause."""

    def open(self) -> AbstractAsyncContextManager[TurnJudge]:
        """A judge for one session. Raises ProviderError as VoiceActivityDetector.open does."""


class RecognitionStream(Protocol):
    """One session's recogniser. One task sends while another receives."""

    @property
    def rate_hz(self) -> int:
        """Samples per second that it wants; mono int16."""

    async def send(self, item: AudioFrame | SpeechEdge) -> None:
        """Let it hear the next audio, or tell it where speech begins and ends.

        Audio comes in order. The audio of an utterance is sent between its SpeechStarted (with pre-roll, so from
        before the edge's position) and its SpeechEnded; a recogniser that finds edges itself may ignore them.

        Raises:
            ProviderError: it failed; `retryable` says whether a new stream may help.
        """

    async def receive(self) -> Transcript:
        """The next transcript. Each utterance ends with exactly one FinalTranscript, possibly empty.

        Raises:
            ProviderError: it failed.
        """


@runtime_checkable
class QuickRecognitionStream(RecognitionStream, Protocol):
    """A recogniser that takes most sound at once: one that hands it to a queue, or collects it first.

    Worth having: a recogniser without it costs a change of task for each frame of speech.
    """

    def hear(self, frame: AudioFrame) -> bool:
        """Take the next audio where that needs no waiting and no work; it runs in the microphone's task.

        Returns:
            Whether it was taken. What was not, `send` gets next.

        Raises:
            ProviderError: as `send`.
        """


@runtime_checkable
class KeytermStream(RecognitionStream, Protocol):
    """A recogniser that can be told which terms to expect: names, products, the words of a trade."""

    async def expect(self, terms: tuple[str, ...]) -> None:
        """Expect these terms from the next utterance on, in the place of those before. Called between utterances.

        Raises:
            ProviderError: it failed.
        """


class SpeechToText(Protocol):
    """Understands words."""

    def open(self) -> AbstractAsyncContextManager[RecognitionStream]:
        """A recogniser for one session. Raises ProviderError as VoiceActivityDetector.open does."""


@runtime_checkable
class FindsEdges(Protocol):
    """A recogniser that can say of itself whether it needs a voice-activity detector; one that does not say, does."""

    @property
    def finds_edges(self) -> bool:
        """Whether it finds out itself where speech begins and ends.

        Where there is no detector it is sent all sound, and no edges; its transcripts say where speech was.
        """


class ModelConnection(Protocol):
    """One session's way to a language model."""

    def reply(self, request: ChatRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelOutput]]:
        """Start a reply and iterate over what the model writes: text deltas, tool calls, at last token usage.

        Leaving the context, or cancelling inside it, ends the request at the model.

        Raises:
            ProviderError: the request failed; `retryable` says whether to try again.
        """


class LanguageModel(Protocol):
    """Knows what to say. One that cannot see has an attribute `sees` that is False, and is never sent pictures."""

    def open(self) -> AbstractAsyncContextManager[ModelConnection]:
        """A connection for one session. Raises ProviderError as VoiceActivityDetector.open does."""


def sees_pictures(model: LanguageModel) -> bool:
    """Whether a model may be sent pictures: unless it has an attribute `sees` that is False."""
    return bool(getattr(model, "sees", True))


class Voice(Protocol):
    """One session's voice."""

    @property
    def format(self) -> AudioFormat:
        """What it produces; always mono int16."""

    def speak(self, text: str) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """Synthesise one sentence and iterate over its sound as it comes, with word positions where it knows them.

        The request is best made on entering: a sentence that is only likely so far is asked for, too, and its sound is
        taken once it is certain. Leaving the context, or cancelling inside it, stops the synthesis, mid-word if need
        be; the next call is not disturbed by what was left over.

        Raises:
            ProviderError: the synthesis failed.
        """


@runtime_checkable
class ExpressiveVoice(Voice, Protocol):
    """A voice that can be told how to say something."""

    @property
    def understands(self) -> frozenset[Delivery]:
        """What it says differently when it is told so."""

    def speak_marked(
        self, text: str, marks: Sequence[DeliveryMark]
    ) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """Like `speak`, but parts of the sentence in a certain way.

        Args:
            text: the sentence; word positions are in this.
            marks: only what it understands, in order of their beginnings; they may overlap.
        """


class TextToSpeech(Protocol):
    """Speaks."""

    def open(self) -> AbstractAsyncContextManager[Voice]:
        """A voice for one session. Raises ProviderError as VoiceActivityDetector.open does."""


class NoiseReducer(Protocol):
    """One session's denoiser: synchronous, with state."""

    @property
    def rate_hz(self) -> int:
        """Samples per second in and out; mono int16."""

    @property
    def delay_samples(self) -> int:
        """By how much its output lags its input; the caller moves positions by it."""

    def process(self, pcm: bytes) -> bytes:
        """Denoise the next samples, any number; gives back those that are ready."""


class Denoiser(Protocol):
    """Takes the noise out of the microphone's sound."""

    def open(self) -> AbstractAsyncContextManager[NoiseReducer]:
        """A noise reducer for one session. Raises ProviderError as VoiceActivityDetector.open does."""


class Transport(Protocol):
    """An edge of the system, as two actors: a microphone that sends and a speaker that plays."""

    @property
    def microphone_format(self) -> AudioFormat:
        """What the microphone sends."""

    @property
    def speaker_format(self) -> AudioFormat:
        """What the speaker wants; mono int16."""

    @property
    def speaker_latency_s(self) -> float:
        """How long after it was handed over a frame is heard, seconds; 0 where it is played at once."""

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """Send what the user says, in real time, with positions counted from the session's beginning.

        It returns when the user has gone.

        Raises:
            TransportBroken: the wire failed.
        """

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        """Let the user hear the frames, each at its position."""

    def flush(self) -> None:
        """Throw away what was handed over and is not heard yet. Synchronous.

        Called when a reply is cut or rests. Where frames are played at once (`speaker_latency_s` is 0) there is
        nothing to do, and the fade is handed over afterwards; where a remote buffer holds many, this is what keeps the
        user from hearing old speech, and no fade follows: what would be faded is thrown away with the rest.
        """
