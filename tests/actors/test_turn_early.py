"""What was being said before a reply was started does not interrupt that reply: it is held until the turn is over."""

from __future__ import annotations

import math

import pytest

from tests.actors.turn_helpers import ended, final, interim, live, played, playing, short, speech, started
from trialogue.actors import (
    CommitTurn,
    EndpointingSettings,
    IgnoreSpeech,
    InterruptionSettings,
    ReplyEnded,
    ReplyStarted,
    TurnInput,
    TurnPolicy,
    TurnSettings,
)

Story = list[tuple[float, TurnInput]]

#: A reply that the program asks for at 2 s, and which sounds for two seconds once it may.
SAYS: Story = [(2.0, ReplyStarted(reply_id="r"))]


def sounds(from_s: float) -> Story:
    """Its sound and its end."""
    return [
        (from_s, playing("r", from_s)),
        (from_s + 2, played("r", from_s + 2)),
        (from_s + 2, ReplyEnded(reply_id="r")),
    ]


def lived(story: Story, settings: TurnSettings | None = None) -> list[tuple[str, float]]:
    """What is decided, and when."""
    return short(live(TurnPolicy(settings), *sorted(story, key=lambda step: step[0]), until_s=20.0))


def test_what_the_program_says_in_mid_sentence_is_held_and_the_turn_answered_behind_it() -> None:
    story = [*speech("a table for two please", 1.0, 3.0, words_s=1.8), (2.5, interim("a table for", 1.0, 2.5))]
    policy = TurnPolicy()
    decisions = live(policy, *sorted([*story, *SAYS, *sounds(3.6)], key=lambda step: step[0]), until_s=20.0)
    assert short(decisions)[:3] == [("PauseReply", 2.0), ("ResumeReply", 3.5), ("CommitTurn", 5.6)]
    commit = decisions[2]
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.earlier, commit.speech_ended_s) == ("a table for two please", "", 3.0)


def test_it_is_held_over_the_pauses_of_the_turn() -> None:
    story = [*speech("a table", 1.0, 2.1), *speech("for two please", 2.5, 3.0, words_s=2.95)]
    assert lived([*story, *SAYS, *sounds(3.6)])[:3] == [
        ("PauseReply", 2.0),
        ("ResumeReply", 3.5),
        ("CommitTurn", 5.6),
    ]


def test_in_a_pause_of_the_turn_it_does_not_begin_either() -> None:
    story = speech("a table please", 1.0, 1.65)
    assert lived([*story, *SAYS, *sounds(2.3)])[:3] == [
        ("PauseReply", 2.0),
        ("ResumeReply", 2.15),
        ("CommitTurn", 4.3),
    ]


@pytest.mark.parametrize("text", ["yes", "mhm"])
def test_a_sign_of_listening_said_into_silence_is_a_turn_all_the_same(text: str) -> None:
    assert lived([*speech(text, 1.0, 2.0), *SAYS, *sounds(2.6)])[-1] == ("CommitTurn", 4.6)


def test_what_had_no_words_lets_it_go_on_at_once() -> None:
    decisions = lived([*speech("", 1.9, 2.2), *SAYS, *sounds(3.0)])
    assert decisions[:3] == [("PauseReply", 2.0), ("ResumeReply", 2.5), ("IgnoreSpeech", 2.7)]


def test_speech_whose_news_comes_late_was_there_before_as_well() -> None:
    story: Story = [(2.03, started(1.97)), (2.5, interim("a table", 1.97, 2.4)), (3.3, ended(3.0))]
    story.append((3.3, final("a table", 1.97, 3.0)))
    assert lived([*story, *SAYS, *sounds(3.6)])[:2] == [("PauseReply", 2.03), ("ResumeReply", 3.5)]


def test_what_begins_after_that_interrupts_it_and_both_are_one_turn() -> None:
    story = [*speech("a table please", 1.0, 2.2), *speech("no wait", 4.0, 5.0, words_s=4.3)]
    policy = TurnPolicy()
    facts = sorted([*story, *SAYS, (2.8, playing("r", 2.8))], key=lambda step: step[0])
    decisions = live(policy, *facts, until_s=6.0)
    assert short(decisions)[2:] == [("InterruptReply", 4.4), ("CommitTurn", 5.5)]
    commit = decisions[-1]
    assert isinstance(commit, CommitTurn)
    assert commit.text == "a table please no wait"


def test_a_sign_of_listening_over_it_leaves_the_turn_waiting() -> None:
    story = [*speech("a table please", 1.0, 2.2), *speech("mhm", 3.0, 3.3, words_s=3.2)]
    assert lived([*story, *SAYS, *sounds(2.8)])[2:3] == [("CommitTurn", 4.8)]


@pytest.mark.parametrize("mode", ["hybrid", "stt"])
def test_who_goes_on_over_its_sound_interrupts_it(mode: str) -> None:
    story: Story = [(1.06, started(1.0)), (1.9, interim("a table for", 1.0, 1.9)), (2.5, playing("r", 2.5))]
    settings = TurnSettings(
        interruption=InterruptionSettings(mode=mode, pause_after_s=math.inf),  # type: ignore[arg-type]  # by name
        interruption_thinking=InterruptionSettings(pause_after_s=math.inf),
    )
    assert lived([*story, *SAYS], settings) == [("InterruptReply", 2.9)]


def test_who_had_gone_on_already_still_gives_the_answer_up() -> None:
    story = [*speech("a table", 1.0, 1.5), *speech("for two", 1.98, 3.0, words_s=2.3)]
    decisions = lived([*story, (2.02, ReplyStarted(reply_id="r"))])
    assert decisions == [
        ("CommitTurn", 2.0),
        ("PauseReply", 2.04),
        ("InterruptReply", 2.38),
        ("CommitTurn", 3.5),
    ]


@pytest.mark.parametrize("kind", ["answer", "transcribe", "discard"])
def test_who_spoke_before_protected_speech_is_heard_whatever_becomes_of_speech_meanwhile(kind: str) -> None:
    settings = TurnSettings(protected=kind)  # type: ignore[arg-type]  # by name
    story = [*speech("a table please", 1.0, 2.5), *sounds(2.1), (2.0, ReplyStarted(reply_id="r", protected=True))]
    policy = TurnPolicy(settings)
    (commit, *_) = live(policy, *sorted(story, key=lambda step: step[0]), until_s=5.0)
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.committed_s) == ("a table please", 4.1)


def test_in_a_manual_turn_it_is_said_when_the_user_falls_silent() -> None:
    settings = TurnSettings(endpointing=EndpointingSettings(mode="manual"))
    story = speech("a table please", 1.0, 2.5, words_s=2.2)
    assert lived([*story, *SAYS, *sounds(3.1)], settings) == [("PauseReply", 2.0), ("ResumeReply", 3.0)]


def test_only_what_was_agreed_to_before_is_no_turn() -> None:
    """Said over the last words of the reply before."""
    story: Story = [(0.1, ReplyStarted(reply_id="q")), (0.2, playing("q", 0.2)), (1.2, played("q", 1.2))]
    story += [(1.2, ReplyEnded(reply_id="q", heard="We close at nine.")), *speech("mhm", 1.1, 1.3)]
    story.append((1.4, ReplyStarted(reply_id="r")))
    (ignored,) = (
        each
        for each in live(TurnPolicy(), *sorted(story, key=lambda step: step[0]), until_s=9.0)
        if isinstance(each, IgnoreSpeech)
    )
    assert (ignored.text, ignored.reason) == ("mhm", "listening")
