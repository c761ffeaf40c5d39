"""A user who is played by a language model: somebody with a goal, who talks with an agent until it is reached."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

import attrs
import trio

from trialogue.agents.context._asking import answer_of, text_of
from trialogue.agents.testing._judge import Judge, Outcome, Verdict
from trialogue.agents.testing._text_turn import arguments_of
from trialogue.engine import ProviderError
from trialogue.engine._checks import above, at_least
from trialogue.frames import ChatMessage, ChatRequest, ToolCall, ToolSchema
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents.testing._text_session import TextTalk
    from trialogue.engine import LanguageModel

_END_CALL: Final = ToolSchema(
    name="end_call",
    description="Hang up: when your goal is reached, or when you see that it will not be. Nothing is said with it.",
    parameters=json.dumps(
        {
            "type": "object",
            "properties": {
                "reached": {"type": "boolean", "description": "whether your goal was reached, all of it"},
                "reason": {"type": "string", "description": "how you know that, in one sentence"},
            },
            "required": ["reached", "reason"],
            "additionalProperties": False,
        }
    ),
)

_INSTRUCTIONS: Final = (
    "You are a person on the phone; the other side is an agent of whom you want something. Write only what you say "
    "next: one or two short sentences, as people speak. Never speak for the agent, and do not tell all at once. "
    "You are: {who}. Your goal: {goal}. When the goal is reached, or it is clear that it will not be, call the tool "
    "`end_call`."
)

#: What the model is told where the agent has said nothing, so that there is something to answer.
_SILENCE: Final = "(silence)"
_HUNG_UP: Final = "(The other side has hung up.)"

#: Who ended a conversation: the user, the agent, or the limit of turns; or the model that plays the user failed.
EndedBy = Literal["user", "agent", "limit", "failure"]


@frozen(kw_only=True)
class Persona:
    """Whom a model plays.

    Args:
        goal: what they want; it should be possible to tell from the conversation whether it was reached.
        who: what they are like, and what they know: name, mood, details that the agent will ask for.
        max_turns: so often they speak; then it has taken too long.
        patience_s: how long their model may take to find words, seconds.
    """

    goal: str
    who: str = "a friendly person"
    max_turns: int = attrs.field(default=12, validator=at_least(1))
    patience_s: float = attrs.field(default=60.0, validator=above(0))


@frozen(kw_only=True)
class Played:
    """How a conversation with a simulated user ended.

    Args:
        reached: whether the user says that the goal was reached.
        reason: how they know, or what went wrong.
        ended_by: who ended it.
        turns: how often the user spoke.
        verdicts: of the judge.
    """

    reached: bool
    reason: str
    ended_by: EndedBy
    turns: int
    verdicts: tuple[Verdict, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The least of what user and judge say: a judge may veto a success, and never rescues a failure."""
        told: list[Outcome] = ["pass" if self.reached else "fail", *(verdict.outcome for verdict in self.verdicts)]
        return least(told)


def least(outcomes: list[Outcome]) -> Outcome:
    """The worst of some outcomes; pass where there are none."""
    order: tuple[Outcome, ...] = ("fail", "maybe", "pass")
    return min(outcomes, key=order.index, default="pass")


async def play(
    talk: TextTalk,
    persona: Persona,
    llm: LanguageModel,
    *,
    judge: Judge | None = None,
    criteria: Mapping[str, str] | None = None,
) -> Played:
    """Let a model talk with an agent as a user with a goal.

    Args:
        talk: a conversation that has just begun.
        persona: whom the model plays.
        llm: plays the user. It ends the call by a tool, so it needs to know tools.
        judge: judges the conversation afterwards; asked only where the user says that the goal was reached.
        criteria: by which; by default, that the goal was reached.

    Returns:
        How it ended. What was said is in `talk`.
    """
    user = _User(talk, persona, llm)
    played = await user.play()
    if judge is None or not played.reached:
        return played
    asked = criteria or {"goal": f"The user's goal was reached, all of it: {persona.goal}"}
    return attrs.evolve(played, verdicts=await judge.judge_all(talk.items, asked))


class _User:
    """One conversation from the user's side."""

    def __init__(self, talk: TextTalk, persona: Persona, llm: LanguageModel) -> None:
        self._talk = talk
        self._persona = persona
        self._llm = llm
        self._said = [ChatMessage(role="user", text=talk.opening.text or _SILENCE)]

    async def play(self) -> Played:
        """Until somebody ends it."""
        if self._is_alone():
            return await self._look_back(0)
        for turn in range(self._persona.max_turns):
            words = await self._think(must_end=False)
            if isinstance(words, Played):
                return attrs.evolve(words, turns=turn)
            answer = (await self._talk.says(words)).text
            self._said += [ChatMessage(role="agent", text=words), ChatMessage(role="user", text=answer or _SILENCE)]
            if self._is_alone():
                return await self._look_back(turn + 1)
        last = await self._think(must_end=True)
        if isinstance(last, Played) and last.ended_by == "user" and last.reached:
            return attrs.evolve(last, turns=self._persona.max_turns)
        limit = f"it would have taken more than {self._persona.max_turns} turns"
        return Played(reached=False, reason=limit, ended_by="limit", turns=self._persona.max_turns)

    def _is_alone(self) -> bool:
        """Whether the agent has hung up."""
        return bool(self._talk.over)

    async def _look_back(self, turns: int) -> Played:
        """The agent has hung up: the user knows whether that was all."""
        self._said.append(ChatMessage(role="user", text=_HUNG_UP))
        last = await self._think(must_end=True)
        if isinstance(last, Played) and last.ended_by == "user":
            return attrs.evolve(last, ended_by="agent", turns=turns)
        reason = last.reason if isinstance(last, Played) else "the agent hung up, and the user had more to say"
        return Played(reached=False, reason=reason, ended_by="agent", turns=turns)

    async def _think(self, *, must_end: bool) -> str | Played:
        """What the user says next, or how they end the call."""
        persona, outputs = self._persona, None
        request = ChatRequest(
            instructions=_INSTRUCTIONS.format(who=persona.who, goal=persona.goal),
            items=tuple(self._said),
            tools=(_END_CALL,),
            tool_choice=_END_CALL.name if must_end else "auto",
        )
        with trio.move_on_after(persona.patience_s):
            try:
                outputs = await answer_of(self._llm, request, name="the user's model")
            except ProviderError as error:
                return _failed(f"the user's model failed: {error}")
        if outputs is None:
            return _failed(f"the user's model has found no words within {persona.patience_s:g} s")
        for output in outputs:
            if isinstance(output, ToolCall) and output.name == _END_CALL.name:
                given = arguments_of(output)
                reason = str(given.get("reason") or "no reason given")
                reached = str(given.get("reached")).strip().lower() == "true"  # some models write it as a text
                return Played(reached=reached, reason=reason, ended_by="user", turns=0)
        words = text_of(outputs).strip()
        return words or _failed("the user's model wrote nothing")


def _failed(reason: str) -> Played:
    return Played(reached=False, reason=reason, ended_by="failure", turns=0)
