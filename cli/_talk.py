"""`trialogue talk`: a recording talks to an agent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.agents import Agent
from trialogue.cli._calls import call_names, make_agent
from trialogue.cli._conversation import (
    Outputs,
    check_distinct,
    hold_conversation,
    load_script,
    nothing_heard_for,
    offline_models,
)
from trialogue.cli._reporting import add_report_option, start_report
from trialogue.engine import ConfigurationError, VirtualTime, run
from trialogue.providers import OpenAIChat
from trialogue.transports import AudioFileSource, FileCall

if TYPE_CHECKING:
    import argparse

    from trialogue.cli._console import Console
    from trialogue.cli.report import CallLog

#: After the recording's end the call goes on until nobody has said anything for so long, seconds.
_QUIET_S: Final = 1.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("recording", type=Path, metavar="IN.wav", help="what the user says; any audio file")
    parser.add_argument("--out", type=Path, required=True, help="stereo recording, user left and agent right")
    parser.add_argument("--events", type=Path, help="event log, JSON lines")
    parser.add_argument(
        "--flight-record", type=Path, metavar="FLIGHT.jsonl", help="what decided the turns, for `trialogue replay`"
    )
    add_report_option(parser)
    parser.add_argument("--realtime", action="store_true", help="the real clock instead of virtual time")
    parser.add_argument("--script", default="restaurant", help="what the agent knows: a rule script's name or path")
    parser.add_argument(
        "--general", action="store_true", help="recognise any English, less well, instead of the script's words"
    )
    parser.add_argument("--denoise", action="store_true", help="take steady noise out of the recording with RNNoise")
    parser.add_argument(
        "--llm", metavar="URL", help="an OpenAI-compatible server's API, such as http://localhost:11434/v1"
    )
    parser.add_argument("--model", metavar="NAME", help="the model at that server")
    parser.add_argument(
        "--api-key-env", metavar="VARIABLE", default="OPENAI_API_KEY", help="where the server's key is (%(default)s)"
    )
    parser.add_argument("--instructions", help="what the model is told to be; by default the restaurant's host")
    parser.add_argument("--seed", type=int, default=0, help="of the order of tasks in virtual time")


def main(arguments: argparse.Namespace) -> int:
    """Hold the conversation; 0 if it came to its end."""
    if (arguments.llm is None) != (arguments.model is None):
        raise ConfigurationError("--llm URL and --model NAME go together: say which model to ask, and where")
    _check_files(arguments)
    realtime = arguments.realtime or arguments.llm is not None  # a server's time is real
    virtual = None if realtime else VirtualTime(seed=arguments.seed)
    title = f"{arguments.recording.name} talks to an agent"
    report = start_report(arguments.report, title, virtual=not realtime, by_rules=arguments.llm is None)
    run(_hold, arguments, report.log if report else None, realtime, virtual=virtual)
    print(f"\nRecording, user left and agent right: {arguments.out}")
    if arguments.events is not None:
        print(f"Event log: {arguments.events}")
    if report is not None:
        report.finish(arguments.out)
    return 0


def _check_files(arguments: argparse.Namespace) -> None:
    """See that the recording can be read and will outlive the call, before any file is written.

    Raises:
        AudioError: it cannot be read.
        ConfigurationError: two of the files are one.
    """
    recording: Path = arguments.recording
    AudioFileSource(recording).close()
    check_distinct(
        {
            "IN.wav": recording,
            "--out": arguments.out,
            "--events": arguments.events,
            "--flight-record": arguments.flight_record,
            "--report": arguments.report,
        }
    )


async def _hold(arguments: argparse.Namespace, log: CallLog | None, realtime: bool) -> Console:
    script = await load_script(arguments.script)
    agent = make_agent(arguments.script) if arguments.script in call_names() else Agent(instructions="Answer briefly.")
    if arguments.instructions is not None:
        agent.instructions = arguments.instructions
    call = FileCall(path=arguments.recording)
    models = offline_models(script, general_recogniser=arguments.general, denoise=arguments.denoise)
    if arguments.llm is not None:
        key = os.environ.get(arguments.api_key_env)
        models = attrs.evolve(models, llm=OpenAIChat(base_url=arguments.llm, model=arguments.model, api_key=key))
    outputs = Outputs(recording=arguments.out, events=arguments.events, log=log, flight_record=arguments.flight_record)
    until_over = nothing_heard_for(call.file_over, _QUIET_S)
    return await hold_conversation(agent, models, call, outputs, until_over, realtime=realtime)
