"""A voice that remembers what it has said: greetings and fillers cost their synthesis once."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING

import attrs
import trio

from trialogue.engine import ConfigurationError, ExpressiveVoice
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractAsyncContextManager

    from trialogue.engine import TextToSpeech, Voice
    from trialogue.frames import AudioFormat, Delivery, DeliveryMark, SpeechAudio


#: What decides how a sentence sounds: its words, and how parts of it are to be said.
Said = tuple[str, tuple["DeliveryMark", ...]]


@define(kw_only=True, eq=False)
class CachedVoice:
    """Wraps a voice. What was synthesised to its end is kept, the least used is dropped first.

    What is kept belongs to the wrapped object: its settings never change, so a sentence's text and its marks of
    delivery say all that changes its sound. Sentences that failed, had no sound, or that nobody heard to their end,
    are not kept.

    Args:
        voice: who speaks.
        max_bytes: so much sound is kept at most; 16 MB are five minutes at 24 kHz.
    """

    voice: TextToSpeech
    max_bytes: int = 16_000_000
    #: How often a sentence was there already, and was not.
    hits: int = attrs.field(default=0, init=False)
    misses: int = attrs.field(default=0, init=False)
    _kept: OrderedDict[Said, tuple[SpeechAudio, ...]] = attrs.field(factory=OrderedDict, init=False)
    _bytes: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        if self.max_bytes <= 0:
            raise ConfigurationError(f"a cache of speech needs max_bytes > 0, not {self.max_bytes}")

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Voice, None]:
        """A voice for one session; all of them share what is kept. Raises as the wrapped one does."""
        async with self.voice.open() as voice:
            yield _CachedSession(self, voice)

    @property
    def model(self) -> str:
        """The name of the wrapped voice's model, as it is told with what was used."""
        name = getattr(self.voice, "model", "")
        return name if isinstance(name, str) and name else type(self.voice).__name__

    async def preload(self, sentences: Iterable[str]) -> None:
        """Synthesise sentences now, so that no call waits for them.

        Args:
            sentences: each as it is spoken: one sentence, figures in words.

        Raises:
            ProviderError: the voice failed; what was synthesised by then is kept.
        """
        async with self.open() as voice:
            for sentence in sentences:
                async with voice.speak(sentence) as sound:
                    async for _ in sound:
                        pass

    def find(self, said: Said) -> tuple[SpeechAudio, ...] | None:
        """The sound of a sentence, if it is kept."""
        found = self._kept.get(said)
        if found is None:
            self.misses += 1
        else:
            self.hits += 1
            self._kept.move_to_end(said)
        return found

    def keep(self, said: Said, sound: tuple[SpeechAudio, ...]) -> None:
        """Keep the sound of a sentence, unless there is none, or it alone would fill the cache by half."""
        size = _size(sound)
        if not 0 < size <= self.max_bytes // 2 or said in self._kept:
            return
        self._kept[said] = sound
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

    @property
    def understands(self) -> frozenset[Delivery]:
        """What the wrapped voice understands."""
        return self._voice.understands if isinstance(self._voice, ExpressiveVoice) else frozenset()

    def speak(self, text: str) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """Speak one sentence."""
        return self._speak((text, ()))

    def speak_marked(
        self, text: str, marks: Sequence[DeliveryMark]
    ) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """Speak one sentence, parts of it in a certain way."""
        return self._speak((text, tuple(marks)))

    @contextlib.asynccontextmanager
    async def _speak(self, said: Said) -> AsyncGenerator[AsyncIterator[SpeechAudio], None]:
        kept = self._cache.find(said)
        if kept is not None:
            async with contextlib.aclosing(_again(kept)) as again:
                yield again
            return
        async with (
            self._spoken(said) as sound,
            contextlib.aclosing(self._noting(said, sound)) as noted,
        ):
            yield noted

    def _spoken(self, said: Said) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        text, marks = said
        if marks and isinstance(self._voice, ExpressiveVoice):
            return self._voice.speak_marked(text, marks)
        return self._voice.speak(text)

    async def _noting(self, said: Said, sound: AsyncIterator[SpeechAudio]) -> AsyncGenerator[SpeechAudio, None]:
        heard: list[SpeechAudio] = []
        async for piece in sound:
            heard.append(piece)
            yield piece
        self._cache.keep(said, tuple(heard))


async def _again(kept: tuple[SpeechAudio, ...]) -> AsyncGenerator[SpeechAudio, None]:
    for piece in kept:
        await trio.lowlevel.checkpoint()
        yield piece


def _size(sound: tuple[SpeechAudio, ...]) -> int:
    return sum(len(piece.pcm) for piece in sound)
