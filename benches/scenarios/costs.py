"""What sessions cost, on the virtual clock, where only the work counts: counts, CPU, memory, growth."""

from __future__ import annotations

import gc
import os
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import trio

from benches import frame_path, turns
from benches._harness import apart, tell
from benches.scenarios.answers import make_agent
from benches.scenarios.floor import bare_call
from trialogue.cli.bench import (
    CYCLE_S,
    Claim,
    Conversation,
    Curve,
    Findings,
    Row,
    cpu_s,
    per_frame,
    per_token,
    per_turn,
    rss_mb,
)
from trialogue.engine import Graph, Outbox, VirtualTime, run
from trialogue.frames import AudioFrame

Points = list[tuple[float, float]]


def counts(*, quick: bool) -> Findings:
    """What a frame, a token and a turn need, in counts that do not depend on the machine; the tests guard them.

    A turn contains its four seconds of frames, and an answer of 40 tokens in eight sentences.
    """
    del quick  # there is nothing to leave out
    measured = {"a frame of silence": per_frame, "a token": per_token, "a turn": per_turn}
    rows: list[Row] = []
    for case, measure in measured.items():
        tell(case)
        rows.append(Row(case=case, figures=measure(make_agent).figures()))
    return Findings(rows=rows)


def share_of_core(
    callers: int,
    cycles: int,
    speech_frames: int = turns.SPEECH_FRAMES,
    hold_one: turns.HoldCall = turns.one_call,
) -> float:
    """Percent of a core for each of several callers on one tick; without speech, of those that only listen."""
    calls = [
        turns.BenchCall(cycles=cycles, phase=number * turns.CYCLE_FRAMES // callers, speech_frames=speech_frames)
        for number in range(callers)
    ]
    return run(turns.many_calls, calls, None, hold_one, virtual=VirtualTime()).core_percent_per_caller


def cpu(*, quick: bool) -> Findings:
    """A talking session takes at most 0.12 % of a core where there are 200, an idle one at most 0.06 %.

    Beside them, what the same callers and models cost with no engine between them; see `benches.scenarios.floor`.
    """
    callers = 50 if quick else 200
    cases: tuple[tuple[str, int, turns.HoldCall, tuple[Claim, ...]], ...] = (
        ("talking", turns.SPEECH_FRAMES, turns.one_call, (Claim("core_percent", "<=", 0.12),)),
        ("idle", 0, turns.one_call, (Claim("core_percent", "<=", 0.06),)),
        ("talking, without an engine", turns.SPEECH_FRAMES, bare_call, ()),
    )
    rows: list[Row] = []
    for case, speech_frames, hold_one, claims in cases:
        tell(f"{callers} callers, {case}")
        runs = [share_of_core(callers, 2, speech_frames, hold_one) for _ in range(3)]
        figures = {
            "callers": callers,
            "core_percent": round(statistics.median(runs), 4),
            "core_least_percent": round(min(runs), 4),
        }
        rows.append(Row(case=case, figures=figures, claims=claims))
    return Findings(rows=rows)


def session_memory(callers: int, turns_each: int) -> dict[str, float]:
    """What each of several sessions adds to the memory of this process, kB, after so many turns of each."""
    agent = make_agent
    run(Conversation(make_agent=agent, turns=1).hold, virtual=VirtualTime())  # loads what is loaded once
    gc.collect()
    before_mb, before_files = rss_mb(), _open_files()
    figures: dict[str, float] = {}

    def look() -> None:
        figures["session_kb"] = round(1e3 * (rss_mb() - before_mb) / callers, 1)
        figures["rss_mb"] = round(rss_mb(), 1)
        figures["session_files"] = round((_open_files() - before_files) / callers, 3)
        figures["threads"] = threading.active_count()

    run(Conversation(make_agent=agent, turns=turns_each, callers=callers).hold, look, virtual=VirtualTime())
    return {"callers": callers, **figures}


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def memory(*, quick: bool) -> Findings:
    """A session holds at most 0.2 MB: one that nobody has spoken in, and one after five answers.

    What the process has more, with that many sessions in it, divided by their number; each case in a fresh process. The
    same of open files; threads are those of the whole process.
    """
    callers = 100 if quick else 400
    rows: list[Row] = []
    for case, turns_each in (("idle", 0), ("after five answers", 2 if quick else 5)):
        tell(f"{callers} sessions, {case}")
        figures = apart(session_memory, callers, turns_each)
        rows.append(Row(case=case, figures=figures, claims=(Claim("session_kb", "<=", 200.0),)))
    return Findings(rows=rows)


def scaling(*, quick: bool) -> Findings:
    """Callers, tokens, actors: one of many costs at most a third more than one of few."""
    sessions, tokens = _by_sessions(quick=quick), _by_tokens(quick=quick)
    parts = {
        "stages": _by_parts(frame_path.with_stages, quick=quick),
        "actors": _by_parts(frame_path.with_actors, quick=quick),
    }
    rows = [
        _row("a caller", sessions, "core_percent"),
        _row("a token", tokens, "cpu_us"),
        *(_row(f"one of several {kind} more", _slopes(points), "cpu_us") for kind, points in parts.items()),
    ]
    return Findings(
        rows=rows,
        plots=[
            Curve(title="A caller, by their number", x="callers", y="% of a core", series={"talking": sessions}),
            Curve(title="A token, by the length of the answer", x="tokens", y="CPU, µs", series={"token": tokens}),
            Curve(title="A frame, by what is on its way", x="stages or actors more", y="CPU, µs", series=parts),
        ],
    )


def _row(case: str, points: Points, figure: str) -> Row:
    few, many = points[0][1], points[-1][1]
    figures = {figure: round(many, 4), "of_few": round(many / few, 2) if few > 0 else 1.0}
    return Row(case=case, figures=figures, claims=(Claim("of_few", "<=", 1.33),))


def _by_sessions(*, quick: bool) -> Points:
    numbers, rounds = ((10, 50), 1) if quick else ((10, 50, 200, 400), 3)
    points: Points = []
    for callers in numbers:
        tell(f"{callers} callers")
        points.append((callers, round(min(share_of_core(callers, 2) for _ in range(rounds)), 4)))
    return points


def _by_tokens(*, quick: bool) -> Points:
    points: Points = []
    for words in (5, 20) if quick else (5, 10, 20, 40, 80):
        tell(f"answers of {8 * words} tokens")
        points.append((8 * words, round(min(_token_us(words) for _ in range(1 if quick else 3)), 2)))
    return points


def _token_us(words: int) -> float:
    """CPU time of each token more in an answer, whose eight sentences are five words long without them, µs."""
    few, many = (_cpu_of(Conversation(make_agent=make_agent, turns=4, words=number)) for number in (5, 5 + words))
    return 1e6 * (many - few) / (4 * 8 * words)


def _cpu_of(conversation: Conversation) -> float:
    began_s = cpu_s()
    run(conversation.hold, virtual=VirtualTime())
    return cpu_s() - began_s


#: More stages and actors on a frame's way.
_MORE: Final = (0, 1, 5, 10, 20)


#: Makes a graph whose ears are told what they heard.
Build = Callable[[frame_path.Ears], tuple[Graph, Outbox[AudioFrame]]]


def _by_parts(build: Callable[[int], Build], *, quick: bool) -> Points:
    tell("parts on a frame's way")
    rounds = 1 if quick else 3
    return [(more, round(min(_frame_us(build(more)) for _ in range(rounds)), 2)) for more in _MORE]


def _frame_us(build: Build) -> float:
    return run(partial(frame_path.drive, build, lockstep=True))


def _slopes(points: Points) -> Points:
    """What one more costs, among few and among many."""
    (zero, zero_us), (few, few_us), (many, many_us) = points[0], points[-2], points[-1]
    return [(few, (few_us - zero_us) / (few - zero)), (many, (many_us - few_us) / (many - few))]


def virtual(*, quick: bool) -> Findings:
    """A conversation of fakes, at audio level, passes on the virtual clock at least 50 times as fast as it is heard."""
    conversation = Conversation(make_agent=make_agent, turns=10 if quick else 50)
    ratios: list[float] = []
    for _ in range(3 if quick else 5):
        began_s = time.perf_counter()
        run(conversation.hold, virtual=VirtualTime())
        ratios.append(conversation.length_s / (time.perf_counter() - began_s))
    figures = {"times_as_fast": round(statistics.median(ratios), 1), "least": round(min(ratios), 1)}
    return Findings(rows=[Row(case="one caller", figures=figures, claims=(Claim("times_as_fast", ">=", 50.0),))])


#: A call of a server lasts for so many turns.
_CALL_TURNS: Final = 30


def soak(*, quick: bool) -> Findings:
    """Hours of calls that come and go leave at most 0.5 MB an hour behind; an endless call keeps what was said.

    On the virtual clock, in real minutes: four lines on which one call follows the other; and one call that never ends,
    whose memory may grow by its history, at most 4 kB a turn.
    """
    minutes = 5 if quick else 120
    tell(f"calls on four lines, {minutes} minutes of virtual time")
    coming = run(_lines, 4, minutes, virtual=VirtualTime())
    tell(f"one call, {minutes} minutes of virtual time")
    staying = run(_long_call, minutes, virtual=VirtualTime())
    slope_mb = _slope(coming)
    turn_kb = 1e3 * _slope(staying) * CYCLE_S / 3600
    return Findings(
        rows=[
            Row(
                case="calls come and go",
                figures={
                    "hours": round(minutes / 60, 2),
                    "growth_per_hour_mb": round(slope_mb, 3),
                    "rss_mb": round(coming[-1][1], 1),
                },
                claims=() if quick else (Claim("growth_per_hour_mb", "<=", 0.5),),
            ),
            Row(
                case="one long call",
                figures={
                    "hours": round(minutes / 60, 2),
                    "growth_per_turn_kb": round(turn_kb, 3),
                    "rss_mb": round(staying[-1][1], 1),
                },
                claims=() if quick else (Claim("growth_per_turn_kb", "<=", 4.0),),
            ),
        ],
        plots=[
            Curve(
                title="Memory of the process",
                x="virtual hours",
                y="MB",
                series={"come and go": coming, "one call": staying},
            )
        ],
    )


async def _lines(lines: int, minutes: int) -> Points:
    points: Points = []
    length_s = 60.0 * minutes

    async def line() -> None:
        while trio.current_time() - began_s < length_s:
            await Conversation(make_agent=make_agent, turns=_CALL_TURNS).hold()

    began_s = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_watch, points, length_s)
        for _ in range(lines):
            nursery.start_soon(line)
    return points


async def _long_call(minutes: int) -> Points:
    points: Points = []
    conversation = Conversation(make_agent=make_agent, turns=int(60 * minutes / CYCLE_S), keep_records=False)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_watch, points, 60.0 * minutes)
        nursery.start_soon(conversation.hold)
    return points


async def _watch(points: Points, length_s: float, looks: int = 24) -> None:
    """Look at the memory now and then."""
    began_s = trio.current_time()
    for look in range(1, looks + 1):
        await trio.sleep_until(began_s + look * length_s / looks)
        gc.collect()
        points.append((look * length_s / looks / 3600, round(rss_mb(), 3)))


def _slope(points: Points) -> float:
    """MB an hour, of the later three quarters: the first settles."""
    settled = points[len(points) // 4 :]
    return statistics.linear_regression([x for x, _ in settled], [y for _, y in settled]).slope
