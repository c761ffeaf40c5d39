"""What a session is made of."""

from __future__ import annotations

import attrs

from trialogue.actors import (
    AudioOutSettings,
    LlmSettings,
    RecorderSettings,
    SentenceChunkerSettings,
    SentencesSettings,
    SttSettings,
    TextFilterSettings,
    TtsSettings,
    TurnSettings,
    VadSettings,
)
from trialogue.engine import Denoiser, LanguageModel, SpeechToText, TextToSpeech, VoiceActivityDetector


@attrs.frozen(kw_only=True)
class Models:
    """The providers of a session; one object may serve any number of sessions.

    Args:
        vad: hears when somebody speaks.
        stt: understands.
        llm: knows what to say.
        tts: speaks.
        denoiser: takes out noise before `vad` and `stt`; None leaves the microphone as it is.
    """

    vad: VoiceActivityDetector
    stt: SpeechToText
    llm: LanguageModel
    tts: TextToSpeech
    denoiser: Denoiser | None = None


@attrs.frozen(kw_only=True)
class ConversationSettings:
    """What the agent does of itself.

    Args:
        apology: what it says when the model could not answer; nothing if empty.
        min_gap_s: so much silence it keeps at least between one reply and the next, seconds.
    """

    apology: str = "Sorry, something went wrong. Could you say that again?"
    min_gap_s: float = attrs.field(default=0.0, validator=attrs.validators.ge(0))


@attrs.frozen(kw_only=True)
class SessionSettings:
    """The settings of all stages, each with its own defaults.

    Args:
        tool_s: how long a tool may take before it is stopped and the model is told so, seconds. The user can go on
            speaking meanwhile.
        conversation: what the agent does of itself.
    """

    turn: TurnSettings = attrs.Factory(TurnSettings)
    vad: VadSettings = attrs.Factory(VadSettings)
    stt: SttSettings = attrs.Factory(SttSettings)
    llm: LlmSettings = attrs.Factory(LlmSettings)
    text_filter: TextFilterSettings = attrs.Factory(TextFilterSettings)
    chunker: SentenceChunkerSettings = attrs.Factory(SentenceChunkerSettings.for_speech)
    sentences: SentencesSettings = attrs.Factory(SentencesSettings)
    tts: TtsSettings = attrs.Factory(TtsSettings)
    audio_out: AudioOutSettings = attrs.Factory(AudioOutSettings)
    recorder: RecorderSettings = attrs.Factory(RecorderSettings)
    tool_s: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))
    conversation: ConversationSettings = attrs.Factory(ConversationSettings)
