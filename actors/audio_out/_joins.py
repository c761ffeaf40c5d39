"""Joins between the pieces of a voice's sound: pure."""

from __future__ import annotations

from array import array
from struct import Struct
from typing import Final

from trialogue.actors.audio_out._fade import glide_into, glide_step, steepest

#: What a jump is measured against: the voice's own steps so far on either side of it, seconds. Long enough for one
#: period of any voice's strongest partials, short enough that a hiss before does not excuse a click after it.
_AROUND_S: Final = 0.005

_SAMPLE: Final = Struct("<h")


class Joins:
    """Makes the pieces of a voice's sound follow one another without a click.

    Voices give sound in pieces, and sentences are spoken apart: a voice may begin with the header of a file, or end in
    the middle of a wave. A piece that begins where the one before has ended is left as it is, to the bit, and so is one
    that jumps no further than the sound around it. Any other glides: its first samples, 2 ms of them at most where the
    voice itself stands still, lead from the last one's level to its own. Nothing becomes longer, so words stay in
    their places. Before the first piece there is silence.

    Args:
        rate_hz: samples per second; mono int16.
    """

    __slots__ = ("_around", "_bound", "_played")

    def __init__(self, rate_hz: int) -> None:
        self._bound = glide_step(rate_hz)
        self._around = 2 * max(2, round(_AROUND_S * rate_hz))  # bytes
        self._played = bytes(2)  # the end of what was played

    def join(self, pcm: bytes) -> bytes:
        """The next piece, as it is to be played."""
        if not pcm:
            return pcm
        (first,) = _SAMPLE.unpack_from(pcm)
        (level,) = _SAMPLE.unpack_from(self._played, len(self._played) - 2)
        if abs(first - level) > self._bound and not self._belongs(pcm):
            pcm = glide_into(pcm, level, self._bound)
        self._played = pcm if len(pcm) >= self._around else (self._played + pcm)[-self._around :]
        return pcm

    def _belongs(self, pcm: bytes) -> bool:
        """Whether the jump is of the voice's own making: around it are others as great."""
        before, after = array("h", self._played[-self._around :]), array("h", pcm[: self._around])
        return abs(after[0] - before[-1]) <= max(steepest(before), steepest(after))
