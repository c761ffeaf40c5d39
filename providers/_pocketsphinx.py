"""PocketSphinx: speech recognition that runs anywhere, good at what it was told to expect, poor at dictation."""

from __future__ import annotations

import collections
import contextlib
import itertools
import logging
from typing import TYPE_CHECKING, Final, Literal

import attrs
import trio

from trialogue.engine import AudioError, ConfigurationError, offload
from trialogue.engine._checks import one_of
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFrame,
    FinalTranscript,
    InterimTranscript,
    SpeechEdge,
    SpeechEnded,
    SpeechStarted,
    Transcript,
)
from trialogue.frames._attrs import define
from trialogue.providers._language_model import LanguageModelText, build_language_model
from trialogue.providers._lexicon import LISTENING_WORDS, Lexicon, cut_lexicon
from trialogue.providers._sphinx_library import DecoderSettings, SphinxDecoder, SphinxFiles, sphinx_files

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Mapping

_log = logging.getLogger(__name__)

#: A typical cepstral mean of a close microphone. A decoder that starts from it makes a third of the errors in its
#: first utterance that one with the built-in mean makes (see benches/providers.py).
TYPICAL_CMN: Final = "53.9,4.3,14.2,19.6,-1.5,-0.1,3.2,2.3,1.2,5.9,2.0,7.2,7.7"

#: Audio decoded by one call in a worker thread, seconds: 5 ms of work with a vocabulary, 20 ms with the general model.
_PIECE_S: Final = 0.1
_PIECE_BYTES: Final = SPEECH_FORMAT.samples(_PIECE_S) * SPEECH_FORMAT.bytes_per_sample

#: Audio between two interim results, seconds.
_INTERIM_S: Final = 0.2
_INTERIM_SAMPLES: Final = SPEECH_FORMAT.samples(_INTERIM_S)

#: Transcripts that may wait to be received: those of a dozen utterances. Then sending waits too.
_TRANSCRIPTS: Final = 12


def _phrases(phrases: Iterable[str]) -> tuple[str, ...]:
    return (phrases,) if isinstance(phrases, str) else tuple(phrases)


@define(kw_only=True)
class PocketSphinx:
    """PocketSphinx with a language model made of what callers are expected to say. English only.

    Word error rates measured: 0 to 7 % where callers use the words of `vocabulary`; 7 to 10 % for a clear synthetic
    voice and 27 to 67 % for people with the general model. Words outside the vocabulary are never understood; what was
    made of them has a low `confidence`. The general model gives none.

    Args:
        vocabulary: phrases that callers may say, written as text; they may mix and shorten them.
        pronunciations: sounds, in the ARPAbet, of words that the dictionary lacks: {"ravi": ["R AA V IY"]}.
        unknown_words: whether a word without pronunciation is an error at `open` or is left out.
        general: use the general English model (91 MB and 0.5 s for each session) instead of a vocabulary.
        cmn: the cepstral mean to start with; see `SphinxRecogniser.cmn`.
    """

    vocabulary: tuple[str, ...] = attrs.field(default=(), converter=_phrases)
    pronunciations: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    unknown_words: Literal["error", "skip"] = attrs.field(default="error", validator=one_of(["error", "skip"]))
    general: bool = False
    cmn: str = TYPICAL_CMN
    _prepared: DecoderSettings | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        if bool(self.vocabulary) == self.general:
            raise ConfigurationError(
                "PocketSphinx needs either vocabulary=[...], phrases that callers may say, or general=True"
            )

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[SphinxRecogniser, None]:
        """A recogniser for one session.

        Raises:
            ProviderError: PocketSphinx is not installed or does not start.
            ConfigurationError: the vocabulary has words without pronunciation.
        """
        files = sphinx_files()
        if self._prepared is None:
            self._prepared = await offload(self._prepare, files)
        decoder = await offload(SphinxDecoder, files, self._prepared)
        recogniser = SphinxRecogniser(decoder) if self.general else VocabularyRecogniser(decoder, self._with_terms)
        try:
            yield recogniser
        finally:
            recogniser.close()

    def missing_pronunciations(self) -> tuple[str, ...]:
        """The words of the vocabulary that the dictionary lacks and `pronunciations` does not give, sorted. Blocks."""
        if self.general:
            return ()
        return self._words_of(self._language_model(), sphinx_files()).unknown

    def _with_terms(self, terms: tuple[str, ...], cmn: str) -> SphinxDecoder:
        """A decoder that expects terms beside the vocabulary, and has heard a line as this mean tells. Blocks."""
        files = sphinx_files()
        return SphinxDecoder(files, attrs.evolve(self._prepare(files, terms), cmn=cmn))

    def _prepare(self, files: SphinxFiles, terms: tuple[str, ...] = ()) -> DecoderSettings:
        if self.general:
            return DecoderSettings(language_model=None, dictionary=None, cmn=self.cmn)
        model = build_language_model((*self.vocabulary, *terms), words_alone=LISTENING_WORDS)
        lexicon = self._words_of(model, files)
        if lexicon.unknown and terms:  # the vocabulary was seen before
            _log.warning(
                "nobody knows how these words of vocabulary and keyterms are pronounced, and they will not be "
                "understood: %s; give pronunciations={...}",
                ", ".join(lexicon.unknown),
            )
        elif lexicon.unknown and self.unknown_words == "error":
            raise ConfigurationError(
                f"nobody knows how these words of the vocabulary are pronounced: {', '.join(lexicon.unknown)}; give "
                'pronunciations={"word": ["W ER D"]}, or unknown_words="skip" to leave them out'
            )
        return DecoderSettings(language_model=model.arpa, dictionary=lexicon.text, cmn=self.cmn)

    def _language_model(self) -> LanguageModelText:
        return build_language_model(self.vocabulary, words_alone=LISTENING_WORDS)

    def _words_of(self, model: LanguageModelText, files: SphinxFiles) -> Lexicon:
        big_dictionary = files.dictionary.read_text(encoding="utf-8")
        return cut_lexicon(model.words, big_dictionary, pronunciations={**LISTENING_WORDS, **self.pronunciations})


class SphinxRecogniser:
    """One session's recogniser. Utterances are what lies between speech edges; it finds none itself."""

    def __init__(self, decoder: SphinxDecoder) -> None:
        self._decoder = decoder
        self._transcripts = _Transcripts()
        self._utterance: _Utterance | None = None

    @property
    def rate_hz(self) -> int:
        """16,000."""
        return SPEECH_FORMAT.rate_hz

    async def send(self, item: AudioFrame | SpeechEdge) -> None:
        """Let it hear the next audio, or tell it where speech begins and ends. Audio between utterances is ignored.

        Raises:
            AudioError: the audio is not mono int16 at 16 kHz.
            ProviderError: the decoder failed.
        """
        match item:
            case SpeechStarted():
                await self._finish()
                await offload(self._decoder.start)
                self._utterance = _Utterance(start_sample=item.at_sample)
            case SpeechEnded():
                await self._finish()
            case AudioFrame():
                await self._hear(item)

    def hear(self, frame: AudioFrame) -> bool:
        """Collect audio, where that is not enough yet to be decoded.

        Raises:
            AudioError: as `send`.
        """
        utterance = self._utterance
        if utterance is not None and len(utterance.waiting) + len(frame.pcm) >= _PIECE_BYTES:
            return False
        self._collect(frame)
        return True

    async def receive(self) -> Transcript:
        """The next transcript."""
        return await self._transcripts.receive()

    def close(self) -> None:
        """Give the decoder back."""
        self._decoder.close()

    def cmn(self) -> str:
        """The cepstral mean, adapted to this speaker and line: a good start for his next session. Not while sending."""
        return self._decoder.cmn()

    def _collect(self, frame: AudioFrame) -> _Utterance | None:
        """Keep audio for the utterance that it belongs to, if there is one."""
        if frame.format != SPEECH_FORMAT:
            raise AudioError(f"PocketSphinx hears {SPEECH_FORMAT}, not {frame.format}; convert the audio before")
        utterance = self._utterance
        if utterance is not None:
            utterance.waiting += frame.pcm
            utterance.end_sample = frame.end_sample
        return utterance

    async def _hear(self, frame: AudioFrame) -> None:
        utterance = self._collect(frame)
        while utterance is not None and len(utterance.waiting) >= _PIECE_BYTES:
            await self._decode(utterance, _PIECE_BYTES)
            if utterance.decoded_since_interim >= _INTERIM_SAMPLES:
                await self._tell_interim(utterance)

    async def _decode(self, utterance: _Utterance, size: int) -> None:
        """Decode that many of the waiting bytes."""
        piece = bytes(utterance.waiting[:size])
        del utterance.waiting[:size]
        await offload(self._decoder.hear, piece)
        utterance.decoded_since_interim += len(piece) // SPEECH_FORMAT.bytes_per_sample

    async def _tell_interim(self, utterance: _Utterance) -> None:
        utterance.decoded_since_interim = 0
        text = utterance.agreed_with(self._decoder.text())
        if not text or text == utterance.told:
            return
        utterance.told = text
        waiting = len(utterance.waiting) // SPEECH_FORMAT.bytes_per_sample
        interim = InterimTranscript(
            text=text, start_sample=utterance.start_sample, end_sample=utterance.end_sample - waiting
        )
        await self._transcripts.send(interim)

    async def _finish(self) -> None:
        """End the utterance, if there is one, and tell its final transcript."""
        utterance, self._utterance = self._utterance, None
        if utterance is None:
            return
        if utterance.waiting:
            await self._decode(utterance, len(utterance.waiting))
        result = await offload(self._decoder.end)
        final = FinalTranscript(
            text=result.text,
            start_sample=utterance.start_sample,
            end_sample=max(utterance.start_sample, utterance.end_sample),
            confidence=result.confidence,
        )
        await self._transcripts.send(final)


class VocabularyRecogniser(SphinxRecogniser):
    """One session's recogniser with a vocabulary, to which terms can be added.

    Args:
        decoder: of the vocabulary alone.
        with_terms: makes one that expects terms, too, and starts from a cepstral mean; it blocks for a while.
    """

    def __init__(self, decoder: SphinxDecoder, with_terms: Callable[[tuple[str, ...], str], SphinxDecoder]) -> None:
        super().__init__(decoder)
        self._with_terms = with_terms

    async def expect(self, terms: tuple[str, ...]) -> None:
        """Expect these terms beside the vocabulary; words that nobody can pronounce are left out, and logged.

        It takes about a tenth of a second, in a thread.

        Raises:
            ProviderError: PocketSphinx does not start.
        """
        await self._finish()
        before, self._decoder = self._decoder, await offload(self._with_terms, terms, self._decoder.cmn())
        before.close()


class _Transcripts:
    """Transcripts that wait to be received. An interim one is replaced by what comes after it."""

    def __init__(self) -> None:
        self._waiting: collections.deque[Transcript] = collections.deque()
        self._changed = trio.Event()

    async def send(self, transcript: Transcript) -> None:
        """Add one; wait while too many others do."""
        if self._waiting and isinstance(self._waiting[-1], InterimTranscript):
            self._waiting.pop()
        while len(self._waiting) >= _TRANSCRIPTS:
            await self._change()
        self._waiting.append(transcript)
        self._tell()
        await trio.lowlevel.checkpoint()

    async def receive(self) -> Transcript:
        """The oldest one; wait for it."""
        await trio.lowlevel.checkpoint()
        while not self._waiting:
            await self._change()
        self._tell()
        return self._waiting.popleft()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = trio.Event()

    async def _change(self) -> None:
        await self._changed.wait()


@define(kw_only=True)
class _Utterance:
    """What is being heard.

    Args:
        start_sample: where it began, on the microphone's sample count.
        end_sample: the end of the audio that has come.
        waiting: samples that are not decoded yet.
        decoded_since_interim: samples decoded since the last look at the words.
        told: the last interim text.
        believed: the words at the last look.
    """

    start_sample: int
    end_sample: int = 0
    waiting: bytearray = attrs.field(factory=bytearray)
    decoded_since_interim: int = 0
    told: str = ""
    believed: list[str] = attrs.field(factory=list)

    def agreed_with(self, text: str) -> str:
        """The words from the beginning on which this look and the one before agree.

        A first guess at half a word is often wrong ("i'm how" for "mhm"), and one that takes the floor cannot be taken
        back. What two looks agree on hardly changes any more: this is known as local agreement.
        """
        words, before = text.split(), self.believed
        self.believed = words
        same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(words, before, strict=False))
        return " ".join(word for word, _ in same)
