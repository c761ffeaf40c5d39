"""Supervision: what becomes of an actor that fails. After OTP: a fresh attempt, within a budget, then escalation."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

import trio

from trialogue.engine._errors import ChannelBroken, ConfigurationError, GraphError, PolicyError, ProviderError
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)

Decision = Literal["restart", "go on without it", "escalate"]


@frozen(kw_only=True)
class RestartPolicy:
    """When an actor is started again, how often, and what happens when that does not help.

    Args:
        restart: never; when it has raised; or also when it has returned. What says of itself that trying again cannot
            help (a ProviderError that is not retryable, such as a missing model; a wrong setting) is not tried again.
        max_restarts: so many restarts are tried...
        within_s: ...within so long, seconds; older ones do not count.
        backoff_s: the delay before the first restart, seconds; it doubles with each one that counts.
        max_backoff_s: the longest delay, seconds.
        then: when the budget is used up (at once, for `never`): end the graph, or go on without the actor.
    """

    restart: Literal["never", "on failure", "always"] = "never"
    max_restarts: int = 5
    within_s: float = 60.0
    backoff_s: float = 0.1
    max_backoff_s: float = 5.0
    then: Literal["escalate", "go on without it"] = "escalate"

    def __attrs_post_init__(self) -> None:
        if self.max_restarts < 0 or self.within_s <= 0 or not 0 <= self.backoff_s <= self.max_backoff_s:
            raise ConfigurationError(
                "a restart policy needs max_restarts >= 0, within_s > 0 and 0 <= backoff_s <= max_backoff_s, not "
                f"{self.max_restarts}, {self.within_s}, {self.backoff_s} and {self.max_backoff_s}"
            )


class RestartBudget:
    """The restarts of one actor so far. Pure.

    Args:
        policy: how many are allowed.
    """

    def __init__(self, policy: RestartPolicy) -> None:
        self._policy = policy
        self._restarts_s: list[float] = []

    def decide(self, now_s: float, *, failed: bool, hopeless: bool = False) -> tuple[Decision, float]:
        """What to do about an actor that has ended at this moment.

        Args:
            now_s: the time, seconds.
            failed: whether it has raised.
            hopeless: whether another attempt is sure to end the same way.

        Returns:
            The decision, and the delay before a restart in seconds.
        """
        policy = self._policy
        self._restarts_s = past = [at_s for at_s in self._restarts_s if at_s > now_s - policy.within_s]
        wanted = policy.restart == "always" or (failed and policy.restart == "on failure")
        if not wanted or hopeless or len(past) >= policy.max_restarts:
            return policy.then, 0.0
        delay_s = min(policy.backoff_s * 2 ** len(past), policy.max_backoff_s)
        past.append(now_s)
        return "restart", delay_s


@frozen(kw_only=True)
class ActorFault:
    """That an actor has raised, and what was decided: one for each fault.

    Args:
        fault_id: graph, actor and attempt; it stands in the log as well.
        actor: its name in the graph.
        error: what it raised.
        decision: what happens now.
        delay_s: before a restart, seconds.
        at_s: when, on Trio's clock, seconds.
    """

    fault_id: str
    actor: str
    error: Exception
    decision: Decision
    delay_s: float
    at_s: float

    @property
    def cause(self) -> str:
        """The root causes in words."""
        return "; ".join(f"{type(leaf).__name__}: {leaf}" for leaf in leaves_of(self.error))


def leaves_of(error: BaseException) -> list[BaseException]:
    """The exceptions in a group, groups in it taken apart; or the exception itself."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for part in error.exceptions for leaf in leaves_of(part)]


@frozen(kw_only=True)
class Supervised:
    """An actor under supervision.

    Args:
        graph, name: for fault ids and the log.
        start: begins an attempt.
        policy: what becomes of it.
        own_channels: names of the channels into which it sends. That nobody receives any more is a good end.
        report: told of each fault.
        close: closes its ends once it is over.
    """

    graph: str
    name: str
    start: Callable[[], Awaitable[None]]
    policy: RestartPolicy
    own_channels: frozenset[str]
    report: Callable[[ActorFault], None] | None
    close: Callable[[], None]


async def supervise(actor: Supervised) -> None:
    """Run an actor, attempt after attempt, until it is over.

    Raises:
        ExceptionGroup: what it raised last, where the policy escalates.
    """
    budget = RestartBudget(actor.policy)
    attempt = 0
    while True:
        attempt += 1
        error: Exception | None = None
        cancelled: BaseExceptionGroup | None = None
        try:
            await actor.start()  # right here: each call between would be gone through whenever the actor wakes
        except Exception as raised:  # noqa: BLE001  # this is the supervisor; Cancelled and KeyboardInterrupt pass
            error = None if _is_good_end(actor, raised) else raised
        except BaseExceptionGroup as raised:
            failed = _failure_beside_cancellation(raised)
            if failed is None:
                raise
            cancelled = raised.subgroup(trio.Cancelled)
            error = None if _is_good_end(actor, failed) else failed
        hopeless = error is not None and _is_hopeless(error)
        decision, delay_s = budget.decide(trio.current_time(), failed=error is not None, hopeless=hopeless)
        if error is not None:
            _tell(actor, attempt, error, decision, delay_s)
            if decision == "escalate":
                raise error
        if cancelled is not None:
            raise cancelled
        if decision == "go on without it" or (error is None and decision != "restart"):
            break
        await trio.sleep(delay_s)
    actor.close()


def _failure_beside_cancellation(raised: BaseExceptionGroup) -> Exception | None:
    """What failed in the very instant in which it was cancelled: the policy judges the failure all the same."""
    cancelled, failed = raised.split(trio.Cancelled)
    return failed if cancelled is not None and isinstance(failed, ExceptionGroup) else None


def _is_hopeless(error: Exception) -> bool:
    """Whether one of its causes says that trying again cannot help."""
    return any(
        isinstance(leaf, ConfigurationError | GraphError | PolicyError)
        or (isinstance(leaf, ProviderError) and not leaf.retryable)
        for leaf in leaves_of(error)
    )


def _is_good_end(actor: Supervised, error: Exception) -> bool:
    """Whether its consumer has ended, and so does it."""
    leaves = leaves_of(error)
    return all(isinstance(leaf, ChannelBroken) and leaf.channel in actor.own_channels for leaf in leaves)


def _tell(actor: Supervised, attempt: int, error: Exception, decision: Decision, delay_s: float) -> None:
    fault = ActorFault(
        fault_id=f"{actor.graph}/{actor.name}/{attempt}",
        actor=actor.name,
        error=error,
        decision=decision,
        delay_s=delay_s,
        at_s=trio.current_time(),
    )
    # What the exceptions say may be what somebody has said: it is in the traceback, and in no line of the log.
    kinds = ", ".join(type(leaf).__name__ for leaf in leaves_of(error))
    _log.warning("fault %s: %s; decision: %s", fault.fault_id, kinds, decision, exc_info=error)
    if actor.report is not None:
        actor.report(fault)
