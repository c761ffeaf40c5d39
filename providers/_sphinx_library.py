"""The C interface of PocketSphinx, bound to the library inside its own wheel.

The wheel's Python class holds the interpreter's lock while it decodes; calls through cffi give it up.
"""

from __future__ import annotations

import importlib.machinery
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, cast

from trialogue.engine import ProviderError
from trialogue.frames._attrs import frozen
from trialogue.providers._models import wheel_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cffi import FFI

_INTERFACE: Final = """
    typedef struct ps_config_s ps_config_t;
    typedef struct ps_decoder_s ps_decoder_t;
    typedef struct ps_seg_s ps_seg_t;
    ps_config_t *ps_config_init(const void *);
    int ps_config_free(ps_config_t *);
    const void *ps_config_set_str(ps_config_t *, const char *, const char *);
    const void *ps_config_set_int(ps_config_t *, const char *, long);
    ps_decoder_t *ps_init(ps_config_t *);
    int ps_free(ps_decoder_t *);
    int ps_start_utt(ps_decoder_t *);
    int ps_process_raw(ps_decoder_t *, const int16_t *, size_t, int, int);
    int ps_end_utt(ps_decoder_t *);
    const char *ps_get_hyp(ps_decoder_t *, int32_t *);
    int ps_set_cmn(ps_decoder_t *, const char *);
    const char *ps_get_cmn(ps_decoder_t *, int);
    typedef struct logmath_s logmath_t;
    logmath_t *ps_get_logmath(ps_decoder_t *);
    int32_t ps_get_prob(ps_decoder_t *);
    double logmath_log_to_log10(logmath_t *, int);
"""


class _Library(Protocol):
    """Like _INTERFACE, for the type checker. A pointer is an object of cffi's, a string of C the pointer to it."""

    def ps_config_init(self, definitions: object, /) -> object: ...
    def ps_config_free(self, config: object, /) -> int: ...
    def ps_config_set_str(self, config: object, name: bytes, value: bytes, /) -> object: ...
    def ps_config_set_int(self, config: object, name: bytes, value: int, /) -> object: ...
    def ps_init(self, config: object, /) -> object: ...
    def ps_free(self, decoder: object, /) -> int: ...
    def ps_start_utt(self, decoder: object, /) -> int: ...
    def ps_process_raw(
        self, decoder: object, samples: object, count: int, no_search: int, full_utterance: int, /
    ) -> int: ...
    def ps_end_utt(self, decoder: object, /) -> int: ...
    def ps_get_hyp(self, decoder: object, score: object, /) -> object: ...
    def ps_set_cmn(self, decoder: object, cmn: bytes, /) -> int: ...
    def ps_get_cmn(self, decoder: object, update: int, /) -> object: ...
    def ps_get_logmath(self, decoder: object, /) -> object: ...
    def ps_get_prob(self, decoder: object, /) -> int: ...
    def logmath_log_to_log10(self, logmath: object, logarithm: int, /) -> float: ...


_MODEL: Final = "model/en-us"


class SphinxFiles(NamedTuple):
    """What is in the wheel."""

    library: Path
    acoustic_model: Path
    dictionary: Path
    language_model: Path


def sphinx_files() -> SphinxFiles:
    """The wheel's files.

    Raises:
        ProviderError: PocketSphinx is not installed.
    """
    names = [f"_pocketsphinx{suffix}" for suffix in importlib.machinery.EXTENSION_SUFFIXES]
    library = next((path for name in names if (path := wheel_file("pocketsphinx", name))), None)
    parts = [f"{_MODEL}/en-us", f"{_MODEL}/cmudict-en-us.dict", f"{_MODEL}/en-us.lm.bin"]
    found = [path for part in parts if (path := wheel_file("pocketsphinx", part))]
    if library is None or len(found) != len(parts):
        raise ProviderError("the PocketSphinx recogniser is not installed: pip install 'trialogue[stt]'")
    return SphinxFiles(library, *found)


@frozen(kw_only=True)
class DecoderSettings:
    """What a decoder is made of.

    Args:
        language_model: in the ARPA format; None takes the general one of the wheel.
        dictionary: a dictionary file; None takes the general one.
        cmn: the cepstral mean to start with, as PocketSphinx writes it.
    """

    language_model: str | None
    dictionary: str | None
    cmn: str


class Result(NamedTuple):
    """What was understood in an utterance, and how sure that is (0 to 1, or None where nobody knows)."""

    text: str
    confidence: float | None


#: How the decoder's posterior probability of its words becomes the probability that all of them are right: a logistic
#: curve over its decimal logarithm, fitted to 126 sentences of three synthetic voices with the restaurant's vocabulary
#: and 21 of people and others who say something else (of those above 0.8, 92 % were right; of those below 0.4, 5 %).
_CONFIDENCE_OFFSET: Final = 4.1
_CONFIDENCE_SLOPE: Final = 2.1


def confidence_of(log10_posterior: float) -> float:
    """The probability that all words of an utterance are right."""
    return 0.5 + 0.5 * math.tanh((_CONFIDENCE_OFFSET + _CONFIDENCE_SLOPE * log10_posterior) / 2)


class SphinxDecoder:
    """One decoder, for one thread at a time. Every method blocks."""

    def __init__(self, files: SphinxFiles, settings: DecoderSettings) -> None:
        import cffi  # here, because its parser takes longer to import than the decoder to load

        self._ffi = cffi.FFI()
        self._ffi.cdef(_INTERFACE)
        self._library = cast("_Library", self._ffi.dlopen(str(files.library)))
        self._score = self._ffi.new("int32_t *")
        self._knows_confidence = settings.language_model is not None
        with tempfile.TemporaryDirectory(prefix="trialogue-") as scratch:
            self._decoder = self._make(_strings(files, settings, Path(scratch)))
        self._library.ps_set_cmn(self._decoder, settings.cmn.encode())

    def start(self) -> None:
        """Begin an utterance."""
        self._check(self._library.ps_start_utt(self._decoder), "begin an utterance")

    def hear(self, pcm: bytes) -> None:
        """Decode the next samples of the utterance; int16 at 16 kHz."""
        samples = self._ffi.from_buffer("int16_t[]", pcm)
        self._check(self._library.ps_process_raw(self._decoder, samples, len(pcm) // 2, 0, 0), "decode audio")

    def text(self) -> str:
        """The best words so far."""
        return self._string(self._library.ps_get_hyp(self._decoder, self._score))

    def end(self) -> Result:
        """End the utterance."""
        self._check(self._library.ps_end_utt(self._decoder), "end an utterance")
        text = self.text()
        if not text or not self._knows_confidence:
            return Result(text, None)
        logmath = self._library.ps_get_logmath(self._decoder)
        posterior = self._library.ps_get_prob(self._decoder)
        return Result(text, confidence_of(self._library.logmath_log_to_log10(logmath, posterior)))

    def cmn(self) -> str:
        """The cepstral mean as it is now, adapted to the speaker and the line."""
        return self._string(self._library.ps_get_cmn(self._decoder, 1))

    def close(self) -> None:
        """Give back its memory; nothing else may be called afterwards."""
        self._library.ps_free(self._decoder)

    def _make(self, strings: Mapping[str, str]) -> object:
        config = self._library.ps_config_init(self._ffi.NULL)
        for name, value in strings.items():
            self._library.ps_config_set_str(config, name.encode(), value.encode())
        # The third pass finds the words' probabilities. With a vocabulary it takes 2 ms at the end of an utterance;
        # with the general model it takes 50 and more, as the second pass always does.
        self._library.ps_config_set_int(config, b"bestpath", int(self._knows_confidence))
        self._library.ps_config_set_int(config, b"fwdflat", 0)
        decoder = self._library.ps_init(config)
        self._library.ps_config_free(config)
        if decoder == self._ffi.NULL:
            raise ProviderError(f"PocketSphinx does not start with the files {', '.join(strings.values())}")
        return decoder

    def _string(self, pointer: object) -> str:
        """A string of C; empty for the null pointer."""
        if pointer == self._ffi.NULL:
            return ""
        return cast("bytes", self._ffi.string(cast("FFI.CData", pointer))).decode()

    def _check(self, status: int, attempt: str) -> None:
        if status < 0:
            raise ProviderError(f"PocketSphinx could not {attempt} (status {status})", retryable=True)


def _strings(files: SphinxFiles, settings: DecoderSettings, scratch: Path) -> dict[str, str]:
    """The decoder's settings that are strings; PocketSphinx reads models from files only."""
    language_model, dictionary = files.language_model, files.dictionary
    if settings.language_model is not None:
        language_model = scratch / "model.arpa"
        language_model.write_text(settings.language_model, encoding="utf-8")
    if settings.dictionary is not None:
        dictionary = scratch / "words.dict"
        dictionary.write_text(settings.dictionary, encoding="utf-8")
    return {"hmm": str(files.acoustic_model), "lm": str(language_model), "dict": str(dictionary), "loglevel": "FATAL"}
