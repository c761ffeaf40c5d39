"""How much silence ends a turn, and what the user's own pauses teach of that. Pure."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.actors.turn._words import is_backchannel, words_of
from trialogue.frames import SPEECH_FORMAT
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from trialogue.actors.turn._settings import EndpointingSettings
    from trialogue.actors.turn._user_turn import UserTurn, Utterance

#: How much of what was learned remains when a pause is learned; the rest is that pause.
_ALPHA: Final = 0.9

#: Who takes the floor back before the answer has been heard for longer than this had not finished, seconds.
_CUT_IN_S: Final = 0.5


@define(kw_only=True)
class Endpointing:
    """The end of turns.

    Args:
        settings: see there.
        language: for signs of listening, which teach nothing.
        learned_s: how long the user's pauses are on average, seconds; only in the mode `adaptive`.
        ended_s: where the speech of the last turn that was committed ended, session time, seconds.
        missed_to_s: where the last speech ended of which it was told that its words have not come.
    """

    settings: EndpointingSettings
    language: str
    learned_s: float = attrs.field(init=False)
    ended_s: float = attrs.field(default=-math.inf, init=False)
    missed_to_s: float = attrs.field(default=-math.inf, init=False)

    @learned_s.default
    def _learned_s(self) -> float:
        return self.settings.min_delay_s

    @property
    def min_delay_s(self) -> float:
        """The least delay, as the mode has it."""
        return self.learned_s if self.settings.mode == "adaptive" else self.settings.min_delay_s

    def due_s(self, turn: UserTurn) -> float:
        """When a turn ends whose speaker is silent: after the delay, and not before its words are in."""
        *before, last = turn.utterances
        finished = min(turn.finished, turn.sounds_finished)
        silence_s = self.settings.delay_s(finished, self.min_delay_s)
        deadline_s = self.settings.transcript_deadline_s
        return max(
            last.ended_s + (silence_s if last.complete else deadline_s),
            *(each.ended_s + deadline_s for each in before if not each.complete and not each.text),
            -math.inf,
        )

    def words_due_s(self, turn: UserTurn) -> float:
        """When a turn ends that the program has committed: once its words are in."""
        return max((self._words_due_s(each, turn.closed_s) for each in turn.closed), default=math.inf)

    def _words_due_s(self, utterance: Utterance, closed_s: float) -> float:
        if utterance.final_s is not None and (
            utterance.complete or utterance.final_to >= closed_s * SPEECH_FORMAT.rate_hz
        ):
            return utterance.final_s
        if not (utterance.over or utterance.text):
            return math.inf  # the voice goes on, and has said nothing so far
        return min(utterance.ended_s, closed_s) + self.settings.transcript_deadline_s

    def too_long_s(self, turn: UserTurn) -> float:
        """When a turn with words is too long; infinite if it is not, so far."""
        words = len(words_of(turn.new_text))
        if not words:
            return math.inf
        began_s = turn.utterances[0].started_s
        return began_s if words > self.settings.max_turn_words else began_s + self.settings.max_turn_s

    def missing(self, turn: UserTurn, now_s: float) -> list[Utterance]:
        """The utterances whose words have not come by their deadline."""
        deadline_s = self.settings.transcript_deadline_s
        return [
            each
            for each in turn.utterances
            if not each.complete
            and each.ended_s > self.missed_to_s
            and min(each.ended_s, turn.closed_s) + deadline_s <= now_s
        ]

    def committed(self, turn: UserTurn) -> None:
        """A turn ends here: learn from the pauses in it."""
        said = [each for each in turn.utterances if not is_backchannel(each.text, self.language)]
        for one, other in itertools.pairwise(said):
            self._learn(other.started_s - one.ended_s)
        if turn.utterances:
            self.ended_s = turn.ended_s

    def cut_in(self, started_s: float, heard_s: float) -> None:
        """The user took the floor back: learn from that, if it was at once.

        Args:
            started_s: when that speech began, session time, seconds.
            heard_s: since when the answer was heard; infinite if it was not.
        """
        pause_s = started_s - self.ended_s
        if started_s <= heard_s + _CUT_IN_S and pause_s <= self._longest_s:  # else the answer was slow
            self._learn(pause_s)

    @property
    def _longest_s(self) -> float:
        return max(self.settings.min_delay_s, self.settings.max_delay_s)

    def _learn(self, pause_s: float) -> None:
        within_s = min(max(pause_s, self.settings.min_delay_s), self._longest_s)
        self.learned_s = _ALPHA * self.learned_s + (1 - _ALPHA) * within_s
