"""The work that every engine does alike, and how it is timed: on any loop, with the standard library alone."""

from __future__ import annotations

import base64
import gc
import random
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from benches.peers import scenario
from benches.peers.scenario import FRAME_S, SILENCE, SPEECH, Call

Sleep = Callable[[float], Awaitable[None]]
Figures = dict[str, object]

#: S2: so long the user speaks into the answer, and so long silence is waited for; seconds. The longest fade is 0.4 s.
BARGE_IN_S: Final = 0.9
INTERRUPTIONS: Final = 30

#: S4: cycles of four seconds to warm up, and measured.
WARM_UP_CYCLES: Final = 2
MEASURED_CYCLES: Final = 3

#: S6: tokens of exactly four characters.
TEXT_TOKENS: Final = 100_000
PROSE: Final = (
    "The lighthouse keeper climbed the stairs a little after dark. He had read the same letter twice since breakfast. "
    "Nobody in the harbour expected the ferry before the weekend. Did the children really row across on their own? "
    "A cold wind from the north had cleared the sky by midnight. They found the old map under a pile of invoices! "
)


@dataclass
class Clock:
    """Frames of 20 ms on an absolute schedule.

    Args:
        sleep: the loop's.
    """

    sleep: Sleep
    frames: int = 0
    began_s: float = field(default_factory=time.perf_counter)
    lateness_s: list[float] = field(default_factory=list)

    async def tick(self) -> None:
        """Wait for the next frame's moment."""
        self.frames += 1
        due_s = self.began_s + self.frames * FRAME_S
        await self.sleep(max(0.0, due_s - time.perf_counter()))
        self.lateness_s.append(time.perf_counter() - due_s)


async def lockstep(call: Call) -> float:
    """S3: push silence, each frame when both ears have seen the last. CPU time of the process, µs per frame."""
    await _push_each(call, scenario.WARM_UP_FRAMES)
    began_s = time.process_time()
    await _push_each(call, scenario.FRAMES)
    return (time.process_time() - began_s) / scenario.FRAMES * 1e6


async def _push_each(call: Call, frames: int) -> None:
    ears = call.ears
    for _ in range(frames):
        ears.pushed += 1
        await call.push(SILENCE)
        await ears.all_seen()
    if not ears.vad == ears.stt == ears.pushed:
        raise RuntimeError(f"of {ears.pushed} frames, {ears.vad} reached the detector and {ears.stt} the recogniser")


async def answers(call: Call, sleep: Sleep) -> list[float]:
    """S1: in real time, from the end of speech to the first sound, less what the providers take. Milliseconds."""
    clock = Clock(sleep)
    for number in range((scenario.WARM_UP_TURNS + scenario.TURNS) * scenario.CYCLE_FRAMES):
        await clock.tick()
        await _turn(call, number % scenario.CYCLE_FRAMES, (SPEECH,) * scenario.SPEECH_FRAMES)
    return scenario.as_ms(call.ears.overheads_s)


async def _turn(call: Call, at: int, speech: Sequence[bytes]) -> None:
    """The frame with this number in a turn, which begins with speech."""
    if at == 0:
        await call.begin_speech()
    elif at == len(speech):
        call.ears.awaits_answer()
        await call.end_speech()
    await call.push(speech[at] if at < len(speech) else SILENCE)


async def one_turn(call: Call, sleep: Sleep, speech: Sequence[bytes]) -> None:
    """A caller speaks once, and is answered: what a process loads with its first turn is no session's memory."""
    await sleep(0.5)  # what starts in the background has started
    clock = Clock(sleep)
    for number in range(scenario.CYCLE_FRAMES):
        await clock.tick()
        await _turn(call, number, speech)


async def interruptions(call: Call, sleep: Sleep) -> Figures:
    """S2: the user speaks into long answers. From the detector's word to the order to stop, and to silence; ms.

    The order is the last frame that is no silence, or the call that clears the speaker, whichever is later; silence
    begins where what the speaker has is over.
    """
    ears, clock, lots = call.ears, Clock(sleep), random.Random(1)
    stopped_ms: list[float] = []
    silent_ms: list[float] = []
    await call.begin_speech()
    await _say(call, clock, 1.0)
    for _ in range(scenario.WARM_UP_TURNS + INTERRUPTIONS):
        await _end_and_wait_for_sound(call, clock)
        await _push_for(call, clock, lots.uniform(0.3, 0.7))
        await sleep(lots.uniform(0.0, FRAME_S / 2))  # between two frames
        ears.awaits_stop()
        began_s = time.perf_counter()
        await call.begin_speech()
        await _say(call, clock, BARGE_IN_S)
        if ears.stopped_s is None:
            raise RuntimeError("nothing told the speaker to stop")
        if (more_s := ears.heard_until_s - time.perf_counter()) > 0:
            raise RuntimeError(f"the answer goes on for {more_s:.2f} s")
        stopped_ms.append(1e3 * (max(ears.stopped_s, ears.came_s) - began_s))
        silent_ms.append(1e3 * (max(ears.stopped_s, ears.heard_until_s) - began_s))
    return {"stopped_ms": stopped_ms[scenario.WARM_UP_TURNS :], "silent_ms": silent_ms[scenario.WARM_UP_TURNS :]}


async def _end_and_wait_for_sound(call: Call, clock: Clock) -> None:
    ears = call.ears
    ears.awaits_answer()
    await call.end_speech()
    for _ in range(250):
        await _push_for(call, clock, FRAME_S)
        if ears.is_answered():
            return
    raise RuntimeError("no answer within five seconds")


async def _say(call: Call, clock: Clock, length_s: float) -> None:
    await _push_for(call, clock, length_s, SPEECH)


async def _push_for(call: Call, clock: Clock, length_s: float, pcm: bytes = SILENCE) -> None:
    for _ in range(round(length_s / FRAME_S)):
        await call.push(pcm)
        await clock.tick()


async def density(calls: Sequence[Call], sleep: Sleep, speech: Sequence[bytes], *, freezes: bool) -> Figures:
    """S4: many sessions on one tick, each in a turn of its own.

    Args:
        calls: which have begun.
        sleep: the loop's.
        speech: what each says, frames; then it is silent to the end of its turn.
        freezes: whether what lives after warming up is kept from the collector of garbage.
    """
    load, clock, cycle = _Load(calls), Clock(sleep), scenario.CYCLE_FRAMES
    gc.callbacks.append(load.on_collection)
    for number in range((WARM_UP_CYCLES + MEASURED_CYCLES) * cycle):
        await clock.tick()
        if number == WARM_UP_CYCLES * cycle:
            clock.lateness_s.clear()
            load.begin(freezes=freezes)
        for place, call in enumerate(calls):
            after = number - place * cycle // len(calls)
            if after < 0:
                await call.push(SILENCE)
            else:
                await _turn(call, after % cycle, speech)
    return {**load.end(), "tick_late_p99_ms": 1e3 * _p99(clock.lateness_s)}


@dataclass
class _Load:
    """What many calls cost this process."""

    calls: Sequence[Call]
    cpu_s: float = 0.0
    wall_s: float = 0.0
    collecting_s: float = 0.0
    pauses_s: list[float] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)

    def begin(self, *, freezes: bool) -> None:
        if freezes:
            gc.freeze()
        self.pauses_s.clear()
        for call in self.calls:
            del call.ears.lateness_s[:]
        self.skipped = [len(call.ears.overheads_s) for call in self.calls]
        self.cpu_s, self.wall_s = time.process_time(), time.perf_counter()

    def on_collection(self, phase: str, info: dict[str, int]) -> None:
        """For gc.callbacks: how long the collector holds everything up."""
        if phase == "start":
            self.collecting_s = time.perf_counter()
        else:
            self.pauses_s.append(time.perf_counter() - self.collecting_s)

    def end(self) -> Figures:
        took_s = time.perf_counter() - self.wall_s
        percent = 100 * (time.process_time() - self.cpu_s) / took_s / len(self.calls)
        added_s = [
            value
            for call, skipped in zip(self.calls, self.skipped, strict=True)
            for value in call.ears.overheads_s[skipped:]
        ]
        late_s = [value for call in self.calls for value in call.ears.lateness_s]
        return {
            "callers": len(self.calls),
            "core_percent": percent,
            "overheads_ms": [1e3 * value for value in added_s],
            "unanswered": max(0, MEASURED_CYCLES * len(self.calls) - len(added_s)),
            "late_p99_ms": 1e3 * _p99(late_s),
            "pause_ms": 1e3 * max(self.pauses_s, default=0.0),
        }


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[int(0.99 * len(values))] if values else 0.0


async def until_first_frame(dial: Callable[[], Awaitable[Call]], sleep: Sleep) -> float:
    """S5: a session begins; how long until its detector has a frame, ms."""
    began_s = time.perf_counter()
    call = await dial()
    await call.push(SILENCE)
    while not call.ears.vad:  # noqa: ASYNC110  # peers have no event of it
        await sleep(0)
    return 1e3 * (time.perf_counter() - began_s)


async def text(sentences: Callable[[Sequence[str]], Awaitable[int]]) -> Figures:
    """S6: a model's text, token by token; CPU time, µs a token, and how many sentences came."""
    prose = PROSE * (4 * TEXT_TOKENS // len(PROSE) + 1)
    tokens = [prose[at : at + 4] for at in range(0, 4 * TEXT_TOKENS, 4)]
    await sentences(tokens[:2000])
    began_s = time.process_time()
    count = await sentences(tokens)
    return {"us": (time.process_time() - began_s) / TEXT_TOKENS * 1e6, "sentences": count}


async def hear(call: Call, sleep: Sleep, words: Sequence[bytes]) -> Figures:
    """A barge-in, kept as it was heard: the user says something, and says it again 1.2 s into the answer.

    Returns:
        The agent's sound from the beginning on, mono int16 at the scenario's rate, as base64; and when it was
        interrupted and silent, seconds from the beginning.
    """
    ears, clock = call.ears, Clock(sleep)
    ears.kept = []
    await call.begin_speech()
    for frame in words:
        await call.push(frame)
        await clock.tick()
    await _end_and_wait_for_sound(call, clock)
    await _push_for(call, clock, 1.2)
    began_s = time.perf_counter()
    await call.begin_speech()
    for frame in words:
        await call.push(frame)
        await clock.tick()
    silent_s = max(ears.heard_until_s, ears.stopped_s or 0.0)
    track = bytearray(2 * round((time.perf_counter() - clock.began_s) * scenario.RATE_HZ))
    for at_s, pcm in ears.kept or ():
        at = 2 * round((at_s - clock.began_s) * scenario.RATE_HZ)
        track[at : at + len(pcm)] = pcm
    return {
        "agent": base64.b64encode(track).decode(),
        "interrupted_s": began_s - clock.began_s,
        "silent_s": silent_s - clock.began_s,
    }


def rss_mb() -> float:
    """Memory of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6
