"""Stage directions: what a model writes to act, not to say."""

from __future__ import annotations

import re
from typing import Final

from trialogue.actors.text_filter._inline import removed
from trialogue.actors.text_filter._scan import HOLD, MAX_RUN_CHARS, Scan, Verdict

ACTS: Final = (
    "laughs|chuckles|giggles|sighs|smiles|grins|winks|nods|shrugs|gasps|coughs|sniffles|whispers|gulps|groans|"
    "yawns|pauses|clears throat|clears (?:his|her|their|my) throat|takes a (?:deep )?breath|inhales|exhales|frowns|"
    "blushes|bows"
)
DIRECTION: Final = re.compile(rf"[*(\[](?:[a-z]+ly )?(?:{ACTS})(?:[ ,][a-z' ,-]*)?[.!…]?[*)\]]", re.IGNORECASE)
DIRECTION_PREFIX: Final = re.compile(
    rf"[*(\[](?:[a-z]*|(?:[a-z]+ly )?(?:(?:clears|takes)(?: [a-z ]*)?|[a-z]*|(?:{ACTS})(?:[ ,][a-z' ,-]*)?[.!…]?))\Z",
    re.IGNORECASE,
)
BEFORE: Final = frozenset(".,;:!?…—\"'”’(&→÷≈≤≥≠±§∞√№")
"""What a direction may follow without a blank; signs that are read as words count as blanks."""
CLOSING: Final = {"*": "*", "(": ")", "[": "]"}


def stage_direction(scan: Scan, at: int) -> Verdict | None:
    """`*laughs*`, `(sighs heavily)` and `[clears throat]` go."""
    if not scan.before.isspace() and scan.before not in BEFORE:
        return None
    match = DIRECTION.match(scan.text, at, at + MAX_RUN_CHARS)
    if match and match[0][-1] == CLOSING[match[0][0]]:
        following = scan.char(match.end())
        if following is None:
            return HOLD
        return None if following == match[0][-1] == "*" else removed(scan, match.end())
    if scan.waits(at, MAX_RUN_CHARS) and DIRECTION_PREFIX.match(scan.text, at):
        return HOLD
    return None
