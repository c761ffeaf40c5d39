"""Which keys are heard in sound, by the rules of ITU-T Q.24. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trialogue.actors.keypad._tones import HIGH_HZ, LOW_HZ, TONES
from trialogue.engine import ConfigurationError
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: A look takes in this much sound, and they follow each other at a quarter of it, seconds.
_LOOK_S: Final = 0.0256

#: So many looks in a row must agree. Measured over all phases: a tone of 0.04 s, which must be heard, gives 7 or 8; one
#: of 0.023 s, which must not, 4 or 5.
_LOOKS: Final = 6

#: Q.24: tones up to 1.5 % off must be heard, those 3.5 % off must not.
_OFF: Final = 0.022

#: The two tones may differ by so much, dB (Q.24: 4 to 8 in one direction, 4 in the other).
_TWIST_DB: Final = 8.0

#: So much of all energy must be in the two tones: in speech it is not.
_PURITY: Final = 0.75

#: The quietest tone, as a part of full scale: -40 dB.
_QUIETEST: Final = 0.01

#: Length of the transform: bins of 4 Hz.
_BIN_HZ: Final = 4.0


@frozen
class HeardKey:
    """A key that was heard.

    Args:
        key: which.
        at_sample: where its tone began, to about 20 ms.
    """

    key: str
    at_sample: int


class KeyDetector:
    """Hears keys in a stream of sound.

    A key is told once, when enough looks in a row agree on it; again only after a look without it.

    Args:
        rate_hz: samples per second; 8000 or more.
    """

    def __init__(self, rate_hz: int) -> None:
        if rate_hz < 8000:
            raise ConfigurationError(f"keys can be heard at 8000 Hz or more, not at {rate_hz}")
        import numpy as np  # here, because importing it takes longer than all the rest

        self._rate_hz = rate_hz
        self._look = round(_LOOK_S * rate_hz)
        self._bins = round(rate_hz / _BIN_HZ)
        self._window = np.hanning(self._look)
        self._lobe = round(2 / _LOOK_S / _BIN_HZ)  # half the width of a tone's main lobe under that window, bins
        self._sound = np.zeros(0)
        self._at_sample = 0  # of the first sample of `_sound`
        self._candidate: str | None = None
        self._seen = 0  # so many looks in a row have seen it
        #: Whether there was a key's tone, certain or not, in the samples that were pushed last.
        self.sounding = False

    def push(self, pcm: bytes) -> list[HeardKey]:
        """The keys that became certain with the next samples, mono int16."""
        import numpy as np

        heard: list[HeardKey] = []
        self.sounding = False
        self._sound = np.concatenate([self._sound, np.frombuffer(pcm, dtype="<i2") / 32_768.0])
        hop = self._look // 4
        while len(self._sound) >= self._look:
            key = self._key(self._sound[: self._look])
            self._seen = self._seen + 1 if key == self._candidate else 1
            self._candidate = key
            self.sounding = self.sounding or key is not None
            if key is not None and self._seen == _LOOKS:
                heard.append(HeardKey(key=key, at_sample=self._at_sample - (_LOOKS - 1) * hop))
            self._sound = self._sound[hop:]
            self._at_sample += hop
        return heard

    def _key(self, samples: npt.NDArray[np.float64]) -> str | None:
        """The key that sounds in a look; None if none does."""
        import numpy as np

        if float(np.max(np.abs(samples))) < _QUIETEST:
            return None
        spectrum = np.abs(np.fft.rfft(samples * self._window, n=self._bins)) ** 2
        low = self._tone(spectrum, LOW_HZ)
        high = self._tone(spectrum, HIGH_HZ)
        if low is None or high is None:
            return None
        (low_hz, low_energy), (high_hz, high_energy) = low, high
        twist_db = abs(10 * np.log10(low_energy / high_energy))
        if twist_db > _TWIST_DB or low_energy + high_energy < _PURITY * float(spectrum.sum()):
            return None
        return next(key for key, tones in TONES.items() if tones == (low_hz, high_hz))

    def _tone(self, spectrum: npt.NDArray[np.float64], group: tuple[float, ...]) -> tuple[float, float] | None:
        """The strongest tone of a group and its energy, if it has the right frequency."""
        first, last = round(group[0] * 0.93 / _BIN_HZ), round(group[-1] * 1.07 / _BIN_HZ)
        peak = first + int(spectrum[first:last].argmax())
        hz = peak * _BIN_HZ
        nearest = min(group, key=lambda tone_hz: abs(tone_hz - hz))
        if abs(hz / nearest - 1) > _OFF:
            return None
        return nearest, float(spectrum[peak - self._lobe : peak + self._lobe + 1].sum())
