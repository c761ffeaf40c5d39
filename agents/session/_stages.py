"""An agent's stages: what it puts round the recogniser, the model, the text path and the voice while it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trialogue.agents._agent import Agent
from trialogue.agents.session._privacy import WITHHELD
from trialogue.engine import ConfigurationError
from trialogue.frames import SpeakablePiece

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from trialogue.agents.session._hooks import HookCalls
    from trialogue.engine import ModelConnection, Voice
    from trialogue.frames import AudioFormat, ChatRequest, ModelOutput, Sentence, SpeechAudio


class Stages:
    """The stages of the agent that has the conversation, where it overrides them. One it leaves alone costs nothing.

    Args:
        agent: who has it now.
        hooks: tell of those that fail.
    """

    def __init__(self, agent: Callable[[], Agent], hooks: HookCalls) -> None:
        self._agent = agent
        self._hooks = hooks

    def understood(self, text: str) -> str:
        """What the recogniser understood, as the agent wants it; where the stage fails, as it is."""
        agent = self._agent()
        if type(agent).stt_stage is Agent.stt_stage:
            return text
        return self._called("stt_stage", agent.stt_stage, text, text)

    @property
    def words(self) -> bool:
        """Whether the agent says in which words a sentence is spoken."""
        return type(self._agent()).text_stage is not Agent.text_stage

    def worded(self, sentences: list[Sentence]) -> list[Sentence]:
        """Sentences as the agent wants them to be spoken; where the stage fails, as they are."""
        if not self.words:
            return sentences
        agent = self._agent()
        return [spoken for each in sentences if (spoken := self._worded(each, agent)) is not None]

    def model(self, connection: ModelConnection) -> ModelConnection:
        """The model, with what the agent puts round it."""
        agent = self._agent()
        return connection if type(agent).llm_stage is Agent.llm_stage else _StagedModel(connection, agent)

    def voice(self, voice: Voice) -> Voice:
        """The voice, with what the agent puts round it."""
        agent = self._agent()
        return voice if type(agent).tts_stage is Agent.tts_stage else _StagedVoice(voice, agent)

    def redacted(self, text: str, agent: Agent | None = None) -> str:
        """What may be written down of a text; where that fails, nothing of it.

        Args:
            text: what was said.
            agent: whose `redact` says it; None is who has the conversation now.
        """
        redact = (agent or self._agent()).redact

        def quietly(text: str) -> str:
            try:
                return redact(text)
            except Exception as error:  # noqa: BLE001  # told by its kind alone: what it says may be what was said
                raise ConfigurationError(f"Agent.redact raised {type(error).__name__}") from None

        return self._called("redact", quietly, text, WITHHELD)

    def _worded(self, sentence: Sentence, agent: Agent) -> Sentence | None:
        text = self._called("text_stage", agent.text_stage, sentence.text, sentence.text)
        if text == sentence.text:
            return sentence
        piece = SpeakablePiece(text=text, start=sentence.start, end=sentence.end)  # heard when its last word was
        return attrs.evolve(sentence, text=text, pieces=(piece,), marks=()) if text.strip() else None

    def _called(self, name: str, stage: Callable[[str], object], text: str, otherwise: str) -> str:
        try:
            made = stage(text)
            if not isinstance(made, str):
                raise ConfigurationError(f"{name} must return a str, not {type(made).__name__}; is a `return` missing?")
        except Exception as error:  # noqa: BLE001  # a supervisor: one mistake of a stage must not end the call
            self._hooks.go_on_without(name, error)
            return otherwise
        return made


class _StagedModel:
    """See ModelConnection."""

    def __init__(self, connection: ModelConnection, agent: Agent) -> None:
        self._connection = connection
        self._agent = agent

    def reply(self, request: ChatRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelOutput]]:
        """As the model, through the agent's stage."""
        return self._agent.llm_stage(request, self._connection)


class _StagedVoice:
    """See Voice."""

    def __init__(self, voice: Voice, agent: Agent) -> None:
        self._voice = voice
        self._agent = agent

    @property
    def format(self) -> AudioFormat:
        """As the voice has it."""
        return self._voice.format

    def speak(self, text: str) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """As the voice, through the agent's stage."""
        return self._agent.tts_stage(text, self._voice)
