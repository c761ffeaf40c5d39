"""Which words take the floor and which only keep the other one going. Pure."""

from __future__ import annotations

import re
from typing import Final

#: What listeners say without wanting the floor, as whole phrases.
BACKCHANNELS: Final = frozenset(
    {
        "ah", "aha", "all right", "alright", "cool", "good", "got it", "great", "hm", "hmm", "huh", "i see", "m",
        "mhm", "mm", "mm hm", "mm hmm", "mmm", "nice", "oh", "oh okay", "ok", "okay", "okay okay", "right",
        "right right", "sure", "uh", "uh huh", "uh hum", "uh-huh", "um", "um hum", "wow", "yeah", "yeah yeah", "yep", "yes", "yup",
    }
)  # fmt: skip

#: What takes the floor even as a single word.
COMMANDS: Final = frozenset({"hold on", "no", "stop", "wait", "pause", "quiet", "enough"})

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """The words of a transcript, in lower case, without punctuation."""
    return _WORD.findall(text.casefold())


def is_backchannel(text: str) -> bool:
    """Whether it is nothing but signs of listening ("mhm", "yeah okay"), or no word at all."""
    words = words_of(text)
    while words:
        for length in (3, 2, 1):
            if " ".join(words[:length]) in BACKCHANNELS:
                words = words[length:]
                break
        else:
            return False
    return True


def is_command(text: str) -> bool:
    """Whether one of its words or phrases asks for silence or for the floor."""
    spoken = f" {' '.join(words_of(text))} "
    return any(f" {command} " in spoken for command in COMMANDS)
