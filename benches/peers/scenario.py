"""The work that every engine does alike, and how it is timed.

Adapters run in their peer's own environment, so this needs the standard library alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final, Protocol

FRAMES: Final = 20_000
WARM_UP_FRAMES: Final = 500

#: 20 ms of mono int16 at 16 kHz.
RATE_HZ: Final = 16_000
FRAME_S: Final = 0.02
FRAME_SAMPLES: Final = 320
SPEECH: Final = b"\xe8\x03" * FRAME_SAMPLES
SILENCE: Final = bytes(2 * FRAME_SAMPLES)

#: A turn: a second of speech, then silence; frames.
SPEECH_FRAMES: Final = 50
CYCLE_FRAMES: Final = 200
TURNS: Final = 30
WARM_UP_TURNS: Final = 2

#: 40 tokens, eight sentences of five words. The first sentence's last token comes at 120 ms, its sound 50 ms later.
HEARD: Final = "hello how are you"
SENTENCES: Final = ("The quick brown fox jumps.", "Every word counts for now.") * 4
TOKENS: Final = tuple(word if not number else f" {word}" for number, word in enumerate(" ".join(SENTENCES).split(" ")))
FIRST_TOKEN_S: Final = 0.1
TOKEN_S: Final = 0.005
FIRST_SOUND_S: Final = 0.05
SENTENCE_S: Final = 0.25
PROVIDERS_S: Final = FIRST_TOKEN_S + 4 * TOKEN_S + FIRST_SOUND_S


@dataclass
class Ears:
    """Counts what each listener has seen, wakes the driver when both have seen all, and notes the first sound back."""

    pushed: int = 0
    vad: int = 0
    stt: int = 0
    driver: asyncio.Future[None] | None = None
    ended_s: float | None = None
    overheads_s: list[float] = field(default_factory=list)

    def seen_by_vad(self) -> None:
        """The detector has a frame."""
        self.vad += 1
        self._note()

    def seen_by_stt(self) -> None:
        """The recogniser has a frame."""
        self.stt += 1
        self._note()

    def heard_back(self) -> None:
        """Sound has come to the speaker; only the first after the user's end of speech counts."""
        if self.ended_s is not None:
            self.overheads_s.append(time.perf_counter() - self.ended_s - PROVIDERS_S)
            self.ended_s = None

    async def all_seen(self) -> None:
        """Wait until both have seen all that was pushed."""
        if not self._is_done():
            self.driver = asyncio.get_running_loop().create_future()
            await self.driver

    def _is_done(self) -> bool:
        return self.vad >= self.pushed <= self.stt

    def _note(self) -> None:
        if self.driver is not None and self._is_done():
            self.driver.set_result(None)
            self.driver = None


class Call(Protocol):
    """A peer's session, with fakes in place of its providers."""

    ears: Ears

    async def push(self, pcm: bytes) -> None:
        """A frame from the microphone, made into the peer's own."""

    async def begin_speech(self) -> None:
        """The detector says that the user speaks."""

    async def end_speech(self) -> None:
        """The detector says that it is over, and the recogniser what it was."""


async def lockstep(call: Call) -> float:
    """S3: push silence, each frame when both ears have seen the last. CPU time of the process, µs per frame."""
    await _push_each(call, WARM_UP_FRAMES)
    began_s = time.process_time()
    await _push_each(call, FRAMES)
    return (time.process_time() - began_s) / FRAMES * 1e6


async def _push_each(call: Call, frames: int) -> None:
    ears = call.ears
    for _ in range(frames):
        ears.pushed += 1
        await call.push(SILENCE)
        await ears.all_seen()
    if not ears.vad == ears.stt == ears.pushed:
        raise RuntimeError(f"of {ears.pushed} frames, {ears.vad} reached the detector and {ears.stt} the recogniser")


async def answers(call: Call) -> list[float]:
    """S1: in real time, from the end of speech to the first sound, less what the providers take. Milliseconds."""
    start_s = time.perf_counter()
    for number in range((WARM_UP_TURNS + TURNS) * CYCLE_FRAMES):
        await asyncio.sleep(max(0.0, start_s + number * FRAME_S - time.perf_counter()))
        at = number % CYCLE_FRAMES
        if at == 0:
            await call.begin_speech()
        elif at == SPEECH_FRAMES:
            call.ears.ended_s = time.perf_counter()
            await call.end_speech()
        await call.push(SPEECH if at < SPEECH_FRAMES else SILENCE)
    return as_ms(call.ears.overheads_s)


def as_ms(overheads_s: list[float]) -> list[float]:
    """Of the turns that count; an engine that left one unanswered has not done the work."""
    if len(overheads_s) != WARM_UP_TURNS + TURNS:
        raise RuntimeError(f"{len(overheads_s)} answers to {WARM_UP_TURNS + TURNS} turns")
    return [round(overhead_s * 1e3, 2) for overhead_s in overheads_s[WARM_UP_TURNS:]]


async def tokens() -> AsyncIterator[str]:
    """The model's answer, on an absolute schedule from now on."""
    asked_s = time.perf_counter()
    for number, token in enumerate(TOKENS):
        await asyncio.sleep(max(0.0, asked_s + FIRST_TOKEN_S + number * TOKEN_S - time.perf_counter()))
        yield token


def sound(rate_hz: int = RATE_HZ) -> bytes:
    """What the voice makes of a sentence."""
    return b"\xf4\x01" * round(SENTENCE_S * rate_hz)


def frames_of(pcm: bytes, rate_hz: int = RATE_HZ) -> list[bytes]:
    """Sound in frames of 20 ms; the last may be shorter."""
    length = 2 * round(FRAME_S * rate_hz)
    return [pcm[at : at + length] for at in range(0, len(pcm), length)]


def main(package: str, dial: Callable[[str], Awaitable[Call]]) -> None:
    """Do what the command line says, `SCENARIO VARIANT`, and print one line of JSON.

    Args:
        package: the peer's distribution, whose version is told.
        dial: begins a session of a variant; "uvloop" in its name brings that loop.
    """
    scenario, variant = sys.argv[1:]

    async def measure() -> None:
        call = await dial(variant)
        await asyncio.sleep(0.2)  # what starts in the background has started
        figures = {"us": await lockstep(call)} if scenario == "s3" else {"overheads_ms": await answers(call)}
        print(json.dumps({**figures, "version": version(package), "python": platform.python_version()}), flush=True)
        os._exit(0)  # what a peer leaves running may refuse to be cancelled, and is no part of the work

    _run(measure(), uvloop="uvloop" in variant)


def _run(measuring: Coroutine[object, object, None], *, uvloop: bool) -> None:
    """On asyncio's own loop, or on the faster one."""
    if not uvloop:
        asyncio.run(measuring)
        return
    from uvloop import new_event_loop  # only that variant has it

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(measuring)
