"""Our own side, driven as the peers are; on Trio.

S3 has two variants more, "fused" and "unfused", which are the graphs of `benches.frame_path`, both ears counting; in a
whole session silence goes no further than to the detector. Other benches are imported where they are used: a cold start
is of the engine and its fakes.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Final

import attrs
import trio

from benches.peers import drivers, scenario
from trialogue.actors import (
    AudioOutSettings,
    EndpointingSettings,
    InterruptionSettings,
    SentenceChunker,
    TextFilter,
    TurnSettings,
    VadSettings,
)
from trialogue.agents import Agent, Models, Session, SessionSettings
from trialogue.agents.testing import Answer, FakeLlm, FakeStt, FakeTts, Speech
from trialogue.engine import (
    ChannelEnded,
    CollectBetweenCalls,
    Inbox,
    Outbox,
    Pacer,
    SpeechDetector,
    VoiceActivityDetector,
)
from trialogue.engine import run as run_engine
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, SpeechAudio

PACKAGE: Final = "trialogue"

Dial = Callable[[], Awaitable[scenario.Call]]
Measure = Callable[[Dial, drivers.Sleep], Awaitable[None]]


@attrs.define(eq=False)
class Detector:
    """Counts frames; speech is what the driver says."""

    ears: scenario.Ears
    driver: trio.lowlevel.Task | None = None
    speaking: bool = False
    rate_hz: int = SPEECH_FORMAT.rate_hz
    hop_samples: int = scenario.FRAME_SAMPLES
    cost_s: float = 0.0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SpeechDetector, None]:
        yield self

    def probability(self, hop: bytes) -> float:
        """As the driver says; the driver may push the next frame."""
        self.ears.seen_by_vad()
        driver, self.driver = self.driver, None
        if driver is not None:
            trio.lowlevel.reschedule(driver)
        return float(self.speaking)

    def reset(self) -> None:
        """Nothing is kept."""


@attrs.define(eq=False)
class Voice:
    """Says the same sound for every sentence, all at once after the usual delay."""

    sound: bytes
    format: AudioFormat = SPEECH_FORMAT

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Voice, None]:
        yield self

    @contextlib.asynccontextmanager
    async def speak(self, text: str) -> AsyncGenerator[AsyncGenerator[SpeechAudio, None], None]:
        """Speak one sentence."""
        async with contextlib.aclosing(self._pieces()) as pieces:
            yield pieces

    async def _pieces(self) -> AsyncGenerator[SpeechAudio, None]:
        await trio.sleep(scenario.FIRST_SOUND_S)
        for pcm in scenario.frames_of(self.sound):
            yield SpeechAudio(pcm=pcm, format=self.format)


@attrs.define(eq=False)
class Call:
    """A caller whose microphone the driver holds."""

    ears: scenario.Ears
    detector: Detector
    microphone_format: AudioFormat = SPEECH_FORMAT
    speaker_format: AudioFormat = SPEECH_FORMAT
    speaker_latency_s: float = 0.0
    ready: trio.Event = attrs.Factory(trio.Event)
    _line: Outbox[AudioFrame] | None = None
    _said: int = 0

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        self._line = audio_out
        self.ready.set()
        await trio.sleep_forever()

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        with contextlib.suppress(ChannelEnded):
            await audio_in.receive_unless(self._heard)

    def _heard(self, frame: AudioFrame) -> bool:
        if frame.pcm != scenario.SILENCE:
            self.ears.heard_back()
            self.ears.plays(frame.pcm)
        return True

    def flush(self) -> None:
        """The answer is cut; nothing lies in a buffer."""
        self.ears.stops()

    async def push(self, pcm: bytes) -> None:
        assert self._line is not None
        frame = AudioFrame(pcm=pcm, at_sample=self._said * scenario.FRAME_SAMPLES, format=SPEECH_FORMAT)
        self._said += 1
        self._line.send_nowait(frame)

    async def begin_speech(self) -> None:
        """With the next frame."""
        self.detector.speaking = True

    async def end_speech(self) -> None:
        """With the next frame."""
        self.detector.speaking = False


class Forgetful(list[Any]):
    """A list that keeps nothing: what our fakes write down, those of the peers do not."""

    def append(self, item: object) -> None:
        """Forget it."""


@attrs.frozen
class Exchange:
    """Where sessions begin.

    Args:
        work: "shared" lets one task pace all sessions, as a server does; "hard" stops without a fade.
        nursery: where they live.
        pacer: paces them all; None lets each pace itself.
        silero: the detector that is no fake.
    """

    work: scenario.Work
    nursery: trio.Nursery
    pacer: Pacer | None
    silero: VoiceActivityDetector | None

    async def dial(self) -> Call:
        """A session that has begun."""
        ears = scenario.Ears()
        call = Call(ears, Detector(ears))
        self.nursery.start_soon(self._hold, call)
        await call.ready.wait()
        return call

    async def _hold(self, call: Call) -> None:
        work, pacer = self.work, self.pacer
        stt, llm = FakeStt(), FakeLlm(answers=lambda request: Answer(scenario.TOKENS), pacer=pacer)
        tts = FakeTts(every=Speech(first_audio_s=scenario.FIRST_SOUND_S, sentence_s=work.sentence_s), pacer=pacer)
        stt.records, llm.records, tts.records = Forgetful(), Forgetful(), Forgetful()
        voice = Voice(work.voice) if work.voice else tts
        models = Models(vad=self.silero or call.detector, stt=stt, llm=llm, tts=voice)
        settings = settings_of(work)
        agent = Agent(instructions="Answer.")
        async with Session(agent, models=models, transport=call, settings=settings, pacer=pacer) as session:
            await session.wait_ended()


def settings_of(work: scenario.Work) -> SessionSettings:
    """No delay at the end of a turn, and speech alone interrupts. A real detector is as sure as Pipecat's is."""
    detection = VadSettings(min_speech_s=0.0, min_silence_s=0.0)
    if work.real_detector:
        # Theirs rounds 0.2 s to six windows of 32 ms, and has one threshold for both ways.
        detection = VadSettings(start_probability=0.7, stop_probability=0.7, min_speech_s=0.192, min_silence_s=0.192)
    elif work.voice:
        # This user has headphones, so nothing is an echo.
        detection = VadSettings(min_speech_s=0.0, min_silence_s=0.0, echo_db=-math.inf)
    return SessionSettings(
        turn=TurnSettings(
            endpointing=EndpointingSettings(min_delay_s=0.0),
            interruption=InterruptionSettings(mode="vad", min_speech_s=0.0, min_words=1),
        ),
        vad=detection,
        audio_out=AudioOutSettings(fade_s=0.0) if work.has("hard") else AudioOutSettings(),
    )


async def idle_session() -> float:
    """S3 in a whole session that nobody speaks to. CPU time, µs per frame."""
    async with trio.open_nursery() as nursery:
        call = await Exchange(scenario.Work("session"), nursery, None, None).dial()
        await trio.sleep(0.2)  # what starts in the background has started
        await push_each(call, scenario.WARM_UP_FRAMES)
        began_s = time.process_time()
        await push_each(call, scenario.FRAMES)
        took_s = time.process_time() - began_s
        assert call.ears.vad == scenario.WARM_UP_FRAMES + scenario.FRAMES
        nursery.cancel_scope.cancel()
    return took_s / scenario.FRAMES * 1e6


async def push_each(call: Call, frames: int) -> None:
    """Each frame when the detector has seen the last."""
    driver, wanted = trio.lowlevel.current_task(), call.ears.vad
    for _ in range(frames):
        wanted += 1
        await call.push(scenario.SILENCE)
        if call.ears.vad < wanted:
            call.detector.driver = driver
            await trio.lowlevel.wait_task_rescheduled(lambda _: trio.lowlevel.Abort.SUCCEEDED)
        else:
            await trio.lowlevel.cancel_shielded_checkpoint()  # a real microphone waits between its frames


async def fused() -> float:
    """S3: the detector is a stage of the recogniser's task."""
    from benches import frame_path

    return await frame_path.drive(frame_path.fused, lockstep=True)


async def unfused() -> float:
    """S3: detector and recogniser are actors."""
    from benches import frame_path

    return await frame_path.drive(frame_path.unfused, lockstep=True)


FRAME_PATHS: Final[dict[str, Callable[[], Awaitable[float]]]] = {
    "fused": fused,
    "unfused": unfused,
    "session": idle_session,
}


async def sentences(tokens: Sequence[str], *, filtered: bool) -> int:  # noqa: RUF029, ASYNC124  # as the peers' is
    """The default chunker, and before it the default filter."""
    chunker, text_filter = SentenceChunker(), TextFilter()
    count = 0
    for token in tokens:
        if not filtered:
            count += len(chunker.push(token))
        elif pieces := text_filter.push(token):
            count += len(chunker.push("".join([piece.text for piece in pieces])))
    return count + len(chunker.finish())


def run(work: scenario.Work, measure: Measure) -> None:
    """Measure sessions of this work.

    Args:
        work: what they do.
        measure: is given what begins a session, and the loop's sleep.
    """
    run_engine(_run, work, measure)


async def _run(work: scenario.Work, measure: Measure) -> None:
    pacer = Pacer() if work.has("shared") else None
    silero: VoiceActivityDetector | None = None
    if work.real_detector:
        from trialogue.providers import Silero  # it takes its time

        silero = Silero()
    resting = CollectBetweenCalls().call() if work.has("frozen") else contextlib.nullcontext()
    async with trio.open_nursery() as nursery:
        if pacer is not None:
            nursery.start_soon(pacer.run)
        with resting:
            await measure(Exchange(work, nursery, pacer, silero).dial, trio.sleep)
        nursery.cancel_scope.cancel()
