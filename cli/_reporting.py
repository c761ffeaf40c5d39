"""The option `--report`, which demo and talk have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from trialogue.cli._conversation import FIRST_TOKEN_S, TOKEN_INTERVAL_S
from trialogue.cli._default_graphs import default_graphs
from trialogue.cli.report import CallLog, Circumstances, circumstances, write_report
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    import argparse

_RULES: Final = (
    f"The rules that answered are told to wait {FIRST_TOKEN_S:g} s before their first word and {TOKEN_INTERVAL_S:g} s "
    "between words, as a fast vendor's model would: that part of each wait is set, not measured."
)


def add_report_option(parser: argparse.ArgumentParser) -> None:
    """The option."""
    parser.add_argument(
        "--report", type=Path, metavar="REPORT.html", help="the call as a page: sound, turns, transcript, waits, graph"
    )


@frozen(kw_only=True)
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


def start_report(path: Path | None, title: str, *, virtual: bool, by_rules: bool = True) -> Reporting | None:
    """Get ready to report a call that begins now; None where nobody asked for it.

    Args:
        path: of the page, or None.
        title: of the page.
        virtual: whether the call runs on a virtual clock.
        by_rules: whether the embedded rules answer, whose pauses are set on the real clock, too.
    """
    if path is None:
        return None
    about = circumstances(title, virtual=virtual, remark=_RULES if by_rules and not virtual else "")
    return Reporting(path=path, log=CallLog(), about=about)
