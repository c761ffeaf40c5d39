"""Looking for tones in a stream of sound: short looks, one after another, and the frequencies in each. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

#: The quietest look that is looked at, as a part of full scale: -40 dB.
_QUIETEST: Final = 0.01

_LEAST_RATE_HZ: Final = 8000


class Looks:
    """Cuts sound into looks that overlap, however it comes, and gives the energy in each by frequency.

    Args:
        rate_hz: samples per second; 8000 or more.
        look_s: a look takes in this much sound, seconds.
        share: one follows another at this part of it.
        bin_hz: how far apart two frequencies are in a spectrum.

    Raises:
        ConfigurationError: the rate is too low.
    """

    def __init__(self, rate_hz: int, *, look_s: float, share: float, bin_hz: float) -> None:
        if rate_hz < _LEAST_RATE_HZ:
            raise ConfigurationError(f"tones can be heard at {_LEAST_RATE_HZ} Hz or more, not at {rate_hz}")
        import numpy as np  # here, because importing it takes longer than all the rest

        self._look = round(look_s * rate_hz)
        #: From one look to the next, samples.
        self.hop = int(self._look * share)
        self._bins = round(rate_hz / bin_hz)
        self._window = np.hanning(self._look)
        self._lobe = round(2 / look_s / bin_hz)  # half the width of a tone's main lobe under that window, bins
        self._sound = np.zeros(0)
        self._at_sample = 0  # of the first sample of `_sound`

    def push(self, pcm: bytes) -> Iterator[tuple[int, Floats | None]]:
        """The looks that are complete with the next samples, mono int16; to be gone through at once.

        Returns:
            Where each begins, and its energy by frequency; None where it is too quiet.
        """
        import numpy as np

        self._sound = np.concatenate([self._sound, np.frombuffer(pcm, dtype="<i2") / 32_768.0])
        while len(self._sound) >= self._look:
            yield self._at_sample, self._spectrum(self._sound[: self._look])
            self._sound = self._sound[self.hop :]
            self._at_sample += self.hop

    def energy(self, spectrum: Floats, peak: int) -> float:
        """How much of the energy is in the tone whose frequency has this place in the spectrum."""
        return float(spectrum[max(0, peak - self._lobe) : peak + self._lobe + 1].sum())

    def _spectrum(self, samples: Floats) -> Floats | None:
        import numpy as np

        if float(np.max(np.abs(samples))) < _QUIETEST:
            return None
        spectrum: Floats = np.abs(np.fft.rfft(samples * self._window, n=self._bins)) ** 2
        return spectrum
