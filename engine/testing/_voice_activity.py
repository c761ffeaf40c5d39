"""The contract of voice-activity detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import trio

from trialogue.engine._protocols import SharedSpeechDetector
from trialogue.engine.testing._contract import WITHIN_S, check_rules, need
from trialogue.engine.testing._lifetimes import LIFETIME_RULES, OPENING_RULES, Sessions
from trialogue.engine.testing._sounds import buzz, constant, noise, silence, square

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.engine import SpeechDetector, VoiceActivityDetector

#: How close two probabilities of the same audio must be: sums of floats may be made in another order.
_SAME: Final = 1e-4


async def check_voice_activity_detector(
    make: Callable[[], VoiceActivityDetector], *, speech: bytes | None = None, within_s: float = WITHIN_S
) -> None:
    """Check that a provider of speech detectors does what `VoiceActivityDetector` and `SpeechDetector` say.

    Args:
        make: makes the provider.
        speech: mono int16, at the rate that the detector wants, in which somebody speaks; None leaves unchecked
            whether speech is found.
        within_s: how long each rule may take, seconds.

    Raises:
        ContractBroken: it breaks a rule; the message says which.
    """

    async def use(detector: SpeechDetector) -> list[float]:
        await trio.lowlevel.checkpoint()  # where a session that computes may be cancelled
        return [round(value, 3) for value in _heard(detector, buzz(0.5, rate_hz=detector.rate_hz))]

    async def tells_speech_from_silence(sessions: Sessions[SpeechDetector]) -> None:
        """Silence is probably no speech, and speech probably is."""
        async with sessions.make().open() as detector:
            quiet = _heard(detector, silence(detector.rate_hz))[-1]
            need(quiet < 0.5, f"after a second of silence the probability is {quiet}")
            if speech is not None:
                loudest = max(_heard(detector, speech))
                need(loudest > 0.5, f"in the speech the highest probability is {loudest}")

    sessions = Sessions(make=make, use=use)
    rules = (*OPENING_RULES, tells_speech_from_silence, *_RULES, *LIFETIME_RULES)
    await check_rules(rules, sessions, provider=type(make()).__name__, within_s=within_s)


def _heard(detector: SpeechDetector, pcm: bytes) -> list[float]:
    size = 2 * detector.hop_samples
    return [detector.probability(pcm[start : start + size]) for start in range(0, len(pcm) - size + 1, size)]


async def _hops_are_possible(sessions: Sessions[SpeechDetector]) -> None:
    """Rate and hop are those of speech, and a call's cost is told."""
    async with sessions.make().open() as detector:
        need(8_000 <= detector.rate_hz <= 48_000, f"the rate is {detector.rate_hz} Hz")
        hop_s = detector.hop_samples / detector.rate_hz
        need(0.005 <= hop_s <= 0.2, f"a hop takes {hop_s:.4f} s")
        need(0 <= detector.cost_s < hop_s, f"a hop of {hop_s:.4f} s costs {detector.cost_s} s")


async def _probabilities_are_such(sessions: Sessions[SpeechDetector]) -> None:
    """Whatever the sound, what comes out is a number from 0 to 1."""
    async with sessions.make().open() as detector:
        rate_hz = detector.rate_hz
        for sound in (
            square(rate_hz, rate_hz=rate_hz),
            silence(rate_hz),
            noise(rate_hz),
            constant(rate_hz),
            b"\x00\x80" * rate_hz,  # the one value whose negative is no int16
            buzz(1.0, rate_hz=rate_hz),
        ):
            for value in _heard(detector, sound):
                need(0 <= value <= 1, f"{value!r} is no probability")  # NaN is not, either


async def _reset_forgets(sessions: Sessions[SpeechDetector]) -> None:
    """After a reset, audio is judged as by a new detector."""
    async with sessions.make().open() as detector:
        sound = buzz(0.5, rate_hz=detector.rate_hz)
        fresh = _heard(detector, sound)
        _heard(detector, noise(detector.rate_hz))
        detector.reset()
        again = _heard(detector, sound)
    need(_alike(fresh, again), f"a new detector says {fresh}, and one that was reset {again}")


async def _detectors_share_no_state(sessions: Sessions[SpeechDetector]) -> None:
    """Two detectors that are called in turn judge as each would alone."""
    provider = sessions.make()
    async with provider.open() as first:
        hop = first.hop_samples
        speech, other = buzz(0.5, rate_hz=first.rate_hz), noise(first.rate_hz // 2)
        alone = _heard(first, speech)
    async with provider.open() as first, provider.open() as second:
        in_turn: list[float] = []
        for start in range(0, 2 * hop * len(alone), 2 * hop):
            in_turn.append(first.probability(speech[start : start + 2 * hop]))
            second.probability((other[start : start + 2 * hop] + silence(hop))[: 2 * hop])
    need(_alike(alone, in_turn), f"alone it says {alone}, in turn with another one {in_turn}")


async def _other_lengths_are_refused(sessions: Sessions[SpeechDetector]) -> None:
    """Audio that is no hop raises an exception in place of giving a number."""
    async with sessions.make().open() as detector:
        for pcm in (b"", silence(detector.hop_samples - 1), silence(2 * detector.hop_samples), b"\x00"):
            try:
                value = detector.probability(pcm)
            except Exception:  # noqa: BLE001  # which one is not laid down
                continue
            need(False, f"of {len(pcm)} bytes in place of {2 * detector.hop_samples} it says {value}")
        detector.reset()
        _heard(detector, buzz(0.2, rate_hz=detector.rate_hz))


async def _together_is_as_alone(sessions: Sessions[SpeechDetector]) -> None:
    """Where several sessions may be heard together, each is judged as it would be alone."""
    provider = sessions.make()
    async with provider.open() as first, provider.open() as second:
        if not isinstance(first, SharedSpeechDetector) or not isinstance(second, SharedSpeechDetector):
            return
        sounds = [buzz(0.5, rate_hz=first.rate_hz), noise(first.rate_hz // 2)]
        alone = [_heard(detector, sound) for detector, sound in zip((first, second), sounds, strict=True)]
        first.reset()
        second.reset()
        together: list[list[float]] = [[], []]

        async def hear(detector: SharedSpeechDetector, sound: bytes, into: list[float]) -> None:
            size = 2 * detector.hop_samples
            for start in range(0, len(sound) - size + 1, size):
                into.append(await detector.probability_together(sound[start : start + size]))

        async with trio.open_nursery() as nursery:
            for detector, sound, into in zip((first, second), sounds, together, strict=True):
                nursery.start_soon(hear, detector, sound, into)
    for one, other in zip(alone, together, strict=True):
        need(_alike(one, other), f"alone it says {one}, together with another one {other}")


def _alike(one: list[float], other: list[float]) -> bool:
    return len(one) == len(other) and all(abs(a - b) < _SAME for a, b in zip(one, other, strict=True))


_RULES: Final = (
    _hops_are_possible,
    _probabilities_are_such,
    _detectors_share_no_state,
    _reset_forgets,
    _together_is_as_alone,
    _other_lengths_are_refused,
)
