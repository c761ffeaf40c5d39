"""`trialogue talk`: a recording talks to an agent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from trialogue.agents import Agent
from trialogue.cli._conversation import (
    Outputs,
    embedded_models,
    hold_conversation,
    load_script,
    nothing_heard_for,
)
from trialogue.cli.calls.restaurant._agent import make_agent
from trialogue.engine import VirtualTime, run
from trialogue.transports import FileCall

if TYPE_CHECKING:
    import argparse

    from trialogue.cli._console import Console

#: After the recording's end the call goes on until nobody has said anything for so long, seconds.
_QUIET_S: Final = 1.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("recording", type=Path, metavar="IN.wav", help="what the user says; any audio file")
    parser.add_argument("--out", type=Path, required=True, help="stereo recording, user left and agent right")
    parser.add_argument("--events", type=Path, help="event log, JSON lines")
    parser.add_argument("--realtime", action="store_true", help="the real clock instead of virtual time")
    parser.add_argument("--script", default="restaurant", help="what the agent knows: a rule script's name or path")
    parser.add_argument(
        "--general", action="store_true", help="recognise any English, less well, instead of the script's words"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the order of tasks in virtual time")


def main(arguments: argparse.Namespace) -> int:
    """Hold the conversation; 0 if it came to its end."""
    virtual = None if arguments.realtime else VirtualTime(seed=arguments.seed)
    run(_hold, arguments, virtual=virtual)
    print(f"\nRecording, user left and agent right: {arguments.out}")
    if arguments.events is not None:
        print(f"Event log: {arguments.events}")
    return 0


async def _hold(arguments: argparse.Namespace) -> Console:
    script = await load_script(arguments.script)
    agent = make_agent() if arguments.script == "restaurant" else Agent(instructions="Follow the script.")
    call = FileCall(path=arguments.recording)
    models = embedded_models(script, general_recogniser=arguments.general)
    outputs = Outputs(recording=arguments.out, events=arguments.events)
    return await hold_conversation(agent, models, call, outputs, nothing_heard_for(call.file_over, _QUIET_S))
