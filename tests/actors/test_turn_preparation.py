"""Answers that are begun early: on which words, when, how often, and when they are dropped."""

from __future__ import annotations

import pytest

from tests.actors.turn_helpers import ended, final, interim, live, playing, short, started
from trialogue.actors import (
    CommitTurn,
    EndpointingSettings,
    MicrophoneMuted,
    PreparationSettings,
    PrepareAnswer,
    ReplyStarted,
    SilenceDetector,
    TurnCleared,
    TurnInput,
    TurnPolicy,
    TurnSettings,
    same_words,
)

Story = list[tuple[float, TurnInput]]


def eager(**settings: float | int) -> TurnPolicy:
    """A policy that prepares, and takes every thought for finished."""
    preparation = PreparationSettings(enabled=True, **settings)  # type: ignore[arg-type]  # by name
    endpointing = EndpointingSettings(min_delay_s=0.8)
    return TurnPolicy(TurnSettings(preparation=preparation, endpointing=endpointing), judge=SilenceDetector())


def said(*words: tuple[float, str], end_s: float = 3.0) -> Story:
    """Speech from 1 s on, with interims at their times; the final says the last of them."""
    story: Story = [(1.06, started(1.0)), *((at_s, interim(text, 1.0, at_s)) for at_s, text in words)]
    return [*story, (end_s + 0.3, ended(end_s)), (end_s + 0.4, final(words[-1][1], 1.0, end_s))]


def test_nothing_is_prepared_unless_it_is_wanted() -> None:
    policy = TurnPolicy(judge=SilenceDetector())
    assert short(live(policy, *said((2.0, "a table")), until_s=9.0)) == [("CommitTurn", 3.5)]


def test_words_that_stay_the_same_are_answered_early_and_the_answer_is_used() -> None:
    decisions = live(eager(), *said((1.9, "a"), (2.0, "a table")), until_s=9.0)
    assert decisions[0] == PrepareAnswer(text="a table", decided_s=2.2)
    assert short(decisions) == [("PrepareAnswer", 2.2), ("CommitTurn", 3.8)]


def test_case_and_punctuation_make_no_other_words() -> None:
    story = said((2.0, "a table"))
    story[-1] = (3.4, final("A table.", 1.0, 3.0))
    prepare, commit = live(eager(), *story, until_s=9.0)
    assert isinstance(prepare, PrepareAnswer)
    assert isinstance(commit, CommitTurn)
    assert prepare.text != commit.text
    assert same_words(prepare.text, commit.text)


def test_final_words_after_the_speech_are_answered_at_once() -> None:
    story: Story = [(1.06, started(1.0)), (3.3, ended(3.0)), (3.4, final("a table", 1.0, 3.0))]
    assert short(live(eager(), *story, until_s=9.0)) == [("PrepareAnswer", 3.4), ("CommitTurn", 3.8)]


def test_other_words_drop_it_at_once_and_are_tried_again() -> None:
    decisions = live(eager(), *said((1.5, "a table"), (2.0, "a table for")), until_s=9.0)
    assert short(decisions) == [
        ("PrepareAnswer", 1.7),
        ("DropPreparedAnswer", 2.0),
        ("PrepareAnswer", 2.2),
        ("CommitTurn", 3.8),
    ]


def test_it_is_tried_so_many_times_in_a_turn() -> None:
    words = [(1.5 + 0.3 * k, "and " * (k + 1)) for k in range(4)]
    decisions = live(eager(max_tries=2), *said(*words), until_s=9.0)
    assert short(decisions)[:4] == [
        ("PrepareAnswer", 1.7),
        ("DropPreparedAnswer", 1.8),
        ("PrepareAnswer", 2.0),
        ("DropPreparedAnswer", 2.1),
    ]
    assert short(decisions)[4:] == [("CommitTurn", 3.8)]


def test_each_turn_has_its_own_tries() -> None:
    policy = eager(max_tries=1)
    live(policy, *said((2.0, "a table")), until_s=9.0)
    for fact in (ReplyStarted(reply_id="r"), playing("r", 9.0)):
        policy.on_frame(fact, 9.0)
    story: Story = [(9.1, started(9.0)), (9.5, interim("stop no chairs", 9.0, 9.5))]
    assert short(live(policy, *story, until_s=10.0))[1:] == [("InterruptReply", 9.5), ("PrepareAnswer", 9.7)]


def test_long_turns_are_not_prepared_for() -> None:
    decisions = live(eager(max_speech_s=1.5), *said((2.4, "a table for everybody")), until_s=9.0)
    assert short(decisions) == [("CommitTurn", 3.8)]


@pytest.mark.parametrize("fact", [TurnCleared(at_s=2.5), MicrophoneMuted(at_s=2.5)])
def test_speech_that_counts_no_more_needs_no_answer(fact: TurnInput) -> None:
    decisions = live(eager(), *said((2.0, "a table"))[:2], (2.5, fact), until_s=9.0)
    assert short(decisions)[:3] == [("PrepareAnswer", 2.2), ("DropPreparedAnswer", 2.5), ("IgnoreSpeech", 2.5)]


def test_nothing_is_prepared_while_the_agent_has_the_floor() -> None:
    policy = eager()
    story: Story = [(0.5, ReplyStarted(reply_id="r", protected=True)), *said((2.0, "a table please"))]
    assert short(live(policy, *story, until_s=9.0)) == []


def test_who_goes_on_with_a_turn_is_answered_for_all_of_it() -> None:
    policy = eager()
    live(policy, *said((2.0, "a table")), (3.9, ReplyStarted(reply_id="r")), until_s=4.0)
    story: Story = [(4.06, started(4.0)), (4.6, interim("for two", 4.0, 4.6))]
    decisions = live(policy, *story, until_s=5.0)
    assert short(decisions) == [("PauseReply", 4.06), ("InterruptReply", 4.6), ("PrepareAnswer", 4.8)]
    assert decisions[-1] == PrepareAnswer(text="a table for two", decided_s=4.8)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A table, please.", "a table please", True),
        ("a table", "a chair", False),
        ("a", "a a", False),
        ("", "...", True),
    ],
)
def test_same_words(one: str, other: str, same: bool) -> None:
    assert same_words(one, other) is same
