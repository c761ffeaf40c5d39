"""Handles on what the agent says: when it began, how it ended, what of it was heard; who speaks before whom."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING

import pytest
import trio
import trio.testing

from tests.agents.conversation import WORD_S, Talk, after, agent_with, texts
from trialogue.actors import AgentState, UserState
from trialogue.agents import (
    AgentPaused,
    AgentResumed,
    AgentStartedSpeaking,
    AgentStartedThinking,
    AgentStoppedSpeaking,
    ConversationSettings,
    Models,
    Reply,
    ReplyFailed,
    Session,
    SessionSettings,
    ToolContext,
    UserTurnEnded,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, Line, Speech, Utterance
from trialogue.engine import ConfigurationError, ProviderError, VirtualTime, run
from trialogue.frames import ToolCall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TEN_WORDS = "One two three four five six seven eight nine ten."
#: From asking for a text to its first sound, seconds.
VOICE_S = 0.05


def near(at_s: float) -> float:
    """A time, to the nanosecond."""
    result: float = pytest.approx(at_s, abs=1e-9)  # type: ignore[assignment]  # compares as a float
    return result


def hold(do: Callable[[Session], Awaitable[None]], **talk: object) -> Talk:
    """Hold a conversation in which the program does this, and nothing else happens."""

    async def all_of_it(session: Session) -> None:
        await do(session)
        session.end("that was all")

    return Talk(call=FakeCall(), do=all_of_it, **talk).hold()  # type: ignore[arg-type]  # passed on as it is


def test_a_handle_tells_when_it_begins_to_sound_and_how_far_it_is() -> None:
    async def do(session: Session) -> None:
        reply = session.say(TEN_WORDS)
        assert (reply.text, reply.heard, reply.outcome) == (TEN_WORDS, "", None)
        assert await reply.started()
        assert session.now_s == near(VOICE_S)
        await trio.sleep(0.45)
        assert reply.heard == "One two three four"
        assert await reply.wait() == "completed"
        assert session.now_s == near(VOICE_S + 10 * WORD_S)
        assert (reply.heard, reply.reason, reply.error) == (TEN_WORDS, "", None)
        assert await reply.started()  # still

    hold(do)


def test_what_ends_without_a_sound_was_never_started() -> None:
    async def do(session: Session) -> None:
        first, second = session.say(TEN_WORDS), session.say("Never.")
        outcomes: list[bool] = []

        async def wait(reply: Reply) -> None:
            outcomes.append(await reply.started())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait, first)
            nursery.start_soon(wait, second)
            await trio.sleep(0.01)
            session.interrupt()
        assert outcomes == [False, False]
        assert (first.outcome, second.outcome) == ("interrupted", "dropped")

    talk = hold(do)
    assert talk.of(AgentStartedSpeaking) == []
    assert talk.history == ()


def test_cancelling_a_wait_cancels_only_the_wait() -> None:
    async def do(session: Session) -> None:
        reply = session.say(TEN_WORDS)
        for wait in (reply.started, reply.wait):
            with trio.move_on_after(0.01) as patience:
                await wait()
            assert patience.cancelled_caught
        assert await reply.wait() == "completed"

    assert texts(hold(do).history) == [f"agent: {TEN_WORDS}"]


def test_a_failure_is_told_with_its_cause_and_not_raised() -> None:
    down = ProviderError("the vendor is down")

    async def do(session: Session) -> None:
        reply = session.reply()
        assert await reply.wait() == "failed"
        assert reply.error is down
        assert reply.reason == "ProviderError: the vendor is down"

    settings = SessionSettings(conversation=ConversationSettings(apology=""))
    talk = hold(do, llm=FakeLlm(answers=[Answer("", dies_at=0, error=down)]), settings=settings)
    assert talk.the(ReplyFailed).error == "ProviderError: the vendor is down"


def test_one_reply_is_ended_and_the_others_go_on() -> None:
    async def do(session: Session) -> None:
        one, two, three = (session.say(f"Number {number}.") for number in ("one", "two", "three"))
        assert two.interrupt("not needed")
        assert not two.interrupt("again")
        await one.started()
        await trio.sleep(0.11)
        assert one.interrupt()
        assert await three.wait() == "completed"
        assert (one.outcome, one.heard, one.reason) == ("interrupted", "Number", "interrupted by the program")
        assert (two.outcome, two.heard, two.reason) == ("dropped", "", "not needed")

    talk = hold(do)
    assert texts(talk.history) == ["agent: Number -- one.", "agent: Number three."]
    assert len(talk.of(AgentStartedThinking)) == len(talk.of(AgentStoppedSpeaking)) == 2


def test_what_matters_more_is_said_first_and_equals_in_order() -> None:
    async def do(session: Session) -> None:
        session.say("Now.")
        await trio.sleep(0.01)
        session.say("Low one.", priority="low")
        session.say("Normal one.")
        session.say("High one.", priority="high")
        session.say("Normal two.")
        session.say("High two.", priority="high")
        await session.say("Low two.", priority="low").wait()

    said = [event.heard for event in hold(do).of(AgentStoppedSpeaking)]
    assert said == ["Now.", "High one.", "High two.", "Normal one.", "Normal two.", "Low one.", "Low two."]


def test_between_two_replies_is_the_silence_that_was_asked_for() -> None:
    async def do(session: Session) -> None:
        session.say("One.")
        await session.say("Two.").wait()
        await trio.sleep(5)
        await session.say("Three.").wait()

    settings = SessionSettings(conversation=ConversationSettings(min_gap_s=0.7))
    talk = hold(do, settings=settings)
    (_, ends_s, asks_s), starts = (
        [event.at_s for event in talk.of(AgentStoppedSpeaking)],
        [event.at_s for event in talk.of(AgentStartedSpeaking)],
    )
    assert starts[1] == near(talk.of(AgentStoppedSpeaking)[0].at_s + 0.7)
    assert starts[2] == near(ends_s + 5 + VOICE_S)
    assert asks_s == near(starts[2] + WORD_S)


def test_protected_speech_is_stopped_by_force_alone() -> None:
    async def do(session: Session) -> None:
        terms, after_it = session.say(TEN_WORDS, protected=True), session.say("Agreed?")
        await terms.started()
        session.interrupt("please")
        assert (terms.outcome, after_it.outcome) == (None, "dropped")
        assert not terms.interrupt()
        await trio.sleep(0.31)
        session.interrupt("I insist", force=True)
        assert (terms.outcome, terms.heard, terms.reason) == ("interrupted", "One two three", "I insist")

    hold(do)


def test_the_voice_of_the_user_stops_no_protected_speech_and_is_answered_once_after_it() -> None:
    def say(session: Session) -> None:
        session.say(f"{TEN_WORDS} {TEN_WORDS} {TEN_WORDS}", protected=True)

    lines = [Line(at_s=0.5, for_s=0.6), Line(at_s=2.0, for_s=0.6)]
    stt = FakeStt(utterances=[Utterance(text="stop it now", word_s=0.1), Utterance(text="I said stop", word_s=0.1)])
    llm = FakeLlm(answers=["Stopped."])
    talk = Talk(call=FakeCall(lines=lines, hangs_up_s=8), stt=stt, llm=llm, do=after((0.0, say))).hold()
    terms, answer = talk.of(AgentStoppedSpeaking)
    assert terms.interrupted is None
    assert terms.played_s == near(3.0)
    assert [event.text for event in talk.of(UserTurnEnded)] == ["stop it now I said stop"]
    assert answer.heard == "Stopped."
    assert len(llm.records) == 1


# -- a text that comes about


async def counting(*pieces: str, pause_s: float = 0.2) -> AsyncGenerator[str, None]:
    """Pieces of a text, one after another."""
    for piece in pieces:
        await trio.sleep(pause_s)
        yield piece


def test_a_text_is_said_while_it_comes_about() -> None:
    async def do(session: Session) -> None:
        reply = session.say(counting("One two three. ", "Four five six. ", "Seven."))
        await reply.started()
        assert session.now_s == near(0.4 + VOICE_S)  # the next sentence's first word ends the first one
        assert reply.text == "One two three. Four five six. "
        assert await reply.wait() == "completed"
        assert reply.heard == reply.text == "One two three. Four five six. Seven."

    assert texts(hold(do).history) == ["agent: One two three. Four five six. Seven."]


def test_a_text_that_breaks_off_is_said_as_far_as_its_sentences_are_whole() -> None:
    async def breaks() -> AsyncGenerator[str, None]:
        yield "One two three. Four"
        await trio.sleep(0.1)
        raise LookupError("no more")

    async def do(session: Session) -> None:
        reply = session.say(breaks())
        assert await reply.wait() == "failed"
        assert isinstance(reply.error, LookupError)
        assert (reply.heard.strip(), reply.reason) == ("One two three.", "LookupError: no more")

    hold(do)


def test_a_text_that_never_comes_is_given_up() -> None:
    class Never:
        """Has nothing to say."""

        def __aiter__(self) -> AsyncIterator[str]:
            return self

        async def __anext__(self) -> str:
            await trio.sleep_forever()
            raise AssertionError

    async def do(session: Session) -> None:
        reply = session.say(Never())
        assert await reply.wait() == "failed"
        assert "brought nothing for 8 s" in reply.reason
        assert session.now_s == near(8.0)
        assert await session.say("Next.").wait() == "completed"

    hold(do)


def test_the_source_of_a_text_is_closed_when_the_reply_is_cut() -> None:
    closed: list[float] = []

    async def endless(session: Session) -> AsyncGenerator[str, None]:
        try:
            while True:
                yield "La la la. "
                await trio.sleep(0.1)
        finally:
            closed.append(session.now_s)

    async def do(session: Session) -> None:
        reply = session.say(endless(session))
        await reply.started()
        await trio.sleep(0.5)
        assert reply.interrupt()
        await trio.testing.wait_all_tasks_blocked()
        assert closed == [session.now_s]

    hold(do)


# -- faults


def test_a_voice_that_fails_later_does_not_cut_what_is_being_heard() -> None:
    dead = Speech(error=ProviderError("no voice"), dies_after_s=0.0)
    tts = FakeTts(every=Speech(word_s=WORD_S), exceptions={2: dead})

    async def do(session: Session) -> None:
        reply = session.say(f"{TEN_WORDS} {TEN_WORDS} Never heard. Nor this.")
        assert await reply.wait() == "failed"
        assert reply.heard.strip() == f"{TEN_WORDS} {TEN_WORDS}"
        assert await session.say("Well again.").wait() == "completed"

    talk = hold(do, tts=tts)
    failed, stopped = talk.the(ReplyFailed), talk.of(AgentStoppedSpeaking)[0]
    assert failed.at_s < stopped.at_s - 0.5  # told at once
    assert stopped.played_s == near(2.0)
    assert stopped.unheard.strip() == "Never heard. Nor this."
    assert texts(talk.history)[0] == f"agent: {TEN_WORDS} {TEN_WORDS} -- Never heard. Nor this."


def test_what_is_ready_of_a_failed_reply_can_be_interrupted() -> None:
    dead = Speech(error=ProviderError("no voice"), dies_after_s=0.0)
    tts = FakeTts(every=Speech(word_s=WORD_S), exceptions={1: dead})

    async def do(session: Session) -> None:
        reply = session.reply()
        await reply.started()
        await trio.sleep(0.31)
        session.interrupt("enough")
        assert (await reply.wait(), reply.heard) == ("interrupted", "One two three")
        await trio.sleep(2)

    talk = hold(do, tts=tts, llm=FakeLlm(answers=[f"{TEN_WORDS} Never heard."]))
    assert len(talk.of(ReplyFailed)) == 1
    assert len(talk.of(AgentStoppedSpeaking)) == 1  # nobody waits for an apology


# -- what the program wants


def test_the_program_lets_the_agent_rest_and_go_on() -> None:
    async def do(session: Session) -> None:
        reply, following = session.say(TEN_WORDS), session.say("And then.")
        await reply.started()
        await trio.sleep(0.3)
        session.pause()
        session.pause()
        await trio.sleep(5)
        assert (reply.heard, reply.outcome) == ("One two three", None)
        session.resume()
        assert await reply.wait() == "completed"
        session.pause()
        await trio.sleep(1)
        assert not following.sounded
        session.resume()
        assert await following.wait() == "completed"

    talk = hold(do)
    paused, resumed = talk.the(AgentPaused), talk.the(AgentResumed)
    assert (paused.at_s, paused.speech_started_s) == (near(0.35), None)
    assert resumed.paused_s == near(5.0)
    assert talk.of(AgentStoppedSpeaking)[0].played_s == near(1.0)
    assert texts(talk.history) == [f"agent: {TEN_WORDS}", "agent: And then."]


def test_who_rests_for_two_reasons_goes_on_when_both_are_over() -> None:
    """The program's rest begins after the user's, and ends after it."""

    def say(session: Session) -> None:
        session.say(f"{TEN_WORDS} {TEN_WORDS} {TEN_WORDS}")

    steps = after((0.0, say), (1.6, Session.pause), (3.0, Session.resume))
    call = FakeCall(lines=[Line(at_s=1.0, for_s=0.7)], hangs_up_s=9)
    talk = Talk(call=call, stt=FakeStt(utterances=[""]), do=steps).hold()
    assert talk.the(AgentPaused).at_s == near(1.4)
    assert talk.the(AgentResumed).at_s == near(3.0)
    assert talk.the(AgentStoppedSpeaking).played_s == near(3.0)


def test_states_are_those_of_the_turn_policy() -> None:
    async def do(session: Session) -> None:
        assert (session.user_state, session.agent_state) == (UserState.LISTENING, AgentState.IDLE)
        reply = session.say("Hello.")
        await reply.started()
        await trio.testing.wait_all_tasks_blocked()
        assert session.agent_state is AgentState.SPEAKING

    hold(do)


def test_a_tool_that_would_wait_for_what_waits_for_it_is_told_so() -> None:
    told: list[str] = []

    @tool
    async def look(context: ToolContext) -> str:
        """Look something up, and say so in the wrong way."""
        later = context.session.say("This is said after the answer.")
        for wait in (later.wait, later.started):
            with pytest.raises(ConfigurationError, match=r"the agent's reply waits for it.*ToolContext\.say"):
                await wait()
        told.append(later.reply_id)
        return "found"

    llm = FakeLlm(answers=[Answer([ToolCall(call_id="1", name="look", arguments="{}")]), "Found."])

    async def do(session: Session) -> None:
        reply = session.reply()
        assert await reply.wait() == "completed"  # nobody but the tool is refused
        await session.wait_idle(1.0)

    talk = hold(do, llm=llm, agent=agent_with(look))
    assert told == ["reply 2"]
    assert texts(talk.history)[-2:] == ["agent: Found.", "agent: This is said after the answer."]


# -- before and after


async def before_and_after() -> None:
    """A session of which something is wanted before it begins and after it has ended."""
    talk = Talk(call=FakeCall())
    models = Models(vad=talk.vad, stt=talk.stt, llm=talk.llm, tts=talk.tts)
    session = Session(talk.agent, models=models, transport=talk.call)
    reply, dropped = session.say("Hello."), session.say("Not this.")
    assert dropped.interrupt()
    for too_early in (session.commit_turn, session.mute):
        with pytest.raises(ConfigurationError, match="the session is not running"):
            too_early()
    async with session:
        assert await reply.wait() == "completed"
        last = session.say(TEN_WORDS)
        await last.started()
    assert (await last.wait(), last.reason) == ("interrupted", "ended by the program")
    late = session.say("Too late.")
    assert (await late.wait(), late.reason) == ("dropped", "the session is over: ended by the program")
    session.commit_turn()  # without effect
    assert texts(session.history)[0] == "agent: Hello."


def test_a_reply_asked_for_early_waits_for_the_session_and_a_late_one_for_nothing() -> None:
    run(before_and_after, virtual=VirtualTime())
