"""Walking through the menus of a telephone."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.actors import EndpointingSettings, TurnSettings
from trialogue.agents import (
    Agent,
    AgentChanged,
    ConversationSettings,
    NudgeSettings,
    OutboundSettings,
    Session,
    SessionEnded,
    SessionSettings,
    TelephoneSettings,
)
from trialogue.agents.telephone import MenuMemory, MenuSettings, MenuWalker, press_keys
from trialogue.agents.testing import Action, Answer, Call, Caller, HangsUp, Says, Scenario, check_laws, simulate
from trialogue.engine import ConfigurationError
from trialogue.frames import ChatMessage, ChatRequest, ToolCall

# -- the memory


def test_what_is_much_the_same_is_the_same() -> None:
    memory = MenuMemory()
    first = memory.hear("For sales press one. For support press two. To hear this again press nine.")
    assert (first.times, first.pressed, first.is_lost) == (1, (), False)
    memory.press("3")
    again = memory.hear("for sales press one for support press to, to hear this again press nine")
    assert (again.times, again.pressed) == (2, ("3",))
    assert memory.hear("You have chosen support. For repairs press one.").times == 1


def test_a_menu_that_goes_on_is_one() -> None:
    memory = MenuMemory()
    memory.hear("For sales press one for support press two for all other questions")
    assert memory.hear("For sales press one for support press two for all other questions press three").times == 1
    assert memory.hear("For sales press one for support press two for all other questions press three").times == 2


def test_a_circle_of_two_menus_is_found() -> None:
    memory = MenuMemory(MenuSettings(most_times=3))
    heard = [memory.hear(text).is_lost for text in ("main menu press one", "wrong number of digits") * 3]
    assert heard == [False, False, False, False, True, True]


def test_what_is_forgotten_is_new_again_and_there_is_an_end_in_any_case() -> None:
    menus = [f"menu number {number} of many that are quite {chr(97 + number) * 5} different" for number in range(6)]
    memory = MenuMemory(MenuSettings(window=3, similarity=1.0, most_menus=10))
    heard = [memory.hear(text) for text in menus + menus]
    assert {each.times for each in heard} == {1}
    assert [each.is_lost for each in heard].index(True) == 9


@hypothesis.given(st.lists(st.sampled_from(["", "a", "press one", "press one for sales", "b c d", "#!"])))
def test_nobody_walks_for_ever(texts: list[str]) -> None:
    memory = MenuMemory(MenuSettings(most_times=3, most_menus=8))
    lost = [memory.hear(text).is_lost for text in texts]
    if len(lost) > 16:  # one that goes on counts once
        assert any(lost)


@pytest.mark.parametrize("wrong", [{"similarity": 0.0}, {"window": 0}, {"most_times": 1}, {"most_menus": 0}])
def test_settings_that_cannot_work_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match="a menu needs"):
        MenuSettings(**wrong)


# -- the walk


@attrs.frozen
class Menu:
    """A menu of a simulated telephone exchange.

    Args:
        says: what it says.
        keys: where each key leads.
    """

    says: str
    keys: Mapping[str, Menu] = attrs.Factory(dict)


PERSON = Menu("Hello this is Bob speaking")
CLOSED = Menu("We are closed.")
SUPPORT = Menu("Support. For a broken bike press one, for a person press two.", {"1": CLOSED, "2": PERSON})
MAIN = Menu("Welcome to the shop. For sales press one, for support press two.", {"1": Menu("Sold out."), "2": SUPPORT})

#: A menu needs more patience than a person.
PATIENT = TurnSettings(endpointing=EndpointingSettings(min_delay_s=1.0))


def exchange(menu: Menu) -> Callable[[Caller], Awaitable[None]]:
    """A machine that says a menu until it knows the key, and begins anew where there is nothing behind it."""

    async def run(caller: Caller) -> None:
        at = menu
        while at is not PERSON:
            await caller.says(at.says)
            key = await caller.hears_a_key(within_s=6.0)
            await caller.waits(0.2)
            at = at.keys.get(key, at) if at.keys else menu
        await caller.says(PERSON.says)
        await caller.hears("about my bike")

    return run


def model(choose: Callable[[str, str], str]) -> Callable[[ChatRequest], Answer | str]:
    """A language model that presses the key which a function of the last words and the instructions chooses."""
    calls = 0

    def answer(request: ChatRequest) -> Answer | str:
        nonlocal calls
        calls += 1
        said = next(
            item.text for item in reversed(request.items) if isinstance(item, ChatMessage) and item.role == "user"
        )
        if "press_keys" not in {each.name for each in request.tools}:
            return "I call about my bike."
        key = "reached" if "Bob" in said else choose(said, request.instructions)
        if key in {"reached", "keep_listening"}:
            return Answer([ToolCall(call_id=f"{calls}", name=key, arguments="{}")])
        return Answer([ToolCall(call_id=f"{calls}", name="press_keys", arguments=f'{{"keys": "{key}"}}')])

    return answer


class Talker(Agent):
    """Speaks with who was reached."""

    async def on_enter(self, session: Session) -> None:
        """Say what it is about."""
        session.say("I call about my bike.")


def walk(
    menu: Menu,
    choose: Callable[[str, str], str],
    *,
    level: Literal["text", "sound"] = "text",
    outbound: OutboundSettings | None = None,
) -> Call:
    """A call into menus."""
    agent = MenuWalker("a person", then=Talker(instructions="Be kind."))
    conversation = ConversationSettings(telephone=TelephoneSettings(outbound=outbound))
    settings = SessionSettings(turn=PATIENT, conversation=conversation)
    scenario = Scenario(caller=exchange(menu), answers=model(choose), settings=settings, level=level)
    call = simulate(agent, scenario)
    check_laws(call)
    return call


def knows_the_way(said: str, instructions: str) -> str:
    """Takes support, then a person."""
    del instructions
    return "2" if re.search(r"support|person", said) else "keep_listening"


@pytest.mark.parametrize("level", ["text", "sound"])
def test_the_walker_finds_its_way_and_leaves_the_person_to_another_agent(level: Literal["text", "sound"]) -> None:
    call = walk(MAIN, knows_the_way, level=level)
    call.order(
        "caller says Welcome",
        "agent pressed 2",
        "caller says Support",
        "agent pressed 2",
        "caller says Hello this is Bob",
        "tool reached",
        "agent says I call about my bike.",
    )
    assert call.agent.text == "I call about my bike."
    assert [event.to_agent for event in call.of(AgentChanged)] == ["Talker"]


def test_a_menu_that_answers_an_outbound_call_is_walked_from_its_first_words_on() -> None:
    call = walk(MAIN, knows_the_way, outbound=OutboundSettings(answer_menus=True))
    call.order("call answered kind menu", "agent pressed 2", "caller says Support", "agent pressed 2", "Talker")


def test_a_menu_that_answers_counts_when_it_is_heard_again() -> None:
    telephone = TelephoneSettings(outbound=OutboundSettings(answer_menus=True))
    settings = SessionSettings(turn=PATIENT, conversation=ConversationSettings(telephone=telephone))
    loop = [Says(at_s=5.0 * number, text="Welcome. For opening hours press one.") for number in range(3)]
    agent = MenuWalker("a person", settings=MenuSettings(most_times=2))
    call = simulate(agent, Scenario(caller=loop, answers=model(lambda *_: "1"), settings=settings))
    check_laws(call)
    assert call.of(SessionEnded)[0].reason.startswith("lost in the menu: heard 2 times")


def test_who_goes_in_a_circle_is_told_so_and_with_what() -> None:
    def learns(said: str, instructions: str) -> str:
        warned = "heard this 2 times now. Pressed after it so far: 1." in instructions
        return "1" if "Welcome" in said and not warned else knows_the_way(said, "")

    call = walk(MAIN, learns)
    call.order("agent pressed 1", "caller says Sold out", "caller says Welcome", "agent pressed 2")
    call.agent.said("I call about my bike.")


@pytest.mark.parametrize(("most_times", "presses"), [(2, 1), (4, 3)])
def test_who_is_lost_ends_the_call(most_times: int, presses: int) -> None:
    agent = MenuWalker("a person", settings=MenuSettings(most_times=most_times))
    loop = [Says(at_s=5.0 * number, text="Welcome. For opening hours press one.") for number in range(most_times)]
    settings = SessionSettings(turn=PATIENT)
    lost = simulate(agent, Scenario(caller=loop, answers=model(lambda *_: "1"), settings=settings))
    check_laws(lost)
    (ended,) = lost.of(SessionEnded)
    assert ended.reason.startswith(f"lost in the menu: heard {most_times} times: Welcome.")
    assert [entry.text for entry in lost.entries if entry.what == "pressed"] == ["1"] * presses


def test_a_menu_that_falls_silent_is_asked_about_again() -> None:
    nudge = NudgeSettings(instructions="The menu waits.")
    settings = SessionSettings(
        turn=attrs.evolve(PATIENT, away_after_s=5.0), conversation=ConversationSettings(nudge=nudge)
    )
    seen: list[str] = []

    def choose(said: str, instructions: str) -> str:
        seen.append(said)
        return "1" if "The menu waits." in instructions else "keep_listening"

    menu: list[Action] = [Says(at_s=1.0, text="Press one"), HangsUp(at_s=12.0)]
    call = simulate(MenuWalker("a person"), Scenario(caller=menu, answers=model(choose), settings=settings))
    check_laws(call)
    assert seen == ["Press one", "Press one"]
    assert [entry.text for entry in call.entries if entry.what == "pressed"] == ["1"]


def test_a_key_that_does_not_exist_is_told_to_the_model() -> None:
    seen: list[str] = []

    def answer(request: ChatRequest) -> Answer | str:
        seen.extend(str(item) for item in request.items)
        return (
            "I see."
            if "cannot be pressed" in seen[-1]
            else Answer([ToolCall(call_id="1", name="press_keys", arguments='{"keys": "x"}')])
        )

    async def script(caller: Caller) -> None:
        await caller.says("Please press x")
        await caller.hears("I see.")

    call = simulate(Agent(instructions="x", tools=[press_keys]), Scenario(caller=script, answers=answer))
    check_laws(call)
