"""Sessions: a conversation between a user at a transport and an agent."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Self

import attrs
import trio

from trialogue.actors import KeypadSettings, TurnCleared, TurnCommitted
from trialogue.agents._settings import Models, SessionSettings
from trialogue.agents.context._books import Books
from trialogue.agents.events import _events as news
from trialogue.agents.events._call_events import CallTagged, TagOutcome, UserPressedKey
from trialogue.agents.events._event_stream import EventListener, EventStream
from trialogue.agents.events._report import Reporter, SessionReport
from trialogue.agents.flight._flight_record import FlightRecord, turn_policy
from trialogue.agents.session._cast import Off, Parts
from trialogue.agents.session._floor import ConversationFloor
from trialogue.agents.session._keys import checked_keys
from trialogue.agents.session._life import Life
from trialogue.agents.session._mute import BY_THE_PROGRAM, UNTIL_ALL_IS_SAID
from trialogue.agents.session._nudge import Nudger
from trialogue.agents.session._seat import Change, Seat
from trialogue.agents.session._session_parts import Given
from trialogue.agents.session._session_view import SessionView
from trialogue.agents.session._stays import Takeover
from trialogue.agents.session._wiring import Ears, SessionParts, build_ears
from trialogue.agents.speech._accompaniment import Accompaniment
from trialogue.agents.speech._captions import Captions
from trialogue.agents.speech._mouth import Mouth
from trialogue.agents.speech._reply import Asked, Priority, Reply
from trialogue.engine import ConfigurationError, Pacer

if TYPE_CHECKING:
    from types import TracebackType

    from trialogue.actors import KeysEntered, ReadySound
    from trialogue.agents._agent import Agent
    from trialogue.agents.speech._background import Background
    from trialogue.agents.speech._structured import ReplyForm
    from trialogue.agents.tools._tool_choice import ToolChoice
    from trialogue.agents.tools._toolset import AnyTool
    from trialogue.engine import (
        AsyncioLoop,
        AudioSink,
        LanguageModel,
        SpeechToText,
        TextToSpeech,
        Transport,
        TurnDetector,
        VoiceActivityDetector,
    )
    from trialogue.frames import Image, VideoFrame

#: Here, because a session has a method of the name `type`.
_EventKind = type[news.Event]


class Session(SessionView):
    """A conversation. Enter it as an async context manager; leaving it ends the call.

    Args:
        agent: who speaks.
        models: the providers. Each may be left out: what is there says what the session can do.
        transport: where the user is; None where nothing is heard or spoken, and the user types.
        settings: the settings of all stages.
        recording: where to keep both sides, the user left and the agent right; stereo.
        observers: called with each event as it happens; short and synchronous. One that raises is told of as a fault,
            and not called again.
        pacer: paces the playout of many sessions in one task, which somebody else runs; None brings an own one.
        flight_record: where to write down what decides the turns, to be looked into with `trialogue replay`.
        asyncio: the loop for tools and hooks that were written for asyncio, which somebody else holds open: that of
            many sessions, or `TrioHost.asyncio` in a program on asyncio. None brings an own one with the first call.
        userdata: what hooks and tools are to share; see `userdata`.

    How it ends: what is said is cut (`drain` lets it be finished before); SessionEnded is told, and who follows events
    is done; `on_exit` of each agent is called; tools, actors and the transport end; models are closed. Each of these
    steps has its bound, so leaving the block takes no longer than these together.

    What fails, and what becomes of it: a model or voice ends the reply, and the agent apologises; a detector or
    recogniser is replaced, and nothing that was said meanwhile is lost; a recording, an observer or `on_enter` is gone
    on without; a tool's error is told to the model. What cannot be gone on without (the transport broke, replacing did
    not help) ends the session and comes out of the `async with` in an exception group. Each fault is told as one event.
    """

    def __init__(  # noqa: PLR0913  # each is a thing of its own, and only two must be given
        self,
        agent: Agent,
        *,
        models: Models,
        transport: Transport | None = None,
        settings: SessionSettings | None = None,
        recording: AudioSink | None = None,
        observers: Sequence[Callable[[news.Event], None]] = (),
        pacer: Pacer | None = None,
        flight_record: FlightRecord | None = None,
        asyncio: AsyncioLoop | None = None,
        userdata: object = None,
    ) -> None:
        given = Given(
            models=models,
            transport=transport,
            settings=settings or SessionSettings(),
            recording=recording,
            pacer=pacer,
            asyncio=asyncio,
            userdata=userdata,
        )
        given.check(agent)
        self._reporter = Reporter(recording)
        events = EventStream([self._reporter, *observers])
        policy = turn_policy(given.turn_settings(agent), flight_record, events.privacy.withholds)
        super().__init__(given, policy, events)
        me = weakref.proxy(self)  # the parts are mine: were I theirs, too, only the collector could free us
        books = Books(self._history, lambda event: me._emit(event), self._time)
        self._seat = Seat(agent, books, given.settings)
        conversation = given.settings.conversation
        synthesise = given.settings.turn.preparation.synthesise
        self._mouth = Mouth(books, conversation, self._seat, synthesise=synthesise)
        format = None if transport is None else transport.speaker_format
        captions = Captions(events, self._mouth.queue, self._seat.redacted)
        self._beside = Accompaniment(captions, conversation.background, format)
        nudger = Nudger(self._mouth, conversation.nudge)
        self._floor = ConversationFloor(self._mouth, books, nudger, conversation)
        self._call: contextlib.AbstractAsyncContextManager[None] | None = None

    # -- what a user of it does

    async def __aenter__(self) -> Self:
        if self._running is not None or self.ended is not None:
            raise ConfigurationError("a session is entered once, for one call; make another one for the next")
        try:
            self._call = self._run()
            await self._call.__aenter__()
        finally:
            if self._running is None:  # who listens already must not wait for ever
                self._events.end(0.0, "it could not begin", "not begun")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        # What it closes is shielded and bounded where that is needed: workers by their owner, the recorder by itself.
        assert self._call is not None
        return bool(await self._call.__aexit__(kind, error, traceback))  # noqa: ASYNC102  # see above

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
        context = self._events.privacy.context(self._history, self._seat.stages.redacted)
        return self._reporter.report(context, self.settings)

    async def update(  # noqa: PLR0913  # each is a thing of its own, and none must be given
        self,
        *,
        instructions: str | None = None,
        tools: Iterable[AnyTool] | None = None,
        llm: LanguageModel | Off | None = None,
        tts: TextToSpeech | Off | None = None,
        stt: SpeechToText | Off | None = None,
        vad: VoiceActivityDetector | Off | None = None,
        turn_detector: TurnDetector | Off | None = None,
        settings: SessionSettings | None = None,
    ) -> None:
        """Change the agent that has the conversation, models or settings, in the middle of it: all of it, or nothing.

        New models are opened first. Then everything changes in one step: what is being said goes on as it was begun,
        the next reply is the first that is different. Who hears the user is replaced at once, in the middle of speech
        if need be: a new recogniser is told what the old one has not understood yet, so no word is lost. A model that
        was replaced is closed when nobody needs it. What changed is kept in `context` as SettingsChanged. Where this
        raises or is cancelled, nothing has changed.

        Args:
            instructions: the agent's, from now on; None leaves them.
            tools: the agent's, from now on, beside those among its methods; None leaves them.
            llm, tts, stt, vad, turn_detector: of the session from now on, in the place of what this agent may bring,
                too; None leaves them, OFF is nobody.
            settings: of the stages from now on, made from those of now: `attrs.evolve(session.settings, turn=...)`.
                Those of `turn`, `vad` and `stt` count at once, those of the others from the next reply on.

        Raises:
            ConfigurationError: the session is not running, two tools have the same name, a model cannot join in the
                middle of this session, or a setting cannot change there: `recorder`, `conversation`, `tool_s`, and how
                long frames are.
            PartMissingError: a recogniser must be told where speech is, and nobody would tell it.
            ProviderError: a model could not be opened.
        """
        change = Change(
            agent=self.agent,
            instructions=instructions,
            tools=None if tools is None else self.agent.tools_with(tools),
            models=Parts(llm=llm, tts=tts, stt=stt, vad=vad, turn_detector=turn_detector),
            settings=settings,
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
        tools: ToolChoice | None = None,
        priority: Priority = "normal",
        protected: bool = False,
    ) -> Reply:
        """Have the model say something. Returns its handle at once; it waits until nothing else is said.

        Args:
            instructions: told to the model in addition, for this reply alone.
            form: what it is to answer beside what is said; None is as the agent has it.
            tools: which tools it may call, or must; None is all that the agent has, as it likes.
            priority, protected: as for `say`.

        Raises:
            ConfigurationError: 32 replies wait already.
            PartMissingError: there is no language model.
        """
        self._need("llm", "`session.reply`")
        self._history.add_shown()
        wanted = None if form is None else form.form
        how = Asked(kind="answer", instructions=instructions, form=wanted, priority=priority, protected=protected)
        return self._mouth.ask_for(how if tools is None else how.with_tools(tools))

    def send_keys(self, keys: str, *, priority: Priority = "normal") -> Reply:
        """Press keys of a telephone: their tones are sent, in order with what is said. The user's voice stops none.

        Args:
            keys: 0 to 9, `*`, `#`, A to D; a comma is a pause of two seconds.
            priority: as for `say`.

        Raises:
            ConfigurationError: one is no key, or 32 replies wait already.
        """
        self._need("transport", "`session.send_keys`")
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

    def type(self, text: str) -> Reply:
        """Let the user take a turn by typing. Synchronous; returns the handle of the answer.

        What the agent says is cut and what waits to be said is dropped, as by a voice that takes the floor; protected
        replies are said first. What the user is saying meanwhile is a turn of its own.

        Args:
            text: what the user has typed; it goes through `on_user_turn` like what is said.

        Raises:
            ConfigurationError: there are no words, or the session has not begun.
            PartMissingError: no language model is there to answer.
        """
        self._need("llm", "`session.type`")
        if self.ended is not None:  # who types may not know it yet; this is dropped, as what is said now
            return self._mouth.ask_for(Asked(kind="answer"))
        return self._floor.take_typed(text)

    def tag(self, name: str, *, outcome: TagOutcome | None = None, note: str = "") -> None:
        """Say something about this call for those who look at many: observers and the report are told.

        Args:
            name: what it is about, such as `table booked`.
            outcome: whether that was reached; None for a tag that says nothing of it.
            note: why, or what else is worth knowing.
        """
        self._emit(CallTagged(at_s=self.now_s, name=name, outcome=outcome, note=note))

    def off_the_record(self) -> contextlib.AbstractContextManager[None]:
        """While the block lasts, nothing that is said is kept. It may begin before the call does.

        The recording has silence there, and observers and the report are told what happens, but not the words. The
        agent hears and remembers them; what follows `session.events` is the program itself, and is told them.
        """
        return self._events.privacy.off_the_record(self._time)

    async def show(self, picture: Image | VideoFrame) -> None:
        """Let the model see a picture, with what the user says next, or with the next `reply`.

        What is not encoded yet is made small and encoded in a thread. Raises ConfigurationError: that is no picture, or
        the model cannot see; pictures that a transport brings, or that are remembered, are then left out silently.
        """
        await self._seat.sight.show(picture)

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

    def commit_turn(self) -> None:
        """The user's turn is over now, whatever the silence: push to talk. Synchronous.

        Words that are still on their way are waited for, up to EndpointingSettings.transcript_deadline_s; who is still
        speaking may end the sentence until then. Where the user has said nothing, nothing happens.

        Raises:
            ConfigurationError: the session is not running.
            PartMissingError: nobody hears the user.
        """
        self._need("ears", "`session.commit_turn`")
        self._floor.tell(TurnCommitted(at_s=self.now_s))

    def clear_turn(self) -> None:
        """What the user has said since the last turn, or is saying, does not count. Synchronous.

        Raises as `commit_turn`.
        """
        self._need("ears", "`session.clear_turn`")
        self._floor.tell(TurnCleared(at_s=self.now_s))

    def mute(self) -> None:
        """What the user says does not count from now on, nor what is being said. Synchronous. Raises as `commit_turn`.

        It is heard all the same: a turn that was left open is not.
        """
        self._need("ears", "`session.mute`")
        self._floor.mute(BY_THE_PROGRAM)

    def unmute(self) -> None:
        """What the user says counts again, unless a strategy of `ConversationSettings.mute` still wants otherwise."""
        self._floor.unmute(BY_THE_PROGRAM)

    def events(self, *types: _EventKind) -> contextlib.AbstractAsyncContextManager[EventListener]:
        """Follow what happens: `async with session.events() as stream: async for event in stream: ...`.

        Args:
            types: the kinds of events wanted; none means all, but for captions (AgentSaid), which must be named.
        """
        return self._beside.captions.listen(types)

    def end(self, reason: str = "ended by the program", *, cause: news.EndCause = "program") -> None:
        """End the conversation: silence the agent, let `wait_ended` return. Synchronous; the first reason counts.

        Args:
            reason: why, in words.
            cause: whose doing it is; see SessionEnded.

        Raises:
            ConfigurationError: the session has not begun.
        """
        at_s = self.now_s
        self._seat.close(reason)
        self._mouth.close(reason)
        self._events.end(at_s, reason, cause)

    async def drain(self, reason: str = "ended by the program", *, within_s: float = 10.0) -> None:
        """End the conversation when all has been said that is being said and waits; the user is muted until then.

        Args:
            reason: as for `end`.
            within_s: what is not said by then is not said any more, seconds.

        Raises:
            ConfigurationError: the session is not running; or this is a tool for which a reply waits.
        """
        self._floor.mute(UNTIL_ALL_IS_SAID)
        try:
            with trio.move_on_after(within_s):
                await self._mouth.queue.wait_said()
        except BaseException:  # it was cancelled, or cannot wait here: the call goes on
            self._floor.unmute(UNTIL_ALL_IS_SAID)
            raise
        self.end(reason)

    # -- the insides

    def _need(self, part: str, who: str) -> None:
        """See that a part is there now."""
        cast = None if self._running is None else self._running.cast
        self._given.need(part, who, self._given.parts(self.agent) if cast is None else cast.parts)

    @contextlib.asynccontextmanager
    async def _run(self) -> AsyncGenerator[None, None]:
        life = Life(
            session=self,
            given=self._given,
            time=self._time,
            policy=self._policy,
            history=self._history,
            seat=self._seat,
            mouth=self._mouth,
            floor=self._floor,
            beside=self._beside,
            emit=self._emit,
            build_ears=self._build_ears,
            switch=self._events.privacy.switch,
        )
        try:
            async with life.run() as self._running:
                yield
        finally:
            self._given = attrs.evolve(self._given, settings=self.settings)
            self._running = None

    def _build_ears(self, parts: SessionParts) -> Ears:
        """The actors that live as long as the session; the simulator's hear and speak without sound."""
        return build_ears(parts)

    def _emit(self, event: news.Event) -> None:
        self._events.emit(self._seat.redacted(event))
        self._beside.observe(event)
