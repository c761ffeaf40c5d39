"""The least that a talking caller can cost: the same fakes, frames, timers and tasks, and no engine between them.

What a program would write that needs nothing but S4 as it is. There is no turn-taking, no interruption, no ledger, no
history, no echo, no filter, no telemetry, no deadline and no restart; every queue holds what comes. What this costs,
Trio, the fakes and the driver cost; the rest of a session's share of a core is the engine.
"""

from __future__ import annotations

import contextlib
import math
from typing import Final

import attrs
import trio

from benches.turns import FRAME_S, FRAME_SAMPLES, BenchCall
from trialogue.agents import Models, SessionSettings
from trialogue.engine import ModelConnection, Pacer, QuickRecognitionStream, SpeechDetector, Voice
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFrame,
    ChatMessage,
    ChatRequest,
    FinalTranscript,
    SpeechEdge,
    SpeechEnded,
    SpeechStarted,
    TextDelta,
)

REQUEST: Final = ChatRequest(instructions="Answer.", items=(ChatMessage(role="user", text="hello how are you"),))


_FRAME_BYTES: Final = FRAME_SAMPLES * SPEECH_FORMAT.bytes_per_sample


async def bare_call(call: BenchCall, models: Models, settings: SessionSettings, pacer: Pacer | None) -> None:
    """Hold a call to its end; as `benches.turns.one_call`, but nothing can be set."""
    del settings
    assert models.vad is not None
    assert models.stt is not None
    assert models.llm is not None
    assert models.tts is not None
    assert pacer is not None
    async with (
        models.vad.open() as detector,
        models.stt.open() as recogniser,
        models.llm.open() as model,
        models.tts.open() as voice,
        trio.open_nursery() as nursery,
    ):
        assert isinstance(recogniser, QuickRecognitionStream)
        ear = _Ear(detector, recogniser)
        nursery.start_soon(ear.run)
        nursery.start_soon(_listen, recogniser, model, voice, _Track(call, pacer))
        await call.talk(ear)
        nursery.cancel_scope.cancel()


class _Ear:
    """Takes the microphone's frames, in the task that brings them."""

    def __init__(self, detector: SpeechDetector, recogniser: QuickRecognitionStream) -> None:
        self._detector = detector
        self._recogniser = recogniser
        self._speaking = False
        self._edges, self._edges_to_tell = trio.open_memory_channel[SpeechEdge](math.inf)

    def send_nowait(self, frame: AudioFrame) -> None:
        """As Outbox.send_nowait."""
        speaking = self._detector.probability(frame.pcm) >= 0.5
        if speaking:
            self._recogniser.hear(frame)
        if speaking != self._speaking:
            self._speaking = speaking
            at_s = frame.at_sample / SPEECH_FORMAT.rate_hz
            edge = SpeechStarted if speaking else SpeechEnded
            self._edges.send_nowait(edge(at_sample=frame.at_sample, at_s=at_s, detected_s=at_s))

    async def run(self) -> None:
        """Tell the recogniser of edges, which may take a while."""
        async for edge in self._edges_to_tell:
            await self._recogniser.send(edge)


@attrs.define(eq=False)
class _Track:
    """Plays one reply, frame by frame."""

    call: BenchCall
    pacer: Pacer
    _sound: bytearray = attrs.Factory(bytearray)
    _sent: int = 0
    _complete: trio.Event = attrs.Factory(trio.Event)
    _over: trio.Event = attrs.Factory(trio.Event)

    def tick(self, due_s: float) -> float | None:
        """Play what is due. For the pacer."""
        if self._sound:
            pcm = bytes(self._sound[:_FRAME_BYTES])
            del self._sound[:_FRAME_BYTES]
            self.call.heard(AudioFrame(pcm=pcm, at_sample=self._sent * FRAME_SAMPLES, format=SPEECH_FORMAT))
            self._sent += 1
        elif self._complete.is_set():
            self._over.set()
            return None
        return due_s + FRAME_S

    def fail(self, error: Exception) -> None:
        """Playing does not fail."""
        raise error

    async def play(self, voice: Voice, sentences: trio.MemoryReceiveChannel[str]) -> None:
        """Speak sentences as they come, until all was heard."""
        self._complete, self._over, begun = trio.Event(), trio.Event(), False
        async for sentence in sentences:
            async with voice.speak(sentence) as sound:
                async for audio in sound:
                    self._sound += audio.pcm
                    if not begun:
                        begun = True
                        self.pacer.start(self, trio.current_time())
        self._complete.set()
        await self._over.wait()


async def _listen(recogniser: QuickRecognitionStream, model: ModelConnection, voice: Voice, track: _Track) -> None:
    """Answer each utterance."""
    while True:
        transcript = await recogniser.receive()
        if isinstance(transcript, FinalTranscript):
            send, receive = trio.open_memory_channel[str](math.inf)
            async with trio.open_nursery() as reply:
                reply.start_soon(track.play, voice, receive)
                await _write(model, send)


async def _write(model: ModelConnection, sentences_out: trio.MemorySendChannel[str]) -> None:
    """Pass on each sentence when the token after it has come."""
    sentence = ""
    with contextlib.closing(sentences_out):
        async with model.reply(REQUEST) as outputs:
            async for output in outputs:
                if isinstance(output, TextDelta):
                    if sentence.endswith("."):
                        sentences_out.send_nowait(sentence)
                        sentence = ""
                    sentence += output.text
        sentences_out.send_nowait(sentence)
