"""What happens around a call, on a telephone above all, as facts. All times are session seconds."""

from __future__ import annotations

from typing import Literal

from trialogue.actors import CalleeKind
from trialogue.frames._attrs import frozen

#: What a tag says of the call.
TagOutcome = Literal["success", "failure"]


@frozen(kw_only=True)
class UserPressedKey:
    """The user pressed a key of the telephone.

    Args:
        at_s: when its tone began, or its message came.
        key: one of 0 to 9, `*`, `#`, A to D.
    """

    at_s: float
    key: str


@frozen(kw_only=True)
class AgentPressedKeys:
    """Tones of keys were sent to the other side.

    Args:
        keys: those that were played to their end; all, unless they were cut off.
    """

    at_s: float
    reply_id: str
    keys: str


@frozen(kw_only=True)
class CallAnswered:
    """It is known who has answered an outbound call.

    Args:
        kind: a person; a mailbox, which records from now on; a menu, which waits for a key; a message that nobody can
            be reached; or uncertain, which is treated as a person.
        text: what was understood of them.
        reason: by what it was judged.
    """

    at_s: float
    kind: CalleeKind
    text: str
    reason: str


@frozen(kw_only=True)
class CallTagged:
    """The call was given a tag, by `Session.tag`.

    Args:
        name: what it is about, such as `table booked`.
        outcome: whether that was reached; None for a tag that says nothing of it.
        note: why, or what else is worth knowing.
    """

    at_s: float
    name: str
    outcome: TagOutcome | None
    note: str


CallEvent = UserPressedKey | AgentPressedKeys | CallAnswered | CallTagged
