"""Audio files: every format in, at exact positions and in constant memory; WAV and FLAC out, whatever happens."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
import textwrap
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import av
import numpy as np
import pytest
import soundfile
import trio
from hypothesis import given
from hypothesis import strategies as st

from trialogue.engine import AudioError, Channel, TransportClosed, VirtualTime, run, to_numpy
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame
from trialogue.transports import AudioFileSink, AudioFileSource, FileMicrophone, microphone_from_file

if TYPE_CHECKING:
    from collections.abc import Sequence

MONO = SPEECH_FORMAT
STEREO = attrs.evolve(MONO, channels=2)


def noise(samples: int, channels: int = 1) -> bytes:
    return np.random.default_rng(1).integers(-9_000, 9_000, samples * channels).astype(np.int16).tobytes()


def tone(rate_hz: int, duration_s: float, channels: int = 1) -> np.ndarray:
    """440 Hz at a third of full scale, shaped (samples, channels)."""
    mono = np.sin(np.arange(round(rate_hz * duration_s)) * (2 * math.pi * 440 / rate_hz)) / 3
    return np.repeat(mono.astype(np.float32)[:, np.newaxis], channels, axis=1)


def read(path: Path, format: AudioFormat = MONO) -> list[AudioFrame]:
    with AudioFileSource(path, format=format) as source:
        return list(source)


def pcm_of(frames: Sequence[AudioFrame]) -> bytes:
    return b"".join(frame.pcm for frame in frames)


def assert_is_tone(frames: list[AudioFrame], duration_s: float, slack_s: float) -> None:
    """The frames are even, contiguous from 0, about that long, and hold 440 Hz as loud as it was written."""
    assert [frame.at_sample for frame in frames] == [320 * number for number in range(len(frames))]
    assert {frame.samples for frame in frames} == {320}
    assert duration_s <= frames[-1].end_sample / 16_000 <= duration_s + slack_s
    middle = np.frombuffer(pcm_of(frames), np.int16)[8_000:24_000] / 32_768
    spectrum = np.abs(np.fft.rfft(middle)) / 8_000
    assert int(spectrum.argmax()) == 440
    assert spectrum[440] == pytest.approx(1 / 3, rel=0.05)


@pytest.mark.parametrize(
    ("name", "subtype", "rate_hz", "channels"),
    [
        ("tone.wav", "PCM_16", 16_000, 1),
        ("tone.wav", "PCM_U8", 8_000, 1),
        ("tone.wav", "PCM_24", 48_000, 2),
        ("tone.wav", "FLOAT", 22_050, 2),
        ("tone.wav", "ULAW", 8_000, 1),
        ("tone.flac", "PCM_16", 44_100, 2),
        ("tone.aiff", "PCM_16", 24_000, 1),
        ("tone.ogg", "VORBIS", 44_100, 1),
        ("tone.ogg", "OPUS", 48_000, 2),
        ("tone.mp3", "MPEG_LAYER_III", 44_100, 1),
    ],
)
def test_soundfile_formats(tmp_path: Path, name: str, subtype: str, rate_hz: int, channels: int) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(rate_hz, 2.0, channels), rate_hz, subtype=subtype)
    assert_is_tone(read(path), 2.0, slack_s=0.02)
    with AudioFileSource(path) as source:
        assert source.file_format == AudioFormat(rate_hz=rate_hz, channels=channels, dtype="float32")


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz", "layout"),
    [("t.m4a", "aac", 44_100, "stereo"), ("t.webm", "libopus", 48_000, "mono"), ("t.mka", "pcm_s16le", 8_000, "mono")],
)
def test_formats_that_need_pyav(tmp_path: Path, name: str, codec: str, rate_hz: int, layout: str) -> None:
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        assert isinstance(stream, av.AudioStream)
        samples = (tone(rate_hz, 2.0, stream.layout.nb_channels) * 32_768).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    with pytest.raises(soundfile.LibsndfileError):
        soundfile.info(path)
    assert_is_tone(read(path), 2.0, slack_s=0.1)  # AAC fills up its last packet


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@given(
    stretches=st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 2_000)), max_size=5), start=st.integers(0, 999)
)
def test_what_is_written_is_read_bit_by_bit(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, stretches: list[tuple[int, int]], start: int
) -> None:
    path = tmp_path_factory.mktemp("sink") / f"kept{suffix}"
    expected = bytearray()
    with AudioFileSink(path, STEREO, start_sample=start) as sink:
        at = start
        for gap, samples in stretches:
            frame = AudioFrame(pcm=noise(samples, 2), at_sample=at + gap, format=STEREO)
            sink.write(frame)
            expected += STEREO.silence(gap) + frame.pcm
            at = sink.end_sample
            assert at == frame.end_sample
    if expected:
        kept, rate_hz = soundfile.read(path, dtype="int16", always_2d=True)
        assert rate_hz == 16_000
        assert kept.tobytes() == bytes(expected)
        assert pcm_of(read(path, STEREO)) == bytes(expected) + bytes(-len(expected) % 1_280)


def test_floats_survive_a_wav_bit_by_bit(tmp_path: Path) -> None:
    format = AudioFormat(rate_hz=48_000, dtype="float32")
    frame = AudioFrame(pcm=tone(48_000, 0.1).tobytes(), at_sample=0, format=format)
    with AudioFileSink(tmp_path / "float.wav", format) as sink:
        sink.write(frame)
    assert pcm_of(read(tmp_path / "float.wav", format)) == frame.pcm


def test_the_sink_refuses_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kept.wav"
    sink = AudioFileSink(path, MONO)
    frame = AudioFrame(pcm=noise(320), at_sample=100, format=MONO)
    sink.write(frame)
    with pytest.raises(AudioError, match=r"overlaps .* ends at sample 420"):
        sink.write(attrs.evolve(frame, at_sample=419))
    with pytest.raises(AudioError, match="Resampler"):
        sink.write(AudioFrame(pcm=bytes(4), at_sample=420, format=STEREO))
    with pytest.raises(AudioError, match="no whole number"):
        sink.write(attrs.evolve(frame, at_sample=420, pcm=b"123"))
    with pytest.raises(AudioError, match="4 GiB"):
        sink.write(attrs.evolve(frame, at_sample=2**31))
    assert sink.end_sample == 420
    sink.close()
    sink.close()
    with pytest.raises(TransportClosed, match=r"kept\.wav"):
        sink.write(attrs.evolve(frame, at_sample=420))
    assert soundfile.read(path, dtype="int16")[0].tobytes() == bytes(200) + frame.pcm


def test_a_sink_that_cannot_be_says_why(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"\.wav or \.flac"):
        AudioFileSink(tmp_path / "x.mp3", MONO)
    with pytest.raises(AudioError, match=r"cannot be created .* folder exists"):
        AudioFileSink(tmp_path / "nowhere" / "x.wav", MONO)
    with pytest.raises(AudioError, match="FLAC can hold"):
        AudioFileSink(tmp_path / "x.flac", attrs.evolve(MONO, channels=9))


def run_script(script: str, *args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.integration
@pytest.mark.parametrize(("suffix", "lost_samples"), [(".wav", 0), (".flac", 4_096)])
def test_what_was_written_outlives_the_process(tmp_path: Path, suffix: str, lost_samples: int) -> None:
    path = tmp_path / f"cut{suffix}"
    (tmp_path / "noise").write_bytes(noise(80_000))
    script = """
        import os, pathlib, sys
        from trialogue.frames import SPEECH_FORMAT, AudioFrame
        from trialogue.transports import AudioFileSink
        pcm = pathlib.Path(sys.argv[2]).read_bytes()
        sink = AudioFileSink(sys.argv[1], SPEECH_FORMAT)
        for number in range(250):
            sink.write(AudioFrame(pcm=pcm[640 * number :][:640], at_sample=number * 320, format=SPEECH_FORMAT))
        os._exit(9)
    """
    done = run_script(script, path, tmp_path / "noise")
    assert done.returncode == 9, done.stderr
    kept = np.frombuffer(pcm_of(read(path)), np.int16)
    whole = np.frombuffer(noise(80_000), np.int16)
    assert len(kept) >= 80_000 - lost_samples
    samples = min(len(kept), 80_000 - lost_samples)
    assert np.array_equal(kept[:samples], whole[:samples])


@pytest.mark.integration
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_full_disk_is_an_audio_error(tmp_path: Path, suffix: str) -> None:
    script = """
        import os, resource, signal, sys
        from trialogue.engine import AudioError
        from trialogue.frames import SPEECH_FORMAT, AudioFrame
        from trialogue.transports import AudioFileSink
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with AudioFileSink(sys.argv[1], SPEECH_FORMAT) as sink:
            try:
                for number in range(1_000):
                    sink.write(AudioFrame(pcm=os.urandom(640), at_sample=number * 320, format=SPEECH_FORMAT))
            except AudioError as error:
                print(error)
    """
    done = run_script(script, tmp_path / f"full{suffix}")
    assert done.returncode == 0, done.stderr
    assert "cannot be written at sample" in done.stdout
    assert "check the disk" in done.stdout


def test_a_file_that_is_no_audio_says_so(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="does not exist"):
        AudioFileSource(tmp_path / "nothing.wav")
    with pytest.raises(AudioError, match="is a folder"):
        AudioFileSource(tmp_path)
    for name, content in [
        ("text.wav", b"hello"),
        ("none.mp3", b""),
        ("zero.raw", bytes(100)),
        ("zero.bin", bytes(4096)),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AudioError, match=name):
            AudioFileSource(tmp_path / name)


def test_a_film_without_sound_says_so(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "film.mkv"), "w") as container:
        stream = container.add_stream("mpeg4", rate=25, width=64, height=48)
        assert isinstance(stream, av.VideoStream)
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), dtype=np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    with pytest.raises(AudioError, match="no audio track"):
        AudioFileSource(tmp_path / "film.mkv")


def test_empty_audio_says_so(tmp_path: Path) -> None:
    AudioFileSink(tmp_path / "empty.wav", MONO).close()
    with pytest.raises(AudioError, match=r"empty\.wav is empty"):
        AudioFileSource(tmp_path / "empty.wav")


@pytest.mark.parametrize("format", [MONO, AudioFormat(rate_hz=16_000, dtype="float32")])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_nan_in_a_file_says_where(tmp_path: Path, bad: float, format: AudioFormat) -> None:
    samples = tone(16_000, 2.0)
    samples[24_000] = bad
    soundfile.write(tmp_path / "nan.wav", samples, 16_000, subtype="FLOAT")
    with AudioFileSource(tmp_path / "nan.wav", format=format) as source:
        frames = iter(source)
        assert len(list(itertools.islice(frames, 50))) == 50
        with pytest.raises(AudioError, match=r"nan\.wav holds NaN or infinity at 1\.500 s"):
            list(frames)


def test_a_file_of_int16_values_in_floats_says_so(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loud.wav", tone(16_000, 0.1) * 32_768, 16_000, subtype="FLOAT")
    with (
        AudioFileSource(tmp_path / "loud.wav") as source,
        pytest.raises(AudioError, match=r"loud\.wav: .*divide int16 values by 32768"),
    ):
        source.read_frames()


def test_a_truncated_flac_gives_what_it_has_or_says_so(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "whole.flac", np.frombuffer(noise(64_000), np.int16), 16_000)
    data = (tmp_path / "whole.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(data[: len(data) // 2])
    frames: list[AudioFrame] = []
    with AudioFileSource(tmp_path / "cut.flac") as source:
        try:
            frames.extend(source)
        except AudioError as error:
            assert "damaged" in str(error)  # noqa: PT017  # both ends are right, and both are checked
    whole = pcm_of(read(tmp_path / "whole.flac"))
    assert 16_000 < len(pcm_of(frames)) < len(whole)
    assert whole.startswith(pcm_of(frames[:-1]))


def test_a_source_gives_nothing_after_closing(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "tone.wav", tone(16_000, 2.0), 16_000)
    with AudioFileSource(tmp_path / "tone.wav") as source:
        assert source.read_frames()
    assert source.read_frames() == []
    source.close()


@pytest.mark.integration
def test_an_hour_is_never_in_memory(tmp_path: Path) -> None:
    path, format = tmp_path / "hour.flac", AudioFormat(rate_hz=8_000)
    second = (tone(8_000, 1.0) * 20_000).astype(np.int16).tobytes()
    tracemalloc.start()
    with AudioFileSink(path, format) as sink:
        for number in range(3_600):
            sink.write(AudioFrame(pcm=second, at_sample=number * 8_000, format=format))
    written_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    end_sample = 0
    with AudioFileSource(path, format=format) as source:
        for frame in source:
            assert frame.at_sample == end_sample
            end_sample = frame.end_sample
    read_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert end_sample == 3_600 * 8_000  # 57.6 million bytes
    assert max(written_bytes, read_bytes) < 4_000_000


@pytest.mark.parametrize(
    ("name", "subtype", "rate_hz"),
    [("n.mp3", "MPEG_LAYER_III", 44_100), ("n.ogg", "VORBIS", 44_100), ("n.ogg", "OPUS", 48_000)],
)
def test_reading_in_blocks_changes_no_sample(tmp_path: Path, name: str, subtype: str, rate_hz: int) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(rate_hz, 2.7), rate_hz, subtype=subtype)
    at_once = soundfile.read(path, dtype="float32")[0]
    in_blocks = pcm_of(read(path, AudioFormat(rate_hz=rate_hz, dtype="float32")))
    assert np.array_equal(np.frombuffer(in_blocks, np.float32)[: len(at_once)], at_once)


def heard(settings: FileMicrophone, until_s: float = math.inf) -> list[tuple[float, AudioFrame]]:
    """What the microphone sends on a virtual clock, and when, counted from its first instant."""
    arrivals: list[tuple[float, AudioFrame]] = []

    async def main() -> None:
        channel = Channel[AudioFrame]("microphone", capacity=2)
        start_s = trio.current_time()

        async def listen() -> None:
            async for frame in channel.inbox:
                arrivals.append((trio.current_time() - start_s, frame))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            with trio.move_on_at(start_s + until_s):
                await microphone_from_file(channel.outbox, settings=settings)
            channel.outbox.close()

    run(main, virtual=VirtualTime())
    return arrivals


def test_the_microphone_sends_each_frame_when_it_would_have_been_heard(tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    soundfile.write(path, np.frombuffer(noise(48_000), np.int16), 16_000)
    arrivals = heard(FileMicrophone(path=path, tail_s=0.05))

    assert [frame.at_sample for _, frame in arrivals] == [320 * number for number in range(153)]
    for number, (at_s, _) in enumerate(arrivals):
        assert at_s == pytest.approx((number + 1) * 0.02, abs=1e-9)
    assert pcm_of([frame for _, frame in arrivals]) == noise(48_000) + bytes(3 * 640)


def test_the_microphone_goes_on_with_silence_until_cancelled(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", np.frombuffer(noise(500), np.int16), 16_000)
    arrivals = heard(FileMicrophone(path=tmp_path / "short.wav", tail_s=math.inf), until_s=60.01)
    assert len(arrivals) == 3_000
    assert pcm_of([frame for _, frame in arrivals]) == noise(500) + bytes(2 * (3_000 * 320 - 500))


def test_the_microphone_catches_up_after_a_stall_and_does_not_drift(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "speech.wav", np.frombuffer(noise(32_000), np.int16), 16_000)
    arrivals: list[tuple[float, int]] = []

    async def main() -> None:
        channel = Channel[AudioFrame]("microphone", capacity=1)
        start_s = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_play_and_close, channel, FileMicrophone(path=tmp_path / "speech.wav"))
            async for frame in channel.inbox:
                arrivals.append((trio.current_time() - start_s, frame.at_sample))
                if frame.at_sample == 320 * 9:
                    await trio.sleep(0.5)

    run(main, virtual=VirtualTime())
    assert [at_sample for _, at_sample in arrivals] == [320 * number for number in range(100)]
    assert arrivals[10][0] == pytest.approx(0.7)
    assert arrivals[-1][0] == pytest.approx(2.0)


async def _play_and_close(channel: Channel[AudioFrame], settings: FileMicrophone) -> None:
    await microphone_from_file(channel.outbox, settings=settings)
    channel.outbox.close()


@pytest.mark.integration
def test_the_microphone_paces_on_the_real_clock(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "speech.wav", np.frombuffer(noise(6_400), np.int16), 16_000)
    times: list[float] = []

    async def main() -> None:
        channel = Channel[AudioFrame]("microphone", capacity=2)
        start_s = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_play_and_close, channel, FileMicrophone(path=tmp_path / "speech.wav"))
            async for _ in channel.inbox:
                times.append(trio.current_time() - start_s)

    run(main)
    assert len(times) == 20
    # Never early; how late depends on the machine and is measured in the benches.
    assert all(at_s >= (number + 1) * 0.02 - 1e-6 for number, at_s in enumerate(times))


def test_a_cancelled_microphone_gives_its_file_back(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "speech.wav", np.frombuffer(noise(32_000), np.int16), 16_000)
    before = set(Path("/proc/self/fd").iterdir()) if Path("/proc/self/fd").exists() else set()
    assert len(heard(FileMicrophone(path=tmp_path / "speech.wav"), until_s=0.5)) in (24, 25)
    assert (set(Path("/proc/self/fd").iterdir()) if before else set()) <= before


def test_the_microphones_errors_reach_its_owner(tmp_path: Path) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(AudioError, match="does not exist")):
        heard(FileMicrophone(path=tmp_path / "nothing.wav"))


def test_stereo_files_are_read_as_they_are_where_asked(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "both.wav", np.frombuffer(noise(3_200, 2), np.int16).reshape(-1, 2), 16_000)
    frames = read(tmp_path / "both.wav", STEREO)
    assert pcm_of(frames) == noise(3_200, 2)
    assert to_numpy(frames[0]).shape == (320, 2)
