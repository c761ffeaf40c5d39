"""The agent's own voice in its ear, for as long as wanted: `python tests/simulation/echo.py --minutes 60`.

Real speech (espeak), heard back through the microphone, and a real detector of speech (Silero). Nobody else speaks.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import attrs

if __package__ in {None, ""}:  # run as a file
    sys.path.insert(0, str(Path(__file__).parents[2]))

from trialogue.actors import VadSettings
from trialogue.agents import Agent, Models, SessionSettings
from trialogue.agents.testing import Call, Caller, FakeLlm, FakeStt, Scenario, Utterance, Wire, simulate
from trialogue.providers import Espeak, Silero

#: What the agent says, over and over: some twenty seconds.
MONOLOGUE = (
    "The opening hours are from five in the evening to eleven at night. On Sundays we open at noon and serve lunch "
    "until three! There is a garden behind the house, with a few tables under old trees. We have fish, and meat, and a "
    "good choice for those who eat neither. Children are welcome, and so are dogs."
)

#: Whatever a recogniser would understand of the echo: words enough to interrupt anybody.
MISHEARD = Utterance(text="children are welcome", word_s=0.2)


def listen(minutes: float, echo_db: float, settings: SessionSettings | None = None) -> Call:
    """A caller who only listens, on a telephone that gives back what it plays."""

    async def listens(caller: Caller) -> None:
        while caller.now_s < minutes * 60:
            await caller.session.say(MONOLOGUE).wait()
            await caller.waits(0.5)  # what is said again into the speech that has just interrupted it is cut off, too
        caller.hangs_up()

    models = Models(vad=Silero(), stt=FakeStt(then=MISHEARD), llm=FakeLlm(), tts=Espeak())
    wire = Wire(echo_db=echo_db)
    scenario = Scenario(caller=listens, models=models, settings=settings, wire=wire, level="sound")
    return simulate(Agent(instructions="Be kind."), scenario)


def unguarded() -> SessionSettings:
    """A session that takes whatever sounds like speech for the user."""
    return attrs.evolve(SessionSettings(), vad=VadSettings(echo_db=-float("inf")))


def main() -> int:
    """Listen.

    Returns:
        0 if the agent was never interrupted and heard nobody.
    """
    from trialogue.agents import AgentPaused, AgentStoppedSpeaking, UserStartedSpeaking

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long")
    parser.add_argument("--echo-db", type=float, default=-20.0, help="how loud the echo is beside the voice")
    arguments = parser.parse_args()
    began_s = time.process_time()
    call = listen(arguments.minutes, arguments.echo_db)
    cuts = sum(bool(event.interrupted) for event in call.of(AgentStoppedSpeaking))
    spoken_s = sum(event.played_s for event in call.of(AgentStoppedSpeaking))
    print(
        f"{call.record.left_s / 60:.1f} minutes, {spoken_s / 60:.1f} of them speech, with an echo at "
        f"{arguments.echo_db:g} dB: {cuts} interruptions, {len(call.of(AgentPaused))} rests, "
        f"{len(call.of(UserStartedSpeaking))} times somebody was heard; {time.process_time() - began_s:.0f} CPU seconds"
    )
    return 1 if cuts or call.of(UserStartedSpeaking) else 0


if __name__ == "__main__":
    sys.exit(main())
