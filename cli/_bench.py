"""`trialogue bench`: what an agent or a graph of yours costs, how soon it answers, how many a core bears."""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from trialogue.agents import Agent
from trialogue.cli._find_function import find
from trialogue.cli.bench import (
    Findings,
    Result,
    as_text,
    in_words,
    measure_agent,
    measure_graph,
    surroundings,
    write_page,
)
from trialogue.engine import ConfigurationError, Graph

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "function",
        metavar="MODULE:FUNCTION",
        help="a function of yours, or a class, that takes nothing and returns an Agent or a Graph; models are fakes",
    )
    parser.add_argument("--turns", type=int, default=5, help="how many answers are timed, four seconds each (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="add the result to a file of JSON lines")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with plots")


def main(arguments: argparse.Namespace) -> int:
    """Measure, and show what was found."""
    if arguments.turns < 1:
        raise ConfigurationError(f"--turns is {arguments.turns}, but at least one answer must be timed")
    result = measure(arguments.function, arguments.turns)
    print(in_words(result.made))
    print(as_text(result))
    try:
        if arguments.json is not None:
            with arguments.json.open("a", encoding="utf-8") as file:
                file.write(f"{result.to_json()}\n")
    except OSError as error:
        raise ConfigurationError(f"{arguments.json} cannot be written: {error}; name another place") from error
    if arguments.html is not None:
        write_page(arguments.html, f"Bench of {arguments.function}", [result])
    return 0


def measure(name: str, turns: int) -> Result:
    """What a user's agent or graph costs.

    Args:
        name: `MODULE:FUNCTION`; the module may lie in the current directory.
        turns: how many answers of an agent are timed.

    Raises:
        ConfigurationError: there is no such function, or it returns something else.
    """
    make, made, began_s = maker(name), surroundings(), time.monotonic()
    sample = make()
    findings: Findings
    if isinstance(sample, Agent):
        findings = measure_agent(make, turns, _tell)  # type: ignore[arg-type]  # it makes agents
        claim = "What the agent costs beside fake models, and how soon it answers."
    elif isinstance(sample, Graph):
        findings = measure_graph(make, _tell)  # type: ignore[arg-type]  # it makes graphs
        claim = "What the graph costs."
    else:
        raise ConfigurationError(
            f"{name} returned {type(sample).__name__}, neither a trialogue.agents.Agent nor a trialogue.engine.Graph; "
            "let it return one of them"
        )
    return Result(bench=name, claim=claim, findings=findings, took_s=round(time.monotonic() - began_s, 1), made=made)


def maker(name: str) -> Callable[[], object]:
    """The user's function, for each run anew.

    Raises:
        ConfigurationError: there is none of that name, or it needs arguments.
    """
    found = find(name, "package.module:make_agent")
    if isinstance(found, Agent):
        return lambda: found  # an agent keeps nothing of a call
    if not callable(found):
        raise ConfigurationError(
            f"{name} is no function, but {type(found).__name__}; name one that returns an Agent or Graph"
        )
    try:
        inspect.signature(found).bind()
    except TypeError as error:
        raise ConfigurationError(f"{name} cannot be called without arguments: {error}; give them defaults") from error
    return found


def _tell(what: str) -> None:
    """Progress, apart from the result."""
    print(f"{what} …", file=sys.stderr, flush=True)
