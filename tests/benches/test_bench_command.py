"""`trialogue bench` on agents and graphs of a user, and what it says when there is none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from trialogue.agents import Agent
from trialogue.cli import main
from trialogue.cli._bench import maker
from trialogue.cli.bench import read_results

if TYPE_CHECKING:
    from pathlib import Path

    from trialogue.cli.bench import Result

OWN = '''
"""What a user has written."""

from trialogue.agents import Agent
from trialogue.engine import Channel, Graph, Inbox, Outbox
from trialogue.frames import AudioFrame, ChatMessage


class Greeter(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="Greet.")

    async def on_enter(self, session) -> None:
        session.say("Hello there.")


agent = Agent(instructions="Answer.")


async def listen(audio_in: Inbox[AudioFrame], audio_out: Outbox[AudioFrame]) -> None:
    async for frame in audio_in:
        await audio_out.send(frame)


def turn_up(frame: AudioFrame) -> AudioFrame:
    return frame


def one_ear() -> Graph:
    graph = Graph("one ear")
    heard, passed_on = Channel[AudioFrame]("heard", capacity=4), Channel[AudioFrame]("passed on", capacity=4)
    graph.add(listen, graph.stage(turn_up, heard.inbox), passed_on.outbox)
    graph.outside(heard.outbox, passed_on.inbox)
    return graph


async def count(numbers_out: Outbox[int]) -> None:
    for number in range(7):
        await numbers_out.send(number)


async def forget(numbers_in: Inbox[int]) -> None:
    async for _ in numbers_in:
        pass


def by_itself() -> Graph:
    graph, numbers = Graph("by itself"), Channel[int]("numbers", capacity=3)
    graph.add(count, numbers.outbox)
    graph.add(forget, numbers.inbox)
    return graph


async def read(messages_in: Inbox[ChatMessage]) -> None:
    async for _ in messages_in:
        pass


def reader() -> Graph:
    graph, messages = Graph("reader"), Channel[ChatMessage]("messages", capacity=3)
    graph.add(read, messages.inbox)
    graph.outside(messages.outbox)
    return graph


def nothing() -> None:
    pass


def needs(name: str) -> Agent:
    return Agent(instructions=name)


number = 3
'''


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of a user in the current directory, and its name."""
    name = f"own_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*sys.path])
    return name


def bench(tmp_path: Path, function: str, *options: str) -> Result:
    """What the command finds."""
    lines = tmp_path / "results.jsonl"
    assert main(["bench", function, "--json", str(lines), *options]) == 0
    return read_results(lines.read_text(encoding="utf-8").splitlines())[-1]


def figures(result: Result, case: str) -> dict[str, float]:
    """Those of a case."""
    return next(dict(row.figures) for row in result.findings.rows if row.case == case)


def test_an_agent_may_be_named_itself_for_it_keeps_nothing_of_a_call(own: str) -> None:
    make = maker(f"{own}:agent")
    assert make() is make()
    assert isinstance(make(), Agent)


@pytest.mark.integration
def test_an_agent_is_measured_between_fakes(own: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    result = bench(tmp_path, f"{own}:Greeter", "--turns", "1", "--html", str(page))
    frame, answer = figures(result, "a frame of silence"), figures(result, "end of speech to first sound")
    assert frame["task_switches"] >= 1
    assert frame["kept_blocks"] < 0.5, "a frame of silence leaves nothing behind"
    assert answer["turns"] == 1
    assert answer["latency_median_ms"] > answer["fakes_ms"] > 0
    assert figures(result, "a talking caller")["callers_per_core_estimate"] > 1
    assert page.read_text(encoding="utf-8").count("<svg") == 2
    told = capsys.readouterr()
    assert "latency median, ms" in told.out
    assert "on the real clock: 8 s" in told.err


@pytest.mark.integration
def test_a_graph_gets_frames_at_its_open_channels(own: str, tmp_path: Path) -> None:
    frame = figures(bench(tmp_path, f"{own}:one_ear"), "a frame of silence")
    assert frame["hops"] == pytest.approx(2.0, abs=0.01)
    assert (frame["actors_and_stages"], frame["channels"]) == (2, 2)
    assert frame["kept_blocks"] < 0.5


def test_a_graph_that_feeds_itself_runs_to_its_end(own: str, tmp_path: Path) -> None:
    assert figures(bench(tmp_path, f"{own}:by_itself"), "the whole run")["hops"] == 7


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("{}:reader", "takes no AudioFrame"),
        ("{}:nothing", "neither a trialogue.agents.Agent nor"),
        ("{}:needs", "cannot be called without arguments"),
        ("{}:number", "is no function, but int"),
        ("{}:missing", "check its spelling"),
        ("{}", "is no MODULE:FUNCTION"),
        ("no_such_module_at_all:agent", "there is no module 'no_such_module_at_all'"),
    ],
)
def test_what_cannot_be_measured_is_told_in_a_sentence(
    own: str, function: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", function.format(own)]) == 1
    assert words in capsys.readouterr().err


def test_at_least_one_turn_is_asked_for(own: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", f"{own}:agent", "--turns", "0"]) == 1
    assert "at least one answer" in capsys.readouterr().err
