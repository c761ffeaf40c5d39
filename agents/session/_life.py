"""The life of a session: what it consists of is opened, begun and ended, in this order."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import trio

from trialogue.agents.events._event_stream import actor_failed, go_on_without
from trialogue.agents.flight._flight_record import flight_recorded
from trialogue.agents.session._cast import open_cast, parts_of
from trialogue.agents.session._loading import load_in_background
from trialogue.agents.session._seat import Surroundings
from trialogue.agents.session._session_parts import Running, asyncio_loop
from trialogue.agents.session._settling import Settling
from trialogue.agents.session._wiring import Attendants, Recording, SessionParts
from trialogue.agents.speech._mouth import Lines
from trialogue.agents.speech._performance import ReplyKit
from trialogue.agents.tools._tool_runner import ToolRunner, ToolSurroundings
from trialogue.engine import Pacer
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.actors import RecordingSwitch, TurnPolicy
    from trialogue.agents.context._history import History
    from trialogue.agents.events._events import Event
    from trialogue.agents.session._cast import Cast
    from trialogue.agents.session._floor import ConversationFloor
    from trialogue.agents.session._seat import Seat
    from trialogue.agents.session._session import Session
    from trialogue.agents.session._session_parts import Given
    from trialogue.agents.session._time import SessionTime
    from trialogue.agents.session._wiring import Ears
    from trialogue.agents.speech._accompaniment import Accompaniment
    from trialogue.agents.speech._mouth import Mouth
    from trialogue.engine import ActorFault, AsyncioLoop


_log = logging.getLogger(__name__)


@frozen(kw_only=True, eq=False)
class Life:
    """What a session consists of, to be run once.

    Args:
        session: given to hooks and tools.
        given: what it was made with.
        time: begins when all is open.
        policy, history, seat, mouth, floor, beside: its parts.
        emit: tells of events.
        build_ears: makes its graph.
        switch: of its recording.
    """

    session: Session
    given: Given
    time: SessionTime
    policy: TurnPolicy
    history: History
    seat: Seat
    mouth: Mouth
    floor: ConversationFloor
    beside: Accompaniment
    emit: Callable[[Event], None]
    build_ears: Callable[[SessionParts], Ears]
    switch: RecordingSwitch

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncGenerator[Running, None]:
        """Open the models, begin, and at the end of the block say goodbye and close all."""
        with flight_recorded(self.policy, self._go_on_without_record):
            try:
                async with self._opened() as running:
                    yield running
            finally:
                self.mouth.let_go()
                self.seat.let_go()

    @contextlib.asynccontextmanager
    async def _opened(self) -> AsyncGenerator[Running, None]:
        models, settings = self.given.models, self.given.settings
        async with (
            open_cast(parts_of(models), parts_of(self.session.agent), models.denoiser, settings) as cast,
            asyncio_loop(self.given.asyncio) as asyncio,
            trio.open_nursery() as nursery,
        ):
            self.time.begin()
            ears = self.build_ears(self._session_parts(nursery, cast))
            running = Running(
                cast=cast,
                ears=ears,
                tools=self._tool_runner(nursery, asyncio),
                asyncio=asyncio,
                policy=self.policy,
                replies=self.mouth.queue,
            )
            self._begin(running, nursery)
            try:
                yield running
            finally:
                self.session.end()
                with trio.move_on_after(settings.conversation.hook_s, shield=True):
                    await self.seat.leave()
                ears.way_out.close()
                nursery.cancel_scope.cancel(reason="the session has ended")

    def _begin(self, running: Running, nursery: trio.Nursery) -> None:
        cast, ears, entered = running.cast, running.ears, self.floor.see_what_is_left
        kit = ReplyKit(
            cast=cast, track=ears.way_out, tools=running.tools, gate=self.mouth.gate, stages=self.seat.stages
        )
        self.mouth.begin(Lines(kit=kit, nursery=nursery, facts=ears.reply_facts, dropped=entered))
        ears.way_out.page.begin(self.emit)
        self.beside.begin(ears.way_out)
        self.floor.open(ears.reply_facts, cast.name_of_recogniser)
        self.seat.open(self._surroundings(running, nursery))
        nursery.start_soon(ears.graph.run, self._actor_failed, name="session graph")
        nursery.start_soon(self.mouth.run, name="mouth")
        nursery.start_soon(self.seat.run, name="seat")
        nursery.start_soon(load_in_background, self.given.settings, name="loading")

    def _surroundings(self, running: Running, nursery: trio.Nursery) -> Surroundings:
        settling = Settling(
            there=self.given.there,
            floor=self.floor,
            way_out=running.ears.way_out,
            time=self.time,
            turn=self.given.turn_settings(self.session.agent),
        )
        return Surroundings(
            session=self.session,
            nursery=nursery,
            mouth=self.mouth,
            cast=running.cast,
            settling=settling,
            entered=self.floor.see_what_is_left,
        )

    def _session_parts(self, nursery: trio.Nursery, cast: Cast) -> SessionParts:
        given = self.given
        pacer = given.pacer or Pacer()
        if given.pacer is None and given.transport is not None:
            nursery.start_soon(pacer.run, name="pacer")
        return SessionParts(
            listeners=cast.listeners,
            settings=given.settings,
            transport=given.transport,
            recording=None if given.recording is None else Recording(sink=given.recording, switch=self.switch),
            pacer=pacer,
            policy=self.policy,
            floor=self.floor,
            attendants=Attendants(
                keys=self.floor.keys,
                callee=self.floor.callee,
                sight=self.seat.sight,
                keyterms=lambda: self.seat.keyterms,
                understood=self.seat.stages.understood,
            ),
            epoch_s=self.time.epoch_s,
            end=self.session.end,
            user_gone=lambda: self.session.end("the user has gone", cause="user gone"),
        )

    def _tool_runner(self, nursery: trio.Nursery, asyncio: AsyncioLoop) -> ToolRunner:
        return ToolRunner(
            ToolSurroundings(
                session=self.session,
                nursery=nursery,
                history=self.history,
                emit=self.floor.follow_tool,
                hand_over=self.seat.hand_over,
                follow_up=self.mouth.follow_up,
                asyncio=asyncio,
                patience_s=self.given.settings.tool_s,
            )
        )

    def _go_on_without_record(self, error: Exception) -> None:
        _log.warning("the flight record ends here: %s", error)
        self.emit(go_on_without("flight record", error, self.time.now_s))

    def _actor_failed(self, fault: ActorFault) -> None:
        self.emit(actor_failed(fault, self.time.epoch_s))
        if fault.decision == "escalate":
            self.session.end(f"the actor {fault.actor} failed: {fault.cause}", cause="failure")
