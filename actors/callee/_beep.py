"""The beep of a mailbox: a single steady tone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trialogue.actors.keypad._looks import Looks

if TYPE_CHECKING:
    from trialogue.actors.keypad._looks import Floats

#: A look takes in this much sound, seconds, and they follow each other at this part of it.
_LOOK_S: Final = 0.032
_SHARE: Final = 0.5

#: So long a tone must last, seconds: beeps take 0.2 to 1.5, and no vowel is as pure for as long.
_LEAST_S: Final = 0.15

#: Mailboxes beep between these, Hz.
_LOWEST_HZ: Final = 350.0
_HIGHEST_HZ: Final = 2200.0

#: So much of all energy must be in the tone; of a key's two tones each has half.
_PURITY: Final = 0.8

#: By so much the tone may wander from look to look, Hz.
_WANDER_HZ: Final = 16.0

#: Length of the transform: bins of 8 Hz.
_BIN_HZ: Final = 8.0


class BeepDetector:
    """Hears beeps in a stream of sound, each when it is over: then a mailbox records.

    Args:
        rate_hz: samples per second; 8000 or more.
    """

    def __init__(self, rate_hz: int) -> None:
        self._looks = Looks(rate_hz, look_s=_LOOK_S, share=_SHARE, bin_hz=_BIN_HZ)
        self._least = round(_LEAST_S / (_LOOK_S * _SHARE))
        self._hz: float | None = None
        self._seen = 0  # so many looks in a row have seen it

    def push(self, pcm: bytes) -> list[int]:
        """Where beeps have ended that became certain with the next samples (mono int16): positions, to about 20 ms."""
        ended: list[int] = []
        for at_sample, spectrum in self._looks.push(pcm):
            hz = None if spectrum is None else self._tone(spectrum)
            steady = hz is not None and self._hz is not None and abs(hz - self._hz) <= _WANDER_HZ
            if not steady:
                if self._seen >= self._least:
                    ended.append(at_sample + self._looks.hop)
                self._seen = 0
            self._seen += hz is not None
            self._hz = hz
        return ended

    def _tone(self, spectrum: Floats) -> float | None:
        """The frequency of the one tone that sounds in a look; None where none does."""
        peak = int(spectrum.argmax())
        hz = peak * _BIN_HZ
        pure = self._looks.energy(spectrum, peak) >= _PURITY * float(spectrum.sum())
        return hz if pure and _LOWEST_HZ <= hz <= _HIGHEST_HZ else None
