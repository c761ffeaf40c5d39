"""What follows when a noise has cut the agent off: it goes on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from trialogue.actors import Clip
from trialogue.agents.speech._reply import Asked

if TYPE_CHECKING:
    from trialogue.agents.speech._mouth import Mouth
    from trialogue.agents.speech._reply import Reply

#: Where a sentence ends, and the next one begins.
_SENTENCE_END: Final = re.compile(r"[.!?…]\s+")


class AfterNoise:
    """Has a reply gone on with, once it is known that what cut it off in the middle had no words.

    Only in the mode `vad` a voice without words interrupts; see InterruptionSettings.

    Args:
        mouth: speaks.
        instructions: what the model is told for it; where it is empty, the agent stays silent.
    """

    def __init__(self, mouth: Mouth, instructions: str) -> None:
        self._mouth = mouth
        self._instructions = instructions
        self._cut_off: Reply | None = None

    def interrupted(self, reply: Reply | None) -> None:
        """The user's voice has ended this one."""
        if reply is not None and reply.outcome == "interrupted":
            self._cut_off = reply

    def said_something(self) -> None:
        """It was no noise; or the program has decided what it was."""
        self._cut_off = None

    def was_nothing(self) -> None:
        """It was a noise."""
        reply, self._cut_off = self._cut_off, None
        if reply is None or not self._instructions or self._mouth.queue.busy:
            return
        if reply.kind == "answer":
            told = "\n\n".join(filter(None, (reply.asked.instructions, self._instructions)))
            self._mouth.ask_for(Asked(kind="answer", instructions=told, priority=reply.asked.priority))
        elif reply.asked.sound is not None:
            if isinstance(reply.asked.sound, (Clip, Sequence)):  # a stream has been used up
                self._mouth.ask_for(reply.asked)  # sound has no sentences to begin from
        elif rest := from_last_sentence(reply.text, len(reply.heard)):
            self._mouth.ask_for(Asked(kind="say", text=rest, priority=reply.asked.priority))


def from_last_sentence(text: str, heard: int) -> str:
    """What is left of a text, from the beginning of the sentence that was not heard to its end.

    Args:
        text: all of it.
        heard: how much of it was heard, characters.
    """
    ends = [end.end() for end in _SENTENCE_END.finditer(text) if end.end() <= heard]
    return text[max(ends, default=0) :].strip() if text[heard:].strip() else ""
