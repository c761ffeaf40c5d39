"""The option `--report`, which demo and talk have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from trialogue.cli._default_graphs import default_graphs
from trialogue.cli.report import CallLog, Circumstances, circumstances, write_report

if TYPE_CHECKING:
    import argparse


def add_report_option(parser: argparse.ArgumentParser) -> None:
    """The option."""
    parser.add_argument(
        "--report", type=Path, metavar="REPORT.html", help="the call as a page: sound, turns, transcript, waits, graph"
    )


@attrs.frozen(kw_only=True)
class Reporting:
    """A report that will be written when the call is over.

    Args:
        path: of the page.
        log: follows the session meanwhile.
        about: what was so when the call began.
    """

    path: Path
    log: CallLog
    about: Circumstances

    def finish(self, recording: Path | None) -> None:
        """Write it, and say where it is. Raises as `write_report`."""
        write_report(self.path, self.log, recording=recording, about=self.about, reply_graph=default_graphs()[1])
        print(f"Report, for a browser: {self.path}")


def start_report(path: Path | None, title: str, *, virtual: bool) -> Reporting | None:
    """Get ready to report a call that begins now; None where nobody asked for it."""
    if path is None:
        return None
    return Reporting(path=path, log=CallLog(), about=circumstances(title, virtual=virtual))
