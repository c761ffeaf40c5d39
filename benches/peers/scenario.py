"""What every engine gets alike: sound, words, delays; and what is noted of it.

Adapters run in their peer's own environment, so this needs the standard library alone.
"""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final, Protocol

FRAMES: Final = 20_000
WARM_UP_FRAMES: Final = 500

#: 20 ms of mono int16 at 16 kHz.
RATE_HZ: Final = 16_000
FRAME_S: Final = 0.02
FRAME_SAMPLES: Final = 320
SPEECH: Final = b"\xe8\x03" * FRAME_SAMPLES
SILENCE: Final = bytes(2 * FRAME_SAMPLES)

#: A turn: a second of speech, then silence; frames.
SPEECH_FRAMES: Final = 50
CYCLE_FRAMES: Final = 200
TURNS: Final = 30
WARM_UP_TURNS: Final = 2

#: 40 tokens, eight sentences of five words. The first sentence's last token comes at 120 ms, its sound 50 ms later.
HEARD: Final = "hello how are you"
SENTENCES: Final = ("The quick brown fox jumps.", "Every word counts for now.") * 4
TOKENS: Final = tuple(word if not number else f" {word}" for number, word in enumerate(" ".join(SENTENCES).split(" ")))
FIRST_TOKEN_S: Final = 0.1
TOKEN_S: Final = 0.005
FIRST_SOUND_S: Final = 0.05
SENTENCE_S: Final = 0.25
#: Between two answers there is at least so much silence, seconds.
REST_S: Final = 1.0
PROVIDERS_S: Final = FIRST_TOKEN_S + 4 * TOKEN_S + FIRST_SOUND_S


@dataclass(frozen=True)
class Work:
    """What an engine is asked to do.

    Args:
        variant: how it is configured: words with a "+" between them.
        sentence_s: length of the sound of a sentence, seconds.
        real_detector: whether it listens with Silero and not with a fake.
        voice: what every sentence sounds like, for people: mono int16 at `RATE_HZ`; without it, constant samples.
    """

    variant: str
    sentence_s: float = SENTENCE_S
    real_detector: bool = False
    voice: bytes = b""

    def has(self, word: str) -> bool:
        """Whether the variant says so."""
        return word in self.variant.split("+")

    def sound(self, rate_hz: int = RATE_HZ) -> bytes:
        """What the voice makes of a sentence."""
        return at_rate(self.voice, rate_hz) or b"\xf4\x01" * round(self.sentence_s * rate_hz)


@dataclass
class Ears:
    """What a session hears and what it says: frames to its listeners, sound to its speaker. Times are `perf_counter`'s.

    Args:
        kept: where sound is kept, with when it begins to be heard; None keeps none.
    """

    kept: list[tuple[float, bytes]] | None = None
    pushed: int = 0
    vad: int = 0
    stt: int = 0
    driver: asyncio.Future[None] | None = None
    #: When the user's speech ended, until sound comes back.
    ended_s: float | None = None
    overheads_s: list[float] = field(default_factory=list)
    #: When sound that is no silence last came, until when it is heard, and when the speaker was told to stop.
    came_s: float = 0.0
    heard_until_s: float = 0.0
    stopped_s: float | None = None
    #: When the next frame of the answer is due, and how much later than that each came.
    due_s: float | None = None
    lateness_s: array[float] = field(default_factory=lambda: array("f"))

    def seen_by_vad(self) -> None:
        """The detector has a frame."""
        self.vad += 1
        self._note()

    def seen_by_stt(self) -> None:
        """The recogniser has a frame."""
        self.stt += 1
        self._note()

    def awaits_answer(self) -> None:
        """The user's speech ends."""
        self.ended_s = time.perf_counter()

    def is_answered(self) -> bool:
        """Whether sound has come back since then."""
        return self.ended_s is None

    def awaits_stop(self) -> None:
        """The user's speech begins, into an answer."""
        self.stopped_s = None

    def heard_back(self) -> None:
        """Sound has come to the speaker; only the first after the user's end of speech counts."""
        if self.ended_s is not None:
            self.overheads_s.append(time.perf_counter() - self.ended_s - PROVIDERS_S)
            self.ended_s = None
            self.due_s = None

    def plays(self, pcm: bytes, rate_hz: int = RATE_HZ, at_s: float | None = None) -> None:
        """A frame begins to be heard: now, or at a moment to come if the speaker holds sound."""
        now_s = time.perf_counter()
        at_s = now_s if at_s is None else at_s
        sounding = (len(pcm.rstrip(b"\0")) + 1) // 2
        if not sounding:
            return
        self.came_s, self.heard_until_s = now_s, at_s + sounding / rate_hz
        if self.due_s is not None and now_s > self.due_s + REST_S:
            self.due_s = None  # another answer
        if self.due_s is not None:
            self.lateness_s.append(max(0.0, now_s - self.due_s))
        self.due_s = (self.due_s or at_s) + len(pcm) / 2 / rate_hz
        if self.kept is not None:
            self.kept.append((at_s, at_rate(pcm, RATE_HZ, rate_hz)))

    def stops(self) -> None:
        """The speaker is told to stop; what is being heard may go on to the end of its frame."""
        self.stopped_s = time.perf_counter()

    def cut(self) -> None:
        """The speaker is told to stop, and what it holds is not heard."""
        self.stops()
        now_s = time.perf_counter()
        self.heard_until_s = min(self.heard_until_s, now_s)
        if self.kept is not None:
            self.kept = [(at_s, pcm[: 2 * max(0, round((now_s - at_s) * RATE_HZ))]) for at_s, pcm in self.kept]

    async def all_seen(self) -> None:
        """Wait until both have seen all that was pushed."""
        if not self._is_done():
            self.driver = asyncio.get_running_loop().create_future()
            await self.driver

    def _is_done(self) -> bool:
        return self.vad >= self.pushed <= self.stt

    def _note(self) -> None:
        if self.driver is not None and self._is_done():
            self.driver.set_result(None)
            self.driver = None


class Call(Protocol):
    """A peer's session, with fakes in place of its providers."""

    ears: Ears

    async def push(self, pcm: bytes) -> None:
        """A frame from the microphone, made into the peer's own."""

    async def begin_speech(self) -> None:
        """The detector says that the user speaks."""

    async def end_speech(self) -> None:
        """The detector says that it is over, and the recogniser what it was."""


def as_ms(overheads_s: list[float]) -> list[float]:
    """Of the turns that count; an engine that left one unanswered has not done the work."""
    if len(overheads_s) != WARM_UP_TURNS + TURNS:
        raise RuntimeError(f"{len(overheads_s)} answers to {WARM_UP_TURNS + TURNS} turns")
    return [round(overhead_s * 1e3, 2) for overhead_s in overheads_s[WARM_UP_TURNS:]]


async def tokens() -> AsyncIterator[str]:
    """The model's answer, on an absolute schedule from now on."""
    asked_s = time.perf_counter()
    for number, token in enumerate(TOKENS):
        await asyncio.sleep(max(0.0, asked_s + FIRST_TOKEN_S + number * TOKEN_S - time.perf_counter()))
        yield token


def at_rate(pcm: bytes, rate_hz: int, from_hz: int = RATE_HZ) -> bytes:
    """Mono int16 at another rate, the samples between two of them on a line."""
    if rate_hz == from_hz or not pcm:
        return pcm
    before = array("h", pcm)
    before.append(before[-1])
    after = array("h")
    for number in range((len(before) - 1) * rate_hz // from_hz):
        at, part = divmod(number * from_hz, rate_hz)
        after.append(before[at] + (before[at + 1] - before[at]) * part // rate_hz)
    return after.tobytes()


def frames_of(pcm: bytes, rate_hz: int = RATE_HZ) -> list[bytes]:
    """Sound in frames of 20 ms; the last may be shorter."""
    length = 2 * round(FRAME_S * rate_hz)
    return [pcm[at : at + length] for at in range(0, len(pcm), length)]
