"""The fakes keep the contracts of what they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line, Speech, Utterance
from trialogue.engine.testing import (
    check_language_model,
    check_speech_to_text,
    check_text_to_speech,
    check_transport,
    check_voice_activity_detector,
)

if TYPE_CHECKING:
    from trio.testing import MockClock


async def test_the_fake_detector_keeps_the_contract(autojump_clock: MockClock) -> None:
    await check_voice_activity_detector(FakeVad, speech=b"\1\0" * 16_000)


@pytest.mark.parametrize(
    "stt",
    [
        FakeStt(),
        FakeStt(then=Utterance(text="one two three", word_s=0.1, interim_delay_s=0.05, final_delay_s=0.3)),
    ],
)
async def test_the_fake_recogniser_keeps_the_contract(stt: FakeStt, autojump_clock: MockClock) -> None:
    await check_speech_to_text(lambda: stt, speech=b"\1\0" * 16_000)


async def test_the_fake_model_keeps_the_contract(autojump_clock: MockClock) -> None:
    await check_language_model(FakeLlm, repeatable=True)


@pytest.mark.parametrize("words", [True, False])
async def test_the_fake_voice_keeps_the_contract(words: bool, autojump_clock: MockClock) -> None:
    await check_text_to_speech(lambda: FakeTts(every=Speech(word_s=0.1, words=words)))


async def test_the_fake_call_keeps_the_contract(autojump_clock: MockClock) -> None:
    await check_transport(lambda: FakeCall(lines=[Line(at_s=0.1, for_s=0.5)], hangs_up_s=5.0))
