"""VideoSDK Agents with fakes for its providers: run by its own environment's Python, see `benches.side_by_side`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from videosdk.agents import Agent, AgentSession, EOUConfig, InterruptConfig, Pipeline
from videosdk.agents.llm.chat_context import ChatRole
from videosdk.agents.llm.llm import LLM, LLMResponse
from videosdk.agents.metrics import new_session_metrics_collector, set_current_metrics_collector
from videosdk.agents.room.output_stream import CustomAudioStreamTrack
from videosdk.agents.stt.stt import STT, SpeechData, SpeechEventType, STTResponse
from videosdk.agents.tts.tts import TTS, FlushMarker
from videosdk.agents.vad import VAD, VADData, VADEventType, VADResponse

from benches.peers import scenario

#: Its output track takes nothing else.
OUTPUT_RATE_HZ: Final = 24_000


class Detector(VAD):
    """Counts frames; speech is what the driver says."""

    def __init__(self, ears: scenario.Ears) -> None:
        super().__init__()
        self.ears = ears

    async def process_audio(self, audio_frames: bytes, **_: object) -> None:
        self.ears.seen_by_vad()

    async def tell(self, kind: VADEventType, *, speaking: bool) -> None:
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
        """Nobody interrupts."""


class Voice(TTS):
    def __init__(self) -> None:
        super().__init__(sample_rate=OUTPUT_RATE_HZ)

    def reset_first_audio_tracking(self) -> None:
        """Nothing is tracked."""

    async def synthesize(self, text: AsyncIterator[str | FlushMarker], **_: object) -> None:
        async for piece in text:
            if isinstance(piece, FlushMarker) or not piece.strip():
                continue
            await asyncio.sleep(scenario.FIRST_SOUND_S)
            for frame in scenario.frames_of(scenario.sound(OUTPUT_RATE_HZ), OUTPUT_RATE_HZ):
                await self.audio_track.add_new_bytes(frame)

    async def interrupt(self) -> None:
        """Nobody interrupts."""


class Track(CustomAudioStreamTrack):
    """Its own output track, which says when it gets sound."""

    ears: scenario.Ears

    async def add_new_bytes(self, audio_data: bytes) -> None:
        self.ears.heard_back()
        await super().add_new_bytes(audio_data)


class Answerer(Agent):
    async def on_enter(self) -> None:
        """Says nothing by itself."""

    async def on_exit(self) -> None:
        """Says nothing by itself."""


class Call:
    """A session without a room, whose turns end with speech, without delay."""

    def __init__(self) -> None:
        self.ears = scenario.Ears()
        self.detector, self.recogniser = Detector(self.ears), Recogniser(self.ears)
        set_current_metrics_collector(new_session_metrics_collector())
        self.pipeline = Pipeline(
            stt=self.recogniser,
            llm=Model(),
            tts=Voice(),
            vad=self.detector,
            eou_config=EOUConfig(min_max_speech_wait_timeout=[0.0, 0.0]),
            interrupt_config=InterruptConfig(mode="VAD_ONLY"),
        )
        self.session = AgentSession(agent=Answerer(instructions="Answer."), pipeline=self.pipeline)

    async def begin(self) -> None:
        await self.session.start()
        loop = asyncio.get_running_loop()
        track = Track(loop)
        track.ears = self.ears
        self.pipeline._set_loop_and_audio_track(loop, track)
        self.sending = asyncio.create_task(self._send(track))

    async def _send(self, track: Track) -> None:
        """What a WebRTC sender does; the track paces itself."""
        while True:
            await track.recv()

    async def push(self, pcm: bytes) -> None:
        await self.pipeline.on_audio_delta(pcm)

    async def begin_speech(self) -> None:
        await self.detector.tell(VADEventType.START_OF_SPEECH, speaking=True)

    async def end_speech(self) -> None:
        await self.detector.tell(VADEventType.END_OF_SPEECH, speaking=False)
        await self.recogniser.tell()


async def dial(variant: str) -> Call:
    """A session that has begun; it has one variant."""
    call = Call()
    await call.begin()
    return call


if __name__ == "__main__":
    scenario.main("videosdk-agents", dial)
