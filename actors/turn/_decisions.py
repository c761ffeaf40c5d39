"""What the turn policy decides: requests, to be carried out in order and completely."""

from __future__ import annotations

from typing import Literal

from trialogue.frames._attrs import frozen

#: Why a turn was committed: the silence was long enough, its words never came, the program said so, it was too long, or
#: it was typed and not said (which is not for the policy to decide).
CommitCause = Literal["silence", "no words came", "program", "too long", "typed"]

#: Why speech takes no turn: it is a sign of listening (or too little) while the agent has the floor, it has no words,
#: nothing may stop the agent, the user is muted, the program has taken it back.
IgnoreCause = Literal["listening", "no words", "protected", "muted", "cleared"]


@frozen(kw_only=True)
class CommitTurn:
    """The user's turn is over: answer it.

    Args:
        text: what the user said.
        speech_ended_s: when the speech ended, session time, seconds; where it goes on still, when it was committed.
        words_final_s: when its last words were final; the time of the commit where they never were.
        committed_s: when that was decided.
        earlier: the beginning of `text`, where that was a turn already, whose answer was not heard because the user
            went on.
        cause: why now.
    """

    text: str
    speech_ended_s: float
    words_final_s: float
    committed_s: float
    earlier: str = ""
    cause: CommitCause = "silence"


@frozen(kw_only=True)
class InterruptReply:
    """Silence the reply that is being thought or spoken.

    Args:
        reason: `barge-in` while it was heard; `user went on` before anything was heard of it.
        speech_started_s: when the speech began that does it, session time, seconds.
        decided_s: when that was decided.
    """

    reason: str
    speech_started_s: float
    decided_s: float


@frozen(kw_only=True)
class PauseReply:
    """Let the agent rest: fade its sound out if it sounds, and let nothing of a reply begin to sound.

    That holds until it is told to go on, its reply is interrupted, or that reply has ended; of these, one always comes.

    Args:
        speech_started_s: when the speech began that does it, session time, seconds.
        decided_s: when that was decided.
    """

    speech_started_s: float
    decided_s: float


@frozen(kw_only=True)
class ResumeReply:
    """It was nothing: let the agent go on where it was.

    Args:
        speech_started_s: when the speech began that had made it rest, session time, seconds.
        decided_s: when that was decided.
    """

    speech_started_s: float
    decided_s: float


@frozen(kw_only=True)
class IgnoreSpeech:
    """Speech that takes no turn.

    Args:
        text: its words, as far as they were understood.
        speech_started_s: when it began, session time, seconds.
        decided_s: when that was decided.
        reason: a sign of listening (or too little) while the agent has the floor, no words at all, said while nothing
            may stop the agent, said while muted, or taken back by the program.
    """

    text: str
    speech_started_s: float
    decided_s: float
    reason: IgnoreCause = "listening"


@frozen(kw_only=True)
class ReportMissingWords:
    """The words of an utterance have not come by their deadline; the turn goes on without them.

    Args:
        speech_ended_s: when that utterance ended, session time, seconds.
        decided_s: when that was decided.
    """

    speech_ended_s: float
    decided_s: float


@frozen(kw_only=True)
class PrepareAnswer:
    """The turn will probably end with these words: begin the answer, but let nobody hear or remember it.

    Args:
        text: all of the turn's words so far.
        decided_s: when that was decided, session time, seconds.
    """

    text: str
    decided_s: float


@frozen(kw_only=True)
class DropPreparedAnswer:
    """The turn did not end with those words: end the prepared answer without a trace.

    Args:
        decided_s: when that was decided, session time, seconds.
    """

    decided_s: float


@frozen(kw_only=True)
class ReportAway:
    """The user has said nothing for long.

    Args:
        silent_since_s: since when nobody spoke, session time, seconds.
        decided_s: when that was decided.
    """

    silent_since_s: float
    decided_s: float


@frozen(kw_only=True)
class ReportBack:
    """The user who was away speaks again."""

    decided_s: float


TurnDecision = (
    CommitTurn
    | InterruptReply
    | PauseReply
    | ResumeReply
    | IgnoreSpeech
    | ReportMissingWords
    | PrepareAnswer
    | DropPreparedAnswer
    | ReportAway
    | ReportBack
)
