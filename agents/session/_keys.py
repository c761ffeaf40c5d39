"""Keys of a telephone in a session: pressed by the user, told and collected; or sent by the agent, as tones."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

import trio

from trialogue.actors import TONES, CommitTurn, KeyCollector, KeypadSettings, KeysEntered, UserActed, key_tones
from trialogue.agents.events._call_events import UserPressedKey
from trialogue.agents.events._events import AgentStoppedSpeaking
from trialogue.engine import Channel, ChannelEnded, ConfigurationError, Graph, Inbox, Outbox, RestartPolicy
from trialogue.frames import KeyPressed, Sentence, SentenceFinished, SpeechAudio, SpeechItem, WordTiming

if TYPE_CHECKING:
    from trialogue.actors import TurnInput
    from trialogue.agents.context._books import Books
    from trialogue.agents.events._event_stream import EventListener
    from trialogue.agents.speech._mouth import Mouth
    from trialogue.engine import Transport
    from trialogue.frames import AudioFormat

#: Keys that may wait to be told: nobody presses as many in the time of a stall.
_KEYS: Final = 64

#: A call can do without keys.
_GO_ON: Final = RestartPolicy(then="go on without it")

#: Why the agent falls silent when a key is pressed that somebody waits for.
_TYPES: Final = "the user presses keys"


@runtime_checkable
class KeyTransport(Protocol):
    """A transport that brings the keys of its user as messages, beside the sound (RFC 4733, a carrier's stream)."""

    async def keys(self, keys_out: Outbox[KeyPressed]) -> None:
        """Send each key when it is pressed, with times as the microphone's positions count them.

        It returns when the user has gone, or when no more keys can come.
        """


class KeyDesk:
    """Tells of the keys that the user presses, and answers what is typed where nobody else collects it.

    Args:
        books: remember and tell.
        mouth: answers.
        entry: when what is typed is complete, and a turn of the user; None: never.
        tell: tells the turn policy.
    """

    def __init__(
        self, books: Books, mouth: Mouth, entry: KeypadSettings | None, tell: Callable[[TurnInput], None]
    ) -> None:
        self._tell = tell
        self._books = books
        self._mouth = mouth
        self._settings = entry
        self._entry: KeyCollector | None = None
        self._collectors = 0
        self._presses = 0
        #: The last keys, as they were: an event of one may hide which it was.
        self._pressed: list[KeyPressed] = []

    @property
    def deadline(self) -> float | None:
        """When to call `on_time`, session time in seconds; None while nothing is typed."""
        return None if self._entry is None else self._entry.deadline

    def press(self, key: KeyPressed) -> None:
        """The user pressed a key. Synchronous."""
        self._pressed = [*self._pressed, key][-_KEYS:]
        self._presses += 1
        self._books.emit(UserPressedKey(at_s=key.at_s, key=key.key))
        self._tell(UserActed(at_s=key.at_s))
        if self._collectors or self._settings is not None:
            self._mouth.interrupt(_TYPES, force=False)
        if self._collectors or self._settings is None:
            return
        if self._entry is None:
            self._entry = KeyCollector(key.at_s, self._settings)
        self._answer(self._entry.on_key(key))

    def on_time(self, now_s: float) -> None:
        """Tell the time; answers what is complete by then."""
        if self._entry is not None:
            self._answer(self._entry.on_time(now_s))

    @contextlib.contextmanager
    def collecting(self) -> Generator[None, None, None]:
        """Somebody collects: what is typed meanwhile is no turn."""
        self._entry = None
        self._collectors += 1
        try:
            yield
        finally:
            self._collectors -= 1

    async def collect(self, heard: EventListener, settings: KeypadSettings) -> KeysEntered:
        """Collect one entry.

        Args:
            heard: keys, and ends of the agent's speech.
            settings: when it is complete; the first key is waited for from the end of what the agent says on.
        """
        time = self._books.time
        collector, told = KeyCollector(time.now_s, settings), self._presses
        while (deadline_s := collector.deadline) is not None:
            event, entered = None, None
            with trio.move_on_at(time.epoch_s + deadline_s) as waiting:
                event = await anext(heard, None)
                if event is None:
                    return KeysEntered(keys=collector.keys, at_s=time.now_s, ended_by="the end of the call")
            if isinstance(event, UserPressedKey):
                entered = collector.on_key(self._pressed[told - self._presses])  # each is told once, in order
                told += 1
            elif isinstance(event, AgentStoppedSpeaking) or (not collector.keys and self._mouth.queue.busy):
                collector.ask_until(time.now_s)
            elif waiting.cancelled_caught:
                entered = collector.on_time(max(deadline_s, time.now_s))
            if entered is not None:
                return entered
        raise AssertionError("an entry without a deadline is complete")

    def _answer(self, entered: KeysEntered | None) -> None:
        """What was typed is a turn of the user."""
        if entered is None:
            return
        assert self._settings is not None
        self._entry = None
        turn = CommitTurn(
            text=f"[pressed {entered.keys or self._settings.end_key}]",
            speech_ended_s=entered.at_s,
            words_final_s=entered.at_s,
            committed_s=self._books.time.now_s,
            cause="typed",
        )
        self._books.turn_ended(turn)
        self._mouth.answer(turn)


# -- the ears


def add_keys(
    graph: Graph, transport: Transport, desk: KeyDesk | None, *, epoch_s: float, in_sound: bool
) -> Outbox[KeyPressed] | None:
    """Let the desk know of keys, where somebody tells of them.

    Args:
        graph: the session's.
        transport: where the user is; one that brings keys as messages knows better than any ear.
        desk: told of each key; None where nobody wants to know.
        epoch_s: the session's beginning on Trio's clock, seconds.
        in_sound: whether keys are heard in the sound.

    Returns:
        Where those that are heard in the sound go; None where nobody wants them.
    """
    if desk is None or not (in_sound or isinstance(transport, KeyTransport)):
        return None
    keys = Channel[KeyPressed]("keys", capacity=_KEYS)
    graph.add(pressed_keys, keys.inbox, desk=desk, epoch_s=epoch_s)
    if not isinstance(transport, KeyTransport):
        return keys.outbox
    graph.supervise(graph.add(brought_keys, keys.outbox, transport=transport), _GO_ON)
    return None


async def brought_keys(keys_out: Outbox[KeyPressed], *, transport: KeyTransport) -> None:
    """The keys that a transport brings as messages."""
    await transport.keys(keys_out)


async def pressed_keys(keys_in: Inbox[KeyPressed], *, desk: KeyDesk, epoch_s: float) -> None:
    """Tell of each key, and of the time when what is typed may be complete."""
    while True:
        deadline_s, key = desk.deadline, None
        with trio.move_on_at(math.inf if deadline_s is None else epoch_s + deadline_s):
            try:
                key = await keys_in.receive()
            except ChannelEnded:
                return
        if key is None:
            assert deadline_s is not None
            desk.on_time(max(deadline_s, trio.current_time() - epoch_s))
        else:
            desk.press(key)


# -- the mouth


async def key_sound(speech_out: Outbox[SpeechItem], *, keys: str, format: AudioFormat) -> None:
    """The tones of keys, as the sound of a reply; what was heard of it is counted in keys."""
    await speech_out.send(Sentence(text=keys, start=0, end=len(keys)))
    at_sample = 0
    for number, key in enumerate(keys):
        pcm = key_tones(key, format)
        place = WordTiming(at_sample=at_sample, start=number, end=number + 1)
        await speech_out.send(SpeechAudio(pcm=pcm, format=format, words=(place,)))
        at_sample += len(pcm) // format.bytes_per_sample
    await speech_out.send(SentenceFinished())


def checked_keys(keys: str) -> str:
    """Keys as a telephone has them.

    Raises:
        ConfigurationError: there are none, or one is no key.
    """
    strange = sorted(set(keys.upper()) - {*TONES, ","})
    if strange or not keys:
        raise ConfigurationError(
            f"{''.join(strange) or 'nothing'!r} cannot be pressed: a telephone has {''.join(sorted(TONES))}, and , for "
            f"a pause of two seconds"
        )
    return keys.upper()
