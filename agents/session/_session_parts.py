"""What a session is made with, and what it has while it runs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

from trialogue.actors import AgentState, UserState
from trialogue.agents.session._cast import parts_of, playing
from trialogue.agents.session._lineup import PartMissingError, check_line_up, names_of, turn_settings_for
from trialogue.agents.session._settling import turn_settings_of
from trialogue.engine import ConfigurationError, open_asyncio_loop
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.actors import TurnPolicy, TurnSettings
    from trialogue.agents._agent import Agent
    from trialogue.agents._settings import Models, SessionSettings
    from trialogue.agents.session._cast import Cast, Parts
    from trialogue.agents.session._wiring import Ears
    from trialogue.agents.speech._reply_queue import ReplyQueue
    from trialogue.agents.tools._tool_runner import ToolRunner
    from trialogue.engine import AsyncioLoop, AudioSink, Pacer, Transport


T = TypeVar("T")


@frozen(kw_only=True)
class Given:
    """What a session is made with; see Session."""

    models: Models
    transport: Transport | None
    settings: SessionSettings
    recording: AudioSink | None
    pacer: Pacer | None
    asyncio: AsyncioLoop | None
    userdata: object = None

    def userdata_of(self, kind: type[T]) -> T:
        """What the program has given to be kept. Raises ConfigurationError where it is of another type."""
        if not isinstance(self.userdata, kind):
            raise ConfigurationError(
                f"this session has no userdata of type {kind.__name__}, but {type(self.userdata).__name__}; give it "
                f"Session(userdata={kind.__name__}(...))"
            )
        return self.userdata

    def there(self, parts: Parts) -> frozenset[str]:
        """The names of what is there while these models play."""
        return names_of(
            llm=playing(parts.llm),
            tts=playing(parts.tts),
            stt=playing(parts.stt),
            vad=playing(parts.vad),
            turn_detector=playing(parts.turn_detector),
            denoiser=self.models.denoiser,
            transport=self.transport,
            recording=self.recording,
        )

    def parts(self, agent: Agent) -> Parts:
        """Who plays while the first agent has the conversation."""
        return parts_of(agent).over(parts_of(self.models))

    def need(self, part: str, who: str, parts: Parts) -> None:
        """See that a part is there while these models play.

        Raises:
            PartMissingError: it is not.
        """
        if part not in self.there(parts):
            raise PartMissingError(part, who)

    def check(self, agent: Agent) -> None:
        """See that a session can be made of this.

        Args:
            agent: the first one.

        Raises:
            ConfigurationError: as check_line_up; the recording is not stereo; or a nudge is to come from a model, and
                there is none.
        """
        parts = self.parts(agent)
        there = self.there(parts)
        check_line_up(parts, there)
        if self.recording is not None and self.recording.format.channels != 2:
            raise ConfigurationError(
                f"a recording has two channels, the user left and the agent right, but its sink takes "
                f"{self.recording.format}; open it with channels=2"
            )
        conversation = self.settings.conversation
        if self.transport is None and conversation.background is not None:
            raise PartMissingError("transport", "ConversationSettings.background")
        if self.transport is None and conversation.telephone.outbound is not None:
            raise PartMissingError("transport", "TelephoneSettings.outbound")
        nudge = conversation.nudge
        if nudge is not None and nudge.instructions and "llm" not in there:
            raise PartMissingError("llm", "ConversationSettings.nudge with instructions")

    def turn_settings(self, agent: Agent) -> TurnSettings:
        """The settings of turn-taking with which the first agent begins."""
        return turn_settings_for(turn_settings_of([agent], self.settings.turn), self.there(self.parts(agent)))


@frozen(kw_only=True)
class Running:
    """What a session has only while it runs."""

    cast: Cast
    ears: Ears
    tools: ToolRunner
    asyncio: AsyncioLoop
    policy: TurnPolicy
    replies: ReplyQueue

    def is_idle(self) -> bool:
        """Whether nobody speaks, thinks, works, or waits for words."""
        return (
            self.policy.user in (UserState.LISTENING, UserState.AWAY)
            and self.policy.agent is AgentState.IDLE
            and not self.replies.busy
            and not self.tools.running
        )


def asyncio_loop(given: AsyncioLoop | None) -> contextlib.AbstractAsyncContextManager[AsyncioLoop]:
    """The loop that was given, or an own one that begins with its first call."""
    return open_asyncio_loop() if given is None else contextlib.nullcontext(given)
