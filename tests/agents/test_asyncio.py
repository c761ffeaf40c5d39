"""Tools and hooks that were written for asyncio, and sessions in a program that runs on it."""

from __future__ import annotations

import asyncio
import threading

import pytest
import trio

from tests.agents.conversation import Talk, texts
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentStoppedSpeaking,
    DropTurn,
    HeardTurn,
    Models,
    Reply,
    Session,
    ToolContext,
    ToolFinished,
    ToolSettings,
    UserTurnEnded,
    on_asyncio,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line
from trialogue.engine import AsyncioLoop, ConfigurationError, VirtualTime, open_asyncio_loop, run
from trialogue.frames import ToolCall


class OnAsyncio(Agent):
    """Has each of its hooks on asyncio, and notes the threads that they run in."""

    def __init__(self) -> None:
        super().__init__(instructions="Be kind.")
        self.threads: dict[str, int] = {}

    async def _note(self, hook: str) -> None:
        await asyncio.sleep(0)  # fails where no loop of asyncio runs
        self.threads[hook] = threading.get_ident()

    @on_asyncio
    async def on_enter(self, session: Session) -> None:
        """Greet, which is Trio's affair."""
        await self._note("on_enter")
        reply = await session.asyncio.trio.run_sync(session.say, "Hello there.")
        await session.asyncio.trio.run(reply.wait)
        await self._note("heard")

    @on_asyncio
    async def on_user_turn(self, session: Session, turn: HeardTurn) -> DropTurn | None:
        """Correct what was misheard."""
        await self._note("on_user_turn")
        turn.text = turn.text.replace("soap", "soup")
        return None

    @on_asyncio
    async def on_reply(self, session: Session, reply: Reply) -> None:
        """Note it."""
        await self._note(f"on_reply {reply.outcome}")

    @on_asyncio
    async def on_exit(self, session: Session) -> None:
        """Note it."""
        await self._note("on_exit")


def hold(agent: Agent, *answers: Answer | str) -> Talk:
    """A user says one thing."""
    call = FakeCall(lines=[Line(at_s=3.0, for_s=0.5)], hangs_up_s=8)
    llm, stt = FakeLlm(answers=answers or ["Coming."]), FakeStt(utterances=["soap please"])
    return Talk(call=call, stt=stt, llm=llm, agent=agent).hold()


def test_every_hook_may_be_written_for_asyncio() -> None:
    agent = OnAsyncio()
    talk = hold(agent)
    assert set(agent.threads) == {"on_enter", "heard", "on_user_turn", "on_reply completed", "on_exit"}
    (thread,) = set(agent.threads.values())
    assert thread != threading.get_ident()
    assert texts(talk.history) == ["agent: Hello there.", "user: soup please", "agent: Coming."]
    assert not talk.of(ActorFailed)


def test_one_that_hangs_is_cancelled_there_in_its_time_and_gone_on_without() -> None:
    ended: list[str] = []

    class Hangs(Agent):
        @on_asyncio
        async def on_user_turn(self, session: Session, turn: HeardTurn) -> None:
            """Look something up that never comes."""
            try:
                await session.asyncio.trio.run(trio.sleep_forever)
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise

    talk = hold(Hangs(instructions="Be kind."))
    fault = talk.the(ActorFailed)
    assert (fault.actor, fault.cause) == ("on_user_turn", "TimeoutError: on_user_turn has not ended within 1 s")
    assert fault.at_s == pytest.approx(talk.the(UserTurnEnded).at_s + 1.0)
    assert ended == ["cancelled"]
    assert texts(talk.history) == ["user: soap please", "agent: Coming."]


def test_who_speaks_from_the_thread_of_asyncio_is_told_how() -> None:
    class Forgets(Agent):
        @on_asyncio
        async def on_enter(self, session: Session) -> None:
            """Greet without crossing over."""
            session.say("Hello!")

    fault = hold(Forgets(instructions="Be kind.")).the(ActorFailed)
    assert "`await session.asyncio.trio.run_sync(session.say, text)`" in fault.cause


@pytest.mark.parametrize("runs_on", ["thread", "asyncio"])
def test_a_tool_in_another_thread_tells_how_it_goes(runs_on: str) -> None:
    def look(context: ToolContext) -> str:
        """Look for soup."""
        context.say("One moment.")
        return "leek"

    async def look_on_asyncio(context: ToolContext) -> str:
        """Look for soup."""
        await asyncio.sleep(0)
        return look(context)

    made = (
        tool(name="look", settings=ToolSettings(runs_on="thread"))(look)
        if runs_on == "thread"
        else tool(name="look", settings=ToolSettings(runs_on="asyncio"))(look_on_asyncio)
    )
    call = Answer([ToolCall(call_id="1", name="look", arguments="{}")])
    talk = hold(Agent(instructions="Be kind.", tools=[made]), call, "Leek.")
    assert " ".join(talk.the(AgentStoppedSpeaking).heard.split()) == "One moment. Leek."
    assert talk.the(ToolFinished).output == '"leek"'


def test_sessions_may_share_a_loop_that_somebody_else_holds_open() -> None:
    seen: list[asyncio.AbstractEventLoop] = []

    class Looks(Agent):
        @on_asyncio
        async def on_enter(self, session: Session) -> None:
            """Note the loop."""
            seen.append(asyncio.get_running_loop())

    async def call(loop: AsyncioLoop) -> None:
        models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=FakeTts())
        transport = FakeCall(hangs_up_s=1)
        async with Session(Looks(instructions=""), models=models, transport=transport, asyncio=loop) as session:
            await session.wait_ended()

    async def main() -> None:
        async with open_asyncio_loop() as loop:
            await call(loop)
            await call(loop)

    run(main, virtual=VirtualTime())
    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_a_session_that_does_not_run_has_no_loop() -> None:
    models = Models(vad=FakeVad(), stt=FakeStt(), llm=FakeLlm(), tts=FakeTts())
    with pytest.raises(ConfigurationError, match="the session is not running"):
        _ = Session(Agent(instructions=""), models=models, transport=FakeCall()).asyncio


def test_a_real_driver_of_a_database_is_opened_asked_and_closed_on_the_loop() -> None:
    """In the thread of the session's own loop; `examples/web_app.py` has it on the loop of a whole program."""
    aiosqlite = pytest.importorskip("aiosqlite", reason="needs the development packages")

    class Desk(Agent):
        @on_asyncio
        async def on_enter(self, session: Session) -> None:
            """Open it."""
            self.database = await aiosqlite.connect(":memory:")
            await self.database.execute("CREATE TABLE orders AS SELECT 17 AS number, 'on its way' AS state")

        @tool(settings=ToolSettings(runs_on="asyncio"))
        async def find_order(self, number: int) -> str:
            """Find an order."""
            async with self.database.execute("SELECT state FROM orders WHERE number = ?", (number,)) as rows:
                (state,) = await rows.fetchone()
            return str(state)

        @on_asyncio
        async def on_exit(self, session: Session) -> None:
            """Close it: it would warn otherwise."""
            await self.database.close()

    threads = threading.active_count()
    asks = Answer([ToolCall(call_id="1", name="find_order", arguments='{"number": 17}')])
    talk = hold(Desk(instructions="Be kind."), asks, "It is on its way.")
    assert talk.the(ToolFinished).output == '"on its way"'
    assert not talk.of(ActorFailed)
    assert threading.active_count() <= threads + 1  # Trio keeps an idle thread for a while
