"""From one agent to the next: what happens in which order, what is told to whom, and who waits."""

from __future__ import annotations

import pytest
import trio

from tests.agents.conversation import Talk, after, texts
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentChanged,
    AgentStoppedSpeaking,
    Handoff,
    HandOver,
    Session,
    ToolFinished,
    UserTurnEnded,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, Line
from trialogue.engine import ConfigurationError
from trialogue.frames import ToolCall


class Named(Agent):
    """Writes down what its hooks are told, and says a word in each."""

    def __init__(self, diary: list[str], *, greeting: str = "", farewell: str = "", **given: object) -> None:
        super().__init__(instructions=f"You are {type(self).__name__}.", tools=given.get("tools", ()))  # type: ignore[arg-type]  # passed on
        self.diary = diary
        self.greeting, self.farewell = greeting, farewell

    async def on_enter(self, session: Session) -> None:
        """Greet."""
        self.diary.append(f"{type(self).__name__} enters")
        if self.greeting:
            session.say(self.greeting)

    async def on_exit(self, session: Session) -> None:
        """Say goodbye."""
        self.diary.append(f"{type(self).__name__} exits")
        if self.farewell:
            session.say(self.farewell)


class Desk(Named):
    """Answers the phone."""


class Waiter(Named):
    """Takes the order."""


def said(talk: Talk) -> list[str]:
    """What was heard, reply by reply."""
    return [event.heard for event in talk.of(AgentStoppedSpeaking)]


def use(name: str, *more: str) -> Answer:
    """The model calls tools."""
    return Answer([ToolCall(call_id=each, name=each, arguments="{}") for each in (name, *more)])


def test_one_says_goodbye_before_the_other_greets() -> None:
    diary: list[str] = []
    second = Waiter(diary, greeting="Hello, the waiter here.")
    first = Desk(diary, greeting="Good evening.", farewell="One moment please.")
    contexts: list[list[str]] = []

    def hand_over(session: Session) -> None:
        session.handoff(second)

    async def do(session: Session) -> None:
        await after((0.1, hand_over))(session)
        contexts.append([type(item).__name__ for item in session.context])

    talk = Talk(call=FakeCall(hangs_up_s=5), agent=first, do=do).hold()
    assert said(talk) == ["Good evening.", "One moment please.", "Hello, the waiter here."]
    assert diary == ["Desk enters", "Desk exits", "Waiter enters", "Waiter exits"]
    changed = talk.the(AgentChanged)
    assert (changed.from_agent, changed.to_agent) == ("Desk", "Waiter")
    assert talk.of(AgentStoppedSpeaking)[1].at_s <= changed.at_s < talk.of(AgentStoppedSpeaking)[2].at_s
    assert contexts == [["ChatMessage", "ChatMessage", "Handoff", "ChatMessage"]]


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("greeting", ["Yes?", ""])
def test_a_tool_returns_who_takes_over(keep: bool, greeting: str) -> None:
    diary: list[str] = []
    second = Waiter(diary, greeting=greeting)

    @tool
    def order() -> HandOver:
        """Take the order."""
        return HandOver(second, {"table": 7}, keep_context=keep)

    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=4.0, for_s=0.5)]
    answers: list[Answer | str] = [use("order"), *([] if greeting else ["What would you like?"]), "Soup it is."]
    stt = FakeStt(utterances=["I want to order", "soup please"])
    call = FakeCall(lines=lines, hangs_up_s=9)
    talk = Talk(call=call, stt=stt, llm=FakeLlm(answers=answers), agent=Desk(diary, tools=[order])).hold()
    assert talk.the(ToolFinished).output == '{"table": 7}'
    assert [text for text in said(talk) if text] == [greeting or "What would you like?", "Soup it is."]
    last = talk.llm.records[-1].request
    assert last.instructions == "You are Waiter."
    earlier = ["user: I want to order", "call order: order {}", 'output order: {"table": 7}'] if keep else []
    assert texts(last.items) == [*earlier, f"agent: {greeting or 'What would you like?'}", "user: soup please"]
    assert texts(talk.history)[0] == "user: I want to order"  # remembered in any case


def test_an_agent_alone_is_enough_and_two_are_too_many() -> None:
    diary: list[str] = []
    second = Waiter(diary, greeting="Yes?")

    @tool
    def order() -> Agent:
        """Take the order."""
        return second

    @tool
    async def complain() -> Agent:
        """Speak to the manager."""
        await trio.sleep(0.1)
        return Desk(diary)

    talk = Talk(
        call=FakeCall(lines=[Line(at_s=0.0, for_s=0.5)], hangs_up_s=6),
        llm=FakeLlm(answers=[use("order", "complain")]),
        agent=Desk(diary, tools=[order, complain]),
    ).hold()
    done, refused = talk.of(ToolFinished)
    assert (done.output, done.is_error) == ("null", False)
    assert refused.is_error
    assert "hands over already" in refused.output
    assert talk.the(AgentChanged).to_agent == "Waiter"
    assert len(talk.llm.records) == 1
    assert said(talk)[-1] == "Yes?"


def test_the_users_turn_waits_for_the_new_agent() -> None:
    class Slow(Waiter):
        async def on_enter(self, session: Session) -> None:
            """Take a while before the greeting."""
            await trio.sleep(2)
            await super().on_enter(session)

    diary: list[str] = []

    def hand_over(session: Session) -> None:
        session.handoff(Slow(diary, greeting="Hello."))

    lines = [Line(at_s=0.2, for_s=0.5)]
    talk = Talk(
        call=FakeCall(lines=lines, hangs_up_s=8),
        llm=FakeLlm(answers=["Soup it is."]),
        agent=Desk(diary),
        do=after((0.1, hand_over)),
    ).hold()
    assert talk.the(UserTurnEnded).at_s < 1.5
    assert said(talk) == ["Hello.", "Soup it is."]
    assert talk.llm.records[0].request.instructions == "You are Slow."


def test_a_hook_that_hangs_or_fails_keeps_nobody_waiting() -> None:
    class Stubborn(Desk):
        async def on_exit(self, session: Session) -> None:
            """Never end."""
            await trio.sleep_forever()

    class Broken(Waiter):
        async def on_enter(self, session: Session) -> None:
            """Fail."""
            raise ValueError("no menu")

    diary: list[str] = []

    def hand_over(session: Session) -> None:
        session.handoff(Broken(diary))

    talk = Talk(
        call=FakeCall(lines=[Line(at_s=0.2, for_s=0.5)], hangs_up_s=12),
        llm=FakeLlm(answers=["Soup it is."]),
        agent=Stubborn(diary),
        do=after((0.1, hand_over)),
    ).hold()
    assert talk.the(AgentChanged).at_s == pytest.approx(5.1)
    assert [fault.cause for fault in talk.of(ActorFailed)] == [
        "TimeoutError: on_exit has not ended within 5 s",
        "ValueError: no menu",
    ]
    assert said(talk) == ["Soup it is."]
    assert talk.llm.records[0].request.instructions == "You are Broken."


def test_tools_of_the_old_agent_finish() -> None:
    @tool
    async def book() -> str:
        """Book a table."""
        await trio.sleep(4)
        return "booked"

    diary: list[str] = []
    stt = FakeStt(utterances=["book it", "and then", "is it booked"])

    def hand_over(session: Session) -> None:
        session.interrupt()
        session.handoff(Waiter(diary, greeting="Hello."))

    talk = Talk(
        call=FakeCall(lines=[Line(at_s=0.0, for_s=0.5), Line(at_s=7.0, for_s=0.5)], hangs_up_s=12),
        stt=stt,
        llm=FakeLlm(answers=[use("book"), "It is."]),
        agent=Desk(diary, tools=[book]),
        do=after((2.0, hand_over)),
    ).hold()
    assert talk.the(AgentChanged).at_s < talk.the(ToolFinished).at_s
    assert talk.the(ToolFinished).output == '"booked"'
    assert 'output book: "booked"' in texts(talk.llm.records[-1].request.items)


def test_a_circle_of_agents_is_refused() -> None:
    def hand_over(session: Session) -> None:
        for _ in range(8):
            session.handoff(Agent(instructions=""))
        with pytest.raises(ConfigurationError, match="circle"):
            session.handoff(Agent(instructions=""))

    talk = Talk(call=FakeCall(hangs_up_s=1), do=after((0.0, hand_over))).hold()
    assert len(talk.of(AgentChanged)) == 8


def test_the_item_tells_both_names() -> None:
    items: list[Handoff] = []

    async def do(session: Session) -> None:
        session.handoff(Waiter([]))
        await session.wait_idle(0.5)
        items.extend(item for item in session.context if isinstance(item, Handoff))

    Talk(call=FakeCall(hangs_up_s=3), agent=Desk([]), do=do).hold()
    assert items == [Handoff(from_agent="Desk", to_agent="Waiter")]
