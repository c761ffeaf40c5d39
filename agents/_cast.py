"""The cast: the models that replies are made with, each of which can be replaced in the middle of a call."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs
import trio

from trialogue.agents._requests import model_name
from trialogue.engine import patiently

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from trialogue.engine import LanguageModel, ModelConnection, TextToSpeech, Voice

T = TypeVar("T")


@attrs.define(eq=False)
class Held(Generic[T]):
    """A model that is open: until it is retired, and the last reply that uses it is over.

    Args:
        opened: what opening it gave.
        model: its name.
    """

    opened: T
    model: str
    _users: int = attrs.field(default=0, init=False)
    _retired: bool = attrs.field(default=False, init=False)
    #: It may be closed.
    free: trio.Event = attrs.field(factory=trio.Event, init=False)

    def borrow(self) -> None:
        """A reply uses it."""
        self._users += 1

    def give_back(self) -> None:
        """A reply does not use it any more."""
        self._users -= 1
        self._free_if_unused()

    def retire(self) -> None:
        """No other reply will use it."""
        self._retired = True
        self._free_if_unused()

    def _free_if_unused(self) -> None:
        if self._retired and not self._users:
            self.free.set()


@attrs.frozen(kw_only=True, eq=False)
class Players:
    """The models of a reply that begins now."""

    llm: Held[ModelConnection]
    tts: Held[Voice]

    def borrow(self) -> None:
        """A reply uses them."""
        self.llm.borrow()
        self.tts.borrow()

    def give_back(self) -> None:
        """A reply does not use them any more."""
        self.llm.give_back()
        self.tts.give_back()


@attrs.frozen(kw_only=True)
class Parts:
    """Which providers play; None: as it is."""

    llm: LanguageModel | None = None
    tts: TextToSpeech | None = None

    def over(self, other: Parts) -> Parts:
        """These, and the other ones where there is nobody."""
        return Parts(llm=other.llm if self.llm is None else self.llm, tts=other.tts if self.tts is None else self.tts)


class Cast:
    """Opens models, and keeps them open for as long as they are needed; made by `open_cast`.

    Args:
        nursery: where they are held.
        base: who plays where an agent brings nobody of its own.
    """

    def __init__(self, nursery: trio.Nursery, base: Parts) -> None:
        self.base = base
        #: Held from `prepare` to `take`: one change at a time.
        self.changing = trio.Lock()
        self._nursery = nursery
        self._players: Players | None = None
        self._parts = Parts()

    @property
    def players(self) -> Players:
        """Who plays in a reply that begins now."""
        assert self._players is not None
        return self._players

    def with_base(self, own: Parts) -> Parts:
        """Who is to play where an agent brings these."""
        return own.over(self.base)

    async def prepare(self, wanted: Parts) -> Players:
        """Open what is wanted and does not play already; what plays stays as it is. To be taken or thrown away.

        Raises:
            ProviderError: one could not be opened; what was opened before is closed again.
        """
        now, playing = self._players, self._parts
        voice = now.tts if now is not None and wanted.tts in (None, playing.tts) else None
        connection = now.llm if now is not None and wanted.llm in (None, playing.llm) else None
        opened: list[Held[Voice]] = []
        try:
            if voice is None:
                assert wanted.tts is not None
                opened.append(voice := await self._open(wanted.tts.open(), "the voice", model_name(wanted.tts)))
            if connection is None:
                assert wanted.llm is not None
                connection = await self._open(wanted.llm.open(), "the language model", model_name(wanted.llm))
        except BaseException:
            for held in opened:
                held.retire()
            raise
        return Players(llm=connection, tts=voice)

    def take(self, players: Players, parts: Parts) -> None:
        """Let those play from the next reply on. Synchronous; who is replaced is closed when no reply needs it."""
        before, self._players = self._players, players
        self._parts = parts.over(self._parts)
        if before is None:
            return
        if before.llm is not players.llm:
            before.llm.retire()
        if before.tts is not players.tts:
            before.tts.retire()

    def close(self) -> None:
        """Nobody plays any more."""
        if self._players is not None:
            self._players.llm.free.set()
            self._players.tts.free.set()

    async def _open(self, opening: AbstractAsyncContextManager[T], name: str, model: str) -> Held[T]:
        held: Held[T] = await self._nursery.start(_hold, opening, name, model)
        return held


@contextlib.asynccontextmanager
async def open_cast(base: Parts, own: Parts) -> AsyncGenerator[Cast, None]:
    """The models of a session.

    Args:
        base: the session's, both of them.
        own: the first agent's.

    Raises:
        ProviderError: one could not be opened.
    """
    failure: Exception | None = None
    async with trio.open_nursery() as nursery:
        cast = Cast(nursery, base)
        parts = cast.with_base(own)
        try:
            players = await cast.prepare(parts)
        except Exception as error:  # noqa: BLE001  # raised below, as it is, and not in a group of the nursery's
            failure = error
        else:
            cast.take(players, parts)
            try:
                yield cast
            finally:
                cast.close()
    if failure is not None:
        raise failure


async def _hold(  # noqa: ASYNC114  # started in one place
    opening: AbstractAsyncContextManager[T], name: str, model: str, *, task_status: trio.TaskStatus[Held[T]]
) -> None:
    async with patiently(opening, name=name) as opened:
        held = Held(opened, model)
        task_status.started(held)
        await held.free.wait()
