"""How soon an agent answers, and how soon it is silent when it is interrupted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from benches import interruption, turns
from benches._harness import tell
from trialogue.agents import Agent
from trialogue.cli.bench import Claim, Distribution, Findings, Plot, Row, answers, percentile, spread, waterfall
from trialogue.engine import run

_STAGES: Final = "Where an answer's time goes, with the models' 170 ms"


def make_agent() -> Agent:
    """An agent without hooks and tools."""
    return Agent(instructions="Answer.")


def s1(*, quick: bool) -> Findings:
    """What the engine adds between the end of speech and the first sound: median at most 7 ms, p95 at most 9 ms.

    Ten callers in real time, each speaking for a second in every four; the models take 170 ms and are taken off. The
    fakes' timers are late as well: the kernel is asked for whole milliseconds. So it is told, too, what is added to the
    delays that they really had.
    """
    turns_each = 3 if quick else 32
    tell(f"10 callers, {turns_each} turns each, in real time: {4 * turns_each} s")
    calls = turns.staggered(10, turns_each)
    records = turns.Records()
    run(turns.many_calls, calls, records)
    overheads_ms = [1e3 * value for call in calls for value in call.overheads_s[2:]]
    claims = (Claim("overhead_median_ms", "<=", 7.0), Claim("overhead_p95_ms", "<=", 9.0))
    figures = {"turns": len(overheads_ms), **spread("overhead", "ms", overheads_ms)}
    samples = {"10 callers": overheads_ms}
    plots: list[Plot] = [Distribution(title="Added to an answer", unit="ms", samples=samples, limit=9.0)]
    if not quick:
        tell("10 answers of one caller, stage by stage: 44 s")
        plots.append(waterfall(_STAGES, answers(make_agent, 10, turns.quick_settings())))
    rows = [Row(case="10 callers", figures=figures, claims=claims), *_stage_rows(calls, records)]
    return Findings(rows=rows, plots=plots)


#: Where an answer's time goes, in order.
_PARTS: Final[tuple[tuple[str, Callable[[turns.Stages], float]], ...]] = (
    ("until the model is asked", lambda stages: stages.ask_s),
    ("the model's timer is late by", lambda stages: stages.model_late_s),
    ("until the voice is asked", lambda stages: stages.speak_s),
    ("the voice's timer is late by", lambda stages: stages.voice_late_s),
    ("until it is heard", lambda stages: stages.hear_s),
    ("the engine alone", lambda stages: stages.engine_s),
)


def _stage_rows(calls: Sequence[turns.BenchCall], records: turns.Records) -> list[Row]:
    answers_s = [answered for call in calls for answered in call.answered_s[2:]]
    stages = [found for answered in answers_s if (found := records.stages_of(answered)) is not None]
    rows: list[Row] = []
    for part, of in _PARTS if stages else ():
        taken_ms = [1e3 * of(each) for each in stages]
        rows.append(Row(case=part, figures={"turns": len(taken_ms), **spread("part", "ms", taken_ms)}))
    return rows


def s2(*, quick: bool) -> Findings:
    """An interruption is decided within 1 ms of the word that speech has begun (p99); silent a fade and a frame later.

    Ten callers speak into long replies again and again, in real time; the least settings turn speech into an
    interruption at once. What the speaker gets is recorded: silence begins after its last sample that is not zero.
    """
    plain = tuple(each for each in interruption.CONDITIONS if each.name in {"no fade", "fade"})
    return _interrupted(plain, 4 if quick else 31)


def silence(*, quick: bool) -> Findings:
    """Nothing delays silence: not waiting replies, full queues, slow handlers or disks, or sound at the far end.

    As `s2`, under what could delay it; and with noise instead of words, at which the agent only rests.
    """
    hard = tuple(each for each in interruption.CONDITIONS if each.name not in {"no fade", "fade"})
    shortened = tuple(each for each in hard if each.waiting or each.disk_s)
    return _interrupted(shortened if quick else hard, 4 if quick else 16)


#: What a caller notes: until it is certain that somebody speaks, from there to the decision, from there to silence.
_NOTED: Final[tuple[Callable[[interruption.Interrupter], list[float]], ...]] = (
    lambda call: call.detections_s,
    lambda call: call.decisions_s,
    lambda call: call.silences_s,
)


def _interrupted(conditions: tuple[interruption.Condition, ...], cycles: int) -> Findings:
    rows: list[Row] = []
    silences: dict[str, list[float]] = {}
    for condition in conditions:
        tell(f"{condition.name}: {1.2 * cycles:.0f} s")
        calls = run(partial(interruption.interruptions, condition, cycles))
        detections_ms, decisions_ms, silences_ms = (
            [1e3 * value for call in calls for value in noted(call)] for noted in _NOTED
        )
        figures = {
            "interruptions": len(silences_ms),
            "detection_median_ms": round(percentile(detections_ms, 0.5), 2),
            "decision_median_ms": round(percentile(decisions_ms, 0.5), 3),
            "decision_p99_ms": round(percentile(decisions_ms, 0.99), 3),
            **spread("silence", "ms", silences_ms),
        }
        claims = (Claim("decision_p99_ms", "<=", 1.0), Claim("silence_p99_ms", "<=", 1e3 * condition.bound_s))
        rows.append(Row(case=condition.name, figures=figures, claims=claims))
        silences[condition.name] = silences_ms
    plot = Distribution(title="From the decision to the last sample", unit="ms", samples=silences)
    return Findings(rows=rows, plots=[plot])
