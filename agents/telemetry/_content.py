"""Which fields of events hold what was said. They are told only to who asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from trialogue.agents.events._redaction import CONTENT

if TYPE_CHECKING:
    from trialogue.agents.events._events import Event

#: The names of fields that say why, with details after a colon: what an exception says, or the program. That may be
#: anything, such as what a server was sent, or what the user has told a tool.
REASONS: Final = frozenset({"cause", "error", "interrupted", "reason"})


def fields_of(event: Event, *, content: bool) -> dict[str, object]:
    """The fields of an event; unless it is wanted, of what was said only how long it is, of a reason no details.

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
            without = field.name in REASONS and not content
            told[field.name] = str(value).partition(":")[0] if without else value
    return told
