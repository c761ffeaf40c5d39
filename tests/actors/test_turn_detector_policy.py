"""Detectors in the turn policy: what they think of a turn moves the silence that ends it."""

from __future__ import annotations

import math

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.actors import (
    CommitTurn,
    EndpointingSettings,
    InterruptReply,
    ReplyEnded,
    ReplyStarted,
    SilenceDetector,
    TurnDecision,
    TurnJudged,
    TurnPolicy,
    TurnSettings,
)
from trialogue.actors.turn._user_turn import question_in
from trialogue.engine import ConfigurationError, TurnSoFar
from trialogue.frames import FinalTranscript, PlayoutStarted, SpeechEnded, SpeechStarted

RATE_HZ = 16_000


def utter(policy: TurnPolicy, text: str, start_s: float = 1.0, end_s: float = 2.0) -> list[TurnDecision]:
    """A whole utterance, whose words are known soon after its end."""
    start, end = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
    policy.on_frame(SpeechStarted(at_sample=start, at_s=start_s, detected_s=start_s + 0.06), start_s + 0.06)
    policy.on_frame(SpeechEnded(at_sample=end, at_s=end_s, detected_s=end_s + 0.3), end_s + 0.3)
    return policy.on_frame(FinalTranscript(text=text, start_sample=start, end_sample=end), end_s + 0.3)


def reply(policy: TurnPolicy, heard: str) -> None:
    """A reply, of which that is heard, from 0.2 to 0.8 s."""
    policy.on_frame(ReplyStarted(reply_id="r"), 0.1)
    begun = PlayoutStarted(reply_id="r", at_s=0.2, at_sample=3200, first_sentence_s=0.1, first_sound_s=0.1)
    policy.on_frame(begun, 0.2)
    policy.on_frame(ReplyEnded(reply_id="r", heard=heard), 0.8)


@pytest.mark.parametrize(
    ("text", "language", "least_s", "most_s"),
    [
        ("what time do you open", "en", 0.5, 0.5),
        ("i'd like a table for", "en", 1.3, 1.6),
        ("my name is um", "en", 1.4, 1.6),
        ("einen tisch für", "de-DE", 1.3, 1.6),
        ("einen tisch für", "en", 0.5, 0.5),  # nobody told what language it is
        ("...", "en", 0.5, 0.5),  # no words: nothing to wait for
    ],
)
def test_an_unfinished_thought_is_given_more_time(text: str, language: str, least_s: float, most_s: float) -> None:
    policy = TurnPolicy(TurnSettings(language=language))
    utter(policy, text)
    assert policy.deadline is not None
    assert least_s - 1e-9 <= policy.deadline - 2.0 <= most_s + 1e-9


def test_who_hesitates_and_goes_on_is_not_cut_off() -> None:
    policy = TurnPolicy()
    utter(policy, "my number is five five five", 1.0, 2.0)
    assert policy.on_time(3.3) == []
    utter(policy, "zero one two three", 3.3, 4.0)
    (commit,) = policy.on_time(4.5)
    assert isinstance(commit, CommitTurn)
    assert commit.text == "my number is five five five zero one two three"


def test_every_turn_ends() -> None:
    policy = TurnPolicy()
    utter(policy, "and then")
    (commit,) = policy.on_time(3.6)
    assert isinstance(commit, CommitTurn)


def test_all_of_a_turn_is_judged_and_not_its_last_piece() -> None:
    policy = TurnPolicy()
    utter(policy, "what is the price of", 1.0, 2.0)
    utter(policy, "the", 2.4, 2.6)
    utter(policy, "second one", 3.0, 3.5)
    assert policy.deadline == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("heard", "waits"),
    [("Sure. What is your phone number?", True), ("Your phone number is known.", False), ("", False)],
)
def test_a_question_that_was_heard_counts(heard: str, waits: bool) -> None:
    policy = TurnPolicy()
    reply(policy, heard)
    utter(policy, "five five")
    assert policy.deadline is not None
    assert (policy.deadline > 2.6) == waits


def test_a_question_is_forgotten_once_something_else_was_heard() -> None:
    policy = TurnPolicy()
    reply(policy, "What is your phone number?")
    reply(policy, "Never mind.")
    utter(policy, "five five")
    assert policy.deadline == pytest.approx(2.5)


def test_the_question_of_an_interrupted_reply_counts_as_well() -> None:
    policy = TurnPolicy()
    policy.on_frame(ReplyStarted(reply_id="r"), 0.1)
    begun = PlayoutStarted(reply_id="r", at_s=0.2, at_sample=3200, first_sentence_s=0.1, first_sound_s=0.1)
    policy.on_frame(begun, 0.2)
    (interrupt,) = utter(policy, "it is five five")
    assert isinstance(interrupt, InterruptReply)
    policy.on_frame(ReplyEnded(reply_id="r", heard="What is your phone number?"), 2.3)
    utter(policy, "five", 2.4, 2.6)
    assert policy.deadline is not None
    assert policy.deadline > 3.5


@pytest.mark.parametrize(
    ("heard", "question"),
    [
        ("Hello! How are you?", "How are you?"),
        ("How are you? I am fine.", ""),
        ("How are", ""),
        ("", ""),
        (" ¿Cómo está? ", "¿Cómo está?"),
    ],
)
def test_the_question_is_the_last_sentence(heard: str, question: str) -> None:
    assert question_in(heard) == question


@pytest.mark.parametrize(
    ("heard", "question"),
    [
        ("Hello! How are you?", "How are you?"),
        ("How are you? I am", "How are you?"),
        ("How are you? I am fine.", ""),
        ("How are you? I am fine. And", ""),
        ("How are", ""),
        ("", ""),
    ],
)
def test_in_the_middle_of_a_reply_it_is_the_last_sentence_that_was_heard(heard: str, question: str) -> None:
    assert question_in(heard, goes_on=True) == question


def test_a_detector_that_listens_makes_the_silence_longer() -> None:
    policy = TurnPolicy()
    utter(policy, "what time do you open")
    policy.on_frame(TurnJudged(speech_ended_s=2.0, probability=0.0), 2.35)
    assert policy.deadline == pytest.approx(3.6)
    policy.on_frame(TurnJudged(speech_ended_s=2.0, probability=0.9), 2.4)
    assert policy.deadline == pytest.approx(2.5)


def test_what_it_thinks_of_an_earlier_silence_changes_nothing() -> None:
    policy = TurnPolicy()
    policy.on_frame(TurnJudged(speech_ended_s=0.5, probability=0.0), 0.9)
    utter(policy, "what time do you", 1.0, 1.5)
    utter(policy, "open", 1.8, 2.2)
    policy.on_frame(TurnJudged(speech_ended_s=1.5, probability=0.0), 2.5)
    assert policy.deadline == pytest.approx(2.7)


def test_another_judge_may_decide() -> None:
    asked: list[TurnSoFar] = []

    @attrs.frozen
    class Listener(SilenceDetector):
        def probability(self, turn: TurnSoFar) -> float:
            asked.append(turn)
            return 0.25

    policy = TurnPolicy(TurnSettings(language="de"), judge=Listener())
    reply(policy, "Wie viele?")
    utter(policy, "zwei")
    assert asked == [TurnSoFar(text="zwei", language="de", asked="Wie viele?")]
    assert policy.deadline == pytest.approx(2.0 + 0.5 + 1.1 / 2)


def test_without_a_detector_silence_alone_counts() -> None:
    policy = TurnPolicy(judge=SilenceDetector())
    utter(policy, "and then")
    assert policy.deadline == pytest.approx(2.5)


unit = st.floats(0.0, 1.0)


@hypothesis.given(least_s=st.floats(0.0, 3.0), most_s=st.floats(0.0, 5.0), one=unit, other=unit)
def test_the_delay_lies_between_its_bounds_and_falls_with_probability(
    least_s: float, most_s: float, one: float, other: float
) -> None:
    settings = EndpointingSettings(min_delay_s=least_s, max_delay_s=most_s)
    low, high = sorted((settings.delay_s(one), settings.delay_s(other)))
    assert least_s <= low <= high <= max(least_s, most_s) + 1e-9
    assert settings.delay_s(min(one, other)) == high
    assert settings.delay_s(0.5) == least_s


@pytest.mark.parametrize("most_s", [-0.1, math.inf])
def test_a_delay_that_is_none_is_refused(most_s: float) -> None:
    with pytest.raises(ConfigurationError, match="max_delay_s"):
        EndpointingSettings(max_delay_s=most_s)
