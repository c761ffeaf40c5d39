"""Sound that is there already, or comes from somewhere else, in the place of a voice: one sentence with its text."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, Iterable, Iterator, Sequence
from typing import Final

import attrs

from trialogue.actors.mixer._clip import Clip
from trialogue.actors.tts._actor import TtsSettings
from trialogue.actors.tts._converter import SpeechConverter
from trialogue.engine import AudioError, Outbox, take_each
from trialogue.frames import (
    AudioFormat,
    AudioFrame,
    Sentence,
    SentenceFinished,
    SpeechAudio,
    SpeechItem,
    WordTiming,
)

#: Some sound, of any rate, channels and sample type; in SpeechAudio it may say where words of the text begin.
SoundPiece = AudioFrame | SpeechAudio

#: Sound to be said: a clip, or its pieces one after another, all of one format. Positions in frames do not matter.
ReadySound = Clip | Iterable[SoundPiece] | AsyncIterable[SoundPiece]

#: Of a clip so much goes on at once, seconds, so that a long one is not converted in one go.
_PIECE_S: Final = 0.1

_WORD: Final = re.compile(r"\S+")


def check_ready_sound(sound: object) -> None:
    """See that something can be sound.

    Raises:
        AudioError: it cannot: it says no rate, or it has no pieces.
    """
    if isinstance(sound, (bytes, bytearray, memoryview, str)) or not isinstance(sound, (Clip, Iterable, AsyncIterable)):
        raise AudioError(
            f"sound to be said is a Clip, or an iterable of AudioFrames, which say their format; not "
            f"{type(sound).__name__}. Of a file: Clip.from_file(path, format)"
        )


async def ready_speech(
    speech_out: Outbox[SpeechItem], *, text: str, sound: ReadySound, format: AudioFormat, settings: TtsSettings
) -> None:
    """Pass ready sound on as the speech of one sentence.

    What was heard of the text is told by the words that the sound places. Sound of known length that places none has
    them spread evenly over it; of other sound the length is estimated until all of it is there.

    Args:
        speech_out: the sentence, its sound in `format`, and that it is complete.
        text: what is said in it; may be empty.
        sound: the sound. A plain iterable is asked on the loop, so it must not wait.
        format: what the audio-out track plays; mono int16.
        settings: how long it may take to come.

    Raises:
        AudioError: it is no sound, holds none, or changes its format.
        ProviderError: nothing has come for too long.
    """
    passing = _Passing(speech_out, format)
    await speech_out.send(Sentence(text=text, start=0, end=len(text)))
    if isinstance(sound, AsyncIterable):
        await take_each(
            sound,
            lambda piece: passing.take(_speech(piece)),
            first_s=settings.first_sound_s,
            next_s=settings.next_sound_s,
            late="the sound that was given to `say` has brought nothing for {waited_s:g} s; look at what makes it, or "
            "raise TtsSettings.first_sound_s and next_sound_s",
        )
    else:
        for piece in _placed(sound, text):
            await passing.take(piece)
    await passing.finish()


class _Passing:
    """The way of ready sound to the track."""

    def __init__(self, speech_out: Outbox[SpeechItem], format: AudioFormat) -> None:
        self._speech_out = speech_out
        self._format = format
        self._converter: SpeechConverter | None = None
        self._begun = False

    async def take(self, piece: SpeechAudio) -> None:
        """Pass a piece on."""
        if self._converter is None:
            self._converter = SpeechConverter(piece.format, self._format)
        source = self._converter.source
        if piece.format != source:
            raise AudioError(f"the sound to be said began as {source} and went on as {piece.format}; convert it first")
        if len(piece.pcm) % source.bytes_per_sample:  # all that follows would be noise
            raise AudioError(f"a piece of the sound to be said has {len(piece.pcm)} bytes: no whole number of samples")
        self._begun = self._begun or bool(piece.pcm)
        converted = self._converter.push(piece)
        if converted is not None:
            await self._speech_out.send(converted)

    async def finish(self) -> None:
        """All of it was passed on."""
        if self._converter is None or not self._begun:
            raise AudioError("the sound to be said holds nothing; is it an iterator that was gone through before?")
        rest = self._converter.finish()
        if rest is not None:
            await self._speech_out.send(rest)
        await self._speech_out.send(SentenceFinished())


def _placed(sound: Clip | Iterable[SoundPiece], text: str) -> Iterator[SpeechAudio]:
    """The pieces, with the words of the text in them where the length of all is known."""
    pieces = _cut(sound) if isinstance(sound, Clip) else map(_speech, sound)
    if not isinstance(sound, (Clip, Sequence)):
        yield from pieces
        return
    known = list(pieces)
    if any(piece.words for piece in known):
        yield from known
        return
    samples = sum(len(piece.pcm) // piece.format.bytes_per_sample for piece in known)
    words = [
        WordTiming(at_sample=word.start() * samples // len(text), start=word.start(), end=word.end())
        for word in _WORD.finditer(text)
    ]
    at = 0
    for piece in known:
        end = at + len(piece.pcm) // piece.format.bytes_per_sample
        yield attrs.evolve(piece, words=tuple(word for word in words if at <= word.at_sample < end))
        at = end


def _cut(clip: Clip) -> Iterator[SpeechAudio]:
    format = AudioFormat(rate_hz=clip.rate_hz)
    size = max(1, format.samples(_PIECE_S))
    for at in range(0, len(clip.samples), size):
        yield SpeechAudio(pcm=clip.samples[at : at + size].astype("<i2").tobytes(), format=format)


def _speech(piece: object) -> SpeechAudio:
    match piece:
        case SpeechAudio():
            return piece
        case AudioFrame():
            return SpeechAudio(pcm=piece.pcm, format=piece.format)
        case _:
            raise AudioError(f"the sound to be said holds a {type(piece).__name__}; give AudioFrames")
