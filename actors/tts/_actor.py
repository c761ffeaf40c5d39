"""The voice's actor: sentence in, sound out, with each word's place in it."""

from __future__ import annotations

import attrs

from trialogue.engine import Inbox, Outbox, Resampler, Voice
from trialogue.frames import AudioFormat, AudioFrame, Sentence, SentenceFinished, SpeechAudio, SpeechItem, WordTiming


async def tts(
    sentences_in: Inbox[Sentence], speech_out: Outbox[SpeechItem], *, voice: Voice, format: AudioFormat
) -> None:
    """Speak sentences one after another.

    Args:
        sentences_in: what to say.
        speech_out: each sentence, then its sound in `format`, then that it is complete. Its bound is how far the voice
            runs ahead of the ear.
        voice: what speaks.
        format: what the audio-out track plays; mono int16.

    Raises:
        ProviderError: the voice failed.
    """
    async for sentence in sentences_in:
        await speech_out.send(sentence)
        converter = _Converter(voice.format, format)
        async with voice.speak(sentence.text) as sound:
            async for audio in sound:
                converted = converter.push(audio)
                if converted is not None:
                    await speech_out.send(converted)
        rest = converter.finish()
        if rest is not None:
            await speech_out.send(rest)
        await speech_out.send(SentenceFinished())


class _Converter:
    """A sentence's sound, from the voice's format to the track's; word positions go along."""

    def __init__(self, source: AudioFormat, target: AudioFormat) -> None:
        self._resampler = Resampler(source, target)
        self._target = target
        self._ratio = target.rate_hz / source.rate_hz
        self._samples = 0

    def push(self, audio: SpeechAudio) -> SpeechAudio | None:
        frame = AudioFrame(pcm=audio.pcm, at_sample=self._samples, format=audio.format)
        self._samples += frame.samples
        words = tuple(attrs.evolve(word, at_sample=round(word.at_sample * self._ratio)) for word in audio.words)
        return self._speech(self._resampler.push(frame) if audio.pcm else None, words)

    def finish(self) -> SpeechAudio | None:
        return self._speech(self._resampler.finish(), ())

    def _speech(self, frame: AudioFrame | None, words: tuple[WordTiming, ...]) -> SpeechAudio | None:
        if frame is None and not words:
            return None
        return SpeechAudio(pcm=frame.pcm if frame is not None else b"", format=self._target, words=words)
