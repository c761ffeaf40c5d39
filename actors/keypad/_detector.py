"""Which keys are heard in sound, by the rules of ITU-T Q.24. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trialogue.actors.keypad._looks import Looks
from trialogue.actors.keypad._tones import HIGH_HZ, LOW_HZ, TONES
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.actors.keypad._looks import Floats

#: A look takes in this much sound, and they follow each other at a quarter of it, seconds.
_LOOK_S: Final = 0.0256

#: So many looks in a row must agree. Measured over all phases: a tone of 0.04 s, which must be heard, gives 7 or 8; one
#: of 0.023 s, which must not, 4 or 5.
_LOOKS: Final = 6

#: Q.24: tones up to 1.5 % off must be heard, those 3.5 % off must not.
_OFF: Final = 0.022

#: One tone may have so many times the energy of the other: 8 dB (Q.24: 4 to 8 in one direction, 4 in the other).
_TWIST: Final = 10**0.8

#: So much of all energy must be in the two tones: in speech it is not.
_PURITY: Final = 0.75

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
        self._looks = Looks(rate_hz, look_s=_LOOK_S, share=0.25, bin_hz=_BIN_HZ)
        self._candidate: str | None = None
        self._seen = 0  # so many looks in a row have seen it
        #: Whether there was a key's tone, certain or not, in the samples that were pushed last.
        self.sounding = False

    def push(self, pcm: bytes) -> list[HeardKey]:
        """The keys that became certain with the next samples, mono int16."""
        heard: list[HeardKey] = []
        self.sounding = False
        for at_sample, spectrum in self._looks.push(pcm):
            key = None if spectrum is None else self._key(spectrum)
            self._seen = self._seen + 1 if key == self._candidate else 1
            self._candidate = key
            self.sounding = self.sounding or key is not None
            if key is not None and self._seen == _LOOKS:
                heard.append(HeardKey(key=key, at_sample=at_sample - (_LOOKS - 1) * self._looks.hop))
        return heard

    def _key(self, spectrum: Floats) -> str | None:
        """The key that sounds in a look; None if none does."""
        low = self._tone(spectrum, LOW_HZ)
        high = self._tone(spectrum, HIGH_HZ)
        if low is None or high is None:
            return None
        (low_hz, low_energy), (high_hz, high_energy) = low, high
        twisted = max(low_energy, high_energy) > _TWIST * min(low_energy, high_energy)
        if twisted or low_energy + high_energy < _PURITY * float(spectrum.sum()):
            return None
        return next(key for key, tones in TONES.items() if tones == (low_hz, high_hz))

    def _tone(self, spectrum: Floats, group: tuple[float, ...]) -> tuple[float, float] | None:
        """The strongest tone of a group and its energy, if it has the right frequency."""
        first, last = round(group[0] * 0.93 / _BIN_HZ), round(group[-1] * 1.07 / _BIN_HZ)
        peak = first + int(spectrum[first:last].argmax())
        hz = peak * _BIN_HZ
        nearest = min(group, key=lambda tone_hz: abs(tone_hz - hz))
        return None if abs(hz / nearest - 1) > _OFF else (nearest, self._looks.energy(spectrum, peak))
