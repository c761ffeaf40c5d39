"""What happens around a call, on a telephone above all, as facts. All times are session seconds."""

from __future__ import annotations

import attrs

from trialogue.actors import CalleeKind


@attrs.frozen(kw_only=True)
class UserPressedKey:
    """The user pressed a key of the telephone.

    Args:
        at_s: when its tone began, or its message came.
        key: one of 0 to 9, `*`, `#`, A to D.
    """

    at_s: float
    key: str


@attrs.frozen(kw_only=True)
class AgentPressedKeys:
    """Tones of keys were sent to the other side.

    Args:
        keys: those that were played to their end; all, unless they were cut off.
    """

    at_s: float
    reply_id: str
    keys: str


@attrs.frozen(kw_only=True)
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


CallEvent = UserPressedKey | AgentPressedKeys | CallAnswered
