"""What happens in a conversation, as facts that anybody may follow. All times are session seconds."""

from __future__ import annotations

from typing import Final, Literal

from trialogue.agents.events._call_events import CallEvent
from trialogue.frames._attrs import frozen

#: Who or what ends a session.
EndCause = Literal["program", "agent", "user gone", "failure", "not begun"]

#: An answer of the model, a text that was given, or keys of a telephone.
ReplyKind = Literal["answer", "say", "keys"]


@frozen(kw_only=True)
class UserStartedSpeaking:
    """The user began to speak, as TurnSettings.edges has it; `detected_s` is when that was certain."""

    at_s: float
    detected_s: float


@frozen(kw_only=True)
class UserStoppedSpeaking:
    """The user ceased to speak, or was muted; `detected_s` is when that was certain."""

    at_s: float
    detected_s: float


@frozen(kw_only=True)
class UserSaid:
    """What was understood of an utterance so far, or (final) of the whole of it."""

    at_s: float
    text: str
    final: bool


@frozen(kw_only=True)
class UserTurnEnded:
    """The user has finished a turn; an answer begins.

    Args:
        text: all that was said in it.
        speech_ended_s: the acoustic end of the speech; of a turn that was typed, when that came.
        cause: why now: the silence was long enough, words never came, the program said so, it was too long, or it was
            typed, on a keyboard or a telephone's keys.
    """

    at_s: float
    text: str
    speech_ended_s: float
    cause: Literal["silence", "no words came", "program", "too long", "typed"] = "silence"


@frozen(kw_only=True)
class SpeechIgnored:
    """The user spoke without taking a turn.

    Args:
        text: what was understood of it.
        started_s: when it began.
        reason: a sign of listening, no words, said into protected speech, said while muted, or taken back by the
            program.
    """

    at_s: float
    text: str
    started_s: float
    reason: Literal["listening", "no words", "protected", "muted", "cleared"] = "listening"


@frozen(kw_only=True)
class WordsMissing:
    """The words of an utterance have not come in time; the turn goes on without them."""

    at_s: float
    speech_ended_s: float


@frozen(kw_only=True)
class UserWentAway:
    """The user has said nothing for long, though nothing kept the user from it.

    Told once for each silence: again only if the agent has spoken meanwhile, and the user still does not.
    """

    at_s: float
    silent_since_s: float


@frozen(kw_only=True)
class UserCameBack:
    """The user who was away speaks again."""

    at_s: float


@frozen(kw_only=True)
class UserMuted:
    """What the user says does not count from now on.

    Args:
        reason: the program wants it, or which of the strategies.
    """

    at_s: float
    reason: str


@frozen(kw_only=True)
class UserUnmuted:
    """What the user says counts again."""

    at_s: float


@frozen(kw_only=True)
class AgentStartedThinking:
    """A reply was begun; nothing is heard of it yet.

    Args:
        turn_s: when the user's turn ended that it answers (UserTurnEnded.at_s); None where it answers none.
    """

    at_s: float
    reply_id: str
    kind: ReplyKind
    turn_s: float | None = None


@frozen(kw_only=True)
class AgentStartedSpeaking:
    """The first sample of a reply was played.

    Args:
        latency_s: since the end of the speech that it answers; None where it answers none.
    """

    at_s: float
    reply_id: str
    latency_s: float | None


@frozen(kw_only=True)
class AgentSaid:
    """What was heard of a reply so far, word by word, or (final) in all: a caption at the pace of the voice.

    Told only to listeners who name it, `session.events(AgentSaid)`: neither to observers nor in reports. Each one goes
    on where the one before has ended. It is for the eye: as the model wrote it, but without markup and tags.

    Args:
        text: all of the reply that was heard.
        final: whether the reply is over; how it ended is told by AgentStoppedSpeaking, just before.
    """

    at_s: float
    reply_id: str
    text: str
    final: bool


@frozen(kw_only=True)
class AgentWrote:
    """More of a reply that nobody speaks, since there is no voice: `text` follows what was written of it before."""

    at_s: float
    reply_id: str
    text: str


@frozen(kw_only=True)
class AgentPaused:
    """The agent rests in the middle of a reply: the user speaks, and it is not known yet what that means.

    Args:
        speech_started_s: when the user's speech began; None where the program wants the rest.
    """

    at_s: float
    reply_id: str
    speech_started_s: float | None


@frozen(kw_only=True)
class AgentResumed:
    """It was no interruption, or the program wants it: the agent goes on from where it was.

    Args:
        paused_s: how long it rested.
    """

    at_s: float
    reply_id: str
    paused_s: float


@frozen(kw_only=True)
class AnswerPrepared:
    """What became of an answer that was begun before the turn was over.

    Args:
        text: the words that it answers.
        used: whether it is the answer; else it was ended without a trace.
        reason: why it was not used; empty where it was.
        ahead_s: how long before the end of the turn, or its own end, it was begun.
        written: how many characters the model had written by then.
    """

    at_s: float
    text: str
    used: bool
    reason: str
    ahead_s: float
    written: int


@frozen(kw_only=True)
class AgentStoppedSpeaking:
    """A reply is over; each one that was begun tells it once, even if nothing of it was heard.

    Args:
        heard: what of it was heard; that, and no more, is remembered.
        unheard: what was written but not heard.
        interrupted: whether it was cut off, and why.
        played_s: how much sound was played.
        characters: how much text was handed to the voice.
    """

    at_s: float
    reply_id: str
    heard: str
    unheard: str
    interrupted: str | None
    played_s: float
    characters: int = 0


#: The stages of a turn, in order.
STAGES: Final = ("transcription", "endpointing", "model", "sentence", "voice", "playout")


@frozen(kw_only=True)
class Span:
    """What one stage of a turn took.

    Args:
        stage: one of STAGES.
        start_s, end_s: session time, seconds.
    """

    stage: str
    start_s: float
    end_s: float

    def samples(self, rate_hz: int) -> tuple[int, int]:
        """The same on a sample count: positions of its first sample and of the one after its last."""
        return round(self.start_s * rate_hz), round(self.end_s * rate_hz)


@frozen(kw_only=True)
class TurnMeasured:
    """Where the time went between the end of the user's speech and the first sound of the answer.

    The parts follow each other without gap, so they sum to `latency_s` exactly. All in seconds.

    Args:
        speech_ended_s: the acoustic end of the speech, session time.
        speech_end_sample: the same on the microphone's sample count.
        playout_sample: the answer's first sample on the speaker's sample count.
        transcription_s: until the words were final (0 where they were so before the speech had ended).
        endpointing_s: from then until the turn was committed.
        model_s: until the model's first text.
        sentence_s: until the first sentence was certain to be complete.
        voice_s: until its first sound; the voice may have been asked before, when the sentence was only likely.
        playout_s: until that was played.
        latency_s: all of it.
    """

    at_s: float
    reply_id: str
    speech_ended_s: float
    speech_end_sample: int
    playout_sample: int
    transcription_s: float
    endpointing_s: float
    model_s: float
    sentence_s: float
    voice_s: float
    playout_s: float
    latency_s: float

    @property
    def spans(self) -> tuple[Span, ...]:
        """The parts as stretches of time, one after another."""
        found: list[Span] = []
        start_s = self.speech_ended_s
        for stage in STAGES:
            end_s = start_s + float(getattr(self, f"{stage}_s"))
            found.append(Span(stage=stage, start_s=start_s, end_s=end_s))
            start_s = end_s
        return tuple(found)


@frozen(kw_only=True)
class ActorFailed:
    """An actor of the session raised, and what was decided about it.

    Args:
        fault_id: unique in the session; also in the log.
        actor: its name in the graph.
        cause: the exception, in words.
        decision: restart it (after `delay_s`), go on without it, or end the session.
    """

    at_s: float
    fault_id: str
    actor: str
    cause: str
    decision: Literal["restart", "go on without it", "escalate"]
    delay_s: float


@frozen(kw_only=True)
class ReplyFailed:
    """A reply came to nothing more because a provider or a tool's surroundings failed; the session goes on."""

    at_s: float
    reply_id: str
    error: str


@frozen(kw_only=True)
class DocumentReceived:
    """The model has answered with a JSON object, as it was asked to by a ReplyForm; a part of it is spoken.

    Args:
        document: all that the model wrote; `ReplyForm.read` makes the typed value of it.
        error: why it is no such object, in words; empty where it is one.
    """

    at_s: float
    reply_id: str
    document: str
    error: str


@frozen(kw_only=True)
class ToolStarted:
    """A tool runs; `arguments` is a JSON object as text."""

    at_s: float
    call_id: str
    name: str
    arguments: str


@frozen(kw_only=True)
class ToolFinished:
    """A tool gave its one output, so many seconds after it was called; while it is paused none pass."""

    at_s: float
    call_id: str
    name: str
    output: str
    is_error: bool
    took_s: float = 0.0


@frozen(kw_only=True)
class ToolPaused:
    """A tool waits for a task that has the conversation meanwhile; no reply waits for it, and its time stands still."""

    at_s: float
    call_id: str
    name: str


@frozen(kw_only=True)
class ToolResumed:
    """A tool that was paused goes on."""

    at_s: float
    call_id: str
    name: str


@frozen(kw_only=True)
class ToolStepsUsedUp:
    """The model has asked for tools as often as one reply may; it must answer now with what it has."""

    at_s: float
    reply_id: str
    steps: int


#: What is asked: a language model, a voice, a recogniser.
Part = Literal["llm", "tts", "stt"]


@frozen(kw_only=True)
class RequestMeasured:
    """A request is over: to the language model, to the voice (a sentence), or to the recogniser (an utterance).

    Those of answers that were prepared in vain, and of sentences that were only likely, are told of, too; those that
    the end of the session cuts off are not.

    Args:
        part: what was asked.
        model: the name of the model, as its provider tells it.
        reply_id: what it was for; empty for an utterance.
        first_s: how long until the first output came: a token, a sound; for an utterance, from its end to its words.
            None where nothing came.
        took_s: how long until it was over; a voice waits meanwhile for what it has given to be heard.
        outcome: whether all of it came, it failed, or nobody waited for it any more.
        input_tokens, output_tokens: as the language model counts them; None where it does not say.
        characters: how much the voice was given.
        audio_s: the sound that the voice gave, or the recogniser heard, seconds.
    """

    at_s: float
    part: Part
    model: str
    reply_id: str = ""
    first_s: float | None
    took_s: float
    outcome: Literal["completed", "failed", "cancelled"]
    input_tokens: int | None = None
    output_tokens: int | None = None
    characters: int = 0
    audio_s: float = 0.0


@frozen(kw_only=True)
class AgentChanged:
    """Another agent has the conversation from now on; both are told by the names of their classes."""

    at_s: float
    from_agent: str
    to_agent: str


@frozen(kw_only=True)
class SessionEnded:
    """The conversation is over.

    Args:
        reason: why, in words.
        cause: who or what has ended it: the program, the agent by a tool, the user who has gone, an actor that cannot
            be gone on without; or it could not even begin.
    """

    at_s: float
    reason: str
    cause: EndCause = "program"


Event = (
    UserStartedSpeaking
    | UserStoppedSpeaking
    | UserSaid
    | UserTurnEnded
    | SpeechIgnored
    | WordsMissing
    | UserWentAway
    | UserCameBack
    | UserMuted
    | UserUnmuted
    | AgentStartedThinking
    | AgentStartedSpeaking
    | AgentSaid
    | AgentWrote
    | AgentPaused
    | AgentResumed
    | AgentStoppedSpeaking
    | AnswerPrepared
    | TurnMeasured
    | ActorFailed
    | ReplyFailed
    | DocumentReceived
    | ToolStarted
    | ToolFinished
    | ToolPaused
    | ToolResumed
    | ToolStepsUsedUp
    | RequestMeasured
    | AgentChanged
    | SessionEnded
    | CallEvent
)
