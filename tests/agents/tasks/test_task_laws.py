"""What holds whenever the user speaks and whoever gives up waiting: tasks come back, outputs are complete."""

from __future__ import annotations

import itertools

import attrs
import hypothesis
import hypothesis.strategies as st
import trio

from trialogue.agents import (
    Agent,
    AgentChanged,
    AgentStoppedSpeaking,
    HandOver,
    Session,
    Silently,
    ToolContext,
    ToolFinished,
    ToolPaused,
    ToolResumed,
    ToolSettings,
    ToolStarted,
    UserTurnEnded,
    tool,
)
from trialogue.agents.tasks import Task
from trialogue.agents.testing import (
    Action,
    Answer,
    Call,
    HangsUp,
    Says,
    Scenario,
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

    @tool(settings=ToolSettings(cancel_on_interruption=True))
    async def look(self) -> str:
        """Look something up; it wants to be stopped with its reply."""
        await trio.sleep(0.9)
        return "seen"

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
        names = [name for name in ("ask", "book", "look", "next", "done") if name in last.text and name in known]
        if names:
            return Answer(["One moment. ", *(ToolCall(call_id=each, name=each, arguments="{}") for each in names)])
    return "This is what I have to say to that."


WORDS = [
    "ask me please",
    "done with that now",
    "book and ask me please",
    "look and ask me please",
    "look it up then book",
    "next please",
    "tell me more now",
    "book it now",
]


@hypothesis.given(
    gaps=st.lists(st.floats(0.1, 4.0), min_size=1, max_size=7),
    words=st.lists(st.sampled_from(WORDS), min_size=7, max_size=7),
    early_s=st.one_of(st.none(), st.floats(0.1, 15.0)),
    seed=st.integers(0, 3),
)
@hypothesis.settings(max_examples=40)
def test_tasks_come_back_outputs_are_complete_and_every_law_of_calls_holds(
    gaps: list[float], words: list[str], early_s: float | None, seed: int
) -> None:
    at_s = list(itertools.accumulate(gaps))
    caller: list[Action] = [Says(at_s=at, text=text) for at, text in zip(at_s, words, strict=False)]
    diary = Diary()
    hangs_up = HangsUp(at_s=at_s[-1] + 40 if early_s is None else early_s)
    call = simulate(Desk(diary), Scenario(caller=[*caller, hangs_up], answers=answer, seed=seed))
    check_laws(call)
    calls = [item.call_id for item in call.history if isinstance(item, ToolCall)]
    outputs = [item.call_id for item in call.history if isinstance(item, ToolOutput)]
    assert len(set(calls)) == len(calls) == len(call.of(ToolStarted))
    assert len(set(outputs)) == len(outputs) >= len(call.of(ToolFinished))
    assert set(outputs) <= set(calls)
    assert diary.over == diary.awaited
    called = sum(event.name == "book" for event in call.of(ToolStarted))
    finished = sum(event.name == "book" for event in call.of(ToolFinished))
    assert finished <= diary.booked <= called
    if early_s is None:
        check_rest(call, diary)


def check_rest(call: Call, diary: Diary) -> None:
    """All has come to rest long before the end: nothing is open, and the user was not left alone."""
    outputs = sum(isinstance(item, ToolOutput) for item in call.history)
    assert len(call.of(ToolStarted)) == len(call.of(ToolFinished)) == outputs
    assert len(call.of(ToolPaused)) == len(call.of(ToolResumed)) == diary.awaited
    changes = call.of(AgentChanged)
    assert sum(event.to_agent == "Question" for event in changes) == sum(
        event.from_agent == "Question" for event in changes
    )
    stopped = {event.name for event in call.of(ToolFinished) if "the user interrupted" in event.output}
    assert stopped <= {"look"}  # an interruption stops no tool that does not want it
    assert all(one.to_agent == other.from_agent for one, other in itertools.pairwise(changes))
    if call.of(UserTurnEnded):
        last = call.of(UserTurnEnded)[-1].at_s
        assert any(event.at_s > last and event.heard for event in call.of(AgentStoppedSpeaking))
