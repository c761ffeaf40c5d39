"""The beep of a mailbox: a single steady tone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: A look takes in this much sound, and they follow each other at half of it, seconds.
_LOOK_S: Final = 0.032

#: So long a tone must last, seconds: beeps take 0.2 to 1.5, and no vowel is as pure for as long.
_LEAST_S: Final = 0.15

#: Mailboxes beep between these, Hz.
_LOWEST_HZ: Final = 350.0
_HIGHEST_HZ: Final = 2200.0

#: So much of all energy must be in the tone; of a key's two tones each has half.
_PURITY: Final = 0.8

#: By so much the tone may wander from look to look, Hz.
_WANDER_HZ: Final = 16.0

#: The quietest tone, as a part of full scale: -40 dB.
_QUIETEST: Final = 0.01

#: Length of the transform: bins of 8 Hz.
_BIN_HZ: Final = 8.0


class BeepDetector:
    """Hears beeps in a stream of sound, each when it is over: then a mailbox records.

    Args:
        rate_hz: samples per second; 8000 or more.
    """

    def __init__(self, rate_hz: int) -> None:
        if rate_hz < 8000:
            raise ConfigurationError(f"beeps can be heard at 8000 Hz or more, not at {rate_hz}")
        import numpy as np  # here, because importing it takes longer than all the rest

        self._look = round(_LOOK_S * rate_hz)
        self._bins = round(rate_hz / _BIN_HZ)
        self._window = np.hanning(self._look)
        self._lobe = round(2 / _LOOK_S / _BIN_HZ)  # half the width of a tone's main lobe under that window, bins
        self._least = round(_LEAST_S / (_LOOK_S / 2))
        self._sound = np.zeros(0)
        self._at_sample = 0  # of the first sample of `_sound`
        self._hz: float | None = None
        self._seen = 0  # so many looks in a row have seen it

    def push(self, pcm: bytes) -> list[int]:
        """Where beeps have ended that became certain with the next samples (mono int16): positions, to about 20 ms."""
        import numpy as np

        ended: list[int] = []
        self._sound = np.concatenate([self._sound, np.frombuffer(pcm, dtype="<i2") / 32_768.0])
        hop = self._look // 2
        while len(self._sound) >= self._look:
            hz = self._tone(self._sound[: self._look])
            steady = hz is not None and self._hz is not None and abs(hz - self._hz) <= _WANDER_HZ
            if not steady:
                if self._seen >= self._least:
                    ended.append(self._at_sample + hop)
                self._seen = 0
            self._seen += hz is not None
            self._hz = hz
            self._sound = self._sound[hop:]
            self._at_sample += hop
        return ended

    def _tone(self, samples: npt.NDArray[np.float64]) -> float | None:
        """The frequency of the one tone that sounds in a look; None where none does."""
        import numpy as np

        if float(np.max(np.abs(samples))) < _QUIETEST:
            return None
        spectrum = np.abs(np.fft.rfft(samples * self._window, n=self._bins)) ** 2
        peak = int(spectrum.argmax())
        hz = peak * _BIN_HZ
        energy = float(spectrum[max(0, peak - self._lobe) : peak + self._lobe + 1].sum())
        pure = energy >= _PURITY * float(spectrum.sum())
        return hz if pure and _LOWEST_HZ <= hz <= _HIGHEST_HZ else None
