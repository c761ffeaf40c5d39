"""What the user's voice and words do to the agent: at which moment, under which settings."""

from __future__ import annotations

import itertools
import math

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
    utter,
)
from trialogue.actors import (
    AgentState,
    CommitTurn,
    EndpointingSettings,
    IgnoreSpeech,
    InterruptionSettings,
    InterruptReply,
    PauseReply,
    ReplyEnded,
    ReplyStarted,
    ResumeReply,
    TurnDecision,
    TurnInput,
    TurnPolicy,
    TurnSettings,
    TurnState,
    UserState,
)
from trialogue.frames import SpeechEnded

Story = list[tuple[float, TurnInput]]

#: What makes no difference here: how unfinished a thought is.
ENDS = EndpointingSettings(max_delay_s=0.5)


def ruled(mode: str = "hybrid", *, thinking: InterruptionSettings | None = None, **rules: float | int) -> TurnSettings:
    """Settings with these rules for an agent that speaks."""
    return TurnSettings(
        endpointing=ENDS,
        interruption=InterruptionSettings(mode=mode, **rules),  # type: ignore[arg-type]  # by name
        interruption_thinking=thinking or InterruptionSettings(min_words=1, pause_after_s=0.0),
    )


def lived(policy: TurnPolicy, *stories: Story, until_s: float | None = None) -> list[tuple[str, float]]:
    """What is decided, and when."""
    facts = sorted(itertools.chain(*stories), key=lambda step: step[0])
    return short(live(policy, *facts, until_s=until_s))


def agent_of(policy: TurnPolicy) -> AgentState:
    """What it does now."""
    return policy.agent


# -- modes


@pytest.mark.parametrize(
    ("mode", "words_s", "expected"),
    [
        ("vad", None, [("PauseReply", 2.4), ("InterruptReply", 2.7)]),
        ("vad", 2.1, [("PauseReply", 2.4), ("InterruptReply", 2.7)]),
        ("stt", 2.2, [("InterruptReply", 2.2)]),
        ("stt", 2.7, [("PauseReply", 2.4), ("InterruptReply", 2.7)]),
        ("hybrid", 2.2, [("InterruptReply", 2.4)]),
        ("hybrid", 2.7, [("PauseReply", 2.4), ("InterruptReply", 2.7)]),
        ("off", 2.2, []),
    ],
)
def test_each_mode_waits_for_what_it_wants(mode: str, words_s: float | None, expected: list[tuple[str, float]]) -> None:
    story: Story = [(2.06, started(2.0))]
    if words_s is not None:
        story.append((words_s, interim("not on sunday", 2.0, words_s)))
    assert lived(speaking_agent(ruled(mode)), story, until_s=3.0) == expected


def test_by_voice_alone_the_agent_rests_until_it_is_certain_how_long_it_was() -> None:
    shorter = [("PauseReply", 2.4), ("ResumeReply", 2.69), ("IgnoreSpeech", 2.89)]
    assert lived(speaking_agent(ruled("vad")), speech("", 2.0, 2.39), until_s=9.0) == shorter
    longer = [("PauseReply", 2.4), ("InterruptReply", 2.7), ("IgnoreSpeech", 2.9)]
    assert lived(speaking_agent(ruled("vad")), speech("", 2.0, 2.4), until_s=9.0) == longer


@pytest.mark.parametrize(("least_s", "pause_s", "rests_s"), [(0.1, 0.4, 2.1), (0.0, 0.4, 2.06), (0.6, 0.4, 2.4)])
def test_by_voice_alone_it_rests_at_the_latest_when_speech_is_long_enough(
    least_s: float, pause_s: float, rests_s: float
) -> None:
    """However long the detector takes to be certain of its end: nobody speaks into a voice meanwhile."""
    policy = speaking_agent(ruled("vad", min_speech_s=least_s, pause_after_s=pause_s))
    decisions = lived(policy, [(2.06, started(2.0))], until_s=3.0)
    assert decisions == [("PauseReply", rests_s), ("InterruptReply", pytest.approx(2.0 + least_s + 0.3))]


def test_it_is_certain_later_where_the_detector_waits_longer() -> None:
    policy = speaking_agent(ruled("vad", pause_after_s=math.inf))
    slow = SpeechEnded(at_sample=24_000, at_s=1.5, detected_s=2.1)
    assert lived(policy, [(1.51, started(1.45)), (2.1, slow), (3.06, started(3.0))], until_s=3.99) == []
    assert lived(policy, until_s=4.0) == [("InterruptReply", 4.0)]


def test_by_voice_alone_what_is_known_to_be_a_sign_of_listening_stops_nobody() -> None:
    story = speech("mhm yeah", 2.0, 3.0, words_s=2.3)
    assert lived(speaking_agent(ruled("vad")), story, until_s=9.0) == [("IgnoreSpeech", 3.5)]


@pytest.mark.parametrize(("words", "at_least", "stops"), [("a b", 3, False), ("a b c", 3, True), ("stop", 3, True)])
def test_so_many_words_are_wanted_but_of_a_command_only_itself(words: str, at_least: int, stops: bool) -> None:
    decisions = lived(speaking_agent(ruled(min_words=at_least)), speech(words, 2.0, 3.0, words_s=2.3), until_s=2.9)
    assert decisions == [("InterruptReply", 2.4)] if stops else [("PauseReply", 2.4)]


@pytest.mark.parametrize(("sure", "stops"), [(None, True), (0.5, True), (0.49, False)])
def test_words_of_which_the_recogniser_is_not_sure_do_not_count(sure: float | None, stops: bool) -> None:
    story: Story = [(2.06, started(2.0)), (2.3, interim("not on sunday", 2.0, 2.3, sure))]
    story += [(3.3, ended(3.0)), (3.3, final("not on sunday", 2.0, 3.0, sure))]
    decisions = lived(speaking_agent(ruled(min_confidence=0.5)), story, until_s=9.0)
    if stops:
        assert decisions == [("InterruptReply", 2.4), ("CommitTurn", 3.5)]
    else:
        assert decisions == [("PauseReply", 2.4), ("IgnoreSpeech", 3.5), ("ResumeReply", 3.5)]


def test_an_agent_that_is_silent_understands_the_unsure_as_well() -> None:
    policy = TurnPolicy(ruled(min_confidence=0.5))
    story: Story = [(2.06, started(2.0)), (3.3, ended(3.0)), (3.3, final("not on sunday", 2.0, 3.0, 0.1))]
    assert lived(policy, story, until_s=9.0) == [("CommitTurn", 3.5)]


def test_thinking_has_rules_of_its_own() -> None:
    patient = InterruptionSettings(min_words=4, pause_after_s=0.0)
    for policy in (thinking_agent(ruled(min_words=1, thinking=patient)), speaking_agent(ruled(min_words=4))):
        story = speech("not on sunday", 2.0, 3.0, words_s=2.3)
        assert all(kind != "InterruptReply" for kind, _ in lived(policy, story, until_s=2.9))
    story = speech("not on sunday", 2.0, 3.0, words_s=2.3)
    assert ("InterruptReply", 2.4) in lived(thinking_agent(ruled(min_words=4)), story, until_s=2.9)


def test_words_enough_said_too_quickly_count_at_the_end_of_their_turn() -> None:
    policy = speaking_agent(ruled(pause_after_s=math.inf))
    story = speech("stop please", 2.0, 2.3)
    assert lived(policy, story, until_s=9.0) == [("InterruptReply", 2.8), ("CommitTurn", 2.8)]


@pytest.mark.parametrize("times", [1, 3, 30])
def test_signs_of_listening_never_sum_up(times: int) -> None:
    stories = [speech("yeah okay", 2.0 + 0.9 * k, 2.6 + 0.9 * k) for k in range(times)]
    decisions = lived(speaking_agent(ruled()), *stories, until_s=100.0)
    assert {kind for kind, _ in decisions} == {"PauseReply", "ResumeReply", "IgnoreSpeech"}
    assert sum(kind == "PauseReply" for kind, _ in decisions) == sum(kind == "ResumeReply" for kind, _ in decisions)


def test_signs_of_listening_do_not_add_to_the_words_beside_them() -> None:
    stories = [speech("mhm", 2.0, 2.3), speech("tuesday", 2.6, 2.9)]
    policy = speaking_agent(ruled(pause_after_s=math.inf))
    assert lived(policy, *stories, until_s=9.0) == [("IgnoreSpeech", 3.4)]


@pytest.mark.parametrize(
    ("heard", "text", "answered"),
    [
        ("We close at nine.", "mhm", False),
        ("We close at nine.", "tuesday", True),
        ("Is that all right?", "mhm", True),
    ],
)
def test_who_only_agrees_with_the_last_words_takes_no_turn_unless_they_asked(
    heard: str, text: str, answered: bool
) -> None:
    story: Story = [*speech(text, 2.0, 2.3), (2.4, played("r", 2.4)), (2.4, ReplyEnded(reply_id="r", heard=heard))]
    expected = "CommitTurn" if answered else "IgnoreSpeech"
    assert lived(speaking_agent(ruled(pause_after_s=math.inf)), story, until_s=9.0) == [(expected, 2.8)]


# -- grace, and warming up


def test_nothing_stops_an_agent_that_has_just_begun() -> None:
    story = speech("not on sunday", 1.1, 2.0, words_s=1.3)
    assert lived(speaking_agent(ruled(grace_s=0.6)), story, until_s=1.9) == [("InterruptReply", 1.6)]


def test_what_was_said_in_that_time_is_answered_afterwards() -> None:
    policy = speaking_agent(ruled(grace_s=0.6))
    decisions = lived(policy, speech("for two please", 1.1, 1.5), until_s=5.0)
    assert decisions == [("PauseReply", 1.6), ("ResumeReply", 2.0)]  # until it was certain that it had ended
    assert (policy.turn, policy.user) == (TurnState.KEPT, UserState.LISTENING)
    policy.on_frame(played("r", 6.0), 6.0)
    assert policy.deadline is None
    policy.on_frame(ReplyEnded(reply_id="r"), 6.1)
    (commit,) = policy.on_time(6.1)
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.speech_ended_s) == ("for two please", 1.5)


def test_words_said_before_the_agent_began_have_nothing_to_do_with_grace() -> None:
    policy = thinking_agent(ruled(grace_s=0.6))
    story: Story = [(0.95, started(0.93)), (1.0, playing("r", 1.0)), (1.25, ended(0.95))]
    story.append((1.3, final("no wait", 0.93, 0.95)))
    expected = [("PauseReply", 0.95), ("InterruptReply", 1.45), ("CommitTurn", 1.45)]
    assert lived(policy, story, until_s=9.0) == expected


def test_warming_up_is_once() -> None:
    policy = speaking_agent(ruled(warm_up_s=3.0))
    assert lived(policy, speech("not on sunday", 2.0, 3.0, words_s=2.3), until_s=3.9) == []
    for fact in (ReplyEnded(reply_id="r"), ReplyStarted(reply_id="s"), playing("s", 5.0)):
        policy.on_frame(fact, 5.0)
    policy.on_frame(started(5.1), 5.16)
    policy.on_frame(interim("not on sunday", 5.1, 5.4), 5.4)
    assert policy.deadline == pytest.approx(5.5)


# -- resting


def test_a_voice_makes_the_agent_rest_and_silence_lets_it_go_on() -> None:
    policy = speaking_agent(ruled())
    story: Story = [(2.06, started(2.0)), (3.3, ended(3.0))]
    assert live(policy, *story, until_s=4.99) == [PauseReply(speech_started_s=2.0, decided_s=2.4)]
    assert agent_of(policy) is AgentState.PAUSED
    assert live(policy, until_s=5.0) == [ResumeReply(speech_started_s=2.0, decided_s=5.0)]
    assert agent_of(policy) is AgentState.SPEAKING
    assert lived(policy, until_s=9.0) == [("ReportMissingWords", 6.0), ("IgnoreSpeech", 6.0)]


@pytest.mark.parametrize("text", ["", "mhm", "yeah yeah"])
def test_an_agent_that_rests_goes_on_at_once_when_it_was_nothing(text: str) -> None:
    expected = [("PauseReply", 2.4), ("ResumeReply", 2.9), ("IgnoreSpeech", 3.1)]
    assert lived(speaking_agent(ruled()), speech(text, 2.0, 2.6), until_s=9.0) == expected


def test_it_goes_on_when_speech_is_ignored() -> None:
    expected = [("PauseReply", 2.4), ("IgnoreSpeech", 3.1), ("ResumeReply", 3.1)]
    assert lived(speaking_agent(ruled()), speech("tuesday", 2.0, 2.6), until_s=9.0) == expected


def test_new_speech_stops_the_clock_and_keeps_the_rest() -> None:
    policy = speaking_agent(ruled())
    story: Story = [(2.06, started(2.0)), (3.3, ended(3.0)), (4.56, started(4.5)), (5.3, ended(5.0))]
    assert lived(policy, story, until_s=6.9) == [("PauseReply", 2.4)]
    assert lived(policy, until_s=7.0) == [("ResumeReply", 7.0)]


@pytest.mark.parametrize("words_s", [2.5, 2.9, 3.5, 4.9])
def test_words_confirm_it_whenever_they_come_and_nothing_goes_on_after_that(words_s: float) -> None:
    policy = speaking_agent(ruled())
    story: Story = [(2.06, started(2.0)), (3.3, ended(3.0))]
    story.append((words_s, interim("not on sunday", 2.0, min(words_s, 3.0))))
    decisions = lived(policy, story, until_s=4.99)
    assert decisions == [("PauseReply", 2.4), ("InterruptReply", words_s)]
    assert not any(kind == "ResumeReply" for kind, _ in lived(policy, until_s=20.0))


def test_words_after_it_has_gone_on_still_stop_it() -> None:
    policy = speaking_agent(ruled())
    story: Story = [(2.06, started(2.0)), (3.3, ended(3.0)), (5.5, final("not on sunday", 2.0, 3.0))]
    assert lived(policy, story, until_s=9.0) == [
        ("PauseReply", 2.4),
        ("ResumeReply", 5.0),
        ("InterruptReply", 5.5),
        ("CommitTurn", 5.5),
    ]


def test_the_interruption_began_with_the_voice_that_made_it_rest() -> None:
    decisions = live(
        speaking_agent(ruled()),
        (2.06, started(2.0)),
        (2.9, ended(2.6)),
        (3.06, started(3.0)),
        (3.5, interim("not on sunday", 3.0, 3.5)),
    )
    assert decisions[-1] == InterruptReply(reason="barge-in", speech_started_s=2.0, decided_s=3.5)


@pytest.mark.parametrize("pause_after_s", [0.0, 0.2, 1.0, math.inf])
def test_it_rests_after_the_set_time_or_never(pause_after_s: float) -> None:
    story: Story = [(2.06, started(2.0))]
    decisions = lived(speaking_agent(ruled(pause_after_s=pause_after_s)), story, until_s=99.0)
    expected = [] if pause_after_s == math.inf else [("PauseReply", max(2.06, 2.0 + pause_after_s))]
    assert decisions == expected


def test_what_is_known_to_be_listening_does_not_make_it_rest() -> None:
    assert lived(speaking_agent(ruled()), speech("mhm", 2.0, 2.6, words_s=2.3), until_s=9.0) == [("IgnoreSpeech", 3.1)]


@pytest.mark.parametrize("end", [played("r", 2.5), ReplyEnded(reply_id="r")])
def test_a_reply_that_ends_while_it_rests_leaves_nothing_to_go_on_with(end: TurnInput) -> None:
    policy = speaking_agent(ruled())
    story: Story = [(2.06, started(2.0)), (2.5, end), (3.3, ended(3.0)), (3.3, final("mhm", 2.0, 3.0))]
    assert lived(policy, story, until_s=9.0) == [("PauseReply", 2.4), ("IgnoreSpeech", 3.5)]
    assert agent_of(policy) is AgentState.IDLE


# -- an agent that thinks


def test_nothing_begins_to_sound_while_the_user_speaks() -> None:
    policy = thinking_agent(ruled())
    assert policy.on_frame(started(2.0), 2.06) == [PauseReply(speech_started_s=2.0, decided_s=2.06)]
    assert agent_of(policy) is AgentState.HELD


def test_a_reply_that_is_started_while_the_user_speaks_is_held_as_well() -> None:
    policy = TurnPolicy(ruled())
    policy.on_frame(started(2.0), 2.06)
    decisions = policy.on_frame(ReplyStarted(reply_id="r"), 3.0)
    assert decisions == [PauseReply(speech_started_s=2.0, decided_s=3.0)]


@pytest.mark.parametrize("at_s", [2.0, 2.5, 3.3])
def test_a_noise_never_costs_the_answer(at_s: float) -> None:
    policy = TurnPolicy(ruled())
    story = [*speech("a table please", 1.0, 1.5), (2.0, ReplyStarted(reply_id="a"))]
    noise = speech("", at_s + 0.1, at_s + 0.3)
    decisions = lived(policy, story, noise, until_s=9.0)
    assert decisions[0] == ("CommitTurn", 2.0)
    assert [kind for kind, _ in decisions[1:]] == ["PauseReply", "ResumeReply", "IgnoreSpeech"]
    assert decisions[2][1] == pytest.approx(at_s + 0.6)
    assert agent_of(policy) is AgentState.THINKING


def test_a_noise_without_any_news_of_words_costs_two_seconds() -> None:
    policy = thinking_agent(ruled())
    story: Story = [(2.06, started(2.0)), (2.5, ended(2.2))]
    assert lived(policy, story, until_s=5.0) == [("PauseReply", 2.06), ("ResumeReply", 4.2)]


def test_what_had_begun_in_the_same_moment_rests_as_sound() -> None:
    policy = thinking_agent(ruled())
    policy.on_frame(started(2.0), 2.06)
    assert policy.on_frame(playing("r", 2.05), 2.07) == []
    assert agent_of(policy) is AgentState.PAUSED
    policy.on_frame(ended(2.3), 2.6)
    assert policy.on_frame(final("", 2.0, 2.3), 2.7) == [ResumeReply(speech_started_s=2.0, decided_s=2.7)]
    assert agent_of(policy) is AgentState.SPEAKING


def test_an_answer_that_is_asked_for_and_has_not_begun_is_given_up_as_well() -> None:
    policy = TurnPolicy(ruled())
    story = [*speech("a table", 1.0, 2.0), *speech("for four", 2.6, 3.2, words_s=3.0)]
    decisions = live(policy, *story, until_s=9.0)
    assert short(decisions) == [("CommitTurn", 2.5), ("InterruptReply", 3.0), ("CommitTurn", 3.7)]
    commit = decisions[-1]
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.earlier) == ("a table for four", "a table")


# -- protected speech


def guarded(how: str, kind: str) -> TurnPolicy:
    """An agent that nothing stops, since 1 s: its reply is protected, or interruptions are off."""
    rules = TurnSettings(
        endpointing=ENDS,
        protected=kind,  # type: ignore[arg-type]  # by name
        interruption=InterruptionSettings(mode="hybrid" if how == "protected" else "off"),
        interruption_thinking=InterruptionSettings(mode="hybrid" if how == "protected" else "off"),
    )
    return speaking_agent(rules, protected=how == "protected")


HOWS = pytest.mark.parametrize("how", ["protected", "off"])


@HOWS
def test_what_is_said_meanwhile_is_one_turn_answered_once_afterwards(how: str) -> None:
    policy = guarded(how, "answer")
    assert lived(policy, speech("stop it", 2.0, 3.0, words_s=2.5), speech("mhm", 4.0, 4.5), until_s=6.0) == []
    assert lived(policy, speech("at once please", 6.0, 7.0), until_s=9.0) == []
    assert policy.on_frame(played("r", 9.5), 9.5) == []
    assert policy.deadline is None
    assert policy.on_frame(ReplyEnded(reply_id="r"), 9.6) == []
    (commit,) = policy.on_time(9.6)
    assert isinstance(commit, CommitTurn)
    assert commit.text == "stop it mhm at once please"
    assert (commit.speech_ended_s, commit.committed_s) == (7.0, 9.6)


@HOWS
def test_who_still_speaks_when_it_ends_says_one_thing(how: str) -> None:
    policy = guarded(how, "answer")
    story = [*speech("stop it", 2.0, 3.0), *speech("at once", 4.0, 5.0)]
    story[4:4] = [(4.5, ReplyEnded(reply_id="r"))]
    decisions = live(policy, *sorted(story, key=lambda step: step[0]), until_s=9.0)
    (commit,) = decisions
    assert isinstance(commit, CommitTurn)
    assert (commit.text, commit.committed_s) == ("stop it at once", 5.5)


@HOWS
@pytest.mark.parametrize(("kind", "text"), [("discard", ""), ("transcribe", "stop it")])
def test_or_it_is_not_answered_at_all(how: str, kind: str, text: str) -> None:
    policy = guarded(how, kind)
    story = [*speech("stop it", 2.0, 3.0, words_s=2.5), (3.1, ReplyEnded(reply_id="r"))]
    expected = IgnoreSpeech(text=text, speech_started_s=2.0, decided_s=3.5, reason="protected")
    assert live(policy, *sorted(story, key=lambda step: step[0]), until_s=9.0) == [expected]


@HOWS
@pytest.mark.parametrize("kind", ["discard", "transcribe", "answer"])
def test_who_speaks_beyond_its_end_is_heard(how: str, kind: str) -> None:
    policy = guarded(how, kind)
    story = [*speech("a table please", 2.0, 3.0), (2.5, ReplyEnded(reply_id="r"))]
    (commit,) = live(policy, *sorted(story, key=lambda step: step[0]), until_s=9.0)
    assert isinstance(commit, CommitTurn)


def test_a_protected_reply_is_not_even_held() -> None:
    policy = thinking_agent(ruled(), protected=True)
    assert lived(policy, speech("stop it", 2.0, 3.0, words_s=2.5), until_s=9.0) == []
    assert agent_of(policy) is AgentState.THINKING


def test_a_sign_of_listening_meanwhile_is_none_of_a_turn() -> None:
    policy = guarded("protected", "answer")
    assert lived(policy, speech("mhm", 2.0, 2.5), until_s=9.0) == [("IgnoreSpeech", 3.0)]
    policy.on_frame(ReplyEnded(reply_id="r"), 9.6)
    assert lived(policy, until_s=20.0) == []


def test_what_waits_is_not_spoken_into_another_reply() -> None:
    policy = guarded("protected", "answer")
    live(policy, *speech("stop it", 2.0, 3.0), until_s=4.0)
    policy.on_frame(ReplyEnded(reply_id="r"), 5.0)
    policy.on_frame(ReplyStarted(reply_id="s"), 5.0)
    assert policy.deadline is None
    policy.on_frame(ReplyEnded(reply_id="s"), 6.0)
    assert [type(each) for each in policy.on_time(6.0)] == [CommitTurn]


def kinds(decisions: list[TurnDecision]) -> list[str]:
    """Their names."""
    return [type(each).__name__ for each in decisions]


def test_a_turn_is_answered_at_once_when_the_program_stops_protected_speech() -> None:
    policy = guarded("protected", "answer")
    assert kinds(utter(policy, "stop it", 2.0, 3.0)) == []
    assert kinds(policy.on_time(3.5)) == []
    policy.on_frame(ReplyEnded(reply_id="r"), 4.0)
    assert kinds(policy.on_time(4.0)) == ["CommitTurn"]
