"""The voice's actor: sentence in, sound out, with each word's place in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trialogue.actors.tts._converter import SpeechConverter
from trialogue.engine import (
    ConfigurationError,
    ExpressiveVoice,
    Inbox,
    Outbox,
    Patience,
    ProviderError,
    Voice,
    keep_to,
)
from trialogue.frames import AudioFormat, Sentence, SentenceFinished, SpeechAudio, SpeechItem
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
    sentences_in: Inbox[Sentence],
    speech_out: Outbox[SpeechItem],
    *,
    voice: Voice,
    format: AudioFormat,
    settings: TtsSettings,
) -> None:
    """Speak sentences one after another.

    Args:
        sentences_in: what to say.
        speech_out: each sentence, then its sound in `format`, then that it is complete. Its bound is how far the voice
            runs ahead of the ear.
        voice: what speaks.
        format: what the audio-out track plays; mono int16.
        settings: how long it may take.

    Raises:
        ProviderError: the voice failed, stalled, or gave no sound, and trying again did not help.
    """
    async for sentence in sentences_in:
        await speech_out.send(sentence)
        speaking = _Speaking(speech_out, SpeechConverter(voice.format, format))
        for tries_left in range(settings.retries, -1, -1):
            try:
                await _speak(sentence, voice, speaking, settings)
                break
            except ProviderError as error:
                if speaking.begun or not error.retryable or not tries_left:
                    raise
        await speaking.finish()


async def _speak(sentence: Sentence, voice: Voice, speaking: _Speaking, settings: TtsSettings) -> None:
    began_s = trio.current_time()
    first_deadline_s = began_s + settings.first_sound_s / (1 + settings.retries)
    patience = Patience(next_s=settings.next_sound_s, first_deadline_s=first_deadline_s)
    with trio.move_on_at(patience.deadline_s) as waiting:
        async with _spoken(sentence, voice) as sound:
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
            f"the voice has said that it spoke {len(sentence.text)} characters but gave no sound; check that it can "
            f"speak this language",
            retryable=True,
        )


def _spoken(sentence: Sentence, voice: Voice) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
    """The sound of a sentence, said in such ways as are marked and the voice understands."""
    if sentence.marks and isinstance(voice, ExpressiveVoice):
        marks = [mark for mark in sentence.marks if mark.delivery in voice.understands]
        if marks:
            return voice.speak_marked(sentence.text, marks)
    return voice.speak(sentence.text)


class _Speaking:
    """The sound of one sentence so far."""

    def __init__(self, speech_out: Outbox[SpeechItem], converter: SpeechConverter) -> None:
        self._speech_out = speech_out
        self._converter = converter
        self.begun = False

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
