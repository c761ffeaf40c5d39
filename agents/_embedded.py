"""The models that run here, offline, on what pip installs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.agents._settings import Models

if TYPE_CHECKING:
    from trialogue.providers import RuleScript


def embedded_models(
    script: RuleScript,
    *,
    general_recogniser: bool = False,
    denoise: bool = False,
    first_token_s: float = 0.0,
    token_interval_s: float = 0.0,
) -> Models:
    """Silero, PocketSphinx with the script's own vocabulary, its rules, and espeak-ng; Smart Turn where it is there.

    Args:
        script: what the agent knows.
        general_recogniser: understand any English, badly, instead of the script's words, well.
        denoise: take steady noise out of the microphone with RNNoise, for 5 % of a core.
        first_token_s, token_interval_s: how long the rules take to their first word and between two, seconds, as a
            vendor's model would; they know at once what to say.

    Raises:
        ProviderError: no speech detector is installed.
    """
    from trialogue import providers  # heavy parts load when they are used

    return Models(
        vad=providers.voice_activity_detector(),
        stt=providers.PocketSphinx(general=True)
        if general_recogniser
        else providers.PocketSphinx(vocabulary=script.vocabulary()),
        llm=providers.RuleModel(script=script, first_token_s=first_token_s, token_interval_s=token_interval_s),
        tts=providers.Espeak(),
        denoiser=providers.RNNoise() if denoise else None,
        turn_detector=providers.SmartTurn() if providers.find_model("smart-turn") is not None else None,
    )
