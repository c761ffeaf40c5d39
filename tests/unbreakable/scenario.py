"""A short conversation between fakes that touches every part, and what must be true after it, however it ended."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import attrs
import numpy as np
import trio

from tests.unbreakable.frame_stt import FrameStt
from trialogue.agents import (
    ActorFailed,
    Agent,
    AgentPaused,
    AgentStoppedSpeaking,
    Event,
    Models,
    ReplyFailed,
    Session,
    SessionEnded,
    SessionSettings,
    tool,
)
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech
from trialogue.engine import AudioSink, Pacer, VirtualTime, leaves_of, run
from trialogue.frames import AudioFormat, AudioFrame, ChatItem, ChatMessage, ToolCall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialogue.engine import LanguageModel, SpeechToText, TextToSpeech, Transport, VoiceActivityDetector
    from trialogue.engine._pipe import Pipe

E_co = TypeVar("E_co", bound=Event)

#: How long closing a session may take, virtual seconds.
CLOSE_S = 2.0


@attrs.define
class MemorySink:
    """A recording that is kept as frames."""

    format: AudioFormat = attrs.Factory(lambda: AudioFormat(rate_hz=16_000, channels=2))
    frames: list[AudioFrame] = attrs.Factory(list)
    closed: int = 0

    def write(self, frame: AudioFrame) -> None:
        """Keep it."""
        self.frames.append(frame)

    def close(self) -> None:
        """Count it."""
        self.closed += 1


@tool
async def look_up(what: str = "") -> str:
    """Look something up."""
    await trio.sleep(0.1)
    return f"found {what}"


def two_turns() -> FakeCall:
    """The user says something, hears the answer, says something else, and hangs up when that was answered."""
    return FakeCall(lines=[Line(at_s=0.1, for_s=0.3), Line(at_s=2.0, for_s=0.4)], hangs_up_s=4.4)


def answers() -> list[Answer | str]:
    """One with a tool call in it, one without."""
    call = ToolCall(call_id="1", name="look_up", arguments='{"what": "it"}')
    return [Answer(["Wait. ", call], first_token_s=0.05), "Here is one.", "Here are two. Enjoy."]


class Helper(Agent):
    """Greets, and has a tool."""

    async def on_enter(self, session: Session) -> None:
        """Greet."""
        session.say("Hi.")


@attrs.define(kw_only=True, eq=False)
class Scenario:
    """One run. The defaults are the unbroken conversation.

    Args:
        call, stt, llm, tts, vad: transport and models; real fakes, or something broken in their place.
        agent: who speaks.
        settings: of the stages.
        do: what the program does in the session; by default it waits for the end.
        observers: beside the one that keeps the events.
        around: runs the session in whatever it is to be run in.
        seed: of the order of tasks.
    """

    call: Transport = attrs.Factory(two_turns)
    stt: SpeechToText = attrs.Factory(FrameStt)
    llm: LanguageModel = attrs.Factory(lambda: FakeLlm(answers=answers()))
    tts: TextToSpeech = attrs.Factory(lambda: FakeTts(every=Speech(word_s=0.1)))
    vad: VoiceActivityDetector = attrs.Factory(FakeVad)
    agent: Agent = attrs.Factory(lambda: Helper(instructions="Be kind.", tools=[look_up]))
    settings: SessionSettings | None = None
    do: Callable[[Session], Awaitable[object]] = Session.wait_ended
    observers: tuple[Callable[[Event], None], ...] = ()
    around: Callable[[Callable[[], Awaitable[None]]], Awaitable[object]] | None = None
    recording: AudioSink = attrs.Factory(MemorySink)
    seed: int = 0
    #: What happened.
    events: list[Event] = attrs.field(factory=list, init=False)
    history: tuple[ChatItem, ...] = attrs.field(default=(), init=False)
    #: What came out of the session, in parts.
    errors: list[BaseException] = attrs.field(factory=list, init=False)
    #: When the session was left, Trio's clock.
    left_s: float = attrs.field(default=0.0, init=False)
    began_s: float = attrs.field(default=0.0, init=False)
    pipes: tuple[Pipe, ...] = attrs.field(default=(), init=False)
    pacer: Pacer = attrs.field(factory=Pacer, init=False)
    waiting_tickers: int = attrs.field(default=-1, init=False)

    def hold(self) -> Scenario:
        """Run it in virtual time."""
        run(self._outer, virtual=VirtualTime(seed=self.seed))
        return self

    async def _outer(self) -> None:
        """The pacer belongs to somebody else, as where many sessions share one: it must be let go, too."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.pacer.run)
            self.began_s = trio.current_time()
            with trio.fail_after(300):
                await (self.around(self._hold) if self.around is not None else self._hold())
            await trio.sleep(0.1)  # some frames later
            self.waiting_tickers = len(self.pacer._heap)
            nursery.cancel_scope.cancel()

    async def _hold(self) -> None:
        session = Session(
            self.agent,
            models=Models(vad=self.vad, stt=self.stt, llm=self.llm, tts=self.tts),
            transport=self.call,
            settings=self.settings,
            recording=self.recording,
            observers=[self.events.append, *self.observers],
            pacer=self.pacer,
        )
        try:
            async with session:
                assert session._running is not None
                self.pipes = session._running.ears.graph.pipes
                await self.do(session)
        except Exception as error:  # noqa: BLE001  # kept for the test
            self.errors = leaves_of(error)
        finally:
            self.history = session.history
            self.left_s = trio.current_time()

    def of(self, kind: type[E_co]) -> list[E_co]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def faults(self) -> list[ActorFailed | ReplyFailed]:
        """The events that tell of faults."""
        return [event for event in self.events if isinstance(event, ActorFailed | ReplyFailed)]

    def heard_of_agent(self) -> str:
        """All that was heard, by the events."""
        return " ".join(event.heard.strip() for event in self.of(AgentStoppedSpeaking) if event.heard.strip())

    def remembered_of_agent(self) -> str:
        """All that is remembered."""
        said = [item.text for item in self.history if isinstance(item, ChatMessage) and item.role == "agent"]
        return " ".join(said)

    def remembered_of_user(self) -> str:
        """All that is remembered."""
        said = [item.text for item in self.history if isinstance(item, ChatMessage) and item.role == "user"]
        return " ".join(said)

    def leases(self) -> list[int]:
        """What the fakes have lent and not got back."""
        fakes = (self.vad, self.stt, self.llm, self.tts)
        counted = FakeVad | FakeStt | FakeLlm | FakeTts | FrameStt
        return [fake.statistics().open_now for fake in fakes if isinstance(fake, counted)]

    def check_nothing_is_left(self) -> None:
        """That the session ended well, whatever happened in it. Tasks: Trio's run would not have ended."""
        assert not any(self.leases())
        loose = [pipe.name for pipe in self.pipes if not pipe.closed and not pipe.detached]
        assert not loose, f"channels left open: {loose}"
        assert self.waiting_tickers == 0, "the shared pacer still serves the session that has ended"
        ends = self.of(SessionEnded)
        assert len(ends) == 1
        assert self.events[-1] is ends[0]
        assert words(self.heard_of_agent()) == words(self.remembered_of_agent())
        if isinstance(self.tts, FakeTts) and self.tts.every.word_s is not None:
            for said in self.of(AgentStoppedSpeaking):
                assert len(words(said.heard)) <= said.played_s / self.tts.every.word_s + 1e-6, said
        if isinstance(self.call, FakeCall):
            sounding_s = np.count_nonzero(np.frombuffer(self.call.sound(), dtype=np.int16)) / 16_000
            faded_s = sum(0.1 for said in self.of(AgentStoppedSpeaking) if said.interrupted)
            faded_s += sum(0.1 for _ in self.of(AgentPaused))  # what faded out is heard again
            told_s = sum(said.played_s for said in self.of(AgentStoppedSpeaking))
            assert sounding_s <= told_s + faded_s + 1e-6, "more was heard than was told"
        if isinstance(self.recording, MemorySink) and self.pipes:
            assert self.recording.closed <= 1 + len(self.of(ActorFailed))


def words(text: str) -> Sequence[str]:
    """The words, however they are parted."""
    return text.split()


def open_channels() -> list[str]:
    """Channels of graphs that have ended, still open anywhere; for tests of leaks."""
    from trialogue.engine._pipe import Pipe

    return [pipe.name for pipe in gc.get_objects() if isinstance(pipe, Pipe) and not pipe.closed and not pipe.detached]
