"""What a session is made of."""

from __future__ import annotations

from typing import get_args

import attrs

from trialogue.actors import (
    AudioOutSettings,
    KeypadSettings,
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
from trialogue.agents.context._chat_context import WindowPolicy
from trialogue.agents.context._vision import VisionSettings
from trialogue.agents.session._callee import OutboundSettings
from trialogue.agents.session._mute import MuteStrategy
from trialogue.agents.speech._background import BackgroundSettings
from trialogue.engine import (
    ConfigurationError,
    Denoiser,
    LanguageModel,
    SpeechToText,
    TextToSpeech,
    TurnDetector,
    VoiceActivityDetector,
)
from trialogue.engine._checks import above, at_least
from trialogue.frames._attrs import frozen


@frozen(kw_only=True)
class Models:
    """The providers of a session; one object may serve any number of sessions. Each may be left out.

    Args:
        vad: hears when somebody speaks. Without it, the recogniser must find that out itself.
        stt: understands. Without it, nothing that is said becomes a turn.
        llm: knows what to say. Without it, the agent says only what `session.say` is given.
        tts: speaks. Without it, replies come as text: see AgentWrote.
        denoiser: takes out noise before `vad` and `stt`; None leaves the microphone as it is.
        turn_detector: hears from the sound whether the user has finished, beside what the words say; None goes by the
            words alone.
    """

    vad: VoiceActivityDetector | None = None
    stt: SpeechToText | None = None
    llm: LanguageModel | None = None
    tts: TextToSpeech | None = None
    denoiser: Denoiser | None = None
    turn_detector: TurnDetector | None = None


@frozen(kw_only=True)
class NudgeSettings:
    """What is said to a user who is away (see TurnSettings.away_after_s).

    Args:
        text: what to say; or, where it is empty:
        instructions: what the model is told for it.
        at_most: how often, while the user stays away; each after another `away_after_s` of silence.
    """

    text: str = ""
    instructions: str = ""
    at_most: int = attrs.field(default=2, validator=at_least(1))

    def __attrs_post_init__(self) -> None:
        if bool(self.text) == bool(self.instructions):
            raise ConfigurationError("a nudge needs either a text to say or instructions for the model, and not both")


@frozen(kw_only=True)
class SummarySettings:
    """When the older part of a conversation becomes a summary, written after a reply while nobody waits for it.

    Args:
        after_turns: when there are so many turns of the user that are not summarised.
        keep_turns: so many of the last ones stay as they are; fewer than `after_turns`.
        instructions: what the model is told that writes it.
        llm: who writes it; None is the session's.
        within_s: so long it may take, seconds; then it is tried again after a later reply.
    """

    after_turns: int = 12
    keep_turns: int = attrs.field(default=4, validator=at_least(1))
    instructions: str = (
        "Summarise this beginning of a conversation between a user and an agent in a few sentences. Keep names, "
        "numbers, dates, decisions, and what is still open. Write nothing but the summary."
    )
    llm: LanguageModel | None = None
    within_s: float = attrs.field(default=30.0, validator=above(0))

    def __attrs_post_init__(self) -> None:
        if self.after_turns <= self.keep_turns:
            raise ConfigurationError(
                f"a summary needs after_turns > keep_turns, not {self.after_turns} and {self.keep_turns}: "
                f"else there is nothing to summarise"
            )


@frozen(kw_only=True)
class ContextSettings:
    """What the model is told of the conversation.

    Args:
        window: how much of it; by default all.
        summary: when its older part becomes a summary, which stands in its place in `Session.context`, and is told to
            the model with the instructions. None: never.
        vision: which of the pictures that the user shows.
    """

    window: WindowPolicy = attrs.Factory(WindowPolicy)
    summary: SummarySettings | None = None
    vision: VisionSettings = attrs.Factory(VisionSettings)


@frozen(kw_only=True)
class TelephoneSettings:
    """What a session does because its user is at a telephone.

    Args:
        hear_keys: listen for keys in the user's sound, and take their tones out of what is understood as words. A
            transport that brings keys as messages is the better ear: then their tones are only taken out.
        entry: what is typed is a turn of the user when it is complete as this says, and is answered like one that is
            said. None: keys are told as events, and to who collects them with `Session.collect_keys`.
        outbound: the session has dialled, and is to find out who answers; None is an inbound call.
    """

    hear_keys: bool = False
    entry: KeypadSettings | None = None
    outbound: OutboundSettings | None = None


@frozen(kw_only=True)
class ConversationSettings:
    """What the agent does of itself.

    Args:
        apology: what it says when the model could not answer; nothing if empty.
        min_gap_s: so much silence it keeps at least between one reply and the next, seconds.
        on_user_turn_s: how long the agent's hook of that name may take before the turn goes on without it, seconds.
        hook_s: the same for `on_exit` and `on_reply`; and how long the user's turns wait for `on_enter` of an agent
            that has taken over, seconds.
        context: what the model is told of the conversation.
        expressive: whether the model is taught to mark how it wants something said, as far as its voice understands
            that (see actors.delivery_instructions). The marks are in neither history nor captions.
        background: what sounds besides the voice, see `Session.background`; None has nothing of it.
        mute: when what the user says does not count, beside what the program says with `session.mute()`.
        nudge: what it says to a user who is away; None says nothing.
        too_long: what the model is told when the user's turn has become too long (EndpointingSettings.max_turn_s and
            max_turn_words) and is answered though the user speaks on. The user's voice does not stop that answer.
        after_noise: what the model is told when a noise has cut its answer off, which only happens in the mode `vad` of
            InterruptionSettings. A text that was given is gone on with from the beginning of its sentence. Where this
            is empty, the agent stays silent.
        telephone: what it does where the user is at a telephone.
    """

    apology: str = "Sorry, something went wrong. Could you say that again?"
    min_gap_s: float = attrs.field(default=0.0, validator=at_least(0))
    on_user_turn_s: float = attrs.field(default=1.0, validator=above(0))
    hook_s: float = attrs.field(default=5.0, validator=above(0))
    context: ContextSettings = attrs.Factory(ContextSettings)
    background: BackgroundSettings | None = None
    expressive: bool = False
    mute: tuple[MuteStrategy, ...] = ()
    nudge: NudgeSettings | None = None
    too_long: str = (
        "The user has been speaking for very long and still is. Interrupt kindly, in one short sentence: say what you "
        "have understood, or ask for one thing at a time."
    )
    after_noise: str = (
        "A noise has cut you off, and not the user. Go on from where you were, without a word about the interruption."
    )
    telephone: TelephoneSettings = attrs.Factory(TelephoneSettings)

    def __attrs_post_init__(self) -> None:
        for strategy in self.mute:
            if strategy not in get_args(MuteStrategy):
                known = ", ".join(repr(each) for each in get_args(MuteStrategy))
                raise ConfigurationError(f"there is no mute strategy {strategy!r}; take some of {known}")


@frozen(kw_only=True)
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
    tool_s: float = attrs.field(default=60.0, validator=above(0))
    conversation: ConversationSettings = attrs.Factory(ConversationSettings)
