"""WAV, FLAC, Ogg Vorbis and Opus, MP3, AIFF, AU, CAF and what else libsndfile reads. Imports soundfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import soundfile

from trialogue.frames import AudioFormat
from trialogue.transports._decoding import BLOCK_S, NotDecodable, damaged

if TYPE_CHECKING:
    from pathlib import Path

    from trialogue.transports._decoding import Floats


class _Forwards(soundfile.SoundFile):  # type: ignore[misc]  # soundfile has no types
    """A file that is only read forwards.

    After each read soundfile seeks to where it is already, if the file can seek. In an MP3 that restarts the decoder
    and damages the samples that follow: a tenth of them, in blocks of half a second.
    """

    def seekable(self) -> bool:
        return False


class SoundFileDecoder:
    """Satisfies `Decoder` by soundfile.

    Raises:
        NotDecodable: libsndfile does not know this kind of file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = _Forwards(path)
        except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: it does not guess what a .raw file holds
            raise NotDecodable(str(error)) from error
        self._block_samples = max(1, round(BLOCK_S * self._file.samplerate))
        self._format = AudioFormat(rate_hz=self._file.samplerate, channels=self._file.channels, dtype="float32")

    @property
    def format(self) -> AudioFormat:
        return self._format

    def read(self) -> Floats:
        try:
            block: Floats = self._file.read(self._block_samples, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise damaged(self._path, error) from error
        return block

    def close(self) -> None:
        self._file.close()
