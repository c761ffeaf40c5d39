"""How soon an agent answers, and how soon it is silent when it is interrupted."""

from __future__ import annotations

import math
from array import array
from functools import partial
from typing import Final

import attrs
import trio

from benches import interruption, turns
from benches._harness import tell
from trialogue.actors import AudioOutSettings
from trialogue.agents import Agent, Models, Session
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech, Utterance
from trialogue.cli.bench import Claim, Distribution, Findings, Plot, Row, answers, percentile, spread, waterfall
from trialogue.engine import Inbox, run
from trialogue.frames import SPEECH_FORMAT, AudioFrame

FADE_S: Final = 0.08

_STAGES: Final = "Where an answer's time goes, with the models' 170 ms"


def make_agent() -> Agent:
    """An agent without hooks and tools."""
    return Agent(instructions="Answer.")


def s1(*, quick: bool) -> Findings:
    """What the engine adds between the end of speech and the first sound: median at most 7 ms, p95 at most 9 ms.

    Ten callers in real time, each speaking for a second in every four; the models take 170 ms and are taken off. Of
    the rest 5 ms are the token that is waited for to know that a sentence is over.
    """
    turns_each = 3 if quick else 32
    tell(f"10 callers, {turns_each} turns each, in real time: {4 * turns_each} s")
    calls = turns.staggered(10, turns_each)
    run(turns.many_calls, calls)
    overheads_ms = [1e3 * value for call in calls for value in call.overheads_s[2:]]
    claims = (Claim("overhead_median_ms", "<=", 7.0), Claim("overhead_p95_ms", "<=", 9.0))
    figures = {"turns": len(overheads_ms), **spread("overhead", "ms", overheads_ms)}
    samples = {"10 callers": overheads_ms}
    plots: list[Plot] = [Distribution(title="Added to an answer", unit="ms", samples=samples, limit=9.0)]
    if not quick:
        tell("10 answers of one caller, stage by stage: 44 s")
        plots.append(waterfall(_STAGES, answers(make_agent, 10, turns.quick_settings())))
    return Findings(rows=[Row(case="10 callers", figures=figures, claims=claims)], plots=plots)


def s2(*, quick: bool) -> Findings:
    """From the word that speech has begun: the decision within 1 ms (p99), silence within the fade and a frame (p95).

    Ten callers speak into long replies again and again, in real time; the least settings turn speech into an
    interruption at once. Without a fade, and with one of 80 ms.
    """
    cycles = 4 if quick else 31
    rows: list[Row] = []
    silences: dict[str, list[float]] = {}
    for fade_s in (0.0, FADE_S):
        case = f"fade {1e3 * fade_s:g} ms"
        tell(f"{case}: {1.2 * cycles:.0f} s")
        calls = run(partial(interruption.interruptions, fade_s, cycles))
        decisions_ms = [1e3 * value for call in calls for value in call.decisions_s]
        silences[case] = [1e3 * value for call in calls for value in call.silences_s]
        figures = {
            "interruptions": float(len(silences[case])),
            "decision_median_ms": round(percentile(decisions_ms, 0.5), 3),
            "decision_p99_ms": round(percentile(decisions_ms, 0.99), 3),
            **spread("silence", "ms", silences[case]),
        }
        claims = (Claim("decision_p99_ms", "<=", 1.0), Claim("silence_p95_ms", "<=", 1e3 * fade_s + 20.0))
        rows.append(Row(case=case, figures=figures, claims=claims))
    return Findings(rows=rows, plots=[Distribution(title="Until silence", unit="ms", samples=silences)])


#: A caller speaks for 0.4 s in every 1.2 s; the first time to be answered, then to interrupt.
_SPEECH_S: Final = 0.4
_EVERY_S: Final = 1.2


@attrs.define(kw_only=True, eq=False)
class RecordedCall(FakeCall):
    """A caller whose speaker is recorded as it sounds: each frame from the moment at which it comes."""

    sound_out: array[int] = attrs.field(factory=lambda: array("h"), init=False)

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        """Record the agent; what comes early plays after what went before."""
        begun_s = trio.current_time() if self.epoch_s is None else self.epoch_s
        async for frame in audio_in:
            at = round((trio.current_time() - begun_s) * SPEECH_FORMAT.rate_hz)
            self.sound_out.extend(bytes(max(0, at - len(self.sound_out))))
            self.sound_out.frombytes(frame.pcm)


def silence_after(sound: array[int], at_s: float, until_s: float) -> float:
    """From a moment of a recording to its last sample that is not silent, seconds; NaN if there was no sound then.

    Args:
        sound: samples at 16 kHz.
        at_s: the moment.
        until_s: where to stop looking.
    """
    rate_hz = SPEECH_FORMAT.rate_hz
    begin, end = round(at_s * rate_hz), round(until_s * rate_hz)
    if not any(sound[begin - rate_hz // 100 : begin]):
        return math.nan
    last = next((at for at in range(min(end, len(sound)) - 1, begin, -1) if sound[at]), begin)
    return (last + 1 - begin) / rate_hz


def silence(*, quick: bool) -> Findings:
    """On recorded output: from the caller's first sample to the agent's last, at most three frames and the fade (p95).

    A frame is spoken before it is sent, one is being played, and one is for all that lies between. Ten callers in real
    time, with the least settings; the recording is what a speaker would have played, sample by sample.
    """
    lines = 4 if quick else 31
    rows: list[Row] = []
    samples: dict[str, list[float]] = {}
    for fade_s in (0.0, FADE_S):
        case = f"fade {1e3 * fade_s:g} ms"
        tell(f"{case}: {_EVERY_S * lines:.0f} s")
        calls = run(_interrupted_calls, fade_s, lines)
        found = [1e3 * each for call in calls for each in _silences(call)]
        samples[case] = found
        figures = {"interruptions": float(len(found)), **spread("silence", "ms", found)}
        rows.append(Row(case=case, figures=figures, claims=(Claim("silence_p95_ms", "<=", 1e3 * fade_s + 60.0),)))
    plot = Distribution(title="From the caller's first sample to the agent's last", unit="ms", samples=samples)
    return Findings(rows=rows, plots=[plot])


def _silences(call: RecordedCall) -> list[float]:
    found = [silence_after(call.sound_out, line.at_s, line.at_s + 0.35) for line in call.lines[1:]]
    return [each for each in found if not math.isnan(each)]


async def _interrupted_calls(fade_s: float, lines: int) -> list[RecordedCall]:
    words = Utterance(text="stop that now", word_s=0.001)  # known with the first frame, so that only the engine counts
    models = Models(
        vad=FakeVad(),
        stt=FakeStt(then=words),
        llm=FakeLlm(answers=lambda _: Answer(turns.TOKENS)),
        tts=FakeTts(every=Speech(sentence_s=2.5)),
    )
    settings = attrs.evolve(turns.quick_settings(), audio_out=AudioOutSettings(fade_s=fade_s))
    calls = [
        RecordedCall(
            lines=[Line(at_s=0.5 + 0.12 * number + at * _EVERY_S, for_s=_SPEECH_S) for at in range(lines)],
            hangs_up_s=0.5 + 0.12 * number + lines * _EVERY_S,
        )
        for number in range(10)
    ]

    async def hold(call: RecordedCall) -> None:
        agent = Agent(instructions="Answer.")
        async with Session(agent, models=models, transport=call, settings=settings) as session:
            await session.wait_ended()

    async with trio.open_nursery() as nursery:
        for call in calls:
            nursery.start_soon(hold, call)
    return calls
