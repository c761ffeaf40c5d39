"""How often a session's tasks wake: counts, which do not depend on the machine."""

from __future__ import annotations

from collections import Counter

import trio

from trialogue.agents import Agent, Models, Session
from trialogue.agents.testing import FakeCall, FakeLlm, FakeStt, FakeTts, FakeVad, Line
from trialogue.engine import VirtualTime, run


class _Wakeups(trio.abc.Instrument):
    """Counts the steps of tasks by the actor's name."""

    def __init__(self) -> None:
        self.by_actor: Counter[str] = Counter()

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self.by_actor[task.name.rpartition(".")[2]] += 1


async def _hold(call: FakeCall, from_s: float, to_s: float) -> tuple[Counter[str], FakeVad]:
    """The wake-ups of a session in a stretch of its time."""
    vad, wakeups = FakeVad(), _Wakeups()
    models = Models(vad=vad, stt=FakeStt(), llm=FakeLlm(), tts=FakeTts())
    async with Session(Agent(instructions="Answer."), models=models, transport=call):
        began_s = trio.current_time()
        await trio.sleep_until(began_s + from_s)
        hops = vad.hops
        trio.lowlevel.add_instrument(wakeups)
        await trio.sleep_until(began_s + to_s)
        trio.lowlevel.remove_instrument(wakeups)
        vad.hops -= hops
    return wakeups.by_actor, vad


def test_silence_wakes_the_microphone_alone() -> None:
    wakeups, vad = run(_hold, FakeCall(), 1.0, 11.0, virtual=VirtualTime())
    assert 499 <= vad.hops <= 501
    assert wakeups.pop("microphone") <= 520  # its own sleep, and a checkpoint in each 64 frames
    assert wakeups.total() <= 5


def test_an_answer_of_forty_tokens_wakes_each_actor_no_more_than_it_must() -> None:
    call = FakeCall(lines=[Line(at_s=1.0, for_s=1.0)])
    wakeups, _ = run(_hold, call, 0.5, 8.0, virtual=VirtualTime())
    assert wakeups["vad"] == 0
    assert 40 <= wakeups["llm"] <= 50  # one for each token
    assert wakeups["sentences"] <= 8  # not one for each token
    assert wakeups["stt"] <= 80  # one for each frame of speech, and its edges
    assert wakeups["turn"] <= 20
