"""Holding a simulated call: the production session between a simulated caller and models, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

import attrs
import trio

from trialogue.agents._settings import Models
from trialogue.agents.session._session import Session
from trialogue.agents.session._wiring import Ears, SessionParts, build_ears
from trialogue.agents.testing._call import Call
from trialogue.agents.testing._caller import Caller, Ear, NotHeard
from trialogue.agents.testing._fake_llm import FakeLlm
from trialogue.agents.testing._fake_tts import FakeTts
from trialogue.agents.testing._fake_vad import FakeVad
from trialogue.agents.testing._key_ear import KeyEar
from trialogue.agents.testing._record import CallRecord, WatchedPolicy
from trialogue.agents.testing._telephone import KeyTelephone, Telephone
from trialogue.agents.testing._text_level import TextTrack, build_text_ears
from trialogue.agents.testing._voice import CallerStt, CallerVoice
from trialogue.engine import TransportBroken, VirtualTime, leaves_of, run
from trialogue.frames import SPEECH_FORMAT, AudioFormat

if TYPE_CHECKING:
    from trialogue.actors import TurnPolicy
    from trialogue.agents._agent import Agent
    from trialogue.agents.events._events import Event
    from trialogue.agents.testing._scenario import Scenario

#: How exactly the agent's speech passes without sound: a sample a millisecond.
TEXT_FORMAT: Final = AudioFormat(rate_hz=1000)

#: Values of the agent's samples, sentence by sentence: so what sounds can be told apart, faded or not.
_LEVELS: Final = tuple(range(500, 500 + 64 * 32, 32))

#: Length of the pieces in which the voice gives its sound, by level, seconds.
_PIECE_S: Final = {"sound": 0.02, "text": 1.0}

#: So long nobody has spoken or thought when a conversation has come to rest, seconds.
_REST_S: Final = 2.0

#: By then it has come to rest, or never will, seconds.
_STUCK_S: Final = 120.0


def simulate(agent: Agent, scenario: Scenario) -> Call:
    """Hold a call, in virtual time: an hour of it takes seconds. Not from inside an async function.

    Args:
        agent: who speaks. An object that remembers things needs to be a new one for each call.
        scenario: what happens.

    Returns:
        What came of it, with the assertions. The same agent, scenario and seed give the same to the last byte.

    Raises:
        AssertionError: the script's own; NotHeard among them, and that the call was over before the script. With the
            timeline as a note.
        ExceptionGroup: the session broke, other than with its wire.
    """
    simulation = _Simulation(agent, scenario)
    run(simulation.hold, virtual=VirtualTime(seed=scenario.seed))
    call = simulation.call()
    for error in simulation.errors:
        error.add_note(f"\nThe call, second by second:\n{call.timeline()}")
        raise error
    return call


class _SimulatedSession(Session):
    """A session whose ears are the simulation's."""

    simulated_ears: Callable[[SessionParts], Ears] = staticmethod(build_ears)

    def _build_ears(self, parts: SessionParts) -> Ears:
        return self.simulated_ears(parts)


class _Simulation:
    """One call, from its parts to what came of it."""

    def __init__(self, agent: Agent, scenario: Scenario) -> None:
        self._scenario = scenario
        self._voice = CallerVoice()
        format = SPEECH_FORMAT if scenario.level == "sound" else TEXT_FORMAT
        by_messages = scenario.level == "text" or scenario.wire.keys == "messages"
        kind = KeyTelephone if by_messages else Telephone
        self._telephone = kind(self._voice, scenario.wire, speaker_format=format, seed=scenario.seed)
        self._record = CallRecord(scenario=scenario, voice=self._voice, telephone=self._telephone)
        self._session = _SimulatedSession(
            agent,
            models=scenario.models or self._fakes(format),
            transport=self._telephone,
            settings=scenario.settings,
            observers=[self._observe],
        )
        self._session.simulated_ears = self._ears
        self._ear: Ear | None = None
        self.errors: list[Exception] = []

    def call(self) -> Call:
        """What came of it; when it is over."""
        self._telephone.hang_on()
        return Call(self._record)

    async def hold(self) -> None:
        """The call, from the first ring on."""
        try:
            async with self._session as session:
                assert self._ear is not None
                caller = Caller(
                    session,
                    voice=self._voice,
                    telephone=self._telephone,
                    ear=self._ear,
                    recognition=self._scenario.recognition,
                )
                self._record.asked_for = caller.asked_for
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._follow_script, caller, name="caller")
                    await session.wait_ended()
                    nursery.cancel_scope.cancel(reason="the call is over")
        except ExceptionGroup as group:  # what failed in the same moment as the wire may come with it
            if not any(isinstance(leaf, TransportBroken) for leaf in leaves_of(group)):
                raise
            self._record.broken = group
        finally:
            self._record.history = self._session.history
            self._record.left_s = trio.current_time() - self._voice.epoch_s

    async def _follow_script(self, caller: Caller) -> None:
        """What happens from outside; at last the caller hangs up."""
        script, session, followed = self._scenario.caller, caller.session, False
        try:
            if callable(script):
                await script(caller)
            else:
                await caller.do(script)
            followed = True
            with trio.fail_after(_STUCK_S):
                await session.wait_idle(_REST_S)
        except trio.TooSlowError:
            self.errors.append(NotHeard(f"{_STUCK_S:g} s after the script, the conversation has not come to rest"))
        except trio.Cancelled:
            if callable(script) and not followed and not self._telephone.is_gone:
                ended = self._record.events[-1]
                self.errors.append(
                    NotHeard(
                        f"the call was over before its script was: {ended}; a script that wants the agent to end the "
                        f"call ends with `await caller.session.wait_ended()`"
                    )
                )
            raise
        except Exception as error:  # noqa: BLE001  # a supervisor: the call ends in order, then the error goes on
            self.errors.append(error)
        self._telephone.hang_up()

    def _fakes(self, format: AudioFormat) -> Models:
        scenario = self._scenario
        tts = FakeTts(
            every=scenario.speech,
            exceptions=scenario.exceptions,
            levels=_LEVELS,
            format=format,
            frame_s=_PIECE_S[scenario.level],
        )
        stt = CallerStt(self._voice, final_delay_s=scenario.recognition.final_delay_s)
        vad, llm = FakeVad(), FakeLlm(answers=scenario.model())
        self._record.leases = [fake.statistics for fake in (vad, stt, llm, tts)]
        self._record.spoken = tts.records
        return Models(vad=vad, stt=stt, llm=llm, tts=tts)

    def _ears(self, parts: SessionParts) -> Ears:
        self._voice.epoch_s = parts.epoch_s
        watched = cast("TurnPolicy", WatchedPolicy(parts.policy, self._record.judged))  # it is asked the same
        parts = attrs.evolve(parts, policy=watched)
        if self._scenario.level == "sound":
            ears = build_ears(parts)
        else:
            ears = build_text_ears(parts, self._voice, self._telephone)
        track = ears.track
        keys = KeyEar(self._telephone, in_sound=self._scenario.level == "sound")
        if isinstance(track, TextTrack):
            ear = Ear(track=track, source=self._source, heard_at_s=track.heard_at_s, keys=keys)
            track.on_news = ear.prick_up
        else:
            ear = Ear(track=track, source=self._source, heard_at_s=_never, keys=keys)
            self._telephone.on_sound = ear.prick_up
        self._ear = ear
        self._record.pipes = ears.graph.pipes
        return ears

    def _source(self) -> str:
        reply = self._session._mouth.queue.current
        return "" if reply is None else reply.source

    def _observe(self, event: Event) -> None:
        self._record.events.append(event)
        if self._ear is not None:
            self._ear.observe(event)


def _never(chars: int) -> float | None:
    """With sound, the caller listens to each frame; nothing is known ahead."""
    del chars
    return None
