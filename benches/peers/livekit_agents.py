"""LiveKit Agents with fakes for its providers: run by its own environment's Python, see `benches.side_by_side`."""

from __future__ import annotations

import asyncio
import time

from livekit import rtc
from livekit.agents import Agent, AgentSession, llm, stt, tts, utils, vad
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from livekit.agents.voice import io

from benches.peers import scenario


class Detector(vad.VAD):
    """Counts frames; speech is what the driver says."""

    def __init__(self, ears: scenario.Ears) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=0.04))
        self.ears = ears
        self.began_s = 0.0

    def stream(self) -> DetectorStream:
        self.live = DetectorStream(self)
        return self.live

    def tell(self, kind: vad.VADEventType, *, speaking: bool) -> None:
        now_s = time.perf_counter()
        spoken_s = max(0.02, now_s - self.began_s)
        event = vad.VADEvent(
            type=kind,
            samples_index=0,
            timestamp=now_s,
            speech_duration=spoken_s,
            silence_duration=0.0,
            speaking=speaking,
            raw_accumulated_speech=spoken_s if speaking else 0.0,
        )
        self.live._event_ch.send_nowait(event)


class DetectorStream(vad.VADStream):
    async def _main_task(self) -> None:
        seen = self._vad.ears.seen_by_vad
        async for _ in self._input_ch:
            seen()


class Recogniser(stt.STT):
    """Counts frames; says its words when the driver asks for them."""

    def __init__(self, ears: scenario.Ears) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=False))
        self.ears = ears

    async def _recognize_impl(self, buffer: object, **options: object) -> stt.SpeechEvent:
        raise NotImplementedError("it streams")

    def stream(self, *, conn_options: object = DEFAULT_API_CONNECT_OPTIONS, **options: object) -> RecogniserStream:
        self.live = RecogniserStream(stt=self, conn_options=conn_options)
        return self.live

    def tell(self) -> None:
        words = stt.SpeechData(text=scenario.HEARD, language="en")
        self.live._event_ch.send_nowait(
            stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[words])
        )


class RecogniserStream(stt.RecognizeStream):
    async def _run(self) -> None:
        seen = self._stt.ears.seen_by_stt
        async for _ in self._input_ch:
            seen()


class Model(llm.LLM):
    def chat(
        self, *, chat_ctx: object, tools: object = None, conn_options: object = DEFAULT_API_CONNECT_OPTIONS, **_: object
    ) -> ModelStream:
        return ModelStream(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class ModelStream(llm.LLMStream):
    async def _run(self) -> None:
        async for token in scenario.tokens():
            delta = llm.ChoiceDelta(role="assistant", content=token)
            self._event_ch.send_nowait(llm.ChatChunk(id="answer", delta=delta))


class Voice(tts.TTS):
    def __init__(self) -> None:
        capabilities = tts.TTSCapabilities(streaming=False)
        super().__init__(capabilities=capabilities, sample_rate=scenario.RATE_HZ, num_channels=1)

    def synthesize(self, text: str, *, conn_options: object = DEFAULT_API_CONNECT_OPTIONS) -> VoiceStream:
        return VoiceStream(tts=self, input_text=text, conn_options=conn_options)


class VoiceStream(tts.ChunkedStream):
    async def _run(self, emitter: tts.AudioEmitter) -> None:
        emitter.initialize(request_id="sentence", sample_rate=scenario.RATE_HZ, num_channels=1, mime_type="audio/pcm")
        await asyncio.sleep(scenario.FIRST_SOUND_S)
        for frame in scenario.frames_of(scenario.sound()):
            emitter.push(frame)
        emitter.flush()


class Microphone(io.AudioInput):
    def __init__(self) -> None:
        super().__init__(label="bench")
        self.frames = utils.aio.Chan()

    async def __anext__(self) -> rtc.AudioFrame:
        return await self.frames.__anext__()


class Speaker(io.AudioOutput):
    """Takes all sound at once, and says that it has been played when its time is over."""

    def __init__(self, ears: scenario.Ears) -> None:
        capabilities = io.AudioOutputCapabilities(pause=False)
        super().__init__(label="bench", capabilities=capabilities, sample_rate=scenario.RATE_HZ)
        self.ears = ears
        self.began_s: float | None = None
        self.length_s = 0.0

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self.ears.heard_back()
        if self.began_s is None:
            self.began_s = time.perf_counter()
            self.on_playback_started(created_at=time.time())
        self.length_s += frame.duration

    def flush(self) -> None:
        super().flush()
        if self.began_s is not None:
            over_s = self.began_s + self.length_s - time.perf_counter()
            asyncio.get_running_loop().call_later(max(0.0, over_s), self.finish, False)

    def clear_buffer(self) -> None:
        self.finish(True)

    def finish(self, interrupted: bool) -> None:
        if self.began_s is not None:
            self.on_playback_finished(playback_position=self.length_s, interrupted=interrupted)
            self.began_s, self.length_s = None, 0.0


class Call:
    """A session whose turns end with speech, without delay."""

    def __init__(self) -> None:
        self.ears = scenario.Ears()
        self.detector, self.recogniser = Detector(self.ears), Recogniser(self.ears)
        self.microphone = Microphone()
        self.session = AgentSession(
            vad=self.detector,
            stt=self.recogniser,
            llm=Model(),
            tts=Voice(),
            turn_handling={
                "turn_detection": "vad",
                "endpointing": {"min_delay": 0.0, "max_delay": 0.0},
                "interruption": {"mode": "vad", "resume_false_interruption": False},
            },
            aec_warmup_duration=None,
        )
        self.session.input.audio = self.microphone
        self.session.output.audio = Speaker(self.ears)

    async def push(self, pcm: bytes) -> None:
        frame = rtc.AudioFrame(
            data=pcm, sample_rate=scenario.RATE_HZ, num_channels=1, samples_per_channel=scenario.FRAME_SAMPLES
        )
        self.microphone.frames.send_nowait(frame)

    async def begin_speech(self) -> None:
        self.detector.began_s = time.perf_counter()
        self.detector.tell(vad.VADEventType.START_OF_SPEECH, speaking=True)

    async def end_speech(self) -> None:
        self.detector.tell(vad.VADEventType.END_OF_SPEECH, speaking=False)
        self.recogniser.tell()


async def dial(variant: str) -> Call:
    """A session that has begun; its variants differ in the loop alone."""
    call = Call()
    await call.session.start(Agent(instructions="Answer."))
    return call


if __name__ == "__main__":
    scenario.main("livekit-agents", dial)
