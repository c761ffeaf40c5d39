"""Measuring a user's own agent or graph: what it costs, how soon it answers, how many of it a core bears."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Final

import trio

from trialogue.agents import STAGES, Agent, Event, SessionSettings, TurnMeasured
from trialogue.cli.bench._conversation import CYCLE_S, FRAME_S, PROVIDERS_S, Conversation
from trialogue.cli.bench._counting import Counts, count
from trialogue.cli.bench._results import Distribution, Findings, Plot, Row, Waterfall, cpu_s, spread
from trialogue.engine import ConfigurationError, Graph, Inbox, Outbox, VirtualTime, run
from trialogue.frames import SPEECH_FORMAT, AudioFrame
from trialogue.frames._attrs import frozen

#: So much of a core can be used with room to spare: `benches` finds p99 below 50 ms up to four fifths and more.
_USABLE: Final = 0.7

#: Callers at once when the cost of one is measured.
_CALLERS: Final = 20

#: Frames that go through a graph in one run, and runs.
_FRAMES: Final = 3000
_ROUNDS: Final = 5

#: A graph that feeds itself may run for so long, virtual seconds.
_LONGEST_S: Final = 60.0

Tell = Callable[[str], None]


def measure_agent(make: Callable[[], Agent], turns: int, tell: Tell) -> Findings:
    """An agent between fakes with exact delays: the cost of a frame and of a turn, its latency, and its density.

    Args:
        make: makes the agent; called for each call.
        turns: how many are timed on the real clock, four seconds each.
        tell: is told of progress.
    """
    tell("counting, on the virtual clock")
    frame, turn = per_frame(make), per_turn(make)
    tell(f"{_CALLERS} callers, on the virtual clock")
    percent = core_percent(make)
    tell(f"{turns} turns after one that warms up, on the real clock: {(turns + 1) * CYCLE_S:.0f} s")
    measured = answers(make, turns)
    rows = [
        Row(case="a frame of silence", figures={"cpu_us": frame_us(make), **frame.figures()}),
        Row(case="a turn of 4 s", figures=turn.figures()),
        Row(case="a talking caller", figures={"core_percent": round(percent, 3), **_density(percent)}),
    ]
    if not measured:
        tell("no turn was answered: nothing is said of its latency")
        return Findings(rows=rows)
    latencies_ms = [1e3 * each.latency_s for each in measured]
    rows.append(
        Row(
            case="end of speech to first sound",
            figures={"turns": len(measured), **spread("latency", "ms", latencies_ms), "fakes_ms": 1e3 * PROVIDERS_S},
        )
    )
    plots: list[Plot] = [
        Distribution(title="End of speech to first sound", unit="ms", samples={"turns": latencies_ms}),
        waterfall("Where an answer's time goes, median", measured),
    ]
    return Findings(rows=rows, plots=plots)


def per_frame(make: Callable[[], Agent]) -> Counts:
    """What a frame of silence needs in a session that nobody speaks in."""
    short, long = (count(Conversation(make_agent=make, quiet_s=seconds).hold) for seconds in (5.0, 15.0))
    return long.less(short).each(10 / FRAME_S)


def per_turn(make: Callable[[], Agent], words: int = 5) -> Counts:
    """What a turn needs, its four seconds of frames included; the answer has eight sentences of so many words."""
    few, more = (count(Conversation(make_agent=make, turns=turns, words=words).hold) for turns in (2, 5))
    return more.less(few).each(3)


def per_token(make: Callable[[], Agent]) -> Counts:
    """What a token more in an answer needs, where as much is spoken."""
    return per_turn(make, words=10).less(per_turn(make, words=5)).each(8 * 5)


def frame_us(make: Callable[[], Agent]) -> float:
    """CPU time of a frame of silence, on the virtual clock, µs."""
    short, long = (Conversation(make_agent=make, quiet_s=seconds) for seconds in (10.0, 60.0))
    frames = (long.length_s - short.length_s) / FRAME_S
    runs_us = [1e6 * (_cpu_of(long) - _cpu_of(short)) / frames for _ in range(3)]
    return round(statistics.median(runs_us), 1)


def core_percent(make: Callable[[], Agent], callers: int = _CALLERS, turns: int = 3) -> float:
    """Of one core, for each of several talking callers; on the virtual clock, where only the work counts."""
    conversation = Conversation(make_agent=make, turns=turns, callers=callers)
    silent = Conversation(make_agent=make, turns=0, callers=callers)  # setting up and taking down
    cost_s = _cpu_of(conversation) - _cpu_of(silent)
    return 100 * cost_s / (callers * (conversation.length_s - silent.length_s))


def _density(percent: float) -> dict[str, float]:
    return {"callers_per_core_estimate": round(_USABLE * 100 / percent)}


def waterfall(title: str, measured: list[TurnMeasured]) -> Waterfall:
    """The stages of the turn whose latency is the median, in milliseconds."""
    middle = sorted(measured, key=lambda each: each.latency_s)[len(measured) // 2]
    begin_s = middle.speech_ended_s
    bars = [(span.stage, 1e3 * (span.start_s - begin_s), 1e3 * (span.end_s - begin_s)) for span in middle.spans]
    assert [stage for stage, _, _ in bars] == list(STAGES)
    return Waterfall(title=title, unit="ms", bars=[(stage, round(a, 3), round(b, 3)) for stage, a, b in bars])


def answers(make: Callable[[], Agent], turns: int, settings: SessionSettings | None = None) -> list[TurnMeasured]:
    """The turns of a caller on the real clock, as the session itself measures them; after one that warms up."""
    measured: list[TurnMeasured] = []

    def note(event: Event) -> None:
        if isinstance(event, TurnMeasured):
            measured.append(event)

    run(Conversation(make_agent=make, turns=turns + 1, observer=note, settings=settings).hold)
    return measured[1:]


def _cpu_of(conversation: Conversation) -> float:
    began_s = cpu_s()
    run(conversation.hold, virtual=VirtualTime())
    return cpu_s() - began_s


@frozen(kw_only=True)
class OpenEnds:
    """The ends of a graph's channels that nobody in it holds.

    Args:
        microphones: take audio.
        drains: give what comes out.
    """

    microphones: tuple[Outbox[AudioFrame], ...]
    drains: tuple[Inbox[object], ...]


def open_ends(graph: Graph) -> OpenEnds:
    """What somebody outside has to feed, and to empty.

    Raises:
        ConfigurationError: an open channel takes something else than audio.
    """
    inputs = [use for node in graph.nodes for use in node.inputs]
    outputs = [use for node in graph.nodes for use in node.outputs]
    produced = {pipe for use in outputs for pipe in use.end.pipes}
    consumed = {pipe for use in inputs for pipe in use.end.pipes}
    fed = [pipe for pipe in graph.pipes if pipe not in produced]
    for pipe in fed:
        carries = frozenset.union(*(use.carries for use in inputs if pipe in use.end.pipes))
        if not {AudioFrame, object} & carries:
            raise ConfigurationError(
                f"channel {pipe.settings.name!r} of graph {graph.name!r} is open and takes no AudioFrame; "
                f"feed it inside the graph, since only audio is made up here"
            )
    return OpenEnds(
        microphones=tuple(Outbox[AudioFrame](pipe) for pipe in fed),
        drains=tuple(Inbox[object](pipe) for pipe in graph.pipes if pipe not in consumed),
    )


def measure_graph(make: Callable[[], Graph], tell: Tell) -> Findings:
    """A graph whose open channels get a frame of silence each 20 ms, on the virtual clock; others run to their end.

    Args:
        make: makes the graph; called for each run.
        tell: is told of progress.

    Raises:
        ConfigurationError: it cannot be fed; or it runs on for a minute of virtual time.
    """
    graph = make()
    size = {"actors_and_stages": len(graph.nodes), "channels": len(graph.pipes)}
    if not open_ends(graph).microphones:
        tell("the graph feeds itself: it runs to its end, on the virtual clock")
        whole = count(lambda at_end: _to_its_end(make(), at_end))
        return Findings(rows=[Row(case="the whole run", figures={**size, **whole.figures()})])
    tell(f"{_ROUNDS} times {_FRAMES} frames of silence, on the virtual clock")
    few, many = (count(lambda at_end, n=n: _feed(make(), n, at_end)) for n in (100, 600))  # type: ignore[misc]  # n
    frame = many.less(few).each(500)
    alone_us = min(_feeding_us(None) for _ in range(_ROUNDS))
    runs_us = [_feeding_us(make()) - alone_us for _ in range(_ROUNDS)]
    figures = {**size, "cpu_us": round(statistics.median(runs_us), 2), **frame.figures()}
    core = 100 * statistics.median(runs_us) * 1e-6 / FRAME_S
    return Findings(
        rows=[
            Row(case="a frame of silence", figures=figures),
            Row(case="audio in real time", figures={"core_percent": round(core, 4), **_graphs(core)}),
        ]
    )


def _graphs(percent: float) -> dict[str, float]:
    return {"graphs_per_core_estimate": round(_USABLE * 100 / percent)} if percent > 0 else {}


def _feeding_us(graph: Graph | None) -> float:
    began_s = time.process_time()
    run(_feed, graph, _FRAMES, virtual=VirtualTime())
    return 1e6 * (time.process_time() - began_s) / _FRAMES


async def _feed(graph: Graph | None, frames: int, at_end: Callable[[], None] = lambda: None) -> None:
    """A frame each 20 ms of virtual time, which passes only when all actors wait; to no graph: the driver alone."""
    ends = OpenEnds(microphones=(), drains=()) if graph is None else open_ends(graph)
    samples = SPEECH_FORMAT.samples(FRAME_S)
    silence = SPEECH_FORMAT.silence(samples)
    async with trio.open_nursery() as nursery:
        if graph is not None:
            nursery.start_soon(graph.run)
        for drain in ends.drains:
            nursery.start_soon(_empty, drain)
        began_s = trio.current_time()
        for number in range(frames):
            await trio.sleep_until(began_s + number * FRAME_S)
            frame = AudioFrame(pcm=silence, at_sample=number * samples, format=SPEECH_FORMAT)
            for microphone in ends.microphones:
                await microphone.send(frame)
        await trio.sleep(1.0)
        at_end()
        nursery.cancel_scope.cancel(reason="all frames were sent")


async def _empty(drain: Inbox[object]) -> None:
    async for _ in drain:
        pass


async def _to_its_end(graph: Graph, at_end: Callable[[], None]) -> None:
    with trio.move_on_after(_LONGEST_S) as scope:
        async with trio.open_nursery() as nursery:
            for drain in open_ends(graph).drains:
                nursery.start_soon(_empty, drain)
            await graph.run()
        at_end()
    if scope.cancelled_caught:
        raise ConfigurationError(
            f"graph {graph.name!r} has no open channel to feed and has not ended after {_LONGEST_S:.0f} s of virtual "
            "time; leave its audio input open with graph.outside(), or let its sources end"
        )
