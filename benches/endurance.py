"""What a thousand sessions and ten thousand cancelled streams leave behind. Run with `python -m benches.endurance`.

It takes about a minute and a half of CPU; `python -m benches.endurance quick` takes a tenth of everything. The sessions
come one after another on the virtual clock, and each has all that could be left behind: a barge-in over a tool that
runs, a tool and a hook on an asyncio loop with its thread, a recording, a listener. The streams are replies of a chat
server over loopback, on the real clock, cancelled after random times; afterwards twice as many replies at once as a
session has connections would stand still if a single slot of its pool were lost.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import trio

from benches._measure import publish, quick, rss_mb
from tests.providers.test_openai_cancels import storm
from trialogue.agents import Agent, HeardTurn, Models, Session, ToolSettings, on_asyncio, tool
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Utterance
from trialogue.engine import VirtualTime, run
from trialogue.frames import AudioFormat, ToolCall
from trialogue.transports import AudioFileSink

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

#: Sessions, and cancelled streams, of a whole run.
SESSIONS: Final = 1_000
CANCELS: Final = 10_000

#: How often the memory is looked at.
_LOOKS: Final = 50

_STEREO: Final = AudioFormat(rate_hz=16_000, channels=2)


@attrs.frozen(kw_only=True)
class Census:
    """What there is at one moment.

    Args:
        tasks: of Trio that live.
        descriptors: that are open.
        threads: that run, but for Trio's own, which wait to be used again.
    """

    tasks: int
    descriptors: int
    threads: int

    @classmethod
    def take(cls) -> Census:
        """Count."""
        threads = [thread for thread in threading.enumerate() if not thread.name.startswith("Trio thread")]
        return cls(
            tasks=trio.lowlevel.current_statistics().tasks_living,
            descriptors=len(os.listdir("/proc/self/fd")),
            threads=len(threads),
        )


@attrs.frozen(kw_only=True)
class Left:
    """What a long run has left behind.

    Args:
        before, after: what there was when it was warm, and at the end.
        slope: by how much the memory grew each time.
    """

    before: Census
    after: Census
    slope: float


class Booker(Agent):
    """Has a tool that goes on when it is interrupted, and another one and a hook on asyncio."""

    @on_asyncio
    async def on_user_turn(self, session: Session, turn: HeardTurn) -> None:
        """Look something up."""
        await asyncio.sleep(0)
        turn.add_context("It is Friday.")

    @tool
    async def book(self) -> str:
        """Book a table."""
        await trio.sleep(1.5)
        return "booked"

    @tool(settings=ToolSettings(runs_on="asyncio"))
    async def look_up(self) -> str:
        """Look something up."""
        await asyncio.sleep(0)
        return "found"


async def hold_session(folder: Path) -> None:
    """One call: asked, booked, interrupted over the tool, answered, and left in the middle of a sentence."""
    calls = [ToolCall(call_id=name, name=name, arguments="{}") for name in ("book", "look_up")]
    models = Models(
        vad=FakeVad(),
        stt=FakeStt(utterances=["a table please", Utterance(text="no wait stop", word_s=0.2)]),
        llm=FakeLlm(answers=[Answer(["One moment please. ", *calls]), "It is booked, and there is more to say of it."]),
        tts=FakeTts(),
    )
    call = FakeCall(lines=[Line(at_s=0.2, for_s=0.4), Line(at_s=1.6, for_s=0.7)], hangs_up_s=4.0)
    with AudioFileSink(folder / "call.wav", _STEREO) as sink:
        async with Session(Booker(instructions=""), models=models, transport=call, recording=sink) as session:
            async with session.events() as events:
                async for _ in events:
                    pass
    assert len(session.history) >= 6, session.history


async def endure(count: int, once: Callable[[], Awaitable[object]], memory: Callable[[], float]) -> Left:
    """Do something again and again, and see what stays; a tenth of it is for warming up.

    Args:
        count: how often.
        once: what.
        memory: how much is in use, in any unit.
    """
    for _ in range(max(1, count // 10)):
        await once()
    before = Census.take()
    points: list[tuple[float, float]] = []
    for number in range(count):
        await once()
        if number % max(1, count // _LOOKS) == 0:
            gc.collect()
            points.append((number, memory()))
    slope, _ = statistics.linear_regression(*zip(*points, strict=True))
    return Left(before=before, after=Census.take(), slope=slope)


def sessions(count: int, memory: Callable[[], float]) -> Left:
    """So many sessions, one after another."""
    with tempfile.TemporaryDirectory() as folder:
        return run(endure, count, lambda: hold_session(Path(folder)), memory, virtual=VirtualTime())


def cancels(count: int, at_a_time: int, memory: Callable[[], float]) -> Left:
    """So many cancelled streams, some hundred on each connection's pool; the slope is that of one stream."""
    left = run(endure, count // at_a_time, lambda: storm(at_a_time), memory)
    return attrs.evolve(left, slope=left.slope / at_a_time)


def _resident_kb() -> float:
    return rss_mb() * 1e3


def _tell(title: str, count: int, left: Left) -> None:
    lost = {
        name: getattr(left.after, name) - getattr(left.before, name) for name in ("tasks", "descriptors", "threads")
    }
    publish(title, {"bench": "endurance", "count": count, **lost, "slope_kb": round(left.slope, 3)})


def main() -> None:
    """Do both, and tell what is left."""
    part = 10 if quick() else 1
    _tell("sessions", SESSIONS // part, sessions(SESSIONS // part, _resident_kb))
    _tell("cancelled streams", CANCELS // part, cancels(CANCELS // part, 100, _resident_kb))


if __name__ == "__main__":
    main()
