"""How soon an interrupted agent is silent (S2): `python -m benches.interruption [quick]`.

Callers speak into long replies again and again, under conditions that could delay silence. What the speaker got is
recorded. Silence is the end of the last sample that is not zero; it is measured from the decision (to interrupt, or to
rest). What comes before the decision, from the first sample of the caller's speech on, is detection, and is told apart:
it is a frame of 20 ms here, since the fakes know speech and its words by then.
"""

from __future__ import annotations

import statistics
import sys
import time
from functools import partial
from typing import Final

import attrs
import trio

from benches._measure import Figure, percentile, publish, quick
from benches.turns import SILENCE, TOKENS, BenchCall, drive, quick_settings
from trialogue.actors import AudioOutSettings, EndpointingSettings, InterruptionSettings, TurnSettings
from trialogue.agents import (
    Agent,
    AgentPaused,
    AgentStartedSpeaking,
    AgentStoppedSpeaking,
    Event,
    Models,
    Session,
    UserStartedSpeaking,
)
from trialogue.agents.testing import Answer, FakeLlm, FakeStt, FakeTts, FakeVad, Speech, Utterance
from trialogue.engine import Inbox, Pacer, run
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame

#: Each caller speaks for 0.4 s in every 1.2 s: about 0.6 s after the answer to the time before has begun.
SPEECH_FRAMES: Final = 20
CYCLE_FRAMES: Final = 60
FADE_S: Final = 0.08
FRAME_S: Final = 0.02

#: So long after the fade nothing may sound any more; then it is written down.
_SETTLED_S: Final = 0.1


@attrs.frozen(kw_only=True)
class Condition:
    """What might delay silence.

    Args:
        name: in the results.
        fade_s: length of the fade, seconds.
        voice_speed: how many times faster than it is heard the sound comes; infinite fills every queue.
        waiting: replies that wait behind each one.
        handler_s: how long somebody who follows the events needs for each, seconds.
        disk_s: how long the recording's disk needs for each frame, seconds.
        latency_s: how much sound the far end holds, which it throws away when told.
        noise: the caller's speech has no words; so the agent rests, and goes on.
    """

    name: str
    fade_s: float = FADE_S
    voice_speed: float = float("inf")
    waiting: int = 0
    handler_s: float = 0.0
    disk_s: float = 0.0
    latency_s: float = 0.0
    noise: bool = False

    @property
    def bound_s(self) -> float:
        """The claim: silence is no later than this after the decision."""
        return FRAME_S if self.latency_s else self.fade_s + FRAME_S


CONDITIONS: Final = (
    Condition(name="no fade", fade_s=0.0),
    Condition(name="fade"),
    Condition(name="voice in real time", voice_speed=1.0),
    Condition(name="20 replies wait", waiting=20),
    Condition(name="slow handler", handler_s=0.5),
    Condition(name="slow disk", disk_s=0.05),
    Condition(name="0.2 s at the far end", latency_s=0.2),
    Condition(name="rest", noise=True),
)


@attrs.define(kw_only=True, eq=False)
class Interrupter(BenchCall):
    """A caller who notes when the agent fell silent."""

    condition: Condition
    spoke_s: float | None = None
    sounded_s: float = 0.0
    decided_s: float | None = None
    detections_s: list[float] = attrs.Factory(list)
    decisions_s: list[float] = attrs.Factory(list)
    silences_s: list[float] = attrs.Factory(list)
    _detected_s: float | None = None

    @property
    def speaker_latency_s(self) -> float:
        return self.condition.latency_s

    def flush(self) -> None:
        """Nothing of what is on its way is heard."""
        if self.condition.latency_s:
            self.sounded_s = min(self.sounded_s, trio.current_time())

    def tick(self, number: int) -> None:
        if (number - self.phase) % self.cycle_frames == 0:
            self._write_down()
            sounds = trio.current_time() < self.sounded_s + FRAME_S  # else there is nothing to interrupt
            self.spoke_s = trio.current_time() - FRAME_S if sounds else None  # the frame that ends now was spoken
        super().tick(number)

    def observe(self, event: Event) -> None:
        """Note the detection, and the decision."""
        now_s = trio.current_time()
        if isinstance(event, UserStartedSpeaking):
            self._detected_s = now_s
        elif isinstance(event, AgentPaused) or (isinstance(event, AgentStoppedSpeaking) and event.interrupted):
            self._decide(now_s)

    def _decide(self, now_s: float) -> None:
        if self.spoke_s is not None and self._detected_s is not None and self.decided_s is None:
            self.detections_s.append(now_s - self.spoke_s)
            self.decisions_s.append(now_s - self._detected_s)
            self.decided_s = now_s

    def _write_down(self) -> None:
        if self.decided_s is not None:
            self.silences_s.append(max(0.0, self.sounded_s - self.decided_s))
        self.decided_s = self._detected_s = None

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        async for frame in audio_in:
            now_s = trio.current_time()
            over = self.decided_s is not None and now_s > self.decided_s + self.condition.bound_s + _SETTLED_S
            if frame.pcm != SILENCE and not over:
                sounding = (len(frame.pcm.rstrip(b"\0")) + 1) // 2
                self.sounded_s = now_s + self.condition.latency_s + sounding / SPEECH_FORMAT.rate_hz


class SlowDisk:
    """A recording that takes its time; it is written in a thread."""

    format = AudioFormat(rate_hz=16_000, channels=2)

    def __init__(self, frame_s: float) -> None:
        self._frame_s = frame_s

    def write(self, frame: AudioFrame) -> None:
        time.sleep(self._frame_s)

    def close(self) -> None:
        """There is nothing to close."""


def session_of(call: Interrupter, pacer: Pacer) -> Session:
    """A session under the call's condition."""
    condition = call.condition
    words = Utterance(text="" if condition.noise else "stop that now", word_s=0.001)  # known with the first frame
    models = Models(
        vad=FakeVad(),
        stt=FakeStt(then=words),
        llm=FakeLlm(answers=lambda request: Answer(TOKENS)),
        tts=FakeTts(every=Speech(first_audio_s=0.05, sentence_s=2.5, speed=condition.voice_speed)),
    )
    turn = TurnSettings(
        endpointing=EndpointingSettings(min_delay_s=0.0),
        interruption=InterruptionSettings(
            min_speech_s=0.0, min_words=1, pause_after_s=0.0 if condition.noise else 10.0, resume_after_s=0.2
        ),
    )
    settings = attrs.evolve(quick_settings(), turn=turn, audio_out=AudioOutSettings(fade_s=condition.fade_s))
    return Session(
        Agent(instructions="Answer."),
        models=models,
        transport=call,
        settings=settings,
        recording=SlowDisk(condition.disk_s) if condition.disk_s else None,
        pacer=pacer,
        observers=[call.observe],
    )


async def hold(call: Interrupter, pacer: Pacer) -> None:
    """Hold a call to its end."""
    condition = call.condition
    session = session_of(call, pacer)

    async def follow() -> None:
        async with session.events() as events:
            async for event in events:
                for _ in range(condition.waiting if isinstance(event, AgentStartedSpeaking) else 0):
                    session.say("And so on.")
                await trio.sleep(condition.handler_s)

    async with trio.open_nursery() as nursery, session:
        nursery.start_soon(follow)
        if condition.noise:
            session.say("".join(TOKENS) * 4)
        await session.wait_ended()
        nursery.cancel_scope.cancel()


async def interruptions(condition: Condition, cycles: int, callers: int = 10) -> list[Interrupter]:
    """Hold the calls; what they noted."""
    calls = [
        Interrupter(
            condition=condition,
            cycles=cycles,
            phase=number * CYCLE_FRAMES // callers,
            cycle_frames=CYCLE_FRAMES,
            speech_frames=SPEECH_FRAMES,
        )
        for number in range(callers)
    ]
    pacer = Pacer()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pacer.run)
        nursery.start_soon(drive, calls)
        async with trio.open_nursery() as talking:
            for call in calls:
                talking.start_soon(hold, call, pacer)
        nursery.cancel_scope.cancel()
    return calls


def interrupted(condition: Condition, cycles: int) -> bool:
    """S2: silence within the fade and a frame (p99) of the decision; that within 1 ms (p99) of the detector's word."""
    calls = run(partial(interruptions, condition, cycles))
    detections_ms = [1e3 * value for call in calls for value in call.detections_s]
    decisions_ms = [1e3 * value for call in calls for value in call.decisions_s]
    silences_ms = [1e3 * value for call in calls for value in call.silences_s]
    figures: dict[str, Figure] = {
        "bench": "S2",
        "condition": condition.name,
        "fade_ms": round(1e3 * condition.fade_s),
        "interruptions": len(silences_ms),
        "detection_median_ms": round(statistics.median(detections_ms), 2),
        "detection_p99_ms": round(percentile(detections_ms, 0.99), 2),
        "decision_median_ms": round(statistics.median(decisions_ms), 3),
        "decision_p99_ms": round(percentile(decisions_ms, 0.99), 3),
        "silence_median_ms": round(statistics.median(silences_ms), 2),
        "silence_p95_ms": round(percentile(silences_ms, 0.95), 2),
        "silence_p99_ms": round(percentile(silences_ms, 0.99), 2),
        "silence_bound_ms": round(1e3 * condition.bound_s),
    }
    publish(f"S2, {condition.name}", figures)
    return float(figures["silence_p99_ms"]) <= 1e3 * condition.bound_s and float(figures["decision_p99_ms"]) <= 1.0


def main() -> int:
    """Every condition.

    Returns:
        0 if the claims hold.
    """
    cycles = 4 if quick() else 16
    return 0 if all([interrupted(condition, cycles) for condition in CONDITIONS]) else 1


if __name__ == "__main__":
    sys.exit(main())
