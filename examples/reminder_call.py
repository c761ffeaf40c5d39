"""A call that reminds a patient of an appointment, and knows whether a person or a mailbox has answered.

`python examples/reminder_call.py` holds two such calls, with a person and with a mailbox, simulated and offline. For
real ones, give the agent and the settings to a `Session` with your models, and a transport that has dialled.
"""

from __future__ import annotations

import attrs

from trialogue.agents import (
    Agent,
    ConversationSettings,
    EndCall,
    OutboundSettings,
    Session,
    SessionEnded,
    SessionSettings,
    TelephoneSettings,
    tool,
)
from trialogue.agents.testing import Answer, Says, Scenario, simulate
from trialogue.frames import ToolCall


@attrs.frozen(kw_only=True)
class Appointment:
    """What the patient is reminded of."""

    patient: str
    practice: str
    when: str


class Reminder(Agent):
    """Reminds a person of an appointment; its first words wait until it is known that one has answered.

    Args:
        appointment: what it is about.
    """

    def __init__(self, appointment: Appointment) -> None:
        super().__init__(
            instructions=(
                f"You call for {appointment.practice} and have just reminded {appointment.patient} of the appointment "
                f"{appointment.when}. Find out whether they come, and call the tool for it. Be brief."
            )
        )
        self.appointment = appointment

    async def on_enter(self, session: Session) -> None:
        """Say what it is about."""
        about = self.appointment
        session.say(
            f"Good morning, this is {about.practice}, for {about.patient}. You have an appointment with us "
            f"{about.when}. Will you be able to come?"
        )

    @tool
    def confirm(self) -> EndCall:
        """The patient will come."""
        return EndCall(farewell="Thank you. We look forward to seeing you. Goodbye!", reason="confirmed")

    @tool
    def cancel(self, reason: str = "") -> EndCall:
        """The patient cannot come.

        Args:
            reason: why, if the patient has said so.
        """
        return EndCall(farewell="Thank you for telling us. Goodbye!", reason=f"cancelled: {reason}")


def outbound(about: Appointment) -> SessionSettings:
    """The settings of such a call: a mailbox gets a message that tells nothing private."""
    message = f"This is {about.practice}, for {about.patient}. Please call us back. Thank you."
    telephone = TelephoneSettings(outbound=OutboundSettings(message=message))
    return SessionSettings(conversation=ConversationSettings(telephone=telephone))


TOMORROW = Appointment(patient="Anna Weber", practice="the practice of Doctor Lind", when="tomorrow at ten")


#: Answers, and comes.
PERSON = (Says(at_s=1.0, text="Hello, Anna Weber speaking?"), Says(at_s=11.5, text="Yes I will be there"))

#: Speaks on, and then records what it hears.
MAILBOX = (
    Says(at_s=1.0, text="This is the mailbox of Anna Weber. I am not available."),
    Says(at_s=5.0, text="Please leave a message after the tone."),
)


def main() -> None:
    """Hold both calls and show what happened in them."""
    comes = Answer([ToolCall(call_id="1", name="confirm", arguments="{}")])  # what a language model would write
    for callee, does in (("a person", PERSON), ("a mailbox", MAILBOX)):
        call = simulate(Reminder(TOMORROW), Scenario(caller=does, answers=[comes], settings=outbound(TOMORROW)))
        print(f"{callee} answers, {call.of(SessionEnded)[0].reason}\n\n{call.timeline()}\n")


if __name__ == "__main__":
    main()
