"""The shortest useful agent: a recorded caller books a table with it, offline, as fast as the machine can."""

from trialogue.agents import Agent, Session, embedded_models, tool
from trialogue.engine import VirtualTime, run
from trialogue.providers import RuleScript
from trialogue.transports import FileCall


@tool
def book_table(people: int, day: str, time: str, name: str) -> dict[str, str]:
    """Book a table, once the guest has confirmed how many come, when, and under what name."""
    return {"status": "booked", "reference": f"{name[:1]}{people}"}


async def main() -> None:
    models = embedded_models(RuleScript.bundled("restaurant"))
    agent = Agent(instructions="You book tables at the Blue Lantern.", tools=[book_table])
    async with Session(agent, models=models, transport=FileCall(path="examples/caller.flac")) as session:
        session.reply()
        await session.wait_idle(for_s=6)
    print(*session.history, sep="\n")


run(main, virtual=VirtualTime())
