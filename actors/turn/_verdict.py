"""What becomes of a turn that is complete. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trialogue.actors.turn._states import AgentState, TurnState
from trialogue.actors.turn._words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialogue.actors.turn._interruption import Interruption
    from trialogue.actors.turn._machines import Machines
    from trialogue.actors.turn._user_turn import UserTurn, Utterance

#: It is answered, it waits, or it is none: a sign of listening, or without words.
Verdict = Literal["answer", "keep", "listening", "no words"]


def verdict_of(turn: UserTurn, states: Machines, interruption: Interruption) -> Verdict:
    """Judge a turn.

    Args:
        turn: what was said, at least one utterance.
        states: what everybody does.
        interruption: what there is to be interrupted, and by what.
    """
    settings = interruption.settings
    if not words_of(turn.text):
        return "no words"
    said = [each for each in turn.utterances if not interruption.is_sign(states.agent, each.text)]
    closing = states.turn is TurnState.CLOSING
    owed = bool(turn.earlier) or closing or states.turn is TurnState.KEPT
    early = [each for each in turn.utterances if interruption.is_early(each) and words_of(each.text)]
    owed = owed or (bool(early) and _is_a_turn(early, turn, states, interruption))
    only_guarded = bool(said) and all(each.guarded for each in said) and states.agent is not AgentState.IDLE
    if interruption.is_guarded(states.agent) or (only_guarded and not closing):
        return "keep" if said or owed else "listening"
    if early and not closing and not interruption.turn_claims(states.agent, turn):
        return "keep" if owed else "listening"  # the reply that it came before is said first
    if not owed and not _takes_the_floor(turn, states, interruption):
        return "keep" if any(each.guarded for each in said) else "listening"
    manual = settings.endpointing.mode == "manual" and not closing
    return "keep" if manual and (said or not turn.earlier) else "answer"


def _takes_the_floor(turn: UserTurn, states: Machines, interruption: Interruption) -> bool:
    if states.agent is not AgentState.IDLE or turn.unanswered:
        return interruption.turn_claims(states.agent, turn)
    return _is_a_turn(turn.utterances, turn, states, interruption)


def _is_a_turn(said: Sequence[Utterance], turn: UserTurn, states: Machines, interruption: Interruption) -> bool:
    """Whether it was one while nobody had the floor.

    Who has only agreed with what was being said is still listening, unless it was a question.
    """
    anything = any(not interruption.is_sign(states.agent, each.text) for each in said)
    return anything or bool(turn.asked) or not all(each.over_agent for each in said if each.text)
