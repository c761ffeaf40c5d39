"""The voice's actor: sentence in, sound out, with each word's place in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import trio

from trialogue.actors.tts._converter import SpeechConverter
from trialogue.engine import (
    ChannelEnded,
    ConfigurationError,
    ExpressiveVoice,
    Inbox,
    Outbox,
    Patience,
    ProviderError,
    Voice,
    keep_to,
)
from trialogue.frames import AudioFormat, LikelySentence, Sentence, SentenceFinished, SpeechAudio, SpeechItem, ToSay
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager


@frozen(kw_only=True)
class TtsSettings:
    """How long the voice may take.

    Args:
        first_sound_s: until the first sound of a sentence, seconds; all tries share it evenly.
        next_sound_s: between two pieces of sound, seconds; and how far the voice may fall behind its own sound in all.
        retries: how often a sentence of which there is no sound yet is tried again.
    """

    first_sound_s: float = 5.0
    next_sound_s: float = 3.0
    retries: int = 1

    def __attrs_post_init__(self) -> None:
        if self.first_sound_s <= 0 or self.next_sound_s <= 0 or self.retries < 0:
            raise ConfigurationError(
                f"text to speech needs first_sound_s > 0, next_sound_s > 0 and retries >= 0, not {self.first_sound_s}, "
                f"{self.next_sound_s} and {self.retries}"
            )


async def tts(
    sentences_in: Inbox[ToSay],
    speech_out: Outbox[SpeechItem],
    *,
    voice: Voice,
    format: AudioFormat,
    settings: TtsSettings,
) -> None:
    """Speak sentences one after another.

    Args:
        sentences_in: what to say. For a likely sentence the voice is asked at once, but nothing of it goes on before
            the sentence itself has come; if something else comes, or nothing, the request is cancelled.
        speech_out: each sentence, then its sound in `format`, then that it is complete. Its bound is how far the voice
            runs ahead of the ear.
        voice: what speaks.
        format: what the audio-out track plays; mono int16.
        settings: how long it may take.

    Raises:
        ProviderError: the voice failed, stalled, or gave no sound, and trying again did not help.
    """
    script = _Script(sentences_in)
    while (item := await script.next()) is not None:
        speaking = _Speaking(item, speech_out, SpeechConverter(voice.format, format), script)
        if isinstance(item, Sentence):
            await speech_out.send(item)
        if await _say(speaking, voice, settings):
            await speaking.finish()


async def _say(speaking: _Speaking, voice: Voice, settings: TtsSettings) -> bool:
    """Say a sentence, if need be by trying again; false if it is not to be said."""
    tries_left = settings.retries
    while True:
        try:
            return await _speak(speaking, voice, settings)
        except ProviderError as error:
            if not await speaking.is_certain():  # noqa: ASYNC120  # who cancels wants no sound, and no error of it
                return False
            if speaking.begun or not error.retryable or not tries_left:
                raise
        tries_left -= 1


async def _speak(speaking: _Speaking, voice: Voice, settings: TtsSettings) -> bool:
    """Try to say a sentence; false if it is not to be said."""
    began_s = trio.current_time()
    first_deadline_s = began_s + settings.first_sound_s / (1 + settings.retries)
    patience = Patience(next_s=settings.next_sound_s, first_deadline_s=first_deadline_s)
    with trio.move_on_at(patience.deadline_s) as waiting:
        async with _spoken(speaking.said, voice) as sound:
            if isinstance(speaking.said, LikelySentence) and not await _settled(speaking, waiting):
                return False
            async for audio in sound:
                began_s = trio.current_time()
                worth_s = len(audio.pcm) / audio.format.bytes_per_sample / audio.format.rate_hz
                if speaking.must_wait:
                    patience.came(began_s)
                    waiting.deadline = patience.deadline_s  # what waits below is the track, not the voice
                    await speaking.take(audio)
                    began_s = trio.current_time()
                    patience.ask(began_s, worth_s)
                else:
                    await speaking.take(audio)
                    patience.passed_on(began_s, worth_s)
                keep_to(waiting, patience)
    if waiting.cancelled_caught:
        raise ProviderError(
            f"the voice has given no sound for {trio.current_time() - began_s:g} s; look at its server, or raise "
            f"TtsSettings.{'next_sound_s' if speaking.begun else 'first_sound_s'}",
            retryable=True,
        )
    if not speaking.begun:
        raise ProviderError(
            f"the voice has said that it spoke {len(speaking.said.text)} characters but gave no sound; check that "
            f"it can speak this language",
            retryable=True,
        )
    return True


async def _settled(speaking: _Speaking, waiting: trio.CancelScope) -> bool:
    """Wait until it is known whether a sentence is to be said; the voice gets the time back that it had meanwhile."""
    deadline_s, began_s = waiting.deadline, trio.current_time()
    waiting.deadline = math.inf  # it is the model that is waited for, and that has its own deadlines
    certain = await speaking.is_certain()
    waiting.deadline = deadline_s + trio.current_time() - began_s
    return certain


def _spoken(said: ToSay, voice: Voice) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
    """The sound of a sentence, said in such ways as are marked and the voice understands."""
    if said.marks and isinstance(voice, ExpressiveVoice):
        marks = [mark for mark in said.marks if mark.delivery in voice.understands]
        if marks:
            return voice.speak_marked(said.text, marks)
    return voice.speak(said.text)


class _Script:
    """What is to be said, one after another; what comes next can be looked at first."""

    def __init__(self, sentences_in: Inbox[ToSay]) -> None:
        self._sentences_in = sentences_in
        self._seen: ToSay | None = None

    async def next(self) -> ToSay | None:
        """What is to be said next; None at the end."""
        item, self._seen = self._seen, None
        if item is not None:
            return item
        try:
            return await self._sentences_in.receive()
        except ChannelEnded:
            return None

    async def confirmed(self, likely: LikelySentence) -> Sentence | None:
        """The sentence that makes a likely one certain; None if something else is next, or nothing is."""
        item = await self.next()
        if isinstance(item, Sentence) and likely.is_confirmed_by(item):
            return item
        self._seen = item
        return None


class _Speaking:
    """One sentence, and its sound so far.

    Args:
        said: the sentence; it may only be likely.
        speech_out: where to.
        converter: of its sound.
        script: tells whether what is likely is certain.
    """

    def __init__(
        self, said: ToSay, speech_out: Outbox[SpeechItem], converter: SpeechConverter, script: _Script
    ) -> None:
        self.said = said
        self._speech_out = speech_out
        self._converter = converter
        self._script = script
        self.begun = False

    async def is_certain(self) -> bool:
        """Wait until it is known whether the sentence is to be said."""
        if isinstance(self.said, LikelySentence):
            sentence = await self._script.confirmed(self.said)
            if sentence is None:
                return False
            self.said = sentence
            await self._speech_out.send(sentence)
        return True

    @property
    def must_wait(self) -> bool:
        """Whether passing sound on will take a while: the track has enough for now."""
        return self._speech_out.is_full

    async def take(self, audio: SpeechAudio) -> None:
        """Pass some sound on."""
        source = self._converter.source
        if audio.format is not source and audio.format != source:
            raise ProviderError(f"the voice promised {source} but gave {audio.format}; a voice must keep its format")
        if len(audio.pcm) % audio.format.bytes_per_sample:  # all that follows would be noise
            raise ProviderError(f"the voice gave {len(audio.pcm)} bytes, which is no whole number of samples")
        self.begun = self.begun or bool(audio.pcm)
        converted = self._converter.push(audio)
        if converted is not None:
            await self._speech_out.send(converted)

    async def finish(self) -> None:
        """All of it was passed on."""
        rest = self._converter.finish()
        if rest is not None:
            await self._speech_out.send(rest)
        await self._speech_out.send(SentenceFinished())
