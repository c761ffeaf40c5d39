"""The turn policy: its tables, its deadlines, and every order of inputs that hypothesis finds."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable

import hypothesis
import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from trialogue.actors import (
    AgentState,
    CommitTurn,
    EndpointingSettings,
    IgnoreSpeech,
    InterruptionSettings,
    InterruptReply,
    ReplyEnded,
    ReplyStarted,
    TurnDecision,
    TurnInput,
    TurnPolicy,
    TurnSettings,
    UserState,
    is_backchannel,
)
from trialogue.actors.turn._policy import AGENT_TABLE, USER_TABLE
from trialogue.actors.turn._words import words_of
from trialogue.engine import ConfigurationError, PolicyError
from trialogue.frames import (
    FinalTranscript,
    InterimTranscript,
    PlayoutFinished,
    PlayoutStarted,
    SpeechEnded,
    SpeechStarted,
)

RATE_HZ = 16_000


def started(at_s: float) -> SpeechStarted:
    """The user begins to speak."""
    return SpeechStarted(at_sample=round(at_s * RATE_HZ), at_s=at_s, detected_s=at_s + 0.06)


def ended(at_s: float) -> SpeechEnded:
    """The user falls silent."""
    return SpeechEnded(at_sample=round(at_s * RATE_HZ), at_s=at_s, detected_s=at_s + 0.3)


def interim(text: str, start_s: float, end_s: float) -> InterimTranscript:
    """Words so far."""
    return InterimTranscript(text=text, start_sample=round(start_s * RATE_HZ), end_sample=round(end_s * RATE_HZ))


def final(text: str, start_s: float, end_s: float) -> FinalTranscript:
    """The words."""
    return FinalTranscript(text=text, start_sample=round(start_s * RATE_HZ), end_sample=round(end_s * RATE_HZ))


def playing(reply_id: str, at_s: float) -> PlayoutStarted:
    """The first sample of a reply."""
    return PlayoutStarted(
        reply_id=reply_id, at_s=at_s, at_sample=round(at_s * RATE_HZ), first_sentence_s=at_s, first_sound_s=at_s
    )


def played(reply_id: str, at_s: float) -> PlayoutFinished:
    """The end of a reply's sound."""
    return PlayoutFinished(reply_id=reply_id, at_s=at_s, heard=1, played_s=1.0)


def speaking_agent(settings: TurnSettings | None = None) -> TurnPolicy:
    """A policy whose agent speaks, from 1 s on."""
    policy = TurnPolicy(settings)
    assert policy.on_frame(ReplyStarted(reply_id="r"), 0.9) == []
    assert policy.on_frame(playing("r", 1.0), 1.0) == []
    return policy


def utter(policy: TurnPolicy, text: str, start_s: float, end_s: float) -> list[TurnDecision]:
    """A whole utterance with its words known at its end; the deadline is not kept yet."""
    decisions = policy.on_frame(started(start_s), start_s + 0.06)
    decisions += policy.on_frame(ended(end_s), end_s + 0.3)
    return decisions + policy.on_frame(final(text, start_s, end_s), end_s + 0.3)


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
    (commit,) = policy.on_time(5.0)
    assert isinstance(commit, CommitTurn)
    assert commit.text == "so far"
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
    policy.on_frame(final("another", 1.0, 2.0), 3.45)
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
    assert policy.deadline is None
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
    assert decisions == [IgnoreSpeech(text=text, speech_started_s=2.0, decided_s=3.2)]


def test_a_turn_that_goes_on_before_its_answer_is_heard_is_told_as_one() -> None:
    policy = TurnPolicy()
    utter(policy, "one", 1.0, 2.0)
    policy.on_time(2.5)
    policy.on_frame(ReplyStarted(reply_id="r"), 2.5)
    (interrupt,) = utter(policy, "two", 2.6, 3.1)
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
    policy.on_frame(started(2.6), 2.66)
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


# -- every order

#: An input of each kind; for the tables.
ONE_OF_EACH: dict[type, TurnInput] = {
    SpeechStarted: started(10.0),
    SpeechEnded: ended(10.5),
    InterimTranscript: interim("one two", 10.0, 10.4),
    FinalTranscript: final("one two", 10.0, 10.5),
    ReplyStarted: ReplyStarted(reply_id="other"),
    ReplyEnded: ReplyEnded(reply_id="r"),
    PlayoutStarted: playing("r", 10.0),
    PlayoutFinished: played("r", 10.0),
}


#: The states that the tables know.
USER_STATES = sorted({state for state, _ in USER_TABLE}, key=lambda state: state.value)
AGENT_STATES = sorted({state for state, _ in AGENT_TABLE}, key=lambda state: state.value)


def in_state(user: UserState, agent: AgentState) -> TurnPolicy:
    """A policy that came into these states by its own doing."""
    policy = TurnPolicy()
    if agent is not AgentState.IDLE:
        policy.on_frame(ReplyStarted(reply_id="r"), 0.1)
    if agent is AgentState.SPEAKING:
        policy.on_frame(playing("r", 0.2), 0.2)
    if user is not UserState.LISTENING:
        policy.on_frame(started(1.0), 1.06)
    if user is UserState.MAYBE_FINISHED:
        policy.on_frame(ended(2.0), 2.3)
    return policy


@pytest.mark.parametrize(("user", "agent", "kind"), [*itertools.product(USER_STATES, AGENT_STATES, ONE_OF_EACH)])
def test_a_pair_that_is_in_no_table_raises_and_changes_nothing(user: UserState, agent: AgentState, kind: type) -> None:
    policy = in_state(user, agent)
    before = copy.deepcopy(vars(policy))
    assert (policy.user, policy.agent) == (user, agent)
    if (user, kind) in USER_TABLE or (agent, kind) in AGENT_TABLE:
        policy.on_frame(ONE_OF_EACH[kind], 10.6)
    else:
        with pytest.raises(PolicyError, match=f"{kind.__name__} cannot happen while the user is {user.name}"):
            policy.on_frame(ONE_OF_EACH[kind], 10.6)
        assert vars(policy) == before


texts = st.sampled_from(["", "mhm", "yeah", "wait", "hello", "one two", "no thanks", "..."])


class Conversation(RuleBasedStateMachine):
    """A world in which time passes, the user speaks, a recogniser hears, and replies come and go as told.

    The world keeps the rules of the inputs (an end follows a beginning, a reply that is interrupted ends), and keeps
    the deadlines; the policy has to do the rest.
    """

    def __init__(self) -> None:
        super().__init__()
        self.policy = TurnPolicy()
        self.now_s = 0.0
        self.onset_s: float | None = None
        self.unheard: list[tuple[float, float]] = []  # utterances without their final
        self.reply: str | None = None
        self.sounding = False
        self.replies = 0
        self.said: list[str] = []
        self.committed: list[CommitTurn] = []

    def tell(self, frame: TurnInput) -> None:
        """Tell the policy a fact, and see what it decides."""
        self.decided(self.policy.on_frame(frame, self.now_s))

    def decided(self, decisions: list[TurnDecision]) -> None:
        """Check decisions, and do what the session does."""
        for decision in decisions:
            match decision:
                case InterruptReply():
                    assert self.reply is not None, "there is nothing to interrupt"
                    assert self.policy.agent is AgentState.IDLE
                    assert decision.reason == ("barge-in" if self.sounding else "user went on")
                    ended_reply, self.reply, self.sounding = self.reply, None, False
                    assert self.policy.on_frame(ReplyEnded(reply_id=ended_reply), self.now_s) == []
                case CommitTurn():
                    assert self.policy.user is UserState.LISTENING
                    assert self.reply is None, "an answer would talk over a reply"
                    assert words_of(decision.text)
                    assert decision.text.startswith(decision.earlier)
                    assert decision.speech_ended_s + 0.5 <= decision.committed_s + 1e-9
                    self.committed.append(decision)
                    self.start_reply()
                case IgnoreSpeech():
                    assert self.policy.user is UserState.LISTENING

    def start_reply(self) -> None:
        """What the session does for an answer, and for what the program says."""
        self.replies += 1
        self.reply, self.sounding = f"reply {self.replies}", False
        assert self.policy.on_frame(ReplyStarted(reply_id=self.reply), self.now_s) == []

    @rule(for_s=st.sampled_from([0.02, 0.1, 0.3, 0.41, 0.55, 1.0, 3.5]))
    def time_passes(self, for_s: float) -> None:
        """And every deadline on the way is kept, at its moment."""
        end_s = self.now_s + for_s
        for _ in range(10):
            due_s = self.policy.deadline
            if due_s is None or due_s > end_s:
                break
            self.now_s = max(self.now_s, due_s)
            before = (self.policy.user, self.policy.agent)
            decisions = self.policy.on_time(self.now_s)
            assert decisions, "a deadline came and nothing was decided"
            assert (self.policy.user, self.policy.agent) != before, "a deadline came and nothing changed"
            self.decided(decisions)
        else:
            raise AssertionError("deadlines without end")
        self.now_s = end_s

    @precondition(lambda self: self.onset_s is None)
    @rule()
    def user_begins(self) -> None:
        """The detector is 0.06 s late."""
        self.onset_s = max(self.now_s - 0.06, self.unheard[-1][1] if self.unheard else 0.0)
        self.tell(started(self.onset_s))

    @precondition(lambda self: self.onset_s is not None)
    @rule()
    def user_ends(self) -> None:
        """The detector is 0.3 s late."""
        assert self.onset_s is not None
        end_s = max(self.onset_s + 0.02, self.now_s - 0.3)
        self.unheard.append((self.onset_s, end_s))
        self.onset_s = None
        self.tell(ended(end_s))

    @precondition(lambda self: self.onset_s is not None)
    @rule(text=texts)
    def words_come(self, text: str) -> None:
        """An interim of what is being said."""
        assert self.onset_s is not None
        self.tell(interim(text, self.onset_s, max(self.now_s, self.onset_s + 0.01)))

    @precondition(lambda self: self.unheard)
    @rule(text=texts, again=st.booleans())
    def final_comes(self, text: str, again: bool) -> None:
        """Of the oldest utterance without one; perhaps it comes twice."""
        start_s, end_s = self.unheard[0] if again else self.unheard.pop(0)
        self.tell(final(text, start_s, end_s))

    @precondition(lambda self: self.reply is None)
    @rule()
    def program_says(self) -> None:
        """Something that is no answer."""
        self.start_reply()

    @precondition(lambda self: self.reply is not None and not self.sounding)
    @rule()
    def reply_is_heard(self) -> None:
        """Its first sample is played."""
        assert self.reply is not None
        self.sounding = True
        self.tell(playing(self.reply, self.now_s))

    @precondition(lambda self: self.reply is not None)
    @rule()
    def reply_ends(self) -> None:
        """It was played, or failed, or had nothing to say."""
        assert self.reply is not None
        reply, self.reply = self.reply, None
        if self.sounding:
            self.tell(played(reply, self.now_s))
        self.sounding = False
        self.tell(ReplyEnded(reply_id=reply))

    @precondition(lambda self: self.replies)
    @rule(frame=st.sampled_from([ReplyEnded(reply_id="old"), playing("old", 1.0), played("old", 1.0)]))
    def news_of_an_old_reply_comes_late(self, frame: TurnInput) -> None:
        """It changes nothing."""
        before = copy.deepcopy(vars(self.policy))
        assert self.policy.on_frame(frame, self.now_s) == []
        assert vars(self.policy) == before

    @rule(frame=st.sampled_from(list(ONE_OF_EACH.values())))
    def a_refused_frame_changes_nothing(self, frame: TurnInput) -> None:
        """Whatever it is, and whenever it comes."""
        kind = type(frame)
        if (self.policy.user, kind) in USER_TABLE or (self.policy.agent, kind) in AGENT_TABLE:
            return
        before = copy.deepcopy(vars(self.policy))
        with pytest.raises(PolicyError):
            self.policy.on_frame(frame, self.now_s)
        assert vars(self.policy) == before

    @invariant()
    def states_agree_with_the_world(self) -> None:
        """One fact, one owner: and it is right."""
        expected = AgentState.IDLE if self.reply is None else AgentState.THINKING
        assert self.policy.agent is (AgentState.SPEAKING if self.sounding else expected)
        assert (self.policy.user is UserState.SPEAKING) == (self.onset_s is not None)

    @invariant()
    def a_deadline_exists_only_while_something_is_awaited(self) -> None:
        """The end of a turn, or the length of an interruption."""
        deadline = self.policy.deadline
        if self.policy.user is UserState.LISTENING:
            assert deadline is None
        elif self.policy.user is UserState.MAYBE_FINISHED:
            assert deadline is not None
        elif deadline is not None:
            assert self.policy.agent is not AgentState.IDLE

    def teardown(self) -> None:
        """Whatever has happened: when the user is silent, it comes to rest."""
        if self.onset_s is not None:
            self.user_ends()
        self.time_passes(10.0)
        assert self.policy.user is UserState.LISTENING
        assert self.policy.deadline is None


TestConversation = Conversation.TestCase
TestConversation.settings = hypothesis.settings(max_examples=120, stateful_step_count=40)


@hypothesis.given(
    words=st.lists(st.sampled_from(["mhm", "yeah", "okay", "uh huh", "I see", "no", "table", "Yes."]), max_size=5)
)
def test_only_signs_of_listening_are_a_sign_of_listening(words: list[str]) -> None:
    text = " ".join(words)
    assert is_backchannel(text) == (not {"no", "table"} & set(words))
