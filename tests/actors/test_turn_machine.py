"""The turn policy in every order of inputs that hypothesis finds, under many settings."""

from __future__ import annotations

import copy
import itertools

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.actors.turn_helpers import ONE_OF_EACH, ended, final, interim, played, playing, started
from trialogue.actors import (
    AgentState,
    CommitTurn,
    DropPreparedAnswer,
    EndpointingSettings,
    IgnoreSpeech,
    InterruptionSettings,
    InterruptReply,
    MicrophoneMuted,
    MicrophoneUnmuted,
    PauseReply,
    PreparationSettings,
    PrepareAnswer,
    ReplyEnded,
    ReplyStarted,
    ReportAway,
    ReportBack,
    ReportMissingWords,
    ResumeReply,
    ToolsFinished,
    ToolsStarted,
    TurnCleared,
    TurnCommitted,
    TurnDecision,
    TurnInput,
    TurnJudged,
    TurnPolicy,
    TurnSettings,
    TurnState,
    UserActed,
    UserState,
    is_backchannel,
)
from trialogue.actors.turn._machines import Machines
from trialogue.actors.turn._words import words_of
from trialogue.engine import PolicyError

REST = {AgentState.PAUSED, AgentState.HELD}

#: What an utterance says, beside a word of its own; and what is only a sign of listening has none.
TEXTS = st.sampled_from(["wait", "hello", "one two", "no thanks"])
SIGNS = st.sampled_from(["", "mhm", "yeah", "..."])


@st.composite
def interruption_settings(draw: st.DrawFn) -> InterruptionSettings:
    """What takes the floor."""
    return InterruptionSettings(
        mode=draw(st.sampled_from(["vad", "stt", "hybrid", "hybrid", "off"])),
        min_speech_s=draw(st.sampled_from([0.0, 0.4])),
        min_words=draw(st.integers(1, 3)),
        min_confidence=draw(st.sampled_from([0.0, 0.5])),
        grace_s=draw(st.sampled_from([0.0, 0.5])),
        pause_after_s=draw(st.sampled_from([0.0, 0.4, 1.0])),
        resume_after_s=draw(st.sampled_from([0.0, 0.3, 2.0])),
        warm_up_s=draw(st.sampled_from([0.0, 1.0])),
    )


@st.composite
def turn_settings(draw: st.DrawFn) -> TurnSettings:
    """Turn-taking."""
    return TurnSettings(
        edges=draw(st.sampled_from(["vad", "vad", "stt", "both"])),
        endpointing=EndpointingSettings(
            mode=draw(st.sampled_from(["fixed", "adaptive", "manual"])),
            max_turn_s=draw(st.sampled_from([2.0, 1000.0])),
            max_turn_words=draw(st.sampled_from([4, 1000])),
        ),
        interruption=draw(interruption_settings()),
        interruption_thinking=draw(interruption_settings()),
        protected=draw(st.sampled_from(["discard", "answer", "transcribe"])),
        preparation=PreparationSettings(enabled=draw(st.booleans())),
        away_after_s=draw(st.sampled_from([1.0, 15.0])),
    )


@attrs.define
class Said:
    """An utterance of the world."""

    start_s: float
    text: str
    end_s: float = 0.0
    muted: bool = False


def inside(policy: TurnPolicy) -> dict[str, object]:
    """All that it remembers, but for the edges of its last news."""
    return {name: value for name, value in vars(policy).items() if name != "_told"}


class Conversation(RuleBasedStateMachine):
    """A world in which time passes, the user speaks, a recogniser hears, and replies come and go as told.

    The world keeps the rules of the inputs (an end follows a beginning, a reply that is interrupted ends), and keeps
    the deadlines; the policy has to do the rest.
    """

    def __init__(self) -> None:
        super().__init__()
        self.policy = TurnPolicy()
        self.settings = TurnSettings()
        self.now_s = 1.0  # what begins now was said before now
        self.numbers = itertools.count()
        self.voice: Said | None = None
        self.unheard: list[Said] = []  # utterances without their final
        self.ended_s = 0.0  # when the last utterance had ended
        self.reply: ReplyStarted | None = None
        self.sounding = self.resting = self.tools = self.muted = False
        self.last: list[TurnDecision] = []
        self.told: list[str] = []  # words since a turn was dealt with
        self.by_program = False
        self.answered: set[str] = set()  # the words of their own that were in a turn

    @initialize(settings=turn_settings())
    def begin(self, settings: TurnSettings) -> None:
        """Some settings."""
        self.settings, self.policy = settings, TurnPolicy(settings)

    # -- what the world does with decisions

    def tell(self, frame: TurnInput) -> None:
        """Tell the policy a fact, and see what it decides."""
        self.decided(self.policy.on_frame(frame, self.now_s))

    def decided(self, decisions: list[TurnDecision]) -> None:
        """Check decisions, and do what the session does."""
        for decision in decisions:
            match decision:
                case InterruptReply():
                    self.check_interruption(decision)
                    self.end_reply()
                case PauseReply():
                    assert self.reply is not None
                    assert not self.reply.protected
                    assert not self.resting
                    self.resting = True
                case ResumeReply():
                    assert self.resting, "nothing rests"
                    self.resting = False
                case CommitTurn():
                    self.check_turn(decision)
                    self.start_reply()
                case IgnoreSpeech():
                    self.told.clear()
                case PrepareAnswer():
                    assert words_of(decision.text)
                case ReportAway():
                    assert decision.silent_since_s + self.settings.away_after_s <= self.now_s
                    assert self.reply is None
                    assert not self.muted
                    assert not self.tools
                case DropPreparedAnswer() | ReportMissingWords() | ReportBack():
                    pass
        self.last = decisions

    def check_interruption(self, decision: InterruptReply) -> None:
        """Somebody who says something stops something."""
        assert self.reply is not None, "there is nothing to interrupt"
        assert not self.reply.protected
        assert self.policy.agent not in REST
        assert decision.reason == ("barge-in" if self.sounding else "user went on")
        modes = {self.settings.interruption.mode, self.settings.interruption_thinking.mode}
        if "vad" not in modes:
            meant = any(not is_backchannel(text) for text in self.told)
            assert meant or self.by_program, "signs of listening have interrupted"

    def check_turn(self, decision: CommitTurn) -> None:
        """A turn has words that count, and each of them is in one turn."""
        assert self.reply is None, "an answer would talk over a reply"
        assert words_of(decision.text)
        assert decision.text.startswith(decision.earlier)
        own = {word for word in words_of(decision.text[len(decision.earlier) :]) if word.startswith("own")}
        assert not own & self.answered, "the same words are in two turns"
        self.answered |= own
        assert not any(word.startswith("muted") for word in words_of(decision.text)), "what was muted is in a turn"
        if decision.cause == "silence" and self.settings.edges == "vad" and not decision.earlier:
            assert decision.speech_ended_s + 0.5 <= decision.committed_s + 1e-9
        self.told.clear()
        self.by_program = False

    def start_reply(self, *, protected: bool = False) -> None:
        """What the session does for an answer, and for what the program says."""
        self.reply = ReplyStarted(reply_id=f"reply {next(self.numbers)}", protected=protected)
        self.sounding = self.resting = False
        self.tell(self.reply)

    def end_reply(self) -> None:
        """It was played, or failed, or had nothing to say, or was interrupted."""
        assert self.reply is not None
        reply, self.reply = self.reply, None
        if self.sounding:
            self.tell(played(reply.reply_id, self.now_s))
        self.sounding = self.resting = False
        self.tell(ReplyEnded(reply_id=reply.reply_id))

    # -- what happens

    @rule(for_s=st.sampled_from([0.02, 0.1, 0.3, 0.41, 0.55, 1.0, 3.5]))
    def time_passes(self, for_s: float) -> None:
        """And every deadline on the way is kept, at its moment."""
        end_s = self.now_s + for_s
        for _ in range(100):
            due_s = self.policy.deadline
            if due_s is None or due_s > end_s:
                break
            self.now_s = max(self.now_s, due_s)
            before = repr(inside(self.policy))
            self.decided(self.policy.on_time(self.now_s))
            assert repr(inside(self.policy)) != before, "a deadline came and nothing changed"
        else:
            raise AssertionError("deadlines without end")
        self.now_s = end_s

    @precondition(lambda self: self.voice is None)
    @rule(text=TEXTS, sign=SIGNS, means=st.booleans())
    def user_begins(self, text: str, sign: str, means: bool) -> None:
        """The detector is 0.06 s late."""
        own = f"{'muted' if self.muted else 'own'}{next(self.numbers)}"
        start_s = max(self.now_s - 0.06, self.ended_s)
        self.voice = Said(start_s, f"{text} {own}" if means else sign, muted=self.muted)
        self.tell(started(start_s))

    @precondition(lambda self: self.voice is not None)
    @rule()
    def user_ends(self) -> None:
        """The detector is 0.3 s late."""
        assert self.voice is not None
        said, self.voice = self.voice, None
        said.end_s = self.ended_s = max(said.start_s + 0.02, self.now_s - 0.3)
        self.unheard.append(said)
        self.tell(ended(said.end_s))

    @precondition(lambda self: self.voice is not None)
    @rule(words=st.integers(0, 3), sure=st.sampled_from([None, 0.2, 0.9]))
    def words_come(self, words: int, sure: float | None) -> None:
        """An interim of what is being said."""
        assert self.voice is not None
        text = " ".join(self.voice.text.split()[:words])
        self.told.append(text)
        self.tell(interim(text, self.voice.start_s, max(self.now_s, self.voice.start_s + 0.01), sure))

    @precondition(lambda self: self.unheard)
    @rule(again=st.booleans(), nothing=st.booleans(), sure=st.sampled_from([None, 0.2, 0.9]))
    def final_comes(self, again: bool, nothing: bool, sure: float | None) -> None:
        """Of the oldest utterance without one; perhaps it comes twice, or was nothing after all."""
        said = self.unheard[0] if again else self.unheard.pop(0)
        text = "" if nothing else said.text
        self.told.append(text)
        self.tell(final(text, said.start_s, said.end_s, sure))

    @precondition(lambda self: self.voice is None)
    @rule(
        text=TEXTS,
        sign=SIGNS,
        means=st.booleans(),
        words=st.integers(0, 3),
        for_s=st.sampled_from([0.02, 0.3, 0.41, 1.0]),
        ends=st.booleans(),
    )
    def user_speaks(  # how
        self, text: str, sign: str, means: bool, words: int, for_s: float, ends: bool
    ) -> None:
        """As people do: some words, some time, and often an end with the whole of it."""
        self.user_begins(text, sign, means)
        self.time_passes(for_s)
        self.words_come(words, None)
        self.time_passes(0.3)
        if ends:
            self.user_ends()
            self.final_comes(again=False, nothing=False, sure=None)

    @precondition(lambda self: self.reply is None)
    @rule(protected=st.sampled_from([False, False, True]), for_s=st.sampled_from([0.02, 1.0]))
    def agent_speaks(self, protected: bool, for_s: float) -> None:
        """Of its own accord."""
        self.start_reply(protected=protected)
        self.time_passes(for_s)
        if self.reply is not None and not self.sounding:
            self.reply_is_heard()

    @precondition(lambda self: self.reply is None)
    @rule(protected=st.booleans())
    def program_says(self, protected: bool) -> None:
        """Something that is no answer."""
        self.start_reply(protected=protected)

    @precondition(lambda self: self.reply is not None and not self.sounding)
    @rule()
    def reply_is_heard(self) -> None:
        """Its first sample is played; where it rests, that had begun in the same moment."""
        assert self.reply is not None
        self.sounding = True
        self.tell(playing(self.reply.reply_id, self.now_s))

    @precondition(lambda self: self.reply is not None)
    @rule()
    def reply_ends(self) -> None:
        """Also one that rests: the rest of it was only the fade, or it failed."""
        self.end_reply()

    @rule(frame=st.sampled_from([TurnCommitted, TurnCleared]))
    def program_decides(self, frame: type[TurnCommitted | TurnCleared]) -> None:
        """Push to talk."""
        if self.muted and self.voice is not None:
            return
        if frame is TurnCommitted:
            self.by_program = True
        if self.voice is not None and frame is TurnCleared:  # the rest of it is of no turn
            self.voice.text = ""
        self.tell(frame(at_s=self.now_s))

    @rule()
    def microphone(self) -> None:
        """Muted, or not any more."""
        self.muted = not self.muted
        if self.muted and self.voice is not None:
            self.voice.text = self.voice.text.replace("own", "muted")
        self.tell((MicrophoneMuted if self.muted else MicrophoneUnmuted)(at_s=self.now_s))

    @rule()
    def acts(self) -> None:
        """Without a word."""
        self.tell(UserActed(at_s=self.now_s))

    @rule()
    def tools_run(self) -> None:
        """Or do not any more."""
        self.tools = not self.tools
        self.tell((ToolsStarted if self.tools else ToolsFinished)(at_s=self.now_s))

    @rule(probability=st.floats(0.0, 1.0))
    def somebody_judges(self, probability: float) -> None:
        """Of the last silence."""
        self.tell(TurnJudged(speech_ended_s=self.unheard[-1].end_s if self.unheard else 0.0, probability=probability))

    @rule(frame=st.sampled_from([ReplyEnded(reply_id="old"), playing("old", 1.0), played("old", 1.0)]))
    def news_of_an_old_reply_comes_late(self, frame: TurnInput) -> None:
        """It changes nothing."""
        before = copy.deepcopy(inside(self.policy))
        assert self.policy.on_frame(frame, self.now_s) == []
        assert inside(self.policy) == before

    @rule(frame=st.sampled_from(list(ONE_OF_EACH.values())))
    def a_refused_frame_changes_nothing(self, frame: TurnInput) -> None:
        """Whatever it is, and whenever it comes."""
        before = copy.deepcopy(inside(self.policy))
        try:
            Machines(self.policy.user, self.policy.agent, self.policy.turn).check(type(frame))
        except PolicyError:
            heard = self.settings.edges == "vad" and not self.muted and self.voice is None
            if isinstance(frame, ReplyStarted) or heard:
                with pytest.raises(PolicyError):
                    self.policy.on_frame(frame, self.now_s)
                assert inside(self.policy) == before

    # -- what always holds

    @invariant()
    def states_agree_with_the_world(self) -> None:
        """One fact, one owner: and it is right."""
        if self.reply is None:
            assert self.policy.agent is AgentState.IDLE
        elif self.sounding:
            assert self.policy.agent is (AgentState.PAUSED if self.resting else AgentState.SPEAKING)
        else:
            assert self.policy.agent is (AgentState.HELD if self.resting else AgentState.THINKING)
        if self.policy.user is UserState.SPEAKING and self.settings.edges == "vad":
            assert self.voice is not None
            assert not self.muted

    @invariant()
    def there_is_a_deadline_while_something_is_awaited(self) -> None:
        """The end of a turn, of a rest, or of a long silence."""
        silent = self.policy.user is not UserState.SPEAKING
        waits = self.policy.user is UserState.MAYBE_FINISHED or (silent and self.policy.agent in REST)
        quiet = self.policy.user is UserState.LISTENING and self.policy.turn is TurnState.EMPTY and self.reply is None
        if waits or (quiet and not self.tools and not self.muted):
            assert self.policy.deadline is not None

    def teardown(self) -> None:
        """Whatever has happened: when nobody speaks any more, it comes to rest."""
        if self.voice is not None:
            self.user_ends()
        self.time_passes(10.0)
        assert self.policy.user in {UserState.LISTENING, UserState.AWAY}
        assert self.policy.agent not in REST
        if self.reply is not None:
            self.end_reply()
        self.time_passes(10.0)
        if self.settings.endpointing.mode == "manual":
            self.tell(TurnCommitted(at_s=self.now_s))
        self.time_passes(10.0)
        assert self.policy.turn is TurnState.EMPTY
        assert not vars(self.policy)["_turn"].earlier, "a turn lost its answer and got no other"


TestConversation = Conversation.TestCase
TestConversation.settings = hypothesis.settings(max_examples=250, stateful_step_count=40)
