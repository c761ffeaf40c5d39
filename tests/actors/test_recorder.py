"""Recording: both sides at their own positions, whatever order and pieces they come in, and never in memory whole."""

from __future__ import annotations

import itertools
import math
import tracemalloc
from typing import TYPE_CHECKING

import attrs
import numpy as np
import pytest
import soundfile
import trio
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from trialogue.actors import RecorderSettings, RecordingSide, StereoAligner, StereoRecording, recorder
from trialogue.engine import AudioError, Channel, ConfigurationError, VirtualTime, run, to_numpy
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame
from trialogue.transports import AudioFileSink

if TYPE_CHECKING:
    from pathlib import Path

MONO = AudioFormat(rate_hz=1_000)
STEREO = attrs.evolve(SPEECH_FORMAT, channels=2)
SIDES: tuple[RecordingSide, RecordingSide] = ("user", "agent")


def frame_of(values: np.ndarray, at_sample: int, format: AudioFormat = MONO) -> AudioFrame:
    return AudioFrame(pcm=values.astype(np.int16).tobytes(), at_sample=at_sample, format=format)


def numbered(side: RecordingSide, at_sample: int, samples: int) -> AudioFrame:
    """Samples that tell their side and place, and are never 0."""
    sign = 1 if side == "user" else -1
    return frame_of(sign * (np.arange(at_sample, at_sample + samples) % 30_000 + 1), at_sample)


def laid_out(blocks: list[AudioFrame]) -> np.ndarray:
    """The blocks at their positions, silence elsewhere; they must be in order and apart."""
    end_sample = 0
    for block in blocks:
        assert block.at_sample >= end_sample
        end_sample = block.end_sample
    line = np.zeros((end_sample, 2), dtype=np.int16)
    for block in blocks:
        line[block.at_sample : block.end_sample] = to_numpy(block)
    return line


def expected_line(frames: list[tuple[RecordingSide, AudioFrame]]) -> np.ndarray:
    line = np.zeros((max((frame.end_sample for _, frame in frames), default=0), 2), dtype=np.int16)
    for side, frame in frames:
        line[frame.at_sample : frame.end_sample, SIDES.index(side)] = to_numpy(frame)[:, 0]
    return line


@st.composite
def arrivals(draw: st.DrawFn) -> list[tuple[RecordingSide, AudioFrame]]:
    """Frames of both sides, no two of a side overlapping, each at most 60 ms later than its turn."""
    timed: list[tuple[int, RecordingSide, AudioFrame]] = []
    for side in SIDES:
        at_sample = 0
        for gap, samples in draw(st.lists(st.tuples(st.integers(0, 250), st.integers(1, 40)), max_size=12)):
            at_sample += gap
            frame = numbered(side, at_sample, samples)
            timed.append((at_sample + draw(st.integers(0, 60)), side, frame))
            at_sample = frame.end_sample
    return [(side, frame) for _, side, frame in sorted(timed, key=lambda each: each[0])]


@given(frames=arrivals())
def test_any_order_within_the_window_gives_the_same_recording(frames: list[tuple[RecordingSide, AudioFrame]]) -> None:
    aligner = StereoAligner(MONO, window_s=0.1)
    blocks = [block for side, frame in frames for block in aligner.push(side, frame)] + aligner.finish()
    assert np.array_equal(laid_out(blocks), expected_line(frames))
    statistics = aligner.statistics()
    assert (statistics.late_samples, statistics.overlapping_samples) == (0, 0)


def test_a_stretch_is_given_out_as_soon_as_both_sides_are_known() -> None:
    aligner = StereoAligner(MONO, window_s=1.0)
    assert aligner.push("user", numbered("user", 0, 20)) == []
    [block] = aligner.push("agent", numbered("agent", 0, 15))
    assert (block.at_sample, block.end_sample) == (0, 15)
    assert to_numpy(block)[:3].tolist() == [[1, -1], [2, -2], [3, -3]]
    [block] = aligner.push("agent", numbered("agent", 15, 30))
    assert (block.at_sample, block.end_sample) == (15, 20)
    assert block.format == attrs.evolve(MONO, channels=2)


def test_a_silent_side_holds_nothing_back_longer_than_the_window() -> None:
    aligner = StereoAligner(MONO, window_s=0.1)
    for number in range(100):
        aligner.push("user", numbered("user", number * 20, 20))
        assert aligner.given_to == max(0, number * 20 + 20 - 100)


def test_advancing_gives_out_all_before() -> None:
    aligner = StereoAligner(MONO, window_s=0.1)
    aligner.push("user", numbered("user", 0, 20))
    assert np.array_equal(laid_out(aligner.advance_to(50))[:20, 0], np.arange(1, 21))
    assert aligner.given_to == 50
    assert aligner.advance_to(50) == []
    blocks = aligner.advance_to(10**9)
    assert aligner.given_to == 10**9
    assert sum(block.samples for block in blocks) <= 200  # a long silence is a gap, not a block


def test_what_is_late_or_twice_is_left_out_and_counted() -> None:
    aligner = StereoAligner(MONO, window_s=0.1)
    blocks = aligner.advance_to(10)
    blocks += aligner.push("user", numbered("user", 0, 20))
    again = frame_of(np.full(20, 7), 15)
    blocks += aligner.push("user", again) + aligner.finish()
    assert laid_out(blocks)[:, 0].tolist() == [0] * 10 + list(range(11, 21)) + [7] * 15
    statistics = aligner.statistics()
    assert (statistics.late_samples, statistics.overlapping_samples) == (10, 5)


def test_a_frame_longer_than_the_window_is_kept_whole() -> None:
    aligner = StereoAligner(MONO, window_s=0.05)
    frame = numbered("agent", 30, 333)
    assert np.array_equal(laid_out(aligner.push("agent", frame) + aligner.finish()), expected_line([("agent", frame)]))


class Aligning(RuleBasedStateMachine):
    """Against a plain array: whatever comes, and however late, each place holds the first sample that came in time."""

    def __init__(self) -> None:
        super().__init__()
        self.aligner = StereoAligner(MONO, window_s=0.05)
        self.line = np.zeros((4_000, 2), dtype=np.int16)
        self.given = np.zeros((4_000, 2), dtype=np.int16)
        self.lost = 0

    def take(self, blocks: list[AudioFrame]) -> None:
        for block in blocks:
            self.given[block.at_sample : block.end_sample] = to_numpy(block)

    @rule(side=st.sampled_from(SIDES), ahead=st.integers(-70, 120), samples=st.integers(1, 90))
    def push(self, side: RecordingSide, ahead: int, samples: int) -> None:
        at_sample = max(0, self.aligner.given_to + ahead)
        if at_sample + samples > 4_000:
            return
        frame = numbered(side, at_sample, samples)
        column = self.line[at_sample : frame.end_sample, SIDES.index(side)]
        before = self.aligner.given_to
        self.take(self.aligner.push(side, frame))
        in_time = np.arange(at_sample, frame.end_sample) >= before
        self.lost += int((~in_time).sum()) + int((in_time & (column != 0)).sum())
        column[in_time] = to_numpy(frame)[in_time, 0]

    @rule(ahead=st.integers(-10, 200))
    def advance(self, ahead: int) -> None:
        if self.aligner.given_to + ahead < 4_000:
            self.take(self.aligner.advance_to(self.aligner.given_to + ahead))

    @rule()
    def wrong_format(self) -> None:
        before = self.aligner.given_to
        with pytest.raises(AudioError, match="Resampler"):
            self.aligner.push("user", frame_of(np.zeros(4), 10**6, STEREO))
        assert self.aligner.given_to == before

    @invariant()
    def what_was_given_is_right(self) -> None:
        given_to = self.aligner.given_to
        assert np.array_equal(self.given[:given_to], self.line[:given_to])
        assert not self.given[given_to:].any()
        statistics = self.aligner.statistics()
        assert statistics.late_samples + statistics.overlapping_samples == self.lost


TestAligning = Aligning.TestCase


def test_settings_that_cannot_work_say_so() -> None:
    with pytest.raises(ConfigurationError, match="mono"):
        StereoAligner(STEREO, window_s=1)
    with pytest.raises(ConfigurationError, match="window_s"):
        StereoAligner(MONO, window_s=0.0001)
    with pytest.raises(ConfigurationError, match="channels=2"):
        StereoRecording(MONO, window_s=1)
    with pytest.raises(ValueError, match="window_s"):
        RecorderSettings(window_s=0.24)


# Sides of other formats


def tone(rate_hz: int, frequency_hz: int, start: int, samples: int) -> np.ndarray:
    at = np.arange(start, start + samples)
    wave: np.ndarray = np.sin(at * (2 * math.pi * frequency_hz / rate_hz)) * 8_000
    return wave.astype(np.int16)


def test_other_formats_are_converted_and_stay_aligned() -> None:
    """The agent speaks twice for a second, at 24 kHz, while the user's line at 8 kHz is always open."""
    user, agent = AudioFormat(rate_hz=8_000), AudioFormat(rate_hz=24_000)
    recording = StereoRecording(STEREO, window_s=0.25)
    blocks: list[AudioFrame] = []
    for tick in range(500):
        line = tone(8_000, 300, tick * 160, 160)
        blocks += recording.push("user", AudioFrame(pcm=line.tobytes(), at_sample=tick * 160, format=user))
        if 50 <= tick < 100 or 300 <= tick < 350:
            voice = tone(24_000, 700, tick * 480, 480)
            blocks += recording.push("agent", AudioFrame(pcm=voice.tobytes(), at_sample=tick * 480, format=agent))
    blocks += recording.finish()
    line = laid_out(blocks).astype(int)
    assert len(line) == 160_000
    assert np.abs(line[100:-100, 0] - tone(16_000, 300, 100, 159_800)).max() < 60
    speaking = np.zeros(160_000, dtype=bool)
    speaking[16_000:32_000] = speaking[96_000:112_000] = True
    assert not line[~speaking, 1].any()
    middle = np.r_[16_200:31_800, 96_200:111_800]
    assert np.abs(line[middle, 1] - tone(16_000, 700, 0, 160_000)[middle]).max() < 60
    assert recording.statistics().late_samples == 0


def test_a_side_may_change_its_format_or_repeat_itself() -> None:
    wide, narrow = AudioFormat(rate_hz=24_000), AudioFormat(rate_hz=8_000)
    recording = StereoRecording(STEREO, window_s=1.0)
    frames = [
        AudioFrame(pcm=tone(24_000, 500, 0, 2_400).tobytes(), at_sample=0, format=wide),
        AudioFrame(pcm=tone(8_000, 500, 800, 800).tobytes(), at_sample=800, format=narrow),
        AudioFrame(pcm=tone(8_000, 500, 1_200, 800).tobytes(), at_sample=1_200, format=narrow),
    ]
    blocks = [block for frame in frames for block in recording.push("agent", frame)] + recording.finish()
    line = laid_out(blocks)
    assert len(line) == 4_000
    assert not line[:, 0].any()
    inside = np.r_[100:1_500, 1_700:3_100, 3_300:3_900]  # the borders ring
    assert np.abs(line[inside, 1].astype(int) - tone(16_000, 500, 0, 4_000)[inside]).max() < 60
    assert recording.statistics().overlapping_samples == 800


# The actor


def user_line(seconds: int) -> list[AudioFrame]:
    pcm = np.random.default_rng(2).integers(-9_000, 9_000, 16_000 * seconds).astype(np.int16).tobytes()
    return [
        AudioFrame(pcm=pcm[640 * number : 640 * (number + 1)], at_sample=320 * number, format=SPEECH_FORMAT)
        for number in range(50 * seconds)
    ]


async def send_paced(channel: Channel[AudioFrame], frames: list[AudioFrame]) -> None:
    start_s = trio.current_time()
    for frame in frames:
        await trio.sleep_until(start_s + frame.end_sample / frame.rate_hz)
        await channel.outbox.send(frame)
    channel.outbox.close()


async def record(path: Path, user: list[AudioFrame], agent: list[AudioFrame], until_s: float = math.inf) -> None:
    """Both sides at their own pace into a file, cancelled after a while."""
    start_s = trio.current_time()
    channels = {side: Channel[AudioFrame](side, seconds=0.5) for side in SIDES}
    with trio.move_on_at(start_s + until_s):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(send_paced, channels["user"], user)
            nursery.start_soon(send_paced, channels["agent"], agent)
            sink = AudioFileSink(path, STEREO)
            await recorder(channels["user"].inbox, channels["agent"].inbox, sink=sink)


def reference(user: list[AudioFrame], agent: list[AudioFrame]) -> np.ndarray:
    return expected_line(
        list(itertools.chain(zip(itertools.repeat("user"), user), zip(itertools.repeat("agent"), agent)))
    )


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_call_is_on_disk_as_it_was(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"call{suffix}"
    user = user_line(20)
    agent = [*user_line(20)[100:250], *user_line(20)[600:655]]
    run(record, path, user, agent, virtual=VirtualTime(seed=3))
    assert np.array_equal(soundfile.read(path, dtype="int16")[0], reference(user, agent))


@pytest.mark.integration
def test_a_call_is_on_disk_as_it_was_on_the_real_clock(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    user = user_line(2)
    agent = user_line(2)[20:40]
    run(record, path, user, agent)
    assert np.array_equal(soundfile.read(path, dtype="int16")[0], reference(user, agent))


@pytest.mark.parametrize("until_s", [0.0, 0.021, 0.5, 1.501, 1.51, 7.77])
def test_a_cancelled_recording_has_all_that_had_come(tmp_path: Path, until_s: float) -> None:
    path = tmp_path / "call.wav"
    user, agent = user_line(20), user_line(20)[30:200]
    run(record, path, user, agent, until_s, virtual=VirtualTime())
    kept = soundfile.read(path, dtype="int16", always_2d=True)[0]
    came = [[frame for frame in side if frame.end_sample / 16_000 < until_s] for side in (user, agent)]
    assert np.array_equal(kept, reference(*came))


class FullDisk:
    """A sink that takes so many frames and no more."""

    format = STEREO

    def __init__(self, frames: int) -> None:
        self.left = frames
        self.closed = 0

    def write(self, frame: AudioFrame) -> None:
        if not self.left:
            raise AudioError("the disk is full; make room")
        self.left -= 1

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("frames", [0, 1, 60])
def test_a_full_disk_reaches_the_owner_and_the_sink_is_closed(frames: int) -> None:
    sink = FullDisk(frames)

    async def main() -> None:
        user, agent = (Channel[AudioFrame](side, seconds=0.5) for side in SIDES)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(send_paced, user, user_line(5))
            agent.outbox.close()
            await recorder(user.inbox, agent.inbox, sink=sink)

    with pytest.RaisesGroup(pytest.RaisesExc(AudioError, match="full"), flatten_subgroups=True):
        run(main, virtual=VirtualTime())
    assert sink.closed == 1


def test_a_mono_sink_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    async def main() -> None:
        user, agent = (Channel[AudioFrame](side, capacity=1) for side in SIDES)
        with AudioFileSink(tmp_path / "mono.wav", SPEECH_FORMAT) as sink:
            await recorder(user.inbox, agent.inbox, sink=sink)

    with pytest.raises(ConfigurationError, match="user left and agent right"):
        run(main, virtual=VirtualTime())


def test_what_was_left_out_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    user = user_line(4)
    run(record, tmp_path / "call.wav", [*user, user[0]], [], virtual=VirtualTime())
    assert "320 samples came too late and 0 overlapped" in caplog.text


@pytest.mark.integration
def test_a_call_is_never_in_memory(tmp_path: Path) -> None:
    second = user_line(1)
    user = [attrs.evolve(second[number % 50], at_sample=320 * number) for number in range(9_000)]
    tracemalloc.start()
    run(record, tmp_path / "call.wav", user, user[2_000:6_000], virtual=VirtualTime())
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert soundfile.info(tmp_path / "call.wav").frames == 2_880_000  # 11.5 million bytes
    assert peak_bytes < 2_000_000
