"""What a turn costs beyond its providers: response overhead (S1) and density (S4).

    python -m benches.turns [quick]     both
    python -m benches.turns density 400 that many callers at once in this process

All providers are fakes with fixed delays (see `trialogue.agents.testing`), so what is left is the engine.
"""

from __future__ import annotations

import contextlib
import gc
import math
import statistics
import sys
import time
from array import array
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, Literal, Protocol

import attrs
import trio

from benches._measure import Figure, cpu_s, percentile, publish, quick, rss_mb
from trialogue.actors import AudioOutSettings, EndpointingSettings, InterruptionSettings, TurnSettings, VadSettings
from trialogue.agents import Agent, Models, Session, SessionSettings
from trialogue.agents.testing import Answer, AnswerRecord, FakeLlm, FakeStt, FakeTts, FakeVad, Speech, SpeechRecord
from trialogue.engine import ChannelEnded, CollectBetweenCalls, Inbox, Outbox, Pacer, run
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame

FRAME_S: Final = 0.02
FRAME_SAMPLES: Final = 320
SPEECH: Final = b"\xe8\x03" * FRAME_SAMPLES
SILENCE: Final = bytes(2 * FRAME_SAMPLES)

#: Speech, then silence, frames: one second of each cycle of four is speech.
SPEECH_FRAMES: Final = 50
CYCLE_FRAMES: Final = 200

#: Before it is measured all callers talk so long.
WARM_UP_FRAMES: Final = 500

#: 40 tokens, eight sentences of five words; the first at 100 ms, then one each 5 ms. The first sentence's last token
#: comes at 120 ms; its first sound 50 ms later.
SENTENCES: Final = ("The quick brown fox jumps.", "Every word counts for now.") * 4
TOKENS: Final = tuple(word if not number else f" {word}" for number, word in enumerate(" ".join(SENTENCES).split(" ")))
SENTENCE_TOKENS: Final = 5
SENTENCE_S: Final = 0.120
VOICE_S: Final = 0.050
PROVIDERS_S: Final = SENTENCE_S + VOICE_S
ANSWER: Final = Answer(TOKENS)


class FramesTaken(Protocol):
    """Takes the microphone's frames: an outbox, or what stands in its place."""

    def send_nowait(self, frame: AudioFrame, /) -> None:
        """Take the next one."""


@attrs.define(kw_only=True, eq=False)
class BenchCall:
    """A caller who speaks for a second in every cycle, and notes when the answer comes.

    Args:
        cycles: how many turns.
        phase: how many frames later than the others this caller begins.
        speech_frames: how long the caller speaks in each cycle.
        cycle_frames: how long a cycle is.
    """

    cycles: int
    phase: int
    speech_frames: int = SPEECH_FRAMES
    cycle_frames: int = CYCLE_FRAMES
    ended_s: float | None = None
    overheads_s: list[float] = attrs.Factory(list)
    answered_s: list[tuple[float, float]] = attrs.Factory(list)  # when speech ended, and when the answer was heard
    lateness_s: array[float] = attrs.Factory(lambda: array("f"))  # of each frame, and no part of what a session takes
    _due_s: float | None = None
    _line: FramesTaken | None = None
    _said: int = 0
    _over: trio.Event = attrs.Factory(trio.Event)

    @property
    def microphone_format(self) -> AudioFormat:
        return SPEECH_FORMAT

    @property
    def speaker_format(self) -> AudioFormat:
        return SPEECH_FORMAT

    @property
    def speaker_latency_s(self) -> float:
        return 0.0

    def flush(self) -> None:
        """Nothing lies in a buffer."""

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        await self.talk(audio_out)

    async def talk(self, line: FramesTaken) -> None:
        """Talk into it, until the call is over."""
        self._line = line
        await self._over.wait()

    def tick(self, number: int) -> None:
        """Say the frame with this number; the driver calls it every 20 ms."""
        if self._line is None or self._over.is_set():
            return
        at = (number - self.phase) % self.cycle_frames
        begun = number >= self.phase
        if begun and at == self.speech_frames:
            self.ended_s, self._due_s = trio.current_time(), None
        pcm = SPEECH if begun and at < self.speech_frames else SILENCE
        self._line.send_nowait(AudioFrame(pcm=pcm, at_sample=self._said * FRAME_SAMPLES, format=SPEECH_FORMAT))
        self._said += 1
        if number >= self.phase + self.cycles * self.cycle_frames:
            self._over.set()

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        with contextlib.suppress(ChannelEnded):
            await audio_in.receive_unless(self.heard)

    def heard(self, frame: AudioFrame) -> bool:
        """The caller hears a frame of the answer."""
        del frame
        now_s = trio.current_time()
        if self.ended_s is not None:
            self.overheads_s.append(now_s - self.ended_s - PROVIDERS_S)
            self.answered_s.append((self.ended_s, now_s))
            self.ended_s = None
            self._due_s = now_s
        elif self._due_s is not None:
            self.lateness_s.append(now_s - self._due_s)
        if self._due_s is not None:
            self._due_s += FRAME_S
        return True


def fake_models(pacer: Pacer | None = None) -> Models:
    """The providers of the shared scenarios. A pacer spares them a timer for each token, as loops of asyncio do."""
    return Models(
        vad=FakeVad(),
        stt=FakeStt(),
        llm=FakeLlm(answers=lambda request: ANSWER, pacer=pacer),
        tts=FakeTts(every=Speech(first_audio_s=0.05, sentence_s=0.25), pacer=pacer),
    )


def forget_records(models: Models) -> None:
    """Throw away what the fakes have written down."""
    for model in (models.stt, models.llm, models.tts):
        assert isinstance(model, FakeStt | FakeLlm | FakeTts)
        model.records.clear()


@attrs.frozen
class Stages:
    """Where the time of an answer goes that the providers were not asked to take, seconds."""

    ask_s: float  # from the end of speech until the model was asked: the engine
    model_late_s: float  # by which the last token of the first sentence came late: the fake's timer
    speak_s: float  # from there until the voice was asked: the engine
    voice_late_s: float  # by which its first sound came late: the fake's timer
    hear_s: float  # from there until the sound was heard: the engine

    @property
    def engine_s(self) -> float:
        """What the engine takes for itself, beyond the delays that the fakes really had."""
        return self.ask_s + self.speak_s + self.hear_s


@attrs.define
class Records:
    """What the fakes have written down."""

    requests: list[AnswerRecord] = attrs.Factory(list)
    sentences: list[SpeechRecord] = attrs.Factory(list)

    def take_from(self, models: Models) -> None:
        """Keep what is there; called more than once."""
        assert isinstance(models.llm, FakeLlm)
        assert isinstance(models.tts, FakeTts)
        self.requests, self.sentences = models.llm.records, models.tts.records

    def stages_of(self, answered: tuple[float, float]) -> Stages | None:
        """Of an answer during which nobody else was answered; None if somebody was.

        Args:
            answered: when speech ended, and when the answer was heard, on Trio's clock.
        """
        ended_s, heard_s = answered
        requests = [each for each in self.requests if ended_s <= each.asked_s <= heard_s]
        if len(requests) != 1 or len(requests[0].sent_s) <= SENTENCE_TOKENS:
            return None
        asked, tokens_s = requests[0].asked_s, requests[0].sent_s
        voice = min(
            (each for each in self.sentences if tokens_s[SENTENCE_TOKENS - 1] <= each.asked_s <= heard_s),
            key=lambda each: each.asked_s,  # those of callers who are answered already come on their own time
            default=None,
        )
        if voice is None or voice.first_audio_s is None:
            return None
        return Stages(
            ask_s=asked - ended_s,
            model_late_s=tokens_s[SENTENCE_TOKENS - 1] - asked - SENTENCE_S,
            speak_s=voice.asked_s - tokens_s[SENTENCE_TOKENS - 1],
            voice_late_s=voice.first_audio_s - voice.asked_s - VOICE_S,
            hear_s=heard_s - voice.first_audio_s,
        )


def quick_settings() -> SessionSettings:
    """No endpointing delay, no hangover of the detector, no fade."""
    return SessionSettings(
        turn=TurnSettings(
            endpointing=EndpointingSettings(min_delay_s=0.0),
            interruption=InterruptionSettings(min_speech_s=0.0, min_words=1),
        ),
        vad=VadSettings(min_speech_s=0.0, min_silence_s=0.0),
        audio_out=AudioOutSettings(fade_s=0.0),
    )


async def drive(calls: Sequence[BenchCall], load: Load | None = None) -> None:
    """Feed all callers on one tick of 20 ms, as a media server does."""
    await trio.sleep(0.2)
    start_s, number = trio.current_time(), 0
    while True:
        await trio.sleep_until(start_s + number * FRAME_S)
        if load is not None:
            load.at_frame(number)
        for call in calls:
            call.tick(number)
        number += 1


async def one_call(call: BenchCall, models: Models, settings: SessionSettings, pacer: Pacer | None) -> None:
    """Hold a call to its end."""
    agent = Agent(instructions="Answer.")
    async with Session(agent, models=models, transport=call, settings=settings, pacer=pacer) as session:
        await session.wait_ended()


@attrs.define
class Load:
    """What many calls at once cost this process, while all of them talk.

    Args:
        callers: how many.
        over_frame: with this frame the first caller goes; until then all of them talk, and it is measured.
        forget: throws away what the fakes have written down.
    """

    callers: int
    over_frame: int
    forget: Callable[[], None]
    core_percent_per_caller: float = 0.0
    session_mb: float = 0.0
    worst_pause_ms: float = 0.0
    _began_s: float = 0.0
    _before_s: float = 0.0
    _before_mb: float = attrs.Factory(rss_mb)

    @property
    def warm_frame(self) -> int:
        """From this frame on it is measured: ten seconds, or half of a short run."""
        return min(WARM_UP_FRAMES, self.over_frame // 2)

    def at_frame(self, number: int) -> None:
        """The driver comes to this frame."""
        if number % CYCLE_FRAMES == 0:
            self.forget()  # what fakes write down is not the engine's memory
        if number == self.warm_frame:
            self.worst_pause_ms = 0.0
            self._before_s = cpu_s()
        elif number == self.over_frame:
            seconds = (self.over_frame - self.warm_frame) * FRAME_S
            self.core_percent_per_caller = 100 * (cpu_s() - self._before_s) / seconds / self.callers
            self.session_mb = (rss_mb() - self._before_mb) / self.callers

    def on_collection(self, phase: Literal["start", "stop"], info: dict[str, int]) -> None:
        """For gc.callbacks: how long the collector holds everything up."""
        del info
        now_s = time.perf_counter()
        if phase == "start":
            self._began_s = now_s
        else:
            self.worst_pause_ms = max(self.worst_pause_ms, 1e3 * (now_s - self._began_s))


#: Holds one call to its end.
HoldCall = Callable[[BenchCall, Models, SessionSettings, Pacer | None], Awaitable[None]]


async def many_calls(calls: list[BenchCall], keep: Records | None = None, hold_one: HoldCall = one_call) -> Load:
    """Hold calls side by side; garbage is collected between calls, as a server does it.

    Args:
        calls: to be held.
        keep: gets what the fakes write down; None throws it away while the calls go on.
        hold_one: holds each of them.
    """
    pacer = Pacer()
    models = fake_models(pacer)
    hold = partial(hold_side_by_side, models=models, pacer=pacer, hold_one=hold_one)
    await hold([BenchCall(cycles=1, phase=0, speech_frames=10, cycle_frames=60)])  # loads what is lazy
    load = Load(
        callers=len(calls),
        over_frame=min(call.cycles * call.cycle_frames for call in calls),
        forget=partial(forget_records, models) if keep is None else partial(keep.take_from, models),
    )
    gc.callbacks.append(load.on_collection)
    with CollectBetweenCalls().call():
        await hold(calls, load=load)
        gc.callbacks.remove(load.on_collection)
    return load


async def hold_side_by_side(
    calls: Sequence[BenchCall], *, models: Models, pacer: Pacer, hold_one: HoldCall, load: Load | None = None
) -> None:
    """Hold calls side by side to their ends."""
    settings = quick_settings()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pacer.run)
        nursery.start_soon(drive, calls, load)
        async with trio.open_nursery() as talking:
            for call in calls:
                talking.start_soon(hold_one, call, models, settings, pacer)
        nursery.cancel_scope.cancel()


def staggered(callers: int, cycles: int) -> list[BenchCall]:
    """Callers whose turns are spread evenly over a cycle."""
    return [BenchCall(cycles=cycles, phase=number * CYCLE_FRAMES // callers) for number in range(callers)]


def response_overhead(callers: int = 10, cycles: int = 32) -> bool:
    """S1: from the end of speech to the first frame out, beyond the 170 ms of the fakes: median <= 7, p95 <= 9 ms."""
    calls = staggered(callers, cycles)
    figures = judge("S1", calls, run(many_calls, calls), skip=2)
    return float(figures["overhead_median_ms"]) <= 7.0 and float(figures["overhead_p95_ms"]) <= 9.0


def density(callers: int, cycles: int = 8) -> bool:
    """S4: so many callers at once; p99 of the overhead below 50 ms, of the output's lateness at most 20 ms."""
    calls = staggered(callers, cycles)
    figures = judge("S4", calls, run(many_calls, calls), skip=1)
    return float(figures["overhead_p99_ms"]) < 50.0 and float(figures["late_p99_ms"]) <= 20.0


def most_callers(start: int = 100, step: int = 100) -> bool:
    """S4: the largest number of callers on one core that are served in time; at least 600."""
    most = 0
    for callers in range(start, 1001, step):
        if not density(callers, cycles=5):
            break
        most = callers
    publish("S4, most callers in time", {"bench": "S4", "claim": "most callers", "callers": most})
    return most >= 600


def judge(name: str, calls: list[BenchCall], load: Load, skip: int) -> dict[str, Figure]:
    """The distribution, told and returned."""
    overheads = [value * 1e3 for call in calls for value in call.overheads_s[skip:]]
    lateness = [value * 1e3 for call in calls for value in call.lateness_s] or [math.nan]
    figures: dict[str, Figure] = {
        "bench": name,
        "callers": len(calls),
        "turns": len(overheads),
        "overhead_median_ms": round(statistics.median(overheads), 2),
        "overhead_p95_ms": round(percentile(overheads, 0.95), 2),
        "overhead_p99_ms": round(percentile(overheads, 0.99), 2),
        "late_p99_ms": round(percentile(lateness, 0.99), 2),
        "core_percent_per_caller": round(load.core_percent_per_caller, 4),
        "session_mb": round(load.session_mb, 3),
        "gc_pause_ms": round(load.worst_pause_ms, 1),
        "rss_mb": round(rss_mb(), 1),
    }
    publish(f"{name}, {len(calls)} callers", figures)
    return figures


def main() -> int:
    """Both scenarios.

    Returns:
        0 if the claims hold.
    """
    if sys.argv[1:2] == ["density"]:
        return 0 if density(int(sys.argv[2])) else 1
    if quick():
        return 0 if all([response_overhead(cycles=5), density(100, cycles=3)]) else 1
    return 0 if all([response_overhead(), density(50), most_callers()]) else 1


if __name__ == "__main__":
    sys.exit(main())
