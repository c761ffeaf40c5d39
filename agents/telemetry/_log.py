"""A log of events, one line of JSON each."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from trialogue.agents.events._events import ActorFailed, ReplyFailed
from trialogue.agents.telemetry._content import fields_of

if TYPE_CHECKING:
    from trialogue.agents.events._events import Event


class EventLog:
    """An observer that logs: faults as warnings, the rest as information. Each line names its session.

    Args:
        session: an id of the session, for telling many apart.
        logger: where to; `trialogue.events` by default.
        content: whether what was said is told, and what exceptions say; without it only kinds and lengths are.
    """

    def __init__(self, session: str, *, logger: logging.Logger | None = None, content: bool = False) -> None:
        self._session = session
        self._logger = logger or logging.getLogger("trialogue.events")
        self._content = content

    def __call__(self, event: Event) -> None:
        """Log an event."""
        level = logging.WARNING if isinstance(event, (ActorFailed, ReplyFailed)) else logging.INFO
        if self._logger.isEnabledFor(level):
            line = {"session": self._session, "event": type(event).__name__, **fields_of(event, content=self._content)}
            self._logger.log(level, "%s", json.dumps(line, ensure_ascii=False, default=str))
