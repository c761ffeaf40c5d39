"""Changes in the middle of a call: all of it from the next reply on, or nothing; and models of an agent's own."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import pytest
import trio

from tests.agents.conversation import Talk, after
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentStartedSpeaking,
    AgentStoppedSpeaking,
    Session,
    SettingsChanged,
    tool,
)
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, Line, Speech
from trialogue.engine import ConfigurationError, ProviderError

if TYPE_CHECKING:
    from trialogue.engine import Voice

LINES = [Line(at_s=0.0, for_s=0.5), Line(at_s=6.0, for_s=0.5)]
LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen."


@tool
def look() -> str:
    """Look."""
    return "seen"


def voice(error: ProviderError | None = None) -> FakeTts:
    """A voice of ten words a second that may not open."""
    return FakeTts(every=Speech(word_s=0.1), error=error)


def talk_with(do: object, **given: object) -> Talk:
    """A user says two things while the program does something."""
    call = FakeCall(lines=LINES, hangs_up_s=10)
    talk = Talk(call=call, stt=FakeStt(utterances=["one", "two"]), do=do, **given)  # type: ignore[arg-type]  # as given
    return talk.hold()


def test_a_change_counts_from_the_next_reply_on() -> None:
    old, new = FakeLlm(answers=[LONG]), FakeLlm(answers=["Yes."])
    old_voice, new_voice = voice(), voice()
    open_before: list[tuple[int, int]] = []
    contexts: list[object] = []

    async def do(session: Session) -> None:
        async with session.events(AgentStartedSpeaking) as began, session.events(AgentStoppedSpeaking) as stopped:
            await anext(began)
            await session.update(instructions="Be brief.", tools=[look], llm=new, tts=new_voice)
            open_before.append((old_voice.statistics().open_now, new_voice.statistics().open_now))
            await anext(stopped)
            await session.wait_idle(0.2)
            open_before.append((old_voice.statistics().open_now, new_voice.statistics().open_now))
            await session.wait_ended()
        contexts.extend(item for item in session.context if isinstance(item, SettingsChanged))

    talk = talk_with(do, llm=old, tts=old_voice)
    assert [event.heard for event in talk.of(AgentStoppedSpeaking)] == [LONG, "Yes."]
    assert (len(old.records), len(new.records)) == (1, 1)
    assert (len(old_voice.records), len(new_voice.records)) == (1, 1)
    request = new.records[0].request
    assert (request.instructions, [each.name for each in request.tools]) == ("Be brief.", ["look"])
    assert open_before == [(1, 1), (0, 1)]  # the old one was needed until its reply was over
    assert contexts == [SettingsChanged(instructions="Be brief.", tools=("look",), models=("llm", "tts"))]
    assert new_voice.statistics().open_now == 0


def test_a_change_that_fails_changes_nothing() -> None:
    new = FakeLlm(answers=["No."])
    broken = voice(ProviderError("no such voice"))

    async def do(session: Session) -> None:
        with pytest.raises(ProviderError, match="no such voice"):
            await session.update(instructions="Be brief.", llm=new, tts=broken)
        with pytest.raises(ConfigurationError, match="two tools"):
            await session.update(instructions="Be brief.", tools=[look, look])
        assert session.context.items == ()
        await session.wait_ended()

    talk = talk_with(do, llm=FakeLlm(answers=["Yes.", "Yes."]))
    assert [event.heard for event in talk.of(AgentStoppedSpeaking)] == ["Yes.", "Yes."]
    assert {record.request.instructions for record in talk.llm.records} == {"Be kind."}
    assert new.statistics().open_now == 0


def test_an_agent_brings_its_own_models_and_leaves_with_them() -> None:
    own, own_voice = FakeLlm(answers=["Mine."]), voice()

    def leave(session: Session) -> None:
        session.handoff(Agent(instructions="Second."))

    talk = talk_with(
        after((4.0, leave)),
        llm=FakeLlm(answers=["Theirs."]),
        agent=Agent(instructions="First.", llm=own, tts=own_voice),
    )
    assert [event.heard for event in talk.of(AgentStoppedSpeaking)] == ["Mine.", "Theirs."]
    assert (len(own_voice.records), len(talk.tts.records)) == (1, 1)
    assert own.statistics().open_now == own_voice.statistics().open_now == 0


def test_a_model_that_fails_as_it_is_closed_ends_no_call() -> None:
    class Breaks:
        """A voice whose server does not say goodbye."""

        @contextlib.asynccontextmanager
        async def open(self) -> AsyncGenerator[Voice, None]:
            async with voice().open() as opened:
                yield opened
            raise ProviderError("the connection broke while it was closed")

    async def do(session: Session) -> None:
        await session.update(tts=Breaks())
        await session.update(tts=voice())
        await trio.sleep(1.0)
        assert await session.say("Still here.").wait() == "completed"
        session.end()

    talk_with(do)


def test_an_agent_whose_models_do_not_open_has_those_of_the_one_before() -> None:
    def take_over(session: Session) -> None:
        session.handoff(Agent(instructions="Second.", tts=voice(ProviderError("no such voice"))))

    talk = talk_with(after((4.0, take_over)), llm=FakeLlm(answers=["First.", "Second."]))
    assert [event.heard for event in talk.of(AgentStoppedSpeaking)] == ["First.", "Second."]
    assert "no such voice" in talk.the(ActorFailed).cause


async def test_what_does_not_run_is_not_changed() -> None:
    from trialogue.agents import Models
    from trialogue.agents.testing import FakeVad

    models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=FakeTts())
    session = Session(Agent(instructions=""), models=models, transport=FakeCall())
    with pytest.raises(ConfigurationError, match="not running"):
        await session.update(instructions="Be brief.")
    with pytest.raises(ConfigurationError, match="not running"):
        session.handoff(Agent(instructions=""))
