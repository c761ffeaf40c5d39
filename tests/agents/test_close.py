"""How sessions end: at once or drained, for a typed reason, bounded; and what the program has given them to keep."""

from __future__ import annotations

import attrs
import pytest
import trio

from tests.agents.conversation import Talk, after, agent_with
from trialogue.agents import (
    Agent,
    AgentStartedSpeaking,
    AgentStoppedSpeaking,
    EndCall,
    Event,
    Models,
    Session,
    SessionEnded,
    SessionSettings,
    SessionView,
    UserCameBack,
    UserMuted,
    UserTurnEnded,
    UserUnmuted,
    UserWentAway,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech
from trialogue.engine import ConfigurationError, ProviderError, TransportBroken, VirtualTime, run
from trialogue.frames import ToolCall

LONG = " ".join(["word"] * 30)  # three seconds


@tool
def hang_up() -> EndCall:
    """Hang up."""
    return EndCall("Bye.", reason="all is done")


def test_each_end_has_its_cause() -> None:
    gone = Talk(call=FakeCall(hangs_up_s=1)).hold()
    assert gone.the(SessionEnded) == SessionEnded(at_s=1.0, reason="the user has gone", cause="user gone")
    by_program = Talk(call=FakeCall(), do=after((1.0, lambda session: session.end("enough")))).hold()
    assert by_program.the(SessionEnded) == SessionEnded(at_s=1.0, reason="enough", cause="program")
    call = FakeCall(lines=[Line(at_s=0.0, for_s=1.0)])
    llm = FakeLlm(answers=[Answer([ToolCall(call_id="1", name="hang_up", arguments="{}")])])
    by_agent = Talk(call=call, llm=llm, agent=agent_with(hang_up)).hold().the(SessionEnded)
    assert (by_agent.reason, by_agent.cause) == ("all is done", "agent")
    broken = Talk(call=FakeCall(breaks_s=1.0))
    with pytest.RaisesGroup(TransportBroken, flatten_subgroups=True):
        broken.hold()
    assert broken.the(SessionEnded).cause == "failure"


async def test_what_could_not_begin_has_ended() -> None:
    events: list[object] = []
    models = Models(vad=FakeVad(), tts=FakeTts(error=ProviderError("no such voice")))
    session = Session(Agent(instructions=""), models=models, transport=FakeCall(), observers=[events.append])
    with pytest.raises(ProviderError):
        async with session:
            pass
    assert events == [SessionEnded(at_s=0.0, reason="it could not begin", cause="not begun")]
    assert session.ended == "it could not begin"


def test_what_has_not_begun_cannot_be_ended_and_what_has_ended_cannot_begin_again() -> None:
    async def hold() -> None:
        session = Session(Agent(instructions=""), models=Models(llm=FakeLlm(answers=["Yes."])))
        with pytest.raises(ConfigurationError, match="not running"):
            session.end()
        async with session:
            assert await session.reply().wait() == "completed"
        with pytest.raises(ConfigurationError, match="entered once"):
            async with session:
                pass

    run(hold, virtual=VirtualTime())


def test_what_is_typed_after_the_end_is_dropped_like_what_is_said() -> None:
    async def hold() -> None:
        session = Session(Agent(instructions=""), models=Models(llm=FakeLlm(answers=["Yes."])))
        async with session:
            session.end()
            outcomes = [await session.say("Late.").wait(), await session.type("late").wait()]
        outcomes += [await session.say("Later.").wait(), await session.type("later").wait()]
        assert outcomes == ["dropped"] * 4
        assert session.history == ()

    run(hold, virtual=VirtualTime())


def test_at_once_cuts_and_drained_finishes() -> None:
    async def drained(session: Session) -> None:
        session.say(LONG)
        session.say("And goodbye.")
        await trio.sleep(0.5)
        await session.drain("that was all")

    talk = Talk(call=FakeCall(lines=[Line(at_s=1.0, for_s=1.0)]), do=drained).hold()
    assert [event.heard for event in talk.of(AgentStoppedSpeaking)] == [LONG, "And goodbye."]
    assert talk.the(SessionEnded).reason == "that was all"
    assert talk.of(UserTurnEnded) == []  # who goes has no ear any more

    async def at_once(session: Session) -> None:
        session.say(LONG)
        await trio.sleep(0.5)
        session.end()

    (cut,) = Talk(call=FakeCall(), do=at_once).hold().of(AgentStoppedSpeaking)
    assert 0 < len(cut.heard) < len(LONG)


def test_draining_is_bounded() -> None:
    async def drained(session: Session) -> None:
        for _ in range(5):
            session.say(LONG)
        began_s = session.now_s
        await session.drain(within_s=4.0)
        assert session.now_s == pytest.approx(began_s + 4.0)

    talk = Talk(call=FakeCall(), do=drained).hold()
    assert [event.interrupted is None for event in talk.of(AgentStoppedSpeaking)] == [True, False]


def test_a_tool_whose_reply_waits_for_it_cannot_drain() -> None:
    refused: list[str] = []

    @tool
    async def stop() -> str:
        """Stop."""
        session = sessions[0]
        with pytest.raises(ConfigurationError) as caught:
            await session.drain()
        refused.append(str(caught.value))
        return "no"

    async def do(session: Session) -> None:
        sessions.append(session)
        await session.wait_ended()

    sessions: list[Session] = []
    llm = FakeLlm(answers=[Answer([ToolCall(call_id="1", name="stop", arguments="{}")]), "Well."])
    call = FakeCall(lines=[Line(at_s=0.0, for_s=1.0)], hangs_up_s=6)
    talk = Talk(call=call, llm=llm, agent=agent_with(stop), do=do).hold()
    assert "would never end" in refused[0]
    assert talk.of(UserUnmuted)


def test_where_draining_is_cancelled_the_user_counts_again() -> None:
    async def gives_up(session: Session) -> None:
        session.mute()
        session.unmute()
        session.say(LONG)
        with trio.move_on_after(0.5):
            await session.drain()
        await session.wait_ended()

    call = FakeCall(lines=[Line(at_s=8.0, for_s=0.5)], hangs_up_s=12)
    talk = Talk(call=call, stt=FakeStt(utterances=["still there"]), do=gives_up).hold()
    assert [event.reason for event in talk.of(UserMuted)] == ["the program", "until all is said"]
    assert [event.at_s for event in talk.of(UserUnmuted)] == [0.0, pytest.approx(0.5)]
    assert talk.the(UserTurnEnded).text == "still there"


def test_an_observer_ends_the_call_and_all_see_the_same_order() -> None:
    async def hold() -> None:
        models = Models(llm=FakeLlm(), tts=FakeTts())
        async with Session(Agent(instructions=""), models=models, transport=FakeCall(), observers=observers) as session:
            sessions.append(session)
            async with session.events() as stream:
                session.say("Hello.")
                async for event in stream:
                    followed.append(event)

    def ends(event: Event) -> None:
        if isinstance(event, AgentStartedSpeaking):
            sessions[0].end("that is enough")

    sessions: list[Session] = []
    seen: list[Event] = []
    followed: list[Event] = []
    observers = [ends, seen.append]
    run(hold, virtual=VirtualTime())
    assert seen == followed
    begun = [type(event) for event in seen].index(AgentStartedSpeaking)
    assert AgentStoppedSpeaking in map(type, seen[begun + 1 :])
    assert isinstance(seen[-1], SessionEnded)


def test_an_agent_says_goodbye_to_the_end_though_the_session_ends_meanwhile() -> None:
    class Slow(Agent):
        async def on_exit(self, session: Session) -> None:
            """Write something down."""
            await trio.sleep(1.0)
            written.append(session.now_s)

    async def do(session: Session) -> None:
        session.handoff(Agent(instructions=""))
        await trio.sleep(0.2)

    written: list[float] = []
    Talk(call=FakeCall(), agent=Slow(instructions=""), do=do).hold()
    assert written == [pytest.approx(1.0)]


@attrs.define
class Order:
    """What is ordered so far."""

    dishes: list[str] = attrs.Factory(list)


def test_what_was_given_to_keep_is_typed() -> None:
    order = Order()
    session = Session(Agent(instructions=""), models=Models(llm=FakeLlm()), userdata=order)
    session.userdata(Order).dishes.append("soup")
    assert order.dishes == ["soup"]
    with pytest.raises(ConfigurationError, match="no userdata of type str, but Order"):
        session.userdata(str)


def test_who_only_looks_needs_no_more_than_a_view() -> None:
    def told(view: SessionView) -> tuple[str, int, SessionSettings]:
        return view.user_state.name, len(view.history), view.settings

    async def do(session: Session) -> None:
        await session.say("Hello.").wait()
        assert told(session) == ("LISTENING", 1, SessionSettings())
        session.end()

    Talk(call=FakeCall(), do=do).hold()


def test_who_types_is_there() -> None:
    async def hold() -> None:
        events: list[object] = []
        models = Models(llm=FakeLlm(answers=["Yes."] * 3), tts=FakeTts(every=Speech(word_s=0.1)))
        observers = [events.append]
        async with Session(Agent(instructions=""), models=models, transport=FakeCall(), observers=observers) as session:
            await trio.sleep(16)
            session.type("I am here.")
            await trio.sleep(14)
            session.type("I still am.")
            await trio.sleep(1)
        there = [type(event) for event in events if isinstance(event, UserWentAway | UserCameBack)]
        assert there == [UserWentAway, UserCameBack]

    run(hold, virtual=VirtualTime())
