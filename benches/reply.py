"""What it costs to begin a reply and to cancel it: `python -m benches.reply [quick]`."""

from __future__ import annotations

import math
import statistics
import sys
from typing import Final

import trio

from benches._measure import cpu_s, publish, quick
from benches.turns import BenchCall, fake_models, quick_settings
from trialogue.agents import Agent, Session
from trialogue.agents.testing import Answer, FakeLlm
from trialogue.engine import run

ROUNDS: Final = 7


async def replies(number: int) -> float:
    """Begin so many replies, and cancel each once its model was asked; CPU of the process, ms per reply."""
    llm = FakeLlm(answers=lambda request: Answer(("Never.",), first_token_s=math.inf))
    models = fake_models()
    models = type(models)(vad=models.vad, stt=models.stt, llm=llm, tts=models.tts)
    call = BenchCall(cycles=1, phase=0)
    agent, settings = Agent(instructions="Answer."), quick_settings()
    async with Session(agent, models=models, transport=call, settings=settings) as session:
        await trio.sleep(0.1)
        began_s = cpu_s()
        for count in range(1, number + 1):
            reply = session.reply()
            while len(llm.records) < count:  # noqa: ASYNC110  # nothing tells of it, and no time may pass
                await trio.lowlevel.checkpoint()
            session.interrupt("bench")
            await reply.wait()
        took_s = cpu_s() - began_s
    return took_s / number * 1e3


def spawn_and_cancel(number: int) -> bool:
    """Building a reply's graph, starting its tasks, asking the model and cancelling it all: at most 0.3 ms of CPU."""
    median_ms = statistics.median(run(replies, number) for _ in range(ROUNDS))
    publish(
        "a reply begun and cancelled", {"bench": "reply", "claim": "spawn and cancel", "cpu_ms": round(median_ms, 3)}
    )
    return median_ms <= 0.3


def main() -> int:
    """All claims.

    Returns:
        0 if each holds.
    """
    return 0 if spawn_and_cancel(60 if quick() else 300) else 1


if __name__ == "__main__":
    sys.exit(main())
