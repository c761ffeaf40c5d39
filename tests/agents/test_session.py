"""Whole conversations between fakes, on the virtual clock: what happens when, what is heard, what is remembered.

Times follow from the fakes: the detector is sure of speech after 0.06 s and of silence after 0.3 s, a turn ends 0.5 s
after its speech, the first token comes after 0.1 s and then one each 5 ms, the first sound 0.05 s after its sentence,
and each word takes 0.1 s.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import pytest
import trio

from tests.agents.conversation import Greeter, Talk, after, agent_with, texts
from trialogue.agents import (
    ActorFailed,
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    ConversationSettings,
    Reply,
    ReplyFailed,
    Session,
    SessionEnded,
    SessionSettings,
    SpeechIgnored,
    ToolFinished,
    ToolStarted,
    UserSaid,
    UserStartedSpeaking,
    UserTurnEnded,
    tool,
)
from trialogue.agents.testing import (
    DEFAULT_ANSWER,
    Answer,
    FakeCall,
    FakeLlm,
    FakeStt,
    FakeTts,
    Line,
    Speech,
    Utterance,
)
from trialogue.engine import ConfigurationError, ProviderError
from trialogue.frames import ToolCall, ToolOutput

if TYPE_CHECKING:
    from trialogue.agents import Event

#: From the end of speech to the end of the turn, and from there to the first token, seconds.
ENDPOINT_S = 0.5
FIRST_TOKEN_S = 0.1
VOICE_S = 0.05
#: From the first token to the last one of five words: the voice does not wait for what follows them.
SENTENCE_S = 4 * 0.005
#: A fade of 80 ms that begins with the next frame.
SILENCE_S = 0.08 + 0.02


def near(at_s: float) -> float:
    """A time, to the nanosecond."""
    result: float = pytest.approx(at_s, abs=1e-9)  # type: ignore[assignment]  # compares as a float
    return result


# -- turns


def test_a_greeting_is_heard_and_remembered() -> None:
    talk = Talk(call=FakeCall(hangs_up_s=3), agent=Greeter(instructions="")).hold()
    assert talk.kinds() == ["AgentStartedThinking", "AgentStartedSpeaking", "AgentStoppedSpeaking", "SessionEnded"]
    assert talk.the(AgentStartedSpeaking).at_s == near(VOICE_S)
    stopped = talk.the(AgentStoppedSpeaking)
    assert (stopped.at_s, stopped.played_s, stopped.unheard) == (near(VOICE_S + 0.2), near(0.2), "")
    assert talk.sound().tolist() == [0] * 800 + [500] * 3200
    assert texts(talk.history) == ["agent: Hello there."]
    assert talk.llm.records == []


def test_a_turn_is_answered_after_exactly_the_delays_of_its_parts() -> None:
    talk = Talk(call=FakeCall(lines=[Line(at_s=1.0, for_s=1.0)], hangs_up_s=10)).hold()
    ended = talk.the(UserTurnEnded)
    assert (ended.at_s, ended.speech_ended_s, ended.text) == (near(2.5), near(2.0), "hello how are you")
    assert talk.call.epoch_s is not None
    assert talk.llm.records[0].asked_s - talk.call.epoch_s == near(2.5)
    began = talk.the(AgentStartedSpeaking)
    assert began.latency_s == near(ENDPOINT_S + FIRST_TOKEN_S + SENTENCE_S + VOICE_S)
    assert talk.the(AgentStoppedSpeaking).at_s == near(began.at_s + 4.0)
    assert talk.last_sound_s() == near(began.at_s + 4.0)
    assert texts(talk.history) == ["user: hello how are you", f"agent: {DEFAULT_ANSWER}"]


def test_events_are_complete_and_in_order() -> None:
    stt = FakeStt(utterances=[Utterance(text="hello how are you", word_s=0.2)])
    talk = Talk(call=FakeCall(lines=[Line(at_s=1.0, for_s=0.9)], hangs_up_s=10), stt=stt).hold()
    assert talk.kinds()[:6] == ["UserStartedSpeaking", *["UserSaid"] * 4, "UserStoppedSpeaking"]
    assert [event.text for event in talk.of(UserSaid)] == [
        "hello",
        "hello how",
        "hello how are",
        "hello how are you",
        "hello how are you",
    ]
    assert [event.final for event in talk.of(UserSaid)] == [False] * 4 + [True]
    rest = [kind for kind in talk.kinds()[6:] if kind != "TurnMeasured"]
    assert rest == [
        "UserSaid",
        "UserTurnEnded",
        "AgentStartedThinking",
        "AgentStartedSpeaking",
        "AgentStoppedSpeaking",
        "SessionEnded",
    ]
    assert talk.the(SessionEnded).reason == "the user has gone"


def test_the_model_is_told_the_conversation_and_the_tools() -> None:
    lines = [Line(at_s=0.5, for_s=0.5), Line(at_s=4.0, for_s=0.5)]
    stt = FakeStt(utterances=["first", "second"])
    talk = Talk(
        call=FakeCall(lines=lines, hangs_up_s=8), stt=stt, llm=FakeLlm(answers=["One.", "Two."]), agent=agent_with(dice)
    ).hold()
    first, second = (record.request for record in talk.llm.records)
    assert texts(first.items) == ["user: first"]
    assert texts(second.items) == ["user: first", "agent: One.", "user: second"]
    assert [schema.name for schema in second.tools] == ["dice"]
    assert second.instructions == "Be kind."


@pytest.mark.parametrize(
    ("heard", "commit_s"),
    [
        pytest.param(Utterance(text="late words", final_delay_s=1.0), 2.3, id="late final"),
        pytest.param(Utterance(text="late words", finals=(), word_s=0.2), 4.0, id="no final, but interims"),
        pytest.param(Utterance(text="", finals=((0.0, "late words"), (0.1, "late words"))), 1.5, id="twice"),
        pytest.param(Utterance(text="", finals=((0.0, "late words"), (0.9, "and more"))), 1.5, id="split"),
    ],
)
def test_each_utterance_gets_one_answer_whatever_the_recogniser_does(heard: Utterance, commit_s: float) -> None:
    call = FakeCall(lines=[Line(at_s=0.0, for_s=1.0), Line(at_s=10.0, for_s=1.0)], hangs_up_s=20)
    talk = Talk(call=call, stt=FakeStt(utterances=[heard, "how are you"]), llm=FakeLlm(answers=["One.", "Two."])).hold()
    first, second = talk.of(UserTurnEnded)
    assert (first.text, first.at_s) == ("late words", near(commit_s))
    assert (second.text, second.at_s) == ("how are you", near(11.5))
    assert texts(talk.history) == ["user: late words", "agent: One.", "user: how are you", "agent: Two."]


def test_speech_without_words_is_ignored() -> None:
    talk = Talk(call=FakeCall(lines=[Line(at_s=1.0, for_s=0.2)], hangs_up_s=5), stt=FakeStt(utterances=[""])).hold()
    assert talk.the(SpeechIgnored).text == ""
    assert talk.llm.records == []
    assert talk.history == ()


def test_the_recogniser_hears_the_pre_roll_but_nothing_twice() -> None:
    lines = [Line(at_s=1.0, for_s=0.5), Line(at_s=1.82, for_s=0.5)]
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=6), stt=FakeStt(utterances=["one", "two"])).hold()
    first, second = talk.stt.records
    assert (first.start_sample, first.first_sample) == (16_000, 9_600)
    assert (first.end_sample, second.start_sample) == (24_000, 29_120)
    assert second.first_sample == 24_000  # not 22720: that was said in the first
    assert talk.the(UserTurnEnded).text == "one two"


# -- interruptions


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize("at_s", [2.7, 3.3, 3.31, 3.999])
def test_what_was_heard_before_an_interruption_is_what_is_remembered(at_s: float, words: bool) -> None:
    lines = [Line(at_s=0.5, for_s=0.5), Line(at_s=at_s, for_s=1.0)]
    stt = FakeStt(utterances=["tell me", Utterance(text="stop it now", word_s=0.1)])
    tts = FakeTts(every=Speech(word_s=0.1, words=words), levels=(500, 600, 700, 800, 900, 1000, 1100, 1200))
    call = FakeCall(lines=lines, hangs_up_s=12)
    talk = Talk(call=call, stt=stt, tts=tts, llm=FakeLlm(answers=[DEFAULT_ANSWER, "Fine."])).hold()
    began, answered = talk.of(AgentStartedSpeaking)
    stopped, ended = talk.of(AgentStoppedSpeaking)
    assert stopped.interrupted == "barge-in"
    # 0.4 s of it and two words: then it is an interruption; silence follows within the fade and a frame
    assert stopped.at_s == near(talk.of(UserStartedSpeaking)[1].at_s + 0.4)
    sound = talk.sound()
    assert not sound[round((stopped.at_s + SILENCE_S) * 16_000) : round(answered.at_s * 16_000)].any()
    assert sound[round((stopped.at_s + SILENCE_S - 0.03) * 16_000)] > 0
    heard_words, whole = len(stopped.heard.split()), int(round(stopped.played_s / 0.1, 6))
    assert heard_words == whole if words else whole - 5 <= heard_words <= whole
    assert DEFAULT_ANSWER.startswith(stopped.heard + stopped.unheard)
    assert texts(talk.history) == [
        "user: tell me",
        f"agent: {stopped.heard.strip()} -- {stopped.unheard.strip()}",
        "user: stop it now",
        "agent: Fine.",
    ]
    assert (ended.heard, ended.interrupted) == ("Fine.", None)
    assert began.at_s < stopped.at_s < answered.at_s


# -- tools


@tool
async def dice(sides: int = 6) -> int:
    """Throw a die.

    Args:
        sides: how many sides it has.
    """
    await trio.sleep(0.5)
    return sides - 1


def calls(number: str, name: str = "dice", arguments: str = "{}") -> ToolCall:
    """A call of a tool."""
    return ToolCall(call_id=number, name=name, arguments=arguments)


def test_a_tool_is_run_once_and_its_output_answered() -> None:
    llm = FakeLlm(answers=[Answer(["One moment.", calls("1", arguments='{"sides": 20}')]), "You have 19."])
    talk = Talk(call=FakeCall(lines=[Line(at_s=0.5, for_s=0.5)], hangs_up_s=8), llm=llm, agent=agent_with(dice)).hold()
    started, finished = talk.the(ToolStarted), talk.the(ToolFinished)
    assert (finished.output, finished.is_error) == ("19", False)
    assert finished.at_s == near(started.at_s + 0.5)
    assert started.at_s == near(1.5 + FIRST_TOKEN_S + 0.005)
    assert texts(talk.history) == [
        "user: hello how are you",
        "agent: One moment.",
        'call 1: dice {"sides": 20}',
        "output 1: 19",
        "agent: You have 19.",
    ]
    assert texts(llm.records[1].request.items) == [
        "user: hello how are you",
        "agent: One moment.",
        'call 1: dice {"sides": 20}',
        "output 1: 19",
    ]
    assert talk.the(AgentStoppedSpeaking).heard == "One moment.\nYou have 19."


def test_tools_run_side_by_side_with_one_output_each_even_under_one_id() -> None:
    asked = [calls("1", arguments='{"sides": 2}'), calls("1", arguments='{"sides": 3}'), calls("2", "nothing")]
    llm = FakeLlm(answers=[Answer(asked), "Done.", Answer([calls("1", arguments='{"sides": 4}')]), "Done again."])
    call = FakeCall(lines=[Line(at_s=0.5, for_s=0.5), Line(at_s=5.0, for_s=0.5)], hangs_up_s=10)
    talk = Talk(call=call, llm=llm, agent=agent_with(dice)).hold()
    outputs = [[item.output for item in record.request.items if isinstance(item, ToolOutput)] for record in llm.records]
    unknown = '{"error": "there is no tool \'nothing\'; there are: dice"}'
    assert outputs == [[], ["1", "2", unknown], ["1", "2", unknown], ["1", "2", unknown, "3"]]
    assert [event.at_s for event in talk.of(ToolFinished)] == [near(1.61), near(2.11), near(2.11), near(6.6)]


def test_an_interruption_leaves_a_tool_running() -> None:
    finished: list[bool] = []

    @tool
    async def book() -> str:
        """Book a table."""
        await trio.sleep(2)
        finished.append(True)
        return "booked"

    llm = FakeLlm(
        answers=[Answer(["One moment, I will see what I can do for you.", calls("1", "book")]), "Sure.", "Yes."]
    )
    stt = FakeStt(utterances=["book it", Utterance(text="wait a moment", word_s=0.1), "well"])
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=1.3, for_s=0.6), Line(at_s=5.0, for_s=0.5)]
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=8), stt=stt, llm=llm, agent=agent_with(book)).hold()
    assert finished == [True]
    assert talk.the(ToolFinished).output == '"booked"'
    interrupted = talk.of(AgentStoppedSpeaking)[0]
    assert interrupted.interrupted == "barge-in"
    assert interrupted.at_s < talk.the(ToolFinished).at_s
    while_running, afterwards = (texts(record.request.items) for record in llm.records[1:])
    assert while_running[2:4] == ["call 1: book {}", 'output 1: "still running"']
    assert afterwards[2:4] == ["call 1: book {}", 'output 1: "booked"']
    assert [line for line in texts(talk.history) if line.startswith("output")] == ['output 1: "booked"']


def test_a_failing_tool_is_told_to_the_model() -> None:
    @tool
    def fail(number: int) -> str:
        """Fail."""
        raise RuntimeError(f"no {number}")

    asked = [calls("1", "fail", '{"number": 3}'), calls("2", "fail", '{"number": "x"}'), calls("3", "fail", "[")]
    llm = FakeLlm(answers=[Answer(asked), "I am sorry."])
    talk = Talk(call=FakeCall(lines=[Line(at_s=0, for_s=0.5)], hangs_up_s=5), llm=llm, agent=agent_with(fail)).hold()
    errors = {event.call_id: json.loads(event.output)["error"] for event in talk.of(ToolFinished) if event.is_error}
    assert errors["1"] == "the tool failed: RuntimeError: no 3"
    assert errors["2"] == "fail: number must be int, not 'x'"
    assert errors["3"].startswith("the arguments of fail are no JSON object")
    assert talk.the(AgentStoppedSpeaking).heard == "I am sorry."


def test_a_model_that_only_calls_tools_is_stopped() -> None:
    llm = FakeLlm(answers=lambda request: Answer([calls("1")]) if request.tools else Answer("Enough."))
    call = FakeCall(lines=[Line(at_s=0, for_s=0.5)], hangs_up_s=9)
    talk = Talk(call=call, llm=llm, agent=agent_with(dice)).hold()
    assert len(talk.of(ToolFinished)) == 5
    assert talk.the(AgentStoppedSpeaking).heard == "Enough."


# -- a sign of listening, and going on


def test_mhm_does_not_stop_the_agent_by_a_sample() -> None:
    def hold(*lines: Line) -> Talk:
        stt = FakeStt(utterances=["tell me", Utterance(text="mhm", word_s=0.1)])  # known before the agent would rest
        return Talk(call=FakeCall(lines=lines, hangs_up_s=9), stt=stt).hold()

    quiet, noisy = hold(Line(at_s=0.5, for_s=0.5)), hold(Line(at_s=0.5, for_s=0.5), Line(at_s=3.0, for_s=0.6))
    assert noisy.the(SpeechIgnored).text == "mhm"
    assert noisy.call.sound() == quiet.call.sound()
    assert noisy.history == quiet.history


def test_who_goes_on_before_the_answer_is_heard_has_said_one_thing() -> None:
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=1.02, for_s=0.8)]
    stt = FakeStt(utterances=["a table please", Utterance(text="for four people", word_s=0.1)])
    llm = FakeLlm(answers=[Answer("Never heard.", first_token_s=2.0), "For four, gladly."])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=8), stt=stt, llm=llm).hold()
    assert [turn.text for turn in talk.of(UserTurnEnded)] == ["a table please", "a table please for four people"]
    assert [record.end for record in llm.records] == ["cancelled", "complete"]
    assert texts(llm.records[1].request.items) == ["user: a table please for four people"]
    assert texts(talk.history) == ["user: a table please for four people", "agent: For four, gladly."]
    first = talk.of(AgentStoppedSpeaking)[0]
    assert (first.interrupted, first.played_s, first.heard) == ("user went on", 0.0, "")


def test_what_comes_after_a_tool_call_is_a_message_of_its_own() -> None:
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=1.5, for_s=0.8)]
    stt = FakeStt(utterances=["a table please", Utterance(text="for four people", word_s=0.1)])
    llm = FakeLlm(answers=[Answer([calls("1")]), Answer("Never heard.", first_token_s=2.0), "For four, gladly."])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=8), stt=stt, llm=llm, agent=agent_with(dice)).hold()
    assert talk.of(UserTurnEnded)[1].text == "a table please for four people"
    assert texts(talk.history) == [
        "user: a table please",
        "call 1: dice {}",
        "output 1: 5",
        "user: for four people",
        "agent: For four, gladly.",
    ]


def test_a_turn_that_a_mistaken_noise_interrupted_is_answered_all_the_same() -> None:
    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=1.02, for_s=0.6)]
    noise = Utterance(text="phantom words", word_s=0.2, finals=((0.0, ""),))
    llm = FakeLlm(answers=[Answer("Never heard.", first_token_s=2.0), "Gladly."])
    call = FakeCall(lines=lines, hangs_up_s=8)
    talk = Talk(call=call, stt=FakeStt(utterances=["a table please", noise]), llm=llm).hold()
    assert texts(talk.history) == ["user: a table please", "agent: Gladly."]


def test_a_turn_stays_remembered_when_the_next_reply_is_interrupted_before_it_is_heard() -> None:
    def sorry(session: Session) -> Reply:
        return session.say("Sorry, I am having some trouble.")

    lines = [Line(at_s=0.0, for_s=0.5), Line(at_s=1.2, for_s=0.8)]
    stt = FakeStt(utterances=["a table please", Utterance(text="are you there", word_s=0.1)])
    llm = FakeLlm(answers=[Answer("", dies_at=0, error=ProviderError("the vendor is down")), "Yes."])
    tts = FakeTts(every=Speech(word_s=0.1, first_audio_s=0.5))
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=8), stt=stt, llm=llm, tts=tts, do=after((1.1, sorry)))
    talk.settings = SessionSettings(conversation=ConversationSettings(apology=""))
    assert texts(talk.hold().history) == ["user: a table please", "user: are you there", "agent: Yes."]


# -- what the program says


def test_what_the_program_says_is_said_in_order() -> None:
    def say(session: Session) -> None:
        for number in "one", "two", "three":
            session.say(f"Number {number}.")

    talk = Talk(call=FakeCall(hangs_up_s=3), do=after((0.5, say))).hold()
    assert [event.heard for event in talk.of(AgentStoppedSpeaking)] == ["Number one.", "Number two.", "Number three."]
    starts = [event.at_s for event in talk.of(AgentStartedSpeaking)]
    assert starts == [near(0.55), near(0.80), near(1.05)]
    assert texts(talk.history) == ["agent: Number one.", "agent: Number two.", "agent: Number three."]


def test_too_much_to_say_is_an_error_that_says_what_to_do() -> None:
    def say(session: Session) -> None:
        for _ in range(32):
            session.say("Again.")
        with pytest.raises(ConfigurationError, match=r"32 replies wait .*`await reply\.wait\(\)`"):
            session.say("Too much.")

    talk = Talk(call=FakeCall(hangs_up_s=20), do=after((0.5, say))).hold()
    assert len(talk.of(AgentStoppedSpeaking)) == 32


async def speaking(session: Session, outcomes: list[str]) -> None:
    """Say something, interrupt it after half a second of sound, say something else."""
    reply = session.say("One two three four five six seven eight nine ten.")
    waiting = session.say("This waits, and is dropped.")
    await trio.sleep(VOICE_S + 0.51)
    session.interrupt("the program wants it")
    outcomes += [await reply.wait(), reply.heard, reply.reason, await waiting.wait(), waiting.heard]
    last = session.say("Next.")
    outcomes += [await last.wait(), last.heard]


def test_the_program_interrupts() -> None:
    outcomes: list[str] = []
    talk = Talk(call=FakeCall(), do=lambda session: speaking(session, outcomes)).hold()
    assert outcomes == [
        "interrupted",
        "One two three four five",
        "the program wants it",
        "dropped",
        "",
        "completed",
        "Next.",
    ]
    assert talk.kinds() == [
        *["AgentStartedThinking", "AgentStartedSpeaking", "AgentStoppedSpeaking"] * 2,
        "SessionEnded",
    ]
    # 26 frames were played, then the fade of 80 ms; the next reply comes as fast as any
    assert [frame.at_sample for _, frame in talk.call.heard] == [800 + 320 * number for number in range(26 + 4 + 5)]
    assert talk.of(AgentStartedSpeaking)[1].at_s == near(0.65)
    assert texts(talk.history) == [
        "agent: One two three four five -- six seven eight nine ten.",
        "agent: Next.",
    ]


def test_a_reply_that_is_interrupted_before_its_first_sample_makes_no_sound() -> None:
    async def do(session: Session) -> None:
        reply = session.say("Never heard.")
        await trio.sleep(VOICE_S / 2)
        session.interrupt("too early")
        assert await reply.wait() == "interrupted"
        await trio.sleep(1)

    talk = Talk(call=FakeCall(), do=do).hold()
    assert talk.call.heard == []
    assert talk.history == ()
    assert talk.kinds() == ["AgentStartedThinking", "AgentStoppedSpeaking", "SessionEnded"]


def test_a_reply_is_asked_for_with_instructions_of_its_own() -> None:
    talk = Talk(
        call=FakeCall(hangs_up_s=3),
        llm=FakeLlm(answers=["Bonjour."]),
        do=after((0.5, lambda session: session.reply("Greet in French."))),
    ).hold()
    assert talk.llm.records[0].request.instructions == "Be kind.\n\nGreet in French."
    assert texts(talk.history) == ["agent: Bonjour."]


# -- what goes wrong


APOLOGY = ConversationSettings().apology


@pytest.mark.parametrize("dies_at", [0, 1, 18])
def test_a_model_that_fails_ends_the_reply_and_not_the_call(dies_at: int) -> None:
    dies = Answer(DEFAULT_ANSWER, dies_at=dies_at, error=ProviderError("the vendor is down"))
    call = FakeCall(lines=[Line(at_s=0.0, for_s=0.5), Line(at_s=6.0, for_s=0.5)], hangs_up_s=10)
    talk = Talk(call=call, llm=FakeLlm(answers=[dies, "Back again."])).hold()
    assert "the vendor is down" in talk.the(ReplyFailed).error
    failed, apology, answer = talk.of(AgentStoppedSpeaking)
    assert failed.interrupted is not None
    assert "the vendor is down" in failed.interrupted
    # What was ready is said to its end: whole sentences, and no half one.
    ready = (
        "The quick brown fox jumps. Every good boy does fine. Seven small ships sailed south." if dies_at > 1 else ""
    )
    assert [failed.heard.strip(), apology.heard, answer.heard] == [ready, APOLOGY, "Back again."]
    assert texts(talk.history) == [
        "user: hello how are you",
        *([f"agent: {ready} -- {failed.unheard.strip()}"] if ready else []),
        f"agent: {APOLOGY}",
        "user: hello how are you",
        "agent: Back again.",
    ]


def test_a_request_that_fails_before_its_first_token_is_made_again() -> None:
    error = ProviderError("busy", retryable=True, retry_after_s=0.25)
    llm = FakeLlm(answers=[Answer("", dies_at=0, error=error), "Gladly."])
    talk = Talk(call=FakeCall(lines=[Line(at_s=0.0, for_s=0.5)], hangs_up_s=5), llm=llm).hold()
    assert talk.of(ReplyFailed) == []
    assert [record.end for record in llm.records] == ["failed", "complete"]
    assert llm.records[1].asked_s == near(llm.records[0].asked_s + 0.1 + 0.25)
    assert texts(talk.history) == ["user: hello how are you", "agent: Gladly."]


def test_a_stalled_model_is_given_up_after_its_patience() -> None:
    answer = Answer("One two three. Four five six.", stalls={4: 100.0})
    call = FakeCall(lines=[Line(at_s=0.0, for_s=0.5)], hangs_up_s=10)
    talk = Talk(call=call, llm=FakeLlm(answers=[answer])).hold()
    failed = talk.the(ReplyFailed)
    assert "the language model has given nothing for 4 s" in failed.error
    given_up_s = 1.0 + FIRST_TOKEN_S + 3 * 0.005 + 4.0
    assert given_up_s <= failed.at_s <= given_up_s + 0.02  # it was heard to its end: until the frame after
    assert talk.of(AgentStoppedSpeaking)[1].heard == APOLOGY


DEAD = ProviderError("no voice")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param(Speech(error=DEAD, dies_after_s=0.0, first_audio_s=0.17), "no voice", id="dies"),
        pytest.param(Speech(error=DEAD, dies_after_s=0.1), "no voice", id="dies in the sentence"),
        pytest.param(Speech(sentence_s=0.0), "gave no sound", id="silent"),
    ],
)
def test_what_a_failing_voice_left_out_is_not_remembered(fault: Speech, reason: str) -> None:
    call = FakeCall(lines=[Line(at_s=0.0, for_s=0.5)], hangs_up_s=8)
    tts = FakeTts(every=Speech(word_s=0.1), exceptions={1: fault, 2: fault})
    talk = Talk(call=call, tts=tts, llm=FakeLlm(answers=["Hello there, friend. Goodbye."])).hold()
    assert reason in talk.of(ReplyFailed)[0].error
    failed = talk.of(AgentStoppedSpeaking)[0]
    assert "Hello there, friend.".startswith(failed.heard.strip())
    whole_words = int(round(failed.played_s / 0.1, 6))
    assert len(failed.heard.split()) in (
        whole_words - 1,
        whole_words,
    )  # of the last, no end was told
    assert failed.heard + failed.unheard == "Hello there, friend. Goodbye."
    heard = [f"agent: {failed.heard.strip()} -- {failed.unheard.strip()}"] if failed.heard else []
    assert texts(talk.history)[: 1 + len(heard)] == ["user: hello how are you", *heard]


def test_a_voice_without_any_sound_says_nothing_that_is_remembered() -> None:
    tts = FakeTts(every=Speech(sentence_s=0.0))
    talk = Talk(call=FakeCall(hangs_up_s=5), tts=tts, agent=Greeter(instructions="")).hold()
    assert "gave no sound" in talk.the(ReplyFailed).error
    assert talk.history == ()
    assert talk.kinds() == ["AgentStartedThinking", "ReplyFailed", "AgentStoppedSpeaking", "SessionEnded"]


def test_a_model_that_writes_nothing_has_answered() -> None:
    talk = Talk(call=FakeCall(lines=[Line(at_s=0, for_s=0.5)], hangs_up_s=5), llm=FakeLlm(answers=[""])).hold()
    assert talk.of(ReplyFailed) == []
    assert talk.the(AgentStoppedSpeaking).interrupted is None
    assert texts(talk.history) == ["user: hello how are you"]


def test_a_user_who_hangs_up_mid_speech_has_heard_what_is_remembered() -> None:
    talk = Talk(call=FakeCall(lines=[Line(at_s=0, for_s=0.5)], hangs_up_s=2.0)).hold()
    stopped = talk.the(AgentStoppedSpeaking)
    assert stopped.interrupted == "the user has gone"
    assert stopped.heard.split() == DEFAULT_ANSWER.split()[: int(round(stopped.played_s / 0.1, 6))]
    assert talk.kinds()[-2:] == ["AgentStoppedSpeaking", "SessionEnded"]
    assert texts(talk.history)[1] == f"agent: {stopped.heard.strip()} -- {stopped.unheard.strip()}"


@pytest.mark.parametrize("at_s", [0.0, 0.01, 0.25, 0.5, 0.9, 1.0, 1.05, 1.13, 1.18, 1.3, 2.0])
def test_leaving_at_any_moment_ends_at_once_and_gives_everything_back(at_s: float) -> None:
    async def leave(session: Session) -> None:
        await trio.sleep(at_s)

    talk = Talk(call=FakeCall(lines=[Line(at_s=0.0, for_s=0.5)]), do=leave).hold()
    assert talk.the(SessionEnded).at_s == near(at_s)
    assert [fake.statistics().open_now for fake in (talk.vad, talk.stt, talk.llm, talk.tts)] == [0, 0, 0, 0]
    assert len(talk.of(AgentStartedThinking)) == len(talk.of(AgentStoppedSpeaking))
    assert all(record.end in ("complete", "cancelled", "left") for record in talk.llm.records)


def test_a_stalled_wire_delays_the_voice_and_loses_nothing() -> None:
    call = FakeCall(stalls=[(0.1, 1.1)], hangs_up_s=5)
    talk = Talk(call=call, agent=Greeter(instructions="")).hold()
    assert b"".join(frame.pcm for _, frame in call.heard) == b"\xf4\x01" * 3200
    assert texts(talk.history) == ["agent: Hello there."]


# -- the same again


@pytest.mark.parametrize("seed", [0, 1])
def test_two_equal_conversations_are_equal_to_the_byte(seed: int) -> None:
    def hold() -> tuple[list[Event], list[tuple[float, bytes, int]]]:
        lines = [Line(at_s=0.5, for_s=1.0), Line(at_s=3.0, for_s=1.0), Line(at_s=7.0, for_s=0.7)]
        stt = FakeStt(utterances=["throw the dice", Utterance(text="no wait stop", word_s=0.2), "go on"])
        llm = FakeLlm(answers=[Answer(["Well. ", calls("1"), calls("2")]), DEFAULT_ANSWER, "Fine.", "Sure."])
        call = FakeCall(lines=lines, hangs_up_s=12)
        talk = Talk(call=call, stt=stt, llm=llm, agent=agent_with(dice), seed=seed).hold()
        return talk.events, [(at_s, frame.pcm, frame.at_sample) for at_s, frame in call.heard]

    assert hold() == hold()


def test_ten_minutes_pass_in_seconds() -> None:
    lines = [Line(at_s=12.0 * number, for_s=1.0) for number in range(50)]
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=600)).hold()
    assert len(talk.of(UserTurnEnded)) == 50
    assert len({event.latency_s for event in talk.of(AgentStartedSpeaking)}) <= 50
    assert all(event.latency_s == pytest.approx(0.67, abs=1e-6) for event in talk.of(AgentStartedSpeaking))


def test_what_was_on_its_way_when_the_agent_was_cut_off_was_not_heard() -> None:
    def heard(latency_s: float) -> tuple[str, int]:
        call = FakeCall(lines=(Line(at_s=1.5, for_s=1.0),), hangs_up_s=4.0, speaker_latency_s=latency_s)
        talk = Talk(call=call, agent=Greeter(instructions="Be kind."), do=say_much).hold()
        stopped = next(event for event in talk.of(AgentStoppedSpeaking) if event.interrupted)
        return stopped.heard, call.flushes

    async def say_much(session: Session) -> None:
        session.say(DEFAULT_ANSWER)
        await session.wait_ended()

    at_once, flushes = heard(0.0)
    later, _ = heard(0.5)
    assert flushes > 0
    assert at_once.startswith(later)
    assert len(at_once.split()) - len(later.split()) == 6  # half a second at ten words a second, and half a fade


def test_a_recogniser_that_breaks_is_replaced_and_hears_what_was_missed() -> None:
    breaks = Utterance(text="", error=ProviderError("the line broke", retryable=True))
    talk = Talk(
        call=FakeCall(lines=[Line(at_s=1.0, for_s=1.0)], hangs_up_s=10),
        stt=FakeStt(utterances=[breaks, "heard after all"]),
    )
    talk.hold()
    assert talk.the(ActorFailed).decision == "restart"
    assert talk.the(UserTurnEnded).text == "heard after all"
    first, second = talk.stt.records
    assert (first.start_sample, first.end_sample) == (second.start_sample, second.end_sample)
    assert (first.first_sample, first.samples) == (second.first_sample, second.samples)
    assert talk.stt.statistics().opened == 2


def test_no_word_is_lost_when_a_recogniser_breaks_in_the_middle_of_speech() -> None:
    breaks = Utterance(text="", error=ProviderError("broken", retryable=True))
    lines = [Line(at_s=1.0, for_s=0.5), Line(at_s=1.9, for_s=1.0)]
    stt = FakeStt(utterances=[attrs.evolve(breaks, final_delay_s=0.3), "never told", "the first", "and the second"])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=10), stt=stt).hold()
    assert talk.the(UserTurnEnded).text == "the first and the second"
    assert [(record.start_sample, record.end_sample) for record in stt.records] == [
        (16_000, 24_000),
        (16_000, 24_000),
        (30_400, 46_400),
    ]
