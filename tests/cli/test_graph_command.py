"""`trialogue graph`: the default pictures, a user's, and what it says when there is none."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from trialogue.cli import main
from trialogue.cli._default_graphs import default_graphs
from trialogue.engine import ActorFault, GraphError

if TYPE_CHECKING:
    from pathlib import Path

OWN_GRAPHS = '''
"""Graphs of a user."""

from trialogue.engine import Channel, Graph, Inbox, Outbox


async def source(numbers_out: Outbox[int]) -> None:
    await numbers_out.send(1)


async def sink(numbers_in: Inbox[int]) -> None:
    await numbers_in.receive()


def pair() -> Graph:
    graph, numbers = Graph("pair"), Channel[int]("numbers", capacity=3)
    graph.add(source, numbers.outbox)
    graph.add(sink, numbers.inbox)
    return graph


def loose() -> Graph:
    graph = Graph("loose")
    graph.add(source, Channel[int]("numbers", capacity=3).outbox)
    return graph


def nothing() -> None:
    pass
'''


@pytest.fixture
def own_graphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of a user in the current directory, and its name."""
    name = f"graphs_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(OWN_GRAPHS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*sys.path])
    return name


def test_the_default_graphs_are_those_that_sessions_run() -> None:
    session, reply = default_graphs()
    session.check()
    reply.check()
    assert {"microphone", "vad", "stt", "turn", "speaker", "recorder"} <= {node.name for node in session.nodes}
    assert {"llm", "tts", "audio_out"} <= {node.name for node in reply.nodes}


def test_the_session_is_printed_as_mermaid(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph"]) == 0
    assert capsys.readouterr().out == default_graphs()[0].to_mermaid()


def test_a_reply_is_written_as_svg(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new folder" / "reply.svg"
    assert main(["graph", "--reply", "--svg", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == default_graphs()[1].to_svg()
    ET.parse(path)
    assert str(path) in capsys.readouterr().out


def test_a_graph_of_ones_own(own_graphs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", f"{own_graphs}:pair"]) == 0
    assert 'source -->|"numbers: int (3)"| sink' in capsys.readouterr().out


def test_a_graph_with_a_mistake_is_drawn_and_named(own_graphs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", f"{own_graphs}:loose"]) == 1
    captured = capsys.readouterr()
    assert 'source -->|"numbers: int (3)"| outside' in captured.out
    assert "would not run" in captured.err
    assert "from which nobody receives" in captured.err


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        ("pair", "'pair' is no MODULE:FUNCTION"),
        ("no_such_module:pair", "there is no module 'no_such_module'"),
        ("OWN:missing", "has no function 'missing'"),
        ("OWN:nothing", "returned NoneType, not a trialogue.engine.Graph"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    own_graphs: str, function: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["graph", function.replace("OWN", own_graphs)]) == 1
    assert complaint in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--svg", str(tmp_path)]) == 1
    assert f"{tmp_path} cannot be written" in capsys.readouterr().err


async def test_the_default_graphs_are_for_drawing_only() -> None:
    faults: list[ActorFault] = []
    await default_graphs()[1].run(faults.append)
    (fault,) = faults
    assert fault.actor == "llm"
    with pytest.raises(GraphError, match="built to be drawn"):
        raise fault.error
