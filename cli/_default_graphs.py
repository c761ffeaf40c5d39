"""The graphs that every conversation has, built to be drawn: nothing in them ever runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

import trio

from trialogue.actors import RecordingSwitch, SentenceStage, TurnPolicy
from trialogue.agents import SessionSettings
from trialogue.agents.session._cast import Parts, listeners_of
from trialogue.agents.session._wiring import Ears, Recording, SessionParts, build_ears
from trialogue.agents.speech._gate import Gate
from trialogue.agents.speech._reply import Asked, Reply  # only a drawing wants these graphs without a conversation,
from trialogue.agents.speech._reply_wiring import ReplyParts, build_reply  # no public names, nor are those below
from trialogue.engine import GraphError, Pacer
from trialogue.frames import SPEECH_FORMAT, AudioFormat, ChatRequest
from trialogue.providers import PocketSphinx, Silero
from trialogue.transports import FileCall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trialogue.actors import TurnDecision, TurnInput
    from trialogue.engine import Graph
    from trialogue.frames import AudioFrame, SpeechEdge, TokenUsage, ToolCall, ToolOutput, ToolSchema

_STEREO: Final = AudioFormat(rate_hz=SPEECH_FORMAT.rate_hz, channels=2)


class _Unplugged:
    """Stands where a graph that runs has a connection, a voice, a recording and a conversation."""

    format: Final = _STEREO

    def _refuse(self, *_: object) -> NoReturn:
        raise GraphError("this graph was built to be drawn; a Session builds one that runs")

    def observe(self, fact: TurnInput) -> None:
        self._refuse(fact)

    def follow(self, edge: SpeechEdge) -> None:
        self._refuse(edge)

    def carry_out(self, decision: TurnDecision) -> None:
        self._refuse(decision)

    def write(self, frame: AudioFrame) -> None:
        self._refuse(frame)

    def close(self) -> None:
        """Nothing is open."""

    def wrote(self, text: str) -> None:
        self._refuse(text)

    def used(self, usage: TokenUsage) -> None:
        self._refuse(usage)

    def out_of_steps(self, steps: int) -> None:
        self._refuse(steps)

    def tools_after(self, offered: tuple[ToolSchema, ...]) -> tuple[ToolSchema, ...]:
        self._refuse(offered)

    async def run_tools(
        self, calls: tuple[ToolCall, ...], say: Callable[[str], Awaitable[None]]
    ) -> tuple[ToolOutput, ...]:
        await trio.lowlevel.checkpoint()
        self._refuse(calls)

    def stop(self, reply: Reply, reason: str) -> None:
        self._refuse(reply, reason)

    def heard_of(self, reply: Reply) -> NoReturn:
        self._refuse(reply)

    def waits_for_this_task(self) -> bool:
        return False

    def reply(self, request: ChatRequest) -> NoReturn:
        self._refuse(request)

    def speak(self, text: str) -> NoReturn:
        self._refuse(text)


def default_graphs() -> tuple[Graph, Graph]:
    """The graph of a session with the embedded models and a recording, and that of one of its replies."""
    unplugged = _Unplugged()
    settings = SessionSettings()
    ears = _default_ears(unplugged, settings)
    drawn = Reply(reply_id="reply", asked=Asked(kind="answer"), speaker=unplugged)
    reply = build_reply(
        ReplyParts(
            reply=drawn,
            request=ChatRequest(instructions="", items=(), tools=()),
            notes=unplugged,
            connection=unplugged,
            voice=unplugged,
            way_out=ears.way_out,
            gate=Gate().for_reply(drawn),
            settings=settings,
            stage=SentenceStage(settings.text_filter, settings.chunker),
            writing=trio.CancelScope(),
            held=False,
        )
    )
    return ears.graph, reply


def _default_ears(unplugged: _Unplugged, settings: SessionSettings) -> Ears:
    parts = Parts(vad=Silero(), stt=PocketSphinx(general=True))
    return build_ears(
        SessionParts(
            listeners=listeners_of(parts, None, SessionSettings),
            settings=settings,
            transport=FileCall(path="a-recording.wav"),
            recording=Recording(sink=unplugged, switch=RecordingSwitch()),
            pacer=Pacer(),
            policy=TurnPolicy(settings.turn),
            floor=unplugged,
            epoch_s=0.0,
            end=lambda _: None,
            user_gone=lambda: None,
        )
    )
