"""The turn policy: when a turn ends, and what interrupts."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis
import hypothesis.strategies as st
import pytest

from tests.actors.turn_helpers import ended, final, interim, playing, speaking_agent, started, utter
from trialogue.actors import (
    AgentState,
    CommitTurn,
    EndpointingSettings,
    IgnoreSpeech,
    InterruptionSettings,
    InterruptReply,
    PauseReply,
    ReplyStarted,
    ReportMissingWords,
    TurnPolicy,
    is_backchannel,
)
from trialogue.engine import ConfigurationError

# -- when a turn ends


def test_a_turn_ends_when_its_words_are_in_and_the_silence_is_long_enough() -> None:
    policy = TurnPolicy()
    assert utter(policy, "hello there", 1.0, 2.0) == []
    assert policy.deadline == pytest.approx(2.5)
    assert policy.on_time(2.49) == []
    (commit,) = policy.on_time(2.5)
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.speech_ended_s, commit.committed_s) == ("hello there", 2.0, 2.5)
    assert policy.deadline is None


def test_without_words_it_waits_for_them_and_then_goes_by_what_it_has() -> None:
    policy = TurnPolicy()
    policy.on_frame(started(1.0), 1.06)
    policy.on_frame(interim("so far", 1.0, 1.5), 1.5)
    policy.on_frame(ended(2.0), 2.3)
    assert policy.deadline == pytest.approx(5.0)
    (missing, commit) = policy.on_time(5.0)
    assert missing == ReportMissingWords(speech_ended_s=2.0, decided_s=5.0)
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.cause) == ("so far", "no words came")
    assert policy.on_frame(final("so far away", 1.0, 2.0), 5.1) == []


def test_late_words_end_the_turn_at_once() -> None:
    policy = TurnPolicy()
    policy.on_frame(started(1.0), 1.06)
    policy.on_frame(ended(2.0), 2.3)
    policy.on_frame(final("late", 1.0, 2.0), 4.0)
    assert policy.deadline == pytest.approx(2.5)
    (commit,) = policy.on_time(4.0)
    assert isinstance(commit, CommitTurn)
    assert commit.committed_s == pytest.approx(4.0)


def test_who_goes_on_in_time_is_still_in_the_same_turn() -> None:
    policy = TurnPolicy()
    utter(policy, "one", 1.0, 2.0)
    policy.on_frame(started(2.4), 2.46)
    assert policy.deadline is None
    policy.on_frame(ended(3.0), 3.3)
    policy.on_frame(final("two", 2.4, 3.0), 3.3)
    (commit,) = policy.on_time(3.5)
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.earlier) == ("one two", "")


@pytest.mark.parametrize("known", ["", "on"])
def test_a_final_that_comes_after_the_next_speech_has_begun_is_in_its_place(known: str) -> None:
    policy = TurnPolicy()
    policy.on_frame(started(1.0), 1.06)
    policy.on_frame(interim(known, 1.0, 1.9), 1.9)
    policy.on_frame(ended(2.0), 2.3)
    policy.on_frame(started(2.4), 2.46)
    policy.on_frame(ended(3.0), 3.3)
    policy.on_frame(final("two", 2.4, 3.0), 3.3)
    assert policy.deadline == pytest.approx(3.5 if known else 5.0)  # what nothing is known of is waited for
    policy.on_frame(final("one", 1.0, 2.0), 3.4)
    policy.on_frame(final("One.", 1.0, 2.0), 3.45)
    (commit,) = policy.on_time(3.5)
    assert isinstance(commit, CommitTurn)
    assert commit.text == "one two"
    assert commit.words_final_s == pytest.approx(3.4)


# -- what interrupts


@pytest.mark.parametrize(
    ("text", "for_s", "interrupts"),
    [
        ("mhm", 2.0, False),
        ("yeah okay uh huh", 2.0, False),
        ("really", 2.0, False),
        ("wait", 0.4, True),
        ("wait", 0.39, False),
        ("but I", 0.4, True),
        ("but I", 0.39, False),
        ("", 5.0, False),
        ("...", 5.0, False),
    ],
)
def test_length_and_words_take_the_floor_from_a_speaking_agent(text: str, for_s: float, interrupts: bool) -> None:
    policy = speaking_agent()
    decisions = utter(policy, text, 2.0, 2.0 + for_s)
    if interrupts:
        assert decisions == [InterruptReply(reason="barge-in", speech_started_s=2.0, decided_s=2.3 + for_s)]
        assert policy.agent is AgentState.IDLE
    else:
        assert decisions == []
        assert policy.agent is AgentState.SPEAKING


def test_an_interruption_comes_at_the_moment_when_it_is_long_enough() -> None:
    policy = speaking_agent()
    policy.on_frame(started(2.0), 2.06)
    policy.on_frame(interim("hold on", 2.0, 2.2), 2.2)
    assert policy.deadline == pytest.approx(2.4)
    assert policy.on_time(2.4) == [InterruptReply(reason="barge-in", speech_started_s=2.0, decided_s=2.4)]
    assert policy.deadline is None


@pytest.mark.parametrize("text", ["mhm", "", "really"])
def test_speech_that_does_not_interrupt_is_ignored(text: str) -> None:
    policy = speaking_agent()
    utter(policy, text, 2.0, 2.6)
    decisions = policy.on_time(3.2)
    if text == "really":  # one word is too little to interrupt
        assert policy.agent is AgentState.SPEAKING
    assert decisions == [
        IgnoreSpeech(text=text, speech_started_s=2.0, decided_s=3.2, reason="listening" if text else "no words")
    ]


def test_a_turn_that_goes_on_before_its_answer_is_heard_is_told_as_one() -> None:
    policy = TurnPolicy()
    utter(policy, "one", 1.0, 2.0)
    policy.on_time(2.5)
    policy.on_frame(ReplyStarted(reply_id="r"), 2.5)
    (pause, interrupt) = utter(policy, "two", 2.6, 3.1)
    assert pause == PauseReply(speech_started_s=2.6, decided_s=2.66)
    assert interrupt == InterruptReply(reason="user went on", speech_started_s=2.6, decided_s=3.1 + 0.3)
    (commit,) = policy.on_time(3.6)
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.earlier) == ("one two", "one")


def test_a_turn_whose_answer_was_heard_is_over() -> None:
    policy = TurnPolicy()
    utter(policy, "one", 1.0, 2.0)
    policy.on_time(2.5)
    policy.on_frame(ReplyStarted(reply_id="r"), 2.5)
    policy.on_frame(playing("r", 2.7), 2.7)
    utter(policy, "no wait", 2.8, 3.3)
    (commit,) = policy.on_time(3.8)
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.earlier) == ("no wait", "")


def test_words_that_turn_out_to_be_none_do_not_cost_the_answer() -> None:
    policy = TurnPolicy()
    utter(policy, "one", 1.0, 2.0)
    policy.on_time(2.5)
    policy.on_frame(ReplyStarted(reply_id="r"), 2.5)
    assert policy.on_frame(started(2.6), 2.66) == [PauseReply(speech_started_s=2.6, decided_s=2.66)]
    decisions = policy.on_frame(interim("phantom", 2.6, 3.0), 3.0)
    assert decisions == [InterruptReply(reason="user went on", speech_started_s=2.6, decided_s=3.0)]
    policy.on_frame(ended(3.1), 3.4)
    policy.on_frame(final("", 2.6, 3.1), 3.4)
    (commit,) = policy.on_time(3.6)
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.earlier) == ("one", "one")


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (EndpointingSettings, {"min_delay_s": -0.1}, "min_delay_s"),
        (EndpointingSettings, {"min_delay_s": 4.0}, "transcript_deadline_s"),
        (InterruptionSettings, {"min_speech_s": -1.0}, "times of 0 or more"),
        (InterruptionSettings, {"min_words": 0}, "min_words"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    kind: Callable[..., object], settings: dict[str, float], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        kind(**settings)


@hypothesis.given(
    words=st.lists(st.sampled_from(["mhm", "yeah", "okay", "uh huh", "I see", "no", "table", "Yes."]), max_size=5)
)
def test_only_signs_of_listening_are_a_sign_of_listening(words: list[str]) -> None:
    text = " ".join(words)
    assert is_backchannel(text) == (not {"no", "table"} & set(words))
