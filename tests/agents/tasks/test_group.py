"""Groups of tasks: in their order, back to an earlier one and on again, typed results."""

from __future__ import annotations

import datetime
import json

import pytest

from tests.agents.conversation import use
from trialogue.agents import Agent, Session, TaskGivenUp
from trialogue.agents.tasks import (
    CollectDate,
    CollectEmail,
    CollectYesNo,
    DateReader,
    Results,
    Step,
    TaskGroup,
)
from trialogue.agents.testing import Answer, FakeLlm, text_session
from trialogue.engine import ConfigurationError, VirtualTime, run

READ = DateReader(today=datetime.date(2026, 11, 22))
DATE = Step("the date", lambda _: CollectDate(READ, "On which day?"))
EMAIL = Step("the e-mail address", lambda _: CollectEmail("Your e-mail?", confirm="never"))
SURE = Step("whether to book", lambda found: CollectYesNo(f"Shall I book {found[DATE]:%A} for {found[EMAIL]}?"))


class Desk(Agent):
    """Runs a group as it enters."""

    def __init__(self) -> None:
        super().__init__(instructions="Desk.")
        self.results: Results | None = None
        self.error: TaskGivenUp | None = None

    async def on_enter(self, session: Session) -> None:
        """Run it."""
        try:
            self.results = await TaskGroup(DATE, EMAIL, SURE).run(session)
        except TaskGivenUp as error:
            self.error = error
        session.say("Done.")


def talk(*said: str, answers: tuple[Answer | str, ...] = ()) -> tuple[Desk, list[str], FakeLlm]:
    """A conversation in text: the desk, what it said, and what the model was asked."""
    desk, llm = Desk(), FakeLlm(answers=answers)
    heard: list[str] = []

    async def main() -> None:
        async with text_session(desk, llm=llm) as conversation:
            heard.append(conversation.opening.text)
            for text in said:
                heard.append((await conversation.says(text)).text)

    run(main, virtual=VirtualTime())
    return desk, heard, llm


def test_one_after_another_and_each_knows_what_was_found() -> None:
    desk, heard, llm = talk("on Tuesday", "ann at example dot com", "yes")
    assert heard == ["On which day?", "Your e-mail?", "Shall I book Tuesday for ann@example.com?", "Done."]
    assert desk.results is not None
    day: datetime.date = desk.results[DATE]
    address: str = desk.results[EMAIL]
    assert (day, address, desk.results[SURE]) == (datetime.date(2026, 11, 24), "ann@example.com", True)
    assert list(desk.results.by_name) == ["the date", "the e-mail address", "whether to book"]
    assert not llm.records


@pytest.mark.parametrize("back_at", [1, 2])
def test_wait_the_date_was_wrong(back_at: int) -> None:
    said = ["on Tuesday", "ann at example dot com", "yes"]
    said[back_at:back_at] = ["wait a moment please the date was wrong", "on Friday"]
    desk, heard, llm = talk(*said, answers=(use("go_back", to="the date"),))
    assert desk.results is not None
    assert desk.results[DATE] == datetime.date(2026, 11, 27)
    assert desk.results[EMAIL] == "ann@example.com"
    questions = ["On which day?", "Your e-mail?", "Shall I book Tuesday for ann@example.com?"]
    goes_on = questions[back_at].replace("Tuesday", "Friday")
    assert heard[: back_at + 3] == [*questions[: back_at + 1], "On which day?", goes_on]
    assert heard[-2:] == ["Shall I book Friday for ann@example.com?", "Done."]
    (request,) = (record.request for record in llm.records)
    (go_back,) = (tool for tool in request.tools if tool.name == "go_back")
    assert json.loads(go_back.parameters)["properties"]["to"]["enum"] == ["the date", "the e-mail address"][:back_at]


def test_there_is_no_way_back_to_what_was_not_asked() -> None:
    _, _, llm = talk("on Tuesday", "and what about the price", answers=(use("go_back", to="the price"), "Your e-mail?"))
    assert "there are: the date" in llm.records[-1].request.items[-1].output  # type: ignore[union-attr]  # it is one


def test_who_gives_up_one_gives_up_all() -> None:
    desk, heard, _ = talk("on Tuesday", "I have none", answers=(use("give_up", reason="none"),))
    assert str(desk.error) == "CollectEmail was given up: none"
    assert heard[-1] == "Done."


def test_names_differ_and_results_are_there_or_not() -> None:
    with pytest.raises(ConfigurationError, match="whose names differ"):
        TaskGroup(DATE, DATE)
    with pytest.raises(ConfigurationError, match="whose names differ"):
        TaskGroup()
    results = Results()
    assert DATE not in results
    with pytest.raises(ConfigurationError, match="found nothing yet"):
        results[DATE]
