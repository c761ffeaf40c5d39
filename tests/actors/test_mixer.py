"""Background sound under a voice: volumes, fades, loops, and never a sample out of range."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import soundfile
import trio

from trialogue.actors import Clip, Mixer, MixerSettings, room_tone, typing_noise
from trialogue.engine import AudioError, Channel, ConfigurationError
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

COUNT = 320


def clip(*values: int, times: int = 1) -> Clip:
    """A short sound."""
    return Clip(np.array(values * times, dtype=np.int16), 16_000)


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((160, 2), dtype=np.int16), np.zeros(160, dtype=np.float32), np.zeros(0, dtype=np.int16)],
    ids=["stereo", "float", "empty"],
)
def test_a_clip_of_what_would_be_noise_or_silence_is_refused(wrong: npt.NDArray[np.int16]) -> None:
    with pytest.raises(AudioError, match="'jingle' is to be int16 of shape"):
        Clip(wrong, 16_000, "jingle")


def samples(pcm: bytes | None) -> npt.NDArray[np.int16]:
    """What was mixed."""
    assert pcm is not None
    return np.frombuffer(pcm, dtype="<i2")


def steady(level: int) -> bytes:
    """A frame of voice."""
    return np.full(COUNT, level, dtype="<i2").tobytes()


def waiting(channel: Channel[AudioFrame]) -> list[AudioFrame]:
    """What has come out."""
    found: list[AudioFrame] = []
    with contextlib.suppress(trio.WouldBlock, trio.EndOfChannel):
        while True:
            found.append(channel.inbox.receive_nowait())
    return found


def test_without_background_the_voice_is_what_it_was() -> None:
    mixer = Mixer(SPEECH_FORMAT)
    voice = steady(7)
    assert mixer.frame(voice, COUNT) is voice
    assert mixer.frame(None, COUNT) is None


def test_a_sound_plays_once_at_its_volume_and_is_over() -> None:
    mixer = Mixer(SPEECH_FORMAT)
    sound = mixer.play(clip(1000, times=500), volume=0.5)
    assert list(samples(mixer.frame(None, COUNT))) == [500] * 320
    assert list(samples(mixer.frame(None, COUNT))) == [500] * 180 + [0] * 140
    assert sound.is_over
    assert mixer.playing == 0
    assert mixer.frame(None, COUNT) is None


def test_a_loop_goes_on_without_a_seam_until_it_is_stopped() -> None:
    mixer = Mixer(SPEECH_FORMAT)
    sound = mixer.play(clip(1, 2, 3), loop=True)
    heard = np.concatenate([samples(mixer.frame(None, COUNT)) for _ in range(5)])
    assert list(heard) == [1 + number % 3 for number in range(5 * COUNT)]
    sound.stop(0.0)
    mixer.frame(None, COUNT)
    assert mixer.frame(None, COUNT) is None


def test_fades_are_straight_lines() -> None:
    mixer = Mixer(SPEECH_FORMAT)
    sound = mixer.play(clip(10_000, times=9999), fade_in_s=0.04)
    heard = np.concatenate([samples(mixer.frame(None, COUNT)) for _ in range(3)])
    assert heard[319] == pytest.approx(5000, abs=20)
    assert set(np.diff(heard[:640].astype(int))) <= {15, 16}
    assert set(heard[640:]) == {10_000}
    sound.stop(0.02)
    down = samples(mixer.frame(None, COUNT))
    assert down[-1] == 0
    assert set(np.diff(down.astype(int))) <= {-31, -32}
    assert sound.is_over


def test_the_background_goes_down_under_the_voice_and_comes_up_again() -> None:
    mixer = Mixer(SPEECH_FORMAT, MixerSettings(under_speech=0.25))
    mixer.play(clip(1000), loop=True)
    assert set(samples(mixer.frame(None, COUNT))) == {1000}
    spoken = np.concatenate([samples(mixer.frame(steady(0), COUNT)) for _ in range(6)]).astype(int)
    assert abs(np.diff(spoken)).max() <= 1  # no click
    assert spoken[-1] == 250
    silent = np.concatenate([samples(mixer.frame(None, COUNT)) for _ in range(6)])
    assert silent[-1] == 1000


@hypothesis.given(
    st.lists(st.tuples(st.integers(-32_768, 32_767), st.floats(0, 1), st.booleans(), st.floats(0, 0.1)), max_size=4),
    st.lists(st.none() | st.integers(-32_768, 32_767), min_size=1, max_size=6),
)
def test_whatever_plays_no_sample_wraps_round(
    sounds: list[tuple[int, float, bool, float]], voices: list[int | None]
) -> None:
    mixer = Mixer(SPEECH_FORMAT)
    for level, volume, loop, fade_in_s in sounds:
        mixer.play(clip(level, times=400), volume=volume, loop=loop, fade_in_s=fade_in_s)
    for voice in voices:
        pcm = mixer.frame(None if voice is None else steady(voice), COUNT)
        if pcm is None:
            assert voice is None
            continue
        mixed = samples(pcm).astype(int)
        assert len(mixed) == COUNT
        bounds = [level for level, *_ in sounds] + [voice or 0, 0]
        low, high = sum(min(0, each) for each in bounds), sum(max(0, each) for each in bounds)
        assert mixed.min() >= max(low - 1, -32_768)
        assert mixed.max() <= min(high + 1, 32_767)


def test_a_sound_for_silence_gives_way_to_the_voice_and_comes_back_after_a_while() -> None:
    mixer = Mixer(SPEECH_FORMAT, MixerSettings(under_speech=1.0))
    waits = mixer.play(clip(80), loop=True, after_silence_s=0.1)

    def heard(voice: bytes | None, frames: int) -> list[int]:
        pieces = [mixer.frame(voice, COUNT) for _ in range(frames)]
        return [0 if piece is None else int(samples(piece)[-1]) for piece in pieces]

    assert heard(None, 5) == [0] * 5  # and nothing is sent
    assert heard(None, 10)[-1] == 80
    going = heard(steady(100), 6)
    assert going == sorted(going, reverse=True)
    assert going[-1] == 100
    assert heard(None, 5) == [0] * 5
    waits.stop(0.0)
    heard(steady(100), 1)
    assert mixer.playing == 0


def test_room_tone_has_its_level_and_no_seam() -> None:
    tone = room_tone(SPEECH_FORMAT, level=0.02)
    wave = tone.samples.astype(float)
    assert np.sqrt(np.mean(wave**2)) == pytest.approx(0.02 * 32_767, rel=0.02)
    assert abs(wave[0] - wave[-1]) <= np.abs(np.diff(wave)).max()
    assert np.array_equal(room_tone(SPEECH_FORMAT, level=0.02).samples, tone.samples)


def test_typing_is_strokes_in_silence() -> None:
    sound = typing_noise(SPEECH_FORMAT)
    wave = np.abs(sound.samples.astype(float))
    assert 0.03 * 32_767 < wave.max() <= 0.1 * 32_767
    assert np.mean(wave < 20) > 0.5


def test_a_file_is_read_in_the_speakers_format(tmp_path: Path) -> None:
    stereo = np.stack([np.full(4800, 0.5), np.full(4800, 0.1)], axis=1)
    soundfile.write(tmp_path / "hold.wav", stereo, 48_000)
    read = Clip.from_file(tmp_path / "hold.wav", SPEECH_FORMAT)
    assert (read.name, read.rate_hz, len(read.samples)) == ("hold.wav", 16_000, 1600)
    assert read.samples[800] == pytest.approx(0.3 * 32_767, rel=0.01)
    (tmp_path / "no.wav").write_bytes(b"no")
    with pytest.raises(AudioError, match=r"no\.wav cannot be read as sound"):
        Clip.from_file(tmp_path / "no.wav", SPEECH_FORMAT)
    with pytest.raises(AudioError, match="has 16000 Hz, the speaker 8000"):
        Mixer(AudioFormat(rate_hz=8000)).play(read)


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="under_speech"):
        MixerSettings(under_speech=2)
    with pytest.raises(ConfigurationError, match="a volume is between 0 and 1"):
        Mixer(SPEECH_FORMAT).play(clip(1), volume=1.5)
