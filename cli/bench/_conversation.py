"""Scripted conversations: an agent, fakes with exact delays for its models, and callers who speak in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import trio

from trialogue.agents import Agent, Event, Models, Session, SessionSettings
from trialogue.agents.testing import Answer, FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech
from trialogue.engine import Inbox, Pacer
from trialogue.frames import AudioFrame
from trialogue.frames._attrs import frozen

FRAME_S: Final = 0.02

#: A caller speaks for a second in every four, and is answered for two.
CYCLE_S: Final = 4.0
SPEECH_S: Final = 1.0
SENTENCES: Final = 8

#: The model's first token; then one each 5 ms, and five of them to the end of the first sentence; its first sound.
FIRST_TOKEN_S: Final = 0.1
TOKEN_S: Final = 0.005
FIRST_SOUND_S: Final = 0.05
PROVIDERS_S: Final = FIRST_TOKEN_S + 4 * TOKEN_S + FIRST_SOUND_S

#: After which sessions of a server have settled, seconds.
SETTLE_S: Final = 0.5


class ForgetfulCall(FakeCall):
    """Like FakeCall, but keeps nothing of what it hears, so that a long call is not a heap of sound."""

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        """Hear the agent."""
        async for _ in audio_in:
            pass


class _Forgetful(list[Any]):  # type: ignore[explicit-any]  # records of every kind
    """A list that keeps nothing."""

    def append(self, item: object) -> None:
        """Forget it."""


def fake_models(pacer: Pacer, words: int, *, keep_records: bool) -> Models:
    """Models whose answers have eight sentences of so many words, each a token; the pacer times them at little cost."""
    spoken = "The quick brown fox jumps over lazy dogs all day".split(" ") * (1 + words // 10)
    sentence = " ".join(spoken[:words])
    answer = " ".join([f"{sentence}."] * SENTENCES)
    script = Answer(answer, first_token_s=FIRST_TOKEN_S, token_interval_s=TOKEN_S)
    stt, llm = FakeStt(), FakeLlm(answers=lambda _: script, pacer=pacer)
    tts = FakeTts(every=Speech(first_audio_s=FIRST_SOUND_S, sentence_s=0.25), pacer=pacer)
    if not keep_records:
        stt.records, llm.records, tts.records = _Forgetful(), _Forgetful(), _Forgetful()
    return Models(vad=FakeVad(), stt=stt, llm=llm, tts=tts)


@frozen(kw_only=True)
class Conversation:
    """What is held: so many callers with so many turns each.

    Args:
        make_agent: a new agent for each call.
        turns: of each caller; 0 stay silent.
        callers: who call at the same time; their turns are spread evenly.
        quiet_s: how long they stay on the line after their last turn, seconds.
        words: of a sentence of the answers.
        observer: is told each event of all of them.
        keep_records: whether the fakes keep what they did; without, a long call holds its own things alone.
        settings: of the sessions; None leaves all at their defaults.
    """

    make_agent: Callable[[], Agent]
    turns: int = 0
    callers: int = 1
    quiet_s: float = 0.0
    words: int = 5
    observer: Callable[[Event], None] | None = None
    keep_records: bool = True
    settings: SessionSettings | None = None

    @property
    def length_s(self) -> float:
        """Of a call, seconds."""
        return SETTLE_S + self.turns * CYCLE_S + self.quiet_s

    async def hold(self, at_end: Callable[[], None] = lambda: None) -> None:
        """Hold it to its end; call `at_end` while all its sessions are still there."""
        pacer = Pacer()
        models = fake_models(pacer, self.words, keep_records=self.keep_records)
        calls = [self._call(number * CYCLE_S / self.callers) for number in range(self.callers)]
        everybody_done = Countdown(self.callers, at_end)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(pacer.run, name="pacer")
            async with trio.open_nursery() as talking:
                for call in calls:
                    talking.start_soon(self._hold_one, call, models, pacer, everybody_done)
            nursery.cancel_scope.cancel(reason="all calls are over")

    def _call(self, later_s: float) -> FakeCall:
        lines = [Line(at_s=SETTLE_S + later_s + turn * CYCLE_S, for_s=SPEECH_S) for turn in range(self.turns)]
        return ForgetfulCall(lines=lines, hangs_up_s=self.length_s + later_s)

    async def _hold_one(self, call: FakeCall, models: Models, pacer: Pacer, over: Countdown) -> None:
        observers: Sequence[Callable[[Event], None]] = () if self.observer is None else [self.observer]
        async with Session(
            self.make_agent(),
            models=models,
            transport=call,
            settings=self.settings,
            pacer=pacer,
            observers=observers,
        ) as session:
            await session.wait_ended()
            await over.wait()


class Countdown:
    """Lets those who wait go when so many do, and does something just before."""

    def __init__(self, number: int, do: Callable[[], None]) -> None:
        self._left = number
        self._do = do
        self._over = trio.Event()

    async def wait(self) -> None:
        """Wait for the others."""
        self._left -= 1
        if not self._left:
            self._do()
            self._over.set()
        await self._over.wait()
