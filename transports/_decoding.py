"""Reading sound from files of any kind, block by block: soundfile first, PyAV for what it cannot read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from trialogue.engine import AudioError
from trialogue.frames import AudioFormat

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

#: How much is decoded in one go, seconds: about 2 ms of work for the slowest formats.
BLOCK_S: Final = 0.5


class NotDecodable(Exception):
    """A decoder cannot read this kind of file; another one may."""


class Decoder(Protocol):
    """An open audio file."""

    @property
    def format(self) -> AudioFormat:
        """What its blocks hold; always float32."""

    def read(self) -> Floats:
        """The next block, shaped (samples, channels); without samples at the end.

        Raises:
            AudioError: the rest cannot be decoded.
        """

    def close(self) -> None:
        """Give the file back; may be repeated."""


def open_decoder(path: Path) -> Decoder:
    """Open a file of any format that soundfile or PyAV reads.

    Raises:
        AudioError: there is no such file, or it holds no audio.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise AudioError(f"audio file {path} {what}; give the path of a file (seen from {Path.cwd()})")
    if not path.stat().st_size:
        raise AudioError(f"audio file {path} is empty; record it again")
    from trialogue.transports._decoding_soundfile import SoundFileDecoder

    try:
        return SoundFileDecoder(path)
    except NotDecodable as error:
        by_soundfile = error
    from trialogue.transports._decoding_av import AvDecoder  # the heavier of the two, so only when it is needed

    try:
        return AvDecoder(path)
    except NotDecodable as by_av:
        raise AudioError(
            f"audio file {path} holds no audio that can be read (soundfile: {by_soundfile}; PyAV: {by_av}); convert it"
            " to WAV or FLAC"
        ) from by_av


def damaged(path: Path, error: Exception) -> AudioError:
    """What to say when a file cannot be decoded to its end."""
    return AudioError(f"audio file {path} is damaged and cannot be decoded to its end ({error}); make the file again")
