"""Sessions: a conversation between a user at a transport and an agent."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING, Self

import attrs
import trio

from trialogue.actors import (
    AgentState,
    CommitTurn,
    IgnoreSpeech,
    InterruptReply,
    ReplyEnded,
    ReplyStarted,
    TurnDecision,
    TurnInput,
    TurnPolicy,
    UserState,
)
from trialogue.agents import _events as news
from trialogue.agents._event_stream import EventListener, EventStream, go_on_without
from trialogue.agents._history import History
from trialogue.agents._measuring import measure_turn
from trialogue.agents._reply import Reply
from trialogue.agents._reply_queue import ReplyQueue
from trialogue.agents._settings import Models, SessionSettings
from trialogue.agents._tool_runner import Notes, ToolRunner, ToolSurroundings
from trialogue.agents._wiring import Ears, ReplyParts, SessionParts, build_ears, build_reply
from trialogue.engine import ActorFault, ConfigurationError, Pacer, leaves_of, open_asyncio_loop, patiently
from trialogue.frames import (
    SPEECH_FORMAT,
    ChatItem,
    ChatRequest,
    FinalTranscript,
    InterimTranscript,
    PlayoutFinished,
    PlayoutStarted,
    SpeechEnded,
    SpeechStarted,
)

if TYPE_CHECKING:
    from types import TracebackType

    from trialogue.agents._agent import Agent
    from trialogue.engine import AsyncioLoop, AudioSink, Graph, ModelConnection, Transport, Voice


_log = logging.getLogger(__name__)


@attrs.define(kw_only=True, eq=False)
class _Running:
    """What a session has only while it runs."""

    ears: Ears
    connection: ModelConnection
    voice: Voice
    tools: ToolRunner
    epoch_s: float


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
    ) -> None:
        self.agent = agent
        self._models = models
        self._transport = transport
        self._settings = settings or SessionSettings()
        self._recording = recording
        self._pacer = pacer
        self._events = EventStream(observers)
        self._history = History()
        self._policy = TurnPolicy(self._settings.turn)
        self._replies = ReplyQueue()
        self._stack = contextlib.AsyncExitStack()
        self._running: _Running | None = None

    # -- what a user of it does

    async def __aenter__(self) -> Self:
        try:
            await self._stack.enter_async_context(self._run())
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
    def now_s(self) -> float:
        """Session time: seconds since the microphone's first sample."""
        return trio.current_time() - self._parts.epoch_s

    def say(self, text: str) -> Reply:
        """Say a text, after what is being said. Returns its handle at once.

        Raises:
            ConfigurationError: more than 32 replies wait already.
        """
        return self._replies.ask_for("say", text=text)

    def reply(self, instructions: str = "") -> Reply:
        """Have the model say something, after what is being said. Returns its handle at once.

        Args:
            instructions: told to the model in addition, for this reply alone.

        Raises:
            ConfigurationError: more than 32 replies wait already.
        """
        return self._replies.ask_for("answer", instructions=instructions)

    def interrupt(self, reason: str = "interrupted by the program") -> None:
        """Silence the agent: what it says is cut with a fade, what waits to be said is dropped. Synchronous."""
        for reply in self._replies.take_away_all():
            self._cut(reply, reason)

    def events(self, *types: type[news.Event]) -> contextlib.AbstractAsyncContextManager[EventListener]:
        """Follow what happens: `async with session.events() as stream: async for event in stream: ...`.

        Args:
            types: the kinds of events wanted; none means all.
        """
        return self._events.listen(types)

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
        """End the conversation: silence the agent; who waits in `wait_ended` goes on.

        Synchronous; the first reason counts.
        """
        self.interrupt(reason)
        self._events.end(self.now_s, reason)

    # -- what the turn actor asks for (see actors.Floor)

    def observe(self, fact: TurnInput) -> None:
        """Tell the listeners, and keep the books."""
        match fact:
            case SpeechStarted():
                self._emit(news.UserStartedSpeaking(at_s=fact.at_s, detected_s=fact.detected_s))
            case SpeechEnded():
                self._emit(news.UserStoppedSpeaking(at_s=fact.at_s, detected_s=fact.detected_s))
            case InterimTranscript() | FinalTranscript():
                final = isinstance(fact, FinalTranscript)
                self._emit(news.UserSaid(at_s=self.now_s, text=fact.text, final=final))
            case PlayoutStarted():
                self._began_to_play(fact)
            case PlayoutFinished() | ReplyStarted() | ReplyEnded():
                pass  # the mouth keeps these books itself

    def carry_out(self, decision: TurnDecision) -> None:
        """Do what the policy has decided."""
        match decision:
            case CommitTurn():
                self._answer(decision)
            case InterruptReply():
                self.interrupt(decision.reason)
            case IgnoreSpeech():
                self._emit(
                    news.SpeechIgnored(at_s=decision.decided_s, text=decision.text, started_s=decision.speech_started_s)
                )

    # -- the insides

    @property
    def _parts(self) -> _Running:
        if self._running is None:
            raise ConfigurationError("the session is not running; use it inside `async with session:`")
        return self._running

    @contextlib.asynccontextmanager
    async def _run(self) -> AsyncGenerator[None, None]:
        async with (
            patiently(self._models.tts.open(), name="the voice") as voice,
            patiently(self._models.llm.open(), name="the language model") as connection,
            open_asyncio_loop() as asyncio,
            trio.open_nursery() as nursery,
        ):
            pacer = self._pacer
            if pacer is None:
                pacer = Pacer()
                nursery.start_soon(pacer.run, name="pacer")
            epoch_s = trio.current_time()
            parts = SessionParts(
                models=self._models,
                settings=self._settings,
                transport=self._transport,
                recording=self._recording,
                pacer=pacer,
                policy=self._policy,
                floor=self,
                epoch_s=epoch_s,
                user_gone=lambda: self.end("the user has gone"),
            )
            ears = self._build_ears(parts)
            tools = self._tool_runner(nursery, asyncio)
            self._running = _Running(ears=ears, connection=connection, voice=voice, tools=tools, epoch_s=epoch_s)
            nursery.start_soon(ears.graph.run, self._actor_failed, name="session graph")
            nursery.start_soon(self._speak, name="mouth")
            nursery.start_soon(self._enter, name="on_enter")
            try:
                yield
            finally:
                self.end()
                ears.track.close()
                nursery.cancel_scope.cancel(reason="the session has ended")

    def _build_ears(self, parts: SessionParts) -> Ears:
        """The actors that live as long as the session; the simulator's hear and speak without sound."""
        return build_ears(parts)

    def _tool_runner(self, nursery: trio.Nursery, asyncio: AsyncioLoop) -> ToolRunner:
        return ToolRunner(
            ToolSurroundings(
                session=self,
                nursery=nursery,
                history=self._history,
                emit=self._emit,
                asyncio=asyncio,
                patience_s=self._settings.tool_s,
            )
        )

    async def _enter(self) -> None:
        """The agent's hook; a call goes on without its greeting."""
        try:
            await self.agent.on_enter(self)
        except Exception as error:  # noqa: BLE001  # a supervisor: one mistake of a hook must not end the call
            _log.warning("on_enter of %s failed", type(self.agent).__qualname__, exc_info=error)
            self._emit(go_on_without("on_enter", error, self.now_s))

    def _emit(self, event: news.Event) -> None:
        self._events.emit(event)

    def _is_idle(self) -> bool:
        return (
            self._policy.user is UserState.LISTENING
            and self._policy.agent is AgentState.IDLE
            and not self._replies.busy
            and not self._parts.tools.running
        )

    def _answer(self, decision: CommitTurn) -> None:
        self._history.add_turn(decision.text, decision.earlier)
        self._emit(
            news.UserTurnEnded(at_s=decision.committed_s, text=decision.text, speech_ended_s=decision.speech_ended_s)
        )
        self._replies.ask_for("answer", turn=decision)

    async def _speak(self) -> None:
        """Run one reply after another."""
        facts = self._parts.ears.reply_facts
        while True:
            reply = await self._replies.take()
            self._emit(news.AgentStartedThinking(at_s=self.now_s, reply_id=reply.reply_id, kind=reply.kind))
            await facts.send(ReplyStarted(reply_id=reply.reply_id))
            await self._run_reply(reply)
            self._close_books(reply, self._parts.ears.track.result(reply.reply_id))
            self._replies.current = None
            await facts.send(ReplyEnded(reply_id=reply.reply_id, heard=reply.heard))

    async def _run_reply(self, reply: Reply) -> None:
        request = ChatRequest(
            instructions="\n\n".join(filter(None, (self.agent.instructions, reply.instructions))),
            items=self._history.for_model(),
            tools=tuple(tool.schema for tool in self.agent.tools.values()),
        )
        running = self._parts
        graph = build_reply(
            ReplyParts(
                reply=reply,
                request=request,
                notes=Notes(reply, running.tools),
                connection=running.connection,
                voice=running.voice,
                track=running.ears.track,
                settings=self._settings,
            )
        )
        try:
            with reply.scope:
                await graph.run()
        except* Exception as group:  # noqa: BLE001  # a supervisor: whatever a provider raises, the conversation goes on
            self._fail(reply, group)
        if reply.scope.cancelled_caught:
            self._cut(reply, "cancelled")  # does nothing where `interrupt` has cancelled it, and closed the books

    def _fail(self, reply: Reply, group: BaseExceptionGroup[Exception]) -> None:
        """A provider has failed: what was heard counts, and the user is told once."""
        error = "; ".join(f"{type(leaf).__name__}: {leaf}" for leaf in leaves_of(group))
        _log.warning("%s failed: %s", reply.reply_id, error, exc_info=group)
        self._emit(news.ReplyFailed(at_s=self.now_s, reply_id=reply.reply_id, error=error))
        was_over = reply.outcome is not None
        self._close_books(reply, self._parts.ears.track.cut(reply.reply_id), failure=error)
        if was_over or self._replies.full:  # nobody waits for it any more, or too much is to be said already
            return
        if reply.kind == "answer" and self._settings.apology:  # never for an apology: that would go round in a circle
            self._replies.ask_for("say", text=self._settings.apology)

    def _actor_failed(self, fault: ActorFault) -> None:
        self._emit(
            news.ActorFailed(
                at_s=fault.at_s - self._parts.epoch_s,
                fault_id=fault.fault_id,
                actor=fault.actor,
                cause=fault.cause,
                decision=fault.decision,
                delay_s=fault.delay_s,
            )
        )
        if fault.decision == "escalate":
            self.end(f"the actor {fault.actor} failed: {fault.cause}")

    def _cut(self, reply: Reply, reason: str) -> None:
        """Silence a reply, note what was heard, and end it: in this one step."""
        self._transport.flush()
        played = self._parts.ears.track.cut(reply.reply_id)
        reply.scope.cancel(reason=reason)
        self._close_books(reply, played, cut=reason)

    def _began_to_play(self, fact: PlayoutStarted) -> None:
        reply = self._replies.current
        if reply is None or reply.reply_id != fact.reply_id or reply.outcome is not None:
            return
        turn = reply.turn
        latency_s = None if turn is None else fact.at_s - turn.speech_ended_s
        self._emit(news.AgentStartedSpeaking(at_s=fact.at_s, reply_id=fact.reply_id, latency_s=latency_s))
        if turn is not None:
            self._emit(measure_turn(turn, reply, fact, SPEECH_FORMAT.rate_hz))

    def _close_books(self, reply: Reply, played: PlayoutFinished | None, *, cut: str = "", failure: str = "") -> None:
        """Remember exactly what was heard of a reply, and tell that it is over; once."""
        if reply.outcome is not None:
            return
        heard = 0 if played is None else played.heard
        if heard and not cut and not failure:
            heard = len(reply.source)  # what has no sound, such as a smile at the end, was said as well
        self._history.commit(reply, heard, interrupted=bool(cut or failure))
        reply.end(
            "interrupted" if cut else "failed" if failure else "completed",
            heard=reply.source[:heard],
            reason=cut or failure,
        )
        if reply is self._replies.current:
            self._tell_end(reply, played)

    def _tell_end(self, reply: Reply, played: PlayoutFinished | None) -> None:
        at_s, played_s = (self.now_s, 0.0) if played is None else (played.at_s, played.played_s)
        self._emit(
            news.AgentStoppedSpeaking(
                at_s=at_s,
                reply_id=reply.reply_id,
                heard=reply.heard,
                unheard=reply.source[len(reply.heard) :],
                interrupted=reply.reason or None,
                played_s=played_s,
            )
        )
