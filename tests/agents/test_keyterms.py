"""Terms that the user may say, and whom the recogniser is told of them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import trio

from tests.agents.conversation import Talk, after
from trialogue.actors import SttSettings
from trialogue.agents import Agent, Session, SessionSettings
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, Line, Utterance
from trialogue.engine import ProviderError, RecognitionStream
from trialogue.frames import AudioFrame, SpeechEdge, Transcript

if TYPE_CHECKING:
    import pytest

SETTINGS = SessionSettings(stt=SttSettings(keyterms=("Trialogue",)))


def agent(*keyterms: str) -> Agent:
    """An agent to whom these may be said."""
    return Agent(instructions="Be kind.", keyterms=keyterms)


def speaks(*at_s: float, hangs_up_s: float = 10.0) -> FakeCall:
    """The user speaks for half a second each time."""
    return FakeCall(lines=[Line(at_s=each, for_s=0.5) for each in at_s], hangs_up_s=hangs_up_s)


def expected(talk: Talk) -> list[tuple[float, tuple[str, ...]]]:
    """Which terms the recogniser was told to expect, and when in the call."""
    assert talk.call.epoch_s is not None
    return [(round(at_s - talk.call.epoch_s, 2), terms) for at_s, terms in talk.stt.expected]


def test_the_terms_of_settings_and_agent_are_expected_from_the_beginning() -> None:
    talk = Talk(call=speaks(1.0), agent=agent("Weber", "Trialogue"), settings=SETTINGS).hold()
    assert expected(talk) == [(0.0, ("Trialogue", "Weber"))]


def test_one_term_alone_is_one_term() -> None:
    assert Agent(instructions="", keyterms="Weber").keyterms == ("Weber",)
    assert SttSettings(keyterms="Trialogue").keyterms == ("Trialogue",)
    assert SttSettings(keyterms=["Trialogue", "Trio"]).keyterms == ("Trialogue", "Trio")


def test_another_agent_brings_its_own_before_the_next_utterance() -> None:
    hand_over = after((3.0, lambda session: session.handoff(agent("Lind"))))
    llm = FakeLlm(answers=["Yes."] * 3)
    talk = Talk(call=speaks(1.0, 5.0, 7.0), llm=llm, agent=agent("Weber"), settings=SETTINGS, do=hand_over).hold()
    assert expected(talk) == [(0.0, ("Trialogue", "Weber")), (5.06, ("Trialogue", "Lind"))]


def test_a_recogniser_that_is_replaced_is_told_again() -> None:
    dies = FakeStt(utterances=[Utterance(text="x", error=ProviderError("gone", retryable=True))])
    talk = Talk(call=speaks(1.0, 4.0), stt=dies, agent=agent("Weber")).hold()
    assert [terms for _, terms in expected(talk)] == [("Weber",), ("Weber",)]


def test_a_recogniser_that_comes_in_the_middle_of_a_call_is_told_too() -> None:
    other = FakeStt(utterances=["hello"])

    async def do(session: Session) -> None:
        await trio.sleep(3.0)
        await session.update(stt=other)
        await session.wait_ended()

    Talk(call=speaks(1.0, 5.0), llm=FakeLlm(answers=["Yes."] * 2), agent=agent("Weber"), do=do).hold()
    assert [terms for _, terms in other.expected] == [("Weber",)]


def test_without_terms_nobody_is_told_anything() -> None:
    assert expected(Talk(call=speaks(1.0)).hold()) == []


class Plain:
    """A recogniser that takes no terms.

    Args:
        stream: what else it does.
    """

    def __init__(self, stream: RecognitionStream) -> None:
        self._stream = stream
        self.rate_hz = stream.rate_hz

    async def send(self, item: AudioFrame | SpeechEdge) -> None:
        """As the other."""
        await self._stream.send(item)

    async def receive(self) -> Transcript:
        """As the other."""
        return await self._stream.receive()


class PlainStt(FakeStt):
    """Gives such ones."""

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[RecognitionStream, None]:
        """One of them."""
        async with super().open() as stream:
            yield Plain(stream)


def test_a_recogniser_that_takes_no_terms_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    hand_over = after((3.0, lambda session: session.handoff(agent("Lind"))))
    Talk(call=speaks(1.0, 5.0), stt=PlainStt(), agent=agent("Weber"), do=hand_over).hold()
    said = [record.getMessage() for record in caplog.records if "keyterms" in record.getMessage()]
    assert said == ["Plain cannot be told which terms to expect: 1 keyterms are of no use to it"]
