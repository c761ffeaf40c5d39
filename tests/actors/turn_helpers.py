"""Facts for the turn policy, in seconds, and policies in every state that they can be in."""

from __future__ import annotations

from trialogue.actors import (
    AgentState,
    InterruptionSettings,
    MicrophoneMuted,
    MicrophoneUnmuted,
    ReplyEnded,
    ReplyHeard,
    ReplyStarted,
    ToolsFinished,
    ToolsStarted,
    TurnCleared,
    TurnCommitted,
    TurnDecision,
    TurnInput,
    TurnJudged,
    TurnPolicy,
    TurnSettings,
    UserActed,
    UserState,
)
from trialogue.frames import (
    FinalTranscript,
    InterimTranscript,
    PlayoutFinished,
    PlayoutStarted,
    SpeechEnded,
    SpeechStarted,
)

RATE_HZ = 16_000


def started(at_s: float) -> SpeechStarted:
    """The user begins to speak."""
    return SpeechStarted(at_sample=round(at_s * RATE_HZ), at_s=at_s, detected_s=at_s + 0.06)


def ended(at_s: float) -> SpeechEnded:
    """The user falls silent."""
    return SpeechEnded(at_sample=round(at_s * RATE_HZ), at_s=at_s, detected_s=at_s + 0.3)


def interim(text: str, start_s: float, end_s: float, sure: float | None = None) -> InterimTranscript:
    """Words so far."""
    start, end = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
    return InterimTranscript(text=text, start_sample=start, end_sample=end, confidence=sure)


def final(text: str, start_s: float, end_s: float, sure: float | None = None) -> FinalTranscript:
    """The words."""
    start, end = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
    return FinalTranscript(text=text, start_sample=start, end_sample=end, confidence=sure)


def playing(reply_id: str, at_s: float) -> PlayoutStarted:
    """The first sample of a reply."""
    return PlayoutStarted(
        reply_id=reply_id, at_s=at_s, at_sample=round(at_s * RATE_HZ), first_sentence_s=at_s, first_sound_s=at_s
    )


def played(reply_id: str, at_s: float) -> PlayoutFinished:
    """The end of a reply's sound."""
    return PlayoutFinished(reply_id=reply_id, at_s=at_s, heard=1, played_s=1.0)


def thinking_agent(settings: TurnSettings | None = None, *, protected: bool = False) -> TurnPolicy:
    """A policy whose agent thinks, from 0.9 s on."""
    policy = TurnPolicy(settings)
    assert policy.on_frame(ReplyStarted(reply_id="r", protected=protected), 0.9) == []
    return policy


def speaking_agent(settings: TurnSettings | None = None, *, protected: bool = False) -> TurnPolicy:
    """A policy whose agent speaks, from 1 s on."""
    policy = thinking_agent(settings, protected=protected)
    assert policy.on_frame(playing("r", 1.0), 1.0) == []
    return policy


def utter(policy: TurnPolicy, text: str, start_s: float, end_s: float) -> list[TurnDecision]:
    """A whole utterance with its words known at its end; no deadline is kept on the way."""
    decisions = policy.on_frame(started(start_s), start_s + 0.06)
    decisions += policy.on_frame(ended(end_s), end_s + 0.3)
    return decisions + policy.on_frame(final(text, start_s, end_s), end_s + 0.3)


def live(policy: TurnPolicy, *story: tuple[float, TurnInput], until_s: float | None = None) -> list[TurnDecision]:
    """Tell facts at their times, oldest first, and keep every deadline on the way, at its moment."""
    decided: list[TurnDecision] = []
    now_s = 0.0

    def keep_deadlines(until_s: float) -> None:
        for _ in range(100):
            due_s = policy.deadline
            if due_s is None or max(due_s, now_s) > until_s:
                return
            before = repr(vars(policy))
            decided.extend(policy.on_time(max(due_s, now_s)))
            assert repr(vars(policy)) != before, "a deadline came and nothing changed"
        raise AssertionError("deadlines without end")

    for at_s, fact in story:
        keep_deadlines(at_s)
        now_s = at_s
        decided += policy.on_frame(fact, at_s)
    if until_s is not None:
        keep_deadlines(until_s)
    return decided


def speech(text: str, start_s: float, end_s: float, *, words_s: float | None = None) -> list[tuple[float, TurnInput]]:
    """An utterance as a story: its edges, its words as an interim at a time, and as the final at its detected end."""
    story: list[tuple[float, TurnInput]] = [(start_s + 0.06, started(start_s))]
    if words_s is not None:
        story.append((words_s, interim(text, start_s, words_s)))
    return [*story, (end_s + 0.3, ended(end_s)), (end_s + 0.3, final(text, start_s, end_s))]


def short(decisions: list[TurnDecision]) -> list[tuple[str, float]]:
    """Kinds of decisions, and when they were taken."""
    return [
        (type(each).__name__, round(getattr(each, "decided_s", getattr(each, "committed_s", -1.0)), 6))
        for each in decisions
    ]


#: An input of each kind, at about 10 s.
ONE_OF_EACH: dict[type, TurnInput] = {
    SpeechStarted: started(10.0),
    SpeechEnded: ended(10.5),
    InterimTranscript: interim("one two", 10.0, 10.4),
    FinalTranscript: final("one two", 10.0, 10.5),
    TurnJudged: TurnJudged(speech_ended_s=10.5, probability=0.2),
    ReplyStarted: ReplyStarted(reply_id="other"),
    ReplyHeard: ReplyHeard(reply_id="r", heard="One. Two?"),
    ReplyEnded: ReplyEnded(reply_id="r"),
    PlayoutStarted: playing("r", 10.0),
    PlayoutFinished: played("r", 10.0),
    TurnCommitted: TurnCommitted(at_s=10.6),
    TurnCleared: TurnCleared(at_s=10.6),
    MicrophoneMuted: MicrophoneMuted(at_s=10.6),
    MicrophoneUnmuted: MicrophoneUnmuted(at_s=10.6),
    UserActed: UserActed(at_s=10.6),
    ToolsStarted: ToolsStarted(at_s=10.6),
    ToolsFinished: ToolsFinished(at_s=10.6),
}


def in_state(user: UserState, agent: AgentState) -> TurnPolicy:
    """A policy that has come into these states by its own doing; its agent's reply is called "r"."""
    pause_after_s = 0.0 if agent is AgentState.HELD else 0.4
    thinking = InterruptionSettings(min_words=1, pause_after_s=pause_after_s)
    policy = TurnPolicy(TurnSettings(away_after_s=0.05, interruption_thinking=thinking))
    if user is UserState.AWAY:
        policy.on_time(0.06)
    if agent is not AgentState.IDLE:
        policy.on_frame(ReplyStarted(reply_id="r"), 0.1)
    if agent in {AgentState.SPEAKING, AgentState.PAUSED}:
        policy.on_frame(playing("r", 0.2), 0.2)
    if user in {UserState.SPEAKING, UserState.MAYBE_FINISHED}:
        policy.on_frame(started(9.0), 9.06)
        if agent is AgentState.PAUSED:
            policy.on_time(9.4)
    if user is UserState.MAYBE_FINISHED:
        policy.on_frame(ended(9.5), 9.8)
    assert (policy.user, policy.agent) == (user, agent)
    return policy


#: The states in which both can be at once: an agent rests for a voice.
STATES = [
    (user, agent)
    for user in UserState
    for agent in AgentState
    if user in {UserState.SPEAKING, UserState.MAYBE_FINISHED} or agent not in {AgentState.HELD, AgentState.PAUSED}
]
