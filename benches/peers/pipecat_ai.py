"""Pipecat with fakes for its services: run by its own environment's Python, see `benches.peers.__main__`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Final

from loguru import logger

from benches.peers import scenario

logger.remove()
logger.add(sys.stderr, level="ERROR")  # before the imports, which log

from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADState  # noqa: E402
from pipecat.frames import frames  # noqa: E402
from pipecat.pipeline.pipeline import Pipeline  # noqa: E402
from pipecat.pipeline.worker import PipelineParams, PipelineWorker  # noqa: E402
from pipecat.processors.aggregators.llm_context import LLMContext  # noqa: E402
from pipecat.processors.aggregators.llm_response_universal import (  # noqa: E402
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection  # noqa: E402, TC002  # its signatures are read
from pipecat.services.llm_service import LLMService  # noqa: E402
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings  # noqa: E402
from pipecat.services.stt_service import STTService  # noqa: E402
from pipecat.services.tts_service import TTSService  # noqa: E402
from pipecat.transports.base_input import BaseInputTransport  # noqa: E402
from pipecat.transports.base_output import BaseOutputTransport  # noqa: E402
from pipecat.transports.base_transport import TransportParams  # noqa: E402
from pipecat.turns.user_start import VADUserTurnStartStrategy  # noqa: E402
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy  # noqa: E402
from pipecat.turns.user_turn_strategies import UserTurnStrategies  # noqa: E402
from pipecat.utils.text.simple_text_aggregator import SimpleTextAggregator  # noqa: E402
from pipecat.workers.runner import WorkerRunner  # noqa: E402

PACKAGE: Final = "pipecat-ai"


class Detector(VADAnalyzer):
    """Counts frames; speech is what the driver says."""

    def __init__(self, ears: scenario.Ears) -> None:
        super().__init__(sample_rate=scenario.RATE_HZ)
        self.ears = ears
        self.state = VADState.QUIET

    def num_frames_required(self) -> int:
        return scenario.FRAME_SAMPLES

    def voice_confidence(self, buffer: bytes) -> float:
        return 0.0

    async def analyze_audio(self, buffer: bytes) -> VADState:
        """In the place of the base's, which would go by the confidence, in a thread."""
        self.ears.seen_by_vad()
        return self.state


class Recogniser(STTService):
    """Counts frames; says its words when it is told that speech is over."""

    def __init__(self, ears: scenario.Ears) -> None:
        settings = STTSettings(model="fake", language=None)
        super().__init__(ttfs_p99_latency=0.0, sample_rate=scenario.RATE_HZ, settings=settings)
        self.ears = ears

    async def run_stt(self, audio: bytes) -> AsyncIterator[frames.Frame | None]:
        self.ears.seen_by_stt()
        yield None

    async def process_frame(self, frame: frames.Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, frames.VADUserStoppedSpeakingFrame):
            words = frames.TranscriptionFrame(scenario.HEARD, "user", "now", finalized=True)
            await self.push_frame(words)


class Model(LLMService):
    def __init__(self) -> None:
        unset = [
            *("system_instruction", "temperature", "max_tokens", "top_p", "top_k", "frequency_penalty"),
            *("presence_penalty", "seed", "filter_incomplete_user_turns", "user_turn_completion_config"),
        ]
        super().__init__(settings=LLMSettings(model="fake", **dict.fromkeys(unset)))

    async def process_frame(self, frame: frames.Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, frames.LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        await self.push_frame(frames.LLMFullResponseStartFrame())
        async for token in scenario.tokens():
            await self.push_frame(frames.LLMTextFrame(token))
        await self.push_frame(frames.LLMFullResponseEndFrame())


class Voice(TTSService):
    def __init__(self, work: scenario.Work) -> None:
        self.work = work
        settings = TTSSettings(model="fake", voice="fake", language=None)
        super().__init__(push_start_frame=True, push_stop_frames=True, sample_rate=scenario.RATE_HZ, settings=settings)

    async def run_tts(self, text: str, context_id: str) -> AsyncIterator[frames.Frame]:
        await asyncio.sleep(scenario.FIRST_SOUND_S)
        for pcm in scenario.frames_of(self.work.sound()):
            yield frames.TTSAudioRawFrame(pcm, scenario.RATE_HZ, 1, context_id=context_id)


class Microphone(BaseInputTransport):
    async def start(self, frame: frames.StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)


class Speaker(BaseOutputTransport):
    """Takes sound in real time, as the wire would."""

    def __init__(self, params: TransportParams, ears: scenario.Ears) -> None:
        super().__init__(params)
        self.ears = ears
        self.free_s = 0.0

    async def start(self, frame: frames.StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: frames.Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, frames.InterruptionFrame):
            self.ears.stops()
            self.free_s = 0.0

    async def write_audio_frame(self, frame: frames.OutputAudioRawFrame) -> bool:
        if frame.audio.strip(b"\0"):
            self.ears.heard_back()
            self.ears.plays(frame.audio)
        now_s = asyncio.get_running_loop().time()
        self.free_s = max(now_s, self.free_s) + len(frame.audio) / (2 * scenario.RATE_HZ)
        await asyncio.sleep(self.free_s - now_s)
        return True


class Call:
    """A pipeline whose turns end with speech, without delay.

    Args:
        work: "lean" is without what Pipecat adds by itself to observe (RTVI, turn tracking, the idle watch).
    """

    def __init__(self, work: scenario.Work) -> None:
        self.ears = scenario.Ears()
        self.detector = _silero() if work.real_detector else Detector(self.ears)
        rates = {"audio_in_sample_rate": scenario.RATE_HZ, "audio_out_sample_rate": scenario.RATE_HZ}
        transport = TransportParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            audio_out_10ms_chunks=2,
            audio_out_end_silence_secs=0,
            **rates,
        )
        self.microphone = Microphone(transport)
        user = LLMUserAggregatorParams(
            vad_analyzer=self.detector,
            user_turn_strategies=UserTurnStrategies(
                start=[VADUserTurnStartStrategy()], stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.0)]
            ),
        )
        context = LLMContext([{"role": "system", "content": "Answer."}])
        memory = LLMContextAggregatorPair(context, user_params=user)
        self.user = memory.user()
        speaker = Speaker(transport, self.ears)
        stages = [self.microphone, Recogniser(self.ears), self.user, Model(), Voice(work), speaker, memory.assistant()]
        less = (
            {"enable_rtvi": False, "enable_turn_tracking": False, "idle_timeout_secs": None} if work.has("lean") else {}
        )
        params = PipelineParams(**rates)
        self.worker = PipelineWorker(Pipeline(stages), params=params, cancel_on_idle_timeout=False, **less)

    async def begin(self) -> None:
        """Until it says that it has started."""
        started = asyncio.Event()

        async def tell(*_: object) -> None:  # noqa: ASYNC124, RUF029  # it is awaited
            started.set()

        self.worker.add_event_handler("on_pipeline_started", tell)
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(self.worker)
        self.running = asyncio.create_task(runner.run())
        await started.wait()

    async def push(self, pcm: bytes) -> None:
        await self.microphone.push_audio_frame(frames.InputAudioRawFrame(pcm, scenario.RATE_HZ, 1))

    async def begin_speech(self) -> None:
        await self._tell(VADState.SPEAKING)

    async def end_speech(self) -> None:
        await self._tell(VADState.QUIET)

    async def _tell(self, state: VADState) -> None:
        """At once, and not with the next frame, which would cost this peer up to 20 ms."""
        if not isinstance(self.detector, Detector):
            return  # it hears by itself
        self.detector.state = state
        controller = self.user._vad_controller
        controller._vad_state = await controller._handle_vad(b"", controller._vad_state)


def _silero() -> VADAnalyzer:
    from pipecat.audio.vad.silero import SileroVADAnalyzer  # it takes its time

    return SileroVADAnalyzer(sample_rate=scenario.RATE_HZ)


async def dial(work: scenario.Work) -> Call:
    """A pipeline that runs."""
    call = Call(work)
    await call.begin()
    return call


async def sentences(tokens: Sequence[str], *, filtered: bool) -> int | None:
    """Its voices' default aggregator; by default they filter nothing."""
    if filtered:
        return None
    aggregator = SimpleTextAggregator()
    count = 0
    for token in tokens:
        async for _ in aggregator.aggregate(token):
            count += 1
    return count
