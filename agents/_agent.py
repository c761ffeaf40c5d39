"""Agents: who speaks, and what it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.agents.tools._tools import tools_among_methods
from trialogue.agents.tools._toolset import flattened, unique

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from contextlib import AbstractAsyncContextManager

    from trialogue.actors import TurnSettings
    from trialogue.agents.session._cast import Off
    from trialogue.agents.session._hooks import DropTurn, HeardTurn
    from trialogue.agents.session._session import Session
    from trialogue.agents.speech._reply import Reply
    from trialogue.agents.speech._structured import ReplyForm
    from trialogue.agents.tools._tools import Tool
    from trialogue.agents.tools._toolset import AnyTool
    from trialogue.engine import (
        LanguageModel,
        ModelConnection,
        SpeechToText,
        TextToSpeech,
        TurnDetector,
        Voice,
        VoiceActivityDetector,
    )
    from trialogue.frames import ChatRequest, ModelOutput, SpeechAudio


class Agent:
    """Who speaks. Use it as it is, or derive from it to give it hooks.

    Args:
        instructions: who it is and what it should do, for the language model; Instructions have a variant for what is
            read.
        tools: functions that the model may call, made by `@tool` or plain, and sets of them. Methods made by `@tool`
            need not be listed.
        llm: who thinks while this agent has the conversation; None is as the session has it, OFF is nobody.
        tts: who speaks then; likewise. Without a voice its replies come as text: see AgentWrote.
        stt, vad, turn_detector: who listens then; likewise.
        turn: how turns are taken then, all of it; None is as the session has it.
        keyterms: names, products, words of a trade that the user may say to it, for the recogniser.

    Raises:
        ConfigurationError: two tools have the same name.
    """

    #: What its answers are to be, beside what is said; None is text alone.
    reply_form: ReplyForm[object] | None = None

    def __init__(  # noqa: PLR0913  # each is a thing of its own, and only one must be given
        self,
        *,
        instructions: str,
        tools: Iterable[AnyTool] = (),
        llm: LanguageModel | Off | None = None,
        tts: TextToSpeech | Off | None = None,
        stt: SpeechToText | Off | None = None,
        vad: VoiceActivityDetector | Off | None = None,
        turn_detector: TurnDetector | Off | None = None,
        turn: TurnSettings | None = None,
        keyterms: Iterable[str] = (),
    ) -> None:
        self.instructions = instructions
        self.tools = self.tools_with(tools)
        self.llm = llm
        self.tts = tts
        self.stt = stt
        self.vad = vad
        self.turn_detector = turn_detector
        self.turn = turn
        self.keyterms = (keyterms,) if isinstance(keyterms, str) else tuple(keyterms)

    def tools_with(self, tools: Iterable[AnyTool]) -> dict[str, Tool]:
        """The tools among its methods, and these, by their names. Raises ConfigurationError if two have the same."""
        return unique([*tools_among_methods(self), *flattened(tools)])

    def redact(self, text: str) -> str:
        """What may be written down of something that was said or typed while this agent has the conversation.

        Events go through it on their way to listeners, logs, telemetry and reports; the messages of the user, when
        the agent leaves, on their way into the history that stays. Until then model and tools are told all of it, and
        so are recordings and flight records. By default all may be written down. Where this raises, that is told, and
        nothing of the text is written down.
        """
        return text

    async def on_enter(self, session: Session) -> None:
        """Called when the agent takes over a conversation; greet here. Does nothing by default.

        It may last as long as the agent has the conversation: when that ends, it is cancelled. If it fails, that is
        told and the call goes on without its greeting.
        """

    async def on_exit(self, session: Session) -> None:
        """Called when the agent leaves the conversation to another one, or it is over. Does nothing by default.

        What it says is said before the next agent begins; of a conversation that is over, nothing is said any more. It
        may take `ConversationSettings.hook_s`; if it fails or takes longer, that is told, and the next agent begins.
        """

    async def on_user_turn(self, session: Session, turn: HeardTurn) -> DropTurn | None:
        """Called with each turn of the user before the model sees it; edit it here. Does nothing by default.

        What is put into `turn.text` is remembered instead of what was said; `turn.add_context` tells the model more,
        for this answer alone: what `Knowledge.look_up(turn.text)` has found, say. While it runs the user can go on;
        then it is cancelled, and called with the whole turn. It may take `ConversationSettings.on_user_turn_s`; if it
        fails or takes longer, that is told, and the turn is answered as it was said. An agent with this hook prepares
        no answer before the turn is over.

        Returns:
            `DropTurn()` where the turn is to be neither answered nor remembered; `DropTurn(remember=True)` where it
            is not to be answered.
        """
        del session, turn
        return None

    async def on_reply(self, session: Session, reply: Reply) -> None:
        """Called after each reply, however it ended: `reply.outcome`, `reply.heard`. Does nothing by default.

        The conversation does not wait for it. It may take `ConversationSettings.hook_s`; if it fails or takes longer,
        that is told.
        """

    # -- what stands between the models; override one to see and change what goes through it

    def stt_stage(self, text: str) -> str:
        """Called with all that is understood of the user, interim and final, before anybody acts on it.

        Returns:
            What is to be taken for it. Where this raises, that is told, and the text stays as it was.
        """
        return text

    def llm_stage(
        self, request: ChatRequest, model: ModelConnection
    ) -> AbstractAsyncContextManager[AsyncIterator[ModelOutput]]:
        """Called for each request to the model, in its place: `model.reply(request)` by default.

        Change the request before, or the outputs after; or ask nobody. Where this raises, the reply fails as it does
        where a model fails.
        """
        return model.reply(request)

    def text_stage(self, text: str) -> str:
        """Called with each sentence just before it is spoken: what is spoken instead; nothing is, if that is empty.

        History and captions keep what the model wrote. Where this raises, that is told, and the sentence is spoken as
        it was.
        """
        return text

    def tts_stage(self, text: str, voice: Voice) -> AbstractAsyncContextManager[AsyncIterator[SpeechAudio]]:
        """Called for each sentence, in the place of the voice: `voice.speak(text)` by default; in `voice.format`.

        Where this raises, the reply fails as it does where a voice fails. Marks of delivery do not reach a voice behind
        a stage of one's own.
        """
        return voice.speak(text)
