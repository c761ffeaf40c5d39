"""Mixing: pure. Sounds under a voice, each with its volume and fades; lower while the voice speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trialogue.engine import AudioError, ConfigurationError
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from trialogue.actors.mixer._clip import Clip
    from trialogue.frames import AudioFormat

#: How long the background takes to go down under a voice, and to come up again, seconds.
_DUCK_S: Final = 0.1

#: Gains closer than this are one: less than a bit of 16.
_SAME_GAIN: Final = 1e-6

_LEAST: Final = -32_768
_MOST: Final = 32_767


@frozen(kw_only=True)
class MixerSettings:
    """How much of the background is heard.

    Args:
        under_speech: the part of its volume that the background has while the agent speaks, 0 to 1.
    """

    under_speech: float = 0.5

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.under_speech <= 1:
            raise ConfigurationError(f"a mixer needs 0 <= under_speech <= 1, not {self.under_speech}")


@define(kw_only=True, eq=False)
class BackgroundSound:
    """A sound in a mixer; made by `Mixer.play`."""

    _samples: npt.NDArray[np.int16]
    _loop: bool
    _gain: float
    _target: float
    _step: float  # of the gain, per sample, on its way to the target
    _rate_hz: int
    _after_silence: int | None = None  # samples of the voice's silence that it waits for; None waits for none
    _at: int = 0
    _silent: int = 0  # for how long the voice has been, samples
    _presence: float = 1.0  # of a sound that gives way to the voice: 0 is gone

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be heard of it."""
        ended = not self._loop and self._at >= len(self._samples)
        return ended or (self._gain == 0.0 == self._target and self._step >= 0)  # noqa: RUF069  # set, never computed

    def fade_to(self, volume: float, over_s: float = 0.0) -> None:
        """Change its volume; 0 ends it.

        Args:
            volume: 0 to 1.
            over_s: so long it takes, seconds.
        """
        _check_volume(volume)
        self._target = volume
        self._step = abs(volume - self._gain) / max(1, round(over_s * self._rate_hz))

    def stop(self, over_s: float = 0.05) -> None:
        """End it, within this time, seconds."""
        self.fade_to(0.0, over_s)

    def next(self, count: int, *, voice: bool) -> npt.NDArray[np.float32] | None:
        """Its next samples, at its volume; None where it waits for silence. For the mixer.

        Args:
            count: how many.
            voice: whether the voice speaks.
        """
        if self._after_silence is None:
            return self._taken(count)
        self._silent = 0 if voice else self._silent + count
        target = 1.0 if self._silent > self._after_silence else 0.0
        if target == 0.0 == self._presence:  # noqa: RUF069  # set, never computed
            self._gain = self._target  # nobody hears how
            return None
        gains = _ramp(self._presence, target, 1 / max(1, round(_DUCK_S * self._rate_hz)), count)
        self._presence = _reached(gains, target)
        return self._taken(count) * gains

    def _taken(self, count: int) -> npt.NDArray[np.float32]:
        import numpy as np

        end = self._at + count
        if self._loop and end > len(self._samples):
            taken = self._samples.take(range(self._at, end), mode="wrap")
        else:
            taken = self._samples[self._at : end]
        self._at = end % len(self._samples) if self._loop else end
        sound = np.zeros(count, dtype=np.float32)
        sound[: len(taken)] = taken
        if self._gain != self._target:  # it ends by being set to the target
            gains = _ramp(self._gain, self._target, self._step, count)
            self._gain = _reached(gains, self._target)
            sound *= gains
        elif self._gain != 1.0:  # noqa: RUF069  # only spares work
            sound *= self._gain
        return sound


class Mixer:
    """Sounds under a voice.

    Args:
        format: mono int16.
        settings: how much of them is heard.
    """

    def __init__(self, format: AudioFormat, settings: MixerSettings | None = None) -> None:
        self._format = format
        self._settings = settings or MixerSettings()
        self._sounds: list[BackgroundSound] = []
        self._duck = 1.0
        self._duck_step = (1 - self._settings.under_speech) / max(1, format.samples(_DUCK_S))

    @property
    def playing(self) -> int:
        """How many sounds play."""
        return len(self._sounds)

    def play(
        self,
        clip: Clip,
        *,
        volume: float = 1.0,
        loop: bool = False,
        fade_in_s: float = 0.0,
        after_silence_s: float | None = None,
    ) -> BackgroundSound:
        """Let a sound play from the next frame on.

        Args:
            clip: the sound, at the mixer's rate.
            volume: 0 to 1.
            loop: again and again, until it is stopped.
            fade_in_s: so long it takes to its volume, seconds.
            after_silence_s: it is heard only when the voice has been silent for so long, seconds, and gives way to it;
                None is heard under the voice.

        Raises:
            AudioError: it has another rate.
        """
        _check_volume(volume)
        if clip.rate_hz != self._format.rate_hz:
            raise AudioError(
                f"{clip.name} has {clip.rate_hz} Hz, the speaker {self._format.rate_hz}; load it by Clip.from_file"
            )
        gain = 0.0 if fade_in_s else volume
        step = volume / max(1, self._format.samples(fade_in_s))
        after = None if after_silence_s is None else self._format.samples(after_silence_s)
        sound = BackgroundSound(
            samples=clip.samples,
            loop=loop,
            gain=gain,
            target=volume,
            step=step,
            rate_hz=clip.rate_hz,
            after_silence=after,
            presence=1.0 if after is None else 0.0,
        )
        self._sounds.append(sound)
        return sound

    def frame(self, voice: bytes | None, count: int) -> bytes | None:
        """The next samples.

        Args:
            voice: those of the voice, `count` of int16, or None while it is silent.
            count: how many.

        Returns:
            Voice and background together, limited to int16; None where both are silent.
        """
        if not self._sounds and self._duck >= 1.0:
            return voice
        import numpy as np

        heard = [
            samples for sound in self._sounds if (samples := sound.next(count, voice=voice is not None)) is not None
        ]
        self._sounds = [sound for sound in self._sounds if not sound.is_over]
        if not heard and self._duck >= 1.0:
            return voice
        background = sum(heard, start=np.zeros(count, dtype=np.float32))
        target = self._settings.under_speech if voice is not None else 1.0
        if self._duck != target:  # it ends by being set to the target
            background *= self._ducked(count, target)
        elif target < 1.0:
            background *= target
        if voice is not None:
            background += np.frombuffer(voice, dtype="<i2")
        return np.clip(np.rint(background), _LEAST, _MOST).astype("<i2").tobytes()

    def _ducked(self, count: int, target: float) -> npt.NDArray[np.float32]:
        gains = _ramp(self._duck, target, self._duck_step, count)
        self._duck = _reached(gains, target)
        return gains


def _ramp(gain: float, target: float, step: float, count: int) -> npt.NDArray[np.float32]:
    """Gains from one towards another, sample by sample, that stop there."""
    import numpy as np

    steps = np.arange(1, count + 1, dtype=np.float32) * step
    gains = gain + steps if target > gain else gain - steps
    limited = np.minimum(gains, target) if target > gain else np.maximum(gains, target)
    return np.asarray(limited, dtype=np.float32)


def _reached(gains: npt.NDArray[np.float32], target: float) -> float:
    """Where a ramp has come to: its target exactly, which is no float32 as a rule, or the gain so far."""
    last = float(gains[-1])
    return target if abs(last - target) < _SAME_GAIN else last


def _check_volume(volume: float) -> None:
    if not 0 <= volume <= 1:
        raise ConfigurationError(f"a volume is between 0 and 1, not {volume}")
