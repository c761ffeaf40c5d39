"""`trialogue graph`: the default graph of a conversation, or one of your own, as a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trialogue.agents.testing._markup import write_text
from trialogue.cli._default_graphs import default_graphs
from trialogue.cli._find_function import find
from trialogue.engine import ConfigurationError, Graph, GraphError

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "function",
        nargs="?",
        metavar="MODULE:FUNCTION",
        help="a function of yours that takes nothing and returns a Graph; without one, the graph of every conversation",
    )
    parser.add_argument("--reply", action="store_true", help="the graph of one reply instead of the session's")
    looks = parser.add_mutually_exclusive_group()
    looks.add_argument("--mermaid", action="store_true", help="print a Mermaid flowchart (the default)")
    looks.add_argument("--svg", type=Path, metavar="FILE", help="write an SVG file")


def main(arguments: argparse.Namespace) -> int:
    """Draw the graph; 1 if it has a mistake that would keep it from running."""
    if arguments.function is not None and arguments.reply:
        raise ConfigurationError("--reply draws the default reply; leave it out, or leave out MODULE:FUNCTION")
    session, reply = default_graphs() if arguments.function is None else (call_for_graph(arguments.function),) * 2
    graph = reply if arguments.reply else session
    if arguments.svg is None:
        print(graph.to_mermaid(), end="")
    else:
        write_text(arguments.svg, graph.to_svg())
        print(f"{len(graph.nodes)} actors and stages, {len(graph.pipes)} channels: {arguments.svg}")
    try:
        graph.check()
    except GraphError as error:
        print(f"trialogue graph: it is drawn, but would not run: {error}", file=sys.stderr)
        return 1
    return 0


def call_for_graph(name: str) -> Graph:
    """The graph that a function of the user's returns.

    Args:
        name: `MODULE:FUNCTION`; the module may lie in the current directory.

    Raises:
        ConfigurationError: there is no such function, or it returns something else.
        GraphError: the function builds a graph that cannot be.
    """
    function = find(name, "package.module:build_graph")
    if not callable(function):
        raise ConfigurationError(f"{name} is no function, but {type(function).__name__}; name one that returns a Graph")
    graph = function()
    if not isinstance(graph, Graph):
        raise ConfigurationError(
            f"{name} returned {type(graph).__name__}, not a trialogue.engine.Graph; end it with `return graph`"
        )
    return graph
