"""The event log: one JSON object a line."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trialogue.agents import Event

#: Decimal places of times: a microsecond.
_PLACES = 6


def event_line(event: Event) -> str:
    """An event as a line of JSON, with its kind under "event"."""
    fields = {
        key: round(value, _PLACES) if isinstance(value, float) else value for key, value in attrs.asdict(event).items()
    }
    return json.dumps({"event": type(event).__name__, **fields}, ensure_ascii=False)


class Journal:
    """Writes each event to a text file as it happens."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def __call__(self, event: Event) -> None:
        """Write an event down."""
        self._file.write(event_line(event) + "\n")
