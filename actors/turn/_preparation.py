"""When to begin an answer before the turn is over. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trialogue.actors.turn._user_turn import UserTurn, same_words
from trialogue.actors.turn._words import words_of
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from trialogue.actors.turn._settings import PreparationSettings


@define(kw_only=True)
class Preparation:
    """The answer that was begun early.

    Args:
        settings: see there.
        prepared: the words that it answers; None if there is none.
        text: the turn's words so far.
        changed_s: when they changed last, session time, seconds.
        tries: how many were begun in this turn.
    """

    settings: PreparationSettings
    prepared: str | None = None
    text: str = ""
    changed_s: float = 0.0
    tries: int = 0

    def hear(self, text: str, now_s: float) -> bool:
        """The turn has these words now; whether the answer that was begun is of no use any more."""
        if not same_words(text, self.text):
            self.changed_s = now_s
        self.text = text
        return self._drop_unless(text)

    def due_s(self, turn: UserTurn) -> float:
        """When to begin an answer; infinite if not now, or not at all."""
        if not self.settings.enabled or self.prepared is not None or self.tries >= self.settings.max_tries:
            return math.inf
        if not turn.utterances or not words_of(self.text):
            return math.inf
        due_s = self.changed_s + self.settings.stable_s
        finals_s = [each.final_s for each in turn.utterances if each.complete and each.final_s is not None]
        if len(finals_s) == len(turn.utterances):  # what is final does not change any more
            due_s = max(finals_s)
        return due_s if due_s - turn.utterances[0].started_s <= self.settings.max_speech_s else math.inf

    def prepare(self) -> str:
        """An answer is begun, to these words."""
        self.tries += 1
        self.prepared = self.text
        return self.text

    def end(self, text: str = "") -> bool:
        """The turn is over with these words; whether the answer that was begun is of no use."""
        useless = self._drop_unless(text)
        self.prepared, self.text, self.tries = None, "", 0
        return useless

    def _drop_unless(self, text: str) -> bool:
        if self.prepared is None or same_words(text, self.prepared):
            return False
        self.prepared = None
        return True
