"""An agent that walks through the menus of a telephone by keys, until somebody answers or there is no way on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trialogue.agents._agent import Agent
from trialogue.agents.session._keys import checked_keys
from trialogue.agents.telephone._menu_memory import MenuHeard, MenuMemory, MenuSettings
from trialogue.agents.tools._tool_context import ToolContext
from trialogue.agents.tools._tool_results import EndCall, HandOver, Silently, ToolError
from trialogue.agents.tools._tools import tool
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    from trialogue.agents.session._hooks import HeardTurn
    from trialogue.agents.session._session import Session

_INSTRUCTIONS: Final = (
    "You have called a number where a machine answers with menus, and you hear what it says. Your goal: {goal}\n"
    "Never speak to a menu unless it asks you to. Call press_keys with the key of the option that leads to the goal. "
    "Where that option may still come, or you are asked to wait, call keep_listening. As soon as a person speaks, or "
    "the goal is reached, call reached. Where the goal cannot be reached this way, call give_up."
)


@tool
def press_keys(keys: str, context: ToolContext) -> Silently:
    """Press keys of the telephone.

    Args:
        keys: one or more of 0 to 9, * and #; a comma is a pause of two seconds.
    """
    return _press(keys, context.session)


class MenuWalker(Agent):
    """Walks through menus. What it hears again and again it is told, with what it pressed then; lost, it ends the call.

    Args:
        goal: where it wants to, for the model: "the department that changes appointments".
        then: who takes over when somebody answers, or the goal is reached; None ends the call then.
        settings: when it is lost.
    """

    def __init__(self, goal: str, *, then: Agent | None = None, settings: MenuSettings | None = None) -> None:
        super().__init__(instructions=_INSTRUCTIONS.format(goal=goal))
        self._memory = MenuMemory(settings)
        self._then = then

    async def on_user_turn(self, session: Session, turn: HeardTurn) -> None:
        """See whether this menu was heard before."""
        heard = self._memory.hear(turn.text)
        if heard.is_lost:
            await self.on_lost(session, heard)
        elif heard.times > 1:
            tried = ", ".join(keys or "nothing" for keys in heard.pressed)
            turn.add_context(
                f"You have heard this {heard.times} times now. Pressed after it so far: {tried}. That has led back "
                f"here: choose something else, such as 0 for an operator."
            )

    async def on_lost(self, session: Session, heard: MenuHeard) -> None:
        """There is no sense in going on: end the call. Override it for something else.

        Args:
            session: the conversation.
            heard: the menu that was heard too often, or was one too many.
        """
        session.end(f"lost in the menu: heard {heard.times} times: {heard.text}")

    @tool
    def press_keys(self, keys: str, context: ToolContext) -> Silently:
        """Press keys of the telephone.

        Args:
            keys: one or more of 0 to 9, * and #; a comma is a pause of two seconds.
        """
        result = _press(keys, context.session)
        self._memory.press(keys)
        return result

    @tool
    def keep_listening(self) -> Silently:
        """Say and press nothing: the menu goes on, or asks for patience."""
        return Silently("listening")

    @tool
    def reached(self) -> HandOver | EndCall:
        """Somebody has answered, or the goal is reached."""
        return EndCall(reason="the goal is reached") if self._then is None else HandOver(self._then)

    @tool
    def give_up(self, reason: str) -> EndCall:
        """The goal cannot be reached in these menus.

        Args:
            reason: why.
        """
        return EndCall(reason=f"given up in the menu: {reason}")


def _press(keys: str, session: Session) -> Silently:
    """Have keys pressed; the reply that asks for it does not wait for their tones, which come after it."""
    try:
        session.send_keys(checked_keys(keys))
    except ConfigurationError as error:
        raise ToolError(str(error)) from error
    return Silently(f"pressed {keys}")
