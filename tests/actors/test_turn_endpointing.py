"""When a turn ends: learned pauses, turns that are too long, finals in parts, and words that never come."""

from __future__ import annotations

import math

import hypothesis
import hypothesis.strategies as st
import pytest

from tests.actors.turn_helpers import (
    ended,
    final,
    interim,
    live,
    played,
    playing,
    short,
    speaking_agent,
    speech,
    started,
)
from trialogue.actors import (
    CommitTurn,
    EndpointingSettings,
    IgnoreSpeech,
    InterruptReply,
    ReplyEnded,
    ReplyStarted,
    ReportAway,
    ReportMissingWords,
    SilenceDetector,
    TurnDecision,
    TurnInput,
    TurnPolicy,
    TurnSettings,
)

Story = list[tuple[float, TurnInput]]


def commits(decisions: list[TurnDecision]) -> list[CommitTurn]:
    """The turns among them."""
    return [each for each in decisions if isinstance(each, CommitTurn)]


def adaptive(min_delay_s: float = 0.5, max_delay_s: float = 1.5) -> TurnPolicy:
    """A policy that learns, and takes every thought for finished."""
    settings = EndpointingSettings(mode="adaptive", min_delay_s=min_delay_s, max_delay_s=max_delay_s)
    return TurnPolicy(TurnSettings(endpointing=settings, away_after_s=math.inf), judge=SilenceDetector())


def delay_s(policy: TurnPolicy, at_s: float) -> float:
    """After how much silence a turn ends now."""
    (commit,) = commits(live(policy, *speech("hello there", at_s, at_s + 1.0), until_s=at_s + 9.0))
    return commit.committed_s - commit.speech_ended_s


def answered(policy: TurnPolicy, at_s: float) -> None:
    """Its answer is heard, and over."""
    reply = f"reply at {at_s}"
    for fact in (
        ReplyStarted(reply_id=reply),
        playing(reply, at_s),
        played(reply, at_s + 0.5),
        ReplyEnded(reply_id=reply),
    ):
        policy.on_frame(fact, at_s + 0.5)


# -- what the user's pauses teach


def test_what_is_not_adaptive_learns_nothing() -> None:
    policy = TurnPolicy(TurnSettings(endpointing=EndpointingSettings(min_delay_s=0.5)), judge=SilenceDetector())
    live(policy, *speech("a table", 1.0, 2.0), *speech("for two", 2.7, 3.2, words_s=3.0), until_s=9.0)
    answered(policy, 10.0)
    assert delay_s(policy, 20.0) == pytest.approx(0.5)


def test_a_pause_after_which_the_user_went_on_counts_for_a_tenth() -> None:
    policy = adaptive(min_delay_s=0.2)
    live(policy, *speech("a table", 1.0, 2.0, words_s=1.5)[:-1], until_s=2.4)  # its words come late: it is not over
    live(policy, *speech("for two", 2.7, 3.2), (3.6, final("a table", 1.0, 2.0)), until_s=9.0)
    answered(policy, 10.0)
    assert delay_s(policy, 20.0) == pytest.approx(max(0.9 * 0.2 + 0.1 * 0.7, 0.3))  # the detector alone takes 0.3 s


def test_who_takes_the_floor_back_at_once_was_cut_off() -> None:
    policy = adaptive()
    live(policy, *speech("a table", 1.0, 2.0), (2.5, ReplyStarted(reply_id="a")), until_s=2.6)
    live(policy, *speech("for two please", 3.0, 4.0, words_s=3.5), until_s=9.0)  # a second after its end
    answered(policy, 10.0)
    assert delay_s(policy, 20.0) == pytest.approx(0.9 * 0.5 + 0.1 * 1.0)


def test_who_interrupts_an_answer_that_was_heard_for_a_while_teaches_nothing() -> None:
    policy = adaptive()
    live(policy, *speech("a table", 1.0, 2.0), (2.5, ReplyStarted(reply_id="a")), (2.6, playing("a", 2.6)), until_s=3.2)
    decisions = live(policy, *speech("no not that one", 3.2, 4.2, words_s=3.5), until_s=9.0)
    assert [type(each).__name__ for each in decisions] == ["InterruptReply", "CommitTurn"]
    answered(policy, 10.0)
    assert delay_s(policy, 20.0) == pytest.approx(0.5)


def test_who_speaks_up_while_the_answer_is_slow_teaches_nothing() -> None:
    policy = adaptive()
    live(policy, *speech("a table", 1.0, 2.0), (2.5, ReplyStarted(reply_id="a")), until_s=7.0)
    live(policy, *speech("hello are you there", 7.0, 8.0, words_s=7.5), until_s=9.0)
    answered(policy, 10.0)
    assert delay_s(policy, 20.0) == pytest.approx(0.5)


def test_signs_of_listening_teach_nothing() -> None:
    policy = adaptive(min_delay_s=0.4)
    live(policy, *speech("mhm", 1.0, 1.5, words_s=1.2)[:-1], *speech("a table", 2.1, 3.0), until_s=9.0)
    answered(policy, 10.0)
    assert delay_s(policy, 20.0) == pytest.approx(0.4)


@hypothesis.given(
    pauses=st.lists(st.floats(0.31, 3.0), max_size=30), least_s=st.floats(0.0, 1.0), more_s=st.floats(0.0, 2.0)
)
def test_what_is_learned_stays_between_the_bounds(pauses: list[float], least_s: float, more_s: float) -> None:
    policy = adaptive(least_s, least_s + more_s)
    at_s = 1.0
    for pause_s in pauses:
        live(policy, *speech("a table", at_s, at_s + 1.0, words_s=at_s + 0.5), until_s=at_s + 1.0 + pause_s)
        at_s += 1.0 + pause_s
        for decision in live(policy, *speech("for two", at_s, at_s + 1.0, words_s=at_s + 0.9), until_s=at_s + 9.0):
            assert decision is not None
        at_s += 10.0
        answered(policy, at_s)
        at_s += 1.0
    assert max(least_s, 0.3) - 1e-6 <= delay_s(policy, at_s) <= max(least_s + more_s, 0.3) + 1e-6


# -- turns that are too long


def test_a_turn_that_lasts_too_long_is_answered_though_the_user_speaks_on() -> None:
    policy = TurnPolicy(TurnSettings(endpointing=EndpointingSettings(max_turn_s=10.0)))
    story: Story = [(1.06, started(1.0))]
    story += [(1.0 + k, interim(" ".join(["and"] * k), 1.0, 1.0 + k)) for k in range(1, 15)]
    (commit,) = commits(live(policy, *story, until_s=20.0))
    assert (commit.cause, commit.committed_s, commit.speech_ended_s) == ("too long", 11.0, 11.0)
    assert commit.words_final_s == pytest.approx(11.0)


def going_on(
    *story: tuple[float, TurnInput], edges: str = "vad", until_s: float = 40.0
) -> list[tuple[str, str, float]]:
    """What was committed and ignored of a story whose turns are too long after 10 s: the text, why, and when."""
    settings = TurnSettings(edges=edges, endpointing=EndpointingSettings(max_turn_s=10.0))  # type: ignore[arg-type]
    decisions = live(TurnPolicy(settings), *story, until_s=until_s)
    told = [each for each in decisions if isinstance(each, CommitTurn | IgnoreSpeech | ReportAway)]
    return [
        (each.text, each.cause, round(each.committed_s, 6))
        if isinstance(each, CommitTurn)
        else (each.text, each.reason, round(each.decided_s, 6))
        if isinstance(each, IgnoreSpeech)
        else ("", "away", each.silent_since_s)
        for each in told
    ]


#: Somebody who speaks from 1 s to 15 s; what is known of it by 11 s, and an answer that nothing stops until 13 s.
BREATHLESS: Story = [(1.06, started(1.0)), (10.0, interim("one two three", 1.0, 10.0))]
ANSWER: Story = [
    (11.0, ReplyStarted(reply_id="r", protected=True)),
    (11.2, playing("r", 11.2)),
    (13.0, played("r", 13.0)),
    (13.0, ReplyEnded(reply_id="r")),
]


@pytest.mark.parametrize("edges", ["vad", "stt", "both"])
def test_what_is_said_on_in_the_same_breath_is_the_next_turn_and_away_counts_from_its_end(edges: str) -> None:
    story = [*BREATHLESS, *ANSWER[:2], (12.0, interim("one two three four", 1.0, 12.0)), *ANSWER[2:]]
    story += [(14.0, interim("one two three four five", 1.0, 15.0)), (15.3, ended(15.0))]
    story.append((15.3, final("One, two, three, four, five.", 1.0, 15.0)))
    assert going_on(*story, edges=edges) == [
        ("one two three", "too long", 11.0),
        ("four, five.", "silence", 15.5),
    ]


def test_it_is_answered_when_the_answer_is_over() -> None:
    story = [
        *BREATHLESS,
        *ANSWER[:2],
        (12.0, ended(11.7)),
        (12.0, final("one two three and four", 1.0, 11.7)),
        *ANSWER[2:],
    ]
    assert going_on(*story) == [("one two three", "too long", 11.0), ("and four", "silence", 13.0)]


def test_or_when_it_takes_the_floor_from_an_answer_that_is_heard() -> None:
    answer: Story = [(11.0, ReplyStarted(reply_id="r")), (11.0, playing("r", 11.0))]
    story = [*BREATHLESS, *answer, (11.2, interim("one two three four five", 1.0, 11.2))]
    settings = TurnSettings(endpointing=EndpointingSettings(max_turn_s=10.0))
    (*_, interrupt) = live(TurnPolicy(settings), *story, until_s=12.0)
    assert interrupt == InterruptReply(reason="barge-in", speech_started_s=11.0, decided_s=11.4)


@pytest.mark.parametrize("text", ["one two three", ""])
def test_who_stopped_with_the_limit_has_no_second_turn(text: str) -> None:
    story = [*BREATHLESS, *ANSWER[:1], (11.2, ended(10.9)), (11.2, final(text, 1.0, 10.9)), *ANSWER[1:]]
    assert going_on(*sorted(story, key=lambda step: step[0])) == [
        ("one two three", "too long", 11.0),
        ("", "no words", 11.5),
        ("", "away", 13.0),
    ]


def test_finals_in_parts_are_each_in_one_turn() -> None:
    story = [*BREATHLESS[:1], (5.0, final("one", 1.0, 5.0)), (10.0, interim("two three", 5.0, 10.0)), *ANSWER]
    story += [(14.0, final("two three four", 5.0, 14.0)), (15.3, ended(15.0)), (15.3, final("five", 14.0, 15.0))]
    assert going_on(*story) == [("one two three", "too long", 11.0), ("four five", "silence", 15.5)]


def test_each_limit_begins_a_turn_of_its_own() -> None:
    story = [*BREATHLESS, *ANSWER, (20.0, interim("one two three four", 1.0, 20.0))]
    story += [(22.3, ended(22.0)), (22.3, final("one two three four five", 1.0, 22.0))]
    assert going_on(*story, until_s=23.0) == [
        ("one two three", "too long", 11.0),
        ("four", "too long", 21.0),
        ("five", "silence", 22.5),
    ]


def test_the_length_is_that_of_the_turn_and_not_of_one_utterance() -> None:
    policy = TurnPolicy(TurnSettings(endpointing=EndpointingSettings(max_turn_s=3.0)), judge=SilenceDetector())
    story = [*speech("one", 1.0, 2.0), *speech("two", 2.4, 3.3), *speech("three", 3.7, 5.0, words_s=3.9)]
    (commit,) = commits(live(policy, *story, until_s=4.9))
    assert (commit.cause, commit.text, commit.committed_s) == ("too long", "one two three", 4.0)


def test_and_so_is_one_of_too_many_words() -> None:
    policy = TurnPolicy(TurnSettings(endpointing=EndpointingSettings(max_turn_words=3)))
    story: Story = [
        (1.06, started(1.0)),
        (2.0, interim("one two three", 1.0, 2.0)),
        (3.0, interim("one two three four", 1.0, 3.0)),
    ]
    (commit,) = commits(live(policy, *story, until_s=3.0))
    assert (commit.cause, commit.text) == ("too long", "one two three four")


def test_a_noise_without_words_is_never_too_long() -> None:
    policy = TurnPolicy(TurnSettings(endpointing=EndpointingSettings(max_turn_s=3.0)))
    assert live(policy, (1.06, started(1.0)), until_s=60.0) == []


def test_nobody_is_too_long_for_an_agent_that_speaks() -> None:
    settings = TurnSettings(endpointing=EndpointingSettings(max_turn_s=3.0))
    story: Story = [(2.06, started(2.0)), (2.3, interim("mhm", 2.0, 2.3))]
    assert live(speaking_agent(settings), *story, until_s=60.0) == []


# -- finals


@pytest.mark.parametrize(
    ("finals", "text"),
    [
        (["a table"], "a table"),
        (["a table", "a table"], "a table"),
        (["a table", "A table."], "a table"),
        (["a table", "for two"], "a table for two"),
        (["a table", "for two", "for two"], "a table for two"),
        (["a table", "a table for two"], "a table for two"),
        (["a table", ""], "a table"),
        (["", "a table"], "a table"),
        (["", ""], None),
    ],
)
def test_finals_of_one_utterance_may_come_in_parts_and_more_than_once(finals: list[str], text: str | None) -> None:
    policy = TurnPolicy(judge=SilenceDetector())
    story: Story = [(1.06, started(1.0)), (2.3, ended(2.0)), *((2.3, final(each, 1.0, 2.0)) for each in finals)]
    found = commits(live(policy, *story, until_s=2.5))
    assert [commit.text for commit in found] == ([] if text is None else [text])


def test_a_part_that_is_final_before_the_speech_ends_is_not_all_of_it() -> None:
    policy = TurnPolicy(judge=SilenceDetector())
    story: Story = [(1.06, started(1.0)), (2.0, final("a table", 1.0, 1.8)), (4.3, ended(4.0))]
    assert live(policy, *story, until_s=4.6) == []
    (commit,) = commits(live(policy, (4.7, final("for two", 1.9, 4.0)), until_s=4.7))
    assert commit.text == "a table for two"


def test_words_that_come_after_the_last_final_part_replace_each_other() -> None:
    policy = TurnPolicy(judge=SilenceDetector())
    story: Story = [(1.06, started(1.0)), (2.0, final("a table", 1.0, 1.8)), (2.5, interim("four", 1.9, 2.4))]
    story += [(3.3, interim("for two", 1.9, 3.0)), (3.3, ended(3.0)), (3.4, final("for two", 1.9, 3.0))]
    (commit,) = commits(live(policy, *story, until_s=9.0))
    assert (commit.text, commit.committed_s) == ("a table for two", 3.5)


def test_interims_that_are_older_than_the_final_change_nothing() -> None:
    policy = TurnPolicy(judge=SilenceDetector())
    (commit,) = commits(live(policy, *speech("a table", 1.0, 2.0), (2.4, interim("a", 1.0, 1.5)), until_s=9.0))
    assert commit.text == "a table"


def test_missing_words_are_told_of_once_for_each_utterance() -> None:
    story: Story = [(1.06, started(1.0)), (2.3, ended(2.0)), (2.46, started(2.4)), (3.3, ended(3.0))]
    decisions = live(TurnPolicy(), *story, until_s=99.0)
    assert decisions[:2] == [
        ReportMissingWords(speech_ended_s=2.0, decided_s=6.0),
        ReportMissingWords(speech_ended_s=3.0, decided_s=6.0),
    ]
    assert short(decisions[2:]) == [("IgnoreSpeech", 6.0), ("ReportAway", 18.0)]
