"""`trialogue demo`: a recorded caller phones an agent."""

from __future__ import annotations

import statistics
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from trialogue.cli._caller import load_caller
from trialogue.cli._calls import call_folder, call_names, make_agent
from trialogue.cli._conversation import (
    Outputs,
    check_distinct,
    hold_conversation,
    load_script,
    offline_models,
    until_ended,
)
from trialogue.cli._reporting import add_report_option, start_report
from trialogue.engine import ConfigurationError, VirtualTime, run

if TYPE_CHECKING:
    import argparse
    from importlib.resources.abc import Traversable

    from trialogue.cli._console import Console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("call", nargs="?", default="restaurant", help="which call: " + ", ".join(call_names()))
    parser.add_argument("--fast", action="store_true", help="virtual time: as fast as this machine can")
    parser.add_argument("--out", type=Path, help="stereo recording, caller left and agent right (WAV or FLAC)")
    parser.add_argument("--events", type=Path, help="event log, JSON lines")
    add_report_option(parser)
    parser.add_argument("--seed", type=int, default=0, help="of the order of tasks in virtual time")


def main(arguments: argparse.Namespace) -> int:
    """Hold the conversation; 0 if it came to its end."""
    if arguments.call not in call_names():
        raise ConfigurationError(f"there is no call {arguments.call!r}; choose one of {', '.join(call_names())}")
    out = arguments.out or Path("out") / f"{arguments.call}.wav"
    folder = call_folder(arguments.call)
    call = tomllib.loads((folder / "call.toml").read_text(encoding="utf-8"))
    events = arguments.events or out.with_suffix(".jsonl")
    check_distinct({"--out": out, "--events": events, "--report": arguments.report})
    report = start_report(arguments.report, f"A caller phones {call['subject']}", virtual=arguments.fast)
    outputs = Outputs(recording=out, events=events, log=report.log if report else None)
    clock = "in virtual time" if arguments.fast else "in real time"
    print(f"A caller phones {call['subject']}, {clock}, with Silero, PocketSphinx, rules and espeak-ng, all offline.\n")
    virtual = VirtualTime(seed=arguments.seed) if arguments.fast else None
    console = run(_hold, arguments, call["script"], folder, outputs, virtual=virtual)
    _print_end(console, outputs, modelled=arguments.fast)
    if report is not None:
        report.finish(out)
    return 0


async def _hold(arguments: argparse.Namespace, script_name: str, folder: Traversable, outputs: Outputs) -> Console:
    script = await load_script(script_name)
    agent = make_agent(arguments.call)
    caller = await load_caller(folder)
    return await hold_conversation(
        agent, offline_models(script), caller, outputs, until_ended, realtime=not arguments.fast
    )


def _print_end(console: Console, outputs: Outputs, *, modelled: bool) -> None:
    latencies = console.latencies_s
    median = f"{statistics.median(latencies):.2f} s" if latencies else "not measured"
    how = " (delays of the models are set, not measured, in virtual time)" if modelled else ""
    print(
        f"\n{len(latencies)} answers; from the end of speech to the first sound {median} in the median{how}; "
        f"{console.interruptions} interruption(s)."
    )
    print(f"Recording, caller left and agent right: {outputs.recording}")
    print(f"Event log: {outputs.events}")
    print("Talk to the agent yourself: record a WAV file, then `trialogue talk YOURS.wav --out ANSWER.wav`.")
