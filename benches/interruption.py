"""How soon an interrupted agent is silent (S2): `python -m benches.interruption [quick]`.

Callers speak into long replies again and again. The clock runs from the detector's word that speech has begun, which
the least settings turn into an interruption at once, to the last frame that is not silent, or to the cut if that is
later.
"""

from __future__ import annotations

import statistics
import sys
from functools import partial
from typing import Final

import attrs
import trio

from benches._measure import Figure, percentile, publish, quick
from benches.turns import FRAME_S, SILENCE, TOKENS, BenchCall, drive, quick_settings
from trialogue.actors import AudioOutSettings
from trialogue.agents import Agent, AgentStoppedSpeaking, Event, Models, Session, UserStartedSpeaking
from trialogue.agents.testing import Answer, FakeLlm, FakeStt, FakeTts, FakeVad, Speech, Utterance
from trialogue.engine import Inbox, Pacer, run
from trialogue.frames import AudioFrame

#: Each caller speaks for 0.4 s in every 1.2 s: about 0.6 s after the answer to the time before has begun.
SPEECH_FRAMES: Final = 20
CYCLE_FRAMES: Final = 60
FADE_S: Final = 0.08


@attrs.define(kw_only=True, eq=False)
class Interrupter(BenchCall):
    """A caller who notes when the agent fell silent."""

    sounded_s: float = 0.0
    began_s: float | None = None
    cut_s: float | None = None
    decisions_s: list[float] = attrs.Factory(list)
    silences_s: list[float] = attrs.Factory(list)

    def observe(self, event: Event) -> None:
        """Note the beginning of the speech, and the cut."""
        now_s = trio.current_time()
        if isinstance(event, UserStartedSpeaking):
            sounds = now_s - self.sounded_s < 2 * FRAME_S  # else there is nothing to interrupt
            self.began_s = now_s if sounds else None
        elif isinstance(event, AgentStoppedSpeaking) and event.interrupted == "barge-in" and self.began_s is not None:
            self.decisions_s.append(now_s - self.began_s)
            self.cut_s = now_s

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        async for frame in audio_in:
            now_s = trio.current_time()
            if self.cut_s is not None and self.began_s is not None and now_s > self.cut_s + FADE_S + 0.1:
                self.silences_s.append(max(self.sounded_s, self.cut_s) - self.began_s)
                self.cut_s = None
            if frame.pcm != SILENCE:
                self.sounded_s = now_s


async def interruptions(fade_s: float, cycles: int, callers: int = 10) -> list[Interrupter]:
    """Hold the calls; what they noted."""
    words = Utterance(text="stop that now", word_s=0.001)  # known with the first frame, so that only the engine counts
    models = Models(
        vad=FakeVad(),
        stt=FakeStt(then=words),
        llm=FakeLlm(answers=lambda request: Answer(TOKENS)),
        tts=FakeTts(every=Speech(first_audio_s=0.05, sentence_s=2.5)),
    )
    settings = attrs.evolve(quick_settings(), audio_out=AudioOutSettings(fade_s=fade_s))
    calls = [
        Interrupter(
            cycles=cycles,
            phase=number * CYCLE_FRAMES // callers,
            cycle_frames=CYCLE_FRAMES,
            speech_frames=SPEECH_FRAMES,
        )
        for number in range(callers)
    ]
    pacer = Pacer()

    async def hold(call: Interrupter) -> None:
        agent = Agent(instructions="Answer.")
        session = Session(
            agent, models=models, transport=call, settings=settings, pacer=pacer, observers=[call.observe]
        )
        async with session:
            await session.wait_ended()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(pacer.run)
        nursery.start_soon(drive, calls)
        async with trio.open_nursery() as talking:
            for call in calls:
                talking.start_soon(hold, call)
        nursery.cancel_scope.cancel()
    return calls


def interrupted(fade_s: float, cycles: int) -> bool:
    """S2: the decision p99 <= 1 ms after the detector's word; silence within the fade and one frame (p95)."""
    calls = run(partial(interruptions, fade_s, cycles))
    decisions_ms = [1e3 * value for call in calls for value in call.decisions_s]
    silences_ms = [1e3 * value for call in calls for value in call.silences_s]
    figures: dict[str, Figure] = {
        "bench": "S2",
        "fade_ms": round(1e3 * fade_s),
        "interruptions": len(silences_ms),
        "decision_median_ms": round(statistics.median(decisions_ms), 3),
        "decision_p99_ms": round(percentile(decisions_ms, 0.99), 3),
        "silence_median_ms": round(statistics.median(silences_ms), 2),
        "silence_p95_ms": round(percentile(silences_ms, 0.95), 2),
    }
    publish(f"S2, fade {1e3 * fade_s:g} ms", figures)
    return float(figures["decision_p99_ms"]) <= 1.0 and float(figures["silence_p95_ms"]) <= 1e3 * fade_s + 20.0


def main() -> int:
    """With and without a fade.

    Returns:
        0 if the claims hold.
    """
    cycles = 6 if quick() else 31
    return 0 if all([interrupted(0.0, cycles), interrupted(FADE_S, cycles)]) else 1


if __name__ == "__main__":
    sys.exit(main())
