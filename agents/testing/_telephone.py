"""The simulated telephone: a transport whose caller speaks live, with jitter and a remote buffer where wanted."""

from __future__ import annotations

import functools
import math
import random
from array import array
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import trio

from trialogue.actors import key_tones
from trialogue.agents.testing._echo import Echo
from trialogue.engine import Channel, Inbox, Outbox, TransportBroken
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, KeyPressed

if TYPE_CHECKING:
    from trialogue.agents.testing._scenario import Wire
    from trialogue.agents.testing._voice import CallerVoice, Saying

#: Length of the microphone's frames, seconds.
_FRAME_S: Final = 0.02

#: The value of the caller's samples.
_LEVEL: Final = 1000

#: How long a key is pressed, with the pause after it, and how long the pause is that a comma stands for; seconds.
_KEY_S: Final = 0.2
_COMMA_S: Final = 2.0

#: Keys that may be on their way.
_KEYS: Final = 256


class Telephone:
    """Where the simulated caller is. One call each.

    Args:
        voice: what the caller says.
        wire: latency and jitter.
        speaker_format: mono int16.
        seed: of the jitter.
    """

    microphone_format = SPEECH_FORMAT

    def __init__(self, voice: CallerVoice, wire: Wire, *, speaker_format: AudioFormat, seed: int) -> None:
        self.speaker_format = speaker_format
        self.speaker_latency_s = wire.latency_s
        #: What the caller heard: when, session time in seconds, and the frame.
        self.heard: list[tuple[float, AudioFrame]] = []
        #: Called when the caller has heard something.
        self.on_sound: Callable[[], None] = lambda: None
        self._voice = voice
        self._late_s = functools.partial(random.Random(seed).uniform, 0.0, wire.jitter_s)
        self._echo = None if wire.echo_db is None else Echo(wire.echo_db)
        self._speaking: list[Saying] = []
        self._tones: list[tuple[int, bytes]] = []  # from which sample on, and which
        self._remote: deque[tuple[float, AudioFrame]] = deque()  # handed over, not heard yet
        self._gone = trio.Event()
        self._broken = False
        voice.listeners.append(self._speaking.append)

    @property
    def is_gone(self) -> bool:
        """Whether the caller has gone, or the wire is broken."""
        return self._gone.is_set()

    def hang_up(self) -> None:
        """The caller goes. Synchronous."""
        self._gone.set()

    def break_wire(self) -> None:
        """The transport fails. Synchronous."""
        self._broken = True
        self._gone.set()

    async def wait_gone(self) -> None:
        """Wait until the caller goes.

        Raises:
            TransportBroken: the wire breaks instead.
        """
        await self._gone.wait()
        if self._broken:
            raise TransportBroken("the simulated wire broke, as its scenario says")

    async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
        """Send a frame for each 20 ms, when it is over, until the caller goes.

        Raises:
            TransportBroken: the wire breaks instead.
        """
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._speak_into, audio_out, name="simulated microphone")
            await self._gone.wait()
            nursery.cancel_scope.cancel(reason="the caller has gone")
        await self.wait_gone()  # outside of the nursery: the error of a broken wire is in no group

    async def _speak_into(self, audio_out: Outbox[AudioFrame]) -> None:
        samples, number = SPEECH_FORMAT.samples(_FRAME_S), 0
        silence, speech = SPEECH_FORMAT.silence(samples), array("h", [_LEVEL]).tobytes() * samples
        epoch_s = self._voice.epoch_s
        while True:
            end_s = (number + 1) * _FRAME_S
            await trio.sleep_until(epoch_s + end_s + self._late_s())
            pcm = self._mixed(silence, speech, number * samples) if self._speaking or self._tones else silence
            frame = AudioFrame(pcm=pcm, at_sample=number * samples, format=SPEECH_FORMAT)
            await audio_out.send(frame if self._echo is None else self._echo.add_to(frame))
            number += 1

    def _mixed(self, silence: bytes, speech: bytes, at_sample: int) -> bytes:
        """The samples of a frame in which somebody may speak."""
        rate_hz, samples = SPEECH_FORMAT.rate_hz, len(silence) // 2
        pcm = bytearray(silence)
        for saying in tuple(self._speaking):
            first = max(0, round(saying.start_s * rate_hz) - at_sample)
            last = min(samples, round(saying.end_s * rate_hz) - at_sample)
            if first < last:
                pcm[first * 2 : last * 2] = speech[: (last - first) * 2]
            elif last <= 0:
                self._speaking.remove(saying)
        for tone in tuple(self._tones):
            first, last = max(0, tone[0] - at_sample), min(samples, tone[0] + len(tone[1]) // 2 - at_sample)
            if first < last:
                pcm[first * 2 : last * 2] = tone[1][(at_sample + first - tone[0]) * 2 :][: (last - first) * 2]
            elif last <= 0:
                self._tones.remove(tone)
        return bytes(pcm)

    def beep(self, hz: float, for_s: float) -> None:
        """A machine beeps from now on. Synchronous."""
        step = 2 * math.pi * hz / SPEECH_FORMAT.rate_hz
        wave = (round(10 * _LEVEL * math.sin(step * number)) for number in range(SPEECH_FORMAT.samples(for_s)))
        self._tones.append((SPEECH_FORMAT.samples(self._voice.now_s), array("h", wave).tobytes()))

    def press(self, keys: str) -> None:
        """The caller presses keys, one at a time, from now on, or after those that are being pressed. Synchronous."""
        now_sample = SPEECH_FORMAT.samples(self._voice.now_s)
        begin = max([now_sample, *(at_sample + len(pcm) // 2 for at_sample, pcm in self._tones)])
        self._tones.append((begin, key_tones(keys, SPEECH_FORMAT)))

    async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
        """Hear the agent."""
        async for frame in audio_in:
            if self._echo is not None:
                self._echo.hear(frame)
            self.hear(self._voice.now_s, frame)

    def hear(self, at_s: float, frame: AudioFrame) -> None:
        """A frame was handed over at a session time, seconds."""
        if not self.speaker_latency_s:
            self.heard.append((at_s, frame))
        else:
            self._settle(at_s)
            self._remote.append((at_s + self.speaker_latency_s, frame))
        self.on_sound()

    def flush(self) -> None:
        """Throw away what is on its way."""
        self._settle(self._voice.now_s)
        self._remote.clear()

    def hang_on(self) -> None:
        """Hear what is on its way still: after the end of the call."""
        self._settle(float("inf"))

    def _settle(self, now_s: float) -> None:
        while self._remote and self._remote[0][0] <= now_s:
            self.heard.append(self._remote.popleft())


class KeyTelephone(Telephone):
    """A telephone whose keys come as messages, beside the sound."""

    def __init__(self, voice: CallerVoice, wire: Wire, *, speaker_format: AudioFormat, seed: int) -> None:
        super().__init__(voice, wire, speaker_format=speaker_format, seed=seed)
        self._pressed = Channel[KeyPressed]("simulated keys", capacity=_KEYS)
        self._free_s = 0.0  # from then on the finger is free, session time

    def press(self, keys: str) -> None:
        """The caller presses keys, one at a time, from now on, or after those that are being pressed. Synchronous."""
        self._free_s = max(self._free_s, self._voice.now_s)
        for key in keys:
            if key != ",":
                self._pressed.outbox.send_nowait(KeyPressed(key=key, at_s=self._free_s))
            self._free_s += press_s(key)

    async def keys(self, keys_out: Outbox[KeyPressed]) -> None:
        """Send each key at its moment."""
        async for key in self._pressed.inbox:
            await trio.sleep_until(self._voice.epoch_s + key.at_s)
            await keys_out.send(key)


def press_s(keys: str) -> float:
    """How long it takes to press keys, seconds."""
    return sum(_COMMA_S if key == "," else _KEY_S for key in keys)
