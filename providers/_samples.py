"""Checks of sound that is handed to a model: what is wrong is told in our words, before foreign code sees it."""

from __future__ import annotations

from typing import Final

from trialogue.engine import AudioError

_SAMPLE_BYTES: Final = 2  # int16


def need_hop(pcm: bytes, samples: int) -> None:
    """Check that sound is exactly one hop of a detector.

    Args:
        pcm: mono int16.
        samples: how many a hop has.

    Raises:
        AudioError: it is longer or shorter.
    """
    if len(pcm) != samples * _SAMPLE_BYTES:
        raise AudioError(
            f"the detector wants {samples} samples of int16 ({samples * _SAMPLE_BYTES} bytes) at a time, not "
            f"{len(pcm)} bytes; cut the sound with trialogue.engine.Rechunker"
        )


def need_whole_samples(pcm: bytes) -> None:
    """Check that sound ends with a whole sample.

    Raises:
        AudioError: it does not.
    """
    if len(pcm) % _SAMPLE_BYTES:
        raise AudioError(f"{len(pcm)} bytes are no whole number of int16 samples; send mono int16")
