"""What is written down of what was said: events go through the redaction of whoever has the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.agents.events._events import Event

#: The fields that hold what was said or typed, in all events.
CONTENT: Final = frozenset({"text", "heard", "unheard", "arguments", "output", "document", "key", "keys", "note"})


def redacted(event: Event, redact: Callable[[str], str]) -> Event:
    """The event, with what may be written down of what was said; the same one where all of it may.

    Args:
        event: the event.
        redact: says what may be written down of a text.
    """
    changed: dict[str, str] = {}
    for field in attrs.fields(type(event)):
        text = getattr(event, field.name) if field.name in CONTENT else ""
        if text and (kept := redact(text)) != text:
            changed[field.name] = kept
    return attrs.evolve(event, **changed) if changed else event  # type: ignore[arg-type]  # these fields are texts
