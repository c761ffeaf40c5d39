"""`trialogue talk --llm`: a recording talks to an agent that thinks at a chat server, over a real socket."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trio

from tests.providers.chat_server import KEY, MODEL, chat_server, say

if TYPE_CHECKING:
    import subprocess

_SPEECH = Path(__file__).parent.parent / "data" / "speech"
_RUN = "import sys; from trialogue.cli import main; sys.exit(main())"


async def talk(*options: str, key: str = KEY) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, as a user would."""
    return await trio.run_process(
        [sys.executable, "-c", _RUN, "talk", *options],
        capture_stdout=True,
        capture_stderr=True,
        check=False,
        env={**os.environ, "OPENAI_API_KEY": key},
    )


@pytest.mark.integration
async def test_the_model_at_the_server_answers_what_was_said(tmp_path: Path) -> None:
    async with chat_server() as server:
        server.answers.append(say("Good", " evening."))
        server.answers.append(say("We", " are", " open", " until", " ten."))
        out = tmp_path / "out.wav"
        done = await talk(str(_SPEECH / "hours.flac"), "--out", str(out), "--llm", server.url, "--model", MODEL)
    printed = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "what are your opening hours" in printed
    assert "We are open until ten." in printed
    assert "what are your opening hours" in server.contents()
    assert out.stat().st_size > 100_000


@pytest.mark.integration
async def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    done = await talk(
        str(_SPEECH / "hours.flac"), "--out", str(tmp_path / "x.wav"), "--llm", "http://127.0.0.1:9/v1", "--model", "m"
    )
    assert done.returncode == 1
    assert done.stderr.decode().count("\n") == 1
    assert "127.0.0.1:9" in done.stderr.decode()


@pytest.mark.integration
async def test_url_and_model_go_together(tmp_path: Path) -> None:
    done = await talk(str(_SPEECH / "hours.flac"), "--out", str(tmp_path / "x.wav"), "--model", "m")
    assert done.returncode == 1
    assert "--llm URL and --model NAME go together" in done.stderr.decode()
