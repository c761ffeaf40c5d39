"""Stage directions: what a model writes to act, not to say."""

from __future__ import annotations

import re
from typing import Final

from trialogue.actors.text._later import later
from trialogue.actors.text_filter._alternatives import alternatives
from trialogue.actors.text_filter._inline import removed
from trialogue.actors.text_filter._letters import JOINERS, PICTOGRAPHS
from trialogue.actors.text_filter._scan import HOLD, MAX_RUN_CHARS, Scan, Verdict

ACTS: Final = alternatives(
    (
        "laughs|chuckles|giggles|sighs|smiles|grins|winks|nods|shrugs|gasps|coughs|sniffles|whispers|gulps|groans|"
        "yawns|pauses|clears throat|clears his throat|clears her throat|clears their throat|"
        "clears my throat|takes a breath|takes a deep breath|inhales|exhales|frowns|"
        "blushes|bows|waves|leans|tilts|snorts|scoffs|smirks|stammers|mutters|hums|claps|sobs|rolls eyes|shakes head|"
        "lacht|seufzt|lächelt|grinst|nickt|räuspert sich|flüstert|zwinkert|rit|soupire|sourit|chuchote|ríe|se ríe|"
        "suspira|sonríe|susurra|ride|sospira|sorride|sussurra|sorri|zucht|glimlacht|fluistert|śmieje się|wzdycha|"
        "uśmiecha się|смеётся|смеется|вздыхает|улыбается|шепчет|güler|gülümser|fısıldar"
    ).split("|")
)
SOUNDS: Final = alternatives(
    "laughter laughing laugh chuckle giggle sigh sighing gasp cough applause pause silence whispering".split()
)
"""What is a direction between square brackets alone."""
UNSEEN: Final = rf"[\\`{PICTOGRAPHS}{JOINERS}]"
"""What goes by other rules, so that a direction is bare the second time."""
ENDS: Final = rf"(?:(?:[ ,]|{UNSEEN})(?:[a-z' ,-]|{UNSEEN})*)?[.!…]?{UNSEEN}*"
"""What may stand between the act and the closing mark."""
DIRECTION: Final = later(rf"(?:[*_(\[](?:[a-z]+ly )?(?:{ACTS}){ENDS}[*_)\]]|\[(?:{SOUNDS}){UNSEEN}*\])", re.IGNORECASE)
DIRECTION_PREFIX: Final = later(
    r"[*_(\[](?:[^\W\d_]*|(?:[a-z]+ly )?(?:(?:clears|takes|rolls|shakes|se|śmieje|uśmiecha|räuspert)(?: [^\W\d_ ]*)*"
    rf"|[a-z]*|(?:{ACTS}){ENDS})|\[(?:{SOUNDS}){UNSEEN}*)\Z",
    re.IGNORECASE,
)
BEFORE: Final = frozenset(".,;:!?…—\"'”’(&→÷≈≤≥≠±§∞√№")
"""What a direction may follow without a blank; signs that are read as words count as blanks."""
CLOSING: Final = {"*": "*", "_": "_", "(": ")", "[": "]"}
BEGUN: Final = later(r"[*_(\[][^*_()\[\]\d\n]*\Z")
"""What else has come is no beginning of a direction."""


def stage_direction(scan: Scan, at: int) -> Verdict | None:
    """`*laughs*`, `(sighs heavily)` and `[clears throat]` go."""
    if not scan.before.isspace() and scan.before not in BEFORE:
        return None
    if (first := scan.text[at + 1 : at + 2]) and not first.isalpha():
        return None
    closes = scan.text.find(CLOSING[scan.text[at]], at + 1, at + MAX_RUN_CHARS) > 0
    match = DIRECTION.match(scan.text, at, at + MAX_RUN_CHARS) if closes else None
    if match and match[0][-1] == CLOSING[match[0][0]]:
        following = scan.char(match.end())
        if following is None:
            return HOLD
        return None if following == match[0][-1] and following in "*_" else removed(scan, match.end())
    if scan.waits(at, MAX_RUN_CHARS) and BEGUN.match(scan.text, at) and DIRECTION_PREFIX.match(scan.text, at):
        return HOLD
    return None
