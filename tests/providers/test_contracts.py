"""Every provider of ours keeps the contract of its protocol; and each rule of the contracts can be broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.providers.chat_server import KEY, MODEL, call_piece, chat_server, delta, stream
from tests.providers.speech import recording
from trialogue.engine.testing import (
    check_denoiser,
    check_language_model,
    check_speech_to_text,
    check_text_to_speech,
    check_voice_activity_detector,
)
from trialogue.providers import (
    Espeak,
    OpenAIChat,
    PocketSphinx,
    PySilero,
    RNNoise,
    RuleModel,
    RuleScript,
    Silero,
    find_model,
)

if TYPE_CHECKING:
    from trialogue.engine import VoiceActivityDetector

pytestmark = pytest.mark.integration

needs_silero = pytest.mark.skipif(find_model("silero") is None, reason="needs `trialogue models fetch silero`")
needs_rnnoise = pytest.mark.skipif(find_model("rnnoise") is None, reason="needs `trialogue models fetch rnnoise`")


async def test_espeak_keeps_the_contract_of_voices() -> None:
    # Its hoarseness is random: a sentence is never the same twice, to the sample.
    await check_text_to_speech(Espeak, repeatable=False)


async def test_pocketsphinx_keeps_the_contract_of_recognisers() -> None:
    provider = PocketSphinx(vocabulary=["go forward ten meters", "yes please", "turn left"])
    await check_speech_to_text(lambda: provider, speech=recording("human-forward"))


@pytest.mark.parametrize("provider", [pytest.param(Silero(), id="silero", marks=needs_silero), PySilero()])
async def test_detectors_keep_their_contract(provider: VoiceActivityDetector) -> None:
    await check_voice_activity_detector(lambda: provider, speech=recording("book"))


@needs_rnnoise
@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
async def test_rnnoise_keeps_the_contract_of_denoisers(rate_hz: int) -> None:
    await check_denoiser(lambda: RNNoise(rate_hz=rate_hz))


async def test_the_rule_model_keeps_the_contract_of_language_models() -> None:
    model = RuleModel(script=RuleScript.bundled("restaurant"))
    await check_language_model(lambda: model, repeatable=True)


async def test_openai_chat_keeps_the_contract_of_language_models() -> None:
    async with chat_server() as server:
        call = call_piece(0, '{"what": "opening hours"}', call_id="call_7", name="lookup")
        server.otherwise = stream(delta(content="One"), delta(content=" moment."), call)
        model = OpenAIChat(base_url=server.url, model=MODEL, api_key=KEY)
        await check_language_model(lambda: model, repeatable=True)
        await server.wait_connections(0)
