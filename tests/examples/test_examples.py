"""The examples do what they say, offline."""

from __future__ import annotations

import re

import pytest

from tests.examples.programs import ROOT, run_offline
from trialogue.cli import main

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def hello() -> str:
    """What the shortest agent prints."""
    return run_offline("examples/hello.py")


def test_the_shortest_agent_books_a_table(hello: str) -> None:
    printed = hello
    assert (
        """name='book_table', arguments='{"people": 2, "day": "friday", "time": "20:00", "name": "Smith"}'""" in printed
    )
    assert printed.count("role='user'") == 4
    last = printed.splitlines()[-1]
    assert "text='Thank you for calling the Blue Lantern. Goodbye!', unheard='', interrupted=False" in last


def test_the_shortest_agent_does_the_same_every_time(hello: str) -> None:
    assert run_offline("examples/hello.py") == hello


def test_the_shortest_agent_is_short() -> None:
    assert len((ROOT / "examples" / "hello.py").read_text(encoding="utf-8").splitlines()) < 25


def test_the_graph_by_hand_hears_who_says_what_when_and_how_loudly() -> None:
    lines = run_offline("examples/graph_by_hand.py").splitlines()
    words = [line.strip() for line in lines if "'" in line]
    assert words == [
        '"i would like a table for two on friday at eight o\'clock please"',
        "'the name is smith'",
        "'yes please'",
        "'no thank you goodbye'",
    ]
    begun = [float(match[1]) for line in lines if (match := re.match(r" *([\d.]+) s  somebody speaks", line))]
    ended = [float(match[1]) for line in lines if (match := re.match(r" *([\d.]+) s  silence", line))]
    assert len(begun) == len(ended) == 4
    assert 5.0 <= begun[0] < 5.5  # the recording begins with five seconds of silence
    assert all(start < end for start, end in zip(begun, ended, strict=True))
    peaks_db = [int(match) for match in re.findall(r"peaked at (-?\d+) dB", "\n".join(lines))]
    assert all(-20 < peak_db < 0 for peak_db in peaks_db)


def test_the_graph_by_hand_listens_to_any_recording() -> None:
    printed = run_offline("examples/graph_by_hand.py", "tests/data/speech/vegetarian.flac")
    assert "vegetarian" in printed


def test_the_graph_by_hand_can_be_drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["graph", "examples.graph_by_hand:listening"]) == 0
    drawing = capsys.readouterr().out.splitlines()
    assert drawing[0] == "flowchart LR"
    assert '    measure -->|"Loudness"| narrate' in drawing
    assert sum("microphone_from_file -->" in line for line in drawing) == 2
