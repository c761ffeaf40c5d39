"""What a turn costs beyond its providers: S1 (response overhead), S2 (interruption), and density (S4).

    python -m benches.turns             S1 and S2 with four callers
    python -m benches.turns density 400 that many callers at once in this process

All providers are fakes with fixed delays (see `trialogue.agents.testing`), so what is left is the engine.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import sys
from collections.abc import Callable
from typing import Final

import attrs
import trio

from benches.channel_hop import machine
from trialogue.actors import AudioOutSettings, TurnSettings, VadSettings
from trialogue.agents import Agent, Models, Session, SessionSettings
from trialogue.agents.testing import Answer, FakeLlm, FakeStt, FakeTts, FakeVad, Speech
from trialogue.engine import Inbox, Outbox, Pacer, run
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame

FRAME_S: Final = 0.02
FRAME_SAMPLES: Final = 320
SPEECH: Final = b"\xe8\x03" * FRAME_SAMPLES
SILENCE: Final = bytes(2 * FRAME_SAMPLES)

#: Speech, then silence, frames: one second of each cycle of four is speech.
SPEECH_FRAMES: Final = 50
CYCLE_FRAMES: Final = 200

#: 40 tokens, eight sentences of five words; the first at 100 ms, then one each 5 ms. The first sentence's last token
#: comes at 120 ms; its first sound 50 ms later.
SENTENCES: Final = ("The quick brown fox jumps.", "Every word counts for now.") * 4
TOKENS: Final = tuple(word if not number else f" {word}" for number, word in enumerate(" ".join(SENTENCES).split(" ")))
PROVIDERS_S: Final = 0.120 + 0.050


@attrs.define(kw_only=True, eq=False)
class BenchCall:
    """A caller who speaks for a second in every cycle, and notes when the answer comes.

    Args:
        cycles: how many turns.
        phase: how many frames later than the others this caller begins.
    """

    cycles: int
    phase: int
    speech_frames: int = SPEECH_FRAMES
    ended_s: float | None = None
    overheads_s: list[float] = attrs.Factory(list)
    lateness_s: list[float] = attrs.Factory(list)
    _due_s: float | None = None
    _line: Outbox[AudioFrame] | None = None
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
        self._line = audio_out
        await self._over.wait()

    def tick(self, number: int) -> None:
        """Say the frame with this number; the driver calls it every 20 ms."""
        if self._line is None or self._over.is_set():
            return
        at = (number - self.phase) % CYCLE_FRAMES
        begun = number >= self.phase
        if begun and at == self.speech_frames:
            self.ended_s, self._due_s = trio.current_time(), None
        pcm = SPEECH if begun and at < self.speech_frames else SILENCE
        self._line.send_nowait(AudioFrame(pcm=pcm, at_sample=self._said * FRAME_SAMPLES, format=SPEECH_FORMAT))
        self._said += 1
        if number >= self.phase + self.cycles * CYCLE_FRAMES:
            self._over.set()

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        async for _ in audio_in:
            now_s = trio.current_time()
            if self.ended_s is not None:
                self.overheads_s.append(now_s - self.ended_s - PROVIDERS_S)
                self.ended_s = None
                self._due_s = now_s
            elif self._due_s is not None:
                self.lateness_s.append(now_s - self._due_s)
            if self._due_s is not None:
                self._due_s += FRAME_S


def fake_models() -> Models:
    """The providers of the shared scenarios."""
    return Models(
        vad=FakeVad(),
        stt=FakeStt(),
        llm=FakeLlm(answers=lambda request: Answer(TOKENS)),
        tts=FakeTts(every=Speech(first_audio_s=0.05, sentence_s=0.25)),
    )


def quick_settings() -> SessionSettings:
    """No endpointing delay, no hangover of the detector, no fade."""
    return SessionSettings(
        turn=TurnSettings(endpointing_delay_s=0.0, min_interruption_s=0.0, min_interruption_words=1),
        vad=VadSettings(min_speech_s=0.0, min_silence_s=0.0),
        audio_out=AudioOutSettings(fade_s=0.0),
    )


async def drive(calls: list[BenchCall]) -> None:
    """Feed all callers on one tick of 20 ms, as a media server does."""
    await trio.sleep(0.2)
    start_s, number = trio.current_time(), 0
    while True:
        await trio.sleep_until(start_s + number * FRAME_S)
        for call in calls:
            call.tick(number)
        number += 1


async def one_call(call: BenchCall, models: Models, pacer: Pacer | None) -> None:
    """Hold a call to its end."""
    agent = Agent(instructions="Answer.")
    async with Session(agent, models=models, transport=call, settings=quick_settings(), pacer=pacer) as session:
        await session.wait_ended()


async def many_calls(calls: list[BenchCall]) -> float:
    """Hold calls side by side; CPU seconds while all were going on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 1_000)
    pacer = Pacer()
    models = fake_models()
    before = cpu_s()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pacer.run)
        nursery.start_soon(drive, calls)
        async with trio.open_nursery() as talking:
            for call in calls:
                talking.start_soon(one_call, call, models, pacer)
        nursery.cancel_scope.cancel()
    return cpu_s() - before


def cpu_s() -> float:
    """User and system time of this process, seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def percentile(values: list[float], share: float) -> float:
    """The value below which that share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def response_overhead(callers: int = 4, cycles: int = 12) -> None:
    """S1: from the end of speech to the first frame out, beyond the 170 ms of the fakes: median <= 7 ms."""
    calls = [BenchCall(cycles=cycles, phase=number * CYCLE_FRAMES // callers) for number in range(callers)]
    used_s = run(many_calls, calls)
    report("S1", calls, used_s, skip=2)


def density(callers: int, cycles: int = 8) -> None:
    """S4: that many callers at once; p99 of the overhead below 50 ms, of the output's lateness at most 20 ms."""
    calls = [BenchCall(cycles=cycles, phase=number * CYCLE_FRAMES // callers) for number in range(callers)]
    used_s = run(many_calls, calls)
    report("S4", calls, used_s, skip=1)


def report(name: str, calls: list[BenchCall], used_s: float, skip: int) -> None:
    """Print the distribution, and a line of JSON."""
    overheads = [value * 1e3 for call in calls for value in call.overheads_s[skip:]]
    lateness = [value * 1e3 for call in calls for value in call.lateness_s]
    wall_s = calls[0].cycles * CYCLE_FRAMES * FRAME_S
    figures = {
        "bench": name,
        "callers": len(calls),
        "turns": len(overheads),
        "overhead_median_ms": round(statistics.median(overheads), 2),
        "overhead_p95_ms": round(percentile(overheads, 0.95), 2),
        "overhead_p99_ms": round(percentile(overheads, 0.99), 2),
        "late_p99_ms": round(percentile(lateness, 0.99), 2),
        "core_percent_per_caller": round(100 * used_s / wall_s / len(calls), 4),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    print(figures)
    print(json.dumps({**figures, **machine()}))


BENCHES: Final[tuple[Callable[[], None], ...]] = (response_overhead,)

if __name__ == "__main__":
    if sys.argv[1:2] == ["density"]:
        density(int(sys.argv[2]))
    else:
        for bench in BENCHES:
            bench()
