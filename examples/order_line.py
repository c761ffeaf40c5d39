"""An order line: a jingle first, captions to read along, typing to be heard while the model thinks, orders as values.

`python examples/order_line.py` holds a call with a hungry caller, simulated and offline. `order_model` writes there
what a language model would; for a real line, give the agent and `SETTINGS` to a `Session` with your models.
"""

from __future__ import annotations

import json

import attrs

from trialogue.actors import key_tones, typing_noise
from trialogue.agents import (
    Agent,
    AgentSaid,
    BackgroundSettings,
    ConversationSettings,
    Reply,
    ReplyForm,
    Session,
    SessionSettings,
)
from trialogue.agents.testing import Answer, Caller, Scenario, simulate
from trialogue.engine import ProviderError
from trialogue.frames import SPEECH_FORMAT, AudioFormat, ChatMessage, ChatRequest, SpeechAudio


@attrs.frozen
class Order:
    """What the caller wants so far."""

    say: str
    pizzas: list[str]
    complete: bool = False


FORM = ReplyForm(Order)

MENU = ("margherita", "funghi", "diavola")

#: A quick answer comes without typing; the typing of a slow one goes on until the answer begins.
SETTINGS = SessionSettings(
    conversation=ConversationSettings(
        background=BackgroundSettings(thinking=typing_noise(SPEECH_FORMAT), thinking_after_s=0.7)
    )
)


class OrderLine(Agent):
    """Takes orders. What is said is written by the model; what was ordered comes beside it, as a value."""

    reply_form = FORM

    def __init__(self) -> None:
        super().__init__(instructions=f"You take orders at Luigi's. There are {', '.join(MENU)}. Be brief.")
        self.order: Order | None = None
        self.captions: list[AgentSaid] = []

    async def on_enter(self, session: Session) -> None:
        """A jingle, the question, and then captions for as long as the call lasts; a screen would show them."""
        async with session.events(AgentSaid) as captions:
            session.say(audio=jingle(SPEECH_FORMAT), protected=True)
            session.say("Luigi's! Which **pizza** would you like?")
            async for caption in captions:
                if isinstance(caption, AgentSaid):
                    self.captions.append(caption)

    async def on_reply(self, session: Session, reply: Reply) -> None:
        """The order counts as soon as it is written, also where the caller cuts the words short.

        An answer that is no order is asked for again, once: that reply answers no turn any more.
        """
        if not reply.document:
            return
        try:
            self.order = FORM.of(reply)
        except ProviderError:
            if reply.turn is not None:
                session.reply("Say again what is ordered; your last answer was no such object.")


def jingle(format: AudioFormat) -> list[SpeechAudio]:
    """Three tones; yours is a recording: `Clip.from_file("jingle.flac", format)`."""
    return [SpeechAudio(pcm=key_tones("159", format, pause_s=0.04), format=format)]


def order_model(request: ChatRequest) -> Answer:
    """What a language model would write, by rules, so that the example runs offline."""
    said = " ".join(item.text for item in request.items if isinstance(item, ChatMessage) and item.role == "user")
    pizzas = [word for word in said.lower().split() if word in MENU]
    complete = "that is all" in said.lower()
    say = f"So {' and '.join(pizzas)}. " + ("It will be there in half an hour." if complete else "Anything else?")
    return Answer(json.dumps({"say": say, "pizzas": pizzas, "complete": complete}), first_token_s=1.5)


async def hungry(caller: Caller) -> None:
    """Orders twice, the second time before the agent has finished."""
    await caller.hears("would you like?")
    await caller.says("One funghi please")
    await caller.hears("So funghi.")
    await caller.says("and a diavola and that is all")
    await caller.hears("half an hour.")


def main() -> None:
    """Hold a call, and show its captions and what was ordered."""
    agent = OrderLine()
    simulate(agent, Scenario(caller=hungry, answers=order_model, settings=SETTINGS))
    for caption in agent.captions:
        print(f"{caption.at_s:6.2f} s  {caption.text}{'  |' if caption.final else ''}")
    print("ordered:", agent.order and agent.order.pizzas)


if __name__ == "__main__":
    main()
