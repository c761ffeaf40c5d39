"""The contract of denoisers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import trio

from trialogue.engine.testing._contract import WITHIN_S, check_rules, need
from trialogue.engine.testing._lifetimes import LIFETIME_RULES, OPENING_RULES, Sessions
from trialogue.engine.testing._sounds import buzz, constant, noise, silence, square

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialogue.engine import Denoiser, NoiseReducer

#: How much a reducer may hold back, seconds; more would be heard as a late answer.
_HELD_S: Final = 0.2

#: What counts as silence: a thousandth of full scale.
_QUIET: Final = 33


async def check_denoiser(make: Callable[[], Denoiser], *, within_s: float = WITHIN_S) -> None:
    """Check that a provider of denoisers does what `Denoiser` and `NoiseReducer` say.

    Args:
        make: makes the provider.
        within_s: how long each rule may take, seconds.

    Raises:
        ContractBroken: it breaks a rule; the message says which.
    """

    async def use(reducer: NoiseReducer) -> bytes:
        await trio.lowlevel.checkpoint()  # where a session that computes may be cancelled
        return _denoised(reducer, buzz(0.5, rate_hz=reducer.rate_hz), reducer.rate_hz // 50)

    sessions = Sessions(make=make, use=use)
    await check_rules(
        (*OPENING_RULES, *_RULES, *LIFETIME_RULES), sessions, provider=type(make()).__name__, within_s=within_s
    )


def _denoised(reducer: NoiseReducer, pcm: bytes, samples: int) -> bytes:
    """What becomes of a sound that comes in pieces of so many samples."""
    return b"".join(reducer.process(pcm[start : start + 2 * samples]) for start in range(0, len(pcm), 2 * samples))


async def _rate_and_delay_are_possible(sessions: Sessions[NoiseReducer]) -> None:
    """The rate is that of speech, and the delay is short."""
    async with sessions.make().open() as reducer:
        need(8_000 <= reducer.rate_hz <= 48_000, f"the rate is {reducer.rate_hz} Hz")
        delay_s = reducer.delay_samples / reducer.rate_hz
        need(0 <= delay_s <= _HELD_S, f"the delay is {delay_s:.3f} s")


async def _no_sample_is_lost(sessions: Sessions[NoiseReducer]) -> None:
    """As many samples come out as went in, but for those that are not ready yet."""
    async with sessions.make().open() as reducer:
        rate_hz = reducer.rate_hz
        taken = given = 0
        for sound in (noise(rate_hz // 3), silence(7), b"", square(rate_hz, rate_hz=rate_hz), constant(rate_hz)):
            taken += len(sound) // 2
            out = reducer.process(sound)
            need(len(out) % 2 == 0, f"{len(out)} bytes are no whole number of samples")
            given += len(out) // 2
            need(0 <= taken - given <= _HELD_S * rate_hz, f"{taken} samples went in and {given} came out")


async def _pieces_do_not_matter(sessions: Sessions[NoiseReducer]) -> None:
    """However the sound is cut, the same comes out."""
    provider = sessions.make()
    outputs: list[bytes] = []
    async with provider.open() as measure:
        sound = buzz(0.5, rate_hz=measure.rate_hz)
    for samples in (len(sound), 160, 333, 1_024):
        async with provider.open() as reducer:
            outputs.append(_denoised(reducer, sound, samples))
    common = min(len(output) for output in outputs)
    need(common > 0, "nothing came out")
    for output in outputs[1:]:
        far = max(abs(a - b) for a, b in zip(_values(outputs[0]), _values(output), strict=False))
        need(far <= 2, f"cut in another way, samples differ by up to {far}")


async def _silence_stays_silent(sessions: Sessions[NoiseReducer]) -> None:
    """Silence stays silent."""
    async with sessions.make().open() as reducer:
        loudest = max(map(abs, _values(_denoised(reducer, silence(reducer.rate_hz), reducer.rate_hz // 50))))
        need(loudest <= _QUIET, f"silence came out with samples up to {loudest}")


async def _reducers_share_no_state(sessions: Sessions[NoiseReducer]) -> None:
    """Two reducers that are called in turn do as each would alone."""
    provider = sessions.make()
    async with provider.open() as first:
        sound = buzz(0.5, rate_hz=first.rate_hz)
        alone = _denoised(first, sound, 320)
    async with provider.open() as first, provider.open() as second:
        other = noise(len(sound) // 2)
        in_turn = b""
        for start in range(0, len(sound), 640):
            in_turn += first.process(sound[start : start + 640])
            second.process(other[start : start + 640])
    need(in_turn == alone, "in turn with another one, something else comes out")


def _values(pcm: bytes) -> memoryview[int]:
    return memoryview(pcm[: len(pcm) // 2 * 2]).cast("h")


_RULES: Final = (
    _rate_and_delay_are_possible,
    _no_sample_is_lost,
    _reducers_share_no_state,
    _pieces_do_not_matter,
    _silence_stays_silent,
)
