"""Conversational graphs: checked before they run, drawn, and held as a conversation."""

from __future__ import annotations

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest

from tests.agents.conversation import use
from trialogue.agents import Agent, Handoff, Session, Tool, ToolSettings, tool
from trialogue.agents.tasks import CollectDigits, DigitsReader, State, StateGraph, Transition, agent_of
from trialogue.agents.testing import Answer, FakeLlm, text_session
from trialogue.engine import ConfigurationError, GraphError, VirtualTime, run


@attrs.define
class Order:
    """What a guest has ordered."""

    dishes: list[str] = attrs.Factory(list)
    table: str = ""


def ordering(order: Order) -> list[Tool]:
    """The tools of the state in which one orders."""

    @tool
    def add(dish: str) -> int:
        """The guest wants a dish."""
        order.dishes.append(dish)
        return len(order.dishes)

    return [add]


async def ask_table(session: Session, order: Order) -> None:
    """Find out the table."""
    order.table = await CollectDigits("Which table?", read=DigitsReader(fewest=1, most=2), confirm="never").run(session)


def enough(order: Order) -> bool:
    """Three dishes are ordered."""
    return len(order.dishes) >= 3


def something(order: Order) -> bool:
    """Something, whatever it is, is ordered."""
    return bool(order.dishes)


def knows_table(order: Order) -> bool:
    """The table is known."""
    return bool(order.table)


GRAPH = StateGraph[Order](
    states=[
        State(name="greeting", says="Good evening.", instructions="Find out whether they eat or only ask."),
        State(name="order", says="What would you like?", instructions="Take the order.", tools=ordering),
        State(name="table", does=ask_table),
        State(name="goodbye", says="Thank you, goodbye!", final=True),
    ],
    transitions=[
        Transition("greeting", "order", when="they want to eat"),
        Transition("greeting", "goodbye", when="they have no wish"),
        Transition("order", "table", when="they have ordered all they want", only_if=something),
        Transition("order", "table", only_if=enough),
        Transition("table", "goodbye", only_if=knows_table),
    ],
)


def talk(agent: Agent, *said: str, answers: tuple[Answer | str, ...] = ()) -> tuple[list[str], list[str], FakeLlm, str]:
    """What was heard, which states there were, what the model was asked, and how it ended."""
    llm = FakeLlm(answers=answers)
    heard: list[str] = []
    states: list[str] = []
    ended: list[str] = []

    async def main() -> None:
        async with text_session(agent, llm=llm) as conversation:
            heard.append(conversation.opening.text)
            for text in said:
                heard.append((await conversation.says(text)).text)
            states.extend(item.to_agent for item in conversation.items if isinstance(item, Handoff))
            ended.append(conversation.over)

    run(main, virtual=VirtualTime())
    return heard, states, llm, ended[0]


def test_a_conversation_goes_along_the_graph() -> None:
    order = Order()
    heard, states, llm, ended = talk(
        agent_of(GRAPH, order, instructions="You are a waiter."),
        "A table please",
        "Is that all?",
        "Soup please",
        "That is all",
        "Seven",
        answers=(
            use("go_to_order"),
            use("go_to_table"),
            "You have not ordered yet.",
            use("add", dish="soup"),
            "Soup. Anything else?",
            use("go_to_table"),
        ),
    )
    assert heard == [
        "Good evening.",
        "What would you like?",
        "You have not ordered yet.",
        "Soup. Anything else?",
        "Which table?",
        "Thank you, goodbye!",
    ]
    assert order == Order(dishes=["soup"], table="7")
    assert states == ["order", "table", "CollectDigits", "table", "goodbye"]
    assert ended == "the conversation has come to goodbye"
    first, second, refused = (record.request for record in llm.records[:3])
    assert first.instructions == "You are a waiter.\n\nFind out whether they eat or only ask."
    assert {each.name: each.description for each in first.tools} == {
        "go_to_order": "To be called when they want to eat.",
        "go_to_goodbye": "To be called when they have no wish.",
    }
    assert [each.name for each in second.tools] == ["add", "go_to_table"]
    assert "may be called only if Something, whatever it is, is ordered" in refused.items[-1].output  # type: ignore[union-attr]  # it is one


def test_it_goes_on_by_itself_as_soon_as_it_may() -> None:
    order = Order(dishes=["soup", "fish"])
    heard, states, _, _ = talk(
        agent_of(GRAPH, order), "A table", "Cake", answers=(use("go_to_order"), use("add", dish="cake"))
    )
    assert heard[-1] == "Which table?"
    assert states == ["order", "table", "CollectDigits"]


def test_the_model_goes_on_where_a_task_was_given_up() -> None:
    order = Order(dishes=["soup", "fish", "cake"])
    heard, states, llm, _ = talk(
        agent_of(GRAPH, order),
        "A table",
        "I do not know",
        answers=(use("go_to_order"), use("give_up", reason="they cannot see it"), "Then I come to you."),
    )
    assert heard[1:] == ["Which table?", "Then I come to you."]
    assert states == ["table", "CollectDigits", "table"]
    assert "given up: they cannot see it" in llm.records[-1].request.instructions


def test_what_is_known_already_is_passed_over() -> None:
    order = Order(dishes=["soup", "fish", "cake"], table="7")
    heard, states, _, ended = talk(agent_of(GRAPH, order), "A table", answers=(use("go_to_order"),))
    assert heard == ["Good evening.", "Thank you, goodbye!"]
    assert states == ["goodbye"]
    assert ended


def test_it_is_drawn() -> None:
    assert GRAPH.to_mermaid() == (
        "flowchart LR\n"
        '    greeting["greeting"]\n'
        '    order["order"]\n'
        '    table["table"]\n'
        '    goodbye["goodbye"]\n'
        '    greeting -->|"they want to eat"| order\n'
        '    greeting -->|"they have no wish"| goodbye\n'
        '    order -->|"they have ordered all they want, only if Something, whatever it is, is ordered"| table\n'
        '    order -->|"only if Three dishes are ordered"| table\n'
        '    table -->|"only if The table is known"| goodbye\n'
    )


END = State[Order](name="end", final=True)


@pytest.mark.parametrize(
    ("states", "transitions", "fault"),
    [
        ([], [], "there is no state"),
        ([END, END], [], "'end' is there 2 times"),
        ([State(name="the end", final=True)], [], "cannot be a part of a tool's name"),
        ([State(name="schluß", final=True)], [], "letters from a to z"),
        ([State(name="e" * 59, final=True)], [], "58 at most"),
        ([State(name="a"), END], [Transition("a", "b", when="x")], "there is no 'b'"),
        ([END], [Transition("end", "end", when="x")], "'end' is final"),
        ([State(name="a"), END], [Transition("a", "end")], "needs a condition"),
        ([State(name="a"), END], [Transition("a", "end", when="x"), Transition("a", "end", when="y")], "make them one"),
        ([State(name="a"), State(name="b"), END], [Transition("a", "end", when="x")], "'b' is never reached from 'a'"),
        ([State(name="a"), END], [], "'a' is a dead end"),
        (
            [State(name="a"), State(name="b"), END],
            [Transition("a", "b", when="x"), Transition("a", "end", when="y")],
            "'b' is a dead end",
        ),
        (
            [State(name="a"), State(name="b")],
            [Transition("a", "b", when="x"), Transition("b", "a", when="y")],
            "'a' is a dead end: no final state",
        ),
    ],
)
def test_what_is_wrong_is_told_before_it_runs(
    states: list[State[Order]], transitions: list[Transition[Order]], fault: str
) -> None:
    with pytest.raises(GraphError, match=fault):
        StateGraph(states, transitions)


NAMES = ["a", "b", "c", "d", "e"]
ways = st.tuples(st.sampled_from(NAMES[:-1]), st.sampled_from(NAMES))


@hypothesis.given(st.sets(ways, max_size=12))
def test_a_graph_is_taken_just_where_all_can_be_reached_and_can_end(edges: set[tuple[str, str]]) -> None:
    def reach(begin: str, links: set[tuple[str, str]]) -> set[str]:
        reached = {begin}
        for _ in NAMES:
            reached |= {target for source, target in links if source in reached}
        return reached

    sound = reach("a", edges) == reach("e", {(target, source) for source, target in edges}) == set(NAMES)
    states = [State[None](name=name, final=name == "e") for name in NAMES]
    transitions = [Transition[None](source, target, when="so") for source, target in sorted(edges)]
    try:
        StateGraph(states, transitions)
    except GraphError:
        assert not sound  # either way is right
    else:
        assert sound


def test_a_circle_of_its_own_accord_is_an_error_and_no_endless_loop() -> None:
    def always(_: Order) -> bool:
        return True

    graph = StateGraph[Order](
        [State(name="a"), State(name="b"), END],
        [Transition("a", "b", only_if=always), Transition("b", "a", only_if=always), Transition("a", "end", when="so")],
    )
    with pytest.raises(ConfigurationError, match="go round by itself for ever: a, b"):
        agent_of(graph, Order())


def test_a_tool_of_a_state_runs_on_the_loop() -> None:
    @tool(settings=ToolSettings(runs_on="thread"))
    def slow() -> None:
        """Take long."""

    graph = StateGraph[Order](
        [State(name="a", tools=lambda _: [slow]), END], [Transition("a", "end", when="all is said")]
    )
    with pytest.raises(ConfigurationError, match="runs on the loop"):
        agent_of(graph, Order())
