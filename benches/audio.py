"""What audio costs: conversion, cutting, files and recording, per 20 ms frame. Run with `python -m benches.audio`."""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import attrs
import numpy as np
import soundfile
import trio

from trialogue.actors import RecorderSettings, recorder
from trialogue.engine import Channel, Rechunker, Resampler, ResamplingQuality, run
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame
from trialogue.transports import AudioFileSink, AudioFileSource, FileMicrophone, microphone_from_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WIDE = AudioFormat(rate_hz=48_000)
LINE = AudioFormat(rate_hz=8_000)


def frames_of(format: AudioFormat, seconds: float) -> list[AudioFrame]:
    """Noise as loud as speech, in 20 ms frames."""
    samples = format.samples(0.02)
    floats = np.random.default_rng(0).normal(0, 0.1, (format.samples(seconds), format.channels))
    loud = (floats * 32_767).astype(np.int16) if format.dtype == "int16" else floats.astype(np.float32)
    return [
        AudioFrame(pcm=loud[at : at + samples].tobytes(), at_sample=at, format=format)
        for at in range(0, len(loud), samples)
    ]


def report(claim: str, times_s: Iterable[float]) -> None:
    """Percentiles in µs."""
    cuts = statistics.quantiles((each * 1e6 for each in times_s), n=100, method="inclusive")
    print(f"{claim:<58} p50 {cuts[49]:8.1f}  p95 {cuts[94]:8.1f}  p99 {cuts[98]:8.1f} µs")


def timed(push: Callable[[AudioFrame], object], frames: list[AudioFrame]) -> list[float]:
    """How long each frame took, without the first ten, which import and open."""
    times_s = []
    for frame in frames:
        began_s = time.perf_counter()
        push(frame)
        times_s.append(time.perf_counter() - began_s)
    return times_s[10:]


def conversion() -> None:
    """Converting a frame costs some 20 µs; handing it through, nothing."""
    stereo = attrs.evolve(WIDE, channels=2)
    floats = attrs.evolve(SPEECH_FORMAT, dtype="float32")
    for name, source, target in [
        ("48 kHz to 16 kHz", WIDE, SPEECH_FORMAT),
        ("48 kHz stereo to 16 kHz mono", stereo, SPEECH_FORMAT),
        ("8 kHz to 16 kHz", LINE, SPEECH_FORMAT),
        ("24 kHz float to 8 kHz int", AudioFormat(rate_hz=24_000, dtype="float32"), LINE),
        ("int16 to float32", SPEECH_FORMAT, floats),
        ("float32 to int16", floats, SPEECH_FORMAT),
        ("equal formats", SPEECH_FORMAT, SPEECH_FORMAT),
    ]:
        report(f"Resampler live, {name}, 20 ms", timed(Resampler(source, target).push, frames_of(source, 60)))
    report(
        "Rechunker, 320 to 512 samples, 20 ms", timed(Rechunker(512, SPEECH_FORMAT).push, frames_of(SPEECH_FORMAT, 60))
    )


def hold_back() -> None:
    """What a resampler holds back at most once it runs, given 20 ms frames: the latency that it adds."""
    for source, target in [(WIDE, SPEECH_FORMAT), (LINE, SPEECH_FORMAT), (AudioFormat(rate_hz=24_000), LINE)]:
        for quality in get_args(ResamplingQuality):
            resampler, held_s, given_s = Resampler(source, target, quality), 0.0, 0.0
            for frame in frames_of(source, 10):
                out = resampler.push(frame)
                given_s = out.end_sample / out.rate_hz if out else given_s
                if frame.at_sample > source.rate_hz:  # running in is over
                    held_s = max(held_s, frame.end_sample / frame.rate_hz - given_s)
            rates = f"{source.rate_hz} to {target.rate_hz} Hz"
            print(f"Resampler {quality:<4}, {rates:<18} holds back at most {held_s * 1e3:6.1f} ms")


def reading(folder: Path) -> None:
    """Files are read hundreds of times faster than they sound, in constant memory."""
    sound = np.random.default_rng(0).normal(0, 0.1, 60 * 48_000).astype(np.float32)
    for name, subtype in [("a.wav", "PCM_16"), ("a.flac", "PCM_16"), ("a.mp3", "MPEG_LAYER_III"), ("a.ogg", "OPUS")]:
        soundfile.write(folder / name, sound, 48_000, subtype=subtype)
        began_s = time.perf_counter()
        with AudioFileSource(folder / name) as source:
            frames = sum(1 for _ in source)
        took_s = time.perf_counter() - began_s
        assert frames == 3_000
        print(f"AudioFileSource, 60 s of 48 kHz {name[2:]:<4} to 16 kHz: {60 / took_s:6.0f} times real time")


def pacing(folder: Path) -> None:
    """Fifty file microphones on one loop keep time: how much later than its earliest each one's frames come."""
    path = folder / "line.wav"
    soundfile.write(path, np.zeros(16_000 * 5, dtype=np.int16), 16_000)
    late_s: list[float] = []

    async def listen(number: int) -> None:
        channel = Channel[AudioFrame](f"microphone {number}", capacity=2)
        own_s: list[float] = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(play, channel)
            async for frame in channel.inbox:
                own_s.append(trio.current_time() - frame.end_sample / 16_000)
        late_s.extend(each - min(own_s) for each in own_s)

    async def play(channel: Channel[AudioFrame]) -> None:
        await microphone_from_file(channel.outbox, settings=FileMicrophone(path=path))
        channel.outbox.close()

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            for number in range(50):
                nursery.start_soon(listen, number)

    run(main)
    report("microphone_from_file, 50 at once, lateness", late_s)


def recording(folder: Path) -> None:
    """Recording a call costs some tens of µs for each 20 ms of it, writing included."""
    seconds = 120.0
    for name, agent_format in [("16 kHz agent", SPEECH_FORMAT), ("24 kHz agent", AudioFormat(rate_hz=24_000))]:
        user, agent = frames_of(SPEECH_FORMAT, seconds), frames_of(agent_format, seconds)[1_000:4_000]
        began_s = time.process_time()
        run(record, folder / "call.wav", user, agent)
        cost_s = time.process_time() - began_s
        share = 100 * cost_s / seconds
        print(
            f"recorder, {name}: {cost_s / len(user) * 1e6:6.1f} µs for 20 ms of a call, {share:.2f} % of a core a call"
        )


async def record(path: Path, user: list[AudioFrame], agent: list[AudioFrame]) -> None:
    """Both sides as fast as the recorder takes them."""
    channels = [Channel[AudioFrame](side, capacity=8) for side in ("user", "agent")]
    sink = AudioFileSink(path, attrs.evolve(SPEECH_FORMAT, channels=2))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(interleave, channels, user, agent)
        await recorder(channels[0].inbox, channels[1].inbox, sink=sink, settings=RecorderSettings())


async def interleave(channels: list[Channel[AudioFrame]], *sides: list[AudioFrame]) -> None:
    """The frames of both sides in the order of their times."""
    turns = [(frame.end_sample / frame.rate_hz, side) for side in (0, 1) for frame in sides[side]]
    queues = [iter(frames) for frames in sides]
    for _, side in sorted(turns):
        await channels[side].outbox.send(next(queues[side]))
    for channel in channels:
        channel.outbox.close()


def main() -> None:
    """All of them."""
    print(f"{platform.machine()} {platform.system()}, CPython {platform.python_version()}, trio {trio.__version__}")
    conversion()
    hold_back()
    with tempfile.TemporaryDirectory() as folder:
        reading(Path(folder))
        pacing(Path(folder))
        recording(Path(folder))


if __name__ == "__main__":
    main()
