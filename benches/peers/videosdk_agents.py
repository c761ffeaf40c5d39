"""VideoSDK Agents with fakes for its providers: run by its own environment's Python, see `benches.peers.__main__`."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Final

from videosdk.agents import Agent, AgentSession, EOUConfig, InterruptConfig, Pipeline
from videosdk.agents.llm.chat_context import ChatRole
from videosdk.agents.llm.llm import LLM, LLMResponse
from videosdk.agents.metrics import new_session_metrics_collector, set_current_metrics_collector
from videosdk.agents.pipeline_orchestrator import _pipe_through_chunk_stream
from videosdk.agents.room.output_stream import CustomAudioStreamTrack
from videosdk.agents.stt.stt import STT, SpeechData, SpeechEventType, STTResponse
from videosdk.agents.tokenize import BasicSentenceChunker, BasicTextFilter
from videosdk.agents.tts.tts import TTS, FlushMarker
from videosdk.agents.vad import VAD, VADData, VADEventType, VADResponse

from benches.peers import scenario

PACKAGE: Final = "videosdk-agents"

#: Its output track takes nothing else.
OUTPUT_RATE_HZ: Final = 24_000


class Detector(VAD):
    """Counts frames; speech is what the driver says."""

    def __init__(self, ears: scenario.Ears) -> None:
        super().__init__()
        self.ears = ears
        self.speaking = False
        self.told: Callable[[VADResponse], None] | None = None

    def on_inference(self, callback: Callable[[VADResponse], None]) -> None:
        self.told = callback

    async def process_audio(self, audio_frames: bytes, **_: object) -> None:
        self.ears.seen_by_vad()
        if self.speaking and self.ears.vad % 2 == 0:  # it infers every 40 ms
            self._infer()

    def _infer(self) -> None:
        if self.told is not None:
            data = VADData(is_speech=self.speaking, confidence=1.0)
            self.told(VADResponse(event_type=VADEventType.FRAME_PROCESSED, data=data))

    async def tell(self, kind: VADEventType, *, speaking: bool) -> None:
        self.speaking = speaking
        if speaking:
            self._infer()
        await self._vad_callback(VADResponse(event_type=kind, data=VADData(is_speech=speaking, confidence=1.0)))


class Recogniser(STT):
    """Counts frames; says its words when the driver asks for them."""

    def __init__(self, ears: scenario.Ears) -> None:
        super().__init__()
        self.ears = ears

    async def process_audio(self, audio_frames: bytes, **_: object) -> None:
        self.ears.seen_by_stt()

    async def tell(self) -> None:
        words = SpeechData(text=scenario.HEARD, confidence=1.0)
        await self._transcript_callback(STTResponse(event_type=SpeechEventType.FINAL, data=words))


class Model(LLM):
    async def chat(self, messages: object, **_: object) -> AsyncIterator[LLMResponse]:
        async for token in scenario.tokens():
            yield LLMResponse(content=token, role=ChatRole.ASSISTANT)

    async def cancel_current_generation(self) -> None:
        """Its task is cancelled."""


class Voice(TTS):
    def __init__(self, work: scenario.Work) -> None:
        super().__init__(sample_rate=OUTPUT_RATE_HZ)
        self.pieces = scenario.frames_of(work.sound(OUTPUT_RATE_HZ), OUTPUT_RATE_HZ)
        self.interrupted = False

    def reset_first_audio_tracking(self) -> None:
        """Nothing is tracked."""

    async def synthesize(self, text: AsyncIterator[str | FlushMarker], **_: object) -> None:
        self.interrupted = False
        async for piece in text:
            if isinstance(piece, FlushMarker) or not piece.strip():
                continue
            await asyncio.sleep(scenario.FIRST_SOUND_S)
            for frame in self.pieces:
                if self.interrupted:
                    return
                await self.audio_track.add_new_bytes(frame)

    async def interrupt(self) -> None:
        self.interrupted = True


class Track(CustomAudioStreamTrack):
    """Its own output track, which says when it gets sound, and when it gives it away."""

    ears: scenario.Ears

    async def add_new_bytes(self, audio_data: bytes) -> None:
        self.ears.heard_back()
        await super().add_new_bytes(audio_data)

    def interrupt(self) -> None:
        self.ears.stops()
        super().interrupt()


class Answerer(Agent):
    async def on_enter(self) -> None:
        """Says nothing by itself."""

    async def on_exit(self) -> None:
        """Says nothing by itself."""


class Call:
    """A session without a room, whose turns end with speech, without delay; in a context of its own, as a job is.

    Args:
        work: "hard" stops without a fade.
    """

    def __init__(self, work: scenario.Work) -> None:
        self.ears = scenario.Ears()
        self.work = work
        self.context = contextvars.copy_context()
        self.detector, self.recogniser = Detector(self.ears), Recogniser(self.ears)

    async def begin(self) -> None:
        """In the session's context, which is where its metrics are found."""
        await self.spawn(self._begin())

    def spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(work, context=self.context)

    async def _begin(self) -> None:
        set_current_metrics_collector(new_session_metrics_collector())
        fade = {"interrupt_fade_duration": 0.0} if self.work.has("hard") else {}
        self.pipeline = Pipeline(
            stt=self.recogniser,
            llm=Model(),
            tts=Voice(self.work),
            vad=self.detector,
            eou_config=EOUConfig(min_max_speech_wait_timeout=[0.0, 0.0]),
            interrupt_config=InterruptConfig(
                mode="VAD_ONLY", interrupt_min_duration=0.001, interrupt_min_words=1, **fade
            ),
        )
        self.session = AgentSession(agent=Answerer(instructions="Answer."), pipeline=self.pipeline)
        await self.session.start()
        loop = asyncio.get_running_loop()
        track = Track(loop)
        track.ears = self.ears
        self.pipeline._set_loop_and_audio_track(loop, track)
        self.sending = self.spawn(self._send(track))

    async def _send(self, track: Track) -> None:
        """What a WebRTC sender does; the track paces itself."""
        while True:
            frame = await track.recv()
            self.ears.plays(bytes(frame.planes[0])[: 2 * frame.samples], OUTPUT_RATE_HZ)

    async def push(self, pcm: bytes) -> None:
        if self.pipeline.orchestrator.speech_understanding._consumers_started:
            await self.pipeline.on_audio_delta(pcm)
        else:
            await self.spawn(self.pipeline.on_audio_delta(pcm))

    async def begin_speech(self) -> None:
        self.spawn(self.detector.tell(VADEventType.START_OF_SPEECH, speaking=True))

    async def end_speech(self) -> None:
        self.spawn(self._end_speech())

    async def _end_speech(self) -> None:
        await self.detector.tell(VADEventType.END_OF_SPEECH, speaking=False)
        await self.recogniser.tell()


async def dial(work: scenario.Work) -> Call:
    """A session that has begun."""
    call = Call(work)
    await call.begin()
    return call


async def sentences(tokens: Sequence[str], *, filtered: bool) -> int:
    """Its default chunker, and before it its default filter."""

    async def given() -> AsyncIterator[str]:
        for number, token in enumerate(tokens):
            yield token
            if number % 64 == 63:
                await asyncio.sleep(0)

    pieces = BasicTextFilter.for_language("auto").filter(given()) if filtered else given()
    chunks = _pipe_through_chunk_stream(pieces, BasicSentenceChunker(language="auto"), language="auto")
    return len([chunk async for chunk in chunks])
