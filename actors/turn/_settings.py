"""The settings of turn-taking. All times in seconds."""

from __future__ import annotations

import math
from typing import Literal

import attrs

from trialogue.actors.turn._detector import FINISHED
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import frozen


def _check(right: bool, complaint: str) -> None:
    if not right:
        raise ConfigurationError(complaint)


@frozen(kw_only=True)
class EndpointingSettings:
    """When a turn ends.

    Args:
        mode: `fixed` goes by the two delays; `adaptive` learns the user's own pauses and moves the least delay between
            them; `manual` leaves it to the program (`session.commit_turn()`).
        min_delay_s: silence after the acoustic end of speech that ends a turn whose thought is finished.
        max_delay_s: silence that ends any turn, counted alike; the less finished the thought, the nearer to it. Not
            above `min_delay_s`, every turn ends after that.
        transcript_deadline_s: how long after the end of speech its words may come; then what there is counts.
        max_turn_s: a turn that lasts longer than this is answered though the user speaks on.
        max_turn_words: and so is one of more words than this.
    """

    mode: Literal["fixed", "adaptive", "manual"] = "fixed"
    min_delay_s: float = 0.5
    max_delay_s: float = 1.6
    transcript_deadline_s: float = 3.0
    max_turn_s: float = math.inf
    max_turn_words: float = math.inf

    def __attrs_post_init__(self) -> None:
        _check(
            0 <= self.min_delay_s <= self.transcript_deadline_s < math.inf,
            f"endpointing needs 0 <= min_delay_s <= transcript_deadline_s, not {self.min_delay_s} and "
            f"{self.transcript_deadline_s} s",
        )
        _check(
            0 <= self.max_delay_s < math.inf,
            f"endpointing needs a max_delay_s of 0 or more seconds, not {self.max_delay_s}",
        )
        _check(
            self.max_turn_s > 0 and self.max_turn_words > 0,
            f"endpointing needs max_turn_s > 0 and max_turn_words > 0, not {self.max_turn_s} and {self.max_turn_words}",
        )

    def delay_s(self, finished: float, least_s: float | None = None) -> float:
        """How much silence ends a turn.

        Args:
            finished: the probability that its thought is finished; from 0.5 on it counts as such.
            least_s: the least delay, where it was learned, seconds.
        """
        least_s = self.min_delay_s if least_s is None else least_s
        more_s = max(0.0, self.max_delay_s - least_s)
        return least_s + more_s * max(0.0, 1.0 - finished / FINISHED)


@frozen(kw_only=True)
class InterruptionSettings:
    """What takes the floor from the agent.

    Args:
        mode: `vad`: speech that is long enough; `stt`: words enough; `hybrid`: both; `off`: nothing.
        min_speech_s: so long speech must last; for `vad` and `hybrid`.
        min_words: so many words it must have; for `stt` and `hybrid`. A command such as "stop" or "wait" needs only
            itself, and signs of listening ("mhm") are no words, however many.
        min_confidence: so sure the recogniser must be of the words, 0 to 1, where it says how sure it is.
        grace_s: so long after the agent has begun to sound nothing stops it.
        pause_after_s: speech that lasts this long makes the agent rest until it is known what it is; infinite never.
        resume_after_s: silence after that speech which means that it was nothing: the agent goes on.
        warm_up_s: so long after the agent's very first sound nothing stops it: what an echo canceller needs.
    """

    mode: Literal["vad", "stt", "hybrid", "off"] = "hybrid"
    min_speech_s: float = 0.4
    min_words: int = 2
    min_confidence: float = 0.0
    grace_s: float = 0.0
    pause_after_s: float = 0.4
    resume_after_s: float = 2.0
    warm_up_s: float = 0.0

    def __attrs_post_init__(self) -> None:
        times_s = (self.min_speech_s, self.grace_s, self.pause_after_s, self.resume_after_s, self.warm_up_s)
        _check(min(times_s) >= 0, f"interruption needs times of 0 or more seconds, not {min(times_s)}")
        _check(self.resume_after_s < math.inf, "interruption needs a finite resume_after_s; who rests must go on")
        _check(self.min_words >= 1, f"interruption needs min_words of 1 or more, not {self.min_words}")
        _check(
            0 <= self.min_confidence <= 1,
            f"interruption needs a min_confidence between 0 and 1, not {self.min_confidence}",
        )


@frozen(kw_only=True)
class PreparationSettings:
    """Answers that are begun before it is certain that the turn is over.

    Args:
        enabled: whether they are.
        stable_s: words that have not changed for this long are taken for all of them.
        max_tries: so many times in one turn, at most.
        max_speech_s: and not in turns that are longer than this.
        synthesise: whether the voice begins, too.
    """

    enabled: bool = False
    stable_s: float = 0.2
    max_tries: int = 3
    max_speech_s: float = 10.0
    synthesise: bool = False

    def __attrs_post_init__(self) -> None:
        _check(
            self.stable_s >= 0 and self.max_tries >= 1 and self.max_speech_s > 0,
            "preparing answers needs stable_s >= 0, max_tries >= 1 and max_speech_s > 0",
        )


@frozen(kw_only=True)
class TurnSettings:
    """Turn-taking.

    Args:
        language: what the user speaks, such as "en" or "de-AT"; for judging their words.
        edges: who says where speech begins and ends: the voice-activity detector, the recogniser by its words, or
            whichever of both says so first.
        endpointing: when a turn ends.
        interruption: what takes the floor from an agent that speaks.
        interruption_thinking: the same for one that thinks, which nobody has heard yet. It is kept from beginning to
            sound as soon as the user speaks.
        protected: what becomes of speech during protected speech: `discard` it, `answer` it afterwards, as one turn, or
            only `transcribe` it.
        preparation: answers begun early.
        away_after_s: so long nobody has spoken when the user counts as away; infinite never.
    """

    language: str = "en"
    edges: Literal["vad", "stt", "both"] = "vad"
    endpointing: EndpointingSettings = attrs.Factory(EndpointingSettings)
    interruption: InterruptionSettings = attrs.Factory(InterruptionSettings)
    interruption_thinking: InterruptionSettings = attrs.Factory(
        lambda: InterruptionSettings(min_words=1, pause_after_s=0.0)
    )
    protected: Literal["discard", "answer", "transcribe"] = "answer"
    preparation: PreparationSettings = attrs.Factory(PreparationSettings)
    away_after_s: float = 15.0

    def __attrs_post_init__(self) -> None:
        _check(self.away_after_s > 0, f"turns need away_after_s > 0, not {self.away_after_s}; infinite for never")
