"""A practice on the telephone: one agent answers, another one books, and the calendar lets nobody book twice.

`python examples/appointments.py` holds a call with a patient who changes her mind, simulated and offline. For real
calls, give `Reception(Calendar(...))` to a `Session` with your models and transport.
"""

from __future__ import annotations

import attrs
import trio

from trialogue.agents import Agent, EndCall, HandOver, Session, ToolError, tool
from trialogue.agents.testing import Answer, Caller, Scenario, simulate
from trialogue.frames import ToolCall


@attrs.define
class Calendar:
    """The free hours of a practice.

    Args:
        free: by day, the hours at which somebody may come.
    """

    free: dict[str, list[str]]
    #: By day and hour, who comes.
    booked: dict[tuple[str, str], str] = attrs.field(factory=dict, init=False)

    async def hours(self, day: str) -> list[str]:
        """What is free on a day; as slow as a real one over a network."""
        await trio.sleep(0.3)
        return list(self.free.get(day.lower(), []))

    async def book(self, day: str, hour: str, patient: str) -> bool:
        """Book an hour; whether it was still free. Nothing can come between looking and taking."""
        await trio.sleep(0.3)
        hours = self.free.get(day.lower(), [])
        if hour not in hours:
            return False
        hours.remove(hour)
        self.booked[day.lower(), hour] = patient
        return True

    def cancel(self, day: str, hour: str) -> None:
        """Make an hour free again."""
        if self.booked.pop((day.lower(), hour), None) is not None:
            self.free[day.lower()] = sorted([*self.free[day.lower()], hour])


class Reception(Agent):
    """Answers the telephone, and leaves who wants an appointment to the one who books."""

    def __init__(self, calendar: Calendar) -> None:
        super().__init__(
            instructions=(
                "You answer the telephone of a medical practice. Who wants an appointment goes to `make_appointment`; "
                "who has an emergency is told to dial one one two at once. Be brief."
            )
        )
        self._calendar = calendar
        self._greeted = False

    async def on_enter(self, session: Session) -> None:
        """Greet, once; who comes back from booking is asked for more."""
        session.say("Is there anything else?" if self._greeted else "Doctor Lind's practice, good morning!")
        self._greeted = True

    @tool
    def make_appointment(self) -> Agent:
        """The patient wants to make an appointment or to move one."""
        return Booking(self._calendar, back_to=self)

    @tool
    def goodbye(self) -> EndCall:
        """The patient has no more wishes."""
        return EndCall(farewell="Goodbye, and get well soon!", reason="all is done")


class Booking(Agent):
    """Finds an hour and books it, and then gives the call back.

    Args:
        calendar: of the practice.
        back_to: who takes over when it is done.
    """

    def __init__(self, calendar: Calendar, *, back_to: Agent) -> None:
        super().__init__(
            instructions=(
                "You book appointments. Look for free hours before you offer any, offer two at most, and book what the "
                "patient agrees to. If they take another one afterwards, move it. When all is settled, call `done`."
            )
        )
        self._calendar = calendar
        self._back_to = back_to
        self._booked: tuple[str, str] | None = None

    async def on_enter(self, session: Session) -> None:
        """What has to be asked in any case needs no model."""
        session.say("Which day suits you, and what is your name?")

    @tool
    async def free_hours(self, day: str) -> list[str]:
        """Which hours are free on a day.

        Args:
            day: a day of the week.
        """
        return await self._calendar.hours(day)

    @tool
    async def book(self, day: str, hour: str, patient: str) -> str:
        """Book an hour; one that was booked in this call before becomes free again.

        Args:
            day: a day of the week.
            hour: as `free_hours` has it.
            patient: the name.
        """
        if (day.lower(), hour) == self._booked:
            return "this very hour is booked for them already"
        if not await self._calendar.book(day, hour, patient):
            raise ToolError(f"{hour} on {day} is not free; see `free_hours` and offer another one")
        if self._booked is not None:
            self._calendar.cancel(*self._booked)
        self._booked = (day.lower(), hour)
        return f"booked for {patient}: {day}, {hour}"

    @tool
    def done(self) -> HandOver:
        """The patient has an appointment, or wants none any more."""
        return HandOver(self._back_to, result="settled")


def wants(name: str, number: int, arguments: str = "{}") -> Answer:
    """A model that calls a tool."""
    return Answer([ToolCall(call_id=str(number), name=name, arguments=arguments)])


#: What a language model would write in the call below.
ANSWERS = (
    wants("make_appointment", 1),
    wants("free_hours", 2, '{"day": "Monday"}'),
    "On Monday there is nine or eleven o'clock. Which would you like?",
    wants("book", 3, '{"day": "Monday", "hour": "09:00", "patient": "Weber"}'),
    "Then you come on Monday at nine, and please bring your insurance card with you. Is that right?",
    wants("book", 4, '{"day": "Monday", "hour": "11:00", "patient": "Weber"}'),
    "Monday at eleven it is.",
    wants("done", 5),
)


async def changes_her_mind(caller: Caller) -> None:
    """Books nine, and cuts in with eleven."""
    await caller.hears("good morning!")
    await caller.says("I would like an appointment please")
    await caller.hears("what is your name?")
    await caller.says("On Monday my name is Weber")
    await caller.hears("Which would you like?")
    await caller.says("Nine please")
    await caller.hears("on Monday at nine")
    await caller.says("No wait eleven is better for me")
    await caller.hears("Monday at eleven it is.")
    await caller.says("Thank you that is all about the appointment")
    await caller.hears("anything else?")


def main() -> None:
    """Hold the call and show what happened in it."""
    calendar = Calendar({"monday": ["09:00", "11:00"], "tuesday": ["15:00"]})
    call = simulate(Reception(calendar), Scenario(caller=changes_her_mind, answers=ANSWERS))
    print(f"{call.timeline()}\n\nbooked: {calendar.booked}\nfree: {calendar.free}")


if __name__ == "__main__":
    main()
