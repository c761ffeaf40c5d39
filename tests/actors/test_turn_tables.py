"""The tables of turn-taking: every pair of states and input, and what the policy makes of each."""

from __future__ import annotations

import ast
import copy
import itertools
from pathlib import Path

import pytest

from tests.actors.turn_helpers import ONE_OF_EACH, STATES, in_state
from trialogue.actors import (
    AgentState,
    CommitTurn,
    IgnoreSpeech,
    InterruptReply,
    PauseReply,
    ReportBack,
    ResumeReply,
    TurnState,
    UserState,
)
from trialogue.actors.turn._machines import AGENT_TABLE, TURN_TABLE, USER_TABLE, Machines
from trialogue.engine import PolicyError

#: What a fact leads to, from every pair of states: new states, and decisions. Written by hand, and not from the tables.
#: "=" is the state before, "!" a refusal. The agent's reply is "r", and it is 10.6 s.
USERS = {"L": "LISTENING", "S": "SPEAKING", "M": "MAYBE_FINISHED", "A": "AWAY"}
AGENTS = {"I": "IDLE", "T": "THINKING", "H": "HELD", "S": "SPEAKING", "P": "PAUSED"}
DECISIONS = {"pause": PauseReply, "resume": ResumeReply, "interrupt": InterruptReply, "ignore": IgnoreSpeech}
DECISIONS |= {"back": ReportBack, "commit": CommitTurn}
OUTCOMES = """
                    L/I          L/T          L/S          S/I          S/T          S/H          S/S          S/P          M/I          M/T          M/H          M/S          M/P          A/I          A/T          A/S
SpeechStarted       S/I          S/T          S/S          !            !            !            !            !            S/I          S/T          S/H          S/S          S/P          S/I+back     S/T+back     S/S+back
SpeechEnded         !            !            !            M/I          M/T          M/H          M/S          M/P          !            !            !            !            !            !            !            !
InterimTranscript   L/I          L/T          L/S          S/I          S/I+interrupt S/I+interrupt S/I+interrupt S/I+interrupt M/I       M/T          M/H          M/S          M/P          A/I          A/T          A/S
FinalTranscript     L/I          L/T          L/S          S/I          S/I+interrupt S/I+interrupt S/I+interrupt S/I+interrupt M/I       M/T          M/H          M/S          M/P          A/I          A/T          A/S
TurnJudged          L/I          L/T          L/S          S/I          S/T          S/H          S/S          S/P          M/I          M/T          M/H          M/S          M/P          A/I          A/T          A/S
ReplyStarted        L/T          !            !            S/H+pause    !            !            !            !            M/T          !            !            !            !            A/T          !            !
ReplyEnded          L/I          L/I          L/I          S/I          S/I          S/I          S/I          S/I          M/I          M/I          M/I          M/I          M/I          A/I          A/I          A/I
PlayoutStarted      L/I          L/S          L/S          S/I          S/P+pause    S/P          S/P+pause    S/P          M/I          M/S          M/P          M/S          M/P          A/I          A/S          A/S
PlayoutFinished     L/I          L/I          L/I          S/I          S/I          S/I          S/I          S/I          M/I          M/I          M/I          M/I          M/I          A/I          A/I          A/I
TurnCommitted       L/I          L/T          L/S          S/I          S/H+pause    S/H          S/P+pause    S/P          M/I          M/T          M/H          M/S          M/P          A/I          A/T          A/S
TurnCleared         L/I          L/T          L/S          L/I+ignore   L/T+ignore   L/T+ignore+resume L/S+ignore L/S+ignore+resume L/I+ignore L/T+ignore   L/T+ignore+resume L/S+ignore L/S+ignore+resume A/I       A/T          A/S
MicrophoneMuted     L/I          L/T          L/S          L/I+ignore   L/T+ignore   L/T+ignore+resume L/S+ignore L/S+ignore+resume M/I       M/T          M/H          M/S          M/P          A/I          A/T          A/S
MicrophoneUnmuted   L/I          L/T          L/S          S/I          S/T          S/H          S/S          S/P          M/I          M/T          M/H          M/S          M/P          A/I          A/T          A/S
ReplyHeard          L/I          L/T          L/S          S/I          S/T          S/H          S/S          S/P          M/I          M/T          M/H          M/S          M/P          A/I          A/T          A/S
UserActed           L/I          L/T          L/S          S/I          S/T          S/H          S/S          S/P          M/I          M/T          M/H          M/S          M/P          L/I+back     L/T+back     L/S+back
ToolsStarted        L/I          L/T          L/S          S/I          S/T          S/H          S/S          S/P          M/I          M/T          M/H          M/S          M/P          A/I          A/T          A/S
ToolsFinished       L/I          L/T          L/S          S/I          S/T          S/H          S/S          S/P          M/I          M/T          M/H          M/S          M/P          A/I          A/T          A/S
"""  # noqa: E501  # a table
HEAD, *ROWS = [line.split() for line in OUTCOMES.strip().splitlines()]
CASES = [(kind, before, after) for kind, *cells in ROWS for before, after in zip(HEAD, cells, strict=True)]


def states(cell: str) -> tuple[UserState, AgentState]:
    """What "L/I" stands for."""
    user, agent = cell.split("/")
    return UserState[USERS[user]], AgentState[AGENTS[agent]]


def test_the_table_has_every_pair_that_can_be_and_every_input() -> None:
    assert {states(before) for _, before, _ in CASES} == set(STATES)
    assert {kind for kind, *_ in CASES} == {kind.__name__ for kind in ONE_OF_EACH}
    assert len(CASES) == len(STATES) * len(ONE_OF_EACH)


@pytest.mark.parametrize(("kind", "before", "after"), CASES)
def test_every_input_in_every_state(kind: str, before: str, after: str) -> None:
    policy = in_state(*states(before))
    fact = next(fact for each, fact in ONE_OF_EACH.items() if each.__name__ == kind)
    untouched = copy.deepcopy(vars(policy))
    if after == "!":
        with pytest.raises(PolicyError, match=f"{kind} cannot happen while the user is {policy.user.name}"):
            policy.on_frame(fact, 10.6)
        assert vars(policy) == untouched
        return
    cell, *names = after.split("+")
    decisions = policy.on_frame(fact, 10.6)
    assert [type(each) for each in decisions] == [DECISIONS[name] for name in names]
    assert (policy.user, policy.agent) == states(cell)


@pytest.mark.parametrize(("user", "agent", "turn"), [*itertools.product(UserState, AgentState, TurnState)])
def test_what_a_table_does_not_allow_is_refused_and_changes_nothing(
    user: UserState, agent: AgentState, turn: TurnState
) -> None:
    tables: dict[tuple[object, type], object] = {}
    for pair, after in (*USER_TABLE.items(), *AGENT_TABLE.items(), *TURN_TABLE.items()):
        tables[pair] = after
    for event in {event for _, event in tables}:
        machines = Machines(user, agent, turn)
        kinds = {type(state) for state, other in tables if other is event}
        moved = [state for state in (user, agent, turn) if type(state) in kinds]
        if all((state, event) in tables for state in moved):
            machines.apply(event)
            assert {tables[state, event] for state in moved} <= {machines.user, machines.agent, machines.turn}
        else:
            with pytest.raises(PolicyError):
                machines.apply(event)
            assert machines == Machines(user, agent, turn)


def test_every_state_can_be_reached_and_left() -> None:
    for table, first in (
        (USER_TABLE, UserState.LISTENING),
        (AGENT_TABLE, AgentState.IDLE),
        (TURN_TABLE, TurnState.EMPTY),
    ):
        reached = {first}
        for _ in table:
            reached |= {after for (before, _), after in table.items() if before in reached}
        assert reached == set(type(first))
        for state in type(first):
            assert {after for (before, _), after in table.items() if before is state} - {state}


PARTS = sorted(
    path for path in (Path(__file__).resolve().parents[2] / "actors" / "turn").glob("_*.py") if "actor" not in path.name
)


@pytest.mark.parametrize("part", PARTS, ids=lambda path: path.stem)
def test_no_part_of_the_policy_waits_or_reads_a_clock(part: Path) -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(part.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & {"trio", "time", "random", "logging", "datetime", "os"}
