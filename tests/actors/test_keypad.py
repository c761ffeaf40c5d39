"""A telephone's keys, made and heard; the rules of ITU-T Q.24, and what is typed."""

from __future__ import annotations

import math

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import trio

from tests.providers.speech import frames, recording, recordings
from trialogue.actors import (
    TONES,
    KeyCollector,
    KeyDetector,
    KeypadSettings,
    KeysEntered,
    key_tones,
    keypad,
)
from trialogue.engine import Channel, ConfigurationError
from trialogue.frames import SPEECH_FORMAT, AudioFormat, AudioFrame, KeyPressed

RATES_HZ = [8000, 16_000, 24_000, 48_000]


def heard(pcm: bytes, rate_hz: int, piece: int = 320) -> str:
    """The keys in a sound, which comes in pieces."""
    detector = KeyDetector(rate_hz)
    return "".join(key.key for at in range(0, len(pcm), piece) for key in detector.push(pcm[at : at + piece]))


def tone(
    low_hz: float, high_hz: float, *, rate_hz: int = 8000, for_s: float = 0.1, levels: tuple[float, float] = (0.2, 0.2)
) -> bytes:
    """Two tones of any frequency and level, with silence round them."""
    time_s = np.arange(round(for_s * rate_hz)) / rate_hz
    wave = levels[0] * np.sin(2 * math.pi * low_hz * time_s) + levels[1] * np.sin(2 * math.pi * high_hz * time_s)
    silence = bytes(2 * round(0.05 * rate_hz))
    return silence + (wave * 32_767).astype("<i2").tobytes() + silence


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_every_key_that_is_made_is_heard_once(rate_hz: int) -> None:
    keys = "".join(TONES)
    assert heard(key_tones(keys, AudioFormat(rate_hz=rate_hz)), rate_hz) == keys
    assert heard(key_tones("55,5", AudioFormat(rate_hz=rate_hz)), rate_hz) == "555"


@hypothesis.given(
    st.text(alphabet="".join(TONES), max_size=6),
    st.sampled_from(RATES_HZ),
    st.floats(0.045, 0.2),
    st.floats(0.045, 0.2),
    st.integers(1, 2000),
)
def test_however_long_the_tones_and_however_the_sound_is_cut(
    keys: str, rate_hz: int, tone_s: float, pause_s: float, piece: int
) -> None:
    pcm = key_tones(keys, AudioFormat(rate_hz=rate_hz), tone_s=tone_s, pause_s=pause_s)
    assert heard(pcm + bytes(rate_hz // 5 * 2), rate_hz, 2 * piece) == keys


@pytest.mark.parametrize("off", [-0.015, 0.0, 0.015])
@pytest.mark.parametrize("key", TONES)
def test_tones_that_are_a_little_off_are_heard(key: str, off: float) -> None:
    low_hz, high_hz = TONES[key]
    assert heard(tone(low_hz * (1 + off), high_hz * (1 + off)), 8000) == key


@pytest.mark.parametrize("off", [-0.035, 0.035])
@pytest.mark.parametrize("key", TONES)
def test_tones_that_are_far_off_are_not(key: str, off: float) -> None:
    low_hz, high_hz = TONES[key]
    assert heard(tone(low_hz * (1 + off), high_hz), 8000) == ""
    assert heard(tone(low_hz, high_hz * (1 + off)), 8000) == ""


def test_level_twist_and_length_have_limits() -> None:
    low_hz, high_hz = TONES["5"]
    assert heard(tone(low_hz, high_hz, levels=(0.3, 0.15)), 8000) == "5"
    assert heard(tone(low_hz, high_hz, levels=(0.3, 0.05)), 8000) == ""  # 15 dB apart
    assert heard(tone(low_hz, high_hz, levels=(0.012, 0.012)), 8000) == "5"
    assert heard(tone(low_hz, high_hz, levels=(0.002, 0.002)), 8000) == ""
    assert heard(tone(low_hz, high_hz, for_s=0.023), 8000) == ""
    assert heard(tone(low_hz, high_hz, for_s=0.04), 8000) == "5"
    assert heard(tone(low_hz, 0.0), 8000) == ""


def test_keys_are_heard_in_noise() -> None:
    clean = np.frombuffer(key_tones("0123456789*#", AudioFormat(rate_hz=8000)), dtype="<i2").astype(float)
    noise = np.random.default_rng(1).normal(0, 0.35 * 32_767 * 10 ** (-15 / 20), len(clean))  # 15 dB below a tone
    assert heard(np.clip(clean + noise, -32_768, 32_767).astype("<i2").tobytes(), 8000) == "0123456789*#"


@pytest.mark.parametrize("name", recordings())
def test_speech_is_no_key(name: str) -> None:
    assert heard(recording(name), 16_000) == ""


@hypothesis.given(st.binary(max_size=8000))
def test_noise_breaks_nothing(pcm: bytes) -> None:
    heard(pcm[: len(pcm) // 2 * 2], 8000)


@pytest.mark.parametrize("first_s", [0.0, 300.0], ids=["from the beginning", "taking over in the middle of a call"])
async def test_the_actor_tells_each_key_with_its_time(first_s: float) -> None:
    sound = Channel[KeyPressed]("keys", capacity=8)
    microphone = Channel[AudioFrame]("microphone", capacity=100)
    toneless = Channel[AudioFrame]("toneless", capacity=100)
    pcm = SPEECH_FORMAT.silence(8000) + key_tones("42", SPEECH_FORMAT)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keypad, microphone.inbox, toneless.outbox, sound.outbox)
        for frame in frames(pcm, at_sample=SPEECH_FORMAT.samples(first_s)):
            await microphone.outbox.send(frame)
        microphone.outbox.close()
    sound.outbox.close()
    toneless.outbox.close()
    found = [key async for key in sound.inbox]
    left = np.frombuffer(b"".join([frame.pcm async for frame in toneless.inbox]), dtype="<i2")
    assert len(left) == len(pcm) // 2
    assert np.count_nonzero(left) <= 2 * SPEECH_FORMAT.samples(0.014)
    assert [(key.key, round(key.at_s - first_s, 1)) for key in found] == [("4", 0.5), ("2", 0.7)]


def test_what_is_no_key_is_told() -> None:
    with pytest.raises(ConfigurationError, match="no key 'X'"):
        key_tones("1x", SPEECH_FORMAT)
    with pytest.raises(ConfigurationError, match="8000 Hz or more"):
        KeyDetector(4000)


# -- what is typed


def press(key: str, at_s: float) -> KeyPressed:
    """A key."""
    return KeyPressed(key=key, at_s=at_s)


def test_an_entry_ends_with_its_key_its_number_or_a_pause() -> None:
    collector = KeyCollector(0.0)
    assert [collector.on_key(press(key, at)) for at, key in enumerate("123", start=1)] == [None] * 3
    assert collector.on_key(press("#", 4.0)) == KeysEntered(keys="123", at_s=4.0, ended_by="the end key")
    assert collector.on_key(press("4", 5.0)) is None
    assert collector.deadline is None

    collector = KeyCollector(0.0, KeypadSettings(max_keys=2))
    assert collector.on_key(press("1", 1.0)) is None
    assert collector.on_key(press("2", 1.5)) == KeysEntered(keys="12", at_s=1.5, ended_by="the number of keys")

    collector = KeyCollector(0.0, KeypadSettings(pause_s=3.0))
    collector.on_key(press("7", 1.0))
    assert collector.on_time(3.9) is None
    assert collector.deadline == pytest.approx(4.0)
    assert collector.on_time(4.0) == KeysEntered(keys="7", at_s=4.0, ended_by="a pause")


def test_who_types_nothing_has_typed_nothing() -> None:
    collector = KeyCollector(2.0)
    assert collector.on_time(11.9) is None
    assert collector.on_time(12.0) == KeysEntered(keys="", at_s=12.0, ended_by="a pause")


@pytest.mark.parametrize("settings", [{"max_keys": 0}, {"pause_s": 0}, {"first_s": -1}, {"end_key": "##"}])
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="an entry "):
        KeypadSettings(**settings)  # type: ignore[arg-type]  # that is the point
