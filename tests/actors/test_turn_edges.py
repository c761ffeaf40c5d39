"""Where speech begins and ends: by the detector, by words, by both; a delay means the same each time."""

from __future__ import annotations

import itertools
from typing import Literal

import hypothesis
import hypothesis.strategies as st
import pytest

from tests.actors.turn_helpers import ended, final, interim, live, playing, short, started
from trialogue.actors import (
    CommitTurn,
    EndpointingSettings,
    InterruptionSettings,
    MicrophoneMuted,
    MicrophoneUnmuted,
    ReplyStarted,
    SilenceDetector,
    TurnCleared,
    TurnInput,
    TurnPolicy,
    TurnSettings,
    UserState,
)

Story = list[tuple[float, TurnInput]]
Edges = Literal["vad", "stt", "both"]
EDGES: tuple[Edges, ...] = ("vad", "stt", "both")


def policy_by(edges: Edges, delay_s: float = 0.5) -> TurnPolicy:
    """A policy that takes every thought for finished."""
    endpointing = EndpointingSettings(min_delay_s=delay_s, transcript_deadline_s=max(3.0, delay_s))
    return TurnPolicy(TurnSettings(edges=edges, endpointing=endpointing), judge=SilenceDetector())


def heard_by(edges: Edges, vad_s: float, stt_s: float, *, end_s: float = 2.0) -> Story:
    """Speech from 1 s on, as detector and recogniser tell of its end, each so much later than it was.

    The recogniser knows the last word at the end of the speech, and has listened on until it was sure.
    """
    story: Story = []
    if edges != "stt":
        story += [(1.06, started(1.0)), (end_s + vad_s, ended(end_s))]
    words = [(1.5, interim("a table", 1.0, 1.5)), (end_s + 0.01, interim("a table for two", 1.0, end_s))]
    story += [*words, (end_s + stt_s, final("a table for two", 1.0, end_s + (stt_s if edges != "vad" else 0.0)))]
    return sorted(story, key=lambda step: step[0])


@pytest.mark.parametrize(
    ("edges", "vad_s", "stt_s", "delay_s"),
    [*itertools.product(EDGES, [0.1, 0.3, 0.8], [0.2, 0.4, 0.9], [0.0, 0.3, 0.5, 2.0])],
)
def test_a_delay_is_counted_from_the_acoustic_end_whoever_tells_of_it(
    edges: Edges, vad_s: float, stt_s: float, delay_s: float
) -> None:
    """Commit = the end of the speech + the delay, or when the news of it is in if that is later."""
    (commit,) = live(policy_by(edges, delay_s), *heard_by(edges, vad_s, stt_s), until_s=9.0)
    assert isinstance(commit, CommitTurn)
    assert commit.speech_ended_s == pytest.approx(2.0)
    known_s = {"vad": max(vad_s, stt_s), "stt": stt_s, "both": stt_s}[edges]
    assert commit.committed_s == pytest.approx(2.0 + max(delay_s, known_s))


@pytest.mark.parametrize("edges", ["stt", "both"])
def test_words_begin_an_utterance_and_their_final_ends_it(edges: Edges) -> None:
    policy = policy_by(edges)
    live(policy, (1.5, interim("a table", 1.0, 1.4)))
    states = [policy.user]
    live(policy, (2.4, final("a table", 1.0, 2.3)))
    assert [*states, policy.user] == [UserState.SPEAKING, UserState.MAYBE_FINISHED]
    assert policy.deadline == pytest.approx(1.4 + 0.5)  # all its words were known when it had listened so far


@pytest.mark.parametrize("edges", ["stt", "both"])
def test_without_words_nobody_begins(edges: Edges) -> None:
    policy = policy_by(edges)
    story: Story = [(1.5, interim("", 1.0, 1.4)), (2.0, interim("...", 1.0, 1.9)), (2.4, final("", 1.0, 2.3))]
    assert live(policy, *story, until_s=9.0) == []
    assert policy.user is UserState.LISTENING


def test_by_words_alone_the_detector_is_not_asked() -> None:
    policy = policy_by("stt")
    assert live(policy, (1.06, started(1.0)), (2.3, ended(2.0)), until_s=9.0) == []
    assert policy.user is UserState.LISTENING


@pytest.mark.parametrize("first", ["vad", "stt"])
def test_of_both_whoever_is_first_ends_it_and_nobody_ends_it_again(first: str) -> None:
    vad_s, stt_s = (0.2, 0.6) if first == "vad" else (0.6, 0.2)
    decisions = live(policy_by("both"), *heard_by("both", vad_s, stt_s), until_s=9.0)
    assert short(decisions) == [("CommitTurn", 2.6 if first == "vad" else 2.5)]


def test_of_both_the_next_utterance_is_another_one() -> None:
    policy = policy_by("both")
    story = [*heard_by("both", 0.3, 0.4), (4.06, started(4.0)), (4.5, interim("and a chair", 4.0, 4.5))]
    story += [(5.3, ended(5.0)), (5.5, final("and a chair", 4.0, 5.0))]
    commits = [each for each in live(policy, *story, until_s=9.0) if isinstance(each, CommitTurn)]
    assert [each.text for each in commits] == ["a table for two", "a table for two and a chair"]
    assert [each.committed_s for each in commits] == [2.5, 5.5]


def test_of_both_words_begin_what_the_detector_has_not_heard() -> None:
    policy = policy_by("both")
    story: Story = [(1.5, interim("a table", 1.0, 1.4)), (1.9, started(1.8)), (2.3, final("a table", 1.0, 2.0))]
    (commit,) = live(policy, *story, (2.6, ended(2.2)), until_s=9.0)
    assert isinstance(commit, CommitTurn)
    assert commit.committed_s == pytest.approx(2.3)


@pytest.mark.parametrize("edges", ["stt", "both"])
def test_a_recogniser_that_falls_silent_does_not_leave_the_user_speaking(edges: Edges) -> None:
    policy = policy_by(edges)
    missing, commit = live(policy, (1.5, interim("a table", 1.0, 1.4)), until_s=9.0)
    assert short([missing, commit]) == [("ReportMissingWords", 4.5), ("CommitTurn", 4.5)]
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.speech_ended_s) == ("a table", 1.4)


@pytest.mark.parametrize("text", ["", "a table"])
def test_nor_does_one_that_takes_its_words_back_or_a_detector_that_hears_on(text: str) -> None:
    story: Story = [(1.06, started(1.0)), (1.5, interim("a table", 1.0, 1.4)), (1.6, interim("", 1.0, 1.5))]
    policy = policy_by("stt")
    live(policy, *story, until_s=9.0)
    states = [policy.user]
    policy = policy_by("stt")
    live(policy, *story, (2.0, final(text, 1.0, 1.9)), until_s=9.0)
    assert [*states, policy.user] == [UserState.LISTENING] * 2


@pytest.mark.parametrize("edges", ["stt", "both"])
def test_late_and_repeated_finals_begin_nothing(edges: Edges) -> None:
    policy = policy_by(edges)
    said = final("a table", 1.0, 2.0)
    decisions = live(policy, (1.5, interim("a table", 1.0, 1.4)), (2.1, said), (2.2, said), (9.0, said), until_s=9.0)
    assert short(decisions) == [("CommitTurn", 2.1)]
    assert policy.user is UserState.LISTENING


@pytest.mark.parametrize("edges", ["stt", "both"])
def test_words_alone_can_interrupt(edges: Edges) -> None:
    rules = InterruptionSettings(mode="stt")
    policy = TurnPolicy(TurnSettings(edges=edges, interruption=rules))
    story: Story = [(0.5, ReplyStarted(reply_id="r")), (1.0, playing("r", 1.0))]
    story.append((2.3, interim("not on sunday", 2.1, 2.3)))
    assert short(live(policy, *story)) == [("InterruptReply", 2.3)]


@pytest.mark.parametrize("edges", EDGES)
def test_what_was_said_while_muted_is_of_no_turn_however_late_its_words(edges: Edges) -> None:
    policy = policy_by(edges)
    story: Story = [(1.0, MicrophoneMuted(at_s=1.0)), (2.06, started(2.0)), (2.5, interim("secret", 2.0, 2.5))]
    story += [(3.3, ended(3.0)), (4.0, MicrophoneUnmuted(at_s=4.0)), (4.5, final("secret", 2.0, 3.0))]
    story += [(5.06, started(5.0)), (5.1, interim("hello", 5.0, 5.1)), (5.2, final("secret words", 2.0, 3.0))]
    story += [(6.3, ended(6.0)), (6.3, final("hello there", 5.0, 6.0))]
    (commit,) = live(policy, *story, until_s=9.0)
    assert isinstance(commit, CommitTurn)
    assert commit.text == "hello there"


@pytest.mark.parametrize("edges", EDGES)
def test_the_rest_of_what_was_cleared_is_of_no_turn(edges: Edges) -> None:
    policy = policy_by(edges)
    story: Story = [(1.06, started(1.0)), (1.5, interim("oh", 1.0, 1.5)), (1.7, TurnCleared(at_s=1.7))]
    story += [(2.0, interim("oh never", 1.0, 2.0)), (2.8, ended(2.5)), (2.8, final("oh never mind", 1.0, 2.5))]
    assert short(live(policy, *story, until_s=9.0)) == [("IgnoreSpeech", 1.7)]


@hypothesis.given(
    edges=st.sampled_from(EDGES),
    lengths=st.lists(st.tuples(st.floats(0.7, 3.0), st.floats(3.5, 5.0)), min_size=1, max_size=6),
    vad_s=st.floats(0.05, 0.6),
    stt_s=st.floats(0.05, 0.6),
)
def test_as_many_turns_as_there_were(
    edges: Edges, lengths: list[tuple[float, float]], vad_s: float, stt_s: float
) -> None:
    """Utterances with long silences between them, each heard by both: each is one turn, and ends alike."""
    story: Story = []
    at_s, ends_s = 1.0, []
    for length_s, pause_s in lengths:
        end_s = at_s + length_s
        ends_s.append(end_s)
        story += [(at_s + 0.06, started(at_s)), (end_s + vad_s, ended(end_s))]
        story += [(at_s + 0.5, interim("one", at_s, at_s + 0.5)), (end_s + 0.01, interim("one two", at_s, end_s))]
        story += [(end_s + stt_s, final("one two", at_s, end_s + stt_s))]
        at_s = end_s + pause_s
    decisions = live(policy_by(edges), *sorted(story, key=lambda step: step[0]), until_s=at_s)
    commits = [each for each in decisions if isinstance(each, CommitTurn)]
    assert [each.speech_ended_s for each in commits] == pytest.approx(ends_s, abs=1e-4)
    late_s = {"vad": max(vad_s, stt_s), "stt": stt_s, "both": stt_s}[edges]
    assert [each.committed_s for each in commits] == pytest.approx(
        [end_s + max(0.5, late_s) for end_s in ends_s], abs=1e-4
    )
