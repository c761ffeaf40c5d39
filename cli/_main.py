"""The command line: `trialogue COMMAND`."""

from __future__ import annotations

import argparse
import copy
import io
import logging
import os
import sys
from collections.abc import Sequence

from trialogue.cli import _bench, _demo, _doctor, _graph, _mcp, _models, _replay, _talk
from trialogue.engine import TrialogueError, leaves_of

_COMMANDS = {
    "demo": (_demo, "a recorded caller phones an agent, with real models, offline"),
    "talk": (_talk, "let a recording talk to an agent"),
    "graph": (_graph, "draw the graph of a conversation, or your own"),
    "bench": (_bench, "what an agent or a graph of yours costs, and how soon it answers"),
    "doctor": (_doctor, "what is installed, whether it works, how fast it is, and how to mend it"),
    "replay": (_replay, "show what today's turn-taking would decide otherwise in a recorded conversation"),
    "mcp": (_mcp, "let an assistant speak in a call, by the Model Context Protocol"),
    "models": (_models, "get model and library files"),
}


class _InSentences(logging.Handler):
    """Logged warnings on standard error; what our errors say needs no traceback, what others raise does."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and all(isinstance(leaf, TrialogueError) for leaf in leaves_of(error)):
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
            sentences = "; ".join(str(leaf) for leaf in leaves_of(error))
            record.msg, record.args = f"{record.getMessage()}: {sentences}", None
        print(self.format(record), file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Errors of ours are a sentence on standard error and exit status 1.

    As in shells, 130 is an interruption by Ctrl-C, and 141 that nobody reads the output any more.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what a terminal cannot show ends no call
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[_InSentences()])
    parser = argparse.ArgumentParser(prog="trialogue", description="Real-time voice agents.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (module, summary) in _COMMANDS.items():
        module.add_arguments(commands.add_parser(name, help=summary, description=summary))
    arguments = parser.parse_args(argv)
    status = 0
    try:
        status = _COMMANDS[arguments.command][0].main(arguments)
    except* TrialogueError as group:
        for error in leaves_of(group):
            print(f"trialogue {arguments.command}: {error}", file=sys.stderr)
        status = 1
    except* KeyboardInterrupt:
        status = 130
    except* BrokenPipeError:  # `| head`: nobody reads any more, nor what is written at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    return status
