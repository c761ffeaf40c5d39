"""What holds in every conversation, whoever speaks when and whatever fails: heard is remembered, and nothing hangs."""

from __future__ import annotations

import functools
import itertools
import math
from typing import TYPE_CHECKING

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
import trio

from tests.agents.conversation import WORD_S, Talk, after, agent_with
from trialogue.actors import InterruptionSettings, PreparationSettings, TurnSettings
from trialogue.agents import (
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    Reply,
    Session,
    SessionEnded,
    SessionSettings,
    ToolFinished,
    ToolStarted,
    UserTurnEnded,
    tool,
)
from trialogue.agents.testing import (
    DEFAULT_ANSWER,
    Answer,
    FakeCall,
    FakeLlm,
    FakeStt,
    FakeTts,
    Line,
    Speech,
    Utterance,
)
from trialogue.engine import ProviderError
from trialogue.frames import ChatMessage, ToolCall, ToolOutput

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trialogue.frames import ChatRequest


@tool
async def look() -> str:
    """Look something up."""
    await trio.sleep(0.8)
    return "found"


def interrupt(session: Session) -> None:
    """The program wants silence."""
    session.interrupt("the program")


def say(session: Session) -> Reply:
    """The program has something to say."""
    return session.say("By the way, the weather is fine today.")


def mute(session: Session) -> None:
    """The program wants to hear nothing for a while."""
    session.mute()


def unmute(session: Session) -> None:
    """The program listens again."""
    session.unmute()


def commit(session: Session) -> None:
    """The program says that the turn is over."""
    session.commit_turn()


def clear(session: Session) -> None:
    """The program takes the turn back."""
    session.clear_turn()


def insist(session: Session) -> Reply:
    """The program has something to say that nobody stops."""
    return session.say("This call may be recorded.", priority="high", protected=True)


def rest(session: Session) -> None:
    """The program lets the agent rest."""
    session.pause()


def go_on(session: Session) -> None:
    """The program lets it go on."""
    session.resume()


STEPS = [interrupt, say, insist, mute, unmute, commit, clear, rest, go_on]


@attrs.frozen(kw_only=True)
class Plan:
    """A conversation in a nutshell."""

    gaps_s: list[tuple[float, float]]
    words: list[str]
    answers: list[str]
    steps: list[tuple[float, Callable[[Session], Reply | None]]]
    seed: int
    placed: bool
    turn: TurnSettings
    hangs_up: bool


plans = st.builds(
    Plan,
    gaps_s=st.lists(
        st.tuples(st.sampled_from([0.05, 0.35, 0.6, 1.1, 2.3]), st.sampled_from([0.1, 0.5, 1.2])), max_size=5
    ),
    words=st.lists(st.sampled_from(["", "mhm", "stop", "tell me more", "a b c d"]), min_size=1, max_size=5),
    answers=st.lists(st.sampled_from(["long", "short", "tool", "dies", "nothing", "stalls"]), min_size=1, max_size=5),
    steps=st.lists(st.tuples(st.sampled_from([0.0, 0.31, 0.9, 1.33]), st.sampled_from(STEPS)), max_size=4),
    seed=st.integers(0, 3),
    placed=st.booleans(),
    hangs_up=st.booleans(),
    turn=st.builds(
        TurnSettings,
        preparation=st.builds(PreparationSettings, enabled=st.booleans(), synthesise=st.booleans()),
        interruption=st.builds(
            InterruptionSettings, mode=st.sampled_from(["hybrid", "vad"]), pause_after_s=st.sampled_from([0.1, 0.4])
        ),
        protected=st.sampled_from(["answer", "discard", "transcribe"]),
    ),
)


def model_of(answers: list[str]) -> FakeLlm:
    """A model that gives these kinds of answers, over and over."""
    asked = itertools.count()

    def answer(request: ChatRequest) -> Answer | str:
        number = next(asked)
        match answers[number % len(answers)]:
            case "long":
                return DEFAULT_ANSWER
            case "short":
                return "Right."
            case "tool" if request.tools and not isinstance(request.items[-1], ToolOutput):
                return Answer(["One moment.", ToolCall(call_id="1", name="look", arguments="{}")])
            case "dies":
                return Answer(DEFAULT_ANSWER, dies_at=13, error=ProviderError("dead"))
            case "nothing":
                return ""
            case "stalls":
                return Answer("Well, let me see. Fine.", stalls={3: 1.0})
            case _:
                return "Here you are."

    return FakeLlm(answers=answer)


def then_idle(
    *steps: tuple[float, Callable[[Session], object]], until_s: float
) -> Callable[[Session], Awaitable[None]]:
    """What the program does when; then nothing must be left to wait for within a minute."""

    async def do(session: Session) -> None:
        begun_s = trio.current_time()
        for at_s, step in steps:
            await trio.sleep_until(begun_s + at_s)
            step(session)
        await trio.sleep_until(max(trio.current_time(), begun_s + until_s))
        with trio.fail_after(60):
            await session.wait_idle(1.0)

    return do


def take(step: Callable[[Session], Reply | None], handles: list[Reply | None], session: Session) -> None:
    """Do it, and keep the handle that came of it."""
    handles.append(step(session))


def hold(plan: Plan) -> Talk:
    """Hold the conversation of a plan."""
    lines, at_s = [], 0.0
    for gap_s, for_s in plan.gaps_s:
        lines.append(Line(at_s=at_s + gap_s, for_s=for_s))
        at_s += gap_s + for_s
    steps: list[tuple[float, Callable[[Session], object]]] = []
    handles: list[Reply | None] = []
    step_s = 0.0
    for pause_s, step in plan.steps:
        step_s += pause_s
        steps.append((step_s, functools.partial(take, step, handles)))
    steps.append((max(at_s, step_s), go_on))  # what the program has begun, it ends
    heard = [Utterance(text=text, word_s=0.15) for text in plan.words]
    talk = Talk(
        call=FakeCall(lines=lines, hangs_up_s=at_s + 6.0 if plan.hangs_up else math.inf),
        stt=FakeStt(utterances=heard, then=heard[-1]),
        llm=model_of(plan.answers),
        tts=FakeTts(every=Speech(word_s=WORD_S, words=plan.placed)),
        agent=agent_with(look),
        do=after(*steps) if plan.hangs_up else then_idle(*steps, until_s=at_s),
        settings=SessionSettings(turn=plan.turn),
        seed=plan.seed,
    )
    talk.hold()
    assert all(handle is None or handle.outcome is not None for handle in handles), "a handle whose wait never ends"
    return talk


@hypothesis.given(plan=plans)
@hypothesis.settings(max_examples=40, deadline=None)
def test_what_was_heard_is_what_is_remembered(plan: Plan) -> None:
    talk = hold(plan)
    heard = [event for event in talk.of(AgentStoppedSpeaking) if event.heard.strip()]
    remembered = [item for item in talk.history if isinstance(item, ChatMessage) and item.role == "agent"]
    assert " ".join(item.text for item in remembered).split() == " ".join(event.heard for event in heard).split()
    for event in talk.of(AgentStoppedSpeaking):
        whole_words = int(round(event.played_s / WORD_S, 6))
        words = len(event.heard.split())
        if event.interrupted and plan.placed:
            assert words == whole_words
        elif event.interrupted:
            assert abs(words - whole_words) <= 5
        else:
            assert event.unheard == ""
            assert words == round(event.played_s / WORD_S)
    said = " ".join(item.text for item in talk.history if isinstance(item, ChatMessage) and item.role == "user")
    for turn in talk.of(UserTurnEnded):  # none is lost; one that went on is in one place, from its beginning on
        assert f" {turn.text} " in f" {said} "


@hypothesis.given(plan=plans)
@hypothesis.settings(max_examples=40, deadline=None)
def test_every_beginning_has_its_end(plan: Plan) -> None:
    talk = hold(plan)
    thinking = [event.reply_id for event in talk.of(AgentStartedThinking)]
    stopped = [event.reply_id for event in talk.of(AgentStoppedSpeaking)]
    assert thinking == stopped
    assert len(set(thinking)) == len(thinking)
    answers = [event for event in talk.of(AgentStartedThinking) if event.kind == "answer"]
    assert len(answers) <= len(talk.of(UserTurnEnded))
    speaking = [event.reply_id for event in talk.of(AgentStartedSpeaking)]
    assert set(speaking) <= set(thinking)
    started = [event.call_id for event in talk.of(ToolStarted)]
    finished = [event.call_id for event in talk.of(ToolFinished)]
    assert len(set(started)) == len(started)
    assert set(finished) <= set(started)
    assert sorted(finished) == sorted(item.call_id for item in talk.history if isinstance(item, ToolOutput))
    assert talk.events[-1] == talk.the(SessionEnded)
    for fake in (talk.vad, talk.stt, talk.llm, talk.tts):
        assert fake.statistics().open_now == 0


@hypothesis.given(plan=plans)
@hypothesis.settings(max_examples=40, deadline=None)
def test_frames_are_played_one_after_another_and_never_after_silence_was_asked_for(plan: Plan) -> None:
    talk = hold(plan)
    places = [frame.at_sample for _, frame in talk.call.heard]
    assert all(after - before >= 320 for before, after in itertools.pairwise(places))
    assert all(at_s == pytest.approx(frame.at_sample / 16_000, abs=1e-4) for at_s, frame in talk.call.heard)
    spoken = [(event.reply_id, event.at_s) for event in talk.of(AgentStartedSpeaking)]
    for event in talk.of(AgentStoppedSpeaking):
        if not event.interrupted:
            continue
        silent_s = event.at_s + 0.08 + 0.02
        next_s = min((at_s for reply_id, at_s in spoken if at_s >= event.at_s), default=1e9)
        assert not [at_s for at_s, _ in talk.call.heard if silent_s + 1e-6 < at_s < next_s - 1e-6]
