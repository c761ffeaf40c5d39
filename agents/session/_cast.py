"""The cast: the models of a session, each of which can be replaced in the middle of a call."""

from __future__ import annotations

import contextlib
import enum
import functools
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import attrs
import trio

from trialogue.agents.events._requests import model_name
from trialogue.agents.session._places import Held, Listener, Place
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents._settings import SessionSettings
    from trialogue.engine import (
        Denoiser,
        LanguageModel,
        ModelConnection,
        RecognitionStream,
        SpeechDetector,
        SpeechToText,
        TextToSpeech,
        TurnDetector,
        TurnJudge,
        Voice,
        VoiceActivityDetector,
    )

T = TypeVar("T")


class Off(enum.Enum):
    """The type of OFF."""

    OFF = "off"


#: Instead of a model: none, though the session has one.
OFF: Final = Off.OFF


@frozen(kw_only=True)
class Parts:
    """Which providers play; None: as it is; OFF: nobody."""

    llm: LanguageModel | Off | None = None
    tts: TextToSpeech | Off | None = None
    stt: SpeechToText | Off | None = None
    vad: VoiceActivityDetector | Off | None = None
    turn_detector: TurnDetector | Off | None = None

    def over(self, other: Parts) -> Parts:
        """These, and the other ones where nothing is said of who plays."""
        return Parts(
            llm=other.llm if self.llm is None else self.llm,
            tts=other.tts if self.tts is None else self.tts,
            stt=other.stt if self.stt is None else self.stt,
            vad=other.vad if self.vad is None else self.vad,
            turn_detector=other.turn_detector if self.turn_detector is None else self.turn_detector,
        )

    @property
    def named(self) -> tuple[str, ...]:
        """The names of those of which something is said."""
        return tuple(field.name for field in attrs.fields(Parts) if getattr(self, field.name) is not None)

    @property
    def there(self) -> frozenset[str]:
        """The names of those that play."""
        return frozenset(name for name in self.named if getattr(self, name) is not OFF)


class _Plays(Protocol):
    """Who may bring models: a session's Models, or an agent."""

    @property
    def llm(self) -> LanguageModel | Off | None: ...
    @property
    def tts(self) -> TextToSpeech | Off | None: ...
    @property
    def stt(self) -> SpeechToText | Off | None: ...
    @property
    def vad(self) -> VoiceActivityDetector | Off | None: ...
    @property
    def turn_detector(self) -> TurnDetector | Off | None: ...


def parts_of(owner: _Plays) -> Parts:
    """The models that a session or an agent brings."""
    return Parts(llm=owner.llm, tts=owner.tts, stt=owner.stt, vad=owner.vad, turn_detector=owner.turn_detector)


def playing(part: T | Off | None) -> T | None:
    """The provider, or None where nobody plays."""
    return None if isinstance(part, Off) else part


@frozen(kw_only=True, eq=False)
class Players:
    """The models of a reply that begins now; None where there is none."""

    llm: Held[ModelConnection] | None
    tts: Held[Voice] | None

    def borrow(self) -> None:
        """A reply uses them."""
        for held in (self.llm, self.tts):
            if held is not None:
                held.borrow()

    def give_back(self) -> None:
        """A reply does not use them any more."""
        for held in (self.llm, self.tts):
            if held is not None:
                held.give_back()


@frozen(kw_only=True, eq=False)
class Listeners:
    """Who hears the user, and who takes the noise away before.

    Args:
        settings: those of now.
    """

    vad: Listener[SpeechDetector]
    stt: Listener[RecognitionStream]
    turn_detector: Listener[TurnJudge]
    denoiser: Denoiser | None
    settings: Callable[[], SessionSettings]


def listeners_of(
    parts: Parts, denoiser: Denoiser | None, settings: Callable[[], SessionSettings], base: Parts | None = None
) -> Listeners:
    """The places of those who hear the user.

    Args:
        parts: who is there first.
        denoiser, settings: see Listeners.
        base: who may be there later, though the first agent switches them off.
    """
    later = base or parts
    return Listeners(
        denoiser=denoiser,
        settings=settings,
        vad=Listener("a voice-activity detector", playing(parts.vad), may_join=playing(later.vad) is not None),
        stt=Listener("a recogniser", playing(parts.stt), may_join=playing(later.stt) is not None),
        turn_detector=Listener(
            "a turn detector", playing(parts.turn_detector), may_join=playing(later.turn_detector) is not None
        ),
    )


class Change(Protocol):
    """A change at one place; see Move."""

    def take(self) -> None:
        """Make it."""

    def drop(self) -> None:
        """Leave it."""


_Opening = Callable[[], Awaitable[Change]]


@frozen(eq=False)
class Prepared:
    """A change of the cast, prepared: to be taken or dropped.

    Args:
        parts: who plays after it.
        settings: of their stages, after it.
        moves: what changes for that.
    """

    parts: Parts
    settings: SessionSettings
    moves: tuple[Change, ...]

    def drop(self) -> None:
        """Leave all as it is."""
        for move in self.moves:
            move.drop()


class Cast:
    """Opens models, and keeps them open for as long as they are needed; made by `open_cast`.

    Args:
        nursery: where they are held.
        base: who plays where an agent brings nobody of its own.
        own: what the first agent brings.
        denoiser: of the session.
        settings: of the stages.
    """

    def __init__(
        self, nursery: trio.Nursery, base: Parts, own: Parts, denoiser: Denoiser | None, settings: SessionSettings
    ) -> None:
        self.base = base
        #: Those of now.
        self.settings = settings
        #: Who plays now.
        self.parts = own.over(base)
        me = weakref.proxy(self)  # the places are mine: were I theirs, too, only the collector could free us
        self.listeners = listeners_of(self.parts, denoiser, lambda: me.settings, base)
        #: Held from `prepare` to `take`: one change at a time.
        self.changing = trio.Lock()
        self._nursery = nursery
        self._llm: Place[ModelConnection] = Place("the language model")
        self._tts: Place[Voice] = Place("the voice")

    @property
    def players(self) -> Players:
        """Who plays in a reply that begins now."""
        return Players(llm=self._llm.held, tts=self._tts.held)

    def name_of_recogniser(self) -> str:
        """Whose words are those of the user now; empty where nobody understands them."""
        stt = playing(self.parts.stt)
        return "" if stt is None else model_name(stt)

    async def begin(self) -> None:
        """Open the models of replies; who hears the user is opened by the actors. Raises ProviderError."""
        for move in await _all_or_none(self._speaking(self.parts)):
            move.take()

    async def prepare(self, wanted: Parts, settings: SessionSettings | None = None) -> Prepared:
        """Open what is wanted and does not play already; what plays stays as it is. To be taken or dropped.

        Args:
            wanted: everybody who is to play.
            settings: of their stages, from then on; None leaves them. Who listens by other ones is opened anew.

        Raises:
            ProviderError: one could not be opened; what was opened before is closed again.
            ConfigurationError: there is no actor that could use one.
        """
        settings = settings or self.settings
        moves = await _all_or_none((*self._hearing(wanted, settings), *self._speaking(wanted)))
        return Prepared(wanted, settings, moves)

    def take(self, prepared: Prepared) -> None:
        """Let those play from now on. Synchronous; who is replaced is closed when nobody needs it."""
        self.parts, self.settings = prepared.parts, prepared.settings
        for move in prepared.moves:
            move.take()

    def close(self) -> None:
        """Nobody plays any more."""
        for place in (self._llm, self._tts, self.listeners.vad, self.listeners.stt, self.listeners.turn_detector):
            place.close()

    def _speaking(self, parts: Parts) -> tuple[_Opening, ...]:
        return (
            functools.partial(self._tts.prepare, playing(parts.tts), self._nursery),
            functools.partial(self._llm.prepare, playing(parts.llm), self._nursery),
        )

    def _hearing(self, parts: Parts, settings: SessionSettings) -> tuple[_Opening, ...]:
        ears, now, nursery = self.listeners, self.settings, self._nursery
        judges_anew = settings.turn.language != now.turn.language
        return (
            functools.partial(ears.vad.prepare, playing(parts.vad), nursery, anew=settings.vad != now.vad),
            functools.partial(ears.stt.prepare, playing(parts.stt), nursery, anew=settings.stt != now.stt),
            functools.partial(ears.turn_detector.prepare, playing(parts.turn_detector), nursery, anew=judges_anew),
        )


async def _all_or_none(openings: tuple[_Opening, ...]) -> tuple[Change, ...]:
    """Prepare changes of places: where one fails, those before are dropped."""
    moves: list[Change] = []
    try:
        for opening in openings:
            moves.append(await opening())
    except BaseException:
        for move in moves:
            move.drop()
        raise
    return tuple(moves)


@contextlib.asynccontextmanager
async def open_cast(
    base: Parts, own: Parts, denoiser: Denoiser | None, settings: SessionSettings
) -> AsyncGenerator[Cast, None]:
    """The models of a session.

    Args:
        base: the session's.
        own: the first agent's.
        denoiser: of the session; it is opened by its actor.
        settings: of the stages.

    Raises:
        ProviderError: one could not be opened.
    """
    failure: Exception | None = None
    async with trio.open_nursery() as nursery:
        cast = Cast(nursery, base, own, denoiser, settings)
        try:
            await cast.begin()
        except Exception as error:  # noqa: BLE001  # raised below, as it is, and not in a group of the nursery's
            failure = error
        else:
            try:
                yield cast
            finally:
                cast.close()
    if failure is not None:
        raise failure
