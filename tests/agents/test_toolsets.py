"""Sets of tools: what they share, for how long, which are allowed, which are chosen for an answer, search."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import pytest

from tests.agents.conversation import Talk, texts, use
from trialogue.agents import (
    Agent,
    HeardTurn,
    Session,
    Tool,
    ToolChoice,
    ToolError,
    ToolFinished,
    ToolSearch,
    Toolset,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, Line
from trialogue.engine import ConfigurationError, VirtualTime, run

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Notebook(Toolset):
    """Keeps notes while it is open."""

    def __init__(self, **given: list[str] | None) -> None:
        super().__init__(allowed=given.get("allowed"))
        self.diary: list[str] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[None, None]:
        """Note when."""
        self.diary.append("opened")
        try:
            yield
        finally:
            self.diary.append("closed")

    @tool
    async def write(self, note: str) -> str:
        """Write a note."""
        self.diary.append(note)
        return "written"

    @tool
    def count(self) -> int:
        """Count the notes."""
        return len(self.diary) - 1


def test_a_toolset_is_shared_and_lives_as_long_as_it_is_entered() -> None:
    notebook = Notebook()

    async def main() -> None:
        agent = Agent(instructions="")
        async with notebook:
            for tools in ([notebook], notebook.tools):
                agent = Agent(instructions="", tools=tools)
                assert list(agent.tools) == ["write", "count"]
                assert await agent.tools["write"].run('{"note": "milk"}') == "written"
            assert await agent.tools["count"].run("{}") == 2
            with pytest.raises(ConfigurationError, match="enter it once"):
                await notebook.__aenter__()
        with pytest.raises(ToolError, match="Notebook is not open"):
            await agent.tools["count"].run("{}")
        async with notebook:
            assert await agent.tools["count"].run("{}") == 4

    run(main, virtual=VirtualTime())
    assert notebook.diary == ["opened", "milk", "milk", "closed", "opened", "closed"]


def test_a_parameter_may_have_any_name() -> None:
    class Caller(Toolset):
        """Calls functions."""

        @tool
        def call(self, function: str) -> str:
            """Call one."""
            return function

    async def main() -> None:
        async with Caller() as caller:
            assert await caller.tools[0].run('{"function": "f"}') == "f"

    run(main, virtual=VirtualTime())


def test_only_what_is_allowed_is_there() -> None:
    assert list(Agent(instructions="", tools=[Notebook(allowed=["count"])]).tools) == ["count"]
    with pytest.raises(ConfigurationError, match="Notebook has no tools burn; there are: write, count"):
        Notebook(allowed=["burn"])
    with pytest.raises(ConfigurationError, match="two tools are called 'write'"):
        Agent(instructions="", tools=[Notebook(), Notebook()])


def ask(agent: Agent, *answers: Answer | str) -> Talk:
    """A user asks one thing, and listens."""
    call = FakeCall(lines=[Line(at_s=0.0, for_s=0.5)], hangs_up_s=10)
    return Talk(call=call, llm=FakeLlm(answers=answers), agent=agent).hold()


class Chooser(Agent):
    """Chooses tools for each turn."""

    def __init__(self, choice: ToolChoice) -> None:
        super().__init__(instructions="Choose.")
        self.choice = choice

    @tool
    def look(self) -> str:
        """Look."""
        return "seen"

    @tool
    def burn(self) -> str:
        """Burn."""
        return "ash"

    async def on_user_turn(self, session: Session, turn: HeardTurn) -> None:
        """Choose."""
        turn.tools = self.choice


@pytest.mark.parametrize(
    ("choice", "offered", "must"),
    [
        (ToolChoice(), ["look", "burn"], "auto"),
        (ToolChoice(only=["look"]), ["look"], "auto"),
        (ToolChoice(must="look"), ["look", "burn"], "look"),
        (ToolChoice(must="required", only=["look"]), ["look"], "required"),
        (ToolChoice(must="none"), ["look", "burn"], "none"),
        (ToolChoice(must="burn", only=["look"]), ["look"], "auto"),
        (ToolChoice(must="required", only=[]), [], "auto"),
    ],
)
def test_tools_are_chosen_for_a_turn(choice: ToolChoice, offered: list[str], must: str) -> None:
    talk = ask(Chooser(choice), use("look"), "Seen.")
    first, second = (record.request for record in talk.llm.records)
    assert [each.name for each in first.tools] == [each.name for each in second.tools] == offered
    assert first.tool_choice == must
    assert second.tool_choice == ("none" if must == "none" else "auto")


def test_tools_are_chosen_for_a_reply() -> None:
    async def do(session: Session) -> None:
        session.reply("Look around.", tools=ToolChoice(must="look"))
        await session.wait_ended()

    agent = Chooser(ToolChoice())
    talk = Talk(call=FakeCall(hangs_up_s=5), llm=FakeLlm(answers=[use("look"), "Seen."]), agent=agent, do=do).hold()
    assert talk.llm.records[0].request.tool_choice == "look"
    assert talk.the(ToolFinished).output == '"seen"'


def numbered(name: str, description: str) -> Tool:
    """A tool that tells its name."""

    @tool(name=name, description=description)
    def named(day: str) -> str:
        """Tell.

        Args:
            day: which day.
        """
        return f"{name} on {day}"

    return named


MANY = [
    numbered("book_table", "Reserve a table in the restaurant."),
    numbered("bookTaxi", "Order a cab to some place."),
    numbered("cancel_table", "Give up a reservation."),
    numbered("radio", "打开或关闭收音机。"),
    *(numbered(f"light_{number}", f"Switch on lamp number {number}.") for number in range(200)),
]


def test_what_is_found_can_be_called_in_the_same_answer() -> None:
    agent = Agent(instructions="", tools=[ToolSearch(MANY, limit=2)])
    talk = ask(agent, use("find_tools", query="booking tables"), use("book_table", day="Friday"), "Booked.")
    offered = [[each.name for each in record.request.tools] for record in talk.llm.records]
    assert offered == [["find_tools"], ["find_tools", "book_table", "cancel_table"], offered[1]]
    assert (
        '"name": "book_table", "description": "Reserve a table in the restaurant."' in talk.of(ToolFinished)[0].output
    )
    assert talk.of(ToolFinished)[1].output == '"book_table on Friday"'
    assert texts(talk.history)[-1] == "agent: Booked."


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("taxi", "bookTaxi"),
        ("order a cab please", "bookTaxi"),
        ("reservations", "cancel_table"),
        ("lamp 17", "light_17"),
        ("switching 199", "light_199"),
        ("请打开收音机", "radio"),
    ],
)
async def test_names_count_more_than_descriptions_and_words_have_stems(query: str, first: str) -> None:
    found = await ToolSearch(MANY).find(query)
    assert isinstance(found, list)
    assert found[0]["name"] == first
    assert len(found) <= 5


async def test_nothing_is_found_where_nothing_fits() -> None:
    search = ToolSearch(MANY)
    assert "try other words" in await search.find("quantum chromodynamics")
    assert "try other words" in await search.find('" OR *')
    assert "try other words" in await search.find("")


async def test_later_finds_take_the_place_of_earlier_ones() -> None:
    search = ToolSearch(MANY, limit=1, keep=2)
    for query in ("taxi", "lamp 1", "taxi", "lamp 2"):
        await search.find(query)
    assert [each.name for each in search.tools if each.offered()] == ["find_tools", "bookTaxi", "light_2"]
    with pytest.raises(ConfigurationError, match="1 <= limit <= keep"):
        ToolSearch(MANY, limit=5, keep=4)


@hypothesis.given(st.text(max_size=40))
@hypothesis.settings(max_examples=50, deadline=None)
def test_any_query_is_a_search(query: str) -> None:
    async def main() -> None:
        assert await ToolSearch(MANY[:5]).find(query)

    run(main)
