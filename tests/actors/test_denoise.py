"""The denoising actor: the same sound at the same place, however late the denoiser gives it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

import attrs
import hypothesis
import hypothesis.strategies as st
import pytest

from trialogue.actors import denoise
from trialogue.engine import Channel, ConfigurationError, Graph, NoiseReducer
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame


class Delay:
    """A denoiser that changes nothing but is late, and works in blocks, as real ones do."""

    rate_hz = SPEECH_FORMAT.rate_hz

    def __init__(self, delay_samples: int, block: int) -> None:
        self.delay_samples = delay_samples
        self._block = block * 2
        self._held = bytearray(2 * delay_samples)

    def process(self, pcm: bytes) -> bytes:
        """What is ready: whole blocks."""
        self._held += pcm
        ready = len(self._held) // self._block * self._block
        out = bytes(self._held[:ready])
        del self._held[:ready]
        return out


@attrs.frozen(kw_only=True)
class FakeDenoiser:
    """Opens delays."""

    delay_samples: int
    block: int

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[NoiseReducer, None]:
        """One for a session."""
        yield Delay(self.delay_samples, self.block)


@hypothesis.given(
    cuts=st.lists(st.integers(1, 700), min_size=1, max_size=20),
    first=st.sampled_from([0, 160, 48_000]),
    delay=st.sampled_from([0, 1, 480, 2000]),
    block=st.sampled_from([1, 480]),
)
async def test_every_sample_stays_at_its_place(cuts: list[int], first: int, delay: int, block: int) -> None:
    heard = Channel[AudioFrame]("heard", capacity=100)
    clean = Channel[AudioFrame]("clean", capacity=100)
    at = first
    for cut in cuts:
        pcm = b"".join((number % 30_000).to_bytes(2, "little") for number in range(at, at + cut))
        heard.outbox.send_nowait(AudioFrame(pcm=pcm, at_sample=at, format=SPEECH_FORMAT))
        at += cut
    heard.outbox.close()
    graph = Graph("test")
    graph.outside(heard.outbox, clean.inbox)
    graph.add(denoise, heard.inbox, clean.outbox, denoiser=FakeDenoiser(delay_samples=delay, block=block))
    await graph.run()
    expected = first
    async for frame in clean.inbox:
        assert frame.at_sample == expected
        values = [int.from_bytes(frame.pcm[n : n + 2], "little") for n in range(0, len(frame.pcm), 2)]
        assert values == [number % 30_000 for number in range(expected, expected + len(values))]
        expected += len(values)
    assert max(0, at - first - delay - block) <= expected - first <= at - first


async def test_what_was_lost_on_the_way_leaves_a_gap() -> None:
    heard = Channel[AudioFrame]("heard", capacity=100)
    clean = Channel[AudioFrame]("clean", capacity=100)
    for at_sample in (0, 320, 16_000, 16_320):
        heard.outbox.send_nowait(AudioFrame(pcm=bytes(640), at_sample=at_sample, format=SPEECH_FORMAT))
    heard.outbox.close()
    await denoise(heard.inbox, clean.outbox, denoiser=FakeDenoiser(delay_samples=160, block=1))
    clean.outbox.close()
    assert [frame.at_sample async for frame in clean.inbox] == [0, 320, 16_000, 16_320]


async def test_sound_of_another_rate_is_refused() -> None:
    heard = Channel[AudioFrame]("heard", capacity=1)
    clean = Channel[AudioFrame]("clean", capacity=1)
    heard.outbox.send_nowait(AudioFrame(pcm=bytes(960), at_sample=0, format=AudioFormat(rate_hz=48_000)))
    with pytest.raises(ConfigurationError, match=r"wants sound at 16000 Hz, and gets it at 48000; .*rate_hz=48000"):
        await denoise(heard.inbox, clean.outbox, denoiser=FakeDenoiser(delay_samples=0, block=1))
