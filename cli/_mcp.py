"""`trialogue mcp`: an assistant speaks in a live call, by the Model Context Protocol."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trialogue.agents import Envoy, serve_mcp
from trialogue.cli._caller import load_caller
from trialogue.cli._calls import call_folder, call_names
from trialogue.cli._console import Console
from trialogue.cli._conversation import Outputs, check_distinct, hold_conversation, load_script, offline_models
from trialogue.engine import VirtualTime, run
from trialogue.transports import AudioFileSource, FileCall

if TYPE_CHECKING:
    import argparse

    from trialogue.engine import Transport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    names = ", ".join(call_names())
    parser.add_argument("call", help=f"who is called: a caller that comes with the package ({names}), or a recording")
    parser.add_argument(
        "--http", type=int, metavar="PORT", help="streamable HTTP on this machine, instead of standard input and output"
    )
    parser.add_argument("--script", default="restaurant", help="whose words are expected (%(default)s)")
    parser.add_argument("--general", action="store_true", help="recognise any English, less well")
    parser.add_argument("--answers", action="store_true", help="let the script answer what nobody has asked for")
    parser.add_argument("--out", type=Path, help="stereo recording, user left and agent right")
    parser.add_argument("--events", type=Path, help="event log, JSON lines")
    parser.add_argument("--fast", action="store_true", help="virtual time, which passes only while the assistant waits")


def main(arguments: argparse.Namespace) -> int:
    """Hold the call until the assistant goes."""
    recording = None if arguments.call in call_names() else Path(arguments.call)
    check_distinct({"the recording": recording, "--out": arguments.out, "--events": arguments.events})
    run(_hold, arguments, virtual=VirtualTime() if arguments.fast else None)
    return 0


async def _hold(arguments: argparse.Namespace) -> None:
    script = await load_script(arguments.script)
    outputs = Outputs(recording=arguments.out, events=arguments.events, console=Console(sys.stderr))
    await hold_conversation(
        Envoy(answers=arguments.answers),
        offline_models(script, general_recogniser=arguments.general),
        await _user(arguments.call),
        outputs,
        functools.partial(serve_mcp, port=arguments.http),
        realtime=not arguments.fast,
    )


async def _user(call: str) -> Transport:
    """Who is at the other end. Raises AudioError where a recording cannot be read."""
    if call in call_names():
        return await load_caller(call_folder(call))
    AudioFileSource(call).close()
    return FileCall(path=call)
