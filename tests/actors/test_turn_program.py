"""What the program does to turns (commits, clears, mutes), and users who have gone away."""

from __future__ import annotations

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
    thinking_agent,
)
from trialogue.actors import (
    AgentState,
    CommitTurn,
    EndpointingSettings,
    IgnoreSpeech,
    MicrophoneMuted,
    MicrophoneUnmuted,
    ReplyEnded,
    ReplyStarted,
    ReportAway,
    ReportBack,
    ResumeReply,
    ToolsFinished,
    ToolsStarted,
    TurnCleared,
    TurnCommitted,
    TurnDecision,
    TurnInput,
    TurnPolicy,
    TurnSettings,
    TurnState,
    UserActed,
    UserState,
)

Story = list[tuple[float, TurnInput]]
MANUAL = TurnSettings(endpointing=EndpointingSettings(mode="manual"))


def the_commit(decisions: list[TurnDecision]) -> CommitTurn:
    """The one turn that was committed, and nothing else happened."""
    (commit,) = decisions
    assert isinstance(commit, CommitTurn)
    return commit


def at(step: tuple[float, TurnInput]) -> float:
    """When something is told, session time, seconds."""
    return step[0]


def turn_of(policy: TurnPolicy) -> TurnState:
    """What becomes of what was said."""
    return policy.turn


def user_of(policy: TurnPolicy) -> UserState:
    """What the user does now."""
    return policy.user


# -- manual turns


def test_a_manual_turn_waits_for_the_program() -> None:
    policy = TurnPolicy(MANUAL)
    assert live(policy, *speech("one", 1.0, 2.0), *speech("two", 4.0, 5.0), until_s=60.0) == []
    assert (turn_of(policy), user_of(policy), policy.deadline) == (TurnState.KEPT, UserState.LISTENING, None)
    commit = the_commit(live(policy, (61.0, TurnCommitted(at_s=61.0)), until_s=61.0))
    assert (commit.text, commit.cause, commit.speech_ended_s, commit.committed_s) == ("one two", "program", 5.0, 61.0)
    assert turn_of(policy) is TurnState.EMPTY


def test_with_nothing_said_there_is_nothing_to_commit() -> None:
    policy = TurnPolicy(MANUAL)
    assert live(policy, (1.0, TurnCommitted(at_s=1.0)), until_s=10.0) == []
    assert turn_of(policy) is TurnState.EMPTY


@pytest.mark.parametrize("mode", ["manual", "fixed", "adaptive"])
def test_the_words_of_who_is_still_speaking_are_awaited_up_to_the_commit(mode: str) -> None:
    settings = TurnSettings(endpointing=EndpointingSettings(mode=mode))  # type: ignore[arg-type]  # by name
    policy = TurnPolicy(settings)
    story: Story = [(1.06, started(1.0)), (2.0, interim("a table", 1.0, 1.9)), (2.2, TurnCommitted(at_s=2.2))]
    assert live(policy, *story, until_s=3.0) == []
    assert (turn_of(policy), user_of(policy)) == (TurnState.CLOSING, UserState.SPEAKING)
    assert policy.deadline == pytest.approx(2.2 + 3.0)
    commit = the_commit(live(policy, (3.1, final("a table for two", 1.0, 2.2)), until_s=3.1))
    assert (commit.text, commit.cause, commit.committed_s) == ("a table for two", "program", 3.1)
    (rest,) = live(policy, (3.4, ended(3.1)), until_s=10.0)  # the voice that went on has said nothing
    assert isinstance(rest, IgnoreSpeech)
    assert rest.reason == "no words"


def test_who_releases_the_button_within_a_word_is_heard_to_its_end() -> None:
    policy = TurnPolicy(MANUAL)
    story = sorted([*speech("a table for two", 1.0, 2.3, words_s=2.0), (2.2, TurnCommitted(at_s=2.2))], key=at)
    commit = the_commit(live(policy, *story, until_s=9.0))
    assert commit.text == "a table for two"
    assert commit.committed_s == pytest.approx(2.6)
    assert turn_of(policy) is TurnState.EMPTY


@pytest.mark.parametrize("mode", ["manual", "fixed"])
def test_who_speaks_on_after_the_commit_has_said_two_turns(mode: str) -> None:
    settings = TurnSettings(endpointing=EndpointingSettings(mode=mode))  # type: ignore[arg-type]  # by name
    policy = TurnPolicy(settings)
    story: Story = [(1.06, started(1.0)), (2.0, interim("a table", 1.0, 1.9)), (2.2, TurnCommitted(at_s=2.2))]
    story += [(5.1, interim("a table for two", 1.0, 5.0)), (5.4, interim("a table for two and", 1.0, 5.3))]
    missing, first, *more = live(policy, *story, until_s=5.5)
    assert (short([missing]), more) == ([("ReportMissingWords", 5.2)], [])
    assert isinstance(first, CommitTurn)
    assert (first.text, first.cause, first.committed_s) == ("a table for two", "program", 5.2)
    assert (turn_of(policy), user_of(policy)) == (TurnState.OPEN, UserState.SPEAKING)
    held = policy.on_frame(ReplyStarted(reply_id="r"), 5.5)
    held += live(policy, (7.0, ended(6.7)), (7.0, final("a table for two and a chair", 1.0, 6.7)), until_s=9.0)
    assert short(held) == [("PauseReply", 5.5), ("ResumeReply", 7.2)]
    rest: Story = [(9.0, playing("r", 9.0)), (10.0, ReplyEnded(reply_id="r")), (10.1, TurnCommitted(at_s=10.1))]
    second = the_commit(live(policy, *rest, until_s=12.0))
    assert second.text == "and a chair"


def test_words_that_never_come_are_told_of_and_what_there_is_is_committed() -> None:
    policy = TurnPolicy(MANUAL)
    story: Story = [(1.06, started(1.0)), (2.0, interim("a table", 1.0, 1.9)), (2.2, TurnCommitted(at_s=2.2))]
    missing, commit = live(policy, *story, until_s=9.0)
    assert short([missing]) == [("ReportMissingWords", 5.2)]
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.committed_s) == ("a table", 5.2)


def test_who_speaks_again_while_words_are_awaited_begins_the_next_turn() -> None:
    policy = TurnPolicy(MANUAL)
    story: Story = [(1.06, started(1.0)), (2.2, TurnCommitted(at_s=2.2)), (2.5, ended(2.2))]
    commit = the_commit(
        live(policy, *story, *speech("for two", 2.7, 3.5), (4.0, final("a table", 1.0, 2.2)), until_s=9.0)
    )
    assert (commit.text, commit.committed_s) == ("a table", 4.0)
    assert (turn_of(policy), user_of(policy)) == (TurnState.KEPT, UserState.LISTENING)
    assert the_commit(live(policy, (9.5, TurnCommitted(at_s=9.5)), until_s=9.5)).text == "for two"


def test_the_program_interrupts_by_committing_even_a_sign_of_listening() -> None:
    policy = speaking_agent(MANUAL)
    story = [*speech("mhm", 2.0, 2.3), (2.7, TurnCommitted(at_s=2.7))]
    assert short(live(policy, *story, until_s=9.0))[-2:] == [("InterruptReply", 2.7), ("CommitTurn", 2.7)]


def test_in_a_manual_turn_words_silence_the_agent_at_once_and_wait() -> None:
    policy = speaking_agent(MANUAL)
    assert short(live(policy, *speech("not on sunday", 2.0, 3.0, words_s=2.3), until_s=9.0)) == [
        ("InterruptReply", 2.4)
    ]
    assert turn_of(policy) is TurnState.KEPT
    policy = speaking_agent(MANUAL)
    assert short(live(policy, *speech("not on sunday", 2.0, 2.3), until_s=9.0)) == [
        ("PauseReply", 2.4),
        ("InterruptReply", 2.8),
    ]
    assert turn_of(policy) is TurnState.KEPT


def test_a_commit_during_protected_speech_is_kept_until_it_ends() -> None:
    policy = speaking_agent(MANUAL, protected=True)
    story = [*speech("for two", 2.0, 3.0), (3.5, TurnCommitted(at_s=3.5))]
    assert live(policy, *story, until_s=8.0) == []
    assert user_of(policy) is UserState.LISTENING
    commit = the_commit(live(policy, (8.0, played("r", 8.0)), (8.1, ReplyEnded(reply_id="r")), until_s=8.1))
    assert (commit.text, commit.cause, commit.committed_s) == ("for two", "program", 8.1)


def test_a_commit_of_what_was_said_into_protected_speech_does_not_wait_for_the_next_reply() -> None:
    policy = speaking_agent(protected=True)
    story: Story = [(2.06, started(2.0)), (2.9, ReplyEnded(reply_id="r")), (3.0, ended(2.7))]
    story.append((3.0, TurnCommitted(at_s=3.0)))
    story += [(3.0, ReplyStarted(reply_id="s")), (3.1, final("for two", 2.0, 2.7))]
    decisions = live(policy, *story, until_s=9.0)
    assert short(decisions) == [("InterruptReply", 3.1), ("CommitTurn", 3.1)]


# -- what does not count


@pytest.mark.parametrize("when_s", [1.5, 2.1, 2.4])
def test_a_cleared_turn_is_gone(when_s: float) -> None:
    policy = TurnPolicy()
    story = sorted([*speech("oh wait", 1.0, 2.0), (when_s, TurnCleared(at_s=when_s))], key=lambda step: step[0])
    (ignored,) = live(policy, *story, until_s=9.0)
    assert isinstance(ignored, IgnoreSpeech)
    assert (ignored.reason, ignored.decided_s) == ("cleared", when_s)
    assert the_commit(live(policy, *speech("a table", 10.0, 11.0), until_s=12.0)).text == "a table"


def test_clearing_what_added_to_a_turn_answers_the_turn() -> None:
    policy = TurnPolicy()
    story = [*speech("a table", 1.0, 2.0), *speech("and for four", 2.6, 3.2, words_s=3.0), (3.3, TurnCleared(at_s=3.3))]
    *_, interrupt, commit = live(policy, *sorted(story, key=lambda step: step[0]), until_s=3.3)
    assert short([interrupt]) == [("InterruptReply", 3.0)]
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.earlier, commit.committed_s) == ("a table", "a table", 3.3)


def test_muting_ends_what_is_being_said_and_unmuting_begins_anew() -> None:
    policy = TurnPolicy()
    story: Story = [(1.06, started(1.0)), (1.6, interim("my card is", 1.0, 1.5)), (1.7, MicrophoneMuted(at_s=1.7))]
    (ignored,) = live(policy, *story, until_s=1.7)
    assert ignored == IgnoreSpeech(text="my card is", speech_started_s=1.0, decided_s=1.7, reason="muted")
    assert (turn_of(policy), user_of(policy), policy.deadline) == (TurnState.EMPTY, UserState.LISTENING, None)
    story = [(2.3, ended(2.0)), (2.4, final("my card is four two", 1.0, 2.0)), (3.06, started(3.0))]
    story += [(3.5, interim("secret", 3.0, 3.5)), (4.0, MicrophoneUnmuted(at_s=4.0)), (4.6, final("secret", 3.0, 4.3))]
    assert live(policy, *story, (4.7, ended(4.3)), until_s=6.0) == []
    assert the_commit(live(policy, *speech("hello", 6.0, 7.0), until_s=8.0)).text == "hello"


def test_what_was_said_before_muting_is_answered() -> None:
    policy = TurnPolicy()
    story = [*speech("a table", 1.0, 2.0), (2.35, MicrophoneMuted(at_s=2.35)), (2.46, started(2.4))]
    story += [(2.6, interim("for ten", 2.4, 2.6))]
    commit = the_commit(live(policy, *story, until_s=9.0))
    assert (commit.text, commit.committed_s) == ("a table", 2.5)


def test_muting_in_the_middle_of_a_turn_leaves_its_beginning() -> None:
    policy = TurnPolicy()
    story = [*speech("a table", 1.0, 2.0), (2.46, started(2.4)), (2.6, MicrophoneMuted(at_s=2.6))]
    commit = the_commit(live(policy, *story, until_s=9.0))
    assert (commit.text, commit.committed_s) == ("a table", 2.6)


@pytest.mark.parametrize("make", [speaking_agent, thinking_agent])
def test_muting_lets_an_agent_that_rests_go_on(make: type) -> None:
    policy: TurnPolicy = make()
    decisions = live(policy, (2.06, started(2.0)), (2.6, MicrophoneMuted(at_s=2.6)), until_s=9.0)
    assert [type(each).__name__ for each in decisions] == ["PauseReply", "IgnoreSpeech", "ResumeReply"]
    assert decisions[-1] == ResumeReply(speech_started_s=2.0, decided_s=2.6)


def test_a_sound_during_a_muted_greeting_strands_nothing() -> None:
    policy = TurnPolicy()
    story: Story = [(0.1, MicrophoneMuted(at_s=0.1)), (0.2, ReplyStarted(reply_id="r")), (0.3, playing("r", 0.3))]
    story += [(1.06, started(1.0)), (2.0, played("r", 2.0)), (2.1, ReplyEnded(reply_id="r"))]
    story += [(2.1, MicrophoneUnmuted(at_s=2.1)), (2.5, ended(2.2)), (2.6, final("noise", 1.0, 2.2))]
    assert live(policy, *story, until_s=3.0) == []
    assert the_commit(live(policy, *speech("hello", 3.0, 4.0), until_s=5.0)).text == "hello"


def test_an_agent_that_speaks_is_not_disturbed_by_what_is_muted() -> None:
    policy = speaking_agent()
    policy.on_frame(MicrophoneMuted(at_s=1.5), 1.5)
    assert live(policy, *speech("not on sunday", 2.0, 3.0, words_s=2.3), until_s=9.0) == []
    assert policy.agent is AgentState.SPEAKING


# -- away


def test_who_is_silent_for_long_is_away_until_a_voice_is_heard() -> None:
    policy = TurnPolicy()
    assert live(policy, until_s=14.9) == []
    assert live(policy, until_s=100.0) == [ReportAway(silent_since_s=0.0, decided_s=15.0)]
    assert (user_of(policy), policy.deadline) == (UserState.AWAY, None)
    assert policy.on_frame(started(101.0), 101.06) == [ReportBack(decided_s=101.06)]
    assert user_of(policy) is UserState.SPEAKING


def test_the_silence_begins_when_the_agent_has_spoken() -> None:
    policy = speaking_agent()
    assert live(policy, (40.0, played("r", 40.0)), (40.1, ReplyEnded(reply_id="r")), until_s=54.9) == []
    assert live(policy, until_s=99.0) == [ReportAway(silent_since_s=40.0, decided_s=55.0)]


def test_it_is_told_again_once_the_agent_has_spoken_to_somebody_who_is_away() -> None:
    policy = TurnPolicy()
    live(policy, until_s=20.0)
    nudge: Story = [(20.0, ReplyStarted(reply_id="n")), (20.1, playing("n", 20.1)), (22.0, played("n", 22.0))]
    assert live(policy, *nudge, (22.0, ReplyEnded(reply_id="n")), until_s=36.9) == []
    assert live(policy, until_s=99.0) == [ReportAway(silent_since_s=22.0, decided_s=37.0)]


def test_who_presses_a_key_is_there_and_comes_back_by_it() -> None:
    policy = TurnPolicy()
    assert live(policy, (10.0, UserActed(at_s=10.0)), until_s=24.9) == []
    assert live(policy, until_s=30.0) == [ReportAway(silent_since_s=10.0, decided_s=25.0)]
    assert live(policy, (31.0, UserActed(at_s=31.0)), until_s=45.9) == [ReportBack(decided_s=31.0)]
    assert policy.user is UserState.LISTENING
    assert live(policy, until_s=50.0) == [ReportAway(silent_since_s=31.0, decided_s=46.0)]


def test_nobody_is_away_while_something_keeps_them_from_speaking() -> None:
    policy = TurnPolicy()
    assert live(policy, (1.0, ToolsStarted(at_s=1.0)), until_s=99.0) == []
    assert live(policy, (99.0, ToolsFinished(at_s=99.0)), (100.0, MicrophoneMuted(at_s=100.0)), until_s=200.0) == []
    decisions = live(policy, (200.0, MicrophoneUnmuted(at_s=200.0)), until_s=300.0)
    assert decisions == [ReportAway(silent_since_s=200.0, decided_s=215.0)]


def test_who_waits_for_an_answer_is_not_away() -> None:
    policy = TurnPolicy()
    assert [type(each) for each in live(policy, *speech("a table", 1.0, 2.0), until_s=99.0)] == [CommitTurn]
    policy.on_frame(ReplyStarted(reply_id="r"), 99.0)
    assert live(policy, until_s=150.0) == []


def test_it_may_be_turned_off() -> None:
    assert TurnPolicy(TurnSettings(away_after_s=float("inf"))).deadline is None
