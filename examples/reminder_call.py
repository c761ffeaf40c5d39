"""A call that reminds a patient of an appointment, and knows whether a person or a mailbox has answered.

`python examples/reminder_call.py` holds two such calls, with a person and with a mailbox, simulated and offline. For
real ones, give the agent to a `Session` with your models, and a transport that has dialled.
"""

from __future__ import annotations

from typing import Literal

import attrs
import trio

from trialogue.actors import CalleeInput, CalleeJudged, CalleePolicy, CalleeSettings
from trialogue.agents import Agent, EndCall, Session, UserSaid, UserStartedSpeaking, UserStoppedSpeaking, tool
from trialogue.agents.testing import Answer, Says, Scenario, simulate
from trialogue.frames import SPEECH_FORMAT, FinalTranscript, InterimTranscript, SpeechEnded, SpeechStarted, ToolCall

Outcome = Literal["confirmed", "cancelled", "message left", "not reached", "open"]


@attrs.frozen(kw_only=True)
class Appointment:
    """What the patient is reminded of."""

    patient: str
    practice: str
    when: str


class Reminder(Agent):
    """Says nothing until it is known who answers. A person is asked, a mailbox gets a message without what is private.

    Args:
        appointment: what it is about.
        settings: when it is certain who answers.
    """

    def __init__(self, appointment: Appointment, settings: CalleeSettings | None = None) -> None:
        super().__init__(
            instructions=(
                f"You call for {appointment.practice} and have just reminded {appointment.patient} of the appointment "
                f"{appointment.when}. Find out whether they come, and call the tool for it. Be brief."
            )
        )
        self.appointment = appointment
        self.settings = settings or CalleeSettings()
        #: What came of the call.
        self.outcome: Outcome = "open"

    async def on_enter(self, session: Session) -> None:
        """Find out who answers; what they say until then is no turn to be answered."""
        session.mute()
        callee = await who_answers(session, self.settings)
        session.unmute()
        about = self.appointment
        match callee.kind:
            case "person" | "uncertain":
                session.say(
                    f"Good morning, this is {about.practice}, for {about.patient}. You have an appointment with us "
                    f"{about.when}. Will you be able to come?"
                )
            case "mailbox":
                message = f"This is {about.practice}, for {about.patient}. Please call us back. Thank you."
                await session.say(message, protected=True).wait()
                self.outcome = "message left"
                session.end("a message was left")
            case "menu" | "unavailable":
                self.outcome = "not reached"
                session.end(f"nobody can be reached: {callee.text}")

    @tool
    def confirm(self) -> EndCall:
        """The patient will come."""
        self.outcome = "confirmed"
        return EndCall(farewell="Thank you. We look forward to seeing you. Goodbye!", reason="confirmed")

    @tool
    def cancel(self, reason: str = "") -> EndCall:
        """The patient cannot come.

        Args:
            reason: why, if the patient has said so.
        """
        self.outcome = "cancelled"
        return EndCall(farewell="Thank you for telling us. Goodbye!", reason=f"cancelled: {reason}")


async def who_answers(session: Session, settings: CalleeSettings) -> CalleeJudged:
    """Wait until it is certain who has answered, or that it will not be."""
    policy = CalleePolicy(session.now_s, settings)
    epoch_s = trio.current_time() - session.now_s
    async with session.events(UserStartedSpeaking, UserStoppedSpeaking, UserSaid) as events:
        while (deadline_s := policy.deadline) is not None:
            judged = None
            with trio.move_on_at(epoch_s + deadline_s) as waiting:
                event = await anext(events, None)
                if event is None:
                    return CalleeJudged(
                        kind="unavailable", text=policy.text, reason="the callee has gone", at_s=session.now_s
                    )
                judged = policy.on_frame(_frame(event), session.now_s)
            if waiting.cancelled_caught:
                judged = policy.on_time(max(session.now_s, deadline_s))
            if judged is not None:
                return judged
    raise AssertionError("a policy without a deadline has judged")


def _frame(event: object) -> CalleeInput:
    """An event as the ears tell it; the policy goes by the seconds alone."""
    match event:
        case UserStartedSpeaking():
            at_sample = SPEECH_FORMAT.samples(event.at_s)
            return SpeechStarted(at_sample=at_sample, at_s=event.at_s, detected_s=event.detected_s)
        case UserStoppedSpeaking():
            at_sample = SPEECH_FORMAT.samples(event.at_s)
            return SpeechEnded(at_sample=at_sample, at_s=event.at_s, detected_s=event.detected_s)
        case UserSaid():
            kind = FinalTranscript if event.final else InterimTranscript
            return kind(text=event.text, start_sample=0, end_sample=0)
    raise AssertionError(event)


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
        agent = Reminder(TOMORROW)
        call = simulate(agent, Scenario(caller=does, answers=[comes]))
        print(f"{callee} answers, {agent.outcome}\n\n{call.timeline()}\n")


if __name__ == "__main__":
    main()
