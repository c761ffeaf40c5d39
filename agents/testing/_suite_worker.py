"""Cases in processes of their own: the seed of a virtual clock holds for a whole process, so each case gets one."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence

import attrs
import trio

from trialogue.agents.testing._suite_case import Case, CaseResult, play_case
from trialogue.engine import ConfigurationError

#: What a worker runs: it finds modules where its parent does.
_COMMAND = (
    sys.executable,
    "-c",
    f"import pickle, sys; sys.path = pickle.load(sys.stdin.buffer); from {__name__} import main; main()",
)


async def play_in_processes(
    cases: Sequence[Case], workers: int, advance: Callable[[CaseResult], CaseResult]
) -> list[CaseResult]:
    """Play cases side by side.

    Args:
        cases: what they are made of must be found by import.
        workers: how many at the same time at most.
        advance: told of each when it is over.

    Returns:
        Their results, in their order.

    Raises:
        ConfigurationError: a case cannot be sent to another process; nothing was played.
    """
    sent = [_pickled(case) for case in cases]
    limit, results = trio.CapacityLimiter(workers), dict[int, CaseResult]()

    async def play_one(number: int) -> None:
        async with limit:
            results[number] = advance(await _play(cases[number], sent[number]))

    async with trio.open_nursery() as nursery:
        for number in range(len(cases)):
            nursery.start_soon(play_one, number, name=f"case {cases[number].name}")
    return [results[number] for number in range(len(cases))]


async def _play(case: Case, sent: bytes) -> CaseResult:
    done = await trio.run_process(
        _COMMAND, stdin=pickle.dumps(sys.path) + sent, capture_stdout=True, capture_stderr=True, check=False
    )
    if done.returncode == 0:
        result = pickle.loads(done.stdout)  # what our own worker has written
        assert isinstance(result, CaseResult)
        return result
    complaint = f"the process of this case died with the status {done.returncode}"
    return CaseResult(name=case.name, seed=case.seed, complaint=complaint, detail=done.stderr.decode(errors="replace"))


def _pickled(case: Case) -> bytes:
    try:
        sent = pickle.dumps(case)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ConfigurationError(
            f"case {case.name} cannot be played in a process of its own: {error}; make it of functions that can be "
            f"imported, or use one worker"
        ) from error
    made_of = [case.agent, case.talks, case.llm, case.user, *case.checks]
    if any(getattr(part, "__module__", "") == "__main__" for part in made_of):
        raise ConfigurationError(
            f"case {case.name} is made of functions of the main script, which another process cannot import; move them "
            f"to a module, or use one worker"
        )
    return sent


def main() -> None:
    """Play the case that comes in; what it prints goes where errors go."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    case = pickle.load(sys.stdin.buffer)  # our own parent sends it
    assert isinstance(case, Case)
    result = play_case(case)
    with out:
        try:
            out.write(pickle.dumps(result))
        except (pickle.PicklingError, AttributeError, TypeError) as error:  # nothing of ours, but an item may hold more
            complaint = f"the conversation cannot be told to another process: {error}"
            out.write(pickle.dumps(attrs.evolve(result, items=(), played=None, complaint=complaint)))
