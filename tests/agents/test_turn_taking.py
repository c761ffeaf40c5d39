"""Who speaks when, in whole conversations between fakes: what a voice, a word, the program or silence leads to.

Times follow from the fakes, as in test_session.py: the detector is sure of speech after 0.06 s and of silence after
0.3 s, words come when the detector is sure that they are over, the first token comes after 0.1 s, the first sound
0.05 s after its sentence, and each word takes 0.1 s.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Literal

import attrs
import numpy as np
import pytest
import trio

from tests.agents.conversation import Greeter, Talk, after, agent_with, texts
from trialogue.actors import (
    AudioOutSettings,
    EndpointingSettings,
    InterruptionSettings,
    PreparationSettings,
    SttSettings,
    TurnSettings,
)
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentPaused,
    AgentResumed,
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    AnswerPrepared,
    ConversationSettings,
    NudgeSettings,
    Session,
    SessionSettings,
    SpeechIgnored,
    ToolStarted,
    TurnMeasured,
    UserCameBack,
    UserMuted,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTurnEnded,
    UserUnmuted,
    UserWentAway,
    WordsMissing,
    embedded_models,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, Line, Speech, Utterance
from trialogue.engine import ConfigurationError, ProviderError, TurnJudge, TurnSoFar
from trialogue.frames import ToolCall
from trialogue.providers import MODEL_FILES, RuleScript, SmartTurn, find_model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trialogue.agents import Event

LONG = " ".join(["All work and no play makes Jack a dull boy."] * 6)  # six seconds of ten words each
NOISE = ""


def near(at_s: float, abs_s: float = 1e-9) -> float:
    """A time, to the nanosecond or as near as said."""
    result: float = pytest.approx(at_s, abs=abs_s)  # type: ignore[assignment]  # compares as a float
    return result


def settings_of(turn: TurnSettings | None = None, **conversation: object) -> SessionSettings:
    """The settings of a session."""
    made = ConversationSettings(**conversation)  # type: ignore[arg-type]  # passed on as it is
    return SessionSettings(turn=turn or TurnSettings(), conversation=made)


def told(events: Sequence[Event], *kinds: type[Event]) -> list[str]:
    """What happened of some kinds, in order."""
    return [type(event).__name__ for event in events if isinstance(event, kinds)]


# -- a voice makes the agent rest; words decide


def interrupted_by(utterance: Utterance | str, for_s: float, **settings: object) -> Talk:
    """The agent says something long, and at 3 s the user says this."""
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=3.0, for_s=for_s)]
    talk = Talk(
        call=FakeCall(lines=lines, hangs_up_s=14),
        stt=FakeStt(utterances=["tell me", utterance]),
        llm=FakeLlm(answers=[LONG, "Fine."]),
        tts=FakeTts(every=Speech(word_s=0.1), levels=(500, 600, 700, 800, 900, 1000)),
    )
    talk.settings = SessionSettings(**settings)  # type: ignore[arg-type]  # passed on as it is
    return talk.hold()


def test_a_noise_makes_the_agent_rest_and_then_go_on_where_it_was() -> None:
    quiet, noisy = interrupted_by(NOISE, 0.02), interrupted_by(NOISE, 1.0)
    assert quiet.of(AgentPaused) == []
    paused, resumed = noisy.the(AgentPaused), noisy.the(AgentResumed)
    assert paused.at_s == near(3.4)
    assert paused.speech_started_s == near(3.0)
    assert resumed.paused_s == near(resumed.at_s - paused.at_s)
    assert resumed.at_s == near(4.3)  # no words came: known as soon as the recogniser has said so
    assert noisy.history == quiet.history
    (whole,) = noisy.of(AgentStoppedSpeaking)
    assert (whole.interrupted, whole.unheard) == (None, "")
    assert whole.played_s == quiet.the(AgentStoppedSpeaking).played_s == near(6.0)
    # The same sound but for the fades, with silence between.
    before, rest = noisy.sound()[: round(3.4 * 16_000)], noisy.sound()[round((4.3 + 0.04) * 16_000) :]
    assert (before == quiet.sound()[: len(before)]).all()
    assert (rest == quiet.sound()[len(quiet.sound()) - len(rest) :]).all()
    silence = noisy.sound()[round((3.4 + 0.08 + 0.02) * 16_000) : round(4.3 * 16_000)]
    assert not silence.any()


def test_words_confirm_that_it_is_an_interruption_and_nothing_old_is_heard_again() -> None:
    talk = interrupted_by(Utterance(text="tell me something else", word_s=0.3), 1.4)
    paused = talk.the(AgentPaused)
    stopped, answer = talk.of(AgentStoppedSpeaking)
    assert paused.at_s == near(3.4)
    assert talk.of(AgentResumed) == []
    assert stopped.interrupted == "barge-in"
    assert stopped.at_s == near(3.6, 0.03)  # when the second word was understood
    assert stopped.played_s == near(paused.at_s - talk.of(AgentStartedSpeaking)[0].at_s + 0.04, 0.02)
    began_s = talk.of(AgentStartedSpeaking)[1].at_s
    assert not talk.sound()[round((paused.at_s + 0.1) * 16_000) : round(began_s * 16_000)].any()
    assert answer.heard == "Fine."
    assert texts(talk.history)[1] == f"agent: {stopped.heard.strip()} -- {stopped.unheard.strip()}"


def test_a_sign_of_listening_makes_the_agent_rest_no_longer_than_until_it_is_understood() -> None:
    soon = interrupted_by(Utterance(text="mhm", word_s=0.3), 0.6)
    assert soon.of(AgentPaused) == []  # it was understood before the agent would have rested
    late = interrupted_by(Utterance(text="mhm"), 0.6)
    assert late.the(AgentPaused).at_s == near(3.4)
    assert late.the(AgentResumed).at_s == near(3.9)  # the final transcript
    for talk in (soon, late):
        assert talk.the(SpeechIgnored).reason == "listening"
        assert talk.the(AgentStoppedSpeaking).interrupted is None


def test_without_a_pause_nothing_rests() -> None:
    rules = InterruptionSettings(pause_after_s=float("inf"))
    talk = interrupted_by(NOISE, 1.0, turn=TurnSettings(interruption=rules))
    assert talk.of(AgentPaused) == []
    assert talk.the(AgentStoppedSpeaking).played_s == near(6.0)


def test_whoever_has_stopped_the_agent_is_answered_whatever_the_words_are() -> None:
    """The voice alone was enough; that it then said "yes" must not leave both of them silent."""
    rules = InterruptionSettings(mode="vad")
    talk = interrupted_by("yes", 1.2, turn=TurnSettings(interruption=rules))
    assert talk.of(AgentStoppedSpeaking)[0].interrupted == "barge-in"
    assert [event.text for event in talk.of(UserTurnEnded)] == ["tell me", "yes"]
    assert talk.of(AgentStoppedSpeaking)[1].heard == "Fine."


def test_who_hangs_up_while_the_agent_rests_has_heard_what_is_remembered() -> None:
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=3.0, for_s=1.0)]
    stt = FakeStt(utterances=["tell me", NOISE])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=3.8), stt=stt, llm=FakeLlm(answers=[LONG])).hold()
    paused, stopped = talk.the(AgentPaused), talk.the(AgentStoppedSpeaking)
    assert stopped.at_s == near(3.8)
    assert stopped.played_s == near(paused.at_s - talk.the(AgentStartedSpeaking).at_s + 0.04, 0.02)
    assert stopped.heard.split() == LONG.split()[: int(round(stopped.played_s / 0.1, 6))]
    assert texts(talk.history)[1] == f"agent: {stopped.heard.strip()} -- {stopped.unheard.strip()}"


def test_a_reply_waits_at_the_gate_while_the_user_speaks_and_a_noise_costs_only_that() -> None:
    """The noise begins before anything is heard of the answer, which is ready at 1.175 s."""
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=1.05, for_s=1.0)]
    stt = FakeStt(utterances=["a table please", NOISE])
    llm = FakeLlm(answers=["Gladly, for how many people would that be?"])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=8), stt=stt, llm=llm).hold()
    began = talk.the(AgentStartedSpeaking)
    assert 2.05 <= began.at_s <= 2.4  # when the noise was over and had no words
    assert [record.end for record in llm.records] == ["complete"]
    assert texts(talk.history) == ["user: a table please", "agent: Gladly, for how many people would that be?"]
    assert talk.of(AgentPaused) == []


@pytest.mark.parametrize("words", ["for four people", "mhm", NOISE])
def test_no_reply_begins_to_sound_into_the_words_of_the_user(words: str) -> None:
    """Whichever comes first, to the step: the voice of the user, or that of the agent."""
    for at_ms in range(1000, 1200, 7):
        lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=at_ms / 1000, for_s=0.8)]
        stt = FakeStt(utterances=["a table please", words])
        talk = Talk(call=FakeCall(lines=lines, hangs_up_s=4.0), stt=stt, llm=FakeLlm(answers=lambda request: LONG))
        talk.hold()
        second = talk.of(UserStartedSpeaking)[1]
        ended = talk.of(UserStoppedSpeaking)[1]
        for began in talk.of(AgentStartedSpeaking):
            assert not second.detected_s < began.at_s < ended.at_s, f"at {at_ms} ms"


# -- settings that reach the policy


@pytest.mark.parametrize("edges", ["vad", "stt", "both"])
def test_the_delay_means_the_same_whoever_tells_where_speech_ends(edges: Literal["vad", "stt", "both"]) -> None:
    stt = FakeStt(utterances=[Utterance(text="tell me a story", word_s=0.25)])
    talk = Talk(call=FakeCall(lines=[Line(at_s=1.0, for_s=1.0)], hangs_up_s=8), stt=stt, llm=FakeLlm(answers=["Yes."]))
    talk.settings = settings_of(TurnSettings(edges=edges))
    talk.hold()
    ended = talk.the(UserTurnEnded)
    assert (ended.text, ended.at_s) == ("tell me a story", near(2.5, 0.021))
    assert texts(talk.history) == ["user: tell me a story", "agent: Yes."]


def test_who_dictates_is_waited_for() -> None:
    lines = [Line(at_s=0.5, for_s=1.0), Line(at_s=2.6, for_s=1.0)]
    stt = FakeStt(utterances=["my number is zero one seven", "five five one two three four five"])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=8), stt=stt, llm=FakeLlm(answers=["Thank you."])).hold()
    assert talk.the(UserTurnEnded).text == "my number is zero one seven five five one two three four five"


def test_nothing_stops_the_agent_while_an_echo_canceller_learns() -> None:
    def say(session: Session) -> None:
        session.say(LONG)

    def hold(warm_up_s: float) -> float:
        stt = FakeStt(utterances=[Utterance(text="stop right now", word_s=0.2)])
        call = FakeCall(lines=[Line(at_s=0.5, for_s=4.0)], hangs_up_s=9)
        talk = Talk(call=call, stt=stt, llm=FakeLlm(answers=["Yes?"]), do=after((0.0, say)))
        talk.settings = settings_of(TurnSettings(interruption=InterruptionSettings(warm_up_s=warm_up_s)))
        talk.hold()
        first = talk.of(AgentStoppedSpeaking)[0]
        assert first.interrupted == "barge-in"
        return first.at_s

    assert hold(0.0) < 1.5
    assert hold(3.0) == near(0.05 + 3.0, 0.03)


@pytest.mark.parametrize(("becomes", "turns"), [("answer", 1), ("discard", 0), ("transcribe", 0)])
def test_what_is_said_into_protected_speech(becomes: Literal["answer", "discard", "transcribe"], turns: int) -> None:
    def say(session: Session) -> None:
        session.say("These are the terms that we have to read to you.", protected=True)

    stt = FakeStt(utterances=["I know all that"])
    call = FakeCall(lines=[Line(at_s=0.3, for_s=0.4)], hangs_up_s=6)
    talk = Talk(call=call, stt=stt, llm=FakeLlm(answers=["Right."]), do=after((0.0, say)))
    talk.settings = settings_of(TurnSettings(protected=becomes))
    talk.hold()
    assert talk.of(AgentStoppedSpeaking)[0].interrupted is None
    assert len(talk.of(UserTurnEnded)) == turns
    assert [event.reason for event in talk.of(SpeechIgnored)] == ["protected"] * (1 - turns)


# -- who says where speech begins and ends


@pytest.mark.parametrize(("edges", "known_s", "noises"), [("vad", 2.06, 1), ("both", 2.06, 1), ("stt", 2.3, 0)])
def test_events_tell_of_the_edges_that_count(edges: Literal["vad", "stt", "both"], known_s: float, noises: int) -> None:
    """By words, a noise is no speech, and speech is known with its first word; its times are those of the sound."""
    call = FakeCall(lines=[Line(at_s=0.5, for_s=0.3), Line(at_s=2.0, for_s=0.9)], hangs_up_s=6)
    talk = Talk(call=call, stt=FakeStt(utterances=[NOISE, Utterance(text="one two three", word_s=0.3)]))
    talk.settings = settings_of(TurnSettings(edges=edges))
    talk.hold()
    starts, stops = talk.of(UserStartedSpeaking), talk.of(UserStoppedSpeaking)
    assert len(starts) == len(stops) == noises + 1
    assert (starts[-1].at_s, stops[-1].at_s) == (near(2.0), near(2.9))
    assert starts[-1].detected_s == near(known_s, 0.03)


def test_who_is_muted_has_ceased_to_speak() -> None:
    talk = Talk(call=FakeCall(lines=[Line(at_s=1.0, for_s=2.0)], hangs_up_s=4))
    talk.do = after((1.5, Session.mute), (2.0, Session.unmute))
    talk.hold()
    assert talk.the(UserStartedSpeaking).at_s == near(1.0)
    assert talk.the(UserStoppedSpeaking).at_s == near(1.5)


# -- what the program says of turns


def test_push_to_talk() -> None:
    """Nothing ends a turn but the program."""
    turn = TurnSettings(endpointing=EndpointingSettings(mode="manual"))
    lines = [Line(at_s=0.5, for_s=0.5), Line(at_s=3.0, for_s=0.5)]
    stt = FakeStt(utterances=["one", "two"])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=10), stt=stt, llm=FakeLlm(answers=["Three."]))
    talk.settings, talk.do = settings_of(turn), after((6.0, Session.commit_turn))
    talk.hold()
    ended = talk.the(UserTurnEnded)
    assert (ended.at_s, ended.text, ended.cause) == (near(6.0), "one two", "program")
    assert texts(talk.history) == ["user: one two", "agent: Three."]


def test_a_turn_is_taken_back() -> None:
    turn = TurnSettings(endpointing=EndpointingSettings(mode="manual"))
    lines = [Line(at_s=0.5, for_s=0.5), Line(at_s=3.0, for_s=0.5)]
    stt = FakeStt(utterances=["never mind", "two"])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=10), stt=stt, llm=FakeLlm(answers=["Three."]))
    talk.settings, talk.do = settings_of(turn), after((2.0, Session.clear_turn), (5.0, Session.commit_turn))
    talk.hold()
    assert talk.the(SpeechIgnored).reason == "cleared"
    assert talk.the(UserTurnEnded).text == "two"


def test_who_is_muted_says_nothing_that_counts_and_no_turn_is_left_open() -> None:
    lines = [Line(at_s=1.0, for_s=1.0), Line(at_s=4.0, for_s=0.5)]
    stt = FakeStt(utterances=["not this", "but this"])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=8), stt=stt, llm=FakeLlm(answers=["Right."]))
    talk.do = after((1.5, Session.mute), (1.6, Session.mute), (3.0, Session.unmute), (3.1, Session.unmute))
    talk.hold()
    assert [(event.at_s, event.reason) for event in talk.of(UserMuted)] == [(near(1.5), "the program")]
    assert [event.at_s for event in talk.of(UserUnmuted)] == [near(3.0)]
    assert talk.the(SpeechIgnored).reason == "muted"
    assert talk.the(UserTurnEnded).text == "but this"


def test_the_user_is_muted_until_the_first_reply_is_over() -> None:
    lines = [Line(at_s=0.05, for_s=0.15), Line(at_s=2.0, for_s=0.5)]
    stt = FakeStt(utterances=["hello hello", "a table"])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=6), stt=stt, llm=FakeLlm(answers=["Right."]))
    talk.agent, talk.settings = Greeter(instructions=""), settings_of(mute=("until the first reply is over",))
    talk.hold()
    assert talk.the(UserUnmuted).at_s == near(talk.of(AgentStoppedSpeaking)[0].at_s, 0.03)
    assert [event.text for event in talk.of(UserTurnEnded)] == ["a table"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("at_s", [0.0, 0.02, 0.1])
def test_a_first_reply_that_is_given_up_is_over(at_s: float, seed: int) -> None:
    """In the instant in which it is asked for, in any order; while it is thought; while it is heard."""
    call = FakeCall(lines=[Line(at_s=1.0, for_s=0.5)], hangs_up_s=5)
    talk = Talk(call=call, agent=Greeter(instructions=""), seed=seed)
    talk.settings, talk.do = settings_of(mute=("until the first reply is over",)), after((at_s, Session.interrupt))
    talk.hold()
    assert talk.the(UserUnmuted).at_s == near(at_s, 0.3)
    assert talk.the(UserTurnEnded).text == "hello how are you"


def test_where_another_reply_waits_the_first_one_that_is_heard_is_waited_for() -> None:
    class Hesitant(Agent):
        async def on_enter(self, session: Session) -> None:
            given_up, _ = session.say("Not this."), session.say("But this.")
            given_up.interrupt()

    talk = Talk(call=FakeCall(hangs_up_s=3), agent=Hesitant(instructions=""))
    talk.settings = settings_of(mute=("until the first reply is over",))
    talk.hold()
    assert talk.the(AgentStoppedSpeaking).heard == "But this."
    assert talk.the(UserUnmuted).at_s == near(talk.the(AgentStoppedSpeaking).at_s, 0.03)


def test_a_first_reply_that_fails_is_over() -> None:
    tts = FakeTts(every=Speech(word_s=0.1), exceptions={0: Speech(dies_after_s=0.0, error=ProviderError("dead"))})
    talk = Talk(call=FakeCall(hangs_up_s=3), tts=tts, agent=Greeter(instructions=""))
    talk.settings = settings_of(mute=("until the first reply is over",), apology="")
    talk.hold()
    assert talk.the(AgentStoppedSpeaking).heard == ""
    assert talk.the(UserUnmuted).at_s == near(talk.the(AgentStoppedSpeaking).at_s, 0.03)


def test_where_nobody_greets_there_is_no_first_reply_to_wait_for() -> None:
    talk = Talk(call=FakeCall(lines=[Line(at_s=0.5, for_s=0.5)], hangs_up_s=5))
    talk.settings = settings_of(mute=("until the first reply is over",))
    talk.hold()
    assert talk.the(UserUnmuted).at_s == near(0.0)
    assert talk.the(UserTurnEnded).text == "hello how are you"


@tool
async def book() -> str:
    """Book a table."""
    await trio.sleep(2.0)
    return "booked"


def test_the_user_is_muted_while_tools_run_or_the_agent_speaks() -> None:
    """Each in its time, and both together once: whoever is muted for two reasons is so until both are over."""
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=2.0, for_s=0.5), Line(at_s=8.0, for_s=0.5)]
    stt = FakeStt(utterances=["book it", "stop it now", "thanks a lot"])
    call = ToolCall(call_id="1", name="book", arguments="{}")
    llm = FakeLlm(answers=[Answer(["One moment.", call]), "It is booked.", "Welcome."])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=12), stt=stt, llm=llm, agent=agent_with(book))
    talk.settings = settings_of(mute=("while tools run", "while the agent speaks"))
    talk.hold()
    muted, unmuted = talk.of(UserMuted), talk.of(UserUnmuted)
    assert [event.reason for event in muted] == ["while tools run", "while the agent speaks"]
    assert muted[0].at_s == near(talk.the(ToolStarted).at_s)
    assert [event.at_s for event in unmuted] == [near(event.at_s, 0.03) for event in talk.of(AgentStoppedSpeaking)]
    assert [event.text for event in talk.of(UserTurnEnded)] == ["book it", "thanks a lot"]


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="no mute strategy 'sometimes'; take some of 'until the first reply"):
        settings_of(mute=("sometimes",))
    for text, instructions in (("", ""), ("Hello?", "Nudge.")):
        with pytest.raises(ConfigurationError, match="either a text to say or instructions"):
            NudgeSettings(text=text, instructions=instructions)


# -- silence


def test_who_is_away_is_nudged_so_often_and_comes_back() -> None:
    turn = TurnSettings(away_after_s=5.0)
    talk = Talk(call=FakeCall(lines=[Line(at_s=26.0, for_s=0.5)], hangs_up_s=30), agent=Greeter(instructions=""))
    talk.settings = settings_of(turn, nudge=NudgeSettings(text="Still there?", at_most=2))
    talk.hold()
    greeting_over_s = talk.of(AgentStoppedSpeaking)[0].at_s
    away, still, still_more = talk.of(UserWentAway)
    assert away.silent_since_s == near(greeting_over_s, 0.03)
    assert away.at_s == near(away.silent_since_s + 5.0)
    first, second = (event for event in talk.of(AgentStoppedSpeaking) if event.heard == "Still there?")
    assert first.at_s == near(away.at_s + 0.05 + 0.2, 0.03)
    assert second.at_s == near(first.at_s + 5.0 + 0.05 + 0.2, 0.05)
    assert (still.silent_since_s, still_more.silent_since_s) == (near(first.at_s), near(second.at_s))
    assert talk.the(UserCameBack).at_s == near(26.0, 0.1)
    assert talk.the(UserTurnEnded).text == "hello how are you"


def test_the_model_may_find_the_words_for_who_is_away() -> None:
    llm = FakeLlm(answers=["Are you there?"])
    talk = Talk(call=FakeCall(hangs_up_s=9), llm=llm, agent=Greeter(instructions="Be kind."))
    nudge = NudgeSettings(instructions="The caller is silent; ask whether they are there.", at_most=1)
    talk.settings = settings_of(TurnSettings(away_after_s=3.0), nudge=nudge)
    talk.hold()
    assert texts(talk.history) == ["agent: Hello there.", "agent: Are you there?"]
    assert llm.records[0].request.instructions.endswith("ask whether they are there.")


def test_nobody_is_away_while_a_tool_runs() -> None:
    @tool
    async def search() -> str:
        """Take long."""
        await trio.sleep(9)
        return "found"

    llm = FakeLlm(answers=[Answer([ToolCall(call_id="1", name="search", arguments="{}")]), "Found."])
    call = FakeCall(lines=[Line(at_s=0.0, for_s=0.5)], hangs_up_s=20)
    talk = Talk(call=call, llm=llm, agent=agent_with(search), settings=settings_of(TurnSettings(away_after_s=3.0)))
    talk.hold()
    assert talk.the(UserWentAway).silent_since_s == near(talk.the(AgentStoppedSpeaking).at_s, 0.03)


def test_words_that_never_come_are_told() -> None:
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=6.0, for_s=0.5)]
    stt = FakeStt(utterances=[Utterance(text="never", finals=()), "but this"])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=10), stt=stt)
    talk.settings = SessionSettings(stt=SttSettings(silence_s=20))  # or it would be replaced, and hear it again
    talk.hold()
    missing = talk.the(WordsMissing)
    assert (missing.at_s, missing.speech_ended_s) == (near(3.5), near(0.5))
    assert talk.the(UserTurnEnded).text == "but this"


def test_who_does_not_stop_is_answered_and_does_not_stop_that() -> None:
    turn = TurnSettings(endpointing=EndpointingSettings(max_turn_s=4.0))
    stt = FakeStt(utterances=[Utterance(text=" ".join(["word"] * 20), word_s=0.5)])
    llm = FakeLlm(answers=["One thing at a time, please.", "Fine."])
    talk = Talk(call=FakeCall(lines=[Line(at_s=0.0, for_s=8.0)], hangs_up_s=14), stt=stt, llm=llm)
    talk.settings = settings_of(turn, too_long="Ask for one thing at a time.")
    talk.hold()
    ended = talk.of(UserTurnEnded)[0]
    assert (ended.at_s, ended.cause) == (near(4.0, 0.06), "too long")
    first = talk.of(AgentStoppedSpeaking)[0]
    assert (first.heard, first.interrupted) == ("One thing at a time, please.", None)
    assert first.at_s < 6.0
    assert llm.records[0].request.instructions.endswith("Ask for one thing at a time.")


# -- a judge that listens


@attrs.define
class Judging:
    """A judge of turns that says what it is told to, and keeps what it heard.

    Args:
        says: the probabilities, one after another.
        error: what it raises instead.
    """

    says: list[float]
    error: Exception | None = None
    heard: list[bytes] = attrs.Factory(list)
    wants_audio_s: float = 1.0
    cost_s: float = 0.0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[TurnJudge, None]:
        """Itself."""
        yield self

    def probability(self, turn: TurnSoFar) -> float:
        """The next one."""
        if self.error is not None:
            raise self.error
        self.heard.append(turn.pcm)
        return self.says.pop(0)


def test_a_judge_that_hears_a_pause_makes_the_turn_wait() -> None:
    judge = Judging([0.0, 1.0])
    lines = [Line(at_s=0.5, for_s=1.0), Line(at_s=2.3, for_s=0.5)]
    stt = FakeStt(utterances=["I would like a table.", "For four."])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=6), stt=stt, llm=FakeLlm(answers=["Gladly."]))
    talk.turn_detector = judge
    talk.hold()
    ended = talk.the(UserTurnEnded)
    assert (ended.text, ended.at_s) == ("I would like a table. For four.", near(2.8 + 0.5))
    assert len(judge.heard) == 2
    heard = np.frombuffer(judge.heard[0], dtype=np.int16)
    assert len(heard) == 16_000
    assert heard[: round(0.65 * 16_000)].all()  # the end of the speech, and then the silence that ended it
    assert not heard[-round(0.25 * 16_000) :].any()


def test_the_conversation_goes_on_without_a_judge_that_fails() -> None:
    lines = [Line(at_s=0.5 + 3 * number, for_s=0.5) for number in range(3)]
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=12))
    talk.turn_detector = Judging([], error=ProviderError("no licence"))
    talk.hold()
    fault = talk.the(ActorFailed)
    assert (fault.actor, fault.decision) == ("turn_detector", "go on without it")
    assert len(talk.of(UserTurnEnded)) == 3


@attrs.define
class Overheard:
    """Smart Turn, and what it said."""

    model: SmartTurn = attrs.Factory(SmartTurn)
    said: list[tuple[int, float]] = attrs.Factory(list)
    judge: TurnJudge = attrs.field(init=False)
    wants_audio_s: float = attrs.field(init=False)
    cost_s: float = attrs.field(init=False)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[TurnJudge, None]:
        """The real judge, overheard."""
        async with self.model.open() as judge:
            self.judge, self.wants_audio_s, self.cost_s = judge, judge.wants_audio_s, judge.cost_s
            yield self

    def probability(self, turn: TurnSoFar) -> float:
        """What it says."""
        self.said.append((len(turn.pcm), self.judge.probability(turn)))
        return self.said[-1][1]


@pytest.mark.integration
@pytest.mark.skipif(find_model("smart-turn") is None, reason="needs `trialogue models fetch smart-turn`")
def test_what_smart_turn_hears_moves_the_end_of_the_turn() -> None:
    lines = [Line(at_s=1.0, for_s=1.5), Line(at_s=9.0, for_s=0.4)]
    stt = FakeStt(utterances=["I would like a table.", "That is all."])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=16), stt=stt, llm=FakeLlm(answers=["Gladly.", "Fine."]))
    overheard = talk.turn_detector = Overheard()
    talk.hold()
    turns = talk.of(UserTurnEnded)
    # All from the beginning on until the silence was noticed, but no more than it wants; to the frame.
    heard_s = [length / 2 / 16_000 for length, _ in overheard.said]
    assert heard_s == [near(2.8, 0.021), near(8.0)]
    for turn, (_, probability) in zip(turns, overheard.said, strict=True):
        delay_s = EndpointingSettings().delay_s(probability)
        assert turn.at_s == near(turn.speech_ended_s + delay_s)


def test_the_embedded_models_have_smart_turn_where_its_file_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    silero = find_model("silero")
    monkeypatch.setenv("TRIALOGUE_CACHE", str(tmp_path))
    if silero is None:
        pytest.skip("needs `trialogue models fetch silero`")
    (tmp_path / MODEL_FILES["silero"].filename).symlink_to(silero)
    script = RuleScript.bundled("restaurant")
    assert (embedded_models(script).turn_detector is not None) == (find_model("smart-turn") is not None)
    (tmp_path / MODEL_FILES["smart-turn"].filename).touch()
    assert isinstance(embedded_models(script).turn_detector, SmartTurn)


# -- answers that are rehearsed


def rehearsing(**preparation: object) -> TurnSettings:
    """Answers are begun early."""
    made = PreparationSettings(enabled=True, **preparation)  # type: ignore[arg-type]  # passed on as it is
    return TurnSettings(preparation=made)


def test_an_answer_that_was_rehearsed_comes_sooner_and_leaves_the_same_history() -> None:
    def hold(turn: TurnSettings) -> Talk:
        llm = FakeLlm(answers=[Answer("Gladly. For how many people?", first_token_s=0.3)])
        stt = FakeStt(utterances=[Utterance(text="a table please", word_s=0.15)])
        talk = Talk(call=FakeCall(lines=[Line(at_s=0.5, for_s=0.7)], hangs_up_s=6), stt=stt, llm=llm)
        talk.settings = settings_of(turn)
        return talk.hold()

    plain, text, speech = hold(TurnSettings()), hold(rehearsing()), hold(rehearsing(synthesise=True))
    latencies = [talk.the(AgentStartedSpeaking).latency_s for talk in (plain, text, speech)]
    assert latencies == [near(0.5 + 0.3 + 0.05), near(0.5 + 0.05), near(0.5)]
    for talk in (text, speech):
        assert talk.history == plain.history
        prepared = talk.the(AnswerPrepared)
        assert (prepared.used, prepared.text, prepared.reason) == (True, "a table please", "")
        assert prepared.ahead_s > 0.3
        assert len(talk.llm.records) == 1
        measured = talk.the(TurnMeasured)
        assert measured.latency_s == near(talk.the(AgentStartedSpeaking).latency_s or 0.0)
        assert measured.model_s == near(0.0)
    without = AnswerPrepared
    assert text.kinds(without, TurnMeasured) == plain.kinds(without, TurnMeasured)


def test_nothing_is_left_of_an_answer_to_other_words() -> None:
    """The words were stable for a while, and went on."""
    llm = FakeLlm(answers=["Never heard.", "For four, gladly."])
    stt = FakeStt(utterances=[Utterance(text="a table for", word_s=0.1), Utterance(text="four people please")])
    lines = [Line(at_s=0.5, for_s=0.4), Line(at_s=1.3, for_s=0.8)]
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=6), stt=stt, llm=llm)
    talk.settings = settings_of(rehearsing(max_tries=1))
    talk.hold()
    prepared = talk.the(AnswerPrepared)
    assert (prepared.used, prepared.text) == (False, "a table for")
    assert prepared.reason
    assert [record.end for record in llm.records] in (["cancelled", "complete"], ["complete", "complete"])
    assert texts(talk.history) == ["user: a table for four people please", "agent: For four, gladly."]
    assert len(talk.of(AgentStartedThinking)) == len(talk.of(AgentStoppedSpeaking)) == 1


def test_a_rehearsed_answer_runs_its_tools_only_when_it_counts() -> None:
    llm = FakeLlm(
        answers=[
            Answer([ToolCall(call_id="1", name="book", arguments="{}")], first_token_s=0.05),
            Answer([ToolCall(call_id="1", name="book", arguments="{}")], first_token_s=0.05),
            "Booked.",
        ]
    )
    stt = FakeStt(utterances=[Utterance(text="a table for", word_s=0.1), "four people please"])
    lines = [Line(at_s=0.5, for_s=0.4), Line(at_s=1.3, for_s=0.8)]
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=9), stt=stt, llm=llm, agent=agent_with(book))
    talk.settings = settings_of(rehearsing())
    talk.hold()
    assert talk.the(ToolStarted).at_s >= talk.the(UserTurnEnded).at_s
    assert [event.used for event in talk.of(AnswerPrepared)] == [False, True]
    assert texts(talk.history) == [
        "user: a table for four people please",
        "call 1: book {}",
        'output 1: "booked"',
        "agent: Booked.",
    ]


@pytest.mark.parametrize("what", ["instructions", "says something", "fails"])
def test_a_rehearsed_answer_is_of_no_use_when_something_else_has_changed(what: str) -> None:
    def change(session: Session) -> None:
        match what:
            case "instructions":
                session.agent.instructions = "Be brief."
            case "says something":
                session.say("One moment.")
            case _:
                pass

    first = Answer("", dies_at=0, error=ProviderError("busy")) if what == "fails" else "Never heard of it."
    llm = FakeLlm(answers=[first, "Gladly."])
    stt = FakeStt(utterances=[Utterance(text="a table please", word_s=0.15)])
    talk = Talk(call=FakeCall(lines=[Line(at_s=0.5, for_s=0.7)], hangs_up_s=6), stt=stt, llm=llm)
    talk.settings, talk.do = settings_of(rehearsing(max_tries=1)), after((1.55, change))
    talk.hold()
    prepared = talk.the(AnswerPrepared)
    assert not prepared.used
    expected = ["user: a table please", "agent: Gladly."]
    assert talk.of(AgentStoppedSpeaking)[-1].heard == "Gladly."
    assert [line for line in texts(talk.history) if "moment" not in line] == expected
    assert len(llm.records) == 2


def test_an_interruption_of_what_is_said_leaves_a_rehearsal_alone() -> None:
    stt = FakeStt(utterances=[Utterance(text="a table please", word_s=0.15)])
    talk = Talk(call=FakeCall(lines=[Line(at_s=0.5, for_s=0.7)], hangs_up_s=6), stt=stt, llm=FakeLlm(answers=["Yes."]))
    talk.settings, talk.do = settings_of(rehearsing()), after((1.55, Session.interrupt))
    talk.hold()
    assert talk.the(AnswerPrepared).used


def test_a_session_that_ends_ends_the_rehearsal() -> None:
    async def leave(session: Session) -> None:
        await trio.sleep(1.55)

    llm = FakeLlm(answers=["Never heard."])
    stt = FakeStt(utterances=[Utterance(text="a table please", word_s=0.15)])
    talk = Talk(call=FakeCall(lines=[Line(at_s=0.5, for_s=0.7)]), stt=stt, llm=llm, do=leave)
    talk.settings = settings_of(rehearsing())
    talk.hold()
    assert talk.the(AnswerPrepared).reason == "ended by the program"
    assert talk.history == ()
    assert [fake.statistics().open_now for fake in (talk.vad, talk.stt, talk.llm, talk.tts)] == [0, 0, 0, 0]


# -- what is set for single stages


def test_a_word_that_is_being_said_may_be_finished() -> None:
    def hold(finish_word_s: float) -> AgentStoppedSpeaking:
        audio_out = AudioOutSettings(finish_word_s=finish_word_s)
        return interrupted_by(Utterance(text="stop", word_s=0.25), 0.6, audio_out=audio_out).of(AgentStoppedSpeaking)[0]

    at_once, later = hold(0.0), hold(0.3)
    assert at_once.interrupted == later.interrupted == "barge-in"
    assert later.played_s >= at_once.played_s
    assert later.played_s == near(round(later.played_s, 1), 0.045)  # the end of a word, and the half of the fade


def test_sound_that_the_user_has_not_heard_yet_is_said_again_after_a_rest() -> None:
    """A speaker that is half a second behind: what is thrown away when the agent rests is not lost."""
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=3.0, for_s=1.0)]
    call = FakeCall(lines=lines, hangs_up_s=14, speaker_latency_s=0.5)
    talk = Talk(call=call, stt=FakeStt(utterances=["tell me", NOISE]), llm=FakeLlm(answers=[LONG])).hold()
    assert call.flushes >= 1
    assert len(talk.of(AgentResumed)) == 1
    (stopped,) = talk.of(AgentStoppedSpeaking)
    assert (stopped.interrupted, stopped.unheard, stopped.played_s) == (None, "", near(6.0))
