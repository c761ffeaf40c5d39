"""What an agent puts round its models: each stage wraps or replaces, and a failing one costs no more than is stated."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING

import attrs
import pytest

from tests.agents.conversation import Talk, texts
from trialogue.agents import ActorFailed, Agent, AgentStoppedSpeaking, ReplyFailed, UserSaid, UserTurnEnded
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, Line, Utterance
from trialogue.engine import ProviderError
from trialogue.frames import TextDelta

if TYPE_CHECKING:
    from trialogue.engine import ModelConnection, Voice
    from trialogue.frames import ChatRequest, ModelOutput, SpeechAudio


def hold(agent: Agent, *answers: str) -> Talk:
    """A user says something to an agent."""
    call = FakeCall(lines=[Line(at_s=0.0, for_s=1.0)], hangs_up_s=8.0)
    stt = FakeStt(utterances=[Utterance(text="the soap please", word_s=0.3)])
    return Talk(call=call, stt=stt, llm=FakeLlm(answers=answers or ["It costs five euros. Enjoy."]), agent=agent).hold()


def spoken(talk: Talk) -> list[str]:
    """What the voice was asked to say."""
    return [record.text for record in talk.tts.records]


def heard(talk: Talk) -> list[str]:
    """What of the agent was heard, in the model's own words."""
    return [event.heard for event in talk.of(AgentStoppedSpeaking)]


def agent(**stages: object) -> Agent:
    """An agent with some stages."""
    return type("Staged", (Agent,), stages)(instructions="")  # type: ignore[no-any-return]  # it is one


def test_what_is_understood_is_corrected_before_anybody_acts_on_it() -> None:
    talk = hold(agent(stt_stage=lambda self, text: text.replace("soap", "soup")))
    assert {event.text for event in talk.of(UserSaid)} == {"the", "the soup", "the soup please"}
    assert talk.the(UserTurnEnded).text == "the soup please"
    assert texts(talk.history)[0] == "user: the soup please"


def test_a_sentence_is_worded_for_the_voice_and_remembered_as_it_was_written() -> None:
    talk = hold(agent(text_stage=lambda self, text: text.replace("five euros", "5 EUR")))
    assert spoken(talk) == ["It costs 5 EUR.", "Enjoy."]
    assert heard(talk) == ["It costs five euros. Enjoy."]


def test_a_sentence_is_left_out() -> None:
    talk = hold(agent(text_stage=lambda self, text: "" if "costs" in text else text))
    assert spoken(talk) == ["Enjoy."]
    assert heard(talk) == ["It costs five euros. Enjoy."]


def test_what_was_worded_anew_is_heard_sentence_by_sentence() -> None:
    class Slow(Agent):
        """Speaks more than is written."""

        def text_stage(self, text: str) -> str:
            """Five times."""
            return " ".join([text.strip()] * 5)

    call = FakeCall(lines=[Line(at_s=0.0, for_s=1.0), Line(at_s=2.5, for_s=2.0)], hangs_up_s=8.0)
    stt = FakeStt(utterances=["go on", Utterance(text="stop it now", word_s=0.2)])
    answer = "One two. Three four. Five six."
    talk = Talk(call=call, stt=stt, llm=FakeLlm(answers=[answer, "Yes."]), agent=Slow(instructions="")).hold()
    cut = talk.of(AgentStoppedSpeaking)[0]
    assert cut.interrupted == "barge-in"
    assert cut.heard.strip() in ("One two.", "One two. Three four.")


class Polite(Agent):
    """Wraps the model."""

    @contextlib.asynccontextmanager
    async def llm_stage(
        self, request: ChatRequest, model: ModelConnection
    ) -> AsyncGenerator[AsyncIterator[ModelOutput], None]:
        """Ask for politeness, and raise the voice."""
        async with model.reply(attrs.evolve(request, instructions="Be polite.")) as outputs:
            yield self._loud(outputs)

    async def _loud(self, outputs: AsyncIterator[ModelOutput]) -> AsyncIterator[ModelOutput]:
        async for output in outputs:
            yield TextDelta(text=output.text.upper()) if isinstance(output, TextDelta) else output


def test_the_model_is_wrapped() -> None:
    talk = hold(Polite(instructions="Be rude."))
    assert talk.llm.records[0].request.instructions == "Be polite."
    assert heard(talk) == ["IT COSTS FIVE EUROS. ENJOY."]
    assert texts(talk.history)[-1] == "agent: IT COSTS FIVE EUROS. ENJOY."


def test_the_model_is_replaced() -> None:
    class Parrot(Agent):
        """Asks nobody."""

        @contextlib.asynccontextmanager
        async def llm_stage(
            self, request: ChatRequest, model: ModelConnection
        ) -> AsyncGenerator[AsyncIterator[ModelOutput], None]:
            """Say it again."""
            del model
            yield self._again(request)

        async def _again(self, request: ChatRequest) -> AsyncIterator[ModelOutput]:
            yield TextDelta(text=f"You said: {getattr(request.items[-1], 'text', '')}.")

    talk = hold(Parrot(instructions=""))
    assert heard(talk) == ["You said: the soap please."]
    assert talk.llm.records == []


def test_the_voice_is_wrapped() -> None:
    class Quiet(Agent):
        """Speaks at half the level."""

        @contextlib.asynccontextmanager
        async def tts_stage(self, text: str, voice: Voice) -> AsyncGenerator[AsyncIterator[SpeechAudio], None]:
            """Halve it."""
            async with voice.speak(text) as sound:
                yield self._halved(sound)

        async def _halved(self, sound: AsyncIterator[SpeechAudio]) -> AsyncIterator[SpeechAudio]:
            async for audio in sound:
                samples = memoryview(audio.pcm).cast("h")
                halved = memoryview(bytearray(audio.pcm)).cast("h")
                halved[:] = memoryview(bytes(audio.pcm)).cast("h")
                for at, sample in enumerate(samples):
                    halved[at] = sample // 2
                yield attrs.evolve(audio, pcm=halved.tobytes())

    plain, quiet = hold(Agent(instructions="")), hold(Quiet(instructions=""))
    assert quiet.sound().max() == plain.sound().max() // 2
    assert heard(quiet) == heard(plain)


def fails(self: Agent, text: str) -> str:
    """A stage with a mistake."""
    raise ValueError("a mistake")


def forgets(self: Agent, text: str) -> None:
    """A stage without a `return`."""


@pytest.mark.parametrize("name", ["stt_stage", "text_stage"])
@pytest.mark.parametrize(("stage", "cause"), [(fails, "ValueError: a mistake"), (forgets, "must return a str")])
def test_a_plain_stage_that_fails_is_gone_on_without_and_told(name: str, stage: object, cause: str) -> None:
    talk = hold(agent(**{name: stage}))
    assert talk.the(UserTurnEnded).text == "the soap please"
    assert spoken(talk) == ["It costs five euros.", "Enjoy."]
    faults = talk.of(ActorFailed)
    assert {(fault.actor, fault.decision) for fault in faults} == {(name, "go on without it")}
    assert all(cause in fault.cause for fault in faults)
    assert len({fault.fault_id for fault in faults}) == len(faults)


@pytest.mark.parametrize("name", ["llm_stage", "tts_stage"])
def test_a_stage_round_a_model_that_fails_is_a_model_that_fails(name: str) -> None:
    @contextlib.asynccontextmanager
    async def broken(self: Agent, text: object, provider: object) -> AsyncGenerator[AsyncIterator[object], None]:  # noqa: ASYNC124  # a context manager is asked for
        if talks:
            raise ProviderError("a mistake")
        yield  # type: ignore[misc]  # never

    talks = [True]
    talk = hold(agent(**{name: broken}))
    assert "a mistake" in talk.of(ReplyFailed)[0].error
    assert texts(talk.history)[0] == "user: the soap please"


def test_stages_leave_with_their_agent() -> None:
    async def do(session: object) -> None:
        session.handoff(Agent(instructions=""))  # type: ignore[attr-defined]  # a session
        await session.wait_ended()  # type: ignore[attr-defined]  # as above

    call = FakeCall(lines=[Line(at_s=1.0, for_s=1.0)], hangs_up_s=8.0)
    talk = Talk(call=call, llm=FakeLlm(answers=["Fine."]), agent=Polite(instructions=""), do=do).hold()
    assert heard(talk) == ["Fine."]
