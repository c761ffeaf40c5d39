"""LiveKit Agents with fakes for its providers: run by its own environment's Python, see `benches.peers.__main__`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

from livekit import rtc
from livekit.agents import Agent, AgentSession, llm, stt, tokenize, tts, utils, vad
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from livekit.agents.voice import io
from livekit.agents.voice.room_io._output import _ParticipantAudioOutput
from livekit.agents.voice.transcription import text_transforms

from benches.peers import scenario

PACKAGE: Final = "livekit-agents"


class Detector(vad.VAD):
    """Counts frames; speech is what the driver says."""

    def __init__(self, ears: scenario.Ears) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=0.04))
        self.ears = ears
        self.began_s = 0.0
        self.speaking = False

    def stream(self) -> DetectorStream:
        self.live = DetectorStream(self)
        return self.live

    def begin(self) -> None:
        self.speaking, self.began_s = True, time.perf_counter()
        self.tell(vad.VADEventType.START_OF_SPEECH)
        self.tell(vad.VADEventType.INFERENCE_DONE)

    def end(self) -> None:
        self.speaking = False
        self.tell(vad.VADEventType.END_OF_SPEECH)

    def tell(self, kind: vad.VADEventType) -> None:
        now_s = time.perf_counter()
        spoken_s = max(0.02, now_s - self.began_s)
        event = vad.VADEvent(
            type=kind,
            samples_index=0,
            timestamp=now_s,
            speech_duration=spoken_s,
            silence_duration=0.0,
            speaking=self.speaking,
            raw_accumulated_speech=spoken_s if self.speaking else 0.0,
        )
        self.live._event_ch.send_nowait(event)


class DetectorStream(vad.VADStream):
    async def _main_task(self) -> None:
        seen = self._vad.ears.seen_by_vad
        async for _ in self._input_ch:
            seen()
            if self._vad.speaking and self._vad.ears.vad % 2 == 0:  # it infers every 40 ms
                self._vad.tell(vad.VADEventType.INFERENCE_DONE)


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
    def __init__(self, work: scenario.Work) -> None:
        capabilities = tts.TTSCapabilities(streaming=False)
        super().__init__(capabilities=capabilities, sample_rate=scenario.RATE_HZ, num_channels=1)
        self.work = work

    def synthesize(self, text: str, *, conn_options: object = DEFAULT_API_CONNECT_OPTIONS) -> VoiceStream:
        return VoiceStream(tts=self, input_text=text, conn_options=conn_options)


class VoiceStream(tts.ChunkedStream):
    async def _run(self, emitter: tts.AudioEmitter) -> None:
        emitter.initialize(request_id="sentence", sample_rate=scenario.RATE_HZ, num_channels=1, mime_type="audio/pcm")
        await asyncio.sleep(scenario.FIRST_SOUND_S)
        for frame in scenario.frames_of(self._tts.work.sound()):
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
        self.over: asyncio.TimerHandle | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self.ears.heard_back()
        if self.began_s is None:
            self.began_s = time.perf_counter()
            self.on_playback_started(created_at=time.time())
        self.ears.plays(bytes(frame.data), at_s=self.began_s + self.length_s)
        self.length_s += frame.duration

    def flush(self) -> None:
        super().flush()
        if self.began_s is not None:
            over_s = self.began_s + self.length_s - time.perf_counter()
            self.over = asyncio.get_running_loop().call_later(max(0.0, over_s), self.finish, False)

    def clear_buffer(self) -> None:
        if self.began_s is not None:
            self.ears.cut()
        if self.over is not None:
            self.over.cancel()
        self.finish(True)

    def finish(self, interrupted: bool) -> None:
        if self.began_s is not None:
            self.on_playback_finished(playback_position=self.length_s, interrupted=interrupted)
            self.began_s, self.length_s = None, 0.0


class RoomSpeaker(_ParticipantAudioOutput):
    """Its own output, whose native queue holds up to 0.2 s; without a room to publish in."""

    def __init__(self, ears: scenario.Ears) -> None:
        super().__init__(
            None, sample_rate=scenario.RATE_HZ, num_channels=1, track_publish_options=rtc.TrackPublishOptions()
        )
        self._subscribed_fut.set_result(None)
        self.ears = ears
        self._audio_source = WatchedSource(ears)
        self._forwarding_task = asyncio.create_task(self._forward_audio())

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        self.ears.heard_back()
        await super().capture_frame(frame)


class WatchedSource(rtc.AudioSource):
    """Its native queue, which says what is in it."""

    def __init__(self, ears: scenario.Ears) -> None:
        super().__init__(scenario.RATE_HZ, 1, queue_size_ms=200)
        self.ears = ears

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        at_s = time.perf_counter() + self.queued_duration
        self.ears.plays(bytes(frame.data), at_s=at_s)
        await super().capture_frame(frame)

    def clear_queue(self) -> None:
        super().clear_queue()
        self.ears.cut()


class Call:
    """A session whose turns end with speech, without delay."""

    def __init__(self, work: scenario.Work) -> None:
        self.ears = scenario.Ears()
        self.detector, self.recogniser = Detector(self.ears), Recogniser(self.ears)
        self.microphone = Microphone()
        interruption = {"mode": "vad", "min_duration": 0.001, "min_words": 0}
        if not work.has("room"):
            interruption["resume_false_interruption"] = False  # that speaker cannot pause
        self.session = AgentSession(
            vad=self.detector,
            stt=self.recogniser,
            llm=Model(),
            tts=Voice(work),
            turn_handling={
                "turn_detection": "vad",
                "endpointing": {"min_delay": 0.0, "max_delay": 0.0},
                "interruption": interruption,
            },
            aec_warmup_duration=None,
        )
        self.session.input.audio = self.microphone
        self.session.output.audio = RoomSpeaker(self.ears) if work.has("room") else Speaker(self.ears)

    async def push(self, pcm: bytes) -> None:
        frame = rtc.AudioFrame(
            data=pcm, sample_rate=scenario.RATE_HZ, num_channels=1, samples_per_channel=scenario.FRAME_SAMPLES
        )
        self.microphone.frames.send_nowait(frame)

    async def begin_speech(self) -> None:
        self.detector.begin()

    async def end_speech(self) -> None:
        self.detector.end()
        self.recogniser.tell()


async def dial(work: scenario.Work) -> Call:
    """A session that has begun; "room" speaks through its own output."""
    call = Call(work)
    await call.session.start(Agent(instructions="Answer."))
    return call


async def sentences(tokens: Sequence[str], *, filtered: bool) -> int:
    """Its default tokenizer, and before it its default transforms: no Markdown, no emoji."""
    stream = tokenize.blingfire.SentenceTokenizer(retain_format=True).stream()

    async def count() -> int:
        return len([sentence async for sentence in stream])

    async def given() -> AsyncIterator[str]:  # noqa: RUF029, ASYNC124  # an iterator is what its transforms take
        for token in tokens:
            yield token

    counting = asyncio.create_task(count())
    pieces = (
        text_transforms._apply_text_transforms(given(), ["filter_markdown", "filter_emoji"]) if filtered else given()
    )
    number = 0
    async for piece in pieces:
        stream.push_text(piece)
        number += 1
        if number % 64 == 0:
            await asyncio.sleep(0)
    stream.end_input()
    return await counting
