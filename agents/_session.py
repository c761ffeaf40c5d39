"""Sessions: a conversation between a user at a transport and an agent."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Self

import trio

from trialogue.actors import AgentState, KeypadSettings, TurnCleared, TurnCommitted, UserState
from trialogue.agents import _events as news
from trialogue.agents._accompaniment import Accompaniment
from trialogue.agents._books import Books
from trialogue.agents._call_events import UserPressedKey
from trialogue.agents._cast import Cast, Parts, open_cast
from trialogue.agents._event_stream import EventListener, EventStream, actor_failed, go_on_without
from trialogue.agents._flight_record import FlightRecord, flight_recorded, turn_policy
from trialogue.agents._floor import ConversationFloor
from trialogue.agents._history import History
from trialogue.agents._keys import checked_keys
from trialogue.agents._loading import load_in_background
from trialogue.agents._mouth import Lines, Mouth
from trialogue.agents._mute import BY_THE_PROGRAM
from trialogue.agents._nudge import Nudger
from trialogue.agents._performance import ReplyKit
from trialogue.agents._reply import Asked, Priority, Reply
from trialogue.agents._report import Reporter, SessionReport
from trialogue.agents._requests import model_name
from trialogue.agents._seat import Change, Seat, Surroundings
from trialogue.agents._session_parts import Given, Running, asyncio_loop
from trialogue.agents._settings import Models, SessionSettings
from trialogue.agents._stays import Takeover
from trialogue.agents._time import SessionTime
from trialogue.agents._tool_runner import ToolRunner, ToolSurroundings
from trialogue.agents._wiring import Ears, SessionParts, build_ears
from trialogue.engine import ActorFault, ConfigurationError, Pacer

if TYPE_CHECKING:
    from types import TracebackType

    from trialogue.actors import KeysEntered, ReadySound
    from trialogue.agents._agent import Agent
    from trialogue.agents._background import Background
    from trialogue.agents._chat_context import ReadOnlyContext
    from trialogue.agents._structured import ReplyForm
    from trialogue.agents._tools import Tool, ToolFunction
    from trialogue.engine import AsyncioLoop, AudioSink, Graph, LanguageModel, TextToSpeech, Transport
    from trialogue.frames import ChatItem

_log = logging.getLogger(__name__)


class Session:
    """A conversation. Enter it as an async context manager; leaving it ends the call.

    Args:
        agent: who speaks.
        models: the providers.
        transport: where the user is.
        settings: the settings of all stages.
        recording: where to keep both sides, the user left and the agent right; stereo.
        observers: called with each event as it happens; short and synchronous. One that raises is told of as a fault,
            and not called again.
        pacer: paces the playout of many sessions in one task, which somebody else runs; None brings an own one.
        flight_record: where to write down what decides the turns, to be looked into with `trialogue replay`.
        asyncio: the loop for tools and hooks that were written for asyncio, which somebody else holds open: that of
            many sessions, or `TrioHost.asyncio` in a program on asyncio. None brings an own one with the first call.

    What fails, and what becomes of it: a model or voice ends the reply, and the agent apologises; a detector or
    recogniser is replaced, and nothing that was said meanwhile is lost; a recording, an observer or `on_enter` is gone
    on without; a tool's error is told to the model. What cannot be gone on without (the transport broke, replacing did
    not help) ends the session and comes out of the `async with` in an exception group. Each fault is told as one event.
    """

    def __init__(  # noqa: PLR0913  # each is a thing of its own, and only three must be given
        self,
        agent: Agent,
        *,
        models: Models,
        transport: Transport,
        settings: SessionSettings | None = None,
        recording: AudioSink | None = None,
        observers: Sequence[Callable[[news.Event], None]] = (),
        pacer: Pacer | None = None,
        flight_record: FlightRecord | None = None,
        asyncio: AsyncioLoop | None = None,
    ) -> None:
        self._given = Given(
            models=models,
            transport=transport,
            settings=settings or SessionSettings(),
            recording=recording,
            pacer=pacer,
            asyncio=asyncio,
        )
        self._time = SessionTime()
        self._reporter = Reporter(self._given.settings, recording)
        self._events = EventStream([self._reporter, *observers])
        self._history = History()
        self._policy = turn_policy(self._given.settings.turn, flight_record)
        books = Books(self._history, self._emit, self._time)
        self._seat = Seat(agent, books, self._given.settings)
        conversation = self._given.settings.conversation
        synthesise = self._given.settings.turn.preparation.synthesise
        self._mouth = Mouth(books, conversation, self._seat, synthesise=synthesise)
        format = transport.speaker_format
        self._beside = Accompaniment(self._events, self._mouth.queue, conversation.background, format)
        nudger = Nudger(self._mouth, conversation.nudge)
        self._floor = ConversationFloor(self._mouth, books, nudger, conversation)
        self._stack = contextlib.AsyncExitStack()
        self._running: Running | None = None

    # -- what a user of it does

    async def __aenter__(self) -> Self:
        try:
            await self._stack.enter_async_context(self._run_recorded())
        finally:
            if self._running is None:  # who listens already must not wait for ever
                self._events.end(0.0, "it could not begin")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        # What it closes is shielded and bounded where that is needed: workers by their owner, the recorder by itself.
        return bool(await self._stack.__aexit__(kind, error, traceback))  # noqa: ASYNC102  # see above

    @property
    def agent(self) -> Agent:
        """Who has the conversation now."""
        return self._seat.agent

    def handoff(self, agent: Agent, *, keep_context: bool = True) -> None:
        """Leave the conversation to another agent. Synchronous: it happens when all that is to be said has been said.

        The order: `on_exit` of the old agent and what that says; a `Handoff` item; the event `AgentChanged`; `on_enter`
        of the new agent. What the user says meanwhile is answered by the new agent after that. Tools that run go on,
        and their outputs are remembered. A tool hands over by returning the agent, or `HandOver(agent, result)`.

        Args:
            agent: who takes over.
            keep_context: whether its model is told what was said before; it is remembered in any case.

        Raises:
            ConfigurationError: the session is not running, or too many agents wait to take over.
        """
        self._seat.hand_over(Takeover(agent=agent, keep_context=keep_context))

    def report(self) -> SessionReport:
        """The call so far, or all of it when it is over: settings, events, what is remembered, what was used."""
        return self._reporter.report(self.context)

    @property
    def context(self) -> ReadOnlyContext:
        """The conversation as it is now: as `history`, with hand-offs, changes of settings and summaries."""
        return self._history.all

    @property
    def history(self) -> tuple[ChatItem, ...]:
        """What is remembered: what the user said, what was heard of the agent, and the tools, oldest first."""
        return self._history.items

    @property
    def graph(self) -> Graph:
        """The actors that live as long as the session, to be drawn, and their channels' statistics.

        Raises:
            ConfigurationError: the session is not running.
        """
        return self._parts.ears.graph

    @property
    def asyncio(self) -> AsyncioLoop:
        """Runs what was written for asyncio: `await session.asyncio.run(connection.execute, "SELECT 1")`.

        Raises:
            ConfigurationError: the session is not running.
        """
        return self._parts.asyncio

    @property
    def now_s(self) -> float:
        """Session time: seconds since the microphone's first sample."""
        return self._time.now_s

    async def update(
        self,
        *,
        instructions: str | None = None,
        tools: Iterable[Tool | ToolFunction] | None = None,
        llm: LanguageModel | None = None,
        tts: TextToSpeech | None = None,
    ) -> None:
        """Change the agent that has the conversation, or the models, in the middle of it: all of it, or nothing.

        New models are opened first. Then everything changes in one step: what is being said goes on as it was begun,
        the next reply is the first that is different. A model that was replaced is closed when no reply needs it. What
        changed is kept in `context` as SettingsChanged. Where this raises or is cancelled, nothing has changed.

        Args:
            instructions: the agent's, from now on; None leaves them.
            tools: the agent's, from now on, beside those among its methods; None leaves them.
            llm, tts: of the session from now on, in the place of what this agent may bring, too; None leaves them.

        Raises:
            ConfigurationError: the session is not running, or two tools have the same name.
            ProviderError: a model could not be opened.
        """
        change = Change(
            agent=self.agent,
            instructions=instructions,
            tools=None if tools is None else self.agent.tools_with(tools),
            models=Parts(llm=llm, tts=tts),
        )
        await self._seat.update(change)
        self._mouth.forget_rehearsal("the settings have changed")

    def say(
        self,
        text: str | AsyncIterable[str] = "",
        *,
        audio: ReadySound | None = None,
        priority: Priority = "normal",
        protected: bool = False,
    ) -> Reply:
        """Say a text, or ready audio. Returns its handle at once; it waits until nothing else is said.

        Args:
            text: all of it, or its pieces as they come about. With `audio`, what is said there, all of it: for captions
                and for what is remembered; may be empty.
            audio: what is played instead of the voice: a Clip, or AudioFrames one after another, of any format.
            priority: what waits is said in this order, and among equals in the order of asking.
            protected: the user's voice does not stop it; only `interrupt(force=True)` does.

        Raises:
            ConfigurationError: 32 replies wait already, or a text that is not there yet has `audio`.
            AudioError: `audio` cannot be sound. What is wrong with a piece of it is the reply's failure.
        """
        return self._mouth.ask_for(Asked(kind="say", text=text, sound=audio, priority=priority, protected=protected))

    def reply(
        self,
        instructions: str = "",
        *,
        form: ReplyForm[object] | None = None,
        priority: Priority = "normal",
        protected: bool = False,
    ) -> Reply:
        """Have the model say something. Returns its handle at once; it waits until nothing else is said.

        Args:
            instructions: told to the model in addition, for this reply alone.
            form: what it is to answer beside what is said; None is as the agent has it.
            priority, protected: as for `say`.

        Raises:
            ConfigurationError: 32 replies wait already.
        """
        wanted = None if form is None else form.form
        asked = Asked(kind="answer", instructions=instructions, form=wanted, priority=priority, protected=protected)
        return self._mouth.ask_for(asked)

    def send_keys(self, keys: str, *, priority: Priority = "normal") -> Reply:
        """Press keys of a telephone: their tones are sent, in order with what is said. The user's voice stops none.

        Args:
            keys: 0 to 9, `*`, `#`, A to D; a comma is a pause of two seconds.
            priority: as for `say`.

        Raises:
            ConfigurationError: one is no key, or 32 replies wait already.
        """
        return self._mouth.ask_for(Asked(kind="keys", text=checked_keys(keys), priority=priority, protected=True))

    async def collect_keys(self, settings: KeypadSettings | None = None) -> KeysEntered:
        """Wait until the user has typed something. Raises ConfigurationError: the session is not running.

        The first key silences the agent, and is waited for from the end of what it says on.

        Args:
            settings: when it is complete.
        """
        async with self.events(UserPressedKey, news.AgentStoppedSpeaking) as events:
            with self._floor.keys.collecting():
                return await self._floor.keys.collect(events, settings or KeypadSettings())

    def interrupt(self, reason: str = "interrupted by the program", *, force: bool = False) -> None:
        """Silence the agent: what it says is cut with a fade, what waits to be said is dropped. Synchronous.

        Args:
            reason: why, for the outcome of the replies and the events.
            force: whether protected replies end, too.
        """
        self._mouth.interrupt(reason, force=force)

    def pause(self) -> None:
        """Let the agent rest in the middle of what it says; nothing begins to sound before `resume`. Synchronous.

        It thinks and listens on, and can be interrupted.
        """
        self._mouth.pause("program")

    def resume(self) -> None:
        """Let the agent go on from the first sample that was not heard at full gain. Synchronous."""
        self._mouth.resume("program")

    @property
    def background(self) -> Background:
        """What sounds besides the voice. Raises ConfigurationError where ConversationSettings.background is None."""
        return self._beside.background

    @property
    def user_state(self) -> UserState:
        """What the user does, as far as the turn policy knows."""
        return self._policy.user

    @property
    def agent_state(self) -> AgentState:
        """What the agent does: as the turn policy sees it."""
        return self._policy.agent

    def commit_turn(self) -> None:
        """The user's turn is over now, whatever the silence: push to talk. Synchronous.

        Words that are still on their way are waited for, up to EndpointingSettings.transcript_deadline_s; who is still
        speaking may end the sentence until then. Where the user has said nothing, nothing happens.

        Raises:
            ConfigurationError: the session is not running.
        """
        self._floor.tell(TurnCommitted(at_s=self.now_s))

    def clear_turn(self) -> None:
        """What the user has said since the last turn, or is saying, does not count. Synchronous.

        Raises as `commit_turn`.
        """
        self._floor.tell(TurnCleared(at_s=self.now_s))

    def mute(self) -> None:
        """What the user says does not count from now on, nor what is being said. Synchronous. Raises as `commit_turn`.

        It is heard all the same: a turn that was left open is not.
        """
        self._floor.mute(BY_THE_PROGRAM)

    def unmute(self) -> None:
        """What the user says counts again, unless a strategy of `ConversationSettings.mute` still wants otherwise."""
        self._floor.unmute(BY_THE_PROGRAM)

    def events(self, *types: type[news.Event]) -> contextlib.AbstractAsyncContextManager[EventListener]:
        """Follow what happens: `async with session.events() as stream: async for event in stream: ...`.

        Args:
            types: the kinds of events wanted; none means all, but for captions (AgentSaid), which must be named.
        """
        return self._beside.captions.listen(types)

    @property
    def ended(self) -> str | None:
        """Why the session is over; None while it is not."""
        return self._events.ended

    async def wait_ended(self) -> str:
        """Wait until the user has gone, the program has ended the session, or it broke; returns why."""
        return await self._events.wait_ended()

    async def wait_idle(self, for_s: float) -> None:
        """Wait until nobody has spoken, thought or waited for words for so long, seconds."""
        while True:
            with trio.move_on_after(for_s) as pause:
                await self._events.wait_any()
            if pause.cancelled_caught and self._is_idle():
                return

    def end(self, reason: str = "ended by the program") -> None:
        """End the conversation: silence the agent, let `wait_ended` return. Synchronous; the first reason counts."""
        self._seat.close(reason)
        self._mouth.close(reason)
        self._events.end(self.now_s, reason)

    # -- the insides

    @property
    def _parts(self) -> Running:
        if self._running is None:
            raise ConfigurationError("the session is not running; use it inside `async with session:`")
        return self._running

    @contextlib.asynccontextmanager
    async def _run_recorded(self) -> AsyncGenerator[None, None]:
        with flight_recorded(self._policy, self._go_on_without_record):
            async with self._run():
                yield

    @contextlib.asynccontextmanager
    async def _run(self) -> AsyncGenerator[None, None]:
        models = self._given.models
        async with (
            open_cast(Parts(llm=models.llm, tts=models.tts), Parts(llm=self.agent.llm, tts=self.agent.tts)) as cast,
            asyncio_loop(self._given.asyncio) as asyncio,
            trio.open_nursery() as nursery,
        ):
            self._time.begin()
            ears = self._build_ears(self._session_parts(nursery))
            tools = self._tool_runner(nursery, asyncio)
            self._running = Running(ears=ears, tools=tools, asyncio=asyncio)
            gate, settings = self._mouth.gate, self._given.settings
            kit = ReplyKit(cast=cast, track=ears.track, tools=tools, gate=gate, settings=settings)
            lines = Lines(kit=kit, nursery=nursery, facts=ears.reply_facts, dropped=self._floor.see_what_is_left)
            self._mouth.begin(lines)
            self._beside.begin(ears.track)
            self._floor.open(ears.reply_facts, model_name(models.stt))
            self._seat.open(self._surroundings(nursery, cast))
            nursery.start_soon(ears.graph.run, self._actor_failed, name="session graph")
            nursery.start_soon(self._mouth.run, name="mouth")
            nursery.start_soon(self._seat.run, name="seat")
            nursery.start_soon(load_in_background, self._given.settings, name="loading")
            try:
                yield
            finally:
                self.end()
                with trio.move_on_after(settings.conversation.hook_s, shield=True):
                    await self._seat.leave()
                ears.track.close()
                nursery.cancel_scope.cancel(reason="the session has ended")

    def _surroundings(self, nursery: trio.Nursery, cast: Cast) -> Surroundings:
        return Surroundings(
            session=self, nursery=nursery, mouth=self._mouth, cast=cast, entered=self._floor.see_what_is_left
        )

    def _session_parts(self, nursery: trio.Nursery) -> SessionParts:
        given = self._given
        pacer = given.pacer
        if pacer is None:
            pacer = Pacer()
            nursery.start_soon(pacer.run, name="pacer")
        return SessionParts(
            models=given.models,
            settings=given.settings,
            transport=given.transport,
            recording=given.recording,
            pacer=pacer,
            policy=self._policy,
            floor=self._floor,
            keys=self._floor.keys,
            callee=self._floor.callee,
            keyterms=lambda: self._seat.keyterms,
            epoch_s=self._time.epoch_s,
            end=self.end,
        )

    def _build_ears(self, parts: SessionParts) -> Ears:
        """The actors that live as long as the session; the simulator's hear and speak without sound."""
        return build_ears(parts)

    def _tool_runner(self, nursery: trio.Nursery, asyncio: AsyncioLoop) -> ToolRunner:
        return ToolRunner(
            ToolSurroundings(
                session=self,
                nursery=nursery,
                history=self._history,
                emit=self._floor.follow_tool,
                hand_over=self._seat.hand_over,
                follow_up=self._mouth.follow_up,
                asyncio=asyncio,
                patience_s=self._given.settings.tool_s,
            )
        )

    def _emit(self, event: news.Event) -> None:
        self._events.emit(self._seat.redacted(event))
        self._beside.observe(event)

    def _go_on_without_record(self, error: OSError) -> None:
        _log.warning("the flight record ends here: %s", error)
        self._emit(go_on_without("flight record", error, self.now_s))

    def _is_idle(self) -> bool:
        return (
            self._policy.user in (UserState.LISTENING, UserState.AWAY)
            and self._policy.agent is AgentState.IDLE
            and not self._mouth.queue.busy
            and not self._parts.tools.running
        )

    def _actor_failed(self, fault: ActorFault) -> None:
        self._emit(actor_failed(fault, self._time.epoch_s))
        if fault.decision == "escalate":
            self.end(f"the actor {fault.actor} failed: {fault.cause}")
