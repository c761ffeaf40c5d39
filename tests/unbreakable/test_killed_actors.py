"""Each actor of a session is made to fail at its awaits: what happens is what its policy says, and is told once.

By default some awaits of each actor, evenly spread; with HYPOTHESIS_PROFILE=thorough every single one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest

from tests.unbreakable.faults import Awaits, Injected
from tests.unbreakable.scenario import Scenario, words
from trialogue.agents import ActorFailed, ReplyFailed, SessionEnded, UserTurnEnded

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.integration

#: What becomes of the session when an actor fails.
POLICY: Final = {
    "vad": "restart",
    "stt": "restart",
    "recorder": "go on without it",
    "turn": "escalate",
    "microphone": "escalate",
    "speaker": "escalate",
    "llm": "apologise",
    "sentences": "apologise",
    "tts": "apologise",
    "audio_out": "apologise",
}

#: So many awaits of an actor are tried in a normal run.
TRIED: Final = 16


def unbroken() -> tuple[Scenario, Awaits]:
    """The conversation as it is meant, and what each actor awaits in it."""
    awaits = Awaits()
    with awaits.installed():
        scenario = Scenario().hold()
    return scenario, awaits


def spread(count: int) -> Sequence[int]:
    """The awaits to be tried, counted from 1."""
    if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" or count <= TRIED:
        return range(1, count + 1)
    return sorted({1 + round(step * (count - 1) / (TRIED - 1)) for step in range(TRIED)})


def kill(actor: str, at: int) -> Scenario:
    """The conversation with one fault in it."""
    awaits = Awaits(victim=actor, at=at)
    with awaits.installed():
        scenario = Scenario().hold()
    assert awaits.failed
    return scenario


def outcome(scenario: Scenario) -> str:
    """What happened, in a few words."""
    fault = scenario.faults[0]
    decision = fault.decision if isinstance(fault, ActorFailed) else "apologise" if apologised(scenario) else "cut"
    turns = len(scenario.of(UserTurnEnded))
    return f"{decision}; {turns} turns; ended at {scenario.of(SessionEnded)[0].at_s:.2f} s"


def apologised(scenario: Scenario) -> bool:
    """Whether the user was told."""
    return "Sorry, something went wrong." in scenario.heard_of_agent()


@pytest.mark.parametrize("actor", POLICY)
def test_an_actor_that_fails_at_any_await_is_told_once_and_dealt_with_as_policy_says(
    actor: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    meant, awaits = unbroken()
    assert awaits.counts[actor] > 0, f"{actor} awaits nothing in this conversation"
    table: dict[str, list[int]] = {}
    for at in spread(awaits.counts[actor]):
        caplog.clear()
        scenario = kill(actor, at)
        scenario.check_nothing_is_left()
        logged = [record for record in caplog.records if record.message.startswith("fault ")]
        if not logged:  # it failed in the very step that cancelled it: the fault comes out with the cancellation
            assert [type(error) for error in scenario.errors] == [Injected]
            table.setdefault("came out of the session, which was ending", []).append(at)
            continue
        assert len(logged) == 1
        if not scenario.faults:  # the session was over already: events end with it, the log does not
            table.setdefault("only logged, because the session had ended", []).append(at)
            continue
        assert len(scenario.faults) == 1, scenario.faults
        check_policy(actor, scenario, meant)
        table.setdefault(outcome(scenario), []).append(at)
    with capsys.disabled():
        print(f"\n{actor}: {awaits.counts[actor]} awaits")
        for what, where in table.items():
            print(f"    {what}: at {', '.join(map(str, where))}")


def check_policy(actor: str, scenario: Scenario, meant: Scenario) -> None:
    """What must be so after a fault of this actor."""
    (fault,) = scenario.faults
    match POLICY[actor]:
        case "restart" | "go on without it":
            assert isinstance(fault, ActorFailed)
            assert (fault.actor, fault.decision) == (actor, POLICY[actor])
            assert fault.cause.startswith("Injected: await")
            assert scenario.errors == []
            assert scenario.remembered_of_user() == meant.remembered_of_user()
            assert words(scenario.heard_of_agent()) == words(meant.heard_of_agent())
        case "escalate":
            assert isinstance(fault, ActorFailed)
            assert (fault.actor, fault.decision) == (actor, "escalate")
            assert [type(error) for error in scenario.errors] == [Injected]
            assert actor in scenario.of(SessionEnded)[0].reason
        case _:
            assert isinstance(fault, ReplyFailed)
            assert "Injected: await" in fault.error
            assert scenario.errors == []
            assert scenario.of(SessionEnded)[0].reason == "the user has gone"
            assert scenario.remembered_of_user() == meant.remembered_of_user()
            assert apologised(scenario) or "reply 1" in fault.reply_id  # a greeting is no answer that one waits for
