"""The shortest useful agent: a recorded caller books a table with it, offline, as fast as the machine can."""

from trialogue.agents import Agent, Models, Session
from trialogue.engine import VirtualTime, run
from trialogue.providers import Espeak, PocketSphinx, RuleModel, RuleScript, voice_activity_detector
from trialogue.transports import FileCall


async def main() -> None:
    def book_table(people: int, day: str, time: str, name: str) -> dict[str, str]:
        """Book a table, once the guest has confirmed how many come, when, and under what name."""
        return {"status": "booked", "reference": f"{name[:1]}{people}"}

    script = RuleScript.bundled("restaurant")
    ears, brain = PocketSphinx(vocabulary=script.vocabulary()), RuleModel(script=script)
    models = Models(vad=voice_activity_detector(), stt=ears, llm=brain, tts=Espeak())
    agent = Agent(instructions="You book tables at the Blue Lantern.", tools=[book_table])
    async with Session(agent, models=models, transport=FileCall(path="examples/caller.flac")) as session:
        session.reply()
        await session.wait_idle(for_s=6)
    print(*session.history, sep="\n")


run(main, virtual=VirtualTime())
