"""A voice that remembers what it has said: greetings and fillers cost their synthesis once."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING

import attrs
import trio

from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from trialogue.engine import TextToSpeech, Voice
    from trialogue.frames import AudioFormat, SpeechAudio


@attrs.define(kw_only=True, eq=False)
class CachedVoice:
    """Wraps a voice. What was synthesised to its end is kept, the least used is dropped first.

    What is kept belongs to the wrapped object: its settings never change, so a sentence's text says all that changes
    its sound. Sentences that failed, or that nobody heard to their end, are not kept.

    Args:
        voice: who speaks.
        max_bytes: so much sound is kept at most; 16 MB are five minutes at 24 kHz.
    """

    voice: TextToSpeech
    max_bytes: int = 16_000_000
    #: How often a sentence was there already, and was not.
    hits: int = attrs.field(default=0, init=False)
    misses: int = attrs.field(default=0, init=False)
    _kept: OrderedDict[str, tuple[SpeechAudio, ...]] = attrs.field(factory=OrderedDict, init=False)
    _bytes: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        if self.max_bytes <= 0:
            raise ConfigurationError(f"a cache of speech needs max_bytes > 0, not {self.max_bytes}")

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Voice, None]:
        """A voice for one session; all of them share what is kept. Raises as the wrapped one does."""
        async with self.voice.open() as voice:
            yield _CachedSession(self, voice)

    def find(self, text: str) -> tuple[SpeechAudio, ...] | None:
        """The sound of a sentence, if it is kept."""
        found = self._kept.get(text)
        if found is None:
            self.misses += 1
        else:
            self.hits += 1
            self._kept.move_to_end(text)
        return found

    def keep(self, text: str, sound: tuple[SpeechAudio, ...]) -> None:
        """Keep the sound of a sentence, unless it alone would fill the cache by half."""
        size = _size(sound)
        if size > self.max_bytes // 2 or text in self._kept:
            return
        self._kept[text] = sound
        self._bytes += size
        while self._bytes > self.max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= _size(dropped)


class _CachedSession:
    """One session's way to the wrapped voice."""

    def __init__(self, cache: CachedVoice, voice: Voice) -> None:
        self._cache = cache
        self._voice = voice

    @property
    def format(self) -> AudioFormat:
        return self._voice.format

    def speak(self, text: str) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """Speak one sentence."""
        return self._speak(text)

    @contextlib.asynccontextmanager
    async def _speak(self, text: str) -> AsyncGenerator[AsyncIterator[SpeechAudio], None]:
        kept = self._cache.find(text)
        if kept is not None:
            async with contextlib.aclosing(_again(kept)) as again:
                yield again
            return
        async with (
            self._voice.speak(text) as sound,
            contextlib.aclosing(self._noting(text, sound)) as noted,
        ):
            yield noted

    async def _noting(self, text: str, sound: AsyncIterator[SpeechAudio]) -> AsyncGenerator[SpeechAudio, None]:
        heard: list[SpeechAudio] = []
        async for piece in sound:
            heard.append(piece)
            yield piece
        self._cache.keep(text, tuple(heard))


async def _again(kept: tuple[SpeechAudio, ...]) -> AsyncGenerator[SpeechAudio, None]:
    for piece in kept:
        await trio.lowlevel.checkpoint()
        yield piece


def _size(sound: tuple[SpeechAudio, ...]) -> int:
    return sum(len(piece.pcm) for piece in sound)
