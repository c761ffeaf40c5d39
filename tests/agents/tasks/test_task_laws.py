"""What holds whenever the user speaks and whoever gives up waiting: tasks come back, outputs are complete."""

from __future__ import annotations

import itertools

import attrs
import hypothesis
import hypothesis.strategies as st
import trio

from tests.agents.conversation import Talk
from trialogue.agents import (
    Agent,
    AgentChanged,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    HandOver,
    Session,
    Silently,
    ToolContext,
    ToolFinished,
    ToolPaused,
    ToolResumed,
    ToolStarted,
    UserTurnEnded,
    tool,
)
from trialogue.agents.tasks import Task
from trialogue.agents.testing import (
    Action,
    Answer,
    FakeCall,
    FakeLlm,
    FakeStt,
    HangsUp,
    Line,
    Says,
    Scenario,
    Utterance,
    check_laws,
    simulate,
)
from trialogue.frames import ChatMessage, ChatRequest, ToolCall, ToolOutput


@attrs.define
class Diary:
    """What was awaited, what became of it, and what was done besides."""

    awaited: int = 0
    over: int = 0
    booked: int = 0


class Question(Task[str]):
    """Asks one thing; comes and goes slowly; may ask another thing first."""

    def __init__(self, diary: Diary) -> None:
        super().__init__(instructions="Question.")
        self.diary = diary

    async def on_enter(self, session: Session) -> None:
        """Come slowly, and ask."""
        await trio.sleep(0.3)
        session.say("What is it that you would like to have here?")

    async def on_exit(self, session: Session) -> None:
        """Go slowly."""
        await trio.sleep(0.2)

    @tool
    async def done(self) -> Silently:
        """The user has answered."""
        await trio.sleep(0.4)
        return self.finish("soup")

    @tool
    async def ask(self, context: ToolContext) -> str:
        """Ask something else first."""
        return await await_one(context.session, self.diary)


async def await_one(session: Session, diary: Diary) -> str:
    """Await a question, for a while at most."""
    diary.awaited += 1
    try:
        with trio.move_on_after(9):
            return await Question(diary).run(session)
    finally:
        diary.over += 1
    return "nothing"


class Desk(Agent):
    """Awaits questions, hands over to another one of its kind, books."""

    def __init__(self, diary: Diary) -> None:
        super().__init__(instructions="Desk.")
        self.diary = diary

    @tool
    async def ask(self, context: ToolContext) -> str:
        """Ask something."""
        await trio.sleep(0.2)
        return await await_one(context.session, self.diary)

    @tool
    async def book(self) -> int:
        """Book; must not happen twice."""
        await trio.sleep(0.7)
        self.diary.booked += 1
        return self.diary.booked

    @tool
    async def next(self) -> HandOver:
        """Hand over."""
        await trio.sleep(0.5)
        return HandOver(Desk(self.diary), "gone")


def answer(request: ChatRequest) -> Answer | str:
    """Do what the user's last words ask for, with a tool that is there; once."""
    last = request.items[-1] if request.items else None
    known = {each.name for each in request.tools}
    if isinstance(last, ChatMessage) and last.role == "user":
        names = [name for name in ("ask", "book", "next", "done") if name in last.text and name in known]
        if names:
            return Answer(["One moment. ", *(ToolCall(call_id=each, name=each, arguments="{}") for each in names)])
    return "This is what I have to say to that."


WORDS = [
    "ask me please",
    "done with that now",
    "book and ask me please",
    "next please",
    "tell me more now",
    "book it now",
]


@hypothesis.given(
    gaps=st.lists(st.floats(0.1, 3.0), min_size=1, max_size=7),
    words=st.lists(st.sampled_from(WORDS), min_size=7, max_size=7),
    early_s=st.one_of(st.none(), st.floats(0.0, 12.0)),
    seed=st.integers(0, 3),
)
@hypothesis.settings(max_examples=30)
def test_tasks_come_back_and_outputs_are_complete(
    gaps: list[float], words: list[str], early_s: float | None, seed: int
) -> None:
    lines: list[Line] = []
    at_s = 0.0
    for gap in gaps:
        at_s += gap
        lines.append(Line(at_s=at_s, for_s=0.6))
        at_s += 0.6
    stt = FakeStt(utterances=[Utterance(text=text, word_s=0.15) for text in words])
    call = FakeCall(lines=lines, hangs_up_s=at_s + 60 if early_s is None else early_s)
    diary = Diary()
    desk = Desk(diary)
    talk = Talk(call=call, stt=stt, llm=FakeLlm(answers=answer), agent=desk, seed=seed).hold()
    calls = [item.call_id for item in talk.history if isinstance(item, ToolCall)]
    outputs = [item.call_id for item in talk.history if isinstance(item, ToolOutput)]
    assert len(set(calls)) == len(calls) == len(talk.of(ToolStarted))
    assert len(set(outputs)) == len(outputs) >= len(talk.of(ToolFinished))
    assert set(outputs) <= set(calls)
    assert diary.over == diary.awaited
    begun = [event.reply_id for event in talk.of(AgentStartedThinking)]
    assert begun == [event.reply_id for event in talk.of(AgentStoppedSpeaking)]
    if early_s is None:
        check_rest(talk, diary)
    called = sum(event.name == "book" for event in talk.of(ToolStarted))
    finished = sum(event.name == "book" for event in talk.of(ToolFinished))
    assert finished <= diary.booked <= called


def check_rest(talk: Talk, diary: Diary) -> None:
    """All has come to rest long before the end: nothing is open, and the user was not left alone."""
    outputs = sum(isinstance(item, ToolOutput) for item in talk.history)
    assert len(talk.of(ToolStarted)) == len(talk.of(ToolFinished)) == outputs
    assert len(talk.of(ToolPaused)) == len(talk.of(ToolResumed)) == diary.awaited
    changes = talk.of(AgentChanged)
    assert sum(event.to_agent == "Question" for event in changes) == sum(
        event.from_agent == "Question" for event in changes
    )
    assert all(one.to_agent == other.from_agent for one, other in itertools.pairwise(changes))
    if talk.of(UserTurnEnded):
        last = talk.of(UserTurnEnded)[-1].at_s
        assert any(event.at_s > last and event.heard for event in talk.of(AgentStoppedSpeaking))


@hypothesis.given(
    gaps=st.lists(st.floats(0.1, 4.0), min_size=1, max_size=7),
    words=st.lists(st.sampled_from(WORDS), min_size=7, max_size=7),
    hangs_up_s=st.one_of(st.none(), st.floats(0.5, 15.0)),
    seed=st.integers(0, 3),
)
@hypothesis.settings(max_examples=30)
def test_every_law_of_calls_holds(gaps: list[float], words: list[str], hangs_up_s: float | None, seed: int) -> None:
    at_s = list(itertools.accumulate(gaps))
    caller: list[Action] = [Says(at_s=at, text=text) for at, text in zip(at_s, words, strict=False)]
    if hangs_up_s is not None:
        caller.append(HangsUp(at_s=hangs_up_s))
    diary = Diary()
    call = simulate(Desk(diary), Scenario(caller=caller, answers=answer, seed=seed))
    check_laws(call)
    assert diary.over == diary.awaited
