"""Where the time of a turn went. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.agents.events._events import TurnMeasured

if TYPE_CHECKING:
    from trialogue.actors import CommitTurn
    from trialogue.agents.speech._reply import Reply
    from trialogue.frames import PlayoutStarted


def measure_turn(turn: CommitTurn, reply: Reply, started: PlayoutStarted, rate_hz: int) -> TurnMeasured:
    """The parts of the time from the end of a turn's speech to the first sound of its answer.

    Each part begins where the one before ended, so that they sum to the whole; a stage that was done earlier than the
    one before it takes no time.

    Args:
        turn: the user's turn.
        reply: its answer.
        started: when that began to play.
        rate_hz: of the microphone's sample count.
    """
    marks = [
        turn.speech_ended_s,
        turn.words_final_s,
        turn.committed_s,
        turn.committed_s if reply.draft.first_text_s is None else reply.draft.first_text_s,
        started.first_sentence_s,
        started.first_sound_s,
        started.at_s,
    ]
    parts: list[float] = []
    at_s = marks[0]
    for mark in marks[1:-1]:
        reached_s = min(max(mark, at_s), started.at_s)
        parts.append(reached_s - at_s)
        at_s = reached_s
    parts.append(started.at_s - at_s)
    return TurnMeasured(
        at_s=started.at_s,
        reply_id=reply.reply_id,
        speech_ended_s=turn.speech_ended_s,
        speech_end_sample=round(turn.speech_ended_s * rate_hz),
        playout_sample=started.at_sample,
        transcription_s=parts[0],
        endpointing_s=parts[1],
        model_s=parts[2],
        sentence_s=parts[3],
        voice_s=parts[4],
        playout_s=parts[5],
        latency_s=started.at_s - turn.speech_ended_s,
    )
