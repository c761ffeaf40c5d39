"""Dual-tone multi-frequency signalling (ITU-T Q.23): a low and a high tone for each key. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from trialogue.frames import AudioFormat

#: Q.23, table 1.
LOW_HZ: Final = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ: Final = (1209.0, 1336.0, 1477.0, 1633.0)
_ROWS: Final = ("123A", "456B", "789C", "*0#D")

#: The two tones of each key.
TONES: Final[Mapping[str, tuple[float, float]]] = {
    key: (low_hz, high_hz)
    for low_hz, row in zip(LOW_HZ, _ROWS, strict=True)
    for high_hz, key in zip(HIGH_HZ, row, strict=True)
}

#: The amplitude of one tone as a part of full scale: -9 dB, so that both together stay below -3 dB.
_AMPLITUDE: Final = 0.35

#: How long a tone swells and ebbs, seconds: without it there is a click.
_RAMP_S: Final = 0.002


def key_tones(keys: str, format: AudioFormat, *, tone_s: float = 0.1, pause_s: float = 0.1) -> bytes:
    """The sound of keys being pressed.

    Args:
        keys: 0 to 9, `*`, `#`, A to D; a comma is a pause of two seconds, as on a telephone.
        format: mono int16, at 4 kHz or more.
        tone_s: length of a tone, seconds; Q.24 wants 0.04 at least.
        pause_s: silence after each, seconds; the same.

    Raises:
        ConfigurationError: there is no such key.
    """
    import numpy as np  # here, because importing it takes longer than all the rest

    sound: list[bytes] = []
    time_s = np.arange(format.samples(tone_s)) / format.rate_hz
    ramp = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / _RAMP_S)
    for key in keys.upper():
        if key == ",":
            sound.append(format.silence(format.samples(2.0)))
            continue
        if key not in TONES:
            raise ConfigurationError(
                f"a telephone has no key {key!r}; it has {''.join(sorted(TONES))} and , for a pause"
            )
        tone = sum(np.sin(2 * np.pi * hz * time_s) for hz in TONES[key])
        sound.append((tone * ramp * _AMPLITUDE * 32_767).astype("<i2").tobytes())
        sound.append(format.silence(format.samples(pause_s)))
    return b"".join(sound)
