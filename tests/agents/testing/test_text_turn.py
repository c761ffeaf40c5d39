"""Turns in text: what a conversation without sound tells, what its assertions find, and tools that are replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from trialogue.agents import Agent, Handoff, HandOver, Session, ToolContext, tool
from trialogue.agents.testing import Answer, FakeLlm, FakeVad, Turn, TurnFailed, mock_tools, text_session
from trialogue.engine import ConfigurationError, ProviderError, VirtualTime, run
from trialogue.frames import ChatMessage, ToolCall, ToolOutput
from trialogue.providers import RuleModel, RuleScript

if TYPE_CHECKING:
    from trio.testing import MockClock


@tool
async def book_table(people: int, day: str, time: str, name: str) -> dict[str, str]:
    """Book a table."""
    await trio.sleep(0.4)
    return {"status": "booked", "reference": f"{name[:1]}{people}{len(day) + len(time)}"}


class Host(Agent):
    """Greets with words of the model."""

    async def on_enter(self, session: Session) -> None:
        """Greet."""
        session.reply()


def host() -> Host:
    return Host(instructions="You book tables.", tools=[book_table])


def restaurant() -> RuleModel:
    return RuleModel(script=RuleScript.bundled("restaurant"))


def call(name: str, arguments: str = "{}") -> Answer:
    return Answer([ToolCall(call_id="1", name=name, arguments=arguments)])


async def test_a_table_is_booked_with_a_real_model(autojump_clock: MockClock) -> None:
    async with text_session(host(), llm=restaurant()) as talk:
        assert talk.opening.messages
        turn = await talk.says("a table for two tomorrow at seven, my name is Mary")
        turn.says("table for two", "tomorrow", "is that right")
        turn.no_more()
        turn = await talk.says("yes")
        turn.says("one moment")
        turn.calls("book_table", people=2, time="19:00", name="Mary")
        turn.gives({"status": "booked", "reference": "M213"})
        turn.says("your table is booked", "M213")
        assert [message.role for message in talk.items if isinstance(message, ChatMessage)].count("user") == 2


def test_on_the_real_clock_it_is_the_same() -> None:
    async def converse() -> list[str]:
        async with text_session(host(), llm=restaurant()) as talk:
            return [str(talk.opening), str(await talk.says("where are you?"))]

    assert run(converse) == run(converse, virtual=VirtualTime(seed=3))


async def test_another_agent_takes_over_and_answers(autojump_clock: MockClock) -> None:
    class Manager(Agent):
        """Knows more."""

    @tool
    def fetch_manager() -> HandOver:
        """Fetch the manager."""
        return HandOver(Manager(instructions="You are the manager."), result="fetched")

    agent = Agent(instructions="", tools=[fetch_manager])
    async with text_session(agent, llm=FakeLlm(answers=[call("fetch_manager"), "I am the manager."])) as talk:
        turn = await talk.says("The manager, please")
        turn.calls("fetch_manager")
        assert turn.gives("fetched").name == "fetch_manager"
        turn.hands_over("Manager")
        turn.says("I am the manager")
        turn.no_more()


async def test_who_takes_over_brings_models_without_a_fault(autojump_clock: MockClock) -> None:
    detector = FakeVad()

    class Manager(Agent):
        """Knows more."""

        async def on_enter(self, session: Session) -> None:
            """Answer."""
            session.reply()

    @tool
    def fetch_manager() -> Manager:
        """Fetch the manager."""
        return Manager(instructions="Manage.", llm=FakeLlm(answers=["I am the manager."]), vad=detector)

    agent = Agent(instructions="", tools=[fetch_manager])
    async with text_session(agent, llm=FakeLlm(answers=[call("fetch_manager")])) as talk:
        turn = await talk.says("get me the manager")
    assert turn.text == "I am the manager."
    assert turn.errors == ()
    assert detector.statistics().open_now == 0


async def test_a_model_that_fails_is_told_of(autojump_clock: MockClock) -> None:
    def fail(_: object) -> str:
        raise ProviderError("the model is gone")

    async with text_session(Agent(instructions=""), llm=FakeLlm(answers=fail)) as talk:
        turn = await talk.says("Hello")
        assert any("the model is gone" in error for error in turn.errors)
        assert "the model is gone" in str(turn)


async def test_an_assertion_that_fails_leaves_the_session_alone(autojump_clock: MockClock) -> None:
    with pytest.raises(TurnFailed, match="it says 'Good day'"):
        async with text_session(Agent(instructions=""), llm=FakeLlm(answers=["Good day"])) as talk:
            (await talk.says("Hello")).says("Good night")


async def test_nothing_can_be_said_after_the_call(autojump_clock: MockClock) -> None:
    async with text_session(Agent(instructions=""), llm=FakeLlm()) as talk:
        talk.session.end("enough")
        with pytest.raises(ConfigurationError, match="the call is over, enough"):
            await talk.says("Hello?")
        with pytest.raises(ConfigurationError, match="must say something"):
            await talk.says("  ")


async def test_an_agent_that_never_rests_fails_the_turn(autojump_clock: MockClock) -> None:
    class Chatterbox(Agent):
        """Speaks for ever."""

        async def on_enter(self, session: Session) -> None:
            """Begin."""
            while True:
                await session.say(f"And another thing{', and another' * 50}.").wait()

    with pytest.raises(TurnFailed, match="not come to rest within 120 s") as failure:
        async with text_session(Chatterbox(instructions=""), llm=FakeLlm()):
            pytest.fail("it has come to rest")
    assert "agent says    And another thing, and another" in str(failure.value)


async def test_what_comes_while_the_user_waits_is_a_turn_too(autojump_clock: MockClock) -> None:
    class Reminder(Agent):
        """Says something after a while."""

        async def on_enter(self, session: Session) -> None:
            """Wait, then speak."""
            await trio.sleep(20)
            session.say("Are you still there?")

    async with text_session(Reminder(instructions=""), llm=FakeLlm()) as talk:
        assert talk.opening.items == ()
        assert "nothing happens" in str(talk.opening)
        (await talk.waits(25)).says("still there")
        assert talk.turns == []


async def test_a_model_that_does_not_open_is_told_as_it_is(autojump_clock: MockClock) -> None:
    with pytest.raises(ProviderError, match="out of order"):
        async with text_session(Agent(instructions=""), llm=FakeLlm(error=ProviderError("out of order"))):
            pytest.fail("it has begun")


# Assertions

ITEMS = (
    ChatMessage(role="agent", text="One  moment, please."),
    ToolCall(call_id="1", name="book_table", arguments='{"people": 4, "vip": true}'),
    ToolOutput(call_id="1", name="book_table", output='"for four"'),
    Handoff(from_agent="Host", to_agent="Waiter"),
    ChatMessage(role="agent", text="It was yesterday."),
)


def turn_of(*items: ChatMessage | ToolCall | ToolOutput | Handoff) -> Turn:
    return Turn(said="Four, please", items=items)


def test_assertions_go_through_the_turn_in_order() -> None:
    turn = turn_of(*ITEMS)
    turn.says("one moment")
    turn.calls("book_table", people=4)
    turn.hands_over("Waiter")
    assert turn.next(ChatMessage).text == "It was yesterday."
    turn.no_more()
    assert turn.text == "One moment, please. It was yesterday."
    assert (len(turn.tool_calls), len(turn.outputs), len(turn.handoffs)) == (1, 1, 1)
    assert turn.contains_call("book_table", people=4, vip=True).call_id == "1"


@pytest.mark.parametrize(
    ("expect", "complaint"),
    [
        (
            lambda turn: turn.calls("book_table"),
            "expected that the tool book_table is called, but it is this: agent says",
        ),
        (lambda turn: turn.says("yes"), "the agent does not say 'yes'; it says 'One moment, please.'"),
        (lambda turn: turn.contains("yes"), "the agent does not say 'yes'"),
        (lambda turn: (turn.says(), turn.calls("book_table", people=5)), "its people is 4, not 5"),
        (lambda turn: (turn.says(), turn.calls("book_table", vip=1)), "its vip is True, not 1"),
        (lambda turn: (turn.says(), turn.calls("book_table", day=None)), "its day is not there, not None"),
        (lambda turn: (turn.says(), turn.calls("cancel")), "the tool cancel is called, but it is book_table"),
        (lambda turn: (turn.says(), turn.calls("book_table"), turn.gives("for five")), 'gives "for four"'),
        (lambda turn: (turn.says(), turn.calls("book_table"), turn.hands_over("Cook")), "but it is Waiter"),
        (lambda turn: (turn.says(), turn.calls("book_table"), turn.gives("x", is_error=True)), "does not fail"),
        (lambda turn: turn.contains_call("book_table", people=5), "is not called with {'people': 5}"),
        (lambda turn: turn.no_more(), "expected nothing more"),
        (lambda _: turn_of().says("hello"), "but nothing more happens"),
    ],
)
def test_an_assertion_that_fails_says_what_happened(expect: object, complaint: str) -> None:
    assert callable(expect)
    with pytest.raises(TurnFailed) as failure:
        expect(turn_of(*ITEMS))
    assert complaint in str(failure.value)
    assert "user says     Four, please" in str(failure.value)


@given(st.lists(st.sampled_from(ITEMS)))
def test_what_is_asked_for_in_order_is_found_and_nothing_else(
    items: list[ChatMessage | ToolCall | ToolOutput | Handoff],
) -> None:
    turn = turn_of(*items)
    for item in items:
        assert turn.next(type(item)) is item
    turn.no_more()
    with pytest.raises(TurnFailed, match="nothing more happens"):
        turn.next(ChatMessage)


def test_arguments_that_are_no_json_are_no_arguments() -> None:
    turn = turn_of(ToolCall(call_id="1", name="book_table", arguments="four people"))
    turn.contains_call("book_table")
    with pytest.raises(TurnFailed, match="its people is not there, not 4"):
        turn.calls("book_table", people=4)


# Tools that are replaced


def people_alone(people: int, **others: object) -> int:
    assert set(others) == {"day", "time", "name"}
    return people


@pytest.mark.parametrize(
    ("stand_in", "output", "is_error"),
    [
        ("full", "full", False),
        (None, None, False),
        (people_alone, 4, False),
        (lambda people, day, time, name: f"{name}: {people} on {day} at {time}", "Jo: 4 on Friday at 7", False),
        (RuntimeError("the line is dead"), "the line is dead", True),
        (ValueError, "ValueError", True),
    ],
)
async def test_a_tool_is_replaced_for_a_while(
    stand_in: object, output: object, is_error: bool, autojump_clock: MockClock
) -> None:
    agent = Agent(instructions="", tools=[book_table])
    arguments = '{"people": "4", "day": "Friday", "time": "7", "name": "Jo"}'  # a slip of models, mended as ever
    with mock_tools(agent, {"book_table": stand_in}) as calls:
        async with text_session(agent, llm=FakeLlm(answers=[call("book_table", arguments), "Well."])) as talk:
            turn = await talk.says("A table")
            turn.calls("book_table", day="Friday")
            turn.gives(output, is_error=is_error)
    assert calls == {"book_table": [{"people": 4, "day": "Friday", "time": "7", "name": "Jo"}]}
    assert agent.tools["book_table"] is book_table


async def test_a_mock_may_ask_for_the_context_that_the_tool_gets(autojump_clock: MockClock) -> None:
    @tool
    def look_up(what: str, context: ToolContext) -> str:
        """Look something up."""
        return what + context.call_id

    agent = Agent(instructions="", tools=[look_up])
    answers: list[Answer | str] = [call("look_up", '{"what": "x"}'), "Ah."] * 2
    async with text_session(agent, llm=FakeLlm(answers=answers)) as talk:
        with mock_tools(agent, {"look_up": lambda what, context: f"{what} in {type(context).__name__}"}):
            (await talk.says("Look")).contains_call("look_up", what="x")
        assert [item.output for item in talk.turns[0].outputs] == ['"x in ToolContext"']
        with mock_tools(agent, {"look_up": lambda what: what}) as calls:
            assert (await talk.says("Look again")).outputs[0].output == '"x"'
        assert calls["look_up"] == [{"what": "x"}]


def test_mocks_that_cannot_work_are_refused_and_nothing_is_replaced() -> None:
    agent = Agent(instructions="", tools=[book_table])
    with pytest.raises(ConfigurationError, match="no tool 'book_tabel' to mock; it has book_table"):
        mock_tools(agent, {"book_table": 1, "book_tabel": 1}).__enter__()
    with pytest.raises(ConfigurationError, match="give it the same parameters"):
        mock_tools(agent, {"book_table": lambda people: people}).__enter__()
    assert agent.tools == {"book_table": book_table}
