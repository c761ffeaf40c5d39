"""A conversation in text, turn by turn: the production session at the simulation's text level, on any clock."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

import trio

from trialogue.agents._first_of import first_of
from trialogue.agents._settings import Models, SessionSettings
from trialogue.agents.events._events import ActorFailed, ReplyFailed, SessionEnded
from trialogue.agents.session._session import Session
from trialogue.agents.testing._fake_stt import Utterance
from trialogue.agents.testing._fake_tts import FakeTts, Speech
from trialogue.agents.testing._fake_vad import FakeVad
from trialogue.agents.testing._scenario import Wire
from trialogue.agents.testing._telephone import KeyTelephone
from trialogue.agents.testing._text_level import build_text_ears
from trialogue.agents.testing._text_turn import Turn, TurnFailed
from trialogue.agents.testing._voice import CallerStt, CallerVoice, Saying
from trialogue.engine import ConfigurationError
from trialogue.frames import AudioFormat, ChatMessage

if TYPE_CHECKING:
    from trialogue.agents._agent import Agent
    from trialogue.agents.context._chat_context import ContextItem
    from trialogue.agents.events._events import Event
    from trialogue.agents.session._wiring import Ears, SessionParts
    from trialogue.engine import LanguageModel

#: How exactly the agent's speech passes: a sample a millisecond.
_FORMAT: Final = AudioFormat(rate_hz=1000)

#: So fast both sides speak, that a turn takes little on the real clock too: the user's sentence, a word of the agent,
#: and what the recogniser takes; seconds.
_SAYING_S: Final = 0.3
_WORD_S: Final = 0.02
_UNDERSTANDING_S: Final = 0.01

#: A turn is over when nobody has spoken, thought or worked for so long, seconds.
REST_S: Final = 0.5

#: By then a turn is over, or never will be: more than model and tools may take by their own limits, seconds.
PATIENCE_S: Final = 120.0


@contextlib.asynccontextmanager
async def text_session(
    agent: Agent, *, llm: LanguageModel, settings: SessionSettings | None = None
) -> AsyncGenerator[TextTalk, None]:
    """Talk with an agent in text: `async with text_session(agent, llm=model) as talk: turn = await talk.says("Hi")`.

    Session, turn policy, tools, text path and ledger are those of production; only sound is left out. It runs on any
    clock: on a virtual one it takes no time, on the real one a turn takes about a second besides the model.

    Args:
        agent: who answers; entered before the body begins, see `TextTalk.opening`.
        llm: its model.
        settings: of the session.

    Raises:
        TurnFailed: the agent does not come to rest after it has entered.
        ProviderError: the model cannot be opened.
        ExceptionGroup: the session broke.
    """
    voice = CallerVoice()
    telephone = KeyTelephone(voice, Wire(), speaker_format=_FORMAT, seed=0)
    models = Models(
        vad=FakeVad(),
        stt=CallerStt(voice, final_delay_s=_UNDERSTANDING_S),
        llm=llm,
        tts=FakeTts(every=Speech(word_s=_WORD_S, first_audio_s=_UNDERSTANDING_S), format=_FORMAT, frame_s=1.0),
    )
    happened: list[Event] = []
    session = _TextSession(agent, models=models, transport=telephone, settings=settings, observers=[happened.append])
    session.voice, session.telephone = voice, telephone
    failed: AssertionError | None = None
    async with session:
        talk = TextTalk(session, voice=voice, happened=happened)
        try:
            await talk.begin()
            yield talk
        except AssertionError as error:
            failed = error  # it is the test's, not the session's: it goes on alone, in no group
    if failed is not None:
        raise failed


class TextTalk:
    """A conversation in text, from the user's side; made by `text_session`.

    Args:
        session: the conversation.
        voice: what the user says.
        happened: the session's events so far; it grows.
    """

    def __init__(self, session: Session, *, voice: CallerVoice, happened: list[Event]) -> None:
        #: The program's side: a test may do with it what a program does.
        self.session = session
        #: What the agent said and did of itself when the conversation began.
        self.opening = Turn(said="", items=())
        #: The turns so far.
        self.turns: list[Turn] = []
        self._voice = voice
        self._happened = happened

    @property
    def over(self) -> str:
        """Why the call is over; empty while it is not."""
        return next((event.reason for event in self._happened if isinstance(event, SessionEnded)), "")

    @property
    def items(self) -> tuple[ContextItem, ...]:
        """The conversation so far."""
        return self.session.context.items

    async def begin(self) -> None:
        """Let the agent enter. For `text_session`."""
        self.opening = await self._take("")

    async def says(self, text: str) -> Turn:
        """Say something, and wait until the agent has answered and all has come to rest.

        Args:
            text: the words.

        Returns:
            What the agent said and did, with assertions.

        Raises:
            ConfigurationError: there are no words, or the call is over.
            TurnFailed: the agent does not come to rest.
        """
        if not text.strip():
            raise ConfigurationError("the user must say something; to wait for the agent, use `talk.waits(for_s)`")
        if self.over:
            raise ConfigurationError(f"nothing can be said any more: the call is over, {self.over}")
        turn = await self._take(text)
        self.turns.append(turn)
        return turn

    async def waits(self, for_s: float) -> Turn:
        """Say nothing for a while, seconds; then as `says`."""
        return await self._take("", for_s)

    async def _take(self, text: str, for_s: float = 0.0) -> Turn:
        before, first_event = self.items, len(self._happened)
        try:
            with trio.fail_after(for_s + PATIENCE_S):
                await self._let_happen(text, for_s)
        except trio.TooSlowError:
            turn = self._turn(text, before, first_event)
            raise TurnFailed(f"the agent has not come to rest within {PATIENCE_S:g} s\n\n{turn}") from None
        return self._turn(text, before, first_event)

    async def _let_happen(self, text: str, for_s: float) -> None:
        """Until all is quiet again, or the call over."""

        async def until_quiet() -> None:
            if text:
                await self._utter(text)
            await trio.sleep(for_s)
            await self.session.wait_idle(REST_S)

        await first_of(until_quiet, self.session.wait_ended)

    async def _utter(self, text: str) -> None:
        now_s = self._voice.now_s
        understood = Utterance(text=text, final_delay_s=_UNDERSTANDING_S)
        self._voice.utter(Saying(start_s=now_s, end_s=now_s + _SAYING_S, text=text, understood=understood))
        await trio.sleep(_SAYING_S)

    def _turn(self, text: str, before: tuple[ContextItem, ...], first_event: int) -> Turn:
        new = [item for item in self.items if not any(item is known for known in before)]
        done = [item for item in new if not (isinstance(item, ChatMessage) and item.role == "user")]
        errors = tuple(filter(None, map(_failure, self._happened[first_event:])))
        return Turn(said=text, items=tuple(done), errors=errors)


class _TextSession(Session):
    """A session that hears and speaks without sound."""

    voice: CallerVoice
    telephone: KeyTelephone

    def _build_ears(self, parts: SessionParts) -> Ears:
        self.voice.epoch_s = parts.epoch_s
        return build_text_ears(parts, self.voice, self.telephone)


def _failure(event: Event) -> str:
    match event:
        case ReplyFailed():
            return event.error
        case ActorFailed():
            return f"{event.actor}: {event.cause}"
        case _:
            return ""
