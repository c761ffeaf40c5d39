"""Which fields of events hold what was said. They are told only to who asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trialogue.agents._redaction import CONTENT

if TYPE_CHECKING:
    from trialogue.agents._events import Event


def fields_of(event: Event, *, content: bool) -> dict[str, object]:
    """The fields of an event; of what was said, only how long it is, unless it is wanted.

    Args:
        event: the event.
        content: whether what was said is wanted.
    """
    told: dict[str, object] = {}
    for field in attrs.fields(type(event)):
        value = getattr(event, field.name)
        if field.name in CONTENT and not content:
            told[f"{field.name}_characters"] = len(value)
        elif value is not None:
            told[field.name] = value
    return told
