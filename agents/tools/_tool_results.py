"""What a tool may give back besides a JSON value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.engine import TrialogueError
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents._agent import Agent


class ToolError(TrialogueError):
    """Raised by a tool: the model is told exactly this message, as an error, and can act on it.

    Any other exception is an accident: the model is told its type and text, and the log has the traceback.
    """


@frozen
class Silently:
    """The tool's result, to which the agent says nothing: the model is not asked again.

    Args:
        result: any JSON value; remembered.
    """

    result: object = None


@frozen
class HandOver:
    """The tool's result, after which another agent has the conversation; an agent alone is the same with no result.

    The agent that called the tool says nothing more. Where `on_enter` of the other one leaves nothing to say, that one
    answers the user.

    Args:
        agent: who takes over.
        result: any JSON value; remembered.
        keep_context: whether the agent's model is told what was said before.
    """

    agent: Agent
    result: object = None
    keep_context: bool = True


@frozen
class EndCall:
    """The tool's result, after which the call is over.

    Args:
        farewell: said before that, to its end; nothing if empty.
        reason: why the call ended, for the session's end.
        result: any JSON value; remembered.
    """

    farewell: str = ""
    reason: str = "ended by a tool"
    result: object = None
