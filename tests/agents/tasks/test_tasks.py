"""Tasks: who has the conversation when, what comes back, and how each way of ending is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import attrs
import pytest
import trio

from tests.agents.conversation import Talk, after, texts
from trialogue.agents import (
    Agent,
    AgentChanged,
    AgentStoppedSpeaking,
    ConversationSettings,
    HandOver,
    Session,
    SessionSettings,
    Silently,
    Summary,
    TaskEnded,
    TaskGivenUp,
    ToolContext,
    ToolError,
    ToolFinished,
    ToolPaused,
    ToolResumed,
    ToolSettings,
    UserTurnEnded,
    tool,
)
from trialogue.agents.tasks import Ask, Task
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, Line
from trialogue.engine import ConfigurationError
from trialogue.frames import ToolCall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def use(name: str, arguments: str = "{}", first: str = "") -> Answer:
    """The model calls a tool, perhaps after some words."""
    return Answer([*([first] if first else []), ToolCall(call_id=name, name=name, arguments=arguments)])


def said(talk: Talk) -> list[str]:
    """What was heard, reply by reply."""
    return [event.heard.strip() for event in talk.of(AgentStoppedSpeaking) if event.heard]


def seats(talk: Talk) -> list[str]:
    """Who has followed whom."""
    return [f"{event.from_agent} > {event.to_agent}" for event in talk.of(AgentChanged)]


def lines(*at_s: float) -> list[Line]:
    """The user speaks for half a second each time."""
    return [Line(at_s=each, for_s=0.5) for each in at_s]


class AskStars(Task[int]):
    """Asks for stars."""

    def __init__(self, *, keep_context: bool = True) -> None:
        super().__init__(instructions="Ask for stars.", keep_context=keep_context)
        self.left = 0

    async def on_enter(self, session: Session) -> None:
        """Ask."""
        session.say("How many stars?")

    async def on_exit(self, session: Session) -> None:
        """Count."""
        self.left += 1

    @tool
    def rate(self, stars: int) -> Silently:
        """The guest has given stars."""
        if not 1 <= stars <= 5:
            raise ToolError("one to five; ask again")
        return self.finish(stars)


class Desk(Agent):
    """Has a survey made, by a tool."""

    def __init__(self, task: Task[int] | None = None) -> None:
        super().__init__(instructions="You are the desk.")
        self.task = task or AskStars()
        self.results: list[object] = []
        self.hooks: list[str] = []

    async def on_enter(self, session: Session) -> None:
        """Count."""
        self.hooks.append("enter")

    async def on_exit(self, session: Session) -> None:
        """Count."""
        self.hooks.append("exit")

    @tool
    async def survey(self, context: ToolContext) -> str:
        """Make the survey."""
        try:
            stars = await self.task.run(context)
        except TaskEnded as error:
            self.results.append(error)
            raise
        self.results.append(stars)
        return f"{stars} stars"


def survey(
    *answers: Answer | str,
    words: list[str],
    at_s: list[float],
    agent: Desk,
    do: Callable[[Session], Awaitable[object]] = Session.wait_ended,
    ends_s: float = 15,
) -> Talk:
    """A call at the desk."""
    call = FakeCall(lines=lines(*at_s), hangs_up_s=ends_s)
    return Talk(call=call, stt=FakeStt(utterances=words), llm=FakeLlm(answers=answers), agent=agent, do=do).hold()


def test_a_tool_awaits_a_task_while_the_user_is_heard_and_answered() -> None:
    desk = Desk()
    talk = survey(
        use("survey", first="One moment."),
        use("rate", '{"stars": 6}'),
        "Five at most.",
        use("rate", '{"stars": 4}'),
        "Four stars, thank you.",
        "You are welcome.",
        words=["rate my stay", "six", "well four", "bye then"],
        at_s=[0.0, 3.0, 6.0, 10.0],
        agent=desk,
    )
    assert desk.results == [4]
    assert said(talk) == [
        "One moment.",
        "How many stars?",
        "Five at most.",
        "Four stars, thank you.",
        "You are welcome.",
    ]
    assert seats(talk) == ["Desk > AskStars", "AskStars > Desk"]
    assert desk.hooks == ["enter", "exit"]  # once in the whole call
    assert texts(talk.history) == [
        "user: rate my stay",
        "agent: One moment.",
        "call survey: survey {}",
        "agent: How many stars?",
        "user: six",
        'call rate: rate {"stars": 6}',
        'output rate: {"error": "one to five; ask again"}',
        "agent: Five at most.",
        "user: well four",
        'call rate-2: rate {"stars": 4}',
        'output rate-2: "done"',
        'output survey: "4 stars"',
        "agent: Four stars, thank you.",
        "user: bye then",
        "agent: You are welcome.",
    ]
    told = [record.request.instructions for record in talk.llm.records]
    assert told == ["You are the desk.", *["Ask for stars."] * 3, *["You are the desk."] * 2]
    in_task = talk.llm.records[1].request
    assert [each.name for each in in_task.tools] == ["give_up", "rate"]
    assert 'output survey: "still running"' in texts(in_task.items)


def test_a_tool_may_wait_for_a_task_for_longer_than_it_may_run() -> None:
    desk = Desk()
    talk = survey(
        use("survey"),
        use("rate", '{"stars": 2}'),
        "Sorry.",
        words=["rate my stay", "two"],
        at_s=[0.0, 100.0],  # a tool may run for 60 s
        agent=desk,
        ends_s=110,
    )
    assert desk.results == [2]
    assert talk.of(ToolFinished)[-1].took_s < 0.1
    kinds = (ToolPaused, ToolResumed, ToolFinished)
    assert [type(event) for event in talk.events if isinstance(event, kinds)] == [
        ToolPaused,
        ToolFinished,
        ToolResumed,
        ToolFinished,
    ]


def test_giving_up_is_an_error_that_the_model_reads() -> None:
    desk = Desk()
    talk = survey(
        use("survey"),
        use("give_up", '{"reason": "no time"}'),
        "Another time then.",
        words=["rate my stay", "no I have no time"],
        at_s=[0.0, 3.0],
        agent=desk,
    )
    (error,) = desk.results
    assert isinstance(error, TaskGivenUp)
    assert talk.of(ToolFinished)[-1].output == '{"error": "AskStars was given up: no time"}'
    assert said(talk)[-1] == "Another time then."


class Greets(Desk):
    """Has the survey made as it enters."""

    async def on_enter(self, session: Session) -> None:
        """Ask, and go on."""
        session.say("Good evening.")
        stars = await self.task.run(session)
        session.say(f"Thank you for {stars} stars.")


@pytest.mark.parametrize("takes_over", [False, True])
def test_an_agent_awaits_a_task_as_it_enters(takes_over: bool) -> None:
    desk = Greets()

    def hand_over(session: Session) -> None:
        session.handoff(desk)

    talk = Talk(
        call=FakeCall(lines=lines(4.0), hangs_up_s=10),
        stt=FakeStt(utterances=["five"]),
        llm=FakeLlm(answers=[use("rate", '{"stars": 5}')]),
        agent=Agent(instructions="First.") if takes_over else desk,
        do=after((0.1, hand_over)) if takes_over else Session.wait_ended,
    ).hold()
    assert said(talk) == ["Good evening.", "How many stars?", "Thank you for 5 stars."]
    begun = talk.of(AgentChanged)[-2]
    assert begun.to_agent == "AskStars"
    assert begun.at_s == pytest.approx(talk.of(AgentStoppedSpeaking)[0].at_s, abs=0.05)  # it waits for the words alone


def test_the_program_awaits_a_task() -> None:
    results: list[int] = []

    async def do(session: Session) -> None:
        results.append(await AskStars().run(session))
        await session.wait_ended()

    talk = survey(
        use("rate", '{"stars": 1}'),
        "Goodbye.",
        words=["one", "bye"],
        at_s=[2.0, 5.0],
        agent=Desk(),
        do=do,
    )
    assert results == [1]
    assert said(talk) == ["How many stars?", "Goodbye."]
    assert talk.llm.records[-1].request.instructions == "You are the desk."


def test_cancelling_the_wait_gives_the_conversation_back() -> None:
    task = AskStars()

    async def do(session: Session) -> None:
        with trio.move_on_after(4):
            await task.run(session)
        with pytest.raises(ToolError, match="over already"):
            task.finish(3)
        with pytest.raises(ConfigurationError, match="nobody awaits it"):
            AskStars().finish(3)
        await session.wait_ended()

    talk = survey("I am the desk.", words=["who are you"], at_s=[6.0], agent=Desk(), do=do)
    assert seats(talk) == ["Desk > AskStars", "AskStars > Desk"]
    assert talk.of(AgentChanged)[-1].at_s == pytest.approx(4.0, abs=0.05)
    assert said(talk) == ["How many stars?", "I am the desk."]
    assert task.left == 1


def test_a_task_that_is_cancelled_before_it_begins_never_enters() -> None:
    async def do(session: Session) -> None:
        session.say("This is quite a long sentence that takes a while to be said.")
        with trio.move_on_after(0.5):
            await AskStars().run(session)
        await session.wait_ended()

    talk = survey("I am the desk.", words=["who are you"], at_s=[3.0], agent=Desk(), do=do)
    assert seats(talk) == []
    assert said(talk)[-1] == "I am the desk."


def test_a_hand_off_in_a_task_ends_it() -> None:
    class Impatient(AskStars):
        @tool
        def complain(self) -> HandOver:
            """The guest wants the manager."""
            return HandOver(Agent(instructions="You are the manager."), "on the way")

    desk = Desk(Impatient())
    talk = survey(
        use("survey"),
        use("complain"),
        "I am the manager.",
        words=["rate my stay", "let me speak to the manager"],
        at_s=[0.0, 3.0],
        agent=desk,
    )
    (error,) = desk.results
    assert type(error) is TaskEnded
    assert "another agent takes over" in str(error)
    assert seats(talk) == ["Desk > Impatient", "Impatient > Desk", "Desk > Agent"]
    assert said(talk) == ["How many stars?", "I am the manager."]  # the old agent says nothing to its output any more
    assert desk.hooks == ["enter", "exit"]


@pytest.mark.parametrize("from_tool", [True, False])
def test_the_end_of_the_session_ends_its_tasks(from_tool: bool) -> None:
    desk = Desk()
    errors: list[TaskEnded] = []

    async def do(session: Session) -> None:
        if not from_tool:
            try:
                await desk.task.run(session)
            except TaskEnded as error:
                errors.append(error)
        await session.wait_ended()
        with pytest.raises(TaskEnded, match="the user has gone"):
            await AskStars().run(session)

    talk = survey(
        *([use("survey")] if from_tool else []),
        words=["rate my stay"],
        at_s=[0.0] if from_tool else [],
        agent=desk,
        do=do,
        ends_s=4,
    )
    (error,) = desk.results if from_tool else errors
    assert "the session is over: the user has gone" in str(error)
    assert isinstance(desk.task, AskStars)
    assert desk.task.left == 1
    assert desk.hooks == ["enter", "exit"]
    assert talk.events[-1].at_s == pytest.approx(4.0, abs=0.1)


class AskTwice(Task[tuple[int, int]]):
    """Awaits two tasks, one after another."""

    def __init__(self) -> None:
        super().__init__(instructions="Ask twice.")

    async def on_enter(self, session: Session) -> None:
        """Ask for both."""
        self.finish((await AskStars().run(session), await AskStars().run(session)))


@pytest.mark.parametrize("seed", range(8))
def test_what_is_said_between_two_tasks_is_for_the_second(seed: int) -> None:
    class Slow(AskStars):
        async def on_exit(self, session: Session) -> None:
            """Take a while."""
            await trio.sleep(2)

    results: list[int] = []

    async def do(session: Session) -> None:
        results.append(await Slow().run(session))
        results.append(await AskStars().run(session))
        await session.wait_ended()

    llm = FakeLlm(answers=[use("rate", '{"stars": 1}'), use("rate", '{"stars": 2}')])
    call = FakeCall(lines=lines(2.0, 3.5), hangs_up_s=15)
    stt = FakeStt(utterances=["one", "two"])
    talk = Talk(call=call, stt=stt, llm=llm, agent=Desk(), do=do, seed=seed).hold()
    gap = [event.at_s for event in talk.of(AgentChanged)][1:3]
    assert gap[0] == gap[1] > talk.of(UserTurnEnded)[1].at_s
    assert results == [1, 2]
    assert [record.request.instructions for record in llm.records] == ["Ask for stars."] * 2


def test_tasks_await_tasks() -> None:
    results: list[tuple[int, int]] = []

    async def do(session: Session) -> None:
        results.append(await AskTwice().run(session))
        await session.wait_ended()

    talk = survey(
        use("rate", '{"stars": 1}'),
        use("rate", '{"stars": 2}'),
        words=["one", "two"],
        at_s=[2.0, 5.0],
        agent=Desk(),
        do=do,
    )
    assert results == [(1, 2)]
    assert seats(talk) == [
        "Desk > AskTwice",
        *["AskTwice > AskStars", "AskStars > AskTwice"] * 2,
        "AskTwice > Desk",
    ]
    assert said(talk) == ["How many stars?"] * 2


def test_when_the_lower_one_is_cancelled_the_upper_one_ends_first() -> None:
    outer = AskTwice()

    async def do(session: Session) -> None:
        with trio.move_on_after(3):
            await outer.run(session)
        await session.wait_ended()

    talk = survey(words=[], at_s=[], agent=Desk(), do=do)
    assert seats(talk) == ["Desk > AskTwice", "AskTwice > AskStars", "AskStars > AskTwice", "AskTwice > Desk"]


def test_tools_called_side_by_side_have_their_tasks_one_after_another() -> None:
    class Both(Desk):
        @tool
        async def second(self, context: ToolContext) -> int:
            """Another survey."""
            return await AskStars().run(context.session)

    desk = Both()
    both = Answer([ToolCall(call_id=name, name=name, arguments="{}") for name in ("survey", "second")])
    talk = survey(
        both,
        use("rate", '{"stars": 1}'),
        use("rate", '{"stars": 2}'),
        "One and two.",
        words=["rate my stay", "one", "two"],
        at_s=[0.0, 3.0, 6.0],
        agent=desk,
    )
    assert seats(talk) == ["Both > AskStars", "AskStars > Both"] * 2
    assert said(talk) == ["How many stars?", "How many stars?", "One and two."]
    outputs = [text for text in texts(talk.history) if text.startswith("output s")]
    one_way = ['output survey: "1 stars"', "output second: 2"]
    other_way = ["output second: 1", 'output survey: "2 stars"']
    assert outputs in (one_way, other_way)  # which of them comes first is Trio's to say


def test_what_was_said_in_a_task_may_be_told_in_short() -> None:
    class Brief(AskStars):
        def recap(self, value: int) -> str:
            """In short."""
            return f"The guest gave {value} stars."

    contexts: list[list[str]] = []

    async def do(session: Session) -> None:
        await session.wait_ended()
        contexts.append([item.text if isinstance(item, Summary) else type(item).__name__ for item in session.context])

    talk = survey(
        use("survey"),
        use("rate", '{"stars": 4}'),
        "Thank you.",
        words=["rate my stay", "four"],
        at_s=[0.0, 3.0],
        agent=Desk(Brief()),
        do=do,
    )
    last = talk.llm.records[-1].request
    assert last.instructions == "You are the desk.\n\nEarlier in this conversation:\nThe guest gave 4 stars."
    assert texts(last.items) == ["user: rate my stay", "call survey: survey {}", 'output survey: "4 stars"']
    assert contexts == [
        ["ChatMessage", "ToolCall", "Handoff", "The guest gave 4 stars.", "Handoff", "ToolOutput", "ChatMessage"]
    ]


def test_a_task_need_not_know_what_was_said_before() -> None:
    talk = survey(
        use("survey"),
        use("rate", '{"stars": 4}'),
        "Thank you.",
        words=["rate my stay", "four"],
        at_s=[0.0, 3.0],
        agent=Desk(AskStars(keep_context=False)),
    )
    inside, back = (record.request for record in talk.llm.records[1:])
    assert texts(inside.items) == ["agent: How many stars?", "user: four"]
    assert texts(back.items)[0] == "user: rate my stay"


@attrs.frozen
class Wish:
    """What a guest wants to eat."""

    dish: Literal["soup", "fish"]
    hot: bool = True


def test_the_answer_to_a_question_has_a_type() -> None:
    class AskWish(Ask[Wish]):
        def checked(self, value: Wish) -> Wish:
            """No cold soup."""
            if not value.hot:
                raise ToolError("there is no cold soup; ask again")
            return value

    found: list[Wish] = []

    async def do(session: Session) -> None:
        found.append(await AskWish("What would you like?", Wish, instructions="Be brief.").run(session))
        await session.wait_ended()

    talk = survey(
        use("answer", '{"value": {"dish": "meat"}}'),
        "Soup or fish?",
        use("answer", '{"value": {"dish": "soup", "hot": false}}'),
        use("answer", '{"value": {"dish": "soup"}}'),
        words=["meat", "soup"],
        at_s=[2.5, 6.0],
        agent=Desk(),
        do=do,
    )
    assert found == [Wish("soup")]
    assert said(talk) == ["What would you like?", "Soup or fish?"]
    refused = [event.output for event in talk.of(ToolFinished) if event.is_error]
    assert "must be one of" in refused[0] or "value.dish" in refused[0]
    assert refused[1] == '{"error": "there is no cold soup; ask again"}'


def test_who_is_muted_while_tools_run_is_heard_by_a_task() -> None:
    desk = Desk()
    call = FakeCall(lines=lines(0.0, 3.0), hangs_up_s=10)
    settings = SessionSettings(conversation=ConversationSettings(mute=("while tools run",)))
    llm = FakeLlm(answers=[use("survey"), use("rate", '{"stars": 4}'), "Thank you."])
    stt = FakeStt(utterances=["rate my stay", "four"])
    talk = Talk(call=call, stt=stt, llm=llm, agent=desk, settings=settings).hold()
    assert desk.results == [4]
    assert said(talk)[-1] == "Thank you."


def test_a_tool_that_was_written_for_asyncio_awaits_a_task() -> None:
    class OnAsyncio(Desk):
        @tool(settings=ToolSettings(runs_on="asyncio"))
        async def rating(self, context: ToolContext) -> str:
            """Make the survey."""
            stars = await context.asyncio.trio.run(AskStars().run, context)
            await asyncio.sleep(0)
            return f"{stars} stars"

    talk = survey(
        use("rating"),
        use("rate", '{"stars": 4}'),
        "Thank you.",
        words=["rate my stay", "four"],
        at_s=[0.0, 3.0],
        agent=OnAsyncio(),
    )
    assert [event.output for event in talk.of(ToolFinished)] == ['"done"', '"4 stars"']
    assert said(talk) == ["How many stars?", "Thank you."]


@pytest.mark.parametrize("own", [False, True])
def test_a_task_has_the_models_of_who_awaits_it_unless_it_brings_its_own(own: bool) -> None:
    desk = Desk()
    rate = use("rate", '{"stars": 4}')
    of_desk = FakeLlm(answers=[use("survey"), *([] if own else [rate]), "Thank you."])
    of_task = FakeLlm(answers=[rate])
    desk.llm = of_desk
    desk.task.llm = of_task if own else None
    talk = survey(words=["rate my stay", "four"], at_s=[0.0, 3.0], agent=desk)
    assert desk.results == [4]
    assert said(talk)[-1] == "Thank you."
    assert not talk.llm.records
    assert len(of_task.records) == own


def test_a_task_that_says_nothing_as_it_enters_answers() -> None:
    class Silent(AskStars):
        async def on_enter(self, session: Session) -> None:
            """Leave it to the model."""

    talk = survey(
        use("survey"), "How many stars then?", words=["rate my stay"], at_s=[0.0], agent=Desk(Silent()), ends_s=5
    )
    assert said(talk) == ["How many stars then?"]


def test_a_task_may_be_over_before_anything_is_said() -> None:
    class Knows(AskStars):
        async def on_enter(self, session: Session) -> None:
            """It is known already."""
            self.finish(3)
            await trio.sleep_forever()

    desk = Desk(Knows())
    talk = survey(use("survey"), "Three as ever.", words=["rate my stay"], at_s=[0.0], agent=desk)
    assert desk.results == [3]
    assert said(talk) == ["Three as ever."]
    changes = [event.at_s for event in talk.of(AgentChanged)]
    assert changes[1] - changes[0] < 0.01


def test_the_user_interrupts_the_reply_whose_tool_awaits_a_task() -> None:
    desk = Desk()
    long = "One moment please while I open the form for you, it takes a little while as it always does here."
    talk = survey(
        use("survey", first=long),
        "Yes, I am asking.",
        use("rate", '{"stars": 3}'),
        "Three.",
        words=["rate my stay", "hurry up a bit", "three"],
        at_s=[0.0, 1.8, 6.0],
        agent=desk,
    )
    assert talk.of(AgentStoppedSpeaking)[0].interrupted
    assert desk.results == [3]
    assert said(talk)[1:] == ["How many stars?", "Yes, I am asking.", "Three."]


def test_on_exit_must_not_await_a_task_and_nobody_twice() -> None:
    errors: list[ConfigurationError] = []
    task = AskStars()

    class Clings(Desk):
        async def on_exit(self, session: Session) -> None:
            """Try to stay."""
            try:
                await AskStars().run(session)
            except ConfigurationError as error:
                errors.append(error)

    async def do(session: Session) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(task.run, session)
            await trio.sleep(1)
            with pytest.raises(ConfigurationError, match="awaited already"):
                await task.run(session)
            nursery.cancel_scope.cancel()
        session.handoff(Agent(instructions="Next."))
        await session.wait_ended()

    survey(words=[], at_s=[], agent=Clings(), do=do, ends_s=5)
    assert len(errors) == 1
    assert "on_exit must not begin a task" in str(errors[0])
