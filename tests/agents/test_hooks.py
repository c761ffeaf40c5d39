"""An agent's hooks: what they may change, and what becomes of a call where they fail."""

from __future__ import annotations

import pytest
import trio

from tests.agents.conversation import Talk, texts
from trialogue.actors import PreparationSettings, TurnSettings
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentStoppedSpeaking,
    AnswerPrepared,
    ChatContext,
    ContextSettings,
    ConversationSettings,
    DropTurn,
    HeardTurn,
    Knowledge,
    Passage,
    Reply,
    Session,
    SessionSettings,
    Summary,
    UserTurnEnded,
    WindowPolicy,
    open_text_search,
)
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, Line, Utterance

PLAIN = "Be kind."


class Editor(Agent):
    """Edits each turn in the way it is made with."""

    def __init__(self, how: str) -> None:
        super().__init__(instructions=PLAIN)
        self.how = how
        self.seen: list[str] = []

    async def on_user_turn(self, session: Session, turn: HeardTurn) -> DropTurn | None:
        """Edit."""
        self.seen.append(turn.text)
        match self.how:
            case "edit":
                turn.text = turn.text.replace("soap", "soup")
                turn.add_context("Soup is 4 euros.")
            case "drop" if turn.text == "soap please":
                return DropTurn("not for us")
            case "fail":
                turn.text = "half an edit"
                raise ValueError("no")
            case "hang":
                turn.text = "half an edit"
                await trio.sleep_forever()
            case "give up":
                turn.text = "half an edit"
                with trio.fail_after(0.1):
                    await trio.sleep_forever()
            case "slow":
                await trio.sleep(0.9)
        return None


def hold(agent: Agent, *, settings: SessionSettings | None = None, lines: list[Line] | None = None) -> Talk:
    """A user says two things."""
    given = lines or [Line(at_s=0.0, for_s=0.5), Line(at_s=5.0, for_s=0.5)]
    stt = FakeStt(utterances=["soap please", Utterance(text="thank you", word_s=0.2)])
    llm = FakeLlm(answers=["Coming.", "Welcome."])
    return Talk(call=FakeCall(lines=given, hangs_up_s=9), stt=stt, llm=llm, agent=agent, settings=settings).hold()


def test_what_is_edited_is_remembered_and_what_is_added_is_told_once() -> None:
    talk = hold(Editor("edit"))
    first, second = (record.request for record in talk.llm.records)
    assert (first.instructions, texts(first.items)) == (f"{PLAIN}\n\nSoup is 4 euros.", ["user: soup please"])
    assert texts(second.items) == ["user: soup please", "agent: Coming.", "user: thank you"]
    assert second.instructions.count("4 euros") == 1
    assert talk.of(UserTurnEnded)[0].text == "soap please"  # what was said


def test_a_turn_that_is_dropped_is_neither_answered_nor_remembered() -> None:
    talk = hold(Editor("drop"))
    assert texts(talk.history) == ["user: thank you", "agent: Coming."]
    dropped, answered = talk.of(AgentStoppedSpeaking)
    assert (dropped.interrupted, dropped.heard, answered.heard) == ("not for us", "", "Coming.")
    assert len(talk.llm.records) == 1


@pytest.mark.parametrize(
    ("how", "cause", "later_s"),
    [("fail", "ValueError: no", 0.0), ("hang", "TimeoutError", 1.0), ("give up", "TooSlowError", 0.1)],
)
def test_a_hook_that_fails_or_hangs_leaves_the_turn_as_it_was_said(how: str, cause: str, later_s: float) -> None:
    talk = hold(Editor(how))
    assert texts(talk.history) == ["user: soap please", "agent: Coming.", "user: thank you", "agent: Welcome."]
    faults = talk.of(ActorFailed)
    assert [fault.actor for fault in faults] == ["on_user_turn"] * 2
    assert faults[0].cause.startswith(cause)
    asked_s = talk.llm.records[0].asked_s - (talk.call.epoch_s or 0.0)
    assert asked_s == pytest.approx(talk.of(UserTurnEnded)[0].at_s + later_s)


def test_who_goes_on_speaking_is_listened_to_and_the_hook_sees_the_whole() -> None:
    agent = Editor("slow")
    talk = hold(agent, lines=[Line(at_s=0.0, for_s=0.5), Line(at_s=1.2, for_s=0.8)])
    assert agent.seen == ["soap please", "soap please thank you"]
    assert texts(talk.history) == ["user: soap please thank you", "agent: Coming."]


def test_an_agent_that_edits_prepares_nothing() -> None:
    settings = SessionSettings(turn=TurnSettings(preparation=PreparationSettings(enabled=True)))
    assert hold(Agent(instructions=PLAIN), settings=settings).of(AnswerPrepared)
    assert not hold(Editor("edit"), settings=settings).of(AnswerPrepared)


def test_what_is_known_is_told_to_the_model() -> None:
    class Informed(Agent):
        def __init__(self, knowledge: Knowledge) -> None:
            super().__init__(instructions=PLAIN)
            self.knowledge = knowledge

        async def on_user_turn(self, session: Session, turn: HeardTurn) -> None:
            """Look it up."""
            turn.add_context(await self.knowledge.look_up(turn.text))

    with open_text_search(texts=[Passage(text="Soap is sold out.", source="stock")]) as search:
        talk = hold(Informed(Knowledge(search, deadline_s=2)))
    first, second = (record.request.instructions for record in talk.llm.records)
    assert "- Soap is sold out. [stock]" in first
    assert second == PLAIN


def test_the_agent_is_told_how_each_reply_ended() -> None:
    class Listener(Agent):
        def __init__(self) -> None:
            super().__init__(instructions=PLAIN)
            self.told: list[tuple[str | None, str]] = []

        async def on_reply(self, session: Session, reply: Reply) -> None:
            """Note it."""
            self.told.append((reply.outcome, reply.heard))
            raise ValueError("once is enough")

    agent = Listener()
    talk = hold(agent)
    assert agent.told == [("completed", "Coming."), ("completed", "Welcome.")]
    assert [fault.actor for fault in talk.of(ActorFailed)] == ["on_reply"] * 2


def test_the_model_is_told_what_fits_the_window_and_the_session_keeps_all() -> None:
    context = ContextSettings(window=WindowPolicy(max_turns=1))
    settings = SessionSettings(conversation=ConversationSettings(context=context))
    talk = hold(Agent(instructions=PLAIN), settings=settings)
    assert texts(talk.llm.records[1].request.items) == ["user: thank you"]
    assert len(talk.history) == 4


def test_a_context_is_a_copy() -> None:
    contexts: list[ChatContext] = []

    async def do(session: Session) -> None:
        contexts.append(session.context.copy())
        contexts[0].add(Summary(text="nothing", turns=0))
        assert len(session.context) == 0
        await session.wait_ended()

    Talk(call=FakeCall(hangs_up_s=1), do=do).hold()
    assert len(contexts[0]) == 1
