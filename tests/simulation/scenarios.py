"""Calls by chance: what a hypothesis strategy makes of callers, models and wires that do anything at any time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import get_args

import attrs
import hypothesis.strategies as st
import trio

from trialogue.actors import (
    AudioOutSettings,
    EndpointingSettings,
    InterruptionSettings,
    PreparationSettings,
    TurnSettings,
)
from trialogue.agents import Agent, ConversationSettings, MuteStrategy, NudgeSettings, SessionSettings, tool
from trialogue.agents.testing import (
    DEFAULT_ANSWER,
    Action,
    Answer,
    Call,
    Caller,
    Coughs,
    HangsUp,
    NotHeard,
    ProgramDoes,
    Recognition,
    Says,
    Scenario,
    Speech,
    Utterance,
    Wire,
    WireBreaks,
    check_laws,
    simulate,
)
from trialogue.engine import ProviderError
from trialogue.frames import ChatMessage, ChatRequest, ToolCall

#: Once nothing happens any more, a session listens and answers within so long, seconds.
LIVELY_S = 5.0

#: How long a word of the agent takes, seconds.
WORD_S = 0.25

#: How long the slowest voice needs for the answer to the question whether the agent is there, seconds.
SPOKEN_S = 3.0

#: By then everything is said that was begun before, seconds.
REST_S = 60.0

PROBE = "Are you still there?"
ALIVE = "Yes, I am here."


@tool
async def look() -> str:
    """Look something up."""
    await trio.sleep(0.8)
    return "found"


class Greeter(Agent):
    """Greets, and has a tool."""

    async def on_enter(self, session: object) -> None:
        """Greet."""
        session.say("Hello, what can I do for you?")  # type: ignore[attr-defined]  # a session


#: Moments that matter: on and beside the edges of delays, frames and settings.
gaps_s = st.sampled_from([0.0, 0.02, 0.1, 0.3, 0.45, 0.7, 1.3, 2.1, 4.0])
lengths_s = st.sampled_from([0.04, 0.2, 0.39, 0.4, 0.5, 0.9, 1.5, 3.0])
words = st.sampled_from(
    ["", "mhm", "yes", "stop", "tell me more", "I would like a table for four and", "No, wait a bit."]
)
delays_s = st.sampled_from([0.0, 0.05, 0.3, 0.8, 1.9, 2.5, 3.5])
errors = st.builds(ProviderError, st.just("dead"), retryable=st.just(True))

utterances = st.one_of(
    st.none(),
    st.builds(Utterance, text=words, final_delay_s=delays_s, word_s=st.sampled_from([None, 0.1, 0.3])),
    st.builds(
        Utterance,
        text=words,
        finals=st.lists(st.tuples(delays_s, words), max_size=3).map(tuple),
    ),
    st.builds(Utterance, text=words, final_delay_s=delays_s, error=errors),
)

answers = st.one_of(
    st.sampled_from(["", "Right.", "Is that all?", DEFAULT_ANSWER]),
    st.builds(
        Answer,
        st.sampled_from([DEFAULT_ANSWER, "Well, let me see. It is fine.", "Half a sentence"]),
        first_token_s=delays_s,
        token_interval_s=st.sampled_from([0.0, 0.02, 0.2]),
        stalls=st.dictionaries(st.sampled_from([1, 3, 10]), st.sampled_from([0.5, 3.0, 5.0]), max_size=1),
        dies_at=st.sampled_from([None, None, 0, 1, 7]),
        error=errors,
    ),
    st.just(Answer(["One moment, please.", ToolCall(call_id="1", name="look", arguments="{}")])),
    st.just(Answer([ToolCall(call_id="1", name="look", arguments="{}")])),
)

speeches = st.builds(
    Speech,
    word_s=st.just(WORD_S),
    words=st.booleans(),
    first_audio_s=st.sampled_from([0.0, 0.05, 0.4, 1.5]),
    speed=st.sampled_from([float("inf"), 2.0, 0.8]),
)

#: Sentences at which the voice fails.
broken_speeches = st.builds(Speech, word_s=st.just(WORD_S), dies_after_s=st.sampled_from([0.0, 0.3]), error=errors)


PROGRAM = (
    ProgramDoes(at_s=0, what="say", text="By the way, the weather is fine today."),
    ProgramDoes(at_s=0, what="reply", text="Say something nice."),
    ProgramDoes(at_s=0, what="interrupt"),
    ProgramDoes(at_s=0, what="interrupt", protected=True),
    ProgramDoes(at_s=0, what="say", text="This call may be recorded.", protected=True),
    ProgramDoes(at_s=0, what="commit_turn"),
    ProgramDoes(at_s=0, what="clear_turn"),
    ProgramDoes(at_s=0, what="mute"),
    ProgramDoes(at_s=0, what="unmute"),
)


@st.composite
def actions(draw: st.DrawFn) -> Sequence[Action]:
    """What happens from outside, one after another or at once."""
    made: list[Action] = []
    at_s = 0.0
    for _ in range(draw(st.integers(0, 7))):
        at_s = round(at_s + draw(gaps_s), 3)
        kind = draw(st.sampled_from(["says", "says", "says", "coughs", "program"]))
        if kind == "says":
            made.append(Says(at_s=at_s, text=draw(words), for_s=draw(lengths_s), understood=draw(utterances)))
            at_s += draw(st.sampled_from([0.0, 0.0, 0.5]))
        elif kind == "coughs":
            made.append(Coughs(at_s=at_s, for_s=draw(lengths_s)))
        else:
            made.append(attrs.evolve(draw(st.sampled_from(PROGRAM)), at_s=at_s))
    end = draw(st.sampled_from([None, None, None, HangsUp, WireBreaks]))
    if end is not None:
        made.append(end(at_s=round(at_s + draw(gaps_s), 3)))
    return made


interruptions = st.builds(
    InterruptionSettings,
    mode=st.sampled_from(["hybrid", "hybrid", "hybrid", "vad", "stt", "off"]),
    min_words=st.sampled_from([1, 2]),
    grace_s=st.sampled_from([0.0, 0.0, 0.5]),
    pause_after_s=st.sampled_from([0.0, 0.4, 0.8, math.inf]),
    resume_after_s=st.sampled_from([0.0, 0.5, 2.0]),
    warm_up_s=st.sampled_from([0.0, 0.0, 1.0]),
)

turns = st.builds(
    TurnSettings,
    edges=st.sampled_from(["vad", "vad", "vad", "stt", "both"]),
    endpointing=st.builds(
        EndpointingSettings,
        mode=st.sampled_from(["fixed", "adaptive"]),
        min_delay_s=st.sampled_from([0.0, 0.3, 0.5]),
        max_turn_s=st.sampled_from([math.inf, math.inf, 2.0]),
        max_turn_words=st.sampled_from([math.inf, math.inf, 6]),
    ),
    interruption=interruptions,
    protected=st.sampled_from(["answer", "discard", "transcribe"]),
    preparation=st.builds(PreparationSettings, enabled=st.booleans(), synthesise=st.booleans()),
    away_after_s=st.sampled_from([1.5, 15.0]),
)

settings = st.one_of(
    st.none(),
    st.builds(
        SessionSettings,
        turn=turns,
        audio_out=st.builds(
            AudioOutSettings, fade_s=st.sampled_from([0.0, 0.08]), finish_word_s=st.sampled_from([0.0, 0.3])
        ),
        conversation=st.builds(
            ConversationSettings,
            min_gap_s=st.sampled_from([0.0, 0.0, 0.4]),
            mute=st.sampled_from([(), (), *((strategy,) for strategy in get_args(MuteStrategy))]),
            nudge=st.sampled_from([None, NudgeSettings(text="Hello? Are you there?", at_most=1)]),
        ),
    ),
)

#: So often a recogniser is replaced within a minute; then the call ends, as it should.
REPLACED = 5


def is_understood(scenario: Scenario) -> bool:
    """Whether the recogniser dies no more often than it is replaced."""
    happens = scenario.caller
    assert not callable(happens)
    heard = [action.understood for action in happens if isinstance(action, Says)]
    return sum(understood is not None and understood.error is not None for understood in heard) <= REPLACED


scenarios = st.builds(
    Scenario,
    settings=settings,
    caller=actions(),
    answers=st.lists(answers, max_size=5),
    speech=speeches,
    exceptions=st.dictionaries(st.integers(0, 6), broken_speeches, max_size=1),
    recognition=st.builds(Recognition, final_delay_s=st.sampled_from([0.0, 0.1, 0.6]), interims=st.booleans()),
    wire=st.builds(Wire, latency_s=st.sampled_from([0.0, 0.0, 0.2]), jitter_s=st.sampled_from([0.0, 0.03])),
    seed=st.integers(0, 3),
).filter(is_understood)


def walk(scenario: Scenario) -> Call:
    """Hold a call, see that it is alive at its end, and that it has kept every law."""
    happens = scenario.caller
    assert not callable(happens)
    goes = any(isinstance(action, HangsUp | WireBreaks) for action in happens)

    async def follow(caller: Caller) -> None:
        await caller.do(happens)
        if goes:
            await caller.session.wait_ended()
            return
        caller.session.unmute()
        await caller.waits(LIVELY_S)
        if not can_interrupt(scenario):
            with trio.fail_after(REST_S):
                await caller.session.wait_idle(1.0)
        # The voice may fail at just this answer, a turn whose words came late may be too long in its middle, what waits
        # to be said is said before the answer, and by words alone late ones may be a turn of their own meanwhile.
        by_words = (scenario.settings or SessionSettings()).turn.edges != "vad"
        tries = 1 + len(scenario.exceptions) + is_limited(scenario) + has_more_to_say(scenario) + by_words
        for tries_left in reversed(range(tries)):
            await caller.says(PROBE)
            try:
                await caller.hears(ALIVE, within_s=LIVELY_S + SPOKEN_S)
                break
            except NotHeard:
                if not tries_left:
                    raise

    held = attrs.evolve(scenario, caller=follow, answers=model(scenario.answers))
    call = simulate(Greeter(instructions="Be kind.", tools=[look]), held)
    check_laws(call)
    return call


def can_interrupt(scenario: Scenario) -> bool:
    """Whether the caller can make the agent listen at once."""
    happens, settings = scenario.caller, scenario.settings
    assert not callable(happens)
    if settings is None:
        settings = SessionSettings()
    protected = any(isinstance(action, ProgramDoes) and action.protected for action in happens)
    return not (
        protected or is_limited(scenario) or settings.conversation.mute or settings.turn.interruption.mode == "off"
    )


def has_more_to_say(scenario: Scenario) -> bool:
    """Whether something may wait to be said that answers nothing: what the program wants, or an apology."""
    happens, answers = scenario.caller, scenario.answers
    assert not callable(happens)
    assert not callable(answers)
    asked = any(isinstance(action, ProgramDoes) and action.what in {"say", "reply"} for action in happens)
    return asked or any(
        isinstance(answer, Answer) and (answer.stalls or answer.dies_at is not None) for answer in answers
    )


def is_limited(scenario: Scenario) -> bool:
    """Whether a turn may be answered though it goes on."""
    endpointing = (scenario.settings or SessionSettings()).turn.endpointing
    return min(endpointing.max_turn_s, endpointing.max_turn_words) < math.inf


def model(scripted: object) -> Callable[[ChatRequest], Answer | str]:
    """A model that gives its scripted answers one after another, but knows at once whether it is there."""
    assert isinstance(scripted, Sequence)
    answers = iter(scripted)

    def answer(request: ChatRequest) -> Answer | str:
        asked = next((item.text for item in reversed(request.items) if isinstance(item, ChatMessage)), "")
        if asked.endswith(PROBE):
            return ALIVE
        scripted: Answer | str = next(answers, ALIVE)
        if isinstance(scripted, Answer) and not request.tools:
            return "No tools any more."
        return scripted

    return answer
