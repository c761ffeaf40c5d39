"""From a voice's format to the track's."""

from __future__ import annotations

import attrs

from trialogue.engine import Resampler
from trialogue.frames import AudioFormat, AudioFrame, SpeechAudio, WordTiming


class SpeechConverter:
    """A sentence's sound, from the voice's format to the track's; word positions go along.

    Args:
        source: of what is pushed.
        target: of what comes out.
    """

    def __init__(self, source: AudioFormat, target: AudioFormat) -> None:
        self.source = source
        self._resampler = Resampler(source, target)
        self._target = target
        self._is_ready = source == target
        self._ratio = target.rate_hz / source.rate_hz
        self._samples = 0

    def push(self, audio: SpeechAudio) -> SpeechAudio | None:
        """What became ready with some more sound; None where that is nothing."""
        if self._is_ready:
            return audio if audio.pcm or audio.words else None
        frame = AudioFrame(pcm=audio.pcm, at_sample=self._samples, format=audio.format)
        self._samples += frame.samples
        words = tuple(attrs.evolve(word, at_sample=round(word.at_sample * self._ratio)) for word in audio.words)
        return self._speech(self._resampler.push(frame) if audio.pcm else None, words)

    def finish(self) -> SpeechAudio | None:
        """What was held back."""
        return self._speech(self._resampler.finish(), ())

    def _speech(self, frame: AudioFrame | None, words: tuple[WordTiming, ...]) -> SpeechAudio | None:
        if frame is None and not words:
            return None
        return SpeechAudio(pcm=frame.pcm if frame is not None else b"", format=self._target, words=words)
