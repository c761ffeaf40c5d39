"""Sounds to be mixed in: from files, or made here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import attrs

from trialogue.engine import AudioError
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from trialogue.frames import AudioFormat

_FULL_SCALE: Final = 32_767


@frozen(eq=False)
class Clip:
    """A sound.

    Args:
        samples: int16, shape (n,); n of 1 or more.
        rate_hz: samples per second.
        name: for messages.

    Raises:
        AudioError: the samples are others.
    """

    samples: npt.NDArray[np.int16] = attrs.field(repr=lambda samples: f"<{len(samples)} samples>")
    rate_hz: int
    name: str = "clip"

    def __attrs_post_init__(self) -> None:
        dtype, shape = self.samples.dtype, self.samples.shape
        if dtype != "int16" or len(shape) != 1 or not shape[0]:
            raise AudioError(
                f"the sound {self.name!r} is to be int16 of shape (n,), mono and not empty; not {dtype} of shape "
                f"{shape}. Of a file: Clip.from_file(path, format)"
            )

    @classmethod
    def from_file(cls, path: Path | str, format: AudioFormat) -> Self:
        """A file that libsndfile reads (WAV, FLAC, Ogg, MP3), mixed down to mono, in the format of a speaker.

        Takes a while; do it before the call.

        Raises:
            AudioError: it cannot be read, or is empty.
        """
        import numpy as np
        import soundfile
        import soxr

        try:
            samples, rate_hz = soundfile.read(str(path), dtype="float32", always_2d=True)
        except (OSError, soundfile.LibsndfileError) as error:
            raise AudioError(f"{path} cannot be read as sound: {error}") from error
        mono = samples.mean(axis=1)
        if rate_hz != format.rate_hz:
            mono = soxr.resample(mono, rate_hz, format.rate_hz)
        if not len(mono):
            raise AudioError(f"{path} holds no sound")
        pcm = np.clip(np.rint(mono * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE).astype(np.int16)
        return cls(pcm, format.rate_hz, Path(path).name)

    def at_rate(self, rate_hz: int) -> Clip:
        """The same sound at another rate; itself where it has that already. Takes a while for a long one."""
        if rate_hz == self.rate_hz:
            return self
        import numpy as np
        import soxr

        resampled = soxr.resample(self.samples.astype(np.float32), self.rate_hz, rate_hz)
        samples = np.clip(np.rint(resampled), -_FULL_SCALE, _FULL_SCALE).astype(np.int16)
        return attrs.evolve(self, samples=samples, rate_hz=rate_hz)


def room_tone(format: AudioFormat, *, level: float = 0.01, for_s: float = 4.0, seed: int = 0) -> Clip:
    """The quiet of a room: noise that falls by 3 dB an octave ("pink"), and loops without a seam.

    Args:
        format: of the speaker; mono int16.
        level: root mean square as a part of full scale; 0.01 is -40 dB.
        for_s: length of the loop, seconds.
        seed: the same gives the same noise.
    """
    import numpy as np

    count = format.samples(for_s)
    random = np.random.default_rng(seed)
    hz = np.fft.rfftfreq(count, 1 / format.rate_hz)
    spectrum = random.normal(size=len(hz)) + 1j * random.normal(size=len(hz))
    spectrum *= 1 / np.sqrt(np.maximum(hz, 20.0))  # flat below what a small speaker can play
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, count)  # periodic by construction: its end meets its beginning
    noise *= level / np.sqrt(np.mean(noise**2))
    return Clip(
        np.clip(np.rint(noise * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE).astype(np.int16), format.rate_hz, "room tone"
    )


def typing_noise(format: AudioFormat, *, level: float = 0.05, for_s: float = 3.0, seed: int = 0) -> Clip:
    """Somebody types: short bursts of filtered noise, seven a second on average. For the time in which an agent thinks.

    Args:
        format: of the speaker; mono int16.
        level: peak of a stroke as a part of full scale.
        for_s: length of the loop, seconds.
        seed: the same gives the same strokes.
    """
    import numpy as np

    count = format.samples(for_s)
    random = np.random.default_rng(seed)
    sound = np.zeros(count)
    stroke = format.samples(0.03)
    at_s = 0.05
    while at_s < for_s - 0.05:
        noise = random.normal(size=stroke)
        noise = noise - np.convolve(noise, np.ones(8) / 8, mode="same")  # no rumble
        noise *= np.exp(-np.arange(stroke) / (0.005 * format.rate_hz))
        start = format.samples(at_s)
        sound[start : start + stroke] += noise / np.abs(noise).max() * level * random.uniform(0.4, 1.0)
        at_s += random.exponential(0.11) + 0.03
    return Clip(np.rint(sound * _FULL_SCALE).astype(np.int16), format.rate_hz, "typing")
