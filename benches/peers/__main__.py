"""Drive one engine through one scenario, and print one line of JSON; run by its own environment's Python.

    python -m benches.peers ADAPTER SCENARIO VARIANT [CALLERS [VOICE ...]]

VARIANT is words with a "+" between them; "uvloop" brings that loop, "frozen" freezes the heap, the others are the
adapter's. VOICE is a file of mono int16 at 16 kHz: what the user says; where people listen, what the agent says, then
what the user says.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from benches.peers import drivers
from benches.peers.scenario import SENTENCE_S, SPEECH, SPEECH_FRAMES, Call, Work, frames_of

Dial = Callable[[], Awaitable[Call]]


class Adapter(Protocol):
    """What an adapter's module has."""

    #: The peer's distribution, whose version is told.
    PACKAGE: str

    async def dial(self, work: Work) -> Call:
        """Begin a session."""

    async def sentences(self, tokens: Sequence[str], *, filtered: bool) -> int | None:
        """Cut text with what the peer uses by default; with its default filters, if it has any."""


@dataclass(frozen=True)
class Job:
    """What the command line says.

    Args:
        adapter: the engine.
        scenario: which.
        work: how it is configured.
        callers: how many at once, where there are several.
        sound: what the user says, where it is not constant.
    """

    adapter: Adapter
    scenario: str
    work: Work
    callers: int
    sound: bytes

    async def figures(self, dial: Dial, sleep: drivers.Sleep) -> drivers.Figures:
        """Do it."""
        if self.scenario == "s3" and hasattr(self.adapter, "FRAME_PATHS"):
            return {"us": await self.adapter.FRAME_PATHS[self.work.variant]()}
        if self.scenario == "s5":
            first_ms = await drivers.until_first_frame(dial, sleep)
            return {"first_ms": first_ms, "second_ms": await drivers.until_first_frame(dial, sleep)}
        if self.scenario == "s6":
            return await self._text()
        if self.scenario in {"s4", "silero"}:
            return await self._density(dial, sleep)
        call = await dial()
        await sleep(0.2)  # what starts in the background has started
        if self.scenario == "s1":
            return {"overheads_ms": await drivers.answers(call, sleep)}
        if self.scenario == "s2":
            return await drivers.interruptions(call, sleep)
        if self.scenario == "hear":
            return await drivers.hear(call, sleep, frames_of(self.sound))
        return {"us": await drivers.lockstep(call)}

    async def _density(self, dial: Dial, sleep: drivers.Sleep) -> drivers.Figures:
        speech = frames_of(self.sound) if self.sound else [SPEECH] * SPEECH_FRAMES
        await drivers.one_turn(await dial(), sleep, speech)  # loads what is lazy
        before_mb = drivers.rss_mb()
        calls = [await dial() for _ in range(self.callers)]
        await sleep(0.5)
        figures = await drivers.density(calls, sleep, speech, freezes=self.work.has("frozen"))
        return {**figures, "session_mb": (drivers.rss_mb() - before_mb) / self.callers}

    async def _text(self) -> drivers.Figures:
        async def alone(tokens: Sequence[str]) -> int:
            return await self.adapter.sentences(tokens, filtered=False) or 0

        async def filtered(tokens: Sequence[str]) -> int:
            return await self.adapter.sentences(tokens, filtered=True) or 0

        figures = await drivers.text(alone)
        if await self.adapter.sentences(["One. ", "Two. ", "Three. "], filtered=True) is not None:
            figures["filtered_us"] = (await drivers.text(filtered))["us"]
        return figures


def main() -> None:
    """Do what the command line says."""
    name, scenario, variant, *more = sys.argv[1:]
    callers, *voices = more or ["1"]
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    adapter = importlib.import_module(f"benches.peers.{name}")
    told: drivers.Figures = {"version": version(adapter.PACKAGE), "python": platform.python_version()}
    if scenario == "s5":
        told["import_wall_ms"] = 1e3 * (time.perf_counter() - began_s)
        told["import_cpu_ms"] = 1e3 * (time.process_time() - began_cpu_s)
        told["import_mb"] = drivers.rss_mb()
    sounds = [Path(voice).read_bytes() for voice in voices]
    work = Work(
        variant=variant,
        sentence_s=2.5 if scenario == "s2" else SENTENCE_S,
        real_detector=scenario == "silero",
        voice=sounds[0] if scenario == "hear" else b"",
    )
    job = Job(adapter, scenario, work, int(callers), sounds[-1] if sounds else b"")
    if work.has("frozen"):
        gc.collect()
        gc.freeze()

    async def measure(dial: Dial, sleep: drivers.Sleep) -> None:
        print(json.dumps({**told, **await job.figures(dial, sleep)}), flush=True)
        os._exit(0)  # what a peer leaves running may refuse to be cancelled, and is no part of the work

    if hasattr(adapter, "run"):  # ours, which is not on asyncio
        adapter.run(work, measure)
    else:
        _run(measure(lambda: adapter.dial(work), asyncio.sleep), uvloop=work.has("uvloop"))


def _run(measuring: Awaitable[None], *, uvloop: bool) -> None:
    """On asyncio's own loop, or on the faster one."""

    async def measure() -> None:
        await measuring

    if not uvloop:
        asyncio.run(measure())
        return
    from uvloop import new_event_loop  # only those variants have it

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(measure())


if __name__ == "__main__":
    main()
