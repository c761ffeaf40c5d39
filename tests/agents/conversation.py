"""What the tests of sessions share: a conversation between fakes, and what came of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

import attrs
import numpy as np
import trio

from trialogue.agents import Agent, Event, Models, RequestMeasured, Session, SessionSettings
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Speech
from trialogue.engine import VirtualTime, run
from trialogue.frames import ChatMessage, ToolCall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    import numpy.typing as npt

    from trialogue.agents import Tool
    from trialogue.engine import AudioSink, TurnDetector
    from trialogue.frames import ChatItem

E_co = TypeVar("E_co", bound=Event)

#: Ten words a second: each word of the fake voice takes this long, seconds.
WORD_S = 0.1


class Greeter(Agent):
    """Says hello when the conversation begins."""

    async def on_enter(self, session: Session) -> None:
        """Greet."""
        session.say("Hello there.")


@attrs.define(kw_only=True, eq=False)
class Talk:
    """One conversation between fakes.

    Args:
        call: the user.
        stt, llm, tts, vad: the models.
        agent: who speaks.
        settings: of the stages.
        recording: where both sides are kept.
        turn_detector: the judge of turns, if there is one.
        do: what the program does while the session runs; by default it waits for its end.
        seed: of the order of tasks.
    """

    call: FakeCall
    stt: FakeStt = attrs.Factory(FakeStt)
    llm: FakeLlm = attrs.Factory(FakeLlm)
    tts: FakeTts = attrs.Factory(lambda: FakeTts(every=Speech(word_s=WORD_S)))
    vad: FakeVad = attrs.Factory(FakeVad)
    agent: Agent = attrs.Factory(lambda: Agent(instructions="Be kind."))
    settings: SessionSettings | None = None
    recording: AudioSink | None = None
    turn_detector: TurnDetector | None = None
    do: Callable[[Session], Awaitable[object]] = Session.wait_ended
    seed: int = 0
    #: What happened.
    events: list[Event] = attrs.field(factory=list, init=False)
    #: What was remembered when it was over.
    history: tuple[ChatItem, ...] = attrs.field(default=(), init=False)

    def hold(self) -> Talk:
        """Hold the conversation in virtual time."""
        run(self._hold, virtual=VirtualTime(seed=self.seed))
        return self

    async def _hold(self) -> None:
        session = Session(
            self.agent,
            models=Models(vad=self.vad, stt=self.stt, llm=self.llm, tts=self.tts, turn_detector=self.turn_detector),
            transport=self.call,
            settings=self.settings,
            recording=self.recording,
            observers=[self.events.append],
        )
        with trio.fail_after(3600):
            async with session:
                await self.do(session)
            self.history = session.history

    def of(self, kind: type[E_co]) -> list[E_co]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def the(self, kind: type[E_co]) -> E_co:
        """The one event of a kind."""
        (event,) = self.of(kind)
        return event

    def kinds(self, *without: type[Event]) -> list[str]:
        """The names of the events in their order, but for what requests took."""
        return [type(event).__name__ for event in self.events if not isinstance(event, (*without, RequestMeasured))]

    def sound(self) -> npt.NDArray[np.int16]:
        """What the user heard, from the beginning of the call on."""
        return np.frombuffer(self.call.sound(), dtype=np.int16)

    def last_sound_s(self) -> float:
        """Just after the last sample that is not silent, seconds; 0 where all are."""
        sounding = np.flatnonzero(self.sound())
        return (int(sounding[-1]) + 1) / self.call.speaker_format.rate_hz if len(sounding) else 0.0


def agent_with(*tools: Tool) -> Agent:
    """An agent with some tools."""
    return Agent(instructions="Be kind.", tools=tools)


def use(name: str, **arguments: object) -> Answer:
    """The model calls a tool."""
    return Answer([ToolCall(call_id="1", name=name, arguments=json.dumps(arguments))])


def after(*steps: tuple[float, Callable[[Session], object]]) -> Callable[[Session], Awaitable[None]]:
    """What the program does when, session time in seconds; then it waits for the end of the session."""

    async def do(session: Session) -> None:
        begun_s = trio.current_time()
        for at_s, step in steps:
            await trio.sleep_until(begun_s + at_s)
            step(session)
        await session.wait_ended()

    return do


def texts(history: Iterable[ChatItem] | Sequence[ChatItem]) -> list[str]:
    """A history in short: who, what, and what was cut."""
    short: list[str] = []
    for item in history:
        match item:
            case ChatMessage():
                short.append(f"{item.role}: {item.text}" + (f" -- {item.unheard}" if item.interrupted else ""))
            case ToolCall():
                short.append(f"call {item.call_id}: {item.name} {item.arguments}")
            case _:
                short.append(f"output {item.call_id}: {item.output}")
    return short
